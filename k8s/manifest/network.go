package manifest

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"tenure.dev/workflow"
)

// networkPolicies closes the namespace in both directions and opens DNS and the
// platform's flows. Nothing opens the namespace to itself: its tenant's own
// NetworkPolicies may do that, and admission lets them do no more.
func (p place) networkPolicies(flows []workflow.PlatformFlow) ([]Typed, error) {
	policies := make([]Typed, 0, 2+len(flows))
	policies = append(policies, untilNamespaceGoes(p.defaultDeny()), untilNamespaceGoes(p.allowDNS()))
	named := make([]Typed, 0, len(flows))
	for _, flow := range flows {
		policy, err := p.platformFlow(flow)
		if err != nil {
			return nil, fmt.Errorf("platform flow %q: %w", flow.Name, err)
		}
		named = append(named, policy)
	}
	slices.SortFunc(named, byName)
	return append(policies, named...), nil
}

// defaultDeny selects every pod and allows nothing.
func (p place) defaultDeny() Typed {
	return p.networkPolicy("default-deny", networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
	})
}

// The label of the cluster's own DNS servers, in kube-system.
const (
	dnsLabel = "k8s-app"
	dnsPods  = "kube-dns"
)

// allowDNS opens the way to the cluster's own DNS servers. Where a node-local
// cache answers, a platform flow opens that.
func (p place) allowDNS() Typed {
	return p.networkPolicy("allow-dns", networkingv1.NetworkPolicySpec{
		Egress: []networkingv1.NetworkPolicyEgressRule{{
			To:    []networkingv1.NetworkPolicyPeer{namespacePeer(metav1.NamespaceSystem, map[string]string{dnsLabel: dnsPods})},
			Ports: []networkingv1.NetworkPolicyPort{port(corev1.ProtocolUDP, 53, 0), port(corev1.ProtocolTCP, 53, 0)},
		}},
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
	})
}

// platformFlow opens one flow that the policy names, for every pod.
func (p place) platformFlow(flow workflow.PlatformFlow) (Typed, error) {
	if err := checkLabel("name", flow.Name); err != nil {
		return nil, err
	}
	spec, err := flowRules(flow.Direction, flow.From, flow.To, flow.Ports, func(peer workflow.FlowPeer) ([]networkingv1.NetworkPolicyPeer, error) {
		if peer.Internet || peer.FQDN != "" {
			return nil, errors.New("the internet and DNS names are for exceptions")
		}
		return flowPeers(peer)
	})
	if err != nil {
		return nil, err
	}
	return p.networkPolicy("flow-"+flow.Name, spec), nil
}

func (p place) networkPolicy(name string, spec networkingv1.NetworkPolicySpec) Typed {
	return &networkingv1.NetworkPolicy{
		TypeMeta:   typeMeta(networkingv1.SchemeGroupVersion, "NetworkPolicy"),
		ObjectMeta: p.meta(namePrefix+name, waveNetwork, 0),
		Spec:       spec,
	}
}

// flowRules gives the one rule of a flow, in its direction alone. A rule without
// peers means everybody, so a flow without one is an error, never an open rule.
func flowRules(
	direction workflow.FlowDirection, from, to *workflow.FlowPeer, ports []workflow.FlowPort,
	peersOf func(workflow.FlowPeer) ([]networkingv1.NetworkPolicyPeer, error),
) (networkingv1.NetworkPolicySpec, error) {
	var spec networkingv1.NetworkPolicySpec
	side, peer, other := "from", from, to
	switch direction {
	case workflow.Ingress:
	case workflow.Egress:
		side, peer, other = "to", to, from
	default:
		return spec, fmt.Errorf("there is no direction %q", direction)
	}
	if peer == nil || other != nil {
		return spec, fmt.Errorf("its peer stands in %q and nowhere else", side)
	}
	peers, err := peersOf(*peer)
	if err != nil {
		return spec, err
	}
	numbers, err := flowPorts(ports)
	if err != nil {
		return spec, err
	}
	if direction == workflow.Ingress {
		spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{From: peers, Ports: numbers}}
		spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		return spec, nil
	}
	spec.Egress = []networkingv1.NetworkPolicyEgressRule{{To: peers, Ports: numbers}}
	spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}
	return spec, nil
}

