package workflow_test

import (
	"context"
	"strings"
	"testing"

	"tenure.dev/workflow"
	"tenure.dev/workflow/store"
)

func TestTheWholeLineFromTheQuestionToTheCommit(t *testing.T) {
	w := newWorld(t)
	preview, err := w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: wanted()})
	if err != nil || len(preview.Files) == 0 {
		t.Fatalf("the preview is %+v, %v", preview, err)
	}
	r := w.submit(wanted())
	if r.State != workflow.StateInReview || r.ID != 1 || r.RequestedBy.ID != dana.ID {
		t.Fatalf("it was stored as %+v", r)
	}
	if home, err := w.service.Home(t.Context(), olivia); err != nil || len(home.Waiting) != 1 || home.Waiting[0].ID != r.ID {
		t.Errorf("Olivia's home is %+v, %v", home, err)
	}
	if queue, err := w.service.Queue(t.Context(), sam); err != nil || len(queue) != 1 || queue[0].MayReview || !strings.Contains(queue[0].WhyNot, "an owner of payments") {
		t.Errorf("Sam's queue is %+v, %v", queue, err)
	}
	w.approve(r.ID, olivia)
	if queue, err := w.service.Queue(t.Context(), sam); err != nil || len(queue) != 1 || !queue[0].MayReview || queue[0].Open.Stage.Role != workflow.RoleSecurity {
		t.Errorf("Sam's queue is %+v, %v", queue, err)
	}
	w.approve(r.ID, sam)
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
	if body := w.git("log", "-1", "--format=%B", "main"); !strings.Contains(body, "Tenure-Approved-By: "+sam.ID.String()+"; stage=security") || !strings.Contains(body, "Tenure-Plan: "+string(r.Plan.Digest)) {
		t.Errorf("the commit says:\n%s", body)
	}
	same(t, "the audit trail", []workflow.EventType{
		workflow.EventDrafted, workflow.EventSubmitted, workflow.EventApprovedStage, workflow.EventApprovedStage, workflow.EventApproved, workflow.EventPublishStarted, workflow.EventCommitted,
	}, w.eventTypes(r.ID))
	view, err := w.service.Tenant(t.Context(), dana, "payments")
	if err != nil || len(view.Tenancy.Namespaces) != 1 || view.Tenancy.Namespaces[0].Name != "payments-api-dev" || !view.MayAsk || view.Given.Namespaces != 1 {
		t.Errorf("the tenant's page shows %+v, %v", view, err)
	}
	if err := w.service.Store.(*store.Store).VerifyChain(t.Context()); err != nil {
		t.Errorf("the audit chain: %v", err)
	}
}

func TestNobodyReviewsTheirOwnRequestWhateverTheyHold(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	everything := dana
	everything.Groups, everything.Roles = []string{group(1), group(2)}, []workflow.Role{workflow.RoleSecurity, workflow.RoleAdmin}
	for _, by := range []workflow.Actor{dana, everything} {
		for _, vote := range []workflow.Vote{workflow.VoteApprove, workflow.VoteReject, workflow.VoteChanges} {
			_, err := w.review(r.ID, by, vote, "Mine.")
			refused(t, err, workflow.Forbidden)
		}
		dossier, err := w.service.Dossier(t.Context(), by, r.ID)
		if err != nil || dossier.MayReview || !strings.Contains(dossier.WhyNot, "You asked for this") || !dossier.MayEdit {
			t.Errorf("the page is offered %+v, %v", dossier, err)
		}
	}
	if got := w.request(r.ID); got.Version != r.Version || len(got.Reviews) != 0 {
		t.Errorf("the request was changed: %+v", got)
	}
}

func TestAnotherTenantsRequestIsNotThere(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	for _, stranger := range []workflow.Actor{liam, lena, {Person: person(42, "Nobody")}} {
		ctx := t.Context()
		_, err := w.service.Dossier(ctx, stranger, r.ID)
		hidden := refused(t, err, workflow.NotFound)
		_, err = w.service.Dossier(ctx, stranger, 999)
		if missing := refused(t, err, workflow.NotFound); strings.ReplaceAll(missing.Message, "999", "1") != hidden.Message {
			t.Errorf("what is hidden says %q, what is missing %q", hidden.Message, missing.Message)
		}
		_, err = w.review(r.ID, stranger, workflow.VoteApprove, "")
		refused(t, err, workflow.NotFound)
		_, err = w.service.Withdraw(ctx, stranger, r.ID, "")
		refused(t, err, workflow.NotFound)
		_, err = w.service.Resubmit(ctx, stranger, r.ID, workflow.Draft{Tenant: "payments", Change: wanted()})
		refused(t, err, workflow.NotFound)
		_, err = w.service.Tenant(ctx, stranger, "payments")
		hidden = refused(t, err, workflow.NotFound)
		_, err = w.service.Tenant(ctx, stranger, "nobody")
		same(t, "what is hidden and what is missing", hidden.Message, refused(t, err, workflow.NotFound).Message)
		if queue, err := w.service.Queue(ctx, stranger); err != nil || len(queue) > 0 {
			t.Errorf("%s sees the queue %+v, %v", stranger.Name, queue, err)
		}
		if home, err := w.service.Home(ctx, stranger); err != nil || len(home.Waiting)+len(home.Mine) > 0 {
			t.Errorf("%s sees the home %+v, %v", stranger.Name, home, err)
		}
	}
	for _, business := range []workflow.Actor{dana, olivia, sam, ada, audrey} {
		if _, err := w.service.Dossier(t.Context(), business, r.ID); err != nil {
			t.Errorf("%s does not see it: %v", business.Name, err)
		}
	}
	if choices, err := w.service.Choices(t.Context(), liam); err != nil || len(choices.Tenants) != 1 || choices.Tenants[0].Name != "logistics" {
		t.Errorf("Liam can ask for %+v, %v", choices.Tenants, err)
	}
	if choices, err := w.service.Choices(t.Context(), sam); err != nil || len(choices.Tenants) != 0 {
		t.Errorf("Sam can ask for %+v, %v", choices.Tenants, err)
	}
}

