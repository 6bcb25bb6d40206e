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

func (w widenings) find() []widening {
	found := w.metadata()
	switch w.kind.Kind {
	case "Namespace":
		return found // its labels are the rule namespace's
	case "ResourceQuota":
		return append(found, w.resourceQuota()...)
	case "LimitRange":
		return append(found, w.limitRange()...)
	case "RoleBinding":
		return append(found, w.roleBinding()...)
	}
	if w.kind == networkPolicyKind {
		return append(found, w.networkPolicy()...)
	}
	if path, same := sameBody("", w.approved.body, w.now.body); !same && !equal(w.before.body, w.now.body) {
		found = append(found, widening{path, w.now.text(path), "this is not what was approved."})
	}
	return found
}

// metadata: labels that select, owners whose end ends the object, and
// finalizers that keep it.
func (w widenings) metadata() []widening {
	var found []widening
	if w.kind != namespaceKind {
		for _, key := range departed(w.approved.labels, w.before.labels, w.now.labels) {
			found = append(found, widening{"metadata.labels[" + key + "]", w.now.labels[key], approvedText(w.approved.labels, key)})
		}
	}
	for _, key := range departed(w.approved.annotations, w.before.annotations, w.now.annotations) {
		// These change with the revision that is applied and grant nothing.
		if strings.HasPrefix(key, "tenure.dev/") || strings.HasPrefix(key, "argocd.argoproj.io/") || bookkeeping[key] {
			continue
		}
		found = append(found, widening{"metadata.annotations[" + key + "]", w.now.annotations[key], approvedText(w.approved.annotations, key)})
	}
	if !within(w.now.owners, w.before.owners) {
		found = append(found, widening{"metadata.ownerReferences", "", "no owner was approved: the object would go when its owner goes."})
	}
	if !within(w.now.finalizers, w.before.finalizers) {
		found = append(found, widening{"metadata.finalizers", "", "no finalizer was approved."})
	}
	return found
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

// roleBinding: no subject that neither was approved nor has the role already.
func (w widenings) roleBinding() []widening {
	var subjects []any
	known := false
	for _, base := range []fields{w.approved, w.before} {
		if equal(base.body["roleRef"], w.now.body["roleRef"]) {
			list, _ := base.body["subjects"].([]any)
			subjects, known = append(subjects, list...), true
		}
	}
	if !known {
		return []widening{{"roleRef.name", w.now.text("roleRef.name"), fmt.Sprintf("approved is %q.", w.approved.text("roleRef.name"))}}
	}
	now, _ := w.now.body["subjects"].([]any)
	var found []widening
	for i, subject := range now {
		if !within([]any{subject}, subjects) {
			object, _ := subject.(map[string]any)
			name, _ := object["name"].(string)
			found = append(found, widening{fmt.Sprintf("subjects[%d]", i), name, "nobody approved that this subject has the role."})
		}
	}
	return found
}
