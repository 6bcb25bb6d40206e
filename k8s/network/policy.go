package network

import (
	"slices"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
)

// policy is a NetworkPolicy made ready for the algebra.
type policy struct {
	namespace, name string
	selects         LabelSet // the pods that it is for
	affects         [2]bool  // by direction
	rules           [2][]allowance
	source          *networkingv1.NetworkPolicy
}

// allowance is one peer of one rule with the rule's ports.
type allowance struct {
	peer    peer
	ports   Ports // what the ports mean at the peer
	written Ports // with the names that mean nothing at addresses, see Grants.Within
	// Of the rule in spec.ingress or spec.egress, and of the peer in it; -1 for a
	// rule without peers, which lets everybody through.
	rule, at int
}

// peer is the other side of a rule: pods, or addresses where that is set.
type peer struct {
	spaces, pods LabelSet
	addresses    *netipx.IPSet
}

func anyPod() peer { return peer{spaces: everyNamespace(), pods: everyPod()} }

// side is the index of a direction in a policy.
func (d Direction) side() int {
	if d == Egress {
		return 1
	}
	return 0
}

var directions = [2]Direction{Ingress, Egress}

// String names the policy as namespace/name.
func (p *policy) String() string { return p.namespace + "/" + p.name }

// disjoint says that the two have no pod and no address in common.
func (p peer) disjoint(o peer) bool {
	if (p.addresses == nil) != (o.addresses == nil) {
		return true
	}
	if p.addresses != nil {
		return p.addresses != o.addresses && !p.addresses.Overlaps(o.addresses)
	}
	return p.spaces.disjoint(o.spaces) || p.pods.disjoint(o.pods)
}

// contains says that all of o is in p.
func (p peer) contains(o peer) bool {
	switch {
	case (p.addresses == nil) != (o.addresses == nil):
		return false
	case p.addresses != nil:
		return p.addresses == o.addresses || p.addresses == everyAddress ||
			!slices.ContainsFunc(o.addresses.Ranges(), func(r netipx.IPRange) bool { return !p.addresses.ContainsRange(r) })
	}
	return p.spaces.contains(o.spaces) && p.pods.contains(o.pods)
}

func (p peer) equal(o peer) bool {
	switch {
	case (p.addresses == nil) != (o.addresses == nil):
		return false
	case p.addresses != nil:
		return p.addresses.Equal(o.addresses)
	}
	return p.spaces.equal(o.spaces) && p.pods.equal(o.pods)
}

// empty says that nothing can be such a peer.
func (p peer) empty() bool {
	if p.addresses != nil {
		return noAddress(p.addresses)
	}
	return p.spaces.none || p.pods.none
}
