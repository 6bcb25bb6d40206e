package analyzer

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// grant is one thing that lets traffic through at one end, in one direction.
type grant struct {
	at        *place
	direction workflow.FlowDirection
	pods      map[string]string // of the place; none means every pod
	peer      workflow.FlowPeer
	until     time.Time // zero for the platform's
	platform  bool      // DNS, or a flow of the policy: what every namespace has
	request   int64     // 0 for the platform's, and in a preview
	because   string
	policy    *networkingv1.NetworkPolicy // as rendered; for a DNS name one that stands for it
}

// The names of what manifest renders besides exceptions.
const (
	dnsPolicy  = "tenure-allow-dns"
	flowPrefix = "tenure-flow-"
)

// fill takes from the rendered objects what lets traffic through, and why.
func (p *place) fill(policy workflow.Policy, namespace workflow.Namespace, objects []manifest.Object) error {
	rendered := map[string]*networkingv1.NetworkPolicy{}
	for _, object := range objects {
		switch typed := object.Typed.(type) {
		case *networkingv1.NetworkPolicy:
			rendered[typed.Name] = typed
			p.policies = append(p.policies, typed)
		default:
			if object.Key.Kind == "Namespace" {
				p.labels = typed.GetLabels()
			}
		}
	}
	add := func(g grant, name string) error {
		if g.policy == nil {
			g.policy = rendered[name]
		}
		if g.policy == nil {
			return fmt.Errorf("namespace %q on cluster %q: NetworkPolicy %q is not rendered", p.namespace, p.cluster, name)
		}
		g.at = p
		p.grants = append(p.grants, &g)
		return nil
	}
	if err := add(grant{direction: workflow.Egress, peer: dnsPeer(rendered[dnsPolicy]), platform: true, because: "DNS"}, dnsPolicy); err != nil {
		return err
	}
	for _, flow := range policy.PlatformFlows {
		peer := flow.From
		if flow.Direction == workflow.Egress {
			peer = flow.To
		}
		if err := add(grant{direction: flow.Direction, peer: *peer, platform: true, because: "platform flow " + flow.Name}, flowPrefix+flow.Name); err != nil {
			return err
		}
	}
	for _, e := range namespace.Network {
		g := grant{
			direction: e.Direction, pods: e.Pods, peer: *e.Peer(), until: e.Until, request: e.Request,
			because: requestText(e.Request),
		}
		if g.peer.FQDN != "" {
			g.policy = standIn(p.namespace, e)
		}
		if err := add(g, e.ObjectName()); err != nil {
			return err
		}
	}
	return nil
}

// dnsPeer reads where DNS is answered from the policy that opens it.
func dnsPeer(policy *networkingv1.NetworkPolicy) workflow.FlowPeer {
	peer := workflow.FlowPeer{Namespace: metav1.NamespaceSystem}
	if policy == nil || len(policy.Spec.Egress) != 1 || len(policy.Spec.Egress[0].To) != 1 {
		return peer
	}
	if pods := policy.Spec.Egress[0].To[0].PodSelector; pods != nil {
		peer.PodLabels = pods.MatchLabels
	}
	return peer
}

// name tells the grant apart from the others of its namespace.
func (g *grant) name() string { return g.policy.Name }

// ports are those that the grant is for.
func (g *grant) ports() portSet {
	var all portSet
	for _, list := range policyPorts(g.policy.Spec) {
		if len(list) == 0 {
			return everyPort
		}
		for _, p := range list {
			one := portRange{protocol: string(*p.Protocol), first: p.Port.IntVal, last: p.Port.IntVal}
			if p.EndPort != nil {
				one.last = *p.EndPort
			}
			all = all.union(portSet{one})
		}
	}
	return all
}

func policyPorts(spec networkingv1.NetworkPolicySpec) (lists [][]networkingv1.NetworkPolicyPort) {
	for _, rule := range spec.Ingress {
		lists = append(lists, rule.Ports)
	}
	for _, rule := range spec.Egress {
		lists = append(lists, rule.Ports)
	}
	return lists
}

// requestText names a request; one that is only previewed has no number yet.
func requestText(request int64) string {
	if request == 0 {
		return "this request"
	}
	return fmt.Sprintf("request %d", request)
}

// same says whether two grants of two worlds let through the same.
func (g *grant) same(other *grant) bool {
	if g == nil || other == nil {
		return g == other
	}
	return g.at.spot == other.at.spot && g.name() == other.name() && reflect.DeepEqual(g.policy.Spec, other.policy.Spec)
}

// standIn is what a DNS name's exception is judged by. k8s/network knows
// addresses only, so the name gets one of the addresses that are never used, and
// the same name always the same.
func standIn(namespace string, e workflow.NetworkException) *networkingv1.NetworkPolicy {
	rule := networkingv1.NetworkPolicyEgressRule{
		To: []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: standInRange(e.Peer().FQDN).String()}}},
	}
	for _, p := range e.Ports {
		protocol, port := corev1.Protocol(p.Protocol), intstr.FromInt32(p.Port)
		one := networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &port}
		if p.EndPort != 0 {
			one.EndPort = &p.EndPort
		}
		rule.Ports = append(rule.Ports, one)
	}
	return &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: e.ObjectName()},
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: e.Pods},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
			Egress:      []networkingv1.NetworkPolicyEgressRule{rule},
		},
	}
}

// standInRange is of the discard-only 100::/64 (RFC 6666). The names below one
// have addresses next to each other, so that *.example.com is the range of them.
func standInRange(name string) netip.Prefix {
	first, below, _ := strings.Cut(name, ".")
	address := [16]byte{0: 0x01}
	parent, own := sha256.Sum256([]byte(below)), sha256.Sum256([]byte(first))
	copy(address[8:12], parent[:])
	bits := 96
	if first != "*" {
		copy(address[12:16], own[:])
		bits = 128
	}
	return netip.PrefixFrom(netip.AddrFrom16(address), bits)
}
