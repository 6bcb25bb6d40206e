package workflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// reaching asks for what payments-web may talk to: logistics-api, until firstEnd.
func reaching() workflow.NetworkChange {
	return workflow.NetworkChange{
		Cluster: "weu-1", Namespace: "payments-web", Direction: workflow.Egress, Peer: workflow.PeerNamespace, PeerNamespace: "logistics-api",
		Ports: "TCP 8080", Until: "2026-03-03T12:00:00Z", Reason: "It asks for prices.",
	}
}

// emptyWorld is a world in which payments and logistics have a namespace each.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	holder, other := payments(), logistics()
	holder.Namespaces, other.Namespaces = []workflow.Namespace{held("payments-web", 900)}, []workflow.Namespace{held("logistics-api", 901)}
	return newWorldOf(t, holder, other)
}

// reachingWorld is one in which payments-web may talk to logistics-api.
func reachingWorld(t *testing.T) (*world, workflow.Request) {
	t.Helper()
	w := emptyWorld(t)
	r := w.approve(w.submit(reaching()).ID, olivia, lena, sam)
	w.publish()
	w.committedOnce(r.ID)
	same(t, "what is open", []string{"1 logistics-api", "1 payments-web"}, w.open())
	return w, r
}

// tells has Argo CD be at a revision, everywhere, with these of the exceptions'
// ends, as "1 egress payments-web".
func (a *argocd) tells(revision string, ends ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.words = map[string]workflow.SyncStatus{}
	for _, tenant := range []string{"payments", "logistics"} {
		status := workflow.SyncStatus{
			Known: true, Application: "tenure-" + tenant + "-weu-1", Tenant: tenant, Cluster: "weu-1", Sync: "Synced", Revision: revision,
			Operation: workflow.SyncOperation{Phase: workflow.SyncSucceeded, Revision: revision},
		}
		for _, end := range ends {
			parts := strings.Fields(end)
			if strings.HasPrefix(parts[2], tenant) {
				status.Objects = append(status.Objects, workflow.SyncedObject{
					Kind: "NetworkPolicy", Namespace: parts[2], Name: fmt.Sprintf("tenure-exception-%s-%s", parts[0], parts[1]), Sync: "Synced",
				})
			}
		}
		a.words[tenant+" weu-1"] = status
	}
}

// expiredNow lists what the health page says is live although it expired.
func (w *world) expiredNow() []string {
	w.Helper()
	var lines []string
	for _, e := range w.service.Health(w.Context()).Expired {
		lines = append(lines, fmt.Sprintf("%d %s %s %s since %s: %s", e.Request, e.Tenant, e.Cluster, e.Namespace, e.Since.Format("2 Jan 15:04"), e.Says))
	}
	return lines
}

