package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// hears has Argo CD say something of what a tenant has on a cluster.
func (a *argocd) hears(tenant, cluster string, status workflow.SyncStatus) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.words == nil {
		a.words = map[string]workflow.SyncStatus{}
	}
	a.words[tenant+" "+cluster] = status
}

// brought is what Argo CD says of an Application without objects, compared with a revision.
func brought(revision string) workflow.SyncStatus {
	return workflow.SyncStatus{
		Known: true, Application: "tenure-shop", Sync: "Synced", Revision: revision,
		Operation: workflow.SyncOperation{Phase: workflow.SyncSucceeded, Revision: revision},
	}
}

var (
	noApplication = workflow.SyncStatus{Absent: true, Why: "Argo CD has no Application yet."}
	notListening  = workflow.SyncStatus{Why: "Tenure has just begun to listen to Argo CD."}
)

func TestATenantIsActiveOnceArgoCDBringsItToEachOfItsClusters(t *testing.T) {
	w := newWorld(t)
	r := w.asked(nora, shopOf(newTeam(func(c *workflow.TenantChange) { c.Clusters = []string{"neu-1", "weu-1"} })))
	w.approve(r.ID, ada)
	before := w.git("rev-parse", "main")
	w.publish()
	commit := w.git("rev-parse", "main")
	words := &argocd{}
	o := w.observer(words)
	for _, step := range []struct {
		neu, weu workflow.SyncStatus
		want     workflow.State
	}{
		{notListening, notListening, workflow.StateCommitted},
		{noApplication, noApplication, workflow.StateCommitted},
		{brought(commit), noApplication, workflow.StateCommitted},
		{brought(commit), brought(before), workflow.StateCommitted},
		{brought(commit), brought(""), workflow.StateCommitted},
		{brought(commit), brought(commit), workflow.StateActive},
	} {
		words.hears("shop", "neu-1", step.neu)
		words.hears("shop", "weu-1", step.weu)
		w.observe(o)
		w.becomes(r.ID, step.want)
	}

	// Another ceiling is brought nowhere: what is approved is what holds.
	ceiling := w.asked(nora, shopOf(newTeam(func(c *workflow.TenantChange) {
		c.Existing, c.CPU, c.Clusters = true, "20", []string{"neu-1", "weu-1"}
	})))
	w.approve(ceiling.ID, ada)
	w.publish()
	w.observe(o)
	w.becomes(ceiling.ID, workflow.StateActive)

	fewer := w.asked(nora, shopOf(newTeam(func(c *workflow.TenantChange) { c.Existing, c.CPU = true, "20" })))
	w.approve(fewer.ID, ada)
	w.publish()
	for _, step := range []struct {
		neu  workflow.SyncStatus
		want workflow.State
	}{
		{brought(commit), workflow.StateCommitted},
		{brought(w.git("rev-parse", "main")), workflow.StateCommitted},
		{notListening, workflow.StateCommitted},
		{noApplication, workflow.StateActive},
	} {
		words.hears("shop", "neu-1", step.neu)
		w.observe(o)
		w.becomes(fewer.ID, step.want)
	}
}

