package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// cataloguedWorld has the tenants of catalogued, who hold nothing yet.
func cataloguedWorld(t *testing.T) *world {
	t.Helper()
	return newWorldUnder(t, cataloguedPolicy(), logistics(), payments())
}

func TestSeveralNamespacesAreDecidedAndCommittedTogether(t *testing.T) {
	w := cataloguedWorld(t)
	r := w.submit(threeOf(nil))
	w.approve(r.ID, olivia, sam, sofia) // one of them is production
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
	if subject := w.git("log", "-1", "--format=%s", "main"); subject != "3 namespaces of payments-api for payments (request 1)" {
		t.Errorf("the commit is called %q", subject)
	}
	state := w.state()
	for _, name := range []string{"payments-api-dev", "payments-api-test", "payments-api-prod"} {
		n, found := state.Tenancies["payments"].Namespace("weu-1", name)
		if !found || n.Request != r.ID || n.Classification != "confidential" || !slices.Equal(n.Registries, []string{"docker-official"}) {
			t.Errorf("%s is %+v", name, n)
		}
	}
	view, err := w.service.Namespace(t.Context(), dana, "weu-1", "payments-api-prod")
	if err != nil || len(view.Requests) != 1 || view.Requests[0].ID != r.ID {
		t.Errorf("the page of one of them has the requests %+v (%v)", view.Requests, err)
	}
}

func TestWhatIsAskedForOneOfSeveralNamespacesIsCommittedAfterAllOfThem(t *testing.T) {
	w := cataloguedWorld(t)
	first := w.submit(threeOf(nil))
	place := threeOf(nil).Also[0]
	quota := w.submit(workflow.QuotaChange{Cluster: place.Cluster, Namespace: place.Name, CPU: "3", Memory: "8Gi", Storage: "20Gi", Pods: "20", Reason: "The load test needs it."})
	if quota.Plan.WaitsFor != first.ID || len(quota.Plan.Before.Namespaces) != 3 {
		t.Fatalf("the plan waits for %d and is made beside %d namespaces", quota.Plan.WaitsFor, len(quota.Plan.Before.Namespaces))
	}
	beyond := workflow.QuotaChange{Cluster: place.Cluster, Namespace: place.Name, CPU: "9", Memory: "8Gi", Storage: "20Gi", Pods: "20", Reason: "More."}
	_, err := w.service.Submit(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: beyond})
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["cpu"], "13 CPU in all; its ceiling is 12") {
		t.Errorf("what comes together is not counted together: %q", found)
	}
	w.approve(quota.ID, olivia, sam)
	w.publish()
	waits := w.becomes(quota.ID, workflow.StateApproved)
	w.approve(first.ID, olivia, sam, sofia)
	w.publish()
	w.clock.advance(waits.Attempt.NextAt.Sub(w.clock.Now()) + 1)
	w.publish()
	w.committedOnce(first.ID)
	w.committedOnce(quota.ID)
	w.proves()
	choices, err := w.service.Choices(t.Context(), dana)
	if err != nil || len(choices.Coming) != 0 {
		t.Errorf("these are still asked for: %+v (%v)", choices.Coming, err)
	}
}

