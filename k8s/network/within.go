package network

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"
)

// Grants are what the policies of one namespace may let through: everything inside
// the namespace, and what some approved policies open.
type Grants struct {
	own     Namespace
	regions [2][]region
	meter   *meter // of Metered; nil gives each question its own
}

// NewGrants takes the policies that were approved for a namespace. Only the
// namespace's own end is looked at: what the other end lets through is its business.
// An invalid policy, or one of another namespace, is an error.
func NewGrants(own Namespace, policies ...*networkingv1.NetworkPolicy) (*Grants, error) {
	g, err := NewExactGrants(own, policies...)
	if err != nil {
		return nil, err
	}
	inside := region{everyPod(), peer{spaces: namespaceNamed(own.Name), pods: everyPod()}, AllPorts()}
	for side := range g.regions {
		g.regions[side] = append(g.regions[side], inside)
	}
	return g, nil
}

// Metered gives the same grants with so many steps for all the questions that are put
// to them together; those after that end in ErrTooComplex. What it gives must not be
// shared between goroutines.
func (g *Grants) Metered(steps int) *Grants {
	return &Grants{g.own, g.regions, &meter{steps}}
}

// regions appends what the policy lets through in one direction.
func (p *policy) regions(side int, to []region) []region {
	for _, a := range p.rules[side] {
		to = p.region(a, a.ports, to)
	}
	return to
}

// region appends what one allowance lets through with some ports, if it is anything.
func (p *policy) region(a allowance, ports Ports, to []region) []region {
	if p.selects.none || a.peer.empty() || ports.Empty() {
		return to
	}
	return append(to, region{p.selects, a.peer, ports})
}

// Beyond is one peer of one rule that lets through more than is granted.
type Beyond struct {
	Rule, Peer int // the indexes in spec.ingress or spec.egress and there; Peer is -1 for a rule without peers
	Witness    Witness
}

// Within says whether a policy of the namespace lets nothing through beyond the
// grants, for all pods, namespaces and addresses that can be, whether or not they
// exist. If it does, the Witness is one flow that would be let through and is not
// granted. An error says that the policy is invalid or cannot be judged; it must be
// treated as one that opens too much.
//
// A named port opens nothing at addresses as NetworkPolicy is specified, but some
// engines match pods by their addresses and resolve the name there. So at addresses a
// name is any port of its protocol: only all of them, granted, hold it.
func (g *Grants) Within(source *networkingv1.NetworkPolicy) (Witness, bool, error) {
	beyond, err := g.Beyond(source, 1)
	if err != nil || len(beyond) == 0 {
		return Witness{}, err == nil, err
	}
	return beyond[0].Witness, false, nil
}

// Beyond lists the peers that let through more than is granted, each with a witness
// as Within gives one, until it has as many as are wanted.
func (g *Grants) Beyond(source *networkingv1.NetworkPolicy, most int) ([]Beyond, error) {
	p, m, err := g.compile(source)
	if err != nil {
		return nil, err
	}
	var found []Beyond
	for side, d := range directions {
		for _, a := range p.rules[side] {
			if last := len(found) - 1; last >= 0 && found[last].Witness.Direction == d && found[last].Rule == a.rule && found[last].Peer == a.at {
				continue // everybody: of pods and addresses, one is told
			}
			witness, err := g.beyond(p, d, a, m)
			if err != nil {
				return nil, fmt.Errorf("NetworkPolicy %q: %w", p.String(), err)
			}
			if witness == nil {
				continue
			}
			if found = append(found, Beyond{a.rule, a.at, *witness}); len(found) >= most {
				return found, nil
			}
		}
	}
	return found, nil
}

func (g *Grants) beyond(p *policy, d Direction, a allowance, m *meter) (witness *Witness, err error) {
	for _, whole := range p.region(a, a.written, nil) {
		err = subtract(whole, g.regions[d.side()], m, func(left region) bool {
			witness = newWitness(g.own, d, left)
			return false
		})
	}
	return witness, err
}

// compile makes a policy ready, and the meter that comparing it runs on.
func (g *Grants) compile(source *networkingv1.NetworkPolicy) (*policy, *meter, error) {
	m := g.meter
	if m == nil {
		m = &meter{maxSteps}
	}
	if source != nil && !m.spend(measure(&source.Spec).steps()) {
		return nil, nil, fmt.Errorf("NetworkPolicy %q: %w", source.Name, ErrTooComplex)
	}
	p, err := compile(source, g.own.Name)
	return p, m, err
}
