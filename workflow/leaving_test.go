package workflow_test

import (
	"context"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

const stillLeaving = `"payments-api-dev" is still being removed from weu-1 (request 2). Ask again once it is gone.`

// watched has every part know that Argo CD is watched.
func (w *world) watched() (*argocd, *workflow.Observer) {
	words := &argocd{}
	w.service.ArgoCD, w.publisher.ArgoCD = words, words
	return words, w.observer(words)
}

// gone is what Argo CD says once payments-api-dev is gone.
func gone(revision string) workflow.SyncStatus {
	return changedBy(synced(revision), func(s *workflow.SyncStatus) { s.Objects = apiIs("Synced")[2:] })
}

// refusesTheName wants the name to be refused in the form, with these words.
func (w *world) refusesTheName(when, want string) {
	w.Helper()
	_, err := w.service.Plan(w.Context(), dana, asks(wanted()))
	if found := messages(refused(w.T, err, workflow.Invalid).Fields); found["name"] != want {
		w.Errorf("%s it says %q, want %q", when, found["name"], want)
	}
	if _, err := w.service.Submit(w.Context(), dana, asks(wanted())); err == nil {
		w.Errorf("%s it can be asked for", when)
	}
}

func TestARemovedNamespacesNameIsFreeOnlyOnceItIsGoneFromTheCluster(t *testing.T) {
	w, _ := givenWorld(t)
	words, o := w.watched()
	removal := w.removed()
	w.refusesTheName("after the commit", stillLeaving)

	words.says(refusing(removal.Commit, "payments-api-dev", "not yet"))
	w.observe(o)
	w.clock.advance(syncPatience)
	w.observe(o)
	w.becomes(removal.ID, workflow.StateFailed)
	w.refusesTheName("while Argo CD cannot remove it", stillLeaving)
	w.submit(named("payments-web-dev")) // other names are free
	elsewhere := wanted()
	elsewhere.Cluster = "neu-1"
	if _, err := w.service.Plan(t.Context(), dana, asks(elsewhere)); err != nil {
		if found := messages(refused(t, err, workflow.Invalid).Fields); found["name"] != "" {
			t.Errorf("on another cluster it says %q", found["name"])
		}
	}

	words.says(gone(removal.Commit))
	w.observe(o)
	w.becomes(removal.ID, workflow.StateActive)
	again := w.approved(wanted())
	w.publish()
	w.committedOnce(again.ID)
	w.proves()
}

func TestANameIsNotFreeThoughTenureEndedBeforeTheRemovalWasRecorded(t *testing.T) {
	w, _ := givenWorld(t)
	w.approved(removing("payments-api-dev"))
	w.crashAt("after-push")
	w.start()
	w.watched()
	if err := w.service.Repository.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.refusesTheName("after the push", stillLeaving)
}

func TestWhereNobodyWatchesANameIsFreeOnceItsRemovalIsCommitted(t *testing.T) {
	w, _ := givenWorld(t)
	w.approved(removing("payments-api-dev"))
	w.refusesTheName("before the commit", `"payments-api-dev" is taken on weu-1: your tenant has it since request 1. Choose another name.`)
	w.publish()
	again := w.approved(wanted())
	w.publish()
	w.committedOnce(again.ID)
}

func TestAGrantWhoseNameIsStillBeingRemovedIsPutOffUntilItIsGone(t *testing.T) {
	w, _ := givenWorld(t)
	removal := w.removed()
	again := w.approved(wanted()) // asked for while nobody watched
	words, o := w.watched()
	w.publish()
	waits := w.becomes(again.ID, workflow.StateApproved)
	want := `It waits for the removal of the earlier "payments-api-dev" from weu-1, request 2. It is committed once that is gone.`
	if waits.Attempt == nil || waits.Attempt.Problem != want || len(w.grants(again.ID)) != 0 {
		t.Fatalf("its attempt is %+v, its commits are %q", waits.Attempt, w.grants(again.ID))
	}
	words.says(gone(removal.Commit))
	w.observe(o)
	w.becomes(removal.ID, workflow.StateActive)
	w.clock.advance(syncPatience)
	w.publish()
	w.committedOnce(again.ID)
	w.proves()
}

func TestAnotherTenantsRemovalHoldsANameAndIsNotTold(t *testing.T) {
	w, _ := givenWorld(t)
	removal := w.removed()
	words, _ := w.watched()
	other := removal
	other.Tenant = "logistics"
	w.service.Store = insteadOf{w.service.Store, other}
	w.publisher.Store = insteadOf{w.publisher.Store, other}
	w.refusesTheName("while another tenant's is there", strings.Replace(stillLeaving, " (request 2)", "", 1))

	w.service.ArgoCD = nil
	again := w.approved(wanted())
	w.service.ArgoCD = words
	w.publish()
	waits := w.becomes(again.ID, workflow.StateApproved)
	if waits.Attempt == nil || strings.Contains(waits.Attempt.Problem, "request 2") || !strings.Contains(waits.Attempt.Problem, "waits for the removal") {
		t.Errorf("its attempt is %+v", waits.Attempt)
	}
}

// insteadOf is a database in which one request is seen otherwise.
type insteadOf struct {
	workflow.Store
	seen workflow.Request
}

func (s insteadOf) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	all, err := s.Store.Requests(ctx, filter)
	for i := range all {
		if all[i].ID == s.seen.ID {
			all[i] = s.seen
		}
	}
	return all, err
}
