package network

import (
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"pgregory.net/rapid"
)

// A small world: few labels, ports and addresses, so that everything in it can be
// tried. The values that no selector of it names ("c", "z", "green") stand for all
// others.
var (
	worldPods   = labelMaps(map[string][]string{"app": {"", "a", "b", "c"}, "tier": {"", "x", "y", "z"}})
	worldSpaces = labelMaps(map[string][]string{"team": {"", "red", "blue", "green"}, "env": {"", "prod", "test"}})
	worldNames  = []string{"own", "n1", "n2", "n3"}
	worldPorts  = []int32{1, 79, 80, 81, 443, 8080, 65535}
	// Each network and its neighbours, of both families.
	worldAddresses = addresses("9.255.255.255", "10.0.0.0", "10.0.0.255", "10.0.1.7", "10.1.0.0", "192.0.2.1", "2001:db8::1", "2001:db8:1::", "::")
	worldCIDRs     = []string{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/24", "10.0.1.0/24", "192.0.2.1/32", "::/0", "2001:db8::/32", "2001:db8::/48"}
	worldDeclared  = [][]ContainerPort{
		nil,
		{{"web", "TCP", 80}},
		{{"web", "", 8080}, {"db", "TCP", 443}},
		{{"web", "UDP", 80}, {"db", "UDP", 79}},
		{{"db", "SCTP", 81}},
	}
)

func addresses(list ...string) []netip.Addr {
	var result []netip.Addr
	for _, text := range list {
		result = append(result, netip.MustParseAddr(text))
	}
	return result
}

// labelMaps gives every combination; "" leaves the key out.
func labelMaps(values map[string][]string) []map[string]string {
	maps := []map[string]string{{}}
	for key, list := range values {
		var next []map[string]string
		for _, m := range maps {
			for _, value := range list {
				with := map[string]string{}
				for k, v := range m {
					with[k] = v
				}
				if value != "" {
					with[key] = value
				}
				next = append(next, with)
			}
		}
		maps = next
	}
	return maps
}

func drawSelector(t *rapid.T, values map[string][]string, label string) metav1.LabelSelector {
	var s metav1.LabelSelector
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(keysOf(values)), 0, 2, rapid.ID).Draw(t, label+" keys") {
		list := rapid.SliceOfNDistinct(rapid.SampledFrom(values[key]), 1, 2, rapid.ID).Draw(t, label+" values")
		switch kind := rapid.IntRange(0, 4).Draw(t, label+" operator"); kind {
		case 0:
			s.MatchLabels = map[string]string{key: list[0]}
		case 1, 2:
			operator := []metav1.LabelSelectorOperator{metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn}[kind-1]
			s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: key, Operator: operator, Values: list})
		default:
			operator := []metav1.LabelSelectorOperator{metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist}[kind-3]
			s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: key, Operator: operator})
		}
	}
	return s
}

func keysOf(values map[string][]string) []string {
	var keys []string
	for _, key := range []string{"app", "tier", "team", "env", corev1.LabelMetadataName} {
		if _, ok := values[key]; ok {
			keys = append(keys, key)
		}
	}
	return keys
}

func drawPodSelector(t *rapid.T) metav1.LabelSelector {
	return drawSelector(t, map[string][]string{"app": {"a", "b"}, "tier": {"x", "y"}}, "pods")
}

func drawSpaceSelector(t *rapid.T) metav1.LabelSelector {
	return drawSelector(t, map[string][]string{"team": {"red", "blue"}, "env": {"prod"}, corev1.LabelMetadataName: {"own", "n1"}}, "namespaces")
}

func drawPeer(t *rapid.T) networkingv1.NetworkPolicyPeer {
	var p networkingv1.NetworkPolicyPeer
	kind := rapid.IntRange(0, 3).Draw(t, "peer")
	if kind == 0 {
		p.IPBlock = &networkingv1.IPBlock{CIDR: rapid.SampledFrom(worldCIDRs).Draw(t, "cidr")}
		whole := netip.MustParsePrefix(p.IPBlock.CIDR)
		for _, text := range worldCIDRs {
			if hole := netip.MustParsePrefix(text); hole.Bits() > whole.Bits() && whole.Contains(hole.Addr()) && rapid.IntRange(0, 3).Draw(t, "except") == 0 {
				p.IPBlock.Except = append(p.IPBlock.Except, text)
			}
		}
		return p
	}
	if kind != 1 {
		s := drawSpaceSelector(t)
		p.NamespaceSelector = &s
	}
	if kind != 2 {
		s := drawPodSelector(t)
		p.PodSelector = &s
	}
	return p
}