func TestWhatWaitsForOneOfSeveralNamespacesSeesItsHostsChange(t *testing.T) {
	w := cataloguedWorld(t)
	first := w.submit(threeOf(nil))
	place := threeOf(nil).AskedNamespace
	second := w.submit(workflow.AccessChange{Cluster: place.Cluster, Namespace: place.Name, Subject: workflow.SubjectMembers, Role: workflow.AccessView, Reason: "To look at it."})
	if _, err := w.review(first.ID, olivia, workflow.VoteChanges, "Another host."); err != nil {
		t.Fatal(err)
	}
	other := threeOf(func(c *workflow.NamespaceChange) { c.Hosts = []string{"another.example.com"} })
	if _, err := w.service.Resubmit(t.Context(), dana, first.ID, asks(other)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.review(second.ID, olivia, workflow.VoteApprove, ""); err == nil {
		t.Error("a vote counts on a plan for a namespace with other hosts")
	}
}

// Each tenant may ask for a host that nobody has. Whose commit comes first has
// it, and the other learns that it is taken, not by whom.
func TestOfTwoTenantsThatAskForOneHostTheSecondGoesBack(t *testing.T) {
	w := cataloguedWorld(t)
	mine := w.submit(fuller(nil))
	rival := fuller(func(c *workflow.NamespaceChange) { c.Name = "logistics-api" })
	theirs, err := w.service.Submit(t.Context(), liam, workflow.Draft{Tenant: "logistics", Change: rival})
	if err != nil {
		t.Fatal(err)
	}
	w.approve(theirs.ID, lena, sam)
	w.approve(mine.ID, olivia, sam)
	w.publish()
	w.committedOnce(mine.ID)
	back := w.becomes(theirs.ID, workflow.StateChangesRequested)
	if !strings.Contains(back.Reason, `"pay.example.com" is taken. Choose another host.`) || strings.Contains(back.Reason, "payments") {
		t.Errorf("it says %q", back.Reason)
	}
	w.proves()
}

func TestAChangeOfANamespaceIsCommittedAndEndsWithIt(t *testing.T) {
	w := cataloguedWorld(t)
	first := w.approved(fuller(func(c *workflow.NamespaceChange) { c.Name = "payments-web" }))
	w.publish()
	change := settling(nil)
	_, err := w.service.Submit(t.Context(), liam, workflow.Draft{Tenant: "logistics", Change: change})
	if found := messages(refused(t, err, workflow.Invalid).Fields); found["name"] == "" {
		t.Errorf("another tenant's namespace can be changed: %q", found)
	}
	second := w.approved(change)
	_, err = w.service.Submit(t.Context(), oscar, workflow.Draft{Tenant: "payments", Change: change})
	refused(t, err, workflow.Invalid)
	w.publish()
	w.committedOnce(second.ID)
	w.proves()
	n, _ := w.state().Tenancies["payments"].Namespace("weu-1", "payments-web")
	if n.Request != first.ID || !slices.Equal(n.Hosts, []string{"web.example.com", "www.example.com"}) || n.Purpose != "The shop." {
		t.Errorf("it is %+v", n)
	}
	if body := w.git("log", "-1", "--format=%B", "main"); !strings.Contains(body, "Why: It goes live.") {
		t.Errorf("the commit says %q", body)
	}
	again := w.approved(settling(func(c *workflow.NamespaceChange) { c.Hosts = nil }))
	w.publish()
	w.committedOnce(again.ID)
	w.observe(w.observer(nil))
	if ended := w.becomes(second.ID, workflow.StateEnded); ended.Reason != "A later request changed payments-web again." {
		t.Errorf("it says %q", ended.Reason)
	}
}

// A class stands on the Namespace itself, so that it is there once Argo CD has
// synced that. Hosts are admission's, from the commit on.
func TestAChangeOfANamespaceIsActiveOnceItsLabelIsThere(t *testing.T) {
	w := cataloguedWorld(t)
	w.approved(fuller(nil))
	w.publish()
	words := &argocd{}
	o := w.observer(words)
	about := func(change func(*workflow.NamespaceChange)) workflow.Request {
		r := w.approved(settling(func(c *workflow.NamespaceChange) {
			c.Name, c.Purpose, c.Hosts, c.Classification = "payments-api-dev", "", []string{"pay.example.com"}, "confidential"
			change(c)
		}))
		w.publish()
		return w.becomes(r.ID, workflow.StateCommitted)
	}
	hosts := about(func(c *workflow.NamespaceChange) { c.Hosts = nil })
	w.observe(o)
	w.becomes(hosts.ID, workflow.StateActive)
	class := about(func(c *workflow.NamespaceChange) { c.Classification = "secret" })
	words.says(changedBy(synced(class.Commit), func(s *workflow.SyncStatus) { s.Objects[0].Sync = "OutOfSync" }))
	w.observe(o)
	w.becomes(class.ID, workflow.StateCommitted)
	words.says(synced(class.Commit))
	w.observe(o)
	w.becomes(class.ID, workflow.StateActive)
	w.approve(w.submit(removing("payments-api-dev")).ID, olivia, sam)
	w.publish()
	w.observe(o)
	if ended := w.becomes(class.ID, workflow.StateEnded); ended.Reason != "payments-api-dev was removed." {
		t.Errorf("it says %q", ended.Reason)
	}
}

func TestAReviewerReadsThatTheSameHostsWereRejectedBefore(t *testing.T) {
	w := cataloguedWorld(t)
	w.approved(fuller(func(c *workflow.NamespaceChange) { c.Name = "payments-web" }))
	w.publish()
	r := w.submit(settling(nil))
	if _, err := w.review(r.ID, olivia, workflow.VoteReject, "Not yet."); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change workflow.NamespaceChange
		told   bool
	}{
		"the same again": {settling(func(c *workflow.NamespaceChange) { slices.Reverse(c.Hosts) }), true},
		"another host":   {settling(func(c *workflow.NamespaceChange) { c.Hosts = []string{"shop.example.com"} }), false},
	} {
		plan, err := w.service.Plan(t.Context(), dana, asks(test.change))
		if err != nil {
			t.Fatal(err)
		}
		if told := slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool { return f.Label == "refused before" }); told != test.told {
			t.Errorf("%s: the findings are %+v", name, plan.Findings)
		}
	}
}
