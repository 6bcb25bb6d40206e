package analyzer

import (
	"fmt"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"tenure.dev/k8s/network"
)

// part is something that an arrow lets through: ports, and the addresses they
// are for where its other side is addresses.
type part struct {
	ports     portSet
	addresses []netipx.IPRange
	pods      *network.Pods
}

// The two pods that an arrow is judged by. They have the labels that its grants
// ask for, and no others. As grants name labels that a pod must have, and never
// any that it must not, every other pod of the arrow's gets at least what these
// get from the rest: what is open already for these is so for all of them.
var (
	fromPod = network.Ref{Name: "from", Kind: "Pod"}
	toPod   = network.Ref{Name: "to", Kind: "Pod"}
)

// parts is what the arrow's own grants let through.
func (a *arrow) parts() (parts []part, err error) {
	if a.let == nil {
		a.let, err = a.added(nil, a.grants())
	}
	return a.let, err
}

// through is what grants let through between the arrow's ends.
func (a *arrow) through(grants []*grant) ([]part, error) { return a.added(nil, grants) }

// beyond is what the arrow lets through and the grants do not.
func (a *arrow) beyond(grants []*grant) ([]part, error) { return a.added(grants, a.grants()) }

// added is what one list of grants lets through between the arrow's ends and
// another does not. Its two namespaces are closed otherwise, whether or not they
// exist.
func (a *arrow) added(without, with []*grant) ([]part, error) {
	before, err := a.cluster(without)
	if err != nil {
		return nil, err
	}
	after, err := a.cluster(with)
	if err != nil {
		return nil, err
	}
	difference := network.Diff(before, after)
	var parts []part
	for _, flow := range difference.Opened {
		if a.shows(flow.From, flow.To) {
			parts = append(parts, newPart(flow.From, flow.To, portsOf(flow.Ports)))
		}
	}
	for _, change := range difference.Changed {
		opened := portsOf(change.After).minus(portsOf(change.Before))
		if a.shows(change.From, change.To) && len(opened) > 0 {
			parts = append(parts, newPart(change.From, change.To, opened))
		}
	}
	return parts, nil
}

func newPart(from, to network.End, ports portSet) part {
	p := part{ports: ports}
	for _, end := range []network.End{from, to} {
		if end.Addresses != nil {
			p.addresses = end.Addresses
		}
		if end.Pods != nil {
			p.pods = end.Pods
		}
	}
	return p
}

// shows says whether a flow is between the arrow's two ends.
func (a *arrow) shows(from, to network.End) bool {
	return a.from.shows(from, fromPod) && a.to.shows(to, toPod)
}

func (s side) shows(end network.End, pod network.Ref) bool {
	switch {
	case s.peer == nil:
		pod.Namespace = s.namespace
		return end.Workload != nil && *end.Workload == pod
	case s.peer.NamespaceSelector != nil:
		return end.Pods != nil
	}
	return end.Addresses != nil
}

// cluster has the arrow's two pods, and of the grants' policies those of their
// namespaces. The end of a grant's own namespace is closed otherwise; one that is
// not asked is open.
func (a *arrow) cluster(grants []*grant) (*network.Cluster, error) {
	objects := network.Objects{}
	seen := map[string]bool{}
	for _, end := range []struct {
		side
		pod   network.Ref
		asked bool
	}{{a.from, fromPod, a.out != nil}, {a.to, toPod, a.in != nil}} {
		if end.peer != nil {
			continue
		}
		objects.Workloads = append(objects.Workloads, network.Workload{
			Namespace: end.namespace, Name: end.pod.Name, Kind: end.pod.Kind, Labels: end.labels,
		})
		if seen[end.namespace] {
			continue
		}
		seen[end.namespace] = true
		if end.place != nil {
			objects.Namespaces = append(objects.Namespaces, network.Namespace{Name: end.namespace, Labels: end.place.labels})
		}
		if end.asked {
			objects.Policies = append(objects.Policies, closed(end.namespace))
		}
	}
	for _, g := range grants {
		if g.at.cluster == a.from.cluster && seen[g.at.namespace] {
			objects.Policies = append(objects.Policies, g.policy)
		}
	}
	cluster, err := network.New(objects)
	if err != nil {
		return nil, fmt.Errorf("evaluate what %s lets through: %w", a.because(), err)
	}
	return cluster, nil
}

// closed denies everything in both directions.
func closed(namespace string) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "closed"},
		Spec: networkingv1.NetworkPolicySpec{
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		},
	}
}

// portsOfParts joins the ports of all parts.
func portsOfParts(parts []part) portSet {
	var all portSet
	for _, p := range parts {
		all = all.union(p.ports)
	}
	return all
}
