package differential

import (
	"maps"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// absent is the value of a key that is not there, in what cyclonus is given.
const absent = "ABSENT"

// present gives labels in which every key has a value.
func present(labels map[string]string) map[string]string {
	all := maps.Clone(labels)
	for _, key := range keys {
		if _, has := all[key]; !has {
			all[key] = absent
		}
	}
	return all
}

// translated gives the policies in cyclonus' terms: with the policy types that
// the API server fills in (Ingress always, Egress where there are egress rules),
// and with selectors over labels in which every key has a value.
func translated(policies []*networkingv1.NetworkPolicy) []*networkingv1.NetworkPolicy {
	stored := make([]*networkingv1.NetworkPolicy, len(policies))
	for i, policy := range policies {
		p := policy.DeepCopy()
		if len(p.Spec.PolicyTypes) == 0 {
			p.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
			if len(p.Spec.Egress) > 0 {
				p.Spec.PolicyTypes = append(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
			}
		}
		translate(&p.Spec.PodSelector)
		for _, rule := range p.Spec.Ingress {
			translatePeers(rule.From)
		}
		for _, rule := range p.Spec.Egress {
			translatePeers(rule.To)
		}
		stored[i] = p
	}
	return stored
}

func translatePeers(peers []networkingv1.NetworkPolicyPeer) {
	for i := range peers {
		translate(peers[i].PodSelector)
		translate(peers[i].NamespaceSelector)
	}
}

// translate says by values what the selector says by presence.
func translate(selector *metav1.LabelSelector) {
	if selector == nil {
		return
	}
	for i, e := range selector.MatchExpressions {
		switch e.Operator {
		case metav1.LabelSelectorOpExists:
			e.Operator, e.Values = metav1.LabelSelectorOpNotIn, []string{absent}
		case metav1.LabelSelectorOpDoesNotExist:
			e.Operator, e.Values = metav1.LabelSelectorOpIn, []string{absent}
		}
		selector.MatchExpressions[i] = e
	}
}
