package workflow_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// syncPatience is how long trouble must last in these tests.
const syncPatience = 15 * time.Second

// observer follows requests in this world; a new one remembers nothing.
func (w *world) observer(words workflow.ArgoCD) *workflow.Observer {
	return &workflow.Observer{
		Store: w.service.Store, Repository: w.service.Repository, ArgoCD: words, Clock: w.clock, Log: quiet, Poll: time.Hour, Patience: syncPatience,
	}
}

// observe has the observer look once.
func (w *world) observe(o *workflow.Observer) {
	w.Helper()
	if err := o.ObserveAll(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// since are the types of the events that a request has beyond its commit.
func (w *world) since(id int64) []workflow.EventType {
	w.Helper()
	types := w.eventTypes(id)
	return types[slices.Index(types, workflow.EventCommitted)+1:]
}

// removed is a committed removal of payments-api-dev.
func (w *world) removed() workflow.Request {
	w.Helper()
	r := w.approve(w.submit(removing("payments-api-dev")).ID, olivia, sam)
	w.publish()
	return w.becomes(r.ID, workflow.StateCommitted)
}

func TestARequestBecomesActiveOnceArgoCDHasSyncedItsCommit(t *testing.T) {
	w, r := givenWorld(t)
	before, commit := w.git("rev-parse", "main^"), w.request(r.ID).Commit
	words := &argocd{}
	o := w.observer(words)
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
	words.says(synced(before))
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)

	later := w.approved(named("payments-job-dev"))
	w.publish()
	head := w.git("rev-parse", "main")
	words.says(synced(head))
	w.clock.advance(time.Minute)
	w.observe(o)
	got := w.becomes(r.ID, workflow.StateActive)
	if got.Revision != head || got.Commit != commit || got.Reason != "" || !got.UpdatedAt.Equal(w.clock.Now()) {
		t.Errorf("it is active with %+v", got)
	}
	w.becomes(later.ID, workflow.StateCommitted) // its namespace is not there
	events, err := w.service.Store.Events(t.Context(), r.ID)
	if last := events[len(events)-1]; err != nil || last.Type != workflow.EventActive || last.Commit != head || last.From != workflow.StateCommitted || last.To != workflow.StateActive {
		t.Errorf("the last event is %+v, %v", last, err)
	}

	// Whatever Argo CD does later, and however often Tenure restarts.
	for name, status := range map[string]workflow.SyncStatus{
		"the same":                     synced(head),
		"an older revision re-applied": synced(before),
		"another sync is refused":      refusing(head, "payments-api-dev", "denied the request"),
	} {
		words.says(status)
		w.observe(o)
		w.start()
		o = w.observer(words)
		w.clock.advance(time.Hour)
		w.observe(o)
		if again := w.becomes(r.ID, workflow.StateActive); again.Version != got.Version {
			t.Errorf("%s: it was written again", name)
		}
	}
	same(t, "what was recorded", []workflow.EventType{workflow.EventActive}, w.since(r.ID))
}

func TestTroubleThatLastsIsAFailureAndHealsByItself(t *testing.T) {
	w, r := givenWorld(t)
	commit := w.request(r.ID).Commit
	words := &argocd{}
	o := w.observer(words)
	words.says(refusing(commit, "payments-api-dev", "denied the request"))
	w.observe(o)
	w.clock.advance(syncPatience - time.Second)
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
	w.clock.advance(time.Second)
	w.observe(o)
	failed := w.becomes(r.ID, workflow.StateFailed)
	if want := "ResourceQuota payments-api-dev/tenure: denied the request"; failed.Reason != want {
		t.Errorf("the reason is %q, want %q", failed.Reason, want)
	}
	for range 5 { // each retry of Argo CD's is no news
		w.clock.advance(time.Minute)
		w.observe(o)
	}
	if got := w.request(r.ID); got.Version != failed.Version {
		t.Error("the same trouble was written again")
	}
	if health := w.service.Health(t.Context()); len(health.Failed) != 1 || health.Approved != 0 || len(health.Deferred) != 0 {
		t.Errorf("the health page shows %+v", health)
	}

	words.says(refusing(commit, "payments-api-dev", "denied for another reason"))
	w.observe(o)
	w.becomes(r.ID, workflow.StateFailed)
	w.start()
	o = w.observer(words) // remembers nothing, and waits anew
	w.observe(o)
	w.clock.advance(syncPatience)
	w.observe(o)
	if got := w.becomes(r.ID, workflow.StateFailed); !strings.HasSuffix(got.Reason, "another reason") {
		t.Errorf("the reason is %q", got.Reason)
	}
	words.says(synced(commit))
	w.observe(o)
	if got := w.becomes(r.ID, workflow.StateActive); got.Reason != "" || got.Revision != commit {
		t.Errorf("it is active with %+v", got)
	}
	same(t, "what was recorded", []workflow.EventType{workflow.EventFailed, workflow.EventFailed, workflow.EventActive}, w.since(r.ID))
}

func TestTroubleThatPassesIsNoFailure(t *testing.T) {
	w, r := givenWorld(t)
	commit := w.request(r.ID).Commit
	words := &argocd{}
	o := w.observer(words)
	trying := changedBy(synced(commit), func(s *workflow.SyncStatus) { s.Objects = apiIs("OutOfSync") })
	for range 4 { // again and again, but never for long
		words.says(refusing(commit, "payments-api-dev", "denied the request"))
		w.observe(o)
		w.clock.advance(syncPatience - time.Second)
		words.says(trying)
		w.observe(o)
		w.clock.advance(time.Second)
	}
	w.becomes(r.ID, workflow.StateCommitted)
	words.says(synced(commit))
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
	same(t, "what was recorded", []workflow.EventType{workflow.EventActive}, w.since(r.ID))
}

func TestWhatWasRemovedEndsAndTheRemovalIsActiveOnceItIsGone(t *testing.T) {
	w, r := givenWorld(t)
	words := &argocd{}
	o := w.observer(words)
	w.service.ArgoCD = words
	words.says(synced(w.request(r.ID).Commit))
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)

	removal := w.removed()
	w.observe(o)
	if got := w.becomes(r.ID, workflow.StateEnded); got.Reason != "Removed by request 2." {
		t.Errorf("it ended with %q", got.Reason)
	}
	left := changedBy(synced(removal.Commit), func(s *workflow.SyncStatus) { s.Objects = apiIs("OutOfSync")[:1] })
	words.says(left) // the namespace is terminating
	w.observe(o)
	w.becomes(removal.ID, workflow.StateCommitted)
	same(t, "how far it is", []workflow.Arrival{{
		Stage: workflow.ArrivalUnderWay, Tenant: "payments", Cluster: "weu-1", Application: "tenure-payments-weu-1", Revision: removal.Commit, Total: 1,
	}}, w.arrivals(removal.ID))
	refused := changedBy(left, func(s *workflow.SyncStatus) {
		s.Operation = workflow.SyncOperation{Phase: workflow.SyncRunning, Revision: removal.Commit, Retries: 1, Failures: []workflow.SyncedObject{{Kind: "Namespace", Name: "payments-api-dev", Message: "not yet"}}}
	})
	words.says(refused)
	w.observe(o)
	w.clock.advance(syncPatience)
	w.observe(o)
	if got := w.becomes(removal.ID, workflow.StateFailed); got.Reason != "Namespace payments-api-dev: not yet" {
		t.Errorf("it failed with %q", got.Reason)
	}
	words.says(changedBy(synced(removal.Commit), func(s *workflow.SyncStatus) { s.Objects = apiIs("Synced")[2:] }))
	w.observe(o)
	if got := w.becomes(removal.ID, workflow.StateActive); got.Revision != removal.Commit {
		t.Errorf("it is active with %+v", got)
	}
	w.observe(w.observer(words))
	same(t, "what was recorded of the grant", []workflow.EventType{workflow.EventActive, workflow.EventEnded}, w.since(r.ID))
	same(t, "what was recorded of the removal", []workflow.EventType{workflow.EventFailed, workflow.EventActive}, w.since(removal.ID))

	again := w.approved(wanted())
	w.publish()
	w.observe(o)
	if got := w.becomes(removal.ID, workflow.StateEnded); got.Reason != "payments-api-dev was given again by request 3." {
		t.Errorf("the removal ended with %q", got.Reason)
	}
	words.says(synced(w.request(again.ID).Commit))
	w.observe(o)
	w.becomes(again.ID, workflow.StateActive)
	w.proves()
}

