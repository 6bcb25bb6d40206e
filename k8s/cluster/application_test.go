package cluster

import (
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"tenure.dev/workflow"
)

var discard = slog.New(slog.DiscardHandler)

const (
	jobCommit     = "39eea30139a5f16c7572e99761b91b422e583e42"
	removalCommit = "db1721215d4fb386f8f007cc8fa3ed1cc374b24c"
	refusal       = `resourcequotas "tenure" is forbidden: ValidatingAdmissionPolicy 'deny' with binding 'deny' denied request: governed: this quota was not approved`
	unpruned      = `namespaces "payments-job-dev" is forbidden: ValidatingAdmissionPolicy 'deny2' with binding 'deny2' denied request: namespace: its removal was not approved`
)

var (
	refused = []workflow.SyncedObject{{Kind: "ResourceQuota", Namespace: "payments-job-dev", Name: "tenure", Message: refusal}}
	notGone = []workflow.SyncedObject{{Kind: "Namespace", Name: "payments-job-dev", Message: unpruned}}
)

func TestApplicationsAreReadAsArgoCDWritesThem(t *testing.T) {
	for name, want := range map[string]workflow.SyncStatus{
		"new": {},
		"under-way": {Sync: "OutOfSync", Revision: jobCommit,
			Operation: workflow.SyncOperation{Phase: workflow.SyncRunning, Revision: jobCommit, Trying: true}},
		"failed-first-try": {Sync: "OutOfSync", Revision: jobCommit,
			Operation: workflow.SyncOperation{Phase: workflow.SyncRunning, Revision: jobCommit, Trying: true}},
		"waits-to-retry": {Sync: "OutOfSync", Revision: jobCommit,
			Operation: workflow.SyncOperation{Phase: workflow.SyncRunning, Revision: jobCommit, Retries: 1, Failures: refused,
				Message: "one or more synchronization tasks completed unsuccessfully, reason: " + refusal}},
		"waits-longer": {Sync: "OutOfSync", Revision: jobCommit,
			Operation: workflow.SyncOperation{Phase: workflow.SyncRunning, Revision: jobCommit, Retries: 3, Failures: refused,
				Message: "one or more synchronization tasks completed unsuccessfully, reason: " + refusal}},
		"went-through": {Sync: "OutOfSync", Revision: jobCommit,
			Operation: workflow.SyncOperation{Phase: workflow.SyncSucceeded, Revision: jobCommit, Retries: 3, Message: "successfully synced (all tasks run)"}},
		"synced": {Sync: "Synced", Revision: jobCommit,
			Operation: workflow.SyncOperation{Phase: workflow.SyncSucceeded, Revision: jobCommit, Message: "successfully synced (all tasks run)"}},
		"prune-refused": {Sync: "OutOfSync", Revision: removalCommit,
			Operation: workflow.SyncOperation{Phase: workflow.SyncRunning, Revision: removalCommit, Retries: 1, Failures: notGone,
				Message: "one or more objects failed to apply, reason: " + unpruned}},
	} {
		t.Run(name, func(t *testing.T) {
			got, ours, err := decode(recorded(t, name), "argocd")
			if err != nil || !ours {
				t.Fatalf("it is ours: %v, %v", ours, err)
			}
			want.Known, want.Application, want.Tenant, want.Cluster = true, "tenure-payments-weu-1", "payments", "weu-1"
			if want.Operation.Phase != "" && got.Operation.StartedAt.IsZero() {
				t.Error("nothing says when the sync began")
			}
			got.Objects, got.ComparedAt, got.Operation.StartedAt = nil, time.Time{}, time.Time{}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestObjectsAndConditionsAreReadAsArgoCDWritesThem(t *testing.T) {
	objects := func(name string) (lines []string, status workflow.SyncStatus) {
		status, _, err := decode(recorded(t, name), "argocd")
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range status.Objects {
			lines = append(lines, object.String()+" "+object.Sync)
		}
		return lines, status
	}
	got, _ := objects("under-way")
	want := []string{
		"Namespace payments-api-dev Synced", "Namespace payments-job-dev Synced", "Namespace payments-web-dev Synced",
		"ResourceQuota payments-api-dev/tenure Synced", "ResourceQuota payments-job-dev/tenure OutOfSync", "ResourceQuota payments-web-dev/tenure Synced",
		"NetworkPolicy payments-api-dev/default-deny Synced", "NetworkPolicy payments-job-dev/default-deny OutOfSync", "NetworkPolicy payments-web-dev/default-deny Synced",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got, status := objects("comparison-error")
	if len(status.Conditions) != 1 || status.Conditions[0].Type != "ComparisonError" || !strings.Contains(status.Conditions[0].Message, "broken.yaml") {
		t.Errorf("the conditions are %+v", status.Conditions)
	}
	if status.Sync != workflow.SyncUnknown || status.Revision != "main" || got[0] != "Namespace payments-api-dev Unknown" {
		t.Errorf("it is %s at %q, its first object %s", status.Sync, status.Revision, got[0])
	}
}

func TestTroubleStaysKnownWhileASyncIsTriedAgain(t *testing.T) {
	m := memory{namespace: "argocd", clock: stoppedClock{}, log: discard, changed: func() {}}
	for _, name := range []string{"under-way", "failed-first-try", "waits-to-retry", "retries", "retries-again", "waits-longer", "went-through"} {
		if err := m.Update(recorded(t, name)); err != nil {
			t.Fatal(err)
		}
		status, _ := m.get("payments", "weu-1")
		failing := name != "under-way" && name != "failed-first-try" && name != "went-through"
		if (len(status.Operation.Failures) == 1 && status.Operation.Failures[0].Message == refusal) != failing {
			t.Errorf("%s: the failures are %+v", name, status.Operation.Failures)
		}
		if status.Operation.Revision != jobCommit {
			t.Errorf("%s: it syncs %q", name, status.Operation.Revision)
		}
	}
	// Another sync has trouble of its own, or none.
	later := changed(t, recorded(t, "retries"), "2026-11-21T08:00:00Z", "status", "operationState", "startedAt")
	for _, object := range []*unstructured.Unstructured{recorded(t, "waits-longer"), later} {
		if err := m.Update(object); err != nil {
			t.Fatal(err)
		}
	}
	if status, _ := m.get("payments", "weu-1"); len(status.Operation.Failures) > 0 || status.Operation.Message != "" {
		t.Errorf("of another sync it says %+v", status.Operation)
	}
}

func TestTextFromAClusterBecomesOneLineThatCanBeShown(t *testing.T) {
	for text, want := range map[string]string{
		"  a\n\tb \x00c\x1b[31m ":      "a b c [31m",
		"safe\u202etxt\u200b.exe":      "safe txt .exe",
		"\xff\xfe broken":              "broken",
		strings.Repeat("x", 3000):      strings.Repeat("x", maxText-3) + "…",
		strings.Repeat("ä", 3000):      strings.Repeat("ä", (maxText-3)/2) + "…",
		strings.Repeat("\u200b", 9000): "",
	} {
		if got := clean(text); got != want {
			t.Errorf("%.40q became %.40q (%d bytes), want %.40q", text, got, len(got), want)
		}
	}
}

func TestWhatDiffersFromTryToTryIsNoPartOfTheTrouble(t *testing.T) {
	for text, want := range map[string]string{
		"refused. Retrying attempt #12 at 3:04PM.":                            "refused",
		"refused (retried 5 times).":                                          "refused",
		`from server for: "/dev/shm/1611175032": namespaces "a" is forbidden`: `from server for: its manifest: namespaces "a" is forbidden`,
		"refused": "refused",
	} {
		if got := trouble(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func FuzzDecodeApplication(f *testing.F) {
	for _, name := range []string{"new", "synced", "waits-to-retry", "retries", "comparison-error", "prune-refused"} {
		data, err := recorded(f, name).MarshalJSON()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		object := &unstructured.Unstructured{}
		if object.UnmarshalJSON(data) != nil {
			return
		}
		status, ours, err := decode(object, "argocd")
		if status.Known != (ours && err == nil) {
			t.Errorf("known %v, ours %v, %v", status.Known, ours, err)
		}
		if !status.Known && (status.Revision != "" || len(status.Objects) > 0) {
			t.Errorf("half of it counts: %+v", status)
		}
		texts := []string{status.Sync, status.Revision, status.Operation.Message, status.Operation.Revision, string(status.Operation.Phase)}
		for _, o := range append(status.Objects, status.Operation.Failures...) {
			texts = append(texts, o.Kind, o.Namespace, o.Name, o.Sync, o.Health, o.Message)
		}
		for _, c := range status.Conditions {
			texts = append(texts, c.Type, c.Message)
		}
		for _, text := range texts {
			if len(text) > maxText || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
				t.Errorf("%q can be shown", text)
			}
		}
	})
}

func TestTwoTenantsWhoseApplicationsWouldHaveOneNameAreKeptApart(t *testing.T) {
	m := memory{namespace: "argocd", clock: stoppedClock{}, log: discard, changed: func() {}}
	if err := m.Add(recorded(t, "synced")); err != nil {
		t.Fatal(err)
	}
	if status, _ := m.get("payments-weu", "1"); status.Known || status.Tenant != "payments-weu" {
		t.Errorf("of another tenant it says %+v", status)
	}
}
