package network

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"
)

// Keeping gives grants that hold, beside these, what a live policy lets through: each
// peer of its rules, but for those that ended holds entirely. So a policy that was too
// wide before anybody judged it may be narrowed step by step, and one that was let in
// for what ended since may not stay. Where that cannot be told, a peer is not kept.
func (g *Grants) Keeping(live *networkingv1.NetworkPolicy, ended *Grants) (*Grants, error) {
	p, m, err := g.compile(live)
	if err != nil {
		return nil, fmt.Errorf("keep: %w", err)
	}
	kept := &Grants{own: g.own, meter: g.meter}
	for side, d := range directions {
		kept.regions[side] = g.regions[side][:len(g.regions[side]):len(g.regions[side])]
		for _, a := range p.rules[side] {
			if ended != nil {
				witness, err := ended.beyond(p, d, a, m)
				if err != nil || witness == nil {
					continue
				}
			}
			kept.regions[side] = p.region(a, a.written, kept.regions[side])
		}
	}
	return kept, nil
}