func TestArgoCDThatCannotCompareDoesNotMakeARemovalActive(t *testing.T) {
	w, _ := givenWorld(t)
	removal := w.removed()
	words := &argocd{}
	words.says(workflow.SyncStatus{Sync: workflow.SyncUnknown, Revision: removal.Commit}) // and so it lists no objects
	w.observe(w.observer(words))
	w.becomes(removal.ID, workflow.StateCommitted)
}

func TestWithoutAWatchRequestsStayCommittedUntilTheyEnd(t *testing.T) {
	w, r := givenWorld(t)
	o := w.observer(nil)
	w.observe(o)
	w.clock.advance(24 * time.Hour)
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
	removal := w.removed()
	w.observe(o)
	w.becomes(r.ID, workflow.StateEnded)
	w.becomes(removal.ID, workflow.StateCommitted)
}

func TestAnEndIsRecordedThoughTenureEndedBeforeTheRemovalWasRecorded(t *testing.T) {
	w, r := givenWorld(t)
	removal := w.approve(w.submit(removing("payments-api-dev")).ID, olivia, sam)
	w.crashAt("after-push")
	w.start()
	if err := w.service.Repository.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.observe(w.observer(&argocd{}))
	if got := w.becomes(r.ID, workflow.StateEnded); got.Reason != "Removed by request 2." {
		t.Errorf("it ended with %q", got.Reason)
	}
	w.becomes(removal.ID, workflow.StateApproved)
}

