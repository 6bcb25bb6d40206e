package admission

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"tenure.dev/k8s/manifest"
	"tenure.dev/k8s/network"
)

// NetworkPolicies are compared by what they mean: what the policy lets through
// afterwards, the approved one lets through or the live one did; and what both of
// them kept closed, it keeps closed. So one may be narrowed, and brought back in
// parts.

// policies reads the three; approved and before are nil where there is none. What
// cannot be read, or is too large, lets nothing through that is known, and closes
// nothing.
func (w widenings) policies() (approved, before, now *networkingv1.NetworkPolicy, err error) {
	if now, err = w.now.limitedPolicy(); err != nil {
		return nil, nil, nil, err
	}
	approved, _ = w.approved.networkPolicy()
	before, _ = w.before.limitedPolicy()
	return approved, before, now, nil
}

// samePolicy says whether nothing but metadata differs from the approved or the
// live one.
func (w widenings) samePolicy() bool {
	return equal(w.now.body, w.approved.body) || equal(w.now.body, w.before.body)
}

// openings: nothing is let through that neither of the others lets through.
func (w widenings) openings() []widening {
	if w.samePolicy() {
		return nil
	}
	parts, err := w.opened()
	if err != nil {
		return []widening{{"spec", "", fmt.Sprintf("it cannot be judged: %v.", err)}}
	}
	var found []widening
	for _, p := range parts {
		found = append(found, widening{p.field, p.witness.String(), "nobody approved this opening."})
	}
	return found
}

func (w widenings) opened() ([]widePart, error) {
	approved, before, now, err := w.policies()
	if err != nil {
		return nil, err
	}
	bases := slices.DeleteFunc([]*networkingv1.NetworkPolicy{approved, before}, func(base *networkingv1.NetworkPolicy) bool { return base == nil })
	granted, err := network.NewExactGrants(network.Namespace{Name: w.namespace}, bases...)
	if err != nil {
		return nil, err
	}
	if _, within, err := granted.Within(now); err != nil || within {
		return nil, err
	}
	return wideParts(now, granted)
}

// directions: what was approved to be closed is policed.
func (w widenings) directions() []widening {
	var found []widening
	w.eachClosed(func(direction networkingv1.PolicyType, _, _, now *networkingv1.NetworkPolicy) {
		if !polices(&now.Spec, direction) {
			found = append(found, widening{"spec.policyTypes", "", fmt.Sprintf("%s was approved to be closed.", directionWord(direction))})
		}
	})
	return found
}

// pods: what was approved to be closed is for as many pods.
func (w widenings) pods() []widening {
	var found []widening
	w.eachClosed(func(direction networkingv1.PolicyType, approved, before, now *networkingv1.NetworkPolicy) {
		if !polices(&now.Spec, direction) || selectsEvery(now) || samePods(now, approved) ||
			(before != nil && samePods(now, before) && polices(&before.Spec, direction)) {
			return
		}
		found = append(found, widening{"spec.podSelector", "", fmt.Sprintf("for other pods, too, %s was approved to be closed.", directionWord(direction))})
	})
	return found
}

// eachClosed goes over the directions that the approved policy closes and that the
// written one must. One that opens something may leave that to another approved
// policy that closes the direction for every pod; and what is not closed live, or
// for other pods, may stay so.
func (w widenings) eachClosed(visit func(direction networkingv1.PolicyType, approved, before, now *networkingv1.NetworkPolicy)) {
	if w.samePolicy() {
		return
	}
	approved, before, now, err := w.policies()
	if err != nil || approved == nil {
		return // what cannot be read, openings refuses
	}
	for _, direction := range directions {
		switch {
		case !polices(&approved.Spec, direction):
		case len(partsOf(approved, direction)) > 0 && w.closed(direction): // it only opens
		case before != nil && !polices(&before.Spec, direction): // nor was it closed before
		default:
			visit(direction, approved, before, now)
		}
	}
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
