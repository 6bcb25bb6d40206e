package workflow_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// ask has Amir ask for another policy.
func (w *world) ask(change workflow.PolicyChange) workflow.Request {
	w.Helper()
	r, err := w.service.Submit(w.Context(), amir, workflow.Draft{Change: change})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// decreed has Amir ask, and an admin and security agree.
func (w *world) decreed(change workflow.PolicyChange) workflow.Request {
	w.Helper()
	r := w.approve(w.ask(change).ID, ada, sam)
	if r.State != workflow.StateApproved {
		w.Fatalf("request %d is %s", r.ID, r.State)
	}
	return r
}

// inhabited is a world in which payments and logistics have a namespace each.
func inhabited(t *testing.T) *world {
	t.Helper()
	p, l := payments(), logistics()
	p.Namespaces = []workflow.Namespace{held("payments-api", 0)}
	far := held("logistics-db", 0)
	far.Cluster = "neu-1"
	l.Namespaces = []workflow.Namespace{far}
	for _, tenancy := range []*workflow.Tenancy{&p, &l} {
		tenancy.Namespaces[0].Request, tenancy.Namespaces[0].Quota.Request = 0, 0
	}
	return newWorldOf(t, l, p)
}

func TestAPolicyGoesTheWholeLine(t *testing.T) {
	w := inhabited(t)
	r := w.decreed(otherwise(t, newFlow))
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
	state, err := w.service.Repository.State()
	if err != nil || len(state.Policy.PlatformFlows) != 2 || !strings.Contains(string(state.PolicyDocument), "monitoring") {
		t.Errorf("in force is %+v, %v", state.Policy.PlatformFlows, err)
	}
	if subject := w.git("log", "-1", "--format=%s", "main"); subject != "Policy (request 1)" {
		t.Errorf("the commit is called %q", subject)
	}
	body := w.git("log", "-1", "--format=%B", "main")
	for _, want := range []string{"Opens every tenant namespace for the platform's flow monitoring", "Why: It has to be.", "Tenure-Act: policy", "Tenure-Kind: policy"} {
		if !strings.Contains(body, want) {
			t.Errorf("the commit does not say %q:\n%s", want, body)
		}
	}
	changed := w.git("show", "--name-only", "--format=", "main")
	if strings.Count(changed, "\n") != 2 || !strings.Contains(changed, "policy.yaml") || !strings.Contains(changed, "clusters/neu-1/logistics/logistics-db/") || !strings.Contains(changed, "clusters/weu-1/payments/payments-api/") {
		t.Errorf("it changes %q", changed)
	}
	// What comes after it, and what a new process reads, stands on it.
	next := w.approved(wanted())
	w.publish()
	w.committedOnce(next.ID)
	w.proves()
	w.start()
	if state, err := w.service.Repository.State(); err != nil || len(state.Policy.PlatformFlows) != 2 || len(state.PolicyDocument) == 0 {
		t.Errorf("after a start, in force is %+v, %v", state, err)
	}
}

func TestGrantsOfOthersDoNotSendAPolicyBackAndItIsCommittedWithWhatFollowsForThem(t *testing.T) {
	w := inhabited(t)
	r := w.decreed(otherwise(t, newFlow))
	granted := w.request(w.approved(wanted()).ID)
	if err := w.publisher.PublishAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.committedOnce(r.ID)
	w.becomes(granted.ID, workflow.StateInReview) // its manifests would have the new flow
	w.approve(granted.ID, olivia, sam)
	other := w.decreed(otherwise(t, func(*workflow.Policy) {}))
	w.publish()
	w.committedOnce(granted.ID)
	w.committedOnce(other.ID)
	w.proves()
	if files := w.git("ls-tree", "-r", "--name-only", "main"); strings.Contains(files, "monitoring") || strings.Count(files, "payments-api-dev/") == 0 {
		t.Errorf("the files are %q", files)
	}
}

func TestTheSecondOfTwoPoliciesGoesBackWhenTheFirstIsCommitted(t *testing.T) {
	w := inhabited(t)
	text, err := w.service.PolicyText(t.Context(), amir)
	if err != nil {
		t.Fatal(err)
	}
	onBase := otherwise(t, func(p *workflow.Policy) { delete(p.Sizes, "large") })
	onBase.Base = text.Sum
	first, edited, whole := w.decreed(otherwise(t, newFlow)), w.decreed(onBase), w.decreed(otherwise(t, larger))
	w.publish()
	w.committedOnce(first.ID)
	if r := w.becomes(edited.ID, workflow.StateChangesRequested); !strings.Contains(r.Reason, "The policy has changed since you began to edit it.") {
		t.Errorf("it went back because %q", r.Reason)
	}
	r := w.becomes(whole.ID, workflow.StateInReview)
	if !strings.HasPrefix(r.Reason, "The approved state moved") || !slices.Contains(entryNames(r.Plan.Edits), "policy platformFlows.monitoring") {
		t.Errorf("it went back because %q, to %q", r.Reason, entryNames(r.Plan.Edits))
	}
	if progress, open := r.OpenStage(); !open || len(progress.Votes) != 0 {
		t.Error("votes on the earlier plan count")
	}
}

func TestAPolicyThatWouldOrphanWhatWasGrantedMeanwhileGoesBack(t *testing.T) {
	w := newWorldOf(t, payments())
	r := w.decreed(otherwise(t, func(p *workflow.Policy) {
		p.PlatformNamespaces = append(p.PlatformNamespaces, "payments-api-dev")
	}))
	// The grant is committed first, by a portal that has not seen the vote.
	granted := w.approved(wanted())
	waiting := w.request(r.ID)
	w.publisher.Store = withoutRequest{w.service.Store, r.ID}
	w.publish()
	w.committedOnce(granted.ID)
	w.publisher.Store = w.service.Store
	w.publish()
	if r := w.becomes(waiting.ID, workflow.StateChangesRequested); !strings.Contains(r.Reason, `"payments-api-dev" becomes the platform's, and is in use by payments (weu-1/payments-api-dev)`) {
		t.Errorf("it went back because %q", r.Reason)
	}
	w.proves()
}

func TestOnlyThoseWhoseTaskIsThePlatformSeeRequestsForAPolicy(t *testing.T) {
	w := inhabited(t)
	r := w.ask(otherwise(t, newFlow))
	for _, who := range []workflow.Actor{amir, ada, sam, sofia, audrey, dana, olivia, liam} {
		sees := len(who.Roles) > 0
		dossier, err := w.service.Dossier(t.Context(), who, r.ID)
		if _, denied := workflow.AsProblem(err); denied == sees || sees && (dossier.Tenancy.Name != "" || dossier.Request.Plan.Policy == nil) {
			t.Errorf("%s reads %+v, %v", who.Name, dossier.Tenancy, err)
		}
		list, err := w.service.Requests(t.Context(), who, workflow.RequestFilter{})
		if err != nil || (len(list) == 1) != sees {
			t.Errorf("%s lists %d, %v", who.Name, len(list), err)
		}
		queue, err := w.service.Queue(t.Context(), who)
		if err != nil || (len(queue) == 1) != sees {
			t.Errorf("%s has a queue of %d, %v", who.Name, len(queue), err)
		}
		home, err := w.service.Home(t.Context(), who)
		if err != nil || (len(home.Waiting) == 1) != (who.ID == ada.ID) || (len(home.Mine) == 1) != (who.ID == amir.ID) {
			t.Errorf("%s's home has %d and %d, %v", who.Name, len(home.Waiting), len(home.Mine), err)
		}
	}
}

func TestOnlyAdminsAskForAPolicyAndTheirPipelinesMay(t *testing.T) {
	w := inhabited(t)
	change := otherwise(t, newFlow)
	for _, who := range []workflow.Actor{dana, olivia, sam, audrey} {
		_, err := w.service.Submit(t.Context(), who, workflow.Draft{Change: change})
		refused(t, err, workflow.Forbidden)
	}
	_, err := w.service.Submit(t.Context(), amir, workflow.Draft{Tenant: "payments", Change: change})
	if problem := refused(t, err, workflow.Invalid); problem.Fields[0].Field != "tenant" {
		t.Errorf("it says %+v", problem.Fields)
	}
	robot := amir
	robot.Pipeline = true
	r, err := w.service.Submit(t.Context(), robot, workflow.Draft{Change: change})
	if err != nil || !slices.ContainsFunc(r.Plan.Findings, func(f workflow.Finding) bool { return f.Label == "pipeline" }) {
		t.Errorf("a pipeline's request: %+v, %v", r.Plan.Findings, err)
	}
	_, err = w.service.Submit(t.Context(), ada, workflow.Draft{Change: change})
	if problem := refused(t, err, workflow.Invalid); !strings.Contains(problem.Fields[0].Message, "already asks for exactly this policy") {
		t.Errorf("it says %+v", problem.Fields)
	}
}

func TestNobodyReviewsThatTheyBecomeReviewers(t *testing.T) {
	w := inhabited(t)
	r := w.ask(otherwise(t, func(p *workflow.Policy) {
		p.Reviewers[workflow.RoleAdmin] = append(p.Reviewers[workflow.RoleAdmin], registered(sam)...)
	}))
	w.approve(r.ID, ada)
	_, err := w.review(r.ID, sam, workflow.VoteApprove, "")
	if problem := refused(t, err, workflow.Forbidden); !strings.HasPrefix(problem.Message, "This puts you into the register of reviewers") {
		t.Errorf("it says %q", problem.Message)
	}
	w.approve(r.ID, sofia)
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

// counted counts how often the clusters are asked.
type counted struct{ asked int }

func (c *counted) NewlyRefused(context.Context, *workflow.ApprovedState, *workflow.ApprovedState) (workflow.LiveEffect, error) {
	c.asked++
	return workflow.LiveEffect{At: noon, Objects: c.asked}, nil
}

func TestTheClustersAreAskedForEachPlanThatPeopleReadAndForNoOther(t *testing.T) {
	w := inhabited(t)
	impact := &counted{}
	w.service.Impact = impact
	asked := func(what string, want int) {
		t.Helper()
		if impact.asked != want {
			t.Errorf("%s, the clusters were asked %d times, want %d", what, impact.asked, want)
		}
	}
	if _, err := w.service.Plan(t.Context(), amir, workflow.Draft{Change: otherwise(t, larger)}); err != nil {
		t.Fatal(err)
	}
	asked("with the form", 1)
	first, second := w.ask(otherwise(t, larger)), w.ask(otherwise(t, newFlow))
	asked("with the requests", 3)
	w.approve(first.ID, ada, sam)
	asked("with the votes", 3)
	w.publish()
	asked("with the publication", 3)
	_, err := w.review(second.ID, ada, workflow.VoteApprove, "")
	refused(t, err, workflow.Conflict)
	asked("with the new plan", 4)
	if live := w.request(second.ID).Plan.Policy.Live; live == nil || live.Objects != 4 {
		t.Errorf("the new plan says of what is live %+v", live)
	}
}
