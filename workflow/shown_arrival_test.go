package workflow_test

import (
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// stuck is an Argo CD that does not get through with a tenant's Application,
// because of an object, and has everything of the others.
func (w *world) stuck(r workflow.Request, tenant, object string) *argocd {
	kind, rest, _ := strings.Cut(object, " ")
	namespace, name, _ := strings.Cut(rest, "/")
	words := map[string]workflow.SyncStatus{}
	for slug, names := range map[string][2]string{"payments": {"payments-api", "egress"}, "logistics": {"logistics-db", "ingress"}} {
		status := workflow.SyncStatus{
			Known: true, Application: "tenure-" + slug + "-weu-1", Sync: "Synced", Revision: r.Commit,
			Objects:   []workflow.SyncedObject{{Kind: "NetworkPolicy", Namespace: names[0], Name: "tenure-exception-" + number(r.ID) + "-" + names[1], Sync: "Synced"}},
			Operation: workflow.SyncOperation{Phase: workflow.SyncSucceeded, Revision: r.Commit},
		}
		if slug == tenant {
			status.Sync, status.Objects[0].Sync = "OutOfSync", "OutOfSync"
			status.Operation = workflow.SyncOperation{
				Phase: workflow.SyncFailed, Revision: r.Commit, Message: "one or more objects failed to apply",
				Failures: []workflow.SyncedObject{{Kind: kind, Namespace: namespace, Name: name, Message: "the secret plans are too large"}},
			}
		}
		words[slug+" weu-1"] = status
	}
	return &argocd{words: words}
}

func TestTroubleOfOneTenantIsToldToTheOtherOnlyWhereItIsAboutWhatTheyShare(t *testing.T) {
	for name, test := range map[string]struct {
		tenant, object string
		asker, peer    string // what each of them is told
	}{
		"of whoever asked":        {"payments", "Secret payments-web/plans", "Secret payments-web/plans: the secret plans", "Argo CD does not get through with what payments has on its cluster."},
		"of the other":            {"logistics", "Secret logistics-secret/plans", "Argo CD does not get through with what logistics has on its cluster.", "Argo CD does not get through with what logistics has on its cluster."},
		"about the end that asks": {"payments", "NetworkPolicy payments-api/tenure-exception-1-egress", "NetworkPolicy payments-api/tenure-exception-1-egress: the secret plans", "NetworkPolicy payments-api/tenure-exception-1-egress: the secret plans"},
		"about the other end":     {"logistics", "NetworkPolicy logistics-db/tenure-exception-1-ingress", "NetworkPolicy logistics-db/tenure-exception-1-ingress: the secret plans", "NetworkPolicy logistics-db/tenure-exception-1-ingress: the secret plans"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newConnectedWorld(t)
			r := w.submit(toNamespace("logistics-db"))
			w.approve(r.ID, olivia, lena, sam)
			w.publish()
			r = w.becomes(r.ID, workflow.StateCommitted)
			w.service.ArgoCD = w.stuck(r, test.tenant, test.object)
			for who, want := range map[*workflow.Actor]string{&dana: test.asker, &lena: test.peer} {
				dossier, err := w.service.Dossier(t.Context(), *who, r.ID)
				if err != nil {
					t.Fatal(err)
				}
				worst, _ := workflow.Furthest(dossier.Arrivals)
				if worst.Tenant != test.tenant || !strings.HasPrefix(worst.Trouble(), want) {
					t.Errorf("%s is told %q of %s, want %q", who.Name, worst.Trouble(), worst.Tenant, want)
				}
			}
			observer := w.observer(w.service.ArgoCD)
			w.observe(observer)
			w.clock.advance(time.Hour)
			w.observe(observer)
			w.becomes(r.ID, workflow.StateFailed)
			for who, want := range map[*workflow.Actor]string{&dana: test.asker, &lena: "Argo CD does not get through with what payments has on its cluster."} {
				dossier, err := w.service.Dossier(t.Context(), *who, r.ID)
				if err != nil {
					t.Fatal(err)
				}
				if last := dossier.Events[len(dossier.Events)-1]; !strings.HasPrefix(dossier.Request.Reason, want) || !strings.HasPrefix(last.Detail, want) {
					t.Errorf("%s reads %q, and %q in the trail; want %q", who.Name, dossier.Request.Reason, last.Detail, want)
				}
			}
		})
	}
}

func TestAnExceptionIsActiveOnceArgoCDHasBothEnds(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("logistics-db"))
	w.approve(r.ID, olivia, lena, sam)
	w.publish()
	r = w.becomes(r.ID, workflow.StateCommitted)
	words := w.stuck(r, "", "")
	theirs := words.words["logistics weu-1"]
	delete(words.words, "logistics weu-1")
	observer := w.observer(words)
	w.observe(observer)
	w.becomes(r.ID, workflow.StateCommitted)
	words.words["logistics weu-1"] = theirs
	w.observe(observer)
	w.becomes(r.ID, workflow.StateActive)
}
