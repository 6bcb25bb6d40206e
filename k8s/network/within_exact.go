package network

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"
)

// NewExactGrants is NewGrants without what is inside the namespace: nothing is
// granted but what the policies let through. So one policy can be compared with
// another, also in what it lets through inside its namespace.
func NewExactGrants(own Namespace, policies ...*networkingv1.NetworkPolicy) (*Grants, error) {
	g := &Grants{own: own}
	for _, source := range policies {
		p, err := compile(source, own.Name)
		if err != nil {
			return nil, fmt.Errorf("grant: %w", err)
		}
		for side := range g.regions {
			g.regions[side] = p.regions(side, g.regions[side]) // a name at addresses grants nothing
		}
	}
	return g, nil
}
