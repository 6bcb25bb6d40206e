package network

import "slices"

// pod is one end of a flow as the policies of its namespace see it.
type pod struct {
	space     *space
	labels    map[string]string
	ports     []ContainerPort
	protected [2]bool        // by direction: some policy selects it
	rules     [2][]allowance // of all policies that select it
}

func (s *space) pod(labels map[string]string, ports []ContainerPort) *pod {
	p := &pod{space: s, labels: labels, ports: ports}
	for _, policy := range s.policies {
		if !policy.selects.Matches(labels) {
			continue
		}
		for side := range p.rules {
			if policy.affects[side] {
				p.protected[side] = true
				p.rules[side] = append(p.rules[side], policy.rules[side]...)
			}
		}
	}
	if p.protected[Ingress.side()] {
		p.resolveIngress()
	}
	return p
}

// resolveIngress puts the pod's own ports in the place of names: of ingress it is the
// destination itself.
func (p *pod) resolveIngress() {
	rules := slices.Clone(p.rules[Ingress.side()])
	for i := range rules {
		rules[i].ports = rules[i].ports.resolve(p.ports)
	}
	p.rules[Ingress.side()] = rules
}

// with is what the pod's own end lets through in a direction to or from another pod.
func (p *pod) with(other *pod, side int) Ports {
	if !p.protected[side] {
		return AllPorts()
	}
	var ports Ports
	for _, a := range p.rules[side] {
		if a.peer.matches(other) {
			ports = ports.union(a.ports)
		}
	}
	return ports
}

func (p peer) matches(other *pod) bool {
	return p.addresses == nil && p.spaces.Matches(other.space.labels) && p.pods.Matches(other.labels)
}

// between is what both ends let through. Of two different pods: one's traffic to
// itself is always let through.
func between(from, to *pod) Ports {
	out := from.with(to, Egress.side())
	if out.Empty() {
		return out
	}
	return out.resolve(to.ports).intersect(to.with(from, Ingress.side()))
}

// pods are the variants of a workload.
func (s *space) pods(g *group) []*pod {
	pods := make([]*pod, len(g.variants))
	for i, w := range g.variants {
		pods[i] = s.pod(w.Labels, w.Ports)
	}
	return pods
}

// betweenAny is what some pod of one workload may send to some pod of another.
func betweenAny(from, to []*pod) Ports {
	var ports Ports
	for _, f := range from {
		for _, t := range to {
			ports = ports.union(between(f, t))
		}
	}
	return ports
}