func TestNobodyAsksForAnotherTenantNorLearnsOfIt(t *testing.T) {
	w := newWorld(t)
	all := []string{"cluster", "environment", "name", "podSecurity", "purpose", "size", "tenant"}
	wrong := workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: "Bad_Name", Cluster: "mars-1", Environment: "moon", Size: "xxl", PodSecurity: "privileged"}}
	for name, test := range map[string]struct {
		by     workflow.Actor
		draft  workflow.Draft
		fields []string
	}{
		"another's tenant":                    {dana, workflow.Draft{Tenant: "logistics", Change: with(func(c *workflow.NamespaceChange) { c.Name = "logistics-x" })}, []string{"tenant"}},
		"a tenant that is none":               {dana, workflow.Draft{Tenant: "nobody", Change: wanted()}, []string{"tenant"}},
		"no tenant":                           {dana, workflow.Draft{Tenant: "", Change: wanted()}, []string{"tenant"}},
		"security, who sees every tenant":     {sam, workflow.Draft{Tenant: "payments", Change: wanted()}, []string{"tenant"}},
		"another's tenant, and all wrong":     {dana, workflow.Draft{Tenant: "logistics", Change: wrong}, all},
		"no tenant, and all wrong":            {dana, workflow.Draft{Tenant: "", Change: wrong}, all},
		"no tenant, and nothing filled in":    {dana, workflow.Draft{Tenant: "", Change: workflow.NamespaceChange{}}, all},
		"a reserved name for no tenant":       {dana, workflow.Draft{Tenant: "", Change: named("kube-system")}, []string{"name", "tenant"}},
		"the largest size for another tenant": {dana, workflow.Draft{Tenant: "logistics", Change: with(func(c *workflow.NamespaceChange) { c.Size = "large" })}, []string{"tenant"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.service.Submit(t.Context(), test.by, test.draft)
			found := messages(refused(t, err, workflow.Invalid).Fields)
			same(t, "the fields with a message", test.fields, sortedKeys(found))
			if !strings.Contains(found["tenant"], "that you can ask for") {
				t.Errorf("of the tenant it says %q", found["tenant"])
			}
		})
	}
	if stored, err := w.service.Store.Requests(t.Context(), workflow.RequestFilter{}); err != nil || len(stored) != 0 {
		t.Errorf("these were stored: %+v, %v", stored, err)
	}
}

func TestANameThatAnOpenRequestAsksForIsRefused(t *testing.T) {
	w := newWorld(t)
	first := w.submit(wanted())
	again := workflow.Draft{Tenant: "payments", Change: with(func(c *workflow.NamespaceChange) { c.Size = "large" })}
	takenBy := func(err error) {
		t.Helper()
		if found := messages(refused(t, err, workflow.Invalid).Fields); len(found) != 1 || !strings.Contains(found["name"], `Request 1 by Dana Developer already asks for "payments-api-dev" on weu-1.`) {
			t.Errorf("it says %v", found)
		}
	}
	_, err := w.service.Submit(t.Context(), oscar, again)
	takenBy(err)
	w.approve(first.ID, olivia, sam)
	_, err = w.service.Plan(t.Context(), oscar, again)
	takenBy(err)
	elsewhere := w.submit(with(func(c *workflow.NamespaceChange) { c.Cluster = "neu-1" }))
	if elsewhere.State != workflow.StateInReview {
		t.Errorf("on another cluster it is %s", elsewhere.State)
	}

	third := w.submit(named("payments-web-dev"))
	if _, err := w.service.Withdraw(t.Context(), dana, third.ID, "Not needed."); err != nil {
		t.Fatal(err)
	}
	w.submit(named("payments-web-dev")) // the one before was taken back
}

