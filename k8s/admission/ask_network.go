package admission

import (
	"fmt"
	"maps"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"tenure.dev/workflow"
)

// askNetwork is where to ask for a network exception: the form, filled in with what
// a part of a NetworkPolicy would open. What the form cannot say is left open.
func (o *Object) askNetwork(p *part) string {
	known := workflow.NetworkChange{Cluster: o.Snapshot.Cluster, Namespace: o.Namespace}
	if p != nil {
		known.Direction = workflow.FlowDirection(directionWord(p.direction))
		known.Pods, known.Ports = selectorText(&p.pods.Spec.PodSelector), portsText(p.ports)
		if len(p.peers) > 0 {
			setPeer(&known, p.peers[0])
		}
	}
	return o.Snapshot.askFor("a network exception", known.Link(""))
}

// setPeer fills in the other side of a flow.
func setPeer(known *workflow.NetworkChange, peer networkingv1.NetworkPolicyPeer) {
	if block := peer.IPBlock; block != nil {
		if all, err := netip.ParsePrefix(block.CIDR); err == nil && all.Bits() == 0 {
			known.Peer = workflow.PeerInternet
			return
		}
		known.Peer, known.CIDR, known.Except = workflow.PeerCIDR, block.CIDR, strings.Join(block.Except, ", ")
		return
	}
	known.Peer = workflow.PeerNamespace
	if peer.NamespaceSelector == nil {
		known.PeerNamespace = known.Namespace
	} else if named, ok := onlyLabels(peer.NamespaceSelector); ok {
		known.PeerNamespace = named[corev1.LabelMetadataName]
	}
	if peer.PodSelector != nil {
		known.PeerPods = selectorText(peer.PodSelector)
	}
}

// onlyLabels gives the labels that a selector asks for, where it asks for nothing
// else.
func onlyLabels(selector *metav1.LabelSelector) (map[string]string, bool) {
	asked := maps.Clone(selector.MatchLabels)
	for _, e := range selector.MatchExpressions {
		if e.Operator != metav1.LabelSelectorOpIn || len(e.Values) != 1 {
			return nil, false
		}
		if asked == nil {
			asked = map[string]string{}
		}
		asked[e.Key] = e.Values[0]
	}
	return asked, true
}

// selectorText writes a selector as the form takes it, "app=api, tier=web"; empty
// for every pod, and for what the form cannot say.
func selectorText(selector *metav1.LabelSelector) string {
	asked, ok := onlyLabels(selector)
	if !ok {
		return ""
	}
	return workflow.LabelsTyped(asked)
}

// portsText writes ports as the form takes them, "TCP 5432, TCP 8000-8100". A port
// that is named, or missing, cannot be asked for.
func portsText(ports []networkingv1.NetworkPolicyPort) string {
	var texts []string
	for _, p := range ports {
		if p.Port == nil || p.Port.StrVal != "" {
			continue
		}
		protocol := corev1.ProtocolTCP
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		text := fmt.Sprintf("%s %d", protocol, p.Port.IntVal)
		if p.EndPort != nil && *p.EndPort != p.Port.IntVal {
			text += fmt.Sprintf("-%d", *p.EndPort)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}
