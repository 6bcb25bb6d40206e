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

// partSteps is how many steps naming the parts may take, beyond the verdict itself.
// Then parts are named less exactly, or the policy as a whole cannot be judged; it is
// refused either way.
const partSteps = 1_000_000

// maxSinglePorts is up to how many ports of a rule each is tried by itself.
const maxSinglePorts = 32

// wideParts names the parts of a policy that let through more than is granted, maxWide
// at most: to the peer or, where only some of a rule's ports do, to the port. Rules,
// peers and ports only add, so each is tried by itself. The policy as a whole is known
// to let through more.
func wideParts(policy *networkingv1.NetworkPolicy, granted *network.Grants) ([]widePart, error) {
	beyond, err := granted.Beyond(policy, maxWide)
	if err != nil {
		return nil, err
	}
	if len(beyond) == 0 {
		return nil, errors.New("all of it lets through more than is granted, and no part of it does")
	}
	metered := granted.Metered(partSteps)
	var found []widePart
	for _, b := range beyond {
		direction, side := networkingv1.PolicyTypeIngress, "from"
		if b.Witness.Direction == network.Egress {
			direction, side = networkingv1.PolicyTypeEgress, "to"
		}
		whole := partsOf(policy, direction)[b.Rule]
		path := fmt.Sprintf("spec.%s[%d].", directionWord(direction), b.Rule)
		field := path + side
		if b.Peer >= 0 {
			whole.peers = whole.peers[b.Peer : b.Peer+1]
			field = fmt.Sprintf("%s[%d]", field, b.Peer)
		}
		ports := widePorts(whole, metered, path)
		if ports == nil {
			ports = []widePart{{whole, path, field, true, b.Witness}}
		}
		found = append(found, ports[:min(len(ports), maxWide-len(found))]...)
	}
	return found, nil
}

// widePorts names those of a part's ports that let through more than is granted; nil
// where all do, or where that takes too long to say.
func widePorts(whole part, granted *network.Grants, rule string) []widePart {
	if len(whole.ports) > maxSinglePorts {
		return nil
	}
	var ports []widePart
	for k := range whole.ports {
		single := whole
		single.ports = whole.ports[k : k+1]
		witness, within, err := granted.Within(single.policy())
		if err != nil {
			return nil
		}
		if !within {
			ports = append(ports, widePart{single, rule, fmt.Sprintf("%sports[%d]", rule, k), false, witness})
		}
	}
	if len(ports) == len(whole.ports) {
		return nil
	}
	return ports
}
