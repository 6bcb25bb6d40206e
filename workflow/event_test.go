package workflow_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// committed is an event with a value in every field that a person or Tenure fills in.
func committed() workflow.Event {
	who := dana.Person
	who.Username = "dana@example.com"
	return workflow.Event{
		Request: 7, Type: workflow.EventCommitted, At: noon, By: who, From: workflow.StateApproved, To: workflow.StateCommitted,
		Detail: "It was committed.", Digest: firstDigest, Commit: "c0ffee",
	}
}

func TestTheSameEventInTheSamePlaceHasTheSameHash(t *testing.T) {
	first, again := committed().Chain(3, "sha256:before"), committed().Chain(3, "sha256:before")
	same(t, "the event", first, again)
	if first.Sequence != 3 || first.Previous != "sha256:before" || !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(first.Hash) {
		t.Errorf("its place is %d after %q with hash %q", first.Sequence, first.Previous, first.Hash)
	}
	same(t, "the event chained once more", first, first.Chain(3, "sha256:before"))
	elsewhere := committed()
	elsewhere.At = noon.In(time.FixedZone("CET", 3600)).Add(999 * time.Nanosecond)
	if got := elsewhere.Chain(3, "sha256:before"); got.Hash != first.Hash {
		t.Error("the hash depends on the time zone, or on less than a database keeps")
	}
}

func TestTheHashCoversEveryFieldOfAnEvent(t *testing.T) {
	base := committed().Chain(3, "sha256:before")
	hashes := map[string]string{base.Hash: "the event itself"}
	differs := func(name string, changed workflow.Event) {
		hash := changed.Chain(changed.Sequence, changed.Previous).Hash
		if other, taken := hashes[hash]; taken {
			t.Errorf("with another %s it has the same hash as %s", name, other)
		}
		hashes[hash] = name
	}
	covered := 0
	eachField(reflect.TypeOf(base), "", func(path string, index []int) {
		if path == "Hash" {
			return // it is what is computed
		}
		changed := base
		alter(t, path, reflect.ValueOf(&changed).Elem().FieldByIndex(index))
		differs(path, changed)
		covered++
	})
	if covered < 14 {
		t.Errorf("only %d fields were looked at", covered)
	}
}

// eachField names every field of a struct, and of the structs in it.
func eachField(of reflect.Type, prefix string, visit func(path string, index []int)) {
	var walk func(reflect.Type, string, []int)
	walk = func(of reflect.Type, prefix string, index []int) {
		for i := range of.NumField() {
			field := of.Field(i)
			path, at := prefix+field.Name, append(append([]int{}, index...), i)
			if field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() {
				walk(field.Type, path+".", at)
				continue
			}
			visit(path, at)
		}
	}
	walk(of, prefix, nil)
}

// alter gives a field another value.
func alter(t *testing.T, path string, field reflect.Value) {
	t.Helper()
	switch value := field.Addr().Interface().(type) {
	case *time.Time:
		*value = value.Add(time.Microsecond)
	default:
		switch field.Kind() {
		case reflect.Int64:
			field.SetInt(field.Int() + 1)
		case reflect.String:
			field.SetString(field.String() + "x")
		case reflect.Map: // of texts to numbers or texts; the map of the original stays
			key, value := reflect.New(field.Type().Key()).Elem(), reflect.New(field.Type().Elem()).Elem()
			key.SetString("x")
			changed := reflect.MakeMap(field.Type())
			for _, k := range field.MapKeys() {
				changed.SetMapIndex(k, field.MapIndex(k))
			}
			changed.SetMapIndex(key, value)
			field.Set(changed)
		case reflect.Pointer:
			field.Set(reflect.New(field.Type().Elem()))
		default:
			t.Fatalf("nobody knows how to change %s, a %s", path, field.Type())
		}
	}
}

func TestTextThatMovesFromOneFieldToTheNextChangesTheHash(t *testing.T) {
	one, other := committed(), committed()
	one.Detail, one.Commit = "ab", "c"
	other.Detail, other.Commit = "a", "bc"
	if one.Chain(1, "").Hash == other.Chain(1, "").Hash {
		t.Error("two different events have the same hash")
	}
}

func TestALaterEventDependsOnEveryEarlierOne(t *testing.T) {
	chain := func(details ...string) string {
		previous := ""
		for i, detail := range details {
			e := committed()
			e.Detail = detail
			previous = e.Chain(int64(i+1), previous).Hash
		}
		return previous
	}
	heads := map[string]bool{}
	for _, details := range [][]string{{"a", "b", "c"}, {"x", "b", "c"}, {"b", "a", "c"}, {"b", "c"}, {"a", "b"}, {"a", "b", "c", "c"}} {
		heads[chain(details...)] = true
	}
	if len(heads) != 6 {
		t.Errorf("6 different histories have %d heads", len(heads))
	}
}

