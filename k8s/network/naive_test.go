package network

import (
	"net/netip"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// naive reads policies one rule after the other, as their documentation is written,
// and shares nothing with the evaluator: not its selectors, ports or addresses.
type naive struct {
	namespaces map[string]map[string]string
	policies   []*networkingv1.NetworkPolicy
}

// naivePod is a pod, or an address where that is set.
type naivePod struct {
	namespace string
	labels    map[string]string
	ports     []ContainerPort
	address   netip.Addr
}

func (n naive) allows(from, to naivePod, protocol corev1.Protocol, port int32) bool {
	return n.end(Egress, from, to, to, protocol, port) && n.end(Ingress, to, from, to, protocol, port)
}

// end asks one end.
func (n naive) end(d Direction, own, other, destination naivePod, protocol corev1.Protocol, port int32) bool {
	if own.address.IsValid() {
		return true
	}
	selected := false
	for _, p := range n.policies {
		if p.Namespace != own.namespace || !naiveMatch(&p.Spec.PodSelector, own.labels) || !naiveAffects(p, d) {
			continue
		}
		selected = true
		if n.lets(p, d, other, destination, protocol, port) {
			return true
		}
	}
	return !selected
}

func (n naive) lets(p *networkingv1.NetworkPolicy, d Direction, other, destination naivePod, protocol corev1.Protocol, port int32) bool {
	return slices.ContainsFunc(n.rules(p, d, other), func(ports []networkingv1.NetworkPolicyPort) bool {
		return naivePorts(ports, destination, protocol, port)
	})
}

// rules gives the ports of each rule that the other end is a peer of.
func (n naive) rules(p *networkingv1.NetworkPolicy, d Direction, other naivePod) (ports [][]networkingv1.NetworkPolicyPort) {
	if d == Ingress {
		for _, r := range p.Spec.Ingress {
			if n.peers(p.Namespace, r.From, other) {
				ports = append(ports, r.Ports)
			}
		}
		return ports
	}
	for _, r := range p.Spec.Egress {
		if n.peers(p.Namespace, r.To, other) {
			ports = append(ports, r.Ports)
		}
	}
	return ports
}

func (n naive) peers(namespace string, peers []networkingv1.NetworkPolicyPeer, other naivePod) bool {
	return len(peers) == 0 || slices.ContainsFunc(peers, func(p networkingv1.NetworkPolicyPeer) bool {
		switch {
		case p.IPBlock != nil:
			in := func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(other.address) }
			return other.address.IsValid() && in(p.IPBlock.CIDR) && !slices.ContainsFunc(p.IPBlock.Except, in)
		case other.address.IsValid():
			return false
		case p.NamespaceSelector == nil && other.namespace != namespace:
			return false
		case p.NamespaceSelector != nil:
			space := labels.Merge(n.namespaces[other.namespace], labels.Set{corev1.LabelMetadataName: other.namespace})
			if !naiveMatch(p.NamespaceSelector, space) {
				return false
			}
		}
		return p.PodSelector == nil || naiveMatch(p.PodSelector, other.labels)
	})
}

func naivePorts(ports []networkingv1.NetworkPolicyPort, destination naivePod, protocol corev1.Protocol, port int32) bool {
	return len(ports) == 0 || slices.ContainsFunc(ports, func(p networkingv1.NetworkPolicyPort) bool {
		wanted := corev1.ProtocolTCP
		if p.Protocol != nil {
			wanted = *p.Protocol
		}
		switch {
		case wanted != protocol:
			return false
		case p.Port == nil:
			return true
		case p.Port.Type == intstr.String:
			return slices.ContainsFunc(destination.ports, func(c ContainerPort) bool {
				return c.Name == p.Port.StrVal && c.Port == port && (c.Protocol == protocol || c.Protocol == "" && protocol == corev1.ProtocolTCP)
			})
		case p.EndPort != nil:
			return p.Port.IntVal <= port && port <= *p.EndPort
		}
		return p.Port.IntVal == port
	})
}

func naiveAffects(p *networkingv1.NetworkPolicy, d Direction) bool {
	if len(p.Spec.PolicyTypes) == 0 {
		return d == Ingress || len(p.Spec.Egress) > 0
	}
	return slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyType(d))
}

// naiveSelectors keeps what apimachinery made of a selector: making it is what takes
// the time.
var naiveSelectors sync.Map

func naiveMatch(s *metav1.LabelSelector, of map[string]string) bool {
	selector, ok := naiveSelectors.Load(s)
	if !ok {
		made, err := metav1.LabelSelectorAsSelector(s)
		if err != nil {
			return false
		}
		selector = made
		naiveSelectors.Store(s, made)
	}
	return selector.(labels.Selector).Matches(labels.Set(of))
}
