package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// equippedWorld is a world that begins as equipped is, with a directory in which
// people can be looked up.
func equippedWorld(t *testing.T) *world {
	t.Helper()
	return havingWorld(t, func(*workflow.Namespace) {})
}

// havingWorld is one with something else in payments-api.
func havingWorld(t *testing.T, change func(*workflow.Namespace)) *world {
	t.Helper()
	state := having(change)
	w := newWorldOf(t, state.Tenancies["payments"], state.Tenancies["logistics"])
	w.looksUp(known())
	return w
}

// looksUp gives the service and the publisher a directory of people.
func (w *world) looksUp(directory workflow.Accounts) {
	w.service.Accounts, w.publisher.Planner.Accounts = directory, directory
}

// has has Argo CD be at a revision with these objects of payments on weu-1.
func (a *argocd) has(revision string, objects ...workflow.SyncedObject) {
	a.says(workflow.SyncStatus{
		Sync: "Synced", Revision: revision, Objects: objects, Operation: workflow.SyncOperation{Phase: workflow.SyncSucceeded, Revision: revision},
	})
}

func object(kind, name, sync string) workflow.SyncedObject {
	return workflow.SyncedObject{Kind: kind, Namespace: "payments-api", Name: name, Sync: sync}
}

// line is a kind of grant on its way.
type line struct {
	asks, later workflow.Change
	end         time.Time // of the later one
	kind, name  string    // of the object that it is rendered to; none for an exemption
	outlives    bool      // the object is there also without the grant
	noun, ends  string    // what the commit of its end says of it
	by          func(workflow.Namespace) int64
}

// lines are the kinds, each asked for until 10 March and extended to the 20th.
func lines() map[workflow.Kind]line {
	later := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
	return map[workflow.Kind]line{
		workflow.KindQuota: {
			raiseFor(nil), raiseFor(func(c *workflow.QuotaChange) { c.Until, c.CPU = "2026-03-20", "4000m" }), later, "ResourceQuota", "tenure", true,
			"quota increase", "Ends the temporary quota of payments-api on weu-1 (request 2): CPU from 4 to 2.",
			func(n workflow.Namespace) int64 {
				if n.Quota.Raise == nil {
					return 0
				}
				return n.Quota.Raise.Request
			},
		},
		workflow.KindAccess: {
			forPerson(dana.ID.Object, nil), forPerson(dana.ID.Object, func(c *workflow.AccessChange) { c.Until = "2026-03-20" }), later,
			"RoleBinding", "tenure-admin-person-aaaaaaaa-0000", false,
			"access", "Takes away admin for dana@contoso.example in payments-api on weu-1 (request 2).",
			func(n workflow.Namespace) int64 {
				i := slices.IndexFunc(n.Access, func(a workflow.Access) bool { return a.Person != "" })
				if i < 0 {
					return 0
				}
				return n.Access[i].Request
			},
		},
		workflow.KindExemption: {
			exemptionFor(nil), exemptionFor(func(c *workflow.ExemptionChange) { c.Until = "2026-03-20" }), later, "", "", false,
			"exemption", "Lets no longer through: docker.io/library/redis:7.2 past trusted-registry for pods with app=legacy, in payments-api on weu-1 (request 2).",
			func(n workflow.Namespace) int64 {
				if len(n.Exemptions) != 1 {
					return -int64(len(n.Exemptions))
				}
				return n.Exemptions[0].Request
			},
		},
	}
}

// api reads payments-api as it is approved now.
func (w *world) api() workflow.Namespace {
	w.Helper()
	n, found := w.state().Tenancies["payments"].Namespace("weu-1", "payments-api")
	if !found {
		w.Fatal("payments-api is gone")
	}
	return n
}

// goes has everybody needed agree to a change of Olivia's, Dana's or Liam's, and commits it.
func (w *world) goes(change workflow.Change) workflow.Request {
	w.Helper()
	r := w.approved(change)
	w.publish()
	w.committedOnce(r.ID)
	return w.request(r.ID)
}