// Every field of a tenancy must be an edit, or a plan could change it unseen:
// the digest leaves the document itself out.
func TestEveryFieldOfATenancyIsPartOfItsEdits(t *testing.T) {
	before := payments()
	before.Namespaces = []workflow.Namespace{held("payments-a", 1)}
	before.Namespaces[0].Access = []workflow.Access{
		{Group: group(2), Role: workflow.AccessEdit, Request: 1},
		{Group: group(2), Role: workflow.AccessView, Request: 8},
	}
	before.Namespaces[0].Exemptions = []workflow.Exemption{{Rule: "trusted-registry", Selector: map[string]string{"app": "old"}, Value: "docker.io/library/redis:7", Request: 9}}
	full := func() workflow.Tenancy {
		after := before
		after.Namespaces = slices.Clone(before.Namespaces)
		after.Namespaces[0].Access = slices.Clone(before.Namespaces[0].Access)
		after.Namespaces[0].Exemptions = slices.Clone(before.Namespaces[0].Exemptions)
		return after
	}
	raised := before
	raised.Namespaces = slices.Clone(before.Namespaces)
	raised.Namespaces[0].Quota.Raise = &workflow.QuotaRaise{Request: 10}
	fullRaise := func() workflow.Tenancy {
		after := full()
		raise := *raised.Namespaces[0].Quota.Raise
		after.Namespaces[0].Quota.Raise = &raise
		return after
	}
	for name, of := range map[string]func(*workflow.Tenancy) reflect.Value{
		"":                             func(t *workflow.Tenancy) reflect.Value { return reflect.ValueOf(t) },
		"namespaces[0].":               func(t *workflow.Tenancy) reflect.Value { return reflect.ValueOf(&t.Namespaces[0]) },
		"namespaces[0].access[0].":     func(t *workflow.Tenancy) reflect.Value { return reflect.ValueOf(&t.Namespaces[0].Access[0]) },
		"namespaces[0].access[1].":     func(t *workflow.Tenancy) reflect.Value { return reflect.ValueOf(&t.Namespaces[0].Access[1]) },
		"namespaces[0].exemptions[0].": func(t *workflow.Tenancy) reflect.Value { return reflect.ValueOf(&t.Namespaces[0].Exemptions[0]) },
		"namespaces[0].quota.raise.":   func(t *workflow.Tenancy) reflect.Value { return reflect.ValueOf(t.Namespaces[0].Quota.Raise) },
	} {
		before, full := before, full
		if strings.Contains(name, "raise") {
			before, full = raised, fullRaise
		}
		whole := full()
		eachPlain(of(&whole).Elem(), name, func(path string, index []int) {
			changed := full()
			field := of(&changed).Elem().FieldByIndex(index)
			if quantity, isQuantity := field.Addr().Interface().(interface{ SetMilli(int64) }); isQuantity {
				quantity.SetMilli(1)
			} else {
				alter(t, path, field)
			}
			edits := workflow.Edits(before, changed)
			if path == "Name" {
				return // it is the document's name: another tenancy, not an edit of this one
			}
			if len(edits) == 0 {
				t.Errorf("a change of %s is no edit", path)
			}
		})
	}
	same(t, "the edits of what is the same", []workflow.Edit(nil), workflow.Edits(before, full()))
}

// eachPlain is eachField without the insides of quantities and without lists,
// whose entries are looked at on their own.
func eachPlain(of reflect.Value, prefix string, visit func(path string, index []int)) {
	var walk func(reflect.Value, string, []int)
	walk = func(of reflect.Value, prefix string, index []int) {
		for i := range of.NumField() {
			path, at := prefix+of.Type().Field(i).Name, append(append([]int{}, index...), i)
			field := of.Field(i)
			_, isQuantity := field.Addr().Interface().(interface{ SetMilli(int64) })
			_, isTime := field.Addr().Interface().(*time.Time)
			switch {
			case field.Kind() == reflect.Struct && !isQuantity && !isTime:
				walk(field, path+".", at)
			case field.Kind() == reflect.Slice:
			default:
				visit(path, at)
			}
		}
	}
	walk(of, prefix, nil)
}

func TestAProblemIsFoundInAnErrorAndKeepsItsCauseForTheLog(t *testing.T) {
	cause := fmt.Errorf("dial tcp: connection refused")
	err := fmt.Errorf("review request 7: %w", workflow.Refuse(workflow.Unavailable, "The database does not answer.").Because(cause))
	problem := refused(t, err, workflow.Unavailable)
	if problem.Message != "The database does not answer." || strings.Contains(problem.Message, "dial") {
		t.Errorf("the page would say %q", problem.Message)
	}
	if !strings.Contains(err.Error(), "connection refused") || problem.Unwrap() != cause {
		t.Errorf("the log would say %q", err)
	}
	if _, found := workflow.AsProblem(cause); found {
		t.Error("a plain error is taken for a problem")
	}
}
