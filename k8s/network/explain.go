package network

import (
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Explanation says why a flow is let through or not. Both ends must let it through;
// an address outside the cluster has no say.
type Explanation struct {
	Allowed bool  `json:"allowed"`
	Egress  *Side `json:"egress,omitempty"`  // nil if the flow comes from an address
	Ingress *Side `json:"ingress,omitempty"` // nil if it goes to an address
	// SamePod is set for a pod's traffic to itself, which no policy can stop.
	SamePod bool `json:"samePod,omitempty"`
}

// Side is what the policies at one end say.
type Side struct {
	Namespace string `json:"namespace"`
	Allowed   bool   `json:"allowed"`
	// Policies are the names of those that select the pod for this direction. Without
	// any, everything is let through.
	Policies []string `json:"policies"`
	// Rules are those that let the flow through. Without any, being selected is what
	// stops it.
	Rules []Rule `json:"rules"`
}

// Rule names one rule of a policy.
type Rule struct {
	Policy string `json:"policy"`
	// Rule counts in spec.ingress or spec.egress, Peer in its from or to; from 0. Peer
	// is -1 for a rule without peers, which lets everybody through.
	Rule int `json:"rule"`
	Peer int `json:"peer"`
}

// Allows says whether a flow is let through. An error says that the probe is not one.
func (c *Cluster) Allows(probe Probe) (bool, error) {
	explanation, err := c.Explain(probe)
	return explanation.Allowed, err
}

// Explain tells which policies and rules decide a flow, at both ends.
func (c *Cluster) Explain(probe Probe) (Explanation, error) {
	if probe.Protocol == "" {
		probe.Protocol = corev1.ProtocolTCP
	}
	if !slices.Contains(protocols[:], probe.Protocol) || probe.Port < 1 || probe.Port > maxPort {
		return Explanation{}, fmt.Errorf("probe: %s %d is not a port of TCP, UDP or SCTP", probe.Protocol, probe.Port)
	}
	if probe.From.Address.IsValid() && probe.To.Address.IsValid() {
		return Explanation{}, errors.New("probe: one end must be a pod")
	}
	from, sender, err := c.endpoint(probe.From)
	if err != nil {
		return Explanation{}, fmt.Errorf("probe: from: %w", err)
	}
	to, receiver, err := c.endpoint(probe.To)
	if err != nil {
		return Explanation{}, fmt.Errorf("probe: to: %w", err)
	}
	var e Explanation
	if from != nil {
		e.Egress = from.explain(Egress, to, probe, probe.To)
	}
	if to != nil {
		e.Ingress = to.explain(Ingress, from, probe, probe.From)
	}
	e.Allowed = (e.Egress == nil || e.Egress.Allowed) && (e.Ingress == nil || e.Ingress.Allowed)
	if sender != nil && sender == receiver && sender.single() {
		e.Allowed, e.SamePod = true, true
	}
	return e, nil
}

// explain asks one end; other is nil for an address.
func (p *pod) explain(d Direction, other *pod, probe Probe, end Endpoint) *Side {
	s := &Side{Namespace: p.space.name, Policies: []string{}, Rules: []Rule{}}
	declared := p.ports
	if d == Egress {
		declared = nil
		if other != nil {
			declared = other.ports
		}
	}
	for _, policy := range p.space.policies {
		if !policy.affects[d.side()] || !policy.selects.Matches(p.labels) {
			continue
		}
		s.Policies = append(s.Policies, policy.name)
		for _, a := range policy.rules[d.side()] {
			matches := other != nil && a.peer.matches(other) || other == nil && a.peer.has(end)
			if matches && a.ports.Has(probe.Protocol, probe.Port, declared) {
				s.Rules = append(s.Rules, Rule{policy.name, a.rule, a.at})
			}
		}
	}
	s.Allowed = len(s.Policies) == 0 || len(s.Rules) > 0
	return s
}

func (p peer) has(end Endpoint) bool {
	return p.addresses != nil && p.addresses.Contains(end.Address.Unmap().WithZone(""))
}

// endpoint finds a pod and, unless it is given by labels, its workload; neither for
// an address.
func (c *Cluster) endpoint(e Endpoint) (*pod, *group, error) {
	if e.Address.IsValid() {
		if e.Namespace != "" || e.Workload != "" {
			return nil, nil, errors.New("an address is outside the cluster and has no namespace")
		}
		return nil, nil, nil
	}
	s := c.space(e.Namespace)
	if s == nil {
		var err error
		if s, err = newSpace(Namespace{Name: e.Namespace, Labels: e.NamespaceLabels}); err != nil {
			return nil, nil, err
		}
	}
	if e.Workload == "" {
		return s.pod(e.Labels, e.Ports), nil, nil
	}
	var found []*group
	for _, g := range s.workloads {
		if g.ref.Name == e.Workload && (e.Kind == "" || g.ref.Kind == e.Kind) {
			found = append(found, g)
		}
	}
	switch {
	case len(found) == 0:
		return nil, nil, fmt.Errorf("namespace %q has no workload %q", e.Namespace, e.Workload)
	case len(found) > 1 || len(found[0].variants) > 1:
		return nil, nil, fmt.Errorf("namespace %q has several pods of a workload %q that differ: give the kind, or a pod's labels", e.Namespace, e.Workload)
	}
	w := found[0].variants[0]
	return s.pod(w.Labels, w.Ports), found[0], nil
}
