package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func TestTheSentenceSaysWhatHappensNextAndWhoHasIt(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*workflow.Request)
		want   string
	}{
		"the second stage": {func(*workflow.Request) {}, "Waiting for security: 1 of 2 approvals."},
		"the first stage":  {func(r *workflow.Request) { r.Reviews = nil }, "Waiting for the owners of payments: 0 of 1 approval."},
		"a void vote": {func(r *workflow.Request) { r.Reviews[1].Void = true },
			"Waiting for security: 0 of 2 approvals."},
		"a stage of the fallback": {func(r *workflow.Request) {
			r.Plan.Stages, r.Reviews = []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1, InsteadOf: workflow.RoleOwner}}, nil
		}, "Waiting for the platform admins: 0 of 1 approval."},
		"changes requested": {func(r *workflow.Request) { r.State = workflow.StateChangesRequested }, "Waiting for Dana Developer to change it."},
		"approved":          {func(r *workflow.Request) { r.State = workflow.StateApproved }, "Approved. Tenure is committing it."},
		"approved, the repository away": {func(r *workflow.Request) {
			r.State, r.Attempt = workflow.StateApproved, &workflow.Attempt{Problem: "The repository could not be reached."}
		}, "Approved, and not committed yet. Nothing is lost; Tenure tries again by itself."},
		"rejected": {func(r *workflow.Request) {
			r.State = workflow.StateRejected
			r.Reviews = append(r.Reviews, workflow.Review{Person: sam.Person, Vote: workflow.VoteReject})
		}, "Rejected by Sam Security. Nothing was changed."},
		"withdrawn": {func(r *workflow.Request) { r.State = workflow.StateWithdrawn }, "Withdrawn by Dana Developer. Nothing was changed."},
	} {
		t.Run(name, func(t *testing.T) {
			r := request()
			test.change(&r)
			if got := sentence(r); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEveryStateHasASentenceAndABadge(t *testing.T) {
	for _, state := range []workflow.State{
		workflow.StateDraft, workflow.StateInReview, workflow.StateChangesRequested, workflow.StateApproved, workflow.StateCommitted, workflow.StateActive,
		workflow.StateFailed, workflow.StateEnded, workflow.StateRejected, workflow.StateWithdrawn, workflow.StateLapsed,
	} {
		r := request()
		r.State = state
		if sentence(r) == "" || stateBadge(state).Text == "" || stateBadge(state).Icon == "" {
			t.Errorf("%s: %q, %+v", state, sentence(r), stateBadge(state))
		}
	}
}

func TestTheStepsShowTimesPeopleAndTheCommit(t *testing.T) {
	rejected := dossier()
	rejected.Request.State = workflow.StateRejected
	rejected.Events = append(rejected.Events, workflow.Event{Type: workflow.EventRejected, At: noon, By: sam.Person})
	for name, test := range map[string]struct {
		dossier workflow.Dossier
		want    []string
	}{
		"in review": {dossier(), []string{
			"Asked|done|Dana Developer|2026-11-21T09:00:00Z", "Owner review|done|Olga Owner|2026-11-21T10:00:00Z",
			"Security review|now|Sara Sentinel|2026-11-21T11:40:00Z", "Approved|to come||", "Committed|to come||", "In the cluster|to come||",
		}},
		"committed": {committed(), []string{
			"Asked|done|Dana Developer|2026-11-21T09:00:00Z", "Owner review|done|Olga Owner|2026-11-21T10:00:00Z",
			"Security review|done|Sara Sentinel, Sam Security|2026-11-21T11:55:00Z", "Approved|done||2026-11-21T11:55:00Z", "Committed|done||2026-11-21T11:56:00Z",
			"In the cluster|to come||",
		}},
		"deferred": {deferred(), []string{
			"Asked|done|Dana Developer|2026-11-21T09:00:00Z", "Owner review|done|Olga Owner|2026-11-21T10:00:00Z",
			"Security review|done|Sara Sentinel, Sam Security|2026-11-21T11:55:00Z", "Approved|done||2026-11-21T11:55:00Z", "Committed|now||", "In the cluster|to come||",
		}},
		"rejected": {rejected, []string{
			"Asked|done|Dana Developer|2026-11-21T09:00:00Z", "Owner review|done|Olga Owner|2026-11-21T10:00:00Z",
			"Rejected|stopped|Sam Security|2026-11-21T12:00:00Z",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, step := range steps(test.dossier, noon) {
				got = append(got, strings.Join([]string{step.Title, string(step.State), strings.Join(step.People, ", "), step.At.Machine}, "|"))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheRequestsPageShowsThePlanTheCommitAndTheProblem(t *testing.T) {
	review := furnished()
	for name, test := range map[string]struct {
		service *standIn
		says    []string
	}{
		"in review": {review, []string{
			"Waiting for security: 1 of 2 approvals.", "Gives it 2 CPU", "Look at this", "(reviews, entry 1)", "approved/payments.yaml",
			"Namespace payments-api-dev", "pod-security.kubernetes.io/enforce: baseline", "Agreed with the team.", "3 hours ago", "21 Nov 2026, 09:00 UTC",
		}},
		"committed": {&standIn{dossier: committed()}, []string{"9d41c70b6a5f", "Committed as"}},
		"deferred":  {&standIn{dossier: deferred()}, []string{"The repository could not be reached.", "Tried 3 times.", "in 40 seconds"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := text(get(t, portal(test.service, sam), "/requests/57").page)
			for _, part := range test.says {
				if !strings.Contains(got, part) {
					t.Errorf("the page does not say %q", part)
				}
			}
		})
	}
}

func TestOnlyAReviewerGetsTheFormAndTheOthersHearWhyNot(t *testing.T) {
	may := get(t, portal(furnished(), sam), "/requests/57")
	digest := find(may.page, func(n *html.Node) bool { return attribute(n, "name") == "digest" })
	if attribute(digest, "value") != planDigest || attribute(digest, "type") != "hidden" {
		t.Errorf("the form covers %q, want the digest of the plan that is shown", attribute(digest, "value"))
	}
	service := furnished()
	service.dossier.MayReview = false
	service.dossier.WhyNot = "You asked for this, so somebody else has to review it."
	may = get(t, portal(service, dana), "/requests/57")
	if strings.Contains(may.body, "/requests/57/review") || !strings.Contains(text(may.page), service.dossier.WhyNot) {
		t.Error("the requester is not told why there is no form")
	}
}

func TestAVoteReachesTheDomainWithItsDigest(t *testing.T) {
	service := furnished()
	got := post(t, portal(service, sam), "/requests/57/review", url.Values{"vote": {"approve"}, "reason": {"Fine."}, "digest": {planDigest}})
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/requests/57" {
		t.Errorf("got %d to %q", got.status, got.header.Get("Location"))
	}
	want := workflow.Ballot{Vote: workflow.VoteApprove, Reason: "Fine.", Digest: planDigest}
	if service.ballot != want || service.actor.ID != sam.ID {
		t.Errorf("ballot %+v by %v", service.ballot, service.actor.ID)
	}
}

func TestAReviewSentByHandByTheRequesterIsRefused(t *testing.T) {
	service := furnished()
	service.dossier.MayReview = false
	service.saveErr = workflow.Refuse(workflow.Forbidden, "You asked for this, so somebody else has to review it.")
	got := post(t, portal(service, dana), "/requests/57/review", url.Values{"vote": {"approve"}, "digest": {planDigest}})
	if got.status != http.StatusForbidden || !strings.Contains(text(got.page), "somebody else has to review it") {
		t.Errorf("got %d: %s", got.status, heading(got))
	}
}

func TestAVoteThatWasNotCountedKeepsItsReason(t *testing.T) {
	for name, test := range map[string]struct {
		problem *workflow.Problem
		status  int
	}{
		"no reason":      {&workflow.Problem{Kind: workflow.Invalid, Message: "Look.", Fields: []workflow.FieldProblem{{Field: "reason", Message: "Say why."}}}, 422},
		"a changed plan": {workflow.Refuse(workflow.Conflict, "The plan has changed since you opened this page."), 409},
	} {
		t.Run(name, func(t *testing.T) {
			service := furnished()
			service.saveErr = test.problem
			got := post(t, portal(service, sam), "/requests/57/review", url.Values{"vote": {"reject"}, "reason": {"Not like this."}, "digest": {"old"}})
			if got.status != test.status || !strings.Contains(text(got.page), test.problem.Message) {
				t.Errorf("got %d: %s", got.status, heading(got))
			}
			kept := formValues(got.page)
			if kept["reason"] != "Not like this." || kept["digest"] != planDigest {
				t.Errorf("the form has %v", kept)
			}
		})
	}
}

func TestWithdrawingHandsOverTheReason(t *testing.T) {
	service := furnished()
	service.dossier.MayReview, service.dossier.MayEdit = false, true
	got := post(t, portal(service, dana), "/requests/57/withdraw", url.Values{"reason": {"Not needed any more."}})
	if got.status != http.StatusSeeOther || service.reason != "Not needed any more." {
		t.Errorf("got %d with %q", got.status, service.reason)
	}
	service.saveErr = &workflow.Problem{Kind: workflow.Invalid, Message: "Too long.", Fields: []workflow.FieldProblem{{Field: "reason", Message: "Too long by far."}}}
	got = post(t, portal(service, dana), "/requests/57/withdraw", url.Values{"reason": {"very long"}})
	if got.status != 422 || formValues(got.page)["reason"] != "very long" || text(byID(got.page, "reason-problem")) != "Too long by far." {
		t.Errorf("got %d with %v", got.status, formValues(got.page))
	}
}