func TestTheWholeLineOfAnExceptionUntilNothingOfItIsLeft(t *testing.T) {
	w, r := reachingWorld(t)
	words := &argocd{}
	words.tells(r.Commit) // neither end is there
	restart := func() *workflow.Observer {
		w.start()
		w.service.ArgoCD = words
		return w.observer(words)
	}
	o := restart()
	commit := w.request(r.ID).Commit
	words.tells(commit, "1 egress payments-web")
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted) // the other end is not there
	words.tells(commit, "1 egress payments-web", "1 ingress logistics-api")
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)

	w.at(firstEnd.Add(-time.Second))
	w.expire()
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
	same(t, "what is expired and live", 0, len(w.expiredNow()))
	w.at(firstEnd)
	same(t, "what is expired and live", []string{
		"1 logistics weu-1 logistics-api since 3 Mar 12:00: The commit of its end is about to be made.",
		"1 payments weu-1 payments-web since 3 Mar 12:00: The commit of its end is about to be made.",
	}, w.expiredNow())
	w.expire()
	w.observe(o)
	ended, head := w.becomes(r.ID, workflow.StateEnded), w.git("rev-parse", "main")
	if ended.Reason != "Its end, 3 Mar 2026 12:00 UTC, came." || ended.EndCommit != head || !ended.Lingers {
		t.Errorf("it ended with %q, at %q, lingering %v", ended.Reason, ended.EndCommit, ended.Lingers)
	}
	behind := "Argo CD has not come to the commit of its end."
	same(t, "what is expired and live", []string{
		"1 payments weu-1 payments-web since 3 Mar 12:00: " + behind, "1 logistics weu-1 logistics-api since 3 Mar 12:00: " + behind,
	}, w.expiredNow())

	o = restart()
	words.tells(head, "1 ingress logistics-api")
	w.observe(o)
	same(t, "what is expired and live", []string{"1 logistics weu-1 logistics-api since 3 Mar 12:00: Argo CD has the commit of its end, and has not yet removed it."}, w.expiredNow())
	words.tells(head)
	w.observe(o)
	w.observe(o)
	if gone := w.becomes(r.ID, workflow.StateEnded); gone.Lingers || gone.EndCommit != head {
		t.Errorf("it is gone, and lingers: %v, ended by %q", gone.Lingers, gone.EndCommit)
	}
	same(t, "what is expired and live", 0, len(w.expiredNow()))
	same(t, "what was recorded", []workflow.EventType{workflow.EventActive, workflow.EventEnded, workflow.EventGone}, w.since(r.ID))
	w.proves()
}

func TestWhatIsNotActiveYetEndsTooAndAnObjectOfAnotherNameIsNotItsOwn(t *testing.T) {
	w, r := reachingWorld(t)
	words := &argocd{}
	w.service.ArgoCD = words
	o := w.observer(words)
	words.tells(w.request(r.ID).Commit)
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
	w.at(firstEnd)
	w.expire()
	words.tells(w.git("rev-parse", "main"), "10 egress payments-web", "1 ingress payments-web")
	w.observe(o)
	w.observe(o)
	if gone := w.becomes(r.ID, workflow.StateEnded); gone.Lingers {
		t.Error("it lingers")
	}
}

func TestWhereNobodyWatchesARequestEndsAndNothingIsAlarmed(t *testing.T) {
	w, r := reachingWorld(t)
	o := w.observer(nil)
	w.observe(o)
	w.at(firstEnd)
	w.expire()
	w.observe(o)
	w.observe(o)
	w.becomes(r.ID, workflow.StateEnded)
	same(t, "what is expired and live", 0, len(w.expiredNow()))
}

func TestWhatTheApprovedStateStillHasIsAlarmedWithTheReason(t *testing.T) {
	w, _ := reachingWorld(t)
	w.at(firstEnd.Add(time.Hour))
	w.service.Repository = ill{w.service.Repository}
	if got := w.expiredNow(); len(got) != 2 || !strings.HasSuffix(got[0], ": The branch does not answer.") {
		t.Errorf("it says %q", got)
	}
}

// ill is a repository that is not well.
type ill struct{ workflow.Repository }

func (ill) Health() workflow.RepositoryHealth {
	return workflow.RepositoryHealth{Problem: "The branch does not answer."}
}

func TestWhatExpiredBeforeItWasCommittedIsNotCommitted(t *testing.T) {
	w := emptyWorld(t)
	r := w.approve(w.submit(reaching()).ID, olivia, lena, sam)
	second := w.submit(workflow.NetworkChange{
		Cluster: "weu-1", Namespace: "payments-web", Direction: workflow.Egress, Peer: workflow.PeerCIDR, CIDR: "10.20.0.0/16",
		Ports: "TCP 5432", Until: "2026-03-03T12:00:00Z", Reason: "The database.",
	})
	w.at(firstEnd)
	w.publish()
	back := w.becomes(r.ID, workflow.StateChangesRequested)
	if want := "The end that was asked for, 3 Mar 2026 12:00 UTC, came before it was committed, so nothing was given. Choose a later one."; back.Reason != want {
		t.Errorf("it went back because %q", back.Reason)
	}
	_, err := w.review(second.ID, olivia, workflow.VoteApprove, "")
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, "Your vote was not counted. The end that was asked for") {
		t.Errorf("Olivia reads %q", problem.Message)
	}
	w.becomes(second.ID, workflow.StateChangesRequested)
	same(t, "what is open", 0, len(w.open()))

	later := reaching()
	later.Until = "2026-03-09"
	if _, err := w.service.Resubmit(t.Context(), dana, r.ID, asks(later)); err != nil {
		t.Fatal(err)
	}
	w.approve(r.ID, olivia, lena, sam)
	w.at(time.Date(2026, 3, 8, 23, 59, 59, 999_999_000, time.UTC))
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

