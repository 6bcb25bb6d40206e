package admission

import (
	"errors"
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"

	"tenure.dev/k8s/network"
)

// maxWide is how many places of one NetworkPolicy a denial names. More would not
// fit into it, and each is looked for.
const maxWide = 16

// part is one rule of a NetworkPolicy in one direction, or one peer of it, or that
// with some of its ports.
type part struct {
	direction networkingv1.PolicyType
	pods      *networkingv1.NetworkPolicy // whose podSelector says which pods it is for
	peers     []networkingv1.NetworkPolicyPeer
	ports     []networkingv1.NetworkPolicyPort
}

// policy is a NetworkPolicy that is nothing but the part.
func (p part) policy() *networkingv1.NetworkPolicy {
	single := &networkingv1.NetworkPolicy{ObjectMeta: p.pods.ObjectMeta}
	single.Spec.PodSelector = p.pods.Spec.PodSelector
	single.Spec.PolicyTypes = []networkingv1.PolicyType{p.direction}
	if p.direction == networkingv1.PolicyTypeEgress {
		single.Spec.Egress = []networkingv1.NetworkPolicyEgressRule{{To: p.peers, Ports: p.ports}}
	} else {
		single.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{From: p.peers, Ports: p.ports}}
	}
	return single
}

// partsOf gives the rules of a NetworkPolicy in a direction; none where it does not
// police that.
func partsOf(policy *networkingv1.NetworkPolicy, direction networkingv1.PolicyType) []part {
	var parts []part
	switch {
	case !polices(&policy.Spec, direction):
	case direction == networkingv1.PolicyTypeEgress:
		for _, rule := range policy.Spec.Egress {
			parts = append(parts, part{direction, policy, rule.To, rule.Ports})
		}
	default:
		for _, rule := range policy.Spec.Ingress {
			parts = append(parts, part{direction, policy, rule.From, rule.Ports})
		}
	}
	return parts
}

// widePart is a part that lets through more than is granted, and where it stands.
type widePart struct {
	part
	rule    string // the path of its rule: "spec.egress[0]."
	field   string // the path of the part
	whole   bool   // with each of its ports alone, too
	witness network.Witness
}

// wideParts names every part of a policy that lets through more than is granted: to
// the peer or, where only some of a rule's ports do, to the port. Rules, peers and
// ports only add, so each is tried by itself. The policy as a whole is known to let
// through more.
func wideParts(policy *networkingv1.NetworkPolicy, granted *network.Grants) ([]widePart, error) {
	var found []widePart
	for _, direction := range directions {
		side := "from"
		if direction == networkingv1.PolicyTypeEgress {
			side = "to"
		}
		for i, rule := range partsOf(policy, direction) {
			path := fmt.Sprintf("spec.%s[%d].", directionWord(direction), i)
			if len(rule.peers) == 0 { // everybody
				if err := addWide(&found, granted, rule, path, path+side); err != nil {
					return nil, err
				}
			}
			for j := range rule.peers {
				peer := rule
				peer.peers = rule.peers[j : j+1]
				if err := addWide(&found, granted, peer, path, fmt.Sprintf("%s%s[%d]", path, side, j)); err != nil {
					return nil, err
				}
			}
		}
	}
	if len(found) == 0 {
		return nil, errors.New("all of it lets through more than is granted, and no part of it does")
	}
	return found, nil
}

// addWide tries one peer with all ports of its rule and, where that is too wide, with
// each of them.
func addWide(found *[]widePart, granted *network.Grants, peer part, rule, field string) error {
	if len(*found) >= maxWide {
		return nil
	}
	witness, within, err := granted.Within(peer.policy())
	if err != nil || within {
		return err
	}
	var ports []widePart
	for k := range peer.ports {
		single := peer
		single.ports = peer.ports[k : k+1]
		witness, within, err := granted.Within(single.policy())
		if err != nil {
			return err
		}
		if !within {
			ports = append(ports, widePart{single, rule, fmt.Sprintf("%sports[%d]", rule, k), false, witness})
		}
	}
	if len(ports) == len(peer.ports) {
		ports = []widePart{{peer, rule, field, true, witness}}
	}
	*found = append(*found, ports...)
	return nil
}