// flowPeers gives the one peer of a flow: a range of addresses, or pods of one
// namespace by name or of several by their labels.
func flowPeers(peer workflow.FlowPeer) ([]networkingv1.NetworkPolicyPeer, error) {
	named, selected, addresses := peer.Namespace != "", peer.NamespaceSelector != nil, peer.CIDR != ""
	given := 0
	for _, is := range []bool{named, selected, addresses} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, errors.New("its peer is either a namespace or a cidr, or a namespaceSelector")
	case addresses:
		block, err := ipBlock(peer)
		return []networkingv1.NetworkPolicyPeer{{IPBlock: block}}, err
	case len(peer.Except) > 0:
		return nil, errors.New("except belongs to a cidr")
	case len(peer.PodLabels) > 0 && peer.PodSelector != nil:
		return nil, errors.New("its pods are given by podLabels or by a podSelector, not by both")
	}
	pods := &metav1.LabelSelector{MatchLabels: peer.PodLabels}
	if peer.PodSelector != nil {
		pods = labelSelector(peer.PodSelector)
	}
	if err := checkSelector("pods of its peer", pods); err != nil {
		return nil, err
	}
	other := networkingv1.NetworkPolicyPeer{NamespaceSelector: labelSelector(peer.NamespaceSelector)}
	if named {
		if err := checkLabel("namespace", peer.Namespace); err != nil {
			return nil, err
		}
		other = namespacePeer(peer.Namespace, nil)
	}
	if err := checkSelector("namespaces of its peer", other.NamespaceSelector); err != nil {
		return nil, err
	}
	if len(pods.MatchLabels)+len(pods.MatchExpressions) > 0 {
		other.PodSelector = pods
	}
	return []networkingv1.NetworkPolicyPeer{other}, nil
}

// labelSelector gives a selector in the API's type. Nil stays nil.
func labelSelector(selector *workflow.Selector) *metav1.LabelSelector {
	if selector == nil {
		return nil
	}
	given := &metav1.LabelSelector{MatchLabels: selector.MatchLabels}
	for _, r := range selector.MatchExpressions {
		given.MatchExpressions = append(given.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: r.Key, Operator: metav1.LabelSelectorOperator(r.Operator), Values: r.Values,
		})
	}
	return given
}

// checkSelector refuses what the API server would refuse.
func checkSelector(what string, selector *metav1.LabelSelector) error {
	errs := metav1validation.ValidateLabelSelector(selector, metav1validation.LabelSelectorValidationOptions{}, field.NewPath("selector"))
	if len(errs) > 0 {
		return fmt.Errorf("%s: %w", what, errs.ToAggregate())
	}
	return nil
}

// namespacePeer is the pods of a namespace, by the label that only the API
// server sets. No pod labels means all of its pods.
func namespacePeer(namespace string, podLabels map[string]string) networkingv1.NetworkPolicyPeer {
	peer := networkingv1.NetworkPolicyPeer{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
	}
	if len(podLabels) > 0 {
		peer.PodSelector = &metav1.LabelSelector{MatchLabels: podLabels}
	}
	return peer
}

// ipBlock is a range of addresses, without those excepted, which lie inside it.
func ipBlock(peer workflow.FlowPeer) (*networkingv1.IPBlock, error) {
	if len(peer.PodLabels) > 0 || peer.PodSelector != nil {
		return nil, errors.New("podLabels and a podSelector belong to namespaces")
	}
	whole, ok := addressRange(peer.CIDR)
	if !ok {
		return nil, fmt.Errorf("cidr %q is not an address range such as 10.20.0.0/16", peer.CIDR)
	}
	for _, text := range peer.Except {
		part, ok := addressRange(text)
		if !ok || part.Bits() <= whole.Bits() || !whole.Contains(part.Addr()) {
			return nil, fmt.Errorf("except %q is not a smaller range inside %s", text, peer.CIDR)
		}
	}
	return &networkingv1.IPBlock{CIDR: peer.CIDR, Except: slices.Clone(peer.Except)}, nil
}

// addressRange reads a range that everybody reads alike. IPv4 addresses written
// as IPv6 are IPv4 to the API server and IPv6 to others.
func addressRange(text string) (netip.Prefix, bool) {
	r, err := netip.ParsePrefix(text)
	return r, err == nil && r.Masked() == r && !r.Addr().Is4In6()
}

// flowPorts gives a flow's ports; none, which means all, is nil.
func flowPorts(flowPorts []workflow.FlowPort) ([]networkingv1.NetworkPolicyPort, error) {
	var ports []networkingv1.NetworkPolicyPort
	for _, p := range flowPorts {
		protocol := corev1.Protocol(p.Protocol)
		switch {
		case protocol != corev1.ProtocolTCP && protocol != corev1.ProtocolUDP && protocol != corev1.ProtocolSCTP:
			return nil, fmt.Errorf("protocol %q is not one of %s", p.Protocol, "TCP, UDP, SCTP")
		case p.Port < 1 || p.Port > 65535:
			return nil, fmt.Errorf("port %d is not from 1 to 65535", p.Port)
		case p.EndPort != 0 && (p.EndPort < p.Port || p.EndPort > 65535):
			return nil, fmt.Errorf("endPort %d is not from %d to 65535", p.EndPort, p.Port)
		}
		ports = append(ports, port(protocol, p.Port, p.EndPort))
	}
	return ports, nil
}

// port writes one port with its protocol spelled out, as the API server defaults it.
func port(protocol corev1.Protocol, first, last int32) networkingv1.NetworkPolicyPort {
	number := intstr.FromInt32(first)
	p := networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &number}
	if last != 0 {
		p.EndPort = &last
	}
	return p
}
