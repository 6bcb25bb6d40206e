package network

import (
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestExactGrantsHoldWhatThePoliciesOpenAndNotTheNamespaceItself(t *testing.T) {
	own := Namespace{Name: "shop"}
	opens := func(peer networkingv1.NetworkPolicyPeer) *networkingv1.NetworkPolicy {
		return &networkingv1.NetworkPolicy{
			ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "shop"},
			Spec:       networkingv1.NetworkPolicySpec{Ingress: []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{peer}}}},
		}
	}
	inside := opens(networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}})
	range16 := opens(networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: "10.20.0.0/16"}})
	range24 := opens(networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: "10.20.3.0/24"}})
	for name, c := range map[string]struct {
		granted, asked *networkingv1.NetworkPolicy
		within         bool
	}{
		"the same":              {range16, range16, true},
		"less":                  {range16, range24, true},
		"more":                  {range24, range16, false},
		"the namespace itself":  {range16, inside, false},
		"the namespace granted": {inside, inside, true},
	} {
		granted, err := NewExactGrants(own, c.granted)
		if err != nil {
			t.Fatal(err)
		}
		if witness, within, err := granted.Within(c.asked); err != nil || within != c.within {
			t.Errorf("%s: within is %v: %s, %v", name, within, witness, err)
		}
	}
	if _, err := NewExactGrants(Namespace{Name: "other"}, inside); err == nil {
		t.Error("a policy of another namespace is granted")
	}
}