func drawPort(t *rapid.T) networkingv1.NetworkPolicyPort {
	var p networkingv1.NetworkPolicyPort
	if protocol := rapid.SampledFrom([]corev1.Protocol{"", "TCP", "TCP", "UDP", "SCTP"}).Draw(t, "protocol"); protocol != "" {
		p.Protocol = &protocol
	}
	switch rapid.IntRange(0, 4).Draw(t, "port") {
	case 0:
	case 1:
		name := intstr.FromString(rapid.SampledFrom([]string{"web", "db"}).Draw(t, "name"))
		p.Port = &name
	default:
		at := rapid.IntRange(0, len(worldPorts)-1).Draw(t, "from")
		number := intstr.FromInt32(worldPorts[at])
		p.Port = &number
		if end := rapid.IntRange(at-1, len(worldPorts)-1).Draw(t, "to"); end >= at {
			p.EndPort = &worldPorts[end]
		}
	}
	return p
}

func drawPolicy(t *rapid.T, namespace, name string) *networkingv1.NetworkPolicy {
	p := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	p.Spec.PodSelector = drawPodSelector(t)
	p.Spec.PolicyTypes = rapid.SampledFrom([][]networkingv1.PolicyType{nil, {"Ingress"}, {"Egress"}, {"Ingress", "Egress"}}).Draw(t, "types")
	for range rapid.IntRange(0, 2).Draw(t, "ingress") {
		p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: drawSome(t, drawPeer), Ports: drawSome(t, drawPort)})
	}
	for range rapid.IntRange(0, 2).Draw(t, "egress") {
		p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: drawSome(t, drawPeer), Ports: drawSome(t, drawPort)})
	}
	return p
}

func drawSome[T any](t *rapid.T, draw func(*rapid.T) T) []T {
	var list []T
	for range rapid.IntRange(0, 2).Draw(t, "count") {
		list = append(list, draw(t))
	}
	return list
}

func drawPolicies(t *rapid.T, namespace string, most int) []*networkingv1.NetworkPolicy {
	var list []*networkingv1.NetworkPolicy
	for i := range rapid.IntRange(0, most).Draw(t, "policies") {
		list = append(list, drawPolicy(t, namespace, fmt.Sprintf("p%d", i)))
	}
	return list
}

// drawObjects gives the four namespaces with a few workloads and policies.
func drawObjects(t *rapid.T) Objects {
	var o Objects
	for _, name := range worldNames {
		o.Namespaces = append(o.Namespaces, Namespace{name, rapid.SampledFrom(worldSpaces).Draw(t, "labels of "+name)})
		for i := range rapid.IntRange(0, 2).Draw(t, "workloads") {
			o.Workloads = append(o.Workloads, Workload{
				Namespace: name, Name: fmt.Sprintf("w%d", i), Kind: "Deployment",
				Labels: rapid.SampledFrom(worldPods).Draw(t, "labels"), Ports: rapid.SampledFrom(worldDeclared).Draw(t, "declared"),
			})
		}
		o.Policies = append(o.Policies, drawPolicies(t, name, 2)...)
	}
	return o
}

func naiveOf(o Objects) naive {
	n := naive{namespaces: map[string]map[string]string{}, policies: o.Policies}
	for _, space := range o.Namespaces {
		n.namespaces[space.Name] = space.Labels
	}
	return n
}

// drawEnd gives a workload's pod, any other pod, or an address.
func drawEnd(t *rapid.T, o Objects) (Endpoint, naivePod) {
	kind := rapid.IntRange(0, 3).Draw(t, "end")
	switch {
	case kind == 0:
		address := rapid.SampledFrom(worldAddresses).Draw(t, "address")
		return Endpoint{Address: address}, naivePod{address: address}
	case kind == 1 && len(o.Workloads) > 0:
		w := rapid.SampledFrom(o.Workloads).Draw(t, "workload")
		return Endpoint{Namespace: w.Namespace, Workload: w.Name}, naivePod{namespace: w.Namespace, labels: w.Labels, ports: w.Ports}
	}
	p := naivePod{
		namespace: rapid.SampledFrom(worldNames).Draw(t, "namespace"),
		labels:    rapid.SampledFrom(worldPods).Draw(t, "labels"), ports: rapid.SampledFrom(worldDeclared).Draw(t, "declared"),
	}
	return Endpoint{Namespace: p.namespace, Labels: p.labels, Ports: p.ports}, p
}
