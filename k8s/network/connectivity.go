package network

import (
	"cmp"
	"slices"
)

// Connectivity lists what may flow: between workloads (both ends let it through),
// between a workload and addresses outside the cluster, and between a workload and
// any pods that its own end lets through, whether or not they exist: its exposure.
// The pods of a workload with more than one may talk among themselves if a flow from
// the workload to itself is listed. Sorted by From, then To.
func (c *Cluster) Connectivity() []Flow {
	var flows []Flow
	names := c.allNames()
	all := c.members(names)
	byNamespace := map[string][]*member{}
	for _, m := range all {
		byNamespace[m.ref.Namespace] = append(byNamespace[m.ref.Namespace], m)
	}
	for _, from := range all {
		for _, name := range c.reachable(from, names) {
			for _, to := range byNamespace[name] {
				if flow, ok := from.flowTo(to); ok {
					flows = append(flows, flow)
				}
			}
		}
		flows = from.appendOutside(flows)
	}
	sortFlows(flows)
	return flows
}

// member is a workload with what its policies say.
type member struct {
	ref  Ref
	pods []*pod
}

func (c *Cluster) members(namespaces []string) []*member {
	var list []*member
	for _, name := range namespaces {
		s := c.space(name)
		for _, g := range s.workloads {
			list = append(list, &member{g.ref, s.pods(g)})
		}
	}
	return list
}

// reachable gives those of the namespaces that a workload's own end lets it send to.
func (c *Cluster) reachable(from *member, all []string) []string {
	var names []string
	for _, p := range from.pods {
		if !p.protected[Egress.side()] {
			return all
		}
		for _, a := range p.rules[Egress.side()] {
			if a.peer.addresses == nil {
				names = append(names, c.matching(a.peer.spaces)...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// flowTo gives the flow between two workloads, if there is one.
func (m *member) flowTo(to *member) (Flow, bool) {
	if m.ref == to.ref && m.ref.Kind == kindPod && len(m.pods) == 1 {
		return Flow{}, false // a single pod: traffic to itself is not the network's
	}
	ports := betweenAny(m.pods, to.pods)
	return Flow{m.end(), to.end(), ports}, !ports.Empty()
}

func (m *member) end() End { return End{Workload: &m.ref} }

// appendOutside adds the flows whose other end is addresses, or pods by their labels.
func (m *member) appendOutside(flows []Flow) []Flow {
	for _, d := range directions {
		for _, o := range slices.Concat(addressed(m.pods, d.side()), exposed(m.pods, d.side())) {
			flows = append(flows, m.flow(d, o.peer.end(), o.ports))
		}
	}
	return flows
}

func (m *member) flow(d Direction, other End, ports Ports) Flow {
	if d == Ingress {
		return Flow{other, m.end(), ports}
	}
	return Flow{m.end(), other, ports}
}

// Unprotected is a workload that no policy selects in a direction: everything is let
// through at its end.
type Unprotected struct {
	Workload  Ref       `json:"workload"`
	Direction Direction `json:"direction"`
}

// Unprotected lists the workloads, or some of whose pods, no policy selects; by
// workload, Ingress before Egress.
func (c *Cluster) Unprotected() []Unprotected {
	var list []Unprotected
	for _, m := range c.members(c.allNames()) {
		for _, d := range directions {
			open := func(p *pod) bool { return !p.protected[d.side()] }
			if slices.ContainsFunc(m.pods, open) {
				list = append(list, Unprotected{m.ref, d})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Unprotected) int { return a.Workload.compare(b.Workload) })
	return list
}

func (r Ref) compare(o Ref) int {
	return cmp.Or(cmp.Compare(r.Namespace, o.Namespace), cmp.Compare(r.Name, o.Name), cmp.Compare(r.Kind, o.Kind))
}

// compare orders workloads first, then pods by labels, then addresses.
func (e End) compare(o End) int {
	switch {
	case e.Workload != nil && o.Workload != nil:
		return e.Workload.compare(*o.Workload)
	case e.rank() != o.rank():
		return e.rank() - o.rank()
	case e.Pods != nil:
		return cmp.Compare(e.Pods.String(), o.Pods.String())
	}
	return e.Addresses[0].From().Compare(o.Addresses[0].From())
}

func (e End) rank() int {
	switch {
	case e.Workload != nil:
		return 0
	case e.Pods != nil:
		return 1
	}
	return 2
}

func sortFlows(flows []Flow) {
	slices.SortStableFunc(flows, func(a, b Flow) int {
		return cmp.Or(a.From.compare(b.From), a.To.compare(b.To))
	})
}
