package admission

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"tenure.dev/k8s/manifest"
	"tenure.dev/k8s/network"
)

// networkPolicy compares NetworkPolicies by what they mean: what the policy lets
// through afterwards, the approved one lets through or the live one did; and what
// both of them kept closed, it keeps closed. So one may be narrowed, and brought back
// in parts.
func (w widenings) networkPolicy() []widening {
	if equal(w.now.body, w.approved.body) || equal(w.now.body, w.before.body) {
		return nil
	}
	now, err := w.now.limitedPolicy()
	if err != nil {
		return []widening{{"spec", "", fmt.Sprintf("it cannot be judged: %v.", err)}}
	}
	// What cannot be read, or is too large, lets nothing through that is known, and
	// closes nothing.
	approved, _ := w.approved.networkPolicy()
	before, _ := w.before.limitedPolicy()
	found := w.unclosed(approved, before, now)
	bases := slices.DeleteFunc([]*networkingv1.NetworkPolicy{approved, before}, func(base *networkingv1.NetworkPolicy) bool { return base == nil })
	granted, err := network.NewExactGrants(network.Namespace{Name: w.namespace}, bases...)
	if err == nil {
		var within bool
		if _, within, err = granted.Within(now); err == nil && within {
			return found
		}
	}
	var parts []widePart
	if err == nil {
		parts, err = wideParts(now, granted)
	}
	if err != nil {
		return append(found, widening{"spec", "", fmt.Sprintf("it cannot be judged: %v.", err)})
	}
	for _, p := range parts {
		found = append(found, widening{p.field, p.witness.String(), "nobody approved this opening."})
	}
	return found
}

// unclosed finds the directions that the policy no longer closes for the pods for
// which the approved one does. One that opens something may leave that to another
// approved policy that closes the direction for every pod; and what is not closed
// live, or for other pods, may stay so.
func (w widenings) unclosed(approved, before, now *networkingv1.NetworkPolicy) []widening {
	if approved == nil {
		return nil
	}
	var found []widening
	for _, direction := range directions {
		selected := selectsEvery(now) || samePods(now, approved) || (before != nil && samePods(now, before) && polices(&before.Spec, direction))
		switch {
		case !polices(&approved.Spec, direction):
		case len(partsOf(approved, direction)) > 0 && w.closed(direction): // it only opens
		case before != nil && !polices(&before.Spec, direction): // nor was it closed before
		case !polices(&now.Spec, direction):
			found = append(found, widening{"spec.policyTypes", "", fmt.Sprintf("%s was approved to be closed.", directionWord(direction))})
		case !selected:
			found = append(found, widening{"spec.podSelector", "", fmt.Sprintf("for other pods, too, %s was approved to be closed.", directionWord(direction))})
		}
	}
	return found
}

func samePods(a, b *networkingv1.NetworkPolicy) bool {
	return equality.Semantic.DeepEqual(a.Spec.PodSelector, b.Spec.PodSelector)
}

// selectsEvery says whether a NetworkPolicy selects every pod of its namespace.
func selectsEvery(policy *networkingv1.NetworkPolicy) bool {
	selector := policy.Spec.PodSelector
	return len(selector.MatchLabels) == 0 && len(selector.MatchExpressions) == 0
}

// stillIsolated says whether a network policy only opens, in every direction it
// names, and another approved one selects all pods in those directions: then
// without it there is less traffic.
func (g *Grant) stillIsolated(object *manifest.Object) bool {
	switch policy := object.Typed.(type) {
	case *manifest.CiliumNetworkPolicy:
		return g.isolates(networkingv1.PolicyTypeEgress, object.Key) // it names no other
	case *networkingv1.NetworkPolicy:
		for _, direction := range directions {
			if polices(&policy.Spec, direction) && (len(partsOf(policy, direction)) == 0 || !g.isolates(direction, object.Key)) {
				return false
			}
		}
		return true
	}
	return false
}

// isolates says whether an approved policy other than the named one selects every
// pod of the namespace in a direction, for as long as the namespace is there.
func (g *Grant) isolates(direction networkingv1.PolicyType, besides manifest.Key) bool {
	for key, object := range g.objects {
		policy := typedPolicy(object)
		if policy != nil && key != besides && object.Until.IsZero() && selectsEvery(policy) && polices(&policy.Spec, direction) {
			return true
		}
	}
	return false
}
