package workflow_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// withoutRequest is a store that does not list one request.
type withoutRequest struct {
	workflow.Store

	id int64
}

func (s withoutRequest) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	requests, err := s.Store.Requests(ctx, filter)
	return slices.DeleteFunc(requests, func(r workflow.Request) bool { return r.ID == s.id }), err
}

// applications say of each Application what a test says; the others nothing.
type applications map[string]workflow.SyncStatus

func (a applications) Sync(tenant, cluster string) workflow.SyncStatus { return a[tenant+" "+cluster] }
func (applications) Health() workflow.ArgoCDHealth                     { return workflow.ArgoCDHealth{Watched: true} }

// at is what Argo CD says of an Application with one namespace, all of which is
// as the test says.
func at(revision, namespace, sync string) workflow.SyncStatus {
	return workflow.SyncStatus{
		Known: true, Sync: sync, Revision: revision, Operation: workflow.SyncOperation{Phase: workflow.SyncSucceeded, Revision: revision},
		Objects: []workflow.SyncedObject{
			{Kind: "Namespace", Name: namespace, Sync: "Synced"},
			{Kind: "NetworkPolicy", Namespace: namespace, Name: "tenure-platform", Sync: sync},
		},
	}
}

func TestAPolicyThatChangesNoManifestIsActiveWithItsCommit(t *testing.T) {
	for name, words := range map[string]workflow.ArgoCD{"watched": applications{}, "not watched": nil} {
		t.Run(name, func(t *testing.T) {
			w := inhabited(t)
			r := w.decreed(otherwise(t, larger))
			w.publish()
			w.observe(w.observer(words))
			w.becomes(r.ID, workflow.StateActive)
		})
	}
}

func TestAPolicyWaitsForEveryApplicationThatItsManifestsConcern(t *testing.T) {
	w := inhabited(t)
	before := w.git("rev-parse", "main")
	r := w.decreed(otherwise(t, newFlow))
	w.publish()
	head := w.git("rev-parse", "main")
	words := applications{"payments weu-1": at(head, "payments-api", "Synced"), "logistics neu-1": at(before, "logistics-db", "Synced")}
	o := w.observer(words)
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
	words["logistics neu-1"] = at(head, "logistics-db", "OutOfSync")
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
	dossier, err := w.service.Dossier(t.Context(), audrey, r.ID)
	if err != nil || len(dossier.Arrivals) != 2 {
		t.Errorf("the arrivals are %+v, %v", dossier.Arrivals, err)
	}
	words["logistics neu-1"] = at(head, "logistics-db", "Synced")
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
}

func TestAPolicyThatDoesNotArriveSaysWhatIsInTheWay(t *testing.T) {
	w := inhabited(t)
	r := w.decreed(otherwise(t, newFlow))
	w.publish()
	head := w.git("rev-parse", "main")
	refused := at(head, "logistics-db", "OutOfSync")
	refused.Operation = workflow.SyncOperation{
		Phase: workflow.SyncFailed, Revision: head, Message: "one or more objects failed to apply",
		Failures: []workflow.SyncedObject{{Kind: "NetworkPolicy", Namespace: "logistics-db", Name: "tenure-platform", Message: "denied the request"}},
	}
	words := applications{"payments weu-1": at(head, "payments-api", "Synced"), "logistics neu-1": refused}
	o := w.observer(words)
	w.observe(o)
	w.clock.advance(syncPatience)
	w.observe(o)
	if r := w.becomes(r.ID, workflow.StateFailed); r.Reason != "NetworkPolicy logistics-db/tenure-platform: denied the request" {
		t.Errorf("it failed because %q", r.Reason)
	}
}

func TestAPolicyDoesNotWaitForNamespacesThatWereRemovedSince(t *testing.T) {
	w := inhabited(t)
	r := w.decreed(otherwise(t, newFlow))
	w.publish()
	removal := w.approve(w.submit(removing("payments-api")).ID, olivia, sam)
	w.publish()
	w.committedOnce(removal.ID)
	head := w.git("rev-parse", "main")
	gone := at(head, "payments-api", "Synced")
	gone.Objects = nil
	w.observe(w.observer(applications{"payments weu-1": gone, "logistics neu-1": at(head, "logistics-db", "Synced")}))
	w.becomes(r.ID, workflow.StateActive)
}

func TestAPolicyEndsWhenAnotherOneIsInForce(t *testing.T) {
	w := inhabited(t)
	first := w.decreed(otherwise(t, larger))
	w.publish()
	o := w.observer(nil)
	w.observe(o)
	w.becomes(first.ID, workflow.StateActive)
	second := w.decreed(otherwise(t, func(p *workflow.Policy) { delete(p.Sizes, "large") }))
	w.publish()
	w.observe(o)
	if r := w.becomes(first.ID, workflow.StateEnded); r.Reason != "Replaced by request 2." {
		t.Errorf("it ended because %q", r.Reason)
	}
	w.becomes(second.ID, workflow.StateActive)
	w.observe(w.observer(nil)) // one that remembers nothing comes to the same
	w.becomes(second.ID, workflow.StateActive)
}

func TestAnActivePolicyStaysWhenTenantsAreGrantedSomething(t *testing.T) {
	w := inhabited(t)
	r := w.decreed(otherwise(t, larger))
	w.publish()
	o := w.observer(nil)
	w.observe(o)
	w.approved(wanted())
	w.publish()
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
}

func TestALongPlanIsShownAndStoredShortAndCommittedWhole(t *testing.T) {
	p := payments()
	p.Ceiling.Namespaces, p.Ceiling.CPU, p.Ceiling.Memory, p.Ceiling.Storage = 300, amount("1000"), amount("4000Gi"), amount("9000Gi")
	for i := range 250 {
		n := held("payments-"+strings.Repeat("x", 1+i/26)+string(rune('a'+i%26)), 0)
		n.Quota.Request = 0
		p.Namespaces = append(p.Namespaces, n)
	}
	w := newWorldOf(t, p)
	plan, err := w.service.Plan(t.Context(), amir, workflow.Draft{Change: otherwise(t, newFlow)})
	if err != nil || len(plan.Files) != workflow.MaxShownFiles || plan.Files[0].Path != "policy.yaml" || plan.Policy.Unshown != 51 || plan.Policy.Tenants[0].Files != 250 {
		t.Fatalf("shown are %d files, %+v, %v", len(plan.Files), plan.Policy, err)
	}
	r := w.decreed(otherwise(t, newFlow))
	if stored := w.request(r.ID).Plan; len(stored.Files) != workflow.MaxShownFiles || stored.Policy.Unshown != 51 {
		t.Errorf("stored are %d files", len(stored.Files))
	}
	w.publish()
	w.committedOnce(r.ID)
	if changed := strings.Count(w.git("show", "--name-only", "--format=", "main"), "\n"); changed != 250 {
		t.Errorf("the commit changes %d files beside the policy", changed)
	}
}
