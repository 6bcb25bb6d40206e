package admission

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
)

// operators change one part of an object each, by what they do.
type operators map[string]func(tree)

// mutator takes up one operator.
type mutator func(what string, change func(tree))

func (o operators) add(what string, change func(tree)) {
	if o[what] != nil {
		panic("two operators are called " + what)
	}
	o[what] = change
}

// on gives a copy of an object, changed by one of the operators.
func (o operators) on(t testing.TB, object tree, what string) tree {
	changed := clone(t, object)
	o[what](changed)
	return changed
}

// mutants change one field of a live object so that it grants more, limits less,
// or is no longer what its selectors and owners say: one operator for each field,
// each with its name. Nobody may write what they make.
func mutants(object tree) operators {
	found := operators{}
	mutate := mutator(found.add)
	mutateMetadata(object, mutate)
	switch object["kind"] {
	case "ResourceQuota":
		mutateQuota(object, mutate)
	case "LimitRange":
		mutateLimits(object, mutate)
	case "RoleBinding":
		mutateBinding(object, mutate)
	case "ServiceAccount":
		mutate("pull secrets", func(o tree) { set(o, []any{tree{"name": "pull"}}, "imagePullSecrets") })
		mutate("secrets", func(o tree) { set(o, []any{tree{"name": "token"}}, "secrets") })
		mutate("mount its token", func(o tree) { set(o, true, "automountServiceAccountToken") })
		mutate("mount its token as it is by default", func(o tree) { delete(o, "automountServiceAccountToken") })
	case "NetworkPolicy":
		mutateNetworkPolicy(object, mutate)
	case "CiliumNetworkPolicy":
		mutateCiliumPolicy(object, mutate)
	}
	return found
}

