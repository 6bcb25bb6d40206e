package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"tenure.dev/workflow"
)

// exceptions opens what the namespace was given beyond DNS and the platform's
// flows, one policy for each entry, by request and direction. They do not live
// as long as their namespace, so Argo CD prunes them: what is gone with them is
// an opening.
func (p place) exceptions(policy workflow.Policy) ([]granted, error) {
	objects := make([]granted, 0, len(p.grant.Network))
	for _, exception := range slices.SortedFunc(slices.Values(p.grant.Network), byRequest) {
		object, err := p.exception(policy, exception)
		if err != nil {
			return nil, fmt.Errorf("network exception of request %d, %s: %w", exception.Request, exception.Direction, err)
		}
		objects = append(objects, granted{Typed: object, request: exception.Request, until: exception.Until.UTC()})
	}
	return objects, nil
}

// byRequest orders exceptions as the tenancy's document does.
func byRequest(a, b workflow.NetworkException) int {
	return cmp.Or(cmp.Compare(a.Request, b.Request), cmp.Compare(a.Direction, b.Direction))
}

// exception renders one entry. Every part of it is checked again, although only
// checked entries are ever approved: a rule with a part missing is an open one.
func (p place) exception(policy workflow.Policy, e workflow.NetworkException) (Typed, error) {
	switch {
	case e.Request < 0: // 0 is a preview, which has no number yet; what was approved always has one
		return nil, errors.New("no request has that number")
	case e.Direction != workflow.Ingress && e.Direction != workflow.Egress:
		return nil, fmt.Errorf("there is no direction %q", e.Direction)
	case !isEnd(e.Until):
		return nil, errors.New("its end is not a moment in whole seconds")
	case len(e.Ports) == 0:
		return nil, errors.New("it names no port, which would open all of them")
	}
	pods := &metav1.LabelSelector{MatchLabels: e.Pods}
	if err := checkSelector("pods", pods); err != nil {
		return nil, err
	}
	meta := p.meta(e.ObjectName(), waveNetwork, e.Request)
	meta.Annotations[AnnotationUntil] = e.Until.UTC().Format(time.RFC3339)
	if peer := e.Peer(); peer != nil && peer.FQDN != "" {
		return p.fqdnPolicy(policy.Clusters[p.grant.Cluster].NetworkEngine, meta, e)
	}
	rules, err := flowRules(e.Direction, e.From, e.To, e.Ports, func(peer workflow.FlowPeer) ([]networkingv1.NetworkPolicyPeer, error) {
		return p.exceptionPeers(policy, peer)
	})
	if err != nil {
		return nil, err
	}
	rules.PodSelector = *pods
	return &networkingv1.NetworkPolicy{TypeMeta: typeMeta(networkingv1.SchemeGroupVersion, "NetworkPolicy"), ObjectMeta: meta, Spec: rules}, nil
}

// exceptionPeers gives the other side of an exception. Namespaces are named
// there, never selected by labels, which others may set.
func (p place) exceptionPeers(policy workflow.Policy, peer workflow.FlowPeer) ([]networkingv1.NetworkPolicyPeer, error) {
	if peer.NamespaceSelector != nil || peer.PodSelector != nil {
		return nil, errors.New("selectors are for the platform's flows")
	}
	if !peer.Internet {
		return flowPeers(peer)
	}
	if peer.Namespace != "" || peer.CIDR != "" || len(peer.PodLabels)+len(peer.Except) > 0 {
		return nil, errors.New("the internet is a peer of its own")
	}
	return internet(policy.InternetRanges(), policy.Clusters[p.grant.Cluster].NetworkEngine)
}

// internet gives the public addresses as peers. Azure Network Policy Manager
// takes no policy in which an IPv6 address stands, and leaves out all of it
// (ErrUnsupportedIPAddress in npm/pkg/controlplane/translation of
// Azure/azure-container-networking), so it gets those of IPv4 alone.
func internet(ranges []workflow.FlowPeer, engine workflow.NetworkEngine) ([]networkingv1.NetworkPolicyPeer, error) {
	var peers []networkingv1.NetworkPolicyPeer
	for _, addresses := range ranges {
		block, err := ipBlock(addresses)
		if err != nil {
			return nil, fmt.Errorf("the internet's addresses: %w", err)
		}
		if engine == workflow.EngineAzure && strings.Contains(block.CIDR, ":") {
			continue
		}
		peers = append(peers, networkingv1.NetworkPolicyPeer{IPBlock: block})
	}
	if len(peers) == 0 {
		return nil, errors.New("the internet has no addresses")
	}
	return peers, nil
}
