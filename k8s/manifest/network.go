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

// allowDNS opens the way to the cluster's own DNS servers. Where a node-local
// cache answers, a platform flow opens that.
func (p place) allowDNS() Typed {
	return p.networkPolicy("allow-dns", networkingv1.NetworkPolicySpec{
		Egress: []networkingv1.NetworkPolicyEgressRule{{
			To:    []networkingv1.NetworkPolicyPeer{namespacePeer(metav1.NamespaceSystem, map[string]string{"k8s-app": "kube-dns"})},
			Ports: []networkingv1.NetworkPolicyPort{port(corev1.ProtocolUDP, 53, 0), port(corev1.ProtocolTCP, 53, 0)},
		}},
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
	})
}

// platformFlow opens one flow that the policy names.
func (p place) platformFlow(flow workflow.PlatformFlow) (Typed, error) {
	if err := checkLabel("name", flow.Name); err != nil {
		return nil, err
	}
	ports, err := flowPorts(flow.Ports)
	if err != nil {
		return nil, err
	}
	spec := networkingv1.NetworkPolicySpec{}
	switch flow.Direction {
	case workflow.Ingress:
		peers, err := flowPeers("from", flow.From, flow.To)
		if err != nil {
			return nil, err
		}
		spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{From: peers, Ports: ports}}
		spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	case workflow.Egress:
		peers, err := flowPeers("to", flow.To, flow.From)
		if err != nil {
			return nil, err
		}
		spec.Egress = []networkingv1.NetworkPolicyEgressRule{{To: peers, Ports: ports}}
		spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}
	default:
		return nil, fmt.Errorf("there is no direction %q", flow.Direction)
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

// flowPeers gives the one peer of a flow. A NetworkPolicy rule without peers
// means everybody, so a flow without one is an error, never an open rule.
func flowPeers(side string, peer, other *workflow.FlowPeer) ([]networkingv1.NetworkPolicyPeer, error) {
	switch {
	case peer == nil || other != nil:
		return nil, fmt.Errorf("its peer stands in %q and nowhere else", side)
	case (peer.Namespace == "") == (peer.CIDR == ""):
		return nil, errors.New("its peer is either a namespace or a cidr")
	case peer.CIDR != "":
		block, err := ipBlock(peer)
		return []networkingv1.NetworkPolicyPeer{{IPBlock: block}}, err
	case len(peer.Except) > 0:
		return nil, errors.New("except belongs to a cidr")
	}
	if err := checkLabel("namespace", peer.Namespace); err != nil {
		return nil, err
	}
	selector := &metav1.LabelSelector{MatchLabels: peer.PodLabels}
	if errs := metav1validation.ValidateLabelSelector(selector, metav1validation.LabelSelectorValidationOptions{}, field.NewPath("podLabels")); len(errs) > 0 {
		return nil, errs.ToAggregate()
	}
	return []networkingv1.NetworkPolicyPeer{namespacePeer(peer.Namespace, peer.PodLabels)}, nil
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
func ipBlock(peer *workflow.FlowPeer) (*networkingv1.IPBlock, error) {
	if len(peer.PodLabels) > 0 {
		return nil, errors.New("podLabels belong to a namespace")
	}
	whole, err := netip.ParsePrefix(peer.CIDR)
	if err != nil || whole.Masked() != whole {
		return nil, fmt.Errorf("cidr %q is not an address range such as 10.20.0.0/16", peer.CIDR)
	}
	for _, text := range peer.Except {
		part, err := netip.ParsePrefix(text)
		if err != nil || part.Masked() != part || part.Bits() <= whole.Bits() || !whole.Contains(part.Addr()) {
			return nil, fmt.Errorf("except %q is not a smaller range inside %s", text, peer.CIDR)
		}
	}
	return &networkingv1.IPBlock{CIDR: peer.CIDR, Except: slices.Clone(peer.Except)}, nil
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