func TestTheWholeLineOfEachKindOfGrantToItsExtensionAndItsEnd(t *testing.T) {
	for kind, l := range lines() {
		t.Run(string(kind), func(t *testing.T) {
			w, words := equippedWorld(t), &argocd{}
			w.service.ArgoCD = words
			o := w.observer(words)
			first := w.goes(l.asks)
			same(t, "by whom it is given", first.ID, l.by(w.api()))
			body := w.git("log", "-1", "--format=%B", "main")
			for _, want := range []string{l.asks.Title() + " for payments (request 1)\n", "Tenure-Act: grant\n", "Tenure-Kind: " + string(kind) + "\n", "\n" + first.Plan.Summary[0] + "\n", "\nWhy: " + l.asks.Why() + "\n"} {
				if !strings.Contains(body, want) {
					t.Errorf("the commit does not say %q:\n%s", want, body)
				}
			}
			w.arrives(o, words, l, first)

			again := w.approved(l.later)
			before := w.git("rev-parse", "main")
			w.publish()
			w.committedOnce(again.ID)
			same(t, "how many commits lie between", 1, len(strings.Fields(w.git("rev-list", before+"..main"))))
			same(t, "by whom it is given", again.ID, l.by(w.api()))
			w.observe(o)
			if replaced := w.becomes(first.ID, workflow.StateEnded); replaced.Reason != "Replaced by request 2." || replaced.Lingers {
				t.Errorf("the first ended with %q, lingering %v", replaced.Reason, replaced.Lingers)
			}
			w.arrives(o, words, l, again)

			w.at(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))
			w.expire() // the first end means nothing any more
			same(t, "what ended", 0, len(w.ends()))
			w.at(l.end.Add(-time.Second))
			w.expire()
			same(t, "by whom it is given", again.ID, l.by(w.api()))
			w.over(o, words, l, again)
			w.proves()
		})
	}
}

// arrives has Argo CD bring a grant to its cluster; an exemption need not wait.
func (w *world) arrives(o *workflow.Observer, words *argocd, l line, r workflow.Request) {
	w.Helper()
	commit := w.request(r.ID).Commit
	if l.kind != "" {
		words.has(w.git("rev-parse", commit+"^"), object(l.kind, l.name, "Synced"))
		w.observe(o)
		w.becomes(r.ID, workflow.StateCommitted)
		words.has(commit, object(l.kind, l.name, "OutOfSync"))
		w.observe(o)
		w.becomes(r.ID, workflow.StateCommitted)
		words.has(commit, object(l.kind, l.name, "Synced"))
	}
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
}

// over has the end of a grant come, and watches it leave the cluster.
func (w *world) over(o *workflow.Observer, words *argocd, l line, r workflow.Request) {
	w.Helper()
	w.at(l.end)
	about := number(r.ID) + " payments weu-1 payments-api since 20 Mar 00:00: "
	same(w.T, "what is expired and live", []string{about + "The commit of its end is about to be made."}, w.expiredNow())
	if kinds := w.service.Health(w.Context()).Expired; kinds[0].Kind != r.Kind {
		w.Errorf("it is alarmed as %s", kinds[0].Kind)
	}
	w.expire()
	w.expire()
	same(w.T, "what ended", []string{number(r.ID)}, w.ends())
	same(w.T, "by whom it is given", int64(0), l.by(w.api()))
	body := w.git("log", "-1", "--format=%B", "main")
	if want := "End of the " + l.noun + " of request 2\n\n" + l.ends + "\n\nIts end, 20 Mar 2026 00:00 UTC, came.\n\nTenure-Act: end\n"; !strings.HasPrefix(body, want) {
		w.Errorf("the commit says:\n%s\nwant:\n%s", body, want)
	}
	w.observe(o)
	if ended := w.becomes(r.ID, workflow.StateEnded); ended.Reason != "Its end, 20 Mar 2026 00:00 UTC, came." {
		w.Errorf("it ended with %q", ended.Reason)
	}
	if l.kind != "" {
		same(w.T, "what is expired and live", []string{about + "Argo CD has not come to the commit of its end."}, w.expiredNow())
		head, left := w.git("rev-parse", "main"), object(l.kind, l.name, "OutOfSync")
		words.has(head, left)
		w.observe(o)
		same(w.T, "what is expired and live", []string{about + "Argo CD has the commit of its end, and has not yet removed it."}, w.expiredNow())
		if l.outlives {
			words.has(head, object(l.kind, l.name, "Synced"))
		} else {
			words.has(head)
		}
	}
	w.observe(o)
	same(w.T, "what is expired and live", 0, len(w.expiredNow()))
	if gone := w.request(r.ID); gone.Lingers {
		w.Error("it lingers")
	}
}

