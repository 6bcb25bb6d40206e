package network

import (
	"cmp"
	"slices"
)

// differ gathers a Difference.
type differ struct {
	before, after *Cluster
	pairs         map[[2]Ref]bool // to be compared
	result        Difference
}

// namespace finds what a differing namespace can have changed.
func (d *differ) namespace(name string) {
	b, a := d.before.space(name), d.after.space(name)
	everything := b == nil || a == nil || !b.sameInventory(a)
	touched := map[Ref]bool{}
	for side, direction := range directions {
		parts, exact := changedRegions(b, a, side)
		everything = everything || !exact
		for _, part := range parts {
			d.allowance(name, direction, part)
			d.reach(part.region, side, touched, b.groups(), a.groups())
		}
	}
	if everything {
		d.everyPair(touched, b.groups(), a.groups())
	}
	for ref := range touched {
		d.outside(ref, b, a)
	}
}

// part is a region that only one of the clusters lets through.
type part struct {
	region
	opened bool
}

// changedRegions compares what a namespace's policies let through; exact is false if
// the policies are told whole.
func changedRegions(before, after *space, side int) (parts []part, exact bool) {
	b, errBefore := before.regions(side)
	a, errAfter := after.regions(side)
	exact = errBefore == nil && errAfter == nil
	splits := maxSplits
	compare := func(these, those []region, opened bool) {
		for _, whole := range these {
			found := len(parts)
			err := subtract(whole, those, &splits, func(left region) bool {
				parts = append(parts, part{left, opened})
				return true
			})
			if err != nil {
				exact = false
				parts = append(parts[:found], part{whole, opened})
			}
		}
	}
	compare(a, b, true)
	compare(b, a, false)
	return slices.CompactFunc(parts, func(x, y part) bool {
		return x.opened == y.opened && x.own.equal(y.own) && x.peer.equal(y.peer) && x.ports.equal(y.ports)
	}), exact
}

// groups are the workloads; a namespace that is not there has none.
func (s *space) groups() []*group {
	if s == nil {
		return nil
	}
	return s.workloads
}

// regions are what all policies of the namespace let through in a direction, and
// everything for pods that none selects. In a namespace that is not there nothing is.
func (s *space) regions(side int) ([]region, error) {
	if s == nil {
		return nil, nil
	}
	var open, closed []region
	for _, p := range s.policies {
		if p.affects[side] {
			open = p.regions(side, open)
			closed = append(closed, region{p.selects, anyPod(), AllPorts()})
		}
	}
	splits := maxSplits
	err := subtract(region{everyPod(), anyPod(), AllPorts()}, closed, &splits, func(left region) bool {
		open = append(open, left, region{left.own, peer{addresses: everyAddress}, AllPorts()})
		return true
	})
	return open, err
}

func (d *differ) allowance(namespace string, direction Direction, p part) {
	a := Allowance{namespace, direction, p.own, p.peer.end(), p.ports}
	if p.opened {
		d.result.Widened = append(d.result.Widened, a)
	} else {
		d.result.Narrowed = append(d.result.Narrowed, a)
	}
}

// reach notes the workloads that a changed region is for, and their pairs with those
// at its other end.
func (d *differ) reach(r region, side int, touched map[Ref]bool, versions ...[]*group) {
	var own []Ref
	for _, groups := range versions {
		for _, g := range groups {
			if g.some(r.own) && !slices.Contains(own, g.ref) {
				own = append(own, g.ref)
				touched[g.ref] = true
			}
		}
	}
	if len(own) == 0 || r.peer.addresses != nil {
		return
	}
	for _, c := range d.clusters() {
		for _, name := range c.matching(r.peer.spaces) {
			for _, g := range c.space(name).workloads {
				if !g.some(r.peer.pods) {
					continue
				}
				for _, ref := range own {
					d.pair(ref, g.ref, side)
				}
			}
		}
	}
}

// clusters are those whose inventory differs: one, when it cannot.
func (d *differ) clusters() []*Cluster {
	if d.before.base == d.after.base {
		return []*Cluster{d.after}
	}
	return []*Cluster{d.before, d.after}
}

func (d *differ) pair(own, other Ref, side int) {
	if side == Ingress.side() {
		own, other = other, own
	}
	d.pairs[[2]Ref{own, other}] = true
}

// some says that a pod of the workload is in the set.
func (g *group) some(set LabelSet) bool {
	return slices.ContainsFunc(g.variants, func(w Workload) bool { return set.Matches(w.Labels) })
}

// everyPair notes all pairs with a workload of the namespace.
func (d *differ) everyPair(touched map[Ref]bool, versions ...[]*group) {
	for _, groups := range versions {
		for _, g := range groups {
			touched[g.ref] = true
		}
	}
	for _, c := range []*Cluster{d.before, d.after} {
		for _, name := range c.allNames() {
			for _, other := range c.space(name).workloads {
				for ref := range touched {
					for side := range directions {
						d.pair(ref, other.ref, side)
					}
				}
			}
		}
	}
}

func (d *differ) sort() {
	sortFlows(d.result.Opened)
	sortFlows(d.result.Closed)
	slices.SortStableFunc(d.result.Changed, func(a, b Change) int {
		return cmp.Or(a.From.compare(b.From), a.To.compare(b.To))
	})
}