func TestAnEditedRequestIsReviewedAnew(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	w.approve(r.ID, olivia)
	if _, err := w.review(r.ID, sam, workflow.VoteChanges, "Say more."); err != nil {
		t.Fatal(err)
	}
	edited := with(func(c *workflow.NamespaceChange) { c.Purpose = "The API's development, until May." })
	for _, other := range []workflow.Actor{oscar, sam} { // one who may ask for the tenant, and one who may not
		_, err := w.service.Resubmit(t.Context(), other, r.ID, workflow.Draft{Tenant: "payments", Change: edited})
		refused(t, err, workflow.Forbidden)
	}
	_, err := w.service.Resubmit(t.Context(), dana, r.ID, workflow.Draft{Tenant: "logistics", Change: edited})
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["tenant"], "stays with it") {
		t.Errorf("it says %v", found)
	}
	_, err = w.service.Resubmit(t.Context(), dana, r.ID, workflow.Draft{Tenant: "payments", Change: workflow.NamespaceChange{}})
	if len(refused(t, err, workflow.Invalid).Fields) != 6 {
		t.Errorf("it says %v", err)
	}
	again, err := w.service.Resubmit(t.Context(), dana, r.ID, workflow.Draft{Tenant: "payments", Change: edited})
	if err != nil || again.State != workflow.StateInReview || again.Plan.Digest == r.Plan.Digest {
		t.Fatalf("it is %+v, %v", again, err)
	}
	_, err = w.service.Review(t.Context(), olivia, r.ID, workflow.Ballot{Vote: workflow.VoteApprove, Digest: r.Plan.Digest})
	refused(t, err, workflow.Conflict) // on the page that was open
	w.approve(r.ID, olivia, sam)
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

func TestAWithdrawalKeepsAReasonThatCanBeShown(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	_, err := w.service.Withdraw(t.Context(), dana, r.ID, "x\u202ey")
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["reason"], "U+202E") {
		t.Errorf("it says %v", found)
	}
	_, err = w.service.Withdraw(t.Context(), oscar, r.ID, "")
	refused(t, err, workflow.Forbidden)
	if got, err := w.service.Withdraw(t.Context(), dana, r.ID, "Not needed."); err != nil || got.State != workflow.StateWithdrawn || got.Reason != "Not needed." {
		t.Errorf("it is %+v, %v", got, err)
	}
}

// raced is a database in which somebody else is a moment faster.
type raced struct{ workflow.Store }

func (r raced) UpdateRequest(ctx context.Context, request workflow.Request, events []workflow.Event) (workflow.Request, error) {
	if _, err := r.Store.UpdateRequest(ctx, request, events); err != nil {
		return workflow.Request{}, err
	}
	return r.Store.UpdateRequest(ctx, request, events)
}

func TestOfTwoVotesAtTheSameMomentOneIsToldToLookAgain(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	w.service.Store = raced{w.service.Store}
	_, err := w.review(r.ID, olivia, workflow.VoteApprove, "")
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, "look at it again") {
		t.Errorf("it says %q", problem.Message)
	}
}

func TestTheWebhooksVerdictsOnOtherTenantsAreHidden(t *testing.T) {
	w := newWorld(t)
	w.approved(wanted())
	w.publish()
	try := func(by workflow.Actor, text string) []workflow.Verdict {
		t.Helper()
		verdicts, err := w.service.Try(t.Context(), by, workflow.Question{Cluster: "weu-1", User: "somebody", Manifest: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		return verdicts
	}
	pod := func(namespace string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: " + namespace + "}\n" +
			"spec: {containers: [{name: web, image: docker.io/library/nginx}]}\n"
	}
	ours := try(dana, pod("payments-api-dev")+"---\n"+pod("not-of-any-tenant"))
	if len(ours) != 2 || ours[0].Allowed || ours[0].Tenant != "payments" || ours[0].Request != 1 || ours[0].Commit == "" {
		t.Fatalf("Dana is told %+v", ours)
	}
	if !strings.Contains(ours[0].Violations[0].String(), "restricted") && !strings.Contains(ours[0].Violations[0].String(), "trusted-registry") {
		t.Errorf("Dana is told %q", ours[0].Violations)
	}
	for _, business := range []workflow.Actor{olivia, sam, ada, audrey} {
		same(t, business.Name+" is told", ours, try(business, pod("payments-api-dev")+"---\n"+pod("not-of-any-tenant")))
	}
	hidden := try(liam, pod("payments-api-dev")+"---\n"+pod("not-of-any-tenant"))
	if len(hidden) != 2 || hidden[0].Allowed || hidden[0].Tenant != "" || hidden[0].Request != 0 || hidden[0].Commit != "" ||
		len(hidden[0].Violations) != 1 || !strings.Contains(hidden[0].Violations[0].Allowed, "none of yours") || len(hidden[0].Warnings) != 0 {
		t.Errorf("Liam is told %+v", hidden)
	}
	same(t, "of what is nobody's Liam is told", ours[1], hidden[1])

	_, err := w.service.Try(t.Context(), dana, workflow.Question{Cluster: "mars-1", Manifest: []byte(pod("x"))})
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["cluster"], `no cluster "mars-1"`) {
		t.Errorf("it says %v", found)
	}
	_, err = w.service.Try(t.Context(), dana, workflow.Question{Cluster: "weu-1", Manifest: []byte("a: [")})
	refused(t, err, workflow.Invalid)
}
