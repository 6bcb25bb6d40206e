package cluster

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"tenure.dev/k8s/manifest"
)

// maxOwnSpec is how long the spec of a policy may be, in bytes of its JSON, for it
// to be kept: tenants write them, and nothing else bounds what they cost. Ordinary
// ones have a few hundred.
const maxOwnSpec = 64 << 10

// OwnPolicies are the NetworkPolicies that Tenure did not put into the cluster: those
// of the tenants and of the platform.
type OwnPolicies struct {
	Policies []*networkingv1.NetworkPolicy // by namespace and name; not to be changed
	Unjudged []UnjudgedPolicy              // those of which nobody can say what they let through; by namespace and name
}

// UnjudgedPolicy is a NetworkPolicy whose spec was not kept.
type UnjudgedPolicy struct {
	Namespace, Name string
	Why             string // what hinders: "too large to judge …"
}

// keptPolicy is what is kept of one NetworkPolicy.
type keptPolicy struct {
	selects  *networkingv1.NetworkPolicy // without its rules; nil when it cannot be read
	own      *networkingv1.NetworkPolicy // with its rules; nil when it is Tenure's, or unjudged
	unjudged string                      // why it is neither
}

// All lists the policies that are not Tenure's by their label, in every namespace,
// with their rules. As with NetworkPolicies, nothing is known before all there are
// have been heard of, nor while the watch does not hold.
func (p *Policies) All() (own OwnPolicies, known bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if !p.listed || p.problem != "" {
		return OwnPolicies{}, false
	}
	for namespace, policies := range p.known {
		for name, kept := range policies {
			switch {
			case kept.own != nil:
				own.Policies = append(own.Policies, kept.own)
			case kept.unjudged != "":
				own.Unjudged = append(own.Unjudged, UnjudgedPolicy{Namespace: namespace, Name: name, Why: kept.unjudged})
			}
		}
	}
	slices.SortFunc(own.Policies, func(a, b *networkingv1.NetworkPolicy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(own.Unjudged, func(a, b UnjudgedPolicy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return own, true
}

// keep reads a policy. The error says why all of it, or what it lets through, cannot
// be read; what is given is to be kept even then.
func keep(source *unstructured.Unstructured) (keptPolicy, error) {
	meta := metav1.ObjectMeta{Namespace: source.GetNamespace(), Name: source.GetName()}
	ours := source.GetLabels()[manifest.LabelManagedBy] == manifest.ManagedBy
	var policy networkingv1.NetworkPolicy
	err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(map[string]any{"spec": source.Object["spec"]}, &policy, true)
	kept := keptPolicy{}
	if err == nil || runtime.IsStrictDecodingError(err) {
		kept.selects = &networkingv1.NetworkPolicy{
			ObjectMeta: meta,
			Spec:       networkingv1.NetworkPolicySpec{PodSelector: policy.Spec.PodSelector, PolicyTypes: policy.Spec.PolicyTypes},
		}
	}
	if ours {
		if kept.selects != nil {
			err = nil // a field not known here matters to nobody
		}
		return kept, err
	}
	if err != nil {
		// A field that this code does not know could open more than the others say.
		kept.unjudged = "it cannot be read"
		return kept, err
	}
	spec, err := json.Marshal(source.Object["spec"])
	switch {
	case err != nil:
		kept.unjudged = "it cannot be read"
		return kept, fmt.Errorf("encode its spec: %w", err)
	case len(spec) > maxOwnSpec:
		kept.unjudged = fmt.Sprintf("too large to judge: its spec has %d bytes, and %d are judged", len(spec), maxOwnSpec)
	default:
		kept.own = &networkingv1.NetworkPolicy{ObjectMeta: meta, Spec: policy.Spec}
	}
	return kept, nil
}
