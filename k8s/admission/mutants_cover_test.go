package admission

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// everyGrantState has testSpace rendered to every kind of object, with every kind of
// grant.
func everyGrantState(state *workflow.ApprovedState) {
	exceptionState(state)
	network := state.Tenancies["payments"].Namespaces[1].Network
	nameState(state)
	grantState(state)
	tenancy := state.Tenancies["payments"]
	tenancy.Namespaces[1].Network = append(tenancy.Namespaces[1].Network, network...)
	tenancy.Namespaces[1].Classification = "confidential"
	tenancy.Repositories = []string{"https://git.example.com/deploy"}
	state.Tenancies["payments"] = tenancy
}

// leavesOf gives every value of an object that holds no other, by its path in
// words and in steps.
func leavesOf(object tree) map[string][]any {
	leaves := map[string][]any{}
	var walk func(value any, path string, steps []any)
	walk = func(value any, path string, steps []any) {
		switch value := value.(type) {
		case tree:
			for key, entry := range value {
				walk(entry, path+"."+key, append(slices.Clone(steps), key))
			}
			if len(value) > 0 {
				return
			}
		case []any:
			for i, entry := range value {
				walk(entry, fmt.Sprintf("%s[%d]", path, i), append(slices.Clone(steps), i))
			}
			if len(value) > 0 {
				return
			}
		}
		leaves[strings.TrimPrefix(path, ".")] = steps
	}
	walk(object, "", nil)
	return leaves
}

// replaceAt puts another value to the place of a leaf.
func replaceAt(object tree, value any, steps []any) {
	last := len(steps) - 1
	if index, ok := steps[last].(int); ok {
		at(object, steps[:last]...).([]any)[index] = value
		return
	}
	set(object, value, steps...)
}

// differing lists the leaves in which two objects differ.
func differing(a, b tree) []string {
	left, right := leavesOf(a), leavesOf(b)
	maps.DeleteFunc(left, func(path string, steps []any) bool {
		_, both := right[path]
		return both && equal(at(a, steps...), at(b, steps...))
	})
	maps.DeleteFunc(right, func(path string, steps []any) bool {
		_, both := leavesOf(a)[path]
		return both
	})
	maps.Copy(left, right)
	return slices.Sorted(maps.Keys(left))
}

// isIdentity says whether a field tells objects apart, so that with another value it
// is another object.
func isIdentity(path string) bool {
	switch path {
	case "apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.labels.kubernetes.io/metadata.name":
		return true
	}
	return false
}

// uncovered lists the fields of an object that no operator changes without changing
// another one. A part of a NetworkPolicy alone may not widen it: there an operator may
// change more than the field, and some fields can only narrow.
func uncovered(t testing.TB, object tree) []string {
	t.Helper()
	alone := object["kind"] != "NetworkPolicy"
	changed := map[string]bool{}
	for _, by := range []operators{mutants(object), narrowings(object), bookings(object)} {
		for what := range by {
			paths := differing(object, by.on(t, object, what))
			for _, path := range paths {
				changed[path] = changed[path] || !alone || len(paths) == 1
			}
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(leavesOf(object))), func(path string) bool { return changed[path] || isIdentity(path) })
}

// Without an operator for each field, nobody would see that admission does not look
// at one.
func TestEachFieldOfWhatIsRenderedHasAnOperatorOfItsOwn(t *testing.T) {
	for key, object := range approvedObjects(t, testSnapshot(t, everyGrantState), testSpace) {
		for _, path := range uncovered(t, object) {
			t.Errorf("no operator changes only %s of %s", path, key)
		}
	}
}

var update = flag.Bool("update", false, "write the golden list of operators instead of comparing it")

// Several operators may change one field, so that without one of them each field would
// still have one. The list says of each that it is there.
func TestNoOperatorWasDropped(t *testing.T) {
	names := map[string]bool{}
	for _, object := range approvedObjects(t, testSnapshot(t, everyGrantState), testSpace) {
		for what, by := range map[string]operators{"widens": mutants(object), "narrows": narrowings(object), "books": bookings(object)} {
			for name := range by {
				names[fmt.Sprintf("%s %s: %s\n", object["kind"], what, name)] = true
			}
		}
	}
	list := strings.Join(slices.Sorted(maps.Keys(names)), "")
	golden := filepath.Join("testdata", "operators.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(list), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(list, "\n")); diff != "" {
		t.Errorf("the operators are others (-want +got; -update writes them):\n%s", diff)
	}
}

// governedWrite is a write of the GitOps identity as the rule governed compares it.
func governedWrite(t *testing.T, snapshot *Snapshot, key manifest.Key, before, now tree) widenings {
	t.Helper()
	grant := snapshot.grants[testSpace]
	plain, err := grant.objects[key].Fields()
	if err != nil {
		t.Fatal(err)
	}
	w := widenings{kind: write(t, gitOps, before, now).Kind.GroupKind(), approved: newFields(plain), namespace: testSpace}
	w.closed = func(direction networkingv1.PolicyType) bool { return grant.isolates(direction, key) }
	for into, object := range map[*fields]tree{&w.before: before, &w.now: now} {
		if *into, err = decodeFields(encode(t, object)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// Each comparison finds what no other does: without it, some operator would go
// unseen, and the property above would be false.
func TestWithoutAnyOneComparisonSomeWideningGoesUnseen(t *testing.T) {
	snapshot := testSnapshot(t, everyGrantState)
	unseen := map[string]int{}
	for key, object := range snapshot.grants[testSpace].objects {
		plain, err := object.Fields()
		if err != nil {
			t.Fatal(err)
		}
		kept := live(t, clone(t, plain))
		by := mutants(kept)
		for name := range by {
			w := governedWrite(t, snapshot, key, kept, by.on(t, kept, name))
			if len(w.find(comparisons)) == 0 && !(key.Kind == "Namespace" && strings.Contains(name, "label")) { // those are the rule namespace's
				t.Errorf("%s of %s is not found", name, key)
			}
			for i, c := range comparisons {
				if c.in(w.kind) && len(w.find(slices.Delete(slices.Clone(comparisons), i, i+1))) == 0 {
					unseen[c.what]++
				}
			}
		}
	}
	for _, c := range comparisons {
		if unseen[c.what] == 0 {
			t.Errorf("every operator is seen without comparing %s", c.what)
		}
	}
}
