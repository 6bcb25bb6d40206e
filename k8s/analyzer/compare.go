package analyzer

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"tenure.dev/workflow"
)

// comparison is a change: two worlds, and what the change does to each arrow.
type comparison struct {
	tenant        string
	before, after *world
	changed       []spot // the namespaces that are not the same in both
	lines         []line
	longer        []prolongation
	workloads     workflow.Workloads
}

// line is an arrow, or the part of one that shares a fate.
type line struct {
	*arrow

	change workflow.FlowChange
	ports  portSet
	parts  []part // what opens or closes; none for what stays
	new    bool   // the change gave one of its grants
}

func compare(state *workflow.ApprovedState, tenant string, after []workflow.Tenancy, at time.Time) (*comparison, error) {
	c := &comparison{tenant: tenant, before: newWorld(state, at), after: newWorld(state, at, after...)}
	for _, tenancy := range after {
		c.changed = append(c.changed, changedSpots(state.Tenancies[tenancy.Name], tenancy)...)
	}
	slices.SortFunc(c.changed, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.cluster, b.cluster), cmp.Compare(a.namespace, b.namespace))
	})
	c.changed = slices.Compact(c.changed)
	is, err := c.arrows(c.after, c.before)
	if err != nil {
		return nil, err
	}
	for _, a := range is {
		if err := c.follow(a); err != nil {
			return nil, err
		}
	}
	was, err := c.arrows(c.before, c.after)
	if err != nil {
		return nil, err
	}
	for _, a := range was {
		if err := c.close(a); err != nil {
			return nil, err
		}
	}
	c.longer, err = c.prolonged()
	return c, err
}

// changedSpots lists the namespaces that one of two states of a tenancy has and
// the other has not, or with other exceptions.
func changedSpots(before, after workflow.Tenancy) []spot {
	var changed []spot
	had := make(map[spot]workflow.Namespace, len(before.Namespaces))
	for _, n := range before.Namespaces {
		had[spot{n.Cluster, n.Name}] = n
	}
	for _, n := range after.Namespaces {
		at := spot{n.Cluster, n.Name}
		was, stays := had[at]
		delete(had, at)
		if !stays || was.Environment != n.Environment || !slices.EqualFunc(was.Network, n.Network, sameException) {
			changed = append(changed, at)
		}
	}
	for at := range had {
		changed = append(changed, at)
	}
	return changed
}

// arrows gives one world's arrows of the changed namespaces. Of another tenant's
// namespace they are only those that changed or that the tenant is part of: the
// rest of it is none of its business.
func (c *comparison) arrows(w, other *world) ([]*arrow, error) {
	var grants []*grant
	for _, at := range c.changed {
		p, err := w.place(at)
		if err != nil {
			return nil, err
		}
		if p == nil {
			continue
		}
		for _, g := range p.grants {
			counterpart, err := other.counterpart(g)
			if err != nil {
				return nil, err
			}
			if p.tenant == c.tenant || !g.same(counterpart) && !g.platform {
				grants = append(grants, g)
			}
		}
	}
	return w.arrows(grants)
}

// counterpart finds the grant of the same name in another world; nil if it has none.
func (w *world) counterpart(g *grant) (*grant, error) {
	p, err := w.place(g.at.spot)
	if err != nil || p == nil {
		return nil, err
	}
	i := slices.IndexFunc(p.grants, func(one *grant) bool { return one.name() == g.name() })
	if i < 0 {
		return nil, nil //nolint:nilnil // it has none
	}
	return p.grants[i], nil
}

// unchanged says whether all of the arrow's grants are the same in another world.
func (w *world) unchanged(a *arrow) (bool, error) {
	for _, g := range a.grants() {
		counterpart, err := w.counterpart(g)
		if err != nil || !g.same(counterpart) {
			return false, err
		}
	}
	return true, nil
}

// granted lists what a world grants at the arrow's two ends.
func (w *world) granted(a *arrow) ([]*grant, error) {
	var grants []*grant
	for i, end := range []side{a.from, a.to} {
		if end.namespace == "" || i == 1 && end.spot == a.from.spot {
			continue
		}
		p, err := w.place(end.spot)
		if err != nil {
			return nil, err
		}
		if p != nil {
			grants = append(grants, p.grants...)
		}
	}
	return grants, nil
}

// follow tells what becomes of an arrow of the state after: what of it opens, and
// what stays.
func (c *comparison) follow(a *arrow) error {
	same, err := c.before.unchanged(a)
	if err != nil {
		return err
	}
	l := line{arrow: a, new: !same}
	if a.missing != "" {
		l.ports = a.grants()[0].ports()
		c.lines = append(c.lines, l)
		return nil
	}
	through, err := a.parts()
	if err != nil {
		return err
	}
	l.ports = portsOfParts(through)
	if !same {
		had, err := c.before.granted(a)
		if err != nil {
			return err
		}
		opened, err := a.beyond(had)
		if err != nil {
			return err
		}
		if len(opened) > 0 {
			ports := portsOfParts(opened)
			c.lines = append(c.lines, line{arrow: a, change: workflow.FlowOpened, ports: ports, parts: opened, new: true})
			l.ports = l.ports.minus(ports)
		}
	}
	if len(l.ports) > 0 {
		c.lines = append(c.lines, l)
	}
	return nil
}

// close tells what of an arrow of the state before is let through no more.
func (c *comparison) close(a *arrow) error {
	same, err := c.after.unchanged(a)
	if err != nil || same || a.missing != "" {
		return err
	}
	has, err := c.after.granted(a)
	if err != nil {
		return err
	}
	closed, err := a.beyond(has)
	if err != nil || len(closed) == 0 {
		return err
	}
	c.lines = append(c.lines, line{arrow: a, change: workflow.FlowClosed, ports: portsOfParts(closed), parts: closed})
	return nil
}

// linesOf tells arrows as they are now.
func linesOf(arrows []*arrow) ([]line, error) {
	lines := make([]line, 0, len(arrows))
	for _, a := range arrows {
		l := line{arrow: a}
		if a.missing != "" {
			l.ports = a.grants()[0].ports()
		} else {
			through, err := a.parts()
			if err != nil {
				return nil, err
			}
			l.ports = portsOfParts(through)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// sameException says whether nothing of an exception differs.
func sameException(a, b workflow.NetworkException) bool {
	a.Until, b.Until = a.Until.UTC(), b.Until.UTC()
	return reflect.DeepEqual(a, b)
}