func TestWhatWasPushedBeforeACrashAndExpiredWhileTenureWasAwayEnds(t *testing.T) {
	w := emptyWorld(t)
	r := w.approve(w.submit(reaching()).ID, olivia, lena, sam)
	w.crashAt("after-push")
	w.at(firstEnd)
	w.start()
	w.expire()
	o := w.observer(&argocd{})
	w.observe(o)
	w.becomes(r.ID, workflow.StateApproved)
	w.publish()
	w.observe(o)
	if ended := w.becomes(r.ID, workflow.StateEnded); ended.EndCommit != w.git("rev-parse", "main") {
		t.Errorf("it ended with %+v", ended.Reason)
	}
	same(t, "what ended", []string{"1"}, w.ends())
	w.proves()
}

func TestANumberThatIsGivenAnewAfterADatabaseWasLostDoesNotEnd(t *testing.T) {
	w, _ := reachingWorld(t)
	w.at(firstEnd)
	w.expire()
	r := w.approved(wanted()) // its number is 2, and the repository says that 1 ended
	w.publish()
	o := w.observer(nil)
	o.Repository = endedAll{w.service.Repository}
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
}

// endedAll is a repository in which every number ended.
type endedAll struct{ workflow.Repository }

func (e endedAll) Ended(int64) (string, bool) { return e.Repository.Ended(1) }

func TestPeopleOfEitherSideEndAnExceptionForBoth(t *testing.T) {
	for name, test := range map[string]struct {
		tenant string
		by     workflow.Actor
		owner  workflow.Actor
	}{
		"a member of the tenant that asked":         {"payments", dana, olivia},
		"an owner of the tenant that asked":         {"payments", olivia, oscar},
		"a member of the tenant at the other end":   {"logistics", liam, lena},
		"an owner of the other one, the only there": {"logistics", lena, ada},
	} {
		t.Run(name, func(t *testing.T) {
			w, given := reachingWorld(t)
			r, err := w.service.Submit(t.Context(), test.by, workflow.Draft{Tenant: test.tenant, Change: ending(given.ID)})
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(r.Plan.Stages, func(s workflow.Stage) bool { return s.Role == workflow.RolePeerOwner }) {
				t.Errorf("the owners of the other side are asked: %v", r.Plan.Stages)
			}
			w.approve(r.ID, test.owner, sam)
			w.publish()
			w.committedOnce(r.ID)
			same(t, "what is open", 0, len(w.open()))
			w.proves()
			body := w.git("log", "-1", "--format=%B", "main")
			for _, want := range []string{"End of what request 1 gave for " + test.tenant + " (request 2)\n", "\nCloses TCP 8080 from payments-web to logistics-api (request 1).\n", "Tenure-Act: end\n", "Tenure-Request: 2\n"} {
				if !strings.Contains(body, want) {
					t.Errorf("the commit does not say %q:\n%s", want, body)
				}
			}

			words := &argocd{}
			o := w.observer(words)
			head := w.git("rev-parse", "main")
			words.tells(head, "1 ingress logistics-api")
			w.observe(o)
			w.becomes(r.ID, workflow.StateCommitted)
			if ended := w.becomes(given.ID, workflow.StateEnded); ended.Reason != "Removed by request 2." || ended.Lingers {
				t.Errorf("it ended with %q, lingering %v", ended.Reason, ended.Lingers)
			}
			words.tells(head)
			w.observe(o)
			w.becomes(r.ID, workflow.StateActive)
			w.at(firstEnd)
			w.expire() // its time comes, and there is nothing to end
			same(t, "what ended by itself", 0, len(w.ends()))
		})
	}
}