func TestAnExemptionHoldsAndEndsAlsoWhereNobodyWatchesArgoCD(t *testing.T) {
	w := equippedWorld(t)
	o := w.observer(nil)
	access, exemption := w.goes(forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-10" })), w.goes(exemptionFor(nil))
	w.observe(o)
	w.becomes(exemption.ID, workflow.StateActive)
	w.becomes(access.ID, workflow.StateCommitted) // nobody can tell
	w.at(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))
	w.expire()
	w.observe(o)
	w.observe(o)
	if gone := w.becomes(exemption.ID, workflow.StateEnded); gone.Lingers {
		t.Error("the exemption lingers")
	}
	w.becomes(access.ID, workflow.StateEnded)
	same(t, "what ended", []string{"1", "2"}, w.ends())
	same(t, "what was recorded", []workflow.EventType{workflow.EventActive, workflow.EventEnded, workflow.EventGone}, w.since(exemption.ID))
	w.proves()
}

func TestLastingAmountsReplaceEachOtherAndStayWhenARaiseEnds(t *testing.T) {
	w := equippedWorld(t)
	o := w.observer(&argocd{})
	first := w.goes(quotaFor(func(c *workflow.QuotaChange) { c.CPU = "3" }))
	raise := w.goes(raiseFor(nil))
	second := w.goes(quotaFor(func(c *workflow.QuotaChange) { c.CPU = "3500m" }))
	w.observe(o)
	if replaced := w.becomes(first.ID, workflow.StateEnded); replaced.Reason != "Replaced by request 3." {
		t.Errorf("it ended with %q", replaced.Reason)
	}
	w.becomes(raise.ID, workflow.StateCommitted)
	sameSize(t, "what holds", workflow.Size{CPU: amount("4"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20}, w.api().Quota.Effective())
	if manifest := w.git("show", "main:clusters/weu-1/payments/payments-api/10-resourcequota.yaml"); !strings.Contains(manifest, `limits.cpu: "4"`) {
		t.Errorf("the manifest is:\n%s", manifest)
	}
	w.at(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))
	w.expire()
	same(t, "what ended", []string{"2"}, w.ends())
	sameSize(t, "what holds", workflow.Size{CPU: amount("3500m"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20}, w.api().Quota.Effective())
	w.observe(o)
	w.becomes(raise.ID, workflow.StateEnded)
	w.becomes(second.ID, workflow.StateCommitted)
	_, err := w.service.Submit(t.Context(), dana, asks(ending(second.ID)))
	saidOnce(t, err, map[string]string{"exception": "payments has nothing that request 3 gave and that could end by itself."})
	w.proves()
}

// A lasting quota may come to lie above the increase: its end changes nothing.
func TestARaiseBelowTheLastingAmountsEndsAsWell(t *testing.T) {
	w, words := equippedWorld(t), &argocd{}
	w.service.ArgoCD = words
	o := w.observer(words)
	raise := w.goes(raiseFor(func(c *workflow.QuotaChange) { c.CPU = "3" }))
	w.goes(quotaFor(nil))
	w.at(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))
	w.expire()
	if body := w.git("log", "-1", "--format=%B", "main"); !strings.Contains(body, "Ends the temporary quota of payments-api on weu-1 (request 1): nothing changes.\n") {
		t.Errorf("the commit says:\n%s", body)
	}
	words.has(w.git("rev-parse", "main"), object("ResourceQuota", "tenure", "Synced"))
	w.observe(o)
	w.observe(o)
	if gone := w.becomes(raise.ID, workflow.StateEnded); gone.Lingers {
		t.Error("it lingers")
	}
	w.proves()
}

func TestWhatIsLeftOfAnEndedRaiseGoesWithItsNamespace(t *testing.T) {
	w, words := equippedWorld(t), &argocd{}
	w.service.ArgoCD = words
	o := w.observer(words)
	raise := w.goes(raiseFor(nil))
	w.at(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))
	w.expire()
	w.observe(o)
	w.goes(removing("payments-api"))
	head := w.git("rev-parse", "main")
	words.has(head, workflow.SyncedObject{Kind: "Namespace", Name: "payments-api", Sync: "OutOfSync"})
	w.observe(o)
	same(t, "what is expired and live, while anything is there", 1, len(w.expiredNow()))
	words.has(head)
	w.observe(o)
	same(t, "what is expired and live", 0, len(w.expiredNow()))
	if gone := w.becomes(raise.ID, workflow.StateEnded); gone.Lingers {
		t.Error("it lingers")
	}
}

