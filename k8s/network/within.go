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

// regions appends what the policy lets through in one direction.
func (p *policy) regions(side int, to []region) []region {
	for _, a := range p.rules[side] {
		if !p.selects.none && !a.peer.empty() && !a.ports.Empty() {
			to = append(to, region{p.selects, a.peer, a.ports})
		}
	}
	return to
}

// Within says whether a policy of the namespace lets nothing through beyond the
// grants, for all pods, namespaces and addresses that can be, whether or not they
// exist. If it does, the Witness is one flow that would be let through and is not
// granted. An error says that the policy is invalid or cannot be judged; it must be
// treated as one that opens too much.
func (g *Grants) Within(source *networkingv1.NetworkPolicy) (Witness, bool, error) {
	p, err := compile(source, g.own.Name)
	if err != nil {
		return Witness{}, false, err
	}
	splits := maxSplits
	for side, d := range directions {
		for _, whole := range p.regions(side, nil) {
			var witness *Witness
			err := subtract(whole, g.regions[side], &splits, func(left region) bool {
				witness = newWitness(g.own, d, left)
				return false
			})
			if err != nil {
				return Witness{}, false, fmt.Errorf("NetworkPolicy %q: %w", p.String(), err)
			}
			if witness != nil {
				return *witness, false, nil
			}
		}
	}
	return Witness{}, true, nil
}
