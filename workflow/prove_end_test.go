package workflow_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// ended is the proof of a production namespace's end: an owner and two of
// security agreed. The tenant keeps another namespace.
func ended(t testing.TB) workflow.Proof {
	t.Helper()
	state := approvedNow()
	holder, doomed := payments(), held("payments-old", 2)
	doomed.Environment = "prod"
	holder.Namespaces = []workflow.Namespace{doomed, held("payments-web", 3)}
	state.Tenancies["payments"] = holder
	asked := proposal(removing("payments-old"))
	plan, err := planner().Plan(t.Context(), state, asked)
	if err != nil {
		t.Fatal(err)
	}
	return proofOf(state, asked, plan,
		workflow.Approval{Person: olivia.Person, Stage: workflow.RoleOwner}, workflow.Approval{Person: sam.Person, Stage: workflow.RoleSecurity}, workflow.Approval{Person: sofia.Person, Stage: workflow.RoleSecurity})
}

// endForgeries are those that only an end can have.
var endForgeries = map[string]forgery{
	"a kind that gives":           {always(func(p *workflow.Proof) { p.Message.Kind = workflow.KindNamespace }), `a request of kind "namespace" ends nothing`},
	"a namespace is added":        {afterwards(func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, held("payments-more", 7)) }), "yet namespace weu-1/payments-more is added"},
	"a namespace takes its place": {afterwards(func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, held("payments-old", 7)) }), "removes one namespace, not 0"},
	"the other namespace goes, too": {func(p *workflow.Proof) bool {
		more := len(p.After.Namespaces) > 0
		p.After.Namespaces = nil
		return more
	}, "removes one namespace, not 2"},
	"the other one goes instead": {func(p *workflow.Proof) bool {
		p.After.Namespaces = slices.DeleteFunc(slices.Clone(p.Before.Namespaces), func(n workflow.Namespace) bool { return n.Name == "payments-web" })
		return len(p.After.Namespaces) < len(p.Before.Namespaces)
	}, "is not the change that was committed"},
	"another tenancy's":             {always(func(p *workflow.Proof) { p.Before.Name, p.After.Name = "logistics", "logistics" }), "is not the change that was committed"},
	"the tenancy gets another name": {afterwards(func(t *workflow.Tenancy) { t.Name = "logistics" }), "what is left is not what there was before"},
	"the votes of the development stage": {always(func(p *workflow.Proof) {
		p.Message.Stages = []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 5}}
	}), "are not those of the policy"},
}

func TestARemovalThatWasPlannedAndApprovedIsProvedWithoutObjection(t *testing.T) {
	if objections := workflow.ProveEnd(ended(t)); len(objections) > 0 {
		t.Errorf("it is objected to: %q", objections)
	}
}

func TestEachForgeryOfAnEndIsObjectedTo(t *testing.T) {
	for name, forgery := range endForgeries {
		t.Run(name, func(t *testing.T) {
			proof := ended(t)
			if !forgery.forge(&proof) {
				t.Fatal("there was nothing to forge")
			}
			objections := workflow.ProveEnd(proof)
			if !slices.ContainsFunc(objections, func(o string) bool { return strings.Contains(o, forgery.says) }) {
				t.Errorf("no objection says %q: %q", forgery.says, objections)
			}
		})
	}
	for name, forgery := range forgeries {
		t.Run("of a grant: "+name, func(t *testing.T) {
			if proof := ended(t); forgery.forge(&proof) && len(workflow.ProveEnd(proof)) == 0 {
				t.Error("it goes unnoticed")
			}
		})
	}
}

func TestAnyRemovalThatIsApprovedProvesAndNoneOfItsForgeriesDoes(t *testing.T) {
	all := maps.Clone(forgeries)
	maps.Copy(all, endForgeries)
	names := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(rt *rapid.T) {
		proof, ok := drawProof(rt, func(*rapid.T) workflow.Change { return removing("payments-old") })
		if !ok {
			return
		}
		if objections := workflow.ProveEnd(proof); len(objections) > 0 {
			rt.Fatalf("what was planned and approved is objected to: %q", objections)
		}
		if len(workflow.ProveGrant(proof)) == 0 {
			rt.Fatal("it passes as a grant")
		}
		name := rapid.SampledFrom(names).Draw(rt, "forgery")
		if all[name].forge(&proof) && len(workflow.ProveEnd(proof)) == 0 {
			rt.Fatalf("%s goes unnoticed", name)
		}
	})
}

func TestNoGrantPassesAsAnEnd(t *testing.T) {
	if len(workflow.ProveEnd(granted(t))) == 0 {
		t.Error("a grant passes as an end")
	}
}

// Whatever a tenancy will hold one day, an end that changes it is noticed.
func TestAnEndThatChangesAnyFieldOfTheTenancyIsObjectedTo(t *testing.T) {
	for field := range fieldsOf(reflect.TypeFor[workflow.Tenancy]()) {
		if field == "Namespaces" {
			continue // these are what may go
		}
		proof := ended(t)
		scramble(t, reflect.ValueOf(&proof.After).Elem().FieldByName(field))
		checkNarrowing(t, "Tenancy."+field, proof)
	}
	for field := range fieldsOf(reflect.TypeFor[workflow.Namespace]()) {
		proof := ended(t)
		proof.After.Namespaces = slices.Clone(proof.After.Namespaces)
		scramble(t, reflect.ValueOf(&proof.After.Namespaces[0]).Elem().FieldByName(field))
		checkNarrowing(t, "Namespace."+field, proof)
	}
}

// checkNarrowing wants an objection that is about more than the digest.
func checkNarrowing(t *testing.T, what string, proof workflow.Proof) {
	t.Helper()
	if !slices.ContainsFunc(workflow.ProveEnd(proof), func(o string) bool { return strings.HasPrefix(o, "what is left is not") }) {
		t.Errorf("%s: the objections are %q", what, workflow.ProveEnd(proof))
	}
}

func fieldsOf(typ reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(typ) {
		fields[field.Name] = field
	}
	return fields
}

// scramble gives a value another one of its type.
func scramble(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Interface().(type) {
	case workflow.Ceiling:
		v.Set(reflect.ValueOf(workflow.Ceiling{CPU: amount("1")}))
		return
	case workflow.Quota:
		v.Set(reflect.ValueOf(workflow.Quota{CPU: amount("1")}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Slice:
		more := reflect.New(v.Type().Elem()).Elem()
		scramble(t, more)
		v.Set(reflect.Append(v, more))
	case reflect.Struct:
		scramble(t, v.Field(0))
	default:
		t.Fatalf("teach this test to change a %s", v.Type())
	}
}
