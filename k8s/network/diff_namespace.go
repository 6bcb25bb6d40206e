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

// groups are the workloads; a namespace that is not there has none.
func (s *space) groups() []*group {
	if s == nil {
		return nil
	}
	return s.workloads
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