func TestARemovedTenantIsActiveOnceItsApplicationsAreGoneAndEndsWhatWasAskedForIt(t *testing.T) {
	w, given := shopWorld(t)
	words := &argocd{}
	o := w.observer(words)
	words.hears("shop", "weu-1", brought(given.Commit))
	w.observe(o)
	w.becomes(given.ID, workflow.StateActive)
	changed := w.asked(nora, shopOf(newTeam(func(c *workflow.TenantChange) { c.Existing, c.CPU = true, "20" })))
	w.approve(changed.ID, ada)
	w.publish()
	w.observe(o)
	w.becomes(changed.ID, workflow.StateActive)

	removal := w.closeShop(nora)
	gone := brought(w.git("rev-parse", "main"))
	gone.Conditions = []workflow.SyncCondition{{Type: workflow.ComparisonErrorReason, Message: "clusters/weu-1/shop: app path does not exist"}}
	words.hears("shop", "weu-1", gone)
	w.observe(o)
	w.clock.advance(2 * syncPatience)
	w.observe(o)
	w.becomes(removal.ID, workflow.StateCommitted) // that its folder is gone is no trouble
	gone.Conditions = []workflow.SyncCondition{{Type: workflow.DeletionErrorReason, Message: "a finalizer is left"}}
	words.hears("shop", "weu-1", gone)
	w.observe(o)
	w.clock.advance(2 * syncPatience)
	w.observe(o)
	if failed := w.becomes(removal.ID, workflow.StateFailed); !strings.Contains(failed.Reason, "a finalizer is left") {
		t.Errorf("it failed because %q", failed.Reason)
	}
	words.hears("shop", "weu-1", noApplication)
	w.observe(o)
	if active := w.becomes(removal.ID, workflow.StateActive); active.Revision != active.Commit {
		t.Errorf("it is active at %q", active.Revision)
	}
	if ended := w.becomes(given.ID, workflow.StateEnded); ended.Reason != "Removed by request 3." {
		t.Errorf("it ended because %q", ended.Reason)
	}
	if ended := w.becomes(changed.ID, workflow.StateEnded); ended.Reason != "The tenant shop was removed." {
		t.Errorf("it ended because %q", ended.Reason)
	}

	again := w.asked(liam, shopOf(newTeam(nil)))
	w.approve(again.ID, ada)
	w.publish()
	w.observe(o)
	if ended := w.becomes(removal.ID, workflow.StateEnded); ended.Reason != "shop was given again by request 4." {
		t.Errorf("it ended because %q", ended.Reason)
	}
	w.observe(w.observer(words)) // one that remembers nothing comes to the same
	w.becomes(given.ID, workflow.StateEnded)
	w.becomes(again.ID, workflow.StateCommitted)
}

func TestWithoutArgoCDATenantsTermsHoldAtOnceAndItsPlacesStayUnknown(t *testing.T) {
	w, given := shopWorld(t)
	o := w.observer(nil)
	changed := w.asked(nora, shopOf(newTeam(func(c *workflow.TenantChange) { c.Existing, c.CPU = true, "20" })))
	w.approve(changed.ID, ada)
	w.publish()
	w.observe(o)
	w.becomes(given.ID, workflow.StateCommitted)
	w.becomes(changed.ID, workflow.StateActive)
	removal := w.closeShop(nora)
	w.observe(o)
	w.becomes(removal.ID, workflow.StateCommitted)
	w.becomes(given.ID, workflow.StateEnded)
}

func TestATenantStaysUntilArgoCDHasRemovedItsLastNamespace(t *testing.T) {
	w, _ := shopWorld(t)
	words := &argocd{}
	w.service.ArgoCD, w.publisher.ArgoCD = words, words
	namespace := w.asked(nora, shopOf(with(func(c *workflow.NamespaceChange) { c.Name = "shop-web-dev" })))
	w.approve(namespace.ID, ada, sam)
	w.publish()
	gone := w.asked(nora, shopOf(workflow.RemovalChange{Cluster: "weu-1", Namespace: "shop-web-dev", Confirmation: "shop-web-dev", Reason: "Replaced."}))
	w.approve(gone.ID, ada, sam)
	w.publish()
	w.committedOnce(gone.ID)

	_, err := w.service.Submit(t.Context(), nora, leavingShop())
	wrongIn(t, err, "tenant", `"shop-web-dev" is still being removed from weu-1 (request 3).`)
	elsewhere := newTeam(func(c *workflow.TenantChange) { c.Existing, c.Clusters = true, []string{"neu-1"} })
	_, err = w.service.Submit(t.Context(), nora, shopOf(elsewhere))
	wrongIn(t, err, "clusters", `"shop-web-dev" is still being removed from weu-1 (request 3).`)

	w.service.ArgoCD = nil // a replica that had not heard of it let this through
	removal := w.asked(nora, leavingShop())
	w.approve(removal.ID, ada, sam)
	w.publish()
	if waits := w.becomes(removal.ID, workflow.StateApproved); waits.Attempt == nil || !strings.Contains(waits.Attempt.Problem, `It waits for the removal of "shop-web-dev" from weu-1, request 3.`) {
		t.Errorf("its attempt is %+v", waits.Attempt)
	}
	words.hears("shop", "weu-1", brought(w.git("rev-parse", "main")))
	w.observe(w.observer(words))
	w.becomes(gone.ID, workflow.StateActive)
	w.clock.advance(syncPatience)
	w.publish()
	w.committedOnce(removal.ID)
	w.proves()
}
