package workflow_test

import (
	"context"
	"slices"
	"testing"

	"tenure.dev/workflow"
)

func TestTheObserverForgetsTheTroubleOfWhatAnotherReplicaTookOn(t *testing.T) {
	w, r := givenWorld(t)
	commit := w.request(r.ID).Commit
	words := &argocd{}
	o := w.observer(words)
	words.says(refusing(commit, "payments-api-dev", "denied the request"))
	w.observe(o)
	if o.Remembered() != 1 {
		t.Fatalf("it remembers %d troubles", o.Remembered())
	}
	words.says(synced(commit))
	w.observe(w.observer(words))
	w.becomes(r.ID, workflow.StateActive)
	w.observe(o)
	if o.Remembered() != 0 {
		t.Error("it remembers the trouble of a request that nobody waits for")
	}
}

// stubborn is a database that never stores one request, and counts how often
// somebody reads all that is active.
type stubborn struct {
	workflow.Store
	request int64
	reads   *int
}

func (s stubborn) UpdateRequest(ctx context.Context, r workflow.Request, events []workflow.Event) (workflow.Request, error) {
	if r.ID == s.request {
		return workflow.Request{}, errConnection
	}
	return s.Store.UpdateRequest(ctx, r, events)
}

func (s stubborn) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	if slices.Contains(filter.States, workflow.StateActive) && len(filter.Tenants) == 0 {
		*s.reads++
	}
	return s.Store.Requests(ctx, filter)
}

func TestOneRequestThatCannotBeStoredIsTriedAgainWithoutReadingAllOthers(t *testing.T) {
	w, r := givenWorld(t)
	words := &argocd{}
	words.says(synced(w.request(r.ID).Commit))
	w.observe(w.observer(words))
	w.becomes(r.ID, workflow.StateActive)
	w.removed()
	o, reads := w.observer(words), 0
	store := o.Store
	o.Store = stubborn{store, r.ID, &reads}
	for range 4 {
		if err := o.ObserveAll(t.Context()); err == nil {
			t.Error("it says nothing of what it could not store")
		}
	}
	if reads != 1 {
		t.Errorf("it read all that is active %d times, want once", reads)
	}
	o.Store = store
	w.observe(o)
	w.becomes(r.ID, workflow.StateEnded)
	w.observe(o) // and is done with it
}

func TestWhatAnotherReplicaStoredMeanwhileIsNotTriedAgain(t *testing.T) {
	w, r := givenWorld(t)
	w.removed()
	o, reads := w.observer(nil), 0
	store := o.Store
	o.Store = stubborn{store, r.ID, &reads}
	if err := o.ObserveAll(t.Context()); err == nil {
		t.Error("it says nothing of what it could not store")
	}
	w.observe(w.observer(nil))
	ended := w.becomes(r.ID, workflow.StateEnded)
	w.observe(o) // without an error, though it still cannot store
	if got := w.request(r.ID); got.Version != ended.Version {
		t.Error("it was written again")
	}
}