// mutateMetadata: labels select, annotations tell controllers what to do, an owner
// ends the object with itself, and a finalizer keeps it.
func mutateMetadata(object tree, mutate mutator) {
	for key := range at(object, "metadata", "labels").(tree) {
		if key == "kubernetes.io/metadata.name" {
			continue // the API server's own
		}
		value := "privileged"
		if strings.HasSuffix(key, "-version") {
			value = "latest" // the API server takes no other words
		}
		mutate("change label "+key, func(o tree) { set(o, value, "metadata", "labels", key) })
		mutate("drop label "+key, func(o tree) { delete(at(o, "metadata", "labels").(tree), key) })
	}
	mutate("one more label", func(o tree) { set(o, "enabled", "metadata", "labels", "istio-injection") })
	mutate("one more annotation", func(o tree) {
		set(o, "pool=system", "metadata", "annotations", "scheduler.alpha.kubernetes.io/node-selector")
	})
	mutate("an owner", func(o tree) {
		set(o, []any{tree{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1"}}, "metadata", "ownerReferences")
	})
	mutate("a finalizer", func(o tree) { set(o, []any{"example.com/keep"}, "metadata", "finalizers") })
}

// bookings change one annotation of a live object that says by which request and
// revision it came. They grant nothing; only the GitOps identity writes them.
func bookings(object tree) operators {
	found := operators{}
	for key := range at(object, "metadata", "annotations").(tree) {
		if bookkeeping[key] {
			continue // Argo CD's own, or kubectl's
		}
		found.add("change annotation "+key, func(o tree) { set(o, "another", "metadata", "annotations", key) })
		found.add("drop annotation "+key, func(o tree) { delete(at(o, "metadata", "annotations").(tree), key) })
	}
	return found
}

// oneMore is the least that is more of an amount.
func oneMore(name string, amount any) string {
	more := resource.MustParse(amount.(string))
	if strings.HasSuffix(name, "cpu") {
		more.Add(resource.MustParse("1m"))
	} else {
		more.Add(resource.MustParse("1"))
	}
	return more.String()
}

func mutateQuota(object tree, mutate mutator) {
	for key, amount := range at(object, "spec", "hard").(tree) {
		mutate("raise "+key, func(o tree) { set(o, oneMore(key, amount), "spec", "hard", key) })
		mutate("no limit of "+key, func(o tree) { delete(at(o, "spec", "hard").(tree), key) })
		mutate("no amount of "+key, func(o tree) { set(o, "many", "spec", "hard", key) })
	}
	mutate("no limits at all", func(o tree) { set(o, tree{}, "spec", "hard") })
	mutate("only some pods", func(o tree) { set(o, []any{"BestEffort"}, "spec", "scopes") })
	mutate("only selected pods", func(o tree) {
		set(o, tree{"matchExpressions": []any{tree{"scopeName": "PriorityClass", "operator": "Exists"}}}, "spec", "scopeSelector")
	})
}

func mutateLimits(object tree, mutate mutator) {
	for _, list := range []string{"default", "defaultRequest"} {
		amounts, _ := at(object, "spec", "limits", 0).(tree)[list].(tree)
		for key, amount := range amounts {
			mutate("raise "+list+" of "+key, func(o tree) { set(o, oneMore(key, amount), "spec", "limits", 0, list, key) })
			mutate("no "+list+" of "+key, func(o tree) { delete(at(o, "spec", "limits", 0, list).(tree), key) })
		}
		mutate("no "+list, func(o tree) { delete(at(o, "spec", "limits", 0).(tree), list) })
	}
	mutate("limits of pods", func(o tree) { set(o, "Pod", "spec", "limits", 0, "type") })
	mutate("limits of another kind", func(o tree) { set(o, tree{"cpu": "1"}, "spec", "limits", 0, "max") })
	mutate("limits twice", func(o tree) {
		limits := at(o, "spec", "limits").([]any)
		set(o, append(slices.Clone(limits), limits[0]), "spec", "limits")
	})
	mutate("no limits", func(o tree) { set(o, []any{}, "spec", "limits") })
}

func mutateBinding(object tree, mutate mutator) {
	const group = "rbac.authorization.k8s.io"
	other := map[any]string{"tenure:view": "tenure:edit", "tenure:edit": "tenure:admin", "tenure:admin": "tenure:view"}[at(object, "roleRef", "name")]
	mutate("another role", func(o tree) { set(o, other, "roleRef", "name") })
	mutate("every right", func(o tree) { set(o, "cluster-admin", "roleRef", "name") })
	mutate("a role of the tenant's", func(o tree) { set(o, "Role", "roleRef", "kind") })
	mutate("a role of another group", func(o tree) { set(o, "example.com", "roleRef", "apiGroup") })
	mutate("another role, and nobody yet", func(o tree) {
		set(o, other, "roleRef", "name")
		set(o, []any{}, "subjects")
	})
	for what, subject := range map[string]tree{
		"one more user":            {"apiGroup": group, "kind": "User", "name": "eve"},
		"one more group":           {"apiGroup": group, "kind": "Group", "name": "system:authenticated"},
		"one more service account": {"kind": "ServiceAccount", "name": "default", "namespace": "search-dev"},
	} {
		mutate(what, func(o tree) { set(o, append(at(o, "subjects").([]any), subject), "subjects") })
		mutate(what+" instead", func(o tree) { set(o, []any{subject}, "subjects") })
	}
	for i, subject := range at(object, "subjects").([]any) {
		kind := map[any]string{"User": "Group", "Group": "User", "ServiceAccount": "User"}[subject.(tree)["kind"]]
		which := fmt.Sprint(" of subject ", i)
		mutate("another name"+which, func(o tree) { set(o, "eve", "subjects", i, "name") })
		mutate("another kind"+which, func(o tree) { set(o, kind, "subjects", i, "kind") })
		mutate("another group"+which, func(o tree) { set(o, "example.com", "subjects", i, "apiGroup") })
		mutate("another namespace"+which, func(o tree) { set(o, "kube-system", "subjects", i, "namespace") })
	}
}

// narrowings change one part of an object so that it grants less. What
// NetworkPolicies mean is compared, so they may look like anything.
func narrowings(object tree) operators {
	found := operators{}
	narrow := mutator(found.add)
	switch object["kind"] {
	case "ResourceQuota":
		for key, amount := range at(object, "spec", "hard").(tree) {
			if amount == "0" {
				continue
			}
			narrow("none of "+key, func(o tree) { set(o, "0", "spec", "hard", key) })
		}
		narrow("one kind more counted", func(o tree) { set(o, "3", "spec", "hard", "count/replicasets.apps") })
	case "LimitRange":
		for _, list := range []string{"default", "defaultRequest"} {
			for key := range at(object, "spec", "limits", 0, list).(tree) {
				narrow("less "+list+" of "+key, func(o tree) { set(o, "1m", "spec", "limits", 0, list, key) })
			}
		}
	case "RoleBinding":
		narrow("nobody", func(o tree) { set(o, []any{}, "subjects") })
	case "NetworkPolicy":
		narrowNetworkPolicy(object, narrow)
	}
	return found
}
