package store_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

func TestARequestIsReadBackAsItWasWritten(t *testing.T) {
	request := fullRequest()
	request.ID, request.Version = 1, 1
	mustBeFull(t, "Request", reflect.ValueOf(request))
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		created := create(t, s, fullRequest(), submitted())
		same(t, "what CreateRequest returns", request, created)
		read, err := s.Request(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "what Request reads", request, read)
		listed, err := s.Requests(t.Context(), workflow.RequestFilter{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "what Requests lists", []workflow.Request{request}, listed)
	})
}

func TestAnUpdateIsReadBackAsItWasWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		small := create(t, s, smallRequest("payments"), submitted())
		want := fullRequest()
		want.ID, want.Version = small.ID, small.Version
		updated, err := s.UpdateRequest(t.Context(), want, []workflow.Event{fullEvent()})
		if err != nil {
			t.Fatal(err)
		}
		want.Version = 2
		same(t, "what UpdateRequest returns", want, updated)

		want.Attempt, want.Commit, want.Reason = nil, "", ""
		want.Reviews[1].Void, want.Reviews[2].Void = true, true
		updated, err = s.UpdateRequest(t.Context(), want, []workflow.Event{fullEvent()})
		if err != nil {
			t.Fatal(err)
		}
		want.Version = 3
		same(t, "what UpdateRequest empties", want, updated)
		read, err := s.Request(t.Context(), small.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "what Request reads", want, read)
	})
}

func TestAnEventIsReadBackAsItWasWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		first := submitted()[0]
		stored := create(t, s, smallRequest("payments"), []workflow.Event{first, fullEvent()})
		first.Request = stored.ID
		first = first.Chain(1, "")
		second := fullEvent()
		second.Request = stored.ID
		second = second.Chain(2, first.Hash)
		mustBeFull(t, "Event", reflect.ValueOf(second))
		events, err := s.Events(t.Context(), stored.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "what Events lists", []workflow.Event{first, second}, events)
		head, err := s.AuditHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the audit head", second.Hash, head)
	})
}

func TestAnyTextAndAnyInstantSurvive(t *testing.T) {
	text := rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return r != 0 }), 0, 60, -1)
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		zone := time.FixedZone("", rapid.IntRange(-12*3600, 14*3600).Draw(t, "offset"))
		return time.Unix(rapid.Int64Range(-1<<33, 1<<34).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(zone)
	})
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		rapid.Check(t, func(rt *rapid.T) {
			request := smallRequest("payments")
			request.Reason, request.RequestedBy.Name = text.Draw(rt, "reason"), text.Draw(rt, "name")
			request.CreatedAt, request.UpdatedAt = instant.Draw(rt, "created"), instant.Draw(rt, "updated")
			request.Plan.PlannedAt = instant.Draw(rt, "planned")
			request.Reviews = []workflow.Review{{Person: sam, Stage: workflow.RoleSecurity, Vote: workflow.VoteReject, Reason: text.Draw(rt, "why"), At: instant.Draw(rt, "voted")}}
			events := submitted()
			events[0].Detail, events[0].At = text.Draw(rt, "detail"), instant.Draw(rt, "at")
			stored, err := s.CreateRequest(t.Context(), request, events)
			if err != nil {
				rt.Fatal(err)
			}
			request.ID, request.Version = stored.ID, 1
			request.CreatedAt, request.UpdatedAt = micro(request.CreatedAt), micro(request.UpdatedAt)
			request.Reviews[0].At = micro(request.Reviews[0].At)
			if diff := cmp.Diff(request, stored, quantities); diff != "" {
				rt.Fatal(diff)
			}
			if stored.CreatedAt.Location() != time.UTC || stored.Plan.PlannedAt.Location() != time.UTC {
				rt.Fatal("an instant came back in another zone than UTC")
			}
		})
		if err := s.VerifyChain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// micro is an instant as precisely as the database keeps it.
func micro(instant time.Time) time.Time { return time.UnixMicro(instant.UnixMicro()).UTC() }

var quantities = cmp.Comparer(func(a, b resource.Quantity) bool { return a.Cmp(b) == 0 })

func same[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got, quantities); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// mustBeFull makes sure that a round trip covers every field, also one that is
// added later. A list is covered when one of its elements fills the field.
func mustBeFull(t *testing.T, path string, value reflect.Value) {
	t.Helper()
	missing := slices.DeleteFunc(emptyFields(path, value), optional)
	if len(missing) > 0 {
		t.Fatalf("the example leaves %s empty, so the test would not see it lost", strings.Join(missing, ", "))
	}
}

func emptyFields(path string, value reflect.Value) (missing []string) {
	switch value.Type() {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[resource.Quantity]():
		if value.IsZero() {
			return []string{path}
		}
		return nil
	}
	switch value.Kind() {
	case reflect.Struct:
		for i := range value.NumField() {
			missing = append(missing, emptyFields(path+"."+value.Type().Field(i).Name, value.Field(i))...)
		}
		return missing
	case reflect.Pointer, reflect.Interface:
		if value.IsNil() {
			return []string{path}
		}
		return emptyFields(path, value.Elem())
	case reflect.Slice:
		missing = []string{path}
		for i := range value.Len() {
			empty := emptyFields(path, value.Index(i))
			if i > 0 {
				empty = slices.DeleteFunc(empty, func(field string) bool { return !slices.Contains(missing, field) })
			}
			missing = empty
		}
		return missing
	}
	if value.IsZero() {
		return []string{path}
	}
	return nil
}

// optional names what the example leaves out: before the change there was no namespace.
func optional(path string) bool { return path == "Request.Plan.Before.Namespaces" }
