package network

import "slices"

// member finds a workload, nil if the cluster has none of that name.
func (c *Cluster) member(ref Ref) *member {
	return c.space(ref.Namespace).member(ref)
}

// member finds a workload; nil as well for a namespace that is not there.
func (s *space) member(ref Ref) *member {
	at := slices.IndexFunc(s.groups(), func(g *group) bool { return g.ref == ref })
	if at < 0 {
		return nil
	}
	return &member{ref, s.pods(s.workloads[at])}
}

// comparePairs tells which noted pairs changed.
func (d *differ) comparePairs() {
	before, after := flowCache{d.before, map[Ref]*member{}}, flowCache{d.after, map[Ref]*member{}}
	for pair := range d.pairs {
		b, a := before.ports(pair), after.ports(pair)
		from, to := End{Workload: &pair[0]}, End{Workload: &pair[1]}
		switch {
		case b.equal(a):
		case b.Empty():
			d.result.Opened = append(d.result.Opened, Flow{from, to, a})
		case a.Empty():
			d.result.Closed = append(d.result.Closed, Flow{from, to, b})
		default:
			d.result.Changed = append(d.result.Changed, Change{from, to, b, a})
		}
	}
}

// flowCache keeps the workloads of a cluster that pairs name again and again.
type flowCache struct {
	cluster *Cluster
	known   map[Ref]*member
}

func (f flowCache) ports(pair [2]Ref) Ports {
	from, to := f.member(pair[0]), f.member(pair[1])
	if from == nil || to == nil {
		return Ports{}
	}
	flow, _ := from.flowTo(to)
	return flow.Ports
}

func (f flowCache) member(ref Ref) *member {
	m, ok := f.known[ref]
	if !ok {
		m = f.cluster.member(ref)
		f.known[ref] = m
	}
	return m
}

// outside compares what a workload's own end lets through to addresses and to any
// pods by their labels.
func (d *differ) outside(ref Ref, before, after *space) {
	b, a := before.member(ref), after.member(ref)
	for side, direction := range directions {
		opened, _ := outsideOf(a.regions(side), b.regions(side))
		closed, _ := outsideOf(b.regions(side), a.regions(side))
		m := &member{ref: ref}
		for _, r := range opened {
			d.result.Opened = append(d.result.Opened, m.flow(direction, r.peer.end(), r.ports))
		}
		for _, r := range closed {
			d.result.Closed = append(d.result.Closed, m.flow(direction, r.peer.end(), r.ports))
		}
	}
}

// regions are what the workload's own end lets through.
func (m *member) regions(side int) []region {
	if m == nil {
		return nil
	}
	var list []region
	for _, o := range slices.Concat(addressed(m.pods, side), exposed(m.pods, side)) {
		list = append(list, region{everyPod(), o.peer, o.ports})
	}
	return list
}