// failsOnce is a database that loses the connection at the first write.
type failsOnce struct {
	workflow.Store
	failed *bool
}

func (s failsOnce) UpdateRequest(ctx context.Context, r workflow.Request, events []workflow.Event) (workflow.Request, error) {
	if !*s.failed {
		*s.failed = true
		return workflow.Request{}, errConnection
	}
	return s.Store.UpdateRequest(ctx, r, events)
}

func TestWhatCouldNotBeRecordedIsRecordedAtTheNextLook(t *testing.T) {
	w, r := givenWorld(t)
	words := &argocd{}
	words.says(synced(w.request(r.ID).Commit))
	w.observe(w.observer(words))
	w.becomes(r.ID, workflow.StateActive)
	w.removed()
	o, failed := w.observer(words), false
	o.Store = failsOnce{o.Store, &failed}
	if err := o.ObserveAll(t.Context()); err == nil || !strings.Contains(err.Error(), "request 1") {
		t.Errorf("the look came to %v", err)
	}
	w.becomes(r.ID, workflow.StateActive)
	w.observe(o)
	w.becomes(r.ID, workflow.StateEnded)
}

// overtaken is a database in which another replica is a moment faster.
type overtaken struct {
	workflow.Store
	other func()
}

func (s overtaken) UpdateRequest(ctx context.Context, r workflow.Request, events []workflow.Event) (workflow.Request, error) {
	s.other()
	return s.Store.UpdateRequest(ctx, r, events)
}

func TestOfTwoReplicasThatSeeTheSameOneRecordsIt(t *testing.T) {
	w, r := givenWorld(t)
	words := &argocd{}
	words.says(synced(w.request(r.ID).Commit))
	o := w.observer(words)
	o.Store = overtaken{o.Store, func() { w.observe(w.observer(words)) }}
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
	same(t, "what was recorded", []workflow.EventType{workflow.EventActive}, w.since(r.ID))
}

func TestACommitThatIsNotInTheVerifiedHistoryIsNotJudged(t *testing.T) {
	w, r := givenWorld(t)
	commit := w.request(r.ID).Commit
	words := &argocd{}
	words.says(synced(commit))
	o := w.observer(words)
	o.Repository = behind{o.Repository}
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
}

// behind is a repository that has not fetched the newest commits.
type behind struct{ workflow.Repository }

func (behind) Includes(string, string) bool { return false }

func TestTheObserverLooksWhenItIsWoken(t *testing.T) {
	w, r := givenWorld(t)
	words := &argocd{}
	o := w.observer(words)
	looked, written := make(chan struct{}, 100), make(chan struct{}, 100)
	o.Store = lookedAt{o.Store, looked, written}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); o.Run(ctx) }()
	await(t, looked, "it looks when it starts")
	words.says(synced(w.request(r.ID).Commit))
	o.Wake()
	await(t, written, "it looks when it is woken, while the ticker is an hour away")
	stop()
	await(t, ended, "it ends")
	w.becomes(r.ID, workflow.StateActive)
}

// lookedAt is a database that says when somebody looks for committed requests,
// and when one was written.
type lookedAt struct {
	workflow.Store
	looked, written chan<- struct{}
}

func (s lookedAt) UpdateRequest(ctx context.Context, r workflow.Request, events []workflow.Event) (workflow.Request, error) {
	stored, err := s.Store.UpdateRequest(ctx, r, events)
	s.written <- struct{}{}
	return stored, err
}

func (s lookedAt) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	found, err := s.Store.Requests(ctx, filter)
	if slices.Contains(filter.States, workflow.StateCommitted) {
		s.looked <- struct{}{}
	}
	return found, err
}

func TestALookThatLostARaceIsTakenAgain(t *testing.T) {
	w, r := givenWorld(t)
	w.observe(w.observer(nil))
	w.removed()
	o, times := w.observer(nil), 1
	o.Store = overtaken{o.Store, func() {
		if times--; times < 0 {
			return
		}
		next, events, err := workflow.Decide(w.request(r.ID), workflow.Actor{}, workflow.ActiveCommand{Revision: "facade"}, w.clock.Now())
		if err == nil {
			_, err = w.service.Store.UpdateRequest(t.Context(), next, events)
		}
		if err != nil {
			t.Error(err)
		}
	}}
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
	w.observe(o) // although nothing has changed in between
	w.becomes(r.ID, workflow.StateEnded)
}
