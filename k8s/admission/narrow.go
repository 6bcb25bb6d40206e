package admission

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// widenings compares a write of the GitOps identity with the approved object
// and with the live one. What it finds is granted afterwards and by neither of
// them. So an older revision may be applied again where it grants less, and a
// tampered object may be brought back in parts.
type widenings struct {
	kind                  schema.GroupKind
	approved, before, now fields

	namespace string
	// closed says whether another approved NetworkPolicy than this one closes a
	// direction for every pod.
	closed func(networkingv1.PolicyType) bool
}

// widening is one field that grants more.
type widening struct{ field, value, why string }

// comparison is one thing of which a write must not grant more, in the kinds that
// have it. None stands in for another: without any one of them something widens.
type comparison struct {
	what string
	in   func(schema.GroupKind) bool
	find func(widenings) []widening
}

var comparisons = []comparison{
	{"labels", notNamespaces, widenings.labels},
	{"annotations", everyKind, widenings.annotations},
	{"owners", everyKind, widenings.owners},
	{"finalizers", everyKind, widenings.finalizers},
	{"what a quota counts", kindNamed("ResourceQuota"), widenings.quotaScope},
	{"amounts of a quota", kindNamed("ResourceQuota"), widenings.quotaAmounts},
	{"amounts gone from a quota", kindNamed("ResourceQuota"), widenings.quotaAmountsGone},
	{"limits", kindNamed("LimitRange"), widenings.limits},
	{"amounts of limits", kindNamed("LimitRange"), widenings.limitAmounts},
	{"role", kindNamed("RoleBinding"), widenings.role},
	{"subjects", kindNamed("RoleBinding"), widenings.subjects},
	{"closed directions", networkPolicies, widenings.directions},
	{"pods for which they are closed", networkPolicies, widenings.pods},
	{"openings", networkPolicies, widenings.openings},
	{"everything else", comparedAsAWhole, widenings.whole},
}

func everyKind(schema.GroupKind) bool { return true }

// notNamespaces: the labels of a Namespace are the rule namespace's.
func notNamespaces(kind schema.GroupKind) bool { return kind != namespaceKind }

func networkPolicies(kind schema.GroupKind) bool { return kind == networkPolicyKind }

func kindNamed(name string) func(schema.GroupKind) bool {
	return func(kind schema.GroupKind) bool { return kind.Kind == name }
}

// comparedAsAWhole are the kinds of which nothing may differ. Of a Namespace, all
// beside the metadata is the namespace controller's.
func comparedAsAWhole(kind schema.GroupKind) bool {
	switch kind.Kind {
	case "Namespace", "ResourceQuota", "LimitRange", "RoleBinding":
		return false
	}
	return kind != networkPolicyKind
}

// find gives everything that widens by any of the comparisons.
func (w widenings) find(by []comparison) []widening {
	var found []widening
	for _, c := range by {
		if c.in(w.kind) {
			found = append(found, c.find(w)...)
		}
	}
	return found
}

// labels select.
func (w widenings) labels() []widening {
	var found []widening
	for _, key := range departed(w.approved.labels, w.before.labels, w.now.labels) {
		found = append(found, widening{"metadata.labels[" + key + "]", w.now.labels[key], approvedText(w.approved.labels, key)})
	}
	return found
}

// annotations tell others what to do, save those that change with the revision
// that is applied.
func (w widenings) annotations() []widening {
	var found []widening
	for _, key := range departed(w.approved.annotations, w.before.annotations, w.now.annotations) {
		if strings.HasPrefix(key, "tenure.dev/") || strings.HasPrefix(key, "argocd.argoproj.io/") || bookkeeping[key] {
			continue
		}
		found = append(found, widening{"metadata.annotations[" + key + "]", w.now.annotations[key], approvedText(w.approved.annotations, key)})
	}
	return found
}

// owners end the object when they end.
func (w widenings) owners() []widening {
	if within(w.now.owners, w.before.owners) {
		return nil
	}
	return []widening{{"metadata.ownerReferences", "", "no owner was approved: the object would go when its owner goes."}}
}

// finalizers keep the object.
func (w widenings) finalizers() []widening {
	if within(w.now.finalizers, w.before.finalizers) {
		return nil
	}
	return []widening{{"metadata.finalizers", "", "no finalizer was approved."}}
}

// whole: what is compared field by field and not by what it means.
func (w widenings) whole() []widening {
	path, same := sameBody("", w.approved.body, w.now.body)
	if same || equal(w.before.body, w.now.body) {
		return nil
	}
	return []widening{{path, w.now.text(path), "this is not what was approved."}}
}

// departed lists the keys whose value is neither the approved nor the live one.
func departed(approved, before, now map[string]string) []string {
	keys := map[string]bool{}
	for key := range now {
		keys[key] = true
	}
	for key := range approved {
		keys[key] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(keys)), func(key string) bool {
		return sameEntry(now, approved, key) || (before != nil && sameEntry(now, before, key))
	})
}

func sameEntry(a, b map[string]string, key string) bool {
	av, af := a[key]
	bv, bf := b[key]
	return av == bv && af == bf
}

func approvedText(approved map[string]string, key string) string {
	if value, found := approved[key]; found {
		return fmt.Sprintf("approved is %q.", value)
	}
	return "this was not approved."
}

// role: a binding gives the approved role, or the one that it gave.
func (w widenings) role() []widening {
	if len(w.sameRole()) > 0 {
		return nil
	}
	return []widening{{"roleRef.name", w.now.text("roleRef.name"), fmt.Sprintf("approved is %q.", w.approved.text("roleRef.name"))}}
}

// subjects: nobody who neither was approved nor has the role already. Of another
// role nobody's subjects are known.
func (w widenings) subjects() []widening {
	bases := w.sameRole()
	if len(bases) == 0 {
		return nil
	}
	var known []any
	for _, base := range bases {
		list, _ := base.body["subjects"].([]any)
		known = append(known, list...)
	}
	now, _ := w.now.body["subjects"].([]any)
	var found []widening
	for i, subject := range now {
		if !within([]any{subject}, known) {
			object, _ := subject.(map[string]any)
			name, _ := object["name"].(string)
			found = append(found, widening{fmt.Sprintf("subjects[%d]", i), name, "nobody approved that this subject has the role."})
		}
	}
	return found
}

// sameRole gives the approved binding and the live one, where they give the role
// that is written.
func (w widenings) sameRole() []fields {
	return slices.DeleteFunc([]fields{w.approved, w.before}, func(base fields) bool {
		return !equal(base.body["roleRef"], w.now.body["roleRef"])
	})
}
