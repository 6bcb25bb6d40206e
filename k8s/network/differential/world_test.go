package differential

import (
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"tenure.dev/k8s/network"
)

// world makes random policies and ends in a small world: few keys, values,
// addresses and ports, so that they meet.
type world struct{ *rand.Rand }

var (
	namespaceNames = []string{"a", "b", "c"}
	keys           = []string{"app", "tier"}
	values         = []string{"x", "y", ""}
	blocks         = []string{"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "0.0.0.0/0", "2001:db8::/32", "2001:db8:1::/48"}
	excepts        = map[string][]string{
		"10.0.0.0/8": {"10.1.0.0/16", "10.1.2.0/24"}, "10.1.0.0/16": {"10.1.2.0/24"}, "10.1.2.0/24": {"10.1.2.3/32"},
		"2001:db8::/32": {"2001:db8:1::/48"},
	}
	addresses = []string{"10.0.0.1", "10.1.0.1", "10.1.2.3", "10.1.2.4", "203.0.113.1", "2001:db8::1", "2001:db8:1::1", "2001:dead::1"}
)

func namespaceLabels(name string) map[string]string {
	return map[string]map[string]string{
		"a": {"kubernetes.io/metadata.name": "a", "app": "x"},
		"b": {"kubernetes.io/metadata.name": "b", "app": "y", "tier": "x"},
		"c": {"kubernetes.io/metadata.name": "c"},
	}[name]
}

func namespaces() []network.Namespace {
	var all []network.Namespace
	for _, name := range namespaceNames {
		all = append(all, network.Namespace{Name: name, Labels: namespaceLabels(name)})
	}
	return all
}

// one picks an item.
func one[T any](w world, from []T) T { return from[w.IntN(len(from))] }

// ends gives the two ends of a flow, at least one of them a pod.
func (w world) ends() (from, to end) {
	from, to = w.pod("fd00::1"), w.pod("fd00::2")
	switch w.IntN(4) {
	case 0:
		from = end{address: one(w, addresses)}
	case 1:
		to = end{address: one(w, addresses)}
	}
	return from, to
}

func (w world) pod(address string) end {
	e := end{namespace: one(w, namespaceNames), labels: map[string]string{}, address: address}
	for _, key := range keys {
		if w.IntN(3) > 0 {
			e.labels[key] = one(w, values)
		}
	}
	// Each number has one name at most: a pod may give it several, but cyclonus
	// is asked with one.
	for i, p := range []port{{corev1.ProtocolTCP, 80}, {corev1.ProtocolTCP, 8080}, {corev1.ProtocolUDP, 53}} {
		if w.IntN(2) == 0 {
			e.ports = append(e.ports, network.ContainerPort{Name: []string{"web", "alt", "web"}[i], Protocol: p.protocol, Port: p.number})
		}
	}
	return e
}

func (w world) policies() []*networkingv1.NetworkPolicy {
	policies := make([]*networkingv1.NetworkPolicy, 1+w.IntN(4))
	for i := range policies {
		p := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: one(w, namespaceNames), Name: fmt.Sprintf("p%d", i)}}
		p.Spec.PodSelector = *w.selector()
		for range w.IntN(3) {
			p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: w.peers(), Ports: w.ports()})
		}
		for range w.IntN(3) {
			p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: w.peers(), Ports: w.ports()})
		}
		p.Spec.PolicyTypes = one(w, [][]networkingv1.PolicyType{
			nil, {networkingv1.PolicyTypeIngress}, {networkingv1.PolicyTypeEgress}, {networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		})
		policies[i] = p
	}
	return policies
}

func (w world) peers() []networkingv1.NetworkPolicyPeer {
	var peers []networkingv1.NetworkPolicyPeer
	for range w.IntN(3) {
		var peer networkingv1.NetworkPolicyPeer
		switch w.IntN(4) {
		case 0:
			block := one(w, blocks)
			peer.IPBlock = &networkingv1.IPBlock{CIDR: block}
			for _, except := range excepts[block] {
				if w.IntN(2) == 0 {
					peer.IPBlock.Except = append(peer.IPBlock.Except, except)
				}
			}
		case 1:
			peer.PodSelector = w.selector()
		case 2:
			peer.NamespaceSelector = w.selector()
		default:
			peer.PodSelector, peer.NamespaceSelector = w.selector(), w.selector()
		}
		peers = append(peers, peer)
	}
	return peers
}

func (w world) ports() []networkingv1.NetworkPolicyPort {
	var all []networkingv1.NetworkPolicyPort
	for range w.IntN(3) {
		var p networkingv1.NetworkPolicyPort
		if w.IntN(4) > 0 {
			protocol := one(w, []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP})
			p.Protocol = &protocol
		}
		switch w.IntN(5) {
		case 0: // every port of the protocol
		case 1:
			name := intstr.FromString(one(w, []string{"web", "alt"}))
			p.Port = &name
		case 2:
			first, last := intstr.FromInt32(one(w, []int32{1, 80, 8080})), one(w, []int32{8080, 8090, 65535})
			p.Port, p.EndPort = &first, &last
		default:
			number := intstr.FromInt32(one(w, []int32{53, 80, 8080, 9000}))
			p.Port = &number
		}
		all = append(all, p)
	}
	return all
}

func (w world) selector() *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	if w.IntN(3) == 0 {
		s.MatchLabels = map[string]string{one(w, keys): one(w, values)}
	}
	for range w.IntN(3) {
		e := metav1.LabelSelectorRequirement{Key: one(w, keys), Operator: one(w, []metav1.LabelSelectorOperator{
			metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist,
		})}
		if e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn {
			e.Values = []string{one(w, values)}
			if w.IntN(3) == 0 {
				e.Values = append(e.Values, "z")
			}
		}
		s.MatchExpressions = append(s.MatchExpressions, e)
	}
	return s
}
