package network

import "errors"

// region is what one end lets through in one direction: own pods × peer × ports.
type region struct {
	own   LabelSet
	peer  peer
	ports Ports
}

// maxSteps bounds how long one question takes. A step is one label, one range of
// addresses or of ports that is looked at. Ordinary questions need a few hundred; one
// that needs more than these was written to be hard to judge.
const maxSteps = 2_000_000

// maxDiffSteps is the same for a difference, which people wait for and nobody's webhook.
const maxDiffSteps = 10 * maxSteps

// splitSteps is what taking a region apart takes at least.
const splitSteps = 100

// ErrTooComplex says that a policy's selectors overlap in more ways than are tried.
// Nothing is known of what it lets through.
var ErrTooComplex = errors.New("the selectors overlap in too many ways to be compared")

// meter counts down the steps that are left.
type meter struct{ left int }

// spend says whether there were as many.
func (m *meter) spend(steps int) bool {
	m.left -= steps
	return m.left >= 0
}

// subtraction walks through what is left of a region after others are taken out.
type subtraction struct {
	others []region
	meter  *meter
	found  func(region) (more bool)
}

// subtract calls found with disjoint parts of whole that no other region holds, until
// it has enough; with none when they cover it. It uses up the meter.
func subtract(whole region, others []region, m *meter, found func(region) bool) error {
	s := subtraction{others, m, found}
	_, err := s.walk(whole, 0)
	return err
}

func (s *subtraction) walk(r region, at int) (more bool, err error) {
	for _, o := range s.others[at:] {
		if o.contains(r, s.meter) {
			return true, nil
		}
		if s.meter.left < 0 {
			return false, ErrTooComplex
		}
	}
	for ; at < len(s.others); at++ {
		o := s.others[at]
		if !s.meter.spend(r.ports.steps(o.ports) + r.own.steps() + o.own.steps() + r.peer.steps() + o.peer.steps()) {
			return false, ErrTooComplex
		}
		if r.own.disjoint(o.own) || r.peer.disjoint(o.peer) || r.ports.disjoint(o.ports) {
			continue
		}
		if !s.meter.spend(splitSteps + (1+r.own.steps())*(1+o.own.steps()) + (1+r.peer.steps())*(1+o.peer.steps())) {
			return false, ErrTooComplex
		}
		return s.split(r, o, at+1)
	}
	return s.found(r), nil
}

// contains says whether all of o is in r. What is cheap to tell comes first.
func (r region) contains(o region, m *meter) bool {
	m.spend(1 + r.own.steps())
	if !r.own.contains(o.own) {
		return false
	}
	m.spend(r.peer.steps() + o.peer.steps())
	if !r.peer.contains(o.peer) {
		return false
	}
	if r.ports.All() {
		return true
	}
	m.spend(o.ports.steps(r.ports))
	return o.ports.minus(r.ports).Empty()
}

// split goes on with the parts of r outside o, one dimension after the other.
func (s *subtraction) split(r, o region, next int) (more bool, err error) {
	if left := r.ports.minus(o.ports); !left.Empty() {
		part := region{r.own, r.peer, left}
		if o.own.contains(r.own) && o.peer.contains(r.peer) {
			return s.walk(part, next) // nothing else is left, so nothing is split
		}
		part = region{r.own.intersect(o.own), r.peer.intersect(o.peer), left}
		if more, err = s.walk(part, next); !more {
			return more, err
		}
	}
	for _, own := range r.own.minus(o.own) {
		if more, err = s.walk(region{own, r.peer, r.ports}, next); !more {
			return more, err
		}
	}
	r.own = r.own.intersect(o.own)
	for _, outside := range r.peer.minus(o.peer) {
		if more, err = s.walk(region{r.own, outside, r.ports}, next); !more {
			return more, err
		}
	}
	return true, nil
}

func (p peer) intersect(o peer) peer {
	if p.addresses != nil {
		return peer{addresses: addressesWithin(p.addresses, o.addresses)}
	}
	return peer{spaces: p.spaces.intersect(o.spaces), pods: p.pods.intersect(o.pods)}
}

// minus gives disjoint parts of p outside o, which overlaps it.
func (p peer) minus(o peer) []peer {
	if p.addresses != nil {
		if left := addressesOutside(p.addresses, o.addresses); !noAddress(left) {
			return []peer{{addresses: left}}
		}
		return nil
	}
	var parts []peer
	for _, spaces := range p.spaces.minus(o.spaces) {
		parts = append(parts, peer{spaces: spaces, pods: p.pods})
	}
	spaces := p.spaces.intersect(o.spaces)
	for _, pods := range p.pods.minus(o.pods) {
		parts = append(parts, peer{spaces: spaces, pods: pods})
	}
	return parts
}