func TestWhatArgoCDCannotCompareIsStillTakenToBeLive(t *testing.T) {
	w, words := equippedWorld(t), &argocd{}
	w.service.ArgoCD = words
	o := w.observer(words)
	given := w.goes(forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-10" }))
	w.at(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))
	w.expire()
	words.says(workflow.SyncStatus{Sync: workflow.SyncUnknown, Revision: w.git("rev-parse", "main")}) // of no object anything is known
	w.observe(o)
	w.observe(o)
	same(t, "what is expired and live", 1, len(w.expiredNow()))
	if gone := w.becomes(given.ID, workflow.StateEnded); !gone.Lingers {
		t.Error("it is taken to be gone")
	}
}

func TestEachKindOfGrantIsEndedBeforeItsTime(t *testing.T) {
	for kind, l := range lines() {
		t.Run(string(kind), func(t *testing.T) {
			w, words := equippedWorld(t), &argocd{}
			o := w.observer(words)
			given := w.goes(l.asks)
			end := w.goes(ending(given.ID))
			same(t, "by whom it is given", int64(0), l.by(w.api()))
			w.observe(o)
			if ended := w.becomes(given.ID, workflow.StateEnded); ended.Reason != "Removed by request 2." || ended.Lingers {
				t.Errorf("it ended with %q, lingering %v", ended.Reason, ended.Lingers)
			}
			if l.kind != "" {
				w.becomes(end.ID, workflow.StateCommitted)
				words.has(w.git("rev-parse", "main"))
				if l.outlives {
					words.has(w.git("rev-parse", "main"), object(l.kind, l.name, "Synced"))
				}
				w.observe(o)
			}
			w.becomes(end.ID, workflow.StateActive)
			w.at(l.end)
			w.expire() // there is nothing left to end
			same(t, "what ended by itself", 0, len(w.ends()))
			again := w.submit(l.asksUntil("2026-04-01"))
			w.becomes(again.ID, workflow.StateInReview)
			w.proves()
		})
	}
}

// asksUntil is what the line asks for, until another day.
func (l line) asksUntil(day string) workflow.Change {
	switch c := l.asks.(type) {
	case workflow.QuotaChange:
		c.Until = day
		return c
	case workflow.AccessChange:
		c.Until = day
		return c
	case workflow.ExemptionChange:
		c.Until = day
		return c
	}
	return nil
}

// What expired and is still in the approved state keeps nobody from asking again.
func TestWhatIsOverAndStillThereCanBeAskedForAgain(t *testing.T) {
	for kind, l := range lines() {
		t.Run(string(kind), func(t *testing.T) {
			w := equippedWorld(t)
			first := w.goes(l.asks)
			w.at(time.Date(2026, 3, 10, 0, 0, 1, 0, time.UTC))
			again := w.goes(l.later) // nothing has ended the first yet
			same(t, "by whom it is given", again.ID, l.by(w.api()))
			w.expire()
			same(t, "what ended by itself", 0, len(w.ends()))
			w.observe(w.observer(&argocd{}))
			w.becomes(first.ID, workflow.StateEnded)
			w.proves()
		})
	}
}

func revoking(subject string, role workflow.AccessRole) workflow.RemovalChange {
	return workflow.RemovalChange{Cluster: "weu-1", Namespace: "payments-api", Subject: subject, Role: role, Reason: "They deploy with Argo CD."}
}

func TestAccessThatCameWithItsNamespaceIsTakenAwayBySubjectAndRole(t *testing.T) {
	w, words := equippedWorld(t), &argocd{}
	o := w.observer(words)
	r := w.goes(revoking(" "+strings.ToUpper(group(2)), workflow.AccessEdit))
	same(t, "who is left", []workflow.Access{{Group: group(1), Role: workflow.AccessAdmin, Request: 30}}, w.api().Access)
	if body := w.git("log", "-1", "--format=%B", "main"); !strings.Contains(body, "\nTakes away edit for the group "+group(2)+" in payments-api on weu-1 (request 30).\n") {
		t.Errorf("the commit says:\n%s", body)
	}
	binding := object("RoleBinding", "tenure-edit-00000002-0000", "Synced")
	words.has(w.git("rev-parse", "main"), binding)
	w.observe(o)
	w.becomes(r.ID, workflow.StateCommitted)
	words.has(w.git("rev-parse", "main"))
	w.observe(o)
	w.becomes(r.ID, workflow.StateActive)
	again := w.goes(accessFor(func(c *workflow.AccessChange) { c.Role, c.Until = workflow.AccessEdit, "2026-03-10" }))
	w.at(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))
	w.expire()
	same(t, "what ended", []string{number(again.ID)}, w.ends())
	w.proves()
}