func TestNobodyElseEndsAnException(t *testing.T) {
	w, given := reachingWorld(t)
	for _, other := range []workflow.Actor{sam, ada, audrey} {
		_, err := w.service.Submit(t.Context(), other, asks(ending(given.ID)))
		if found := messages(refused(t, err, workflow.Invalid).Fields); found["tenant"] == "" {
			t.Errorf("%s reads %v", other.Name, found)
		}
	}
	_, err := w.service.Submit(t.Context(), liam, asks(ending(given.ID)))
	if found := messages(refused(t, err, workflow.Invalid).Fields); found["tenant"] == "" {
		t.Errorf("Liam ends it in the other one's name: %v", found)
	}
}

func TestWhatIsToEndAlreadyIsNotAskedForAgain(t *testing.T) {
	asksAgain := func(w *world, by workflow.Actor, tenant string) string {
		_, err := w.service.Submit(w.Context(), by, workflow.Draft{Tenant: tenant, Change: ending(1)})
		return messages(refused(w.T, err, workflow.Invalid).Fields)["exception"]
	}
	w, _ := reachingWorld(t)
	w.submit(ending(1))
	for by, tenant := range map[*workflow.Actor]string{&olivia: "payments", &liam: "logistics"} {
		if says := asksAgain(w, *by, tenant); says != "Request 2 already asks to end what request 1 gave." {
			t.Errorf("%s reads %q", by.Name, says)
		}
	}
	w, _ = reachingWorld(t)
	w.submit(removing("payments-web"))
	if says := asksAgain(w, olivia, "payments"); says != `Request 2 by Dana Developer already asks to remove "payments-web" on weu-1, and what request 1 gave goes with it.` {
		t.Errorf("Olivia reads %q", says)
	}
	w, _ = reachingWorld(t)
	w.submit(ending(1))
	w.submit(removing("payments-web")) // the whole namespace may go meanwhile
}

func TestAnExceptionThatExpiresWhileItsEndIsDecidedGoesBackSayingSo(t *testing.T) {
	w, _ := reachingWorld(t)
	r := w.approve(w.submit(ending(1)).ID, olivia, sam)
	w.at(firstEnd)
	w.expire()
	w.publish()
	if back := w.becomes(r.ID, workflow.StateChangesRequested); !strings.Contains(back.Reason, "payments has nothing that request 1 gave and that could end by itself. It may have ended already.") {
		t.Errorf("it went back because %q", back.Reason)
	}
	same(t, "what ended", []string{"1"}, w.ends())
	w.proves()
}

func TestANamespaceThatGoesTakesTheFarEndsOfItsExceptionsAlong(t *testing.T) {
	w, given := reachingWorld(t)
	change := removing("logistics-api")
	r, err := w.service.Submit(t.Context(), liam, workflow.Draft{Tenant: "logistics", Change: change})
	if err != nil {
		t.Fatal(err)
	}
	w.approve(r.ID, lena, sam)
	w.publish()
	w.committedOnce(r.ID)
	same(t, "what is open", 0, len(w.open()))
	words := &argocd{}
	o := w.observer(words)
	head := w.git("rev-parse", "main")
	words.tells(head, "1 egress payments-web")
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
	if ended := w.becomes(given.ID, workflow.StateEnded); ended.Reason != "Removed by request 2." {
		t.Errorf("it ended with %q", ended.Reason)
	}
	words.tells(head)
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
	w.proves()
}
