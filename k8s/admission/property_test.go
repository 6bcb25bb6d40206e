package admission

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// drawState generates a policy and a tenancy of one or two namespaces.
func drawState(t *rapid.T) *workflow.ApprovedState {
	state := testState()
	state.Policy.PlatformFlows = nil
	for i := range rapid.IntRange(0, 2).Draw(t, "flows") {
		state.Policy.PlatformFlows = append(state.Policy.PlatformFlows, drawFlow(t, fmt.Sprintf("flow-%d", i)))
	}
	amount := func(label, unit string) resource.Quantity {
		return resource.MustParse(fmt.Sprint(rapid.IntRange(1, 5000).Draw(t, label)) + unit)
	}
	state.Policy.ContainerDefaults = workflow.ContainerDefaults{
		Requests: workflow.ResourcePair{CPU: resource.MustParse("10m"), Memory: resource.MustParse("16Mi")},
		Limits:   workflow.ResourcePair{CPU: resource.MustParse("6"), Memory: amount("default memory", "Gi")},
	}
	tenancy := workflow.Tenancy{Name: rapid.StringMatching(`[a-z]([a-z0-9-]{0,18}[a-z0-9])?`).Draw(t, "tenant")}
	if rapid.Bool().Draw(t, "deploys") {
		tenancy.Repositories = []string{"https://git.example.com/deploy"}
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "namespaces") {
		namespace := testNamespace(fmt.Sprintf("%s-%d", tenancy.Name, i), rapid.SampledFrom([]workflow.SecurityLevel{workflow.LevelBaseline, workflow.LevelRestricted}).Draw(t, "level"))
		namespace.Purpose = rapid.StringN(0, 40, 200).Draw(t, "purpose")
		namespace.Quota = workflow.Quota{
			CPU: amount("cpu", "m"), Memory: amount("memory", "Mi"), Storage: amount("storage", "Gi"),
			Pods: rapid.Int64Range(0, 500).Draw(t, "pods"), Request: rapid.Int64Range(0, 9).Draw(t, "request"),
		}
		namespace.Access = nil
		for _, role := range rapid.SliceOfDistinct(rapid.SampledFrom([]workflow.AccessRole{"view", "edit", "admin"}), rapid.ID).Draw(t, "roles") {
			namespace.Access = append(namespace.Access, workflow.Access{
				Group: rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}`).Draw(t, "group"), Role: role,
			})
		}
		tenancy.Namespaces = append(tenancy.Namespaces, namespace)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "exceptions") {
		drawException(t, tenancy.Namespaces, int64(100+i))
	}
	state.Tenancies = map[string]workflow.Tenancy{tenancy.Name: tenancy}
	return state
}

// mutants gives an object with one field changed, for each of its fields that
// grants or limits anything.
func mutants(t testing.TB, object tree) map[string]tree {
	found := map[string]tree{}
	mutate := func(name string, change func(tree)) {
		mutant := clone(t, object)
		change(mutant)
		found[name] = mutant
	}
	switch object["kind"] {
	case "Namespace":
		for key := range at(object, "metadata", "labels").(tree) {
			if key == "kubernetes.io/metadata.name" {
				continue // the API server's own
			}
			mutate("change label "+key, func(o tree) { set(o, "privileged", "metadata", "labels", key) })
			mutate("drop label "+key, func(o tree) { delete(at(o, "metadata", "labels").(tree), key) })
		}
	case "ResourceQuota":
		for key, value := range at(object, "spec", "hard").(tree) {
			more := resource.MustParse(value.(string))
			more.Add(resource.MustParse("1m"))
			mutate("raise "+key, func(o tree) { set(o, more.String(), "spec", "hard", key) })
			mutate("drop "+key, func(o tree) { delete(at(o, "spec", "hard").(tree), key) })
		}
	case "LimitRange":
		mutate("raise default", func(o tree) { set(o, "9000Gi", "spec", "limits", 0, "default", "memory") })
		mutate("drop default", func(o tree) { delete(at(o, "spec", "limits", 0).(tree), "default") })
	case "RoleBinding":
		mutate("another role", func(o tree) { set(o, "cluster-admin", "roleRef", "name") })
		mutate("one more subject", func(o tree) {
			o["subjects"] = append(o["subjects"].([]any), tree{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"})
		})
		mutate("another subject", func(o tree) { set(o, "eve", "subjects", 0, "name") })
	case "ServiceAccount":
		mutate("pull secrets", func(o tree) { set(o, []any{tree{"name": "pull"}}, "imagePullSecrets") })
		mutate("mount its token", func(o tree) { set(o, true, "automountServiceAccountToken") })
		mutate("another label", func(o tree) { set(o, "x", "metadata", "labels", "app") })
	case "NetworkPolicy":
		mutateNetworkPolicy(object, mutate)
	case "CiliumNetworkPolicy":
		mutateCiliumPolicy(mutate)
	}
	return found
}

// What must never break, 1: whatever is rendered for a tenancy is permitted
// from the GitOps identity, no widening of it is from anybody, and repair always is.
func TestWhateverIsRenderedIsPermittedAndNoWideningOfIt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		state := drawState(rt)
		snapshot, err := NewSnapshot(state, testCluster)
		if err != nil {
			rt.Fatal(err)
		}
		over := *state
		over.Tenancies = nil
		ended, err := NewSnapshot(&over, testCluster)
		if err != nil {
			rt.Fatal(err)
		}
		for _, tenancy := range state.Tenancies {
			files, err := manifest.Renderer{}.Render(state.Policy, tenancy)
			if err != nil {
				rt.Fatal(err)
			}
			for _, file := range files {
				if !strings.HasPrefix(file.Path, "clusters/"+testCluster+"/") {
					continue
				}
				var object tree
				if err := yaml.Unmarshal(file.Content, &object); err != nil {
					rt.Fatal(err)
				}
				if isEnded(t, object) {
					checkEnded(t, rt, snapshot, object)
				} else {
					checkRendered(t, rt, snapshot, object)
				}
				checkLeftOver(t, rt, ended, object)
			}
		}
	})
}

func checkRendered(t *testing.T, rt *rapid.T, snapshot *Snapshot, object tree) {
	kept := live(t, object)
	permit := func(what string, request Request) {
		if decision := Evaluate(snapshot, request); !decision.Allowed {
			rt.Fatalf("%s of %s by %q is refused:\n%s", what, decision.Object, request.User, DenialText(decision.Violations))
		}
	}
	refuse := func(what string, request Request) {
		if decision := Evaluate(snapshot, request); decision.Allowed {
			rt.Fatalf("%s of %s by %q is let in", what, decision.Object, request.User)
		}
	}
	permit("creation", write(t, gitOps, nil, object))
	permit("update from itself", write(t, gitOps, kept, object))
	permit("writing again", write(t, clusterAdmin, kept, kept))
	refuse("creation", write(t, clusterAdmin, nil, object))
	for name, mutant := range some(rt, "mutants", mutants(t, kept)) {
		if equal(mutant, kept) {
			continue
		}
		for _, user := range []string{gitOps, clusterAdmin} {
			refuse(name, write(t, user, kept, mutant))
		}
		permit("repair after "+name, write(t, gitOps, mutant, object))
	}
	// What grants less is the GitOps identity's to write, and nobody else's.
	for name, narrower := range some(rt, "narrowings", narrowings(t, kept)) {
		permit(name, write(t, gitOps, kept, narrower))
		refuse(name, write(t, clusterAdmin, kept, narrower))
	}
}

// some draws a few of the changed objects each time; over the runs, all.
func some(rt *rapid.T, label string, changed map[string]tree) map[string]tree {
	drawn := map[string]tree{}
	if len(changed) == 0 {
		return drawn
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Sorted(maps.Keys(changed))), 1, min(3, len(changed)), rapid.ID).Draw(rt, label) {
		drawn[name] = changed[name]
	}
	return drawn
}

// checkLeftOver: after the end nothing is made anew or changed, by anybody and
// at either path, but for a write that changes nothing.
func checkLeftOver(t *testing.T, rt *rapid.T, ended *Snapshot, object tree) {
	kept := live(t, object)
	changes := mutants(t, kept)
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(changes))).Draw(rt, "mutant of what is left")
	for _, user := range []string{gitOps, clusterAdmin} {
		for _, tenants := range []bool{false, true} {
			for what, request := range map[string]Request{
				"creation": write(t, user, nil, object), name: write(t, user, kept, changes[name]), "writing again": write(t, user, kept, kept),
			} {
				request.TenantNamespace = tenants
				allowed := what == "writing again" || equal(changes[name], kept) && what == name
				if decision := Evaluate(ended, request); decision.Allowed != allowed {
					rt.Fatalf("%s of what is left, %s by %q: allowed is %v:\n%s", what, decision.Object, user, decision.Allowed, DenialText(decision.Violations))
				}
			}
		}
	}
}