func TestAccessOfARequestOfItsOwnIsTakenAwayBySubjectAndRoleToo(t *testing.T) {
	w := equippedWorld(t)
	given := w.goes(forGroup(oncall, nil))
	w.goes(revoking(oncall, workflow.AccessEdit))
	same(t, "how many have access", 2, len(w.api().Access))
	w.observe(w.observer(&argocd{}))
	w.becomes(given.ID, workflow.StateEnded)
	w.proves()
}

func TestWhatIsWrongWithTakingARoleAwayIsSaidAtItsField(t *testing.T) {
	for name, test := range map[string]struct {
		change workflow.RemovalChange
		want   map[string]string
	}{
		"nothing":           {revoking(group(2), workflow.AccessEdit), nil},
		"another role":      {revoking(group(2), workflow.AccessAdmin), map[string]string{"subject": group(2) + " does not have the role admin in payments-api. It may have ended already."}},
		"no role":           {revoking(group(2), ""), map[string]string{"role": "Choose the role", "subject": "does not have the role"}},
		"somebody else":     {revoking(oncall, workflow.AccessEdit), map[string]string{"subject": "does not have the role edit"}},
		"another namespace": {func() workflow.RemovalChange { c := revoking(group(2), "edit"); c.Namespace = "logistics-db"; return c }(), map[string]string{"namespace": `payments has no namespace "logistics-db"`}},
		"no subject":        {revoking(" ", workflow.AccessEdit), map[string]string{"confirmation": "Type the name of the namespace"}},
		"no reason":         {func() workflow.RemovalChange { c := revoking(group(2), "edit"); c.Reason = ""; return c }(), map[string]string{"reason": "Say in a sentence why"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := planner().Plan(t.Context(), equipped(), asked(test.change))
			saidOnce(t, err, test.want)
		})
	}
}

func TestTheSameRoleIsNotTakenAwayTwice(t *testing.T) {
	w := equippedWorld(t)
	given := w.goes(forGroup(oncall, nil))
	first := w.submit(ending(given.ID))
	_, err := w.service.Plan(t.Context(), dana, asks(revoking(oncall, workflow.AccessEdit)))
	saidOnce(t, err, map[string]string{"subject": "Request " + number(first.ID) + " by Dana Developer already asks to take this role away."})
	second := w.submit(revoking(group(2), workflow.AccessEdit))
	_, err = w.service.Plan(t.Context(), dana, asks(revoking(strings.ToUpper(group(2)), workflow.AccessEdit)))
	saidOnce(t, err, map[string]string{"subject": "Request " + number(second.ID) + " by Dana Developer already"})
	if _, err = w.service.Plan(t.Context(), dana, asks(revoking(group(1), workflow.AccessAdmin))); err != nil {
		t.Errorf("another one cannot be taken away: %v", err)
	}
}

func TestANamespaceThatGoesTakesItsGrantsAlong(t *testing.T) {
	w := equippedWorld(t)
	o := w.observer(&argocd{})
	var given []int64
	for _, l := range lines() {
		given = append(given, w.goes(l.asks).ID)
	}
	lasting, standing := w.goes(quotaFor(func(c *workflow.QuotaChange) { c.CPU = "3" })), w.goes(forGroup(oncall, nil))
	removal := w.goes(removing("payments-api"))
	w.observe(o)
	for _, id := range append(given, lasting.ID, standing.ID) {
		if ended := w.becomes(id, workflow.StateEnded); ended.Reason != "Removed by request "+number(removal.ID)+"." {
			t.Errorf("request %d ended with %q", id, ended.Reason)
		}
	}
	w.at(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))
	w.expire()
	same(t, "what ended by itself", 0, len(w.ends()))
	w.proves()
}
