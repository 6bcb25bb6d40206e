package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// large fits the ceiling of a tenant once.
func large(name string) workflow.NamespaceChange {
	return with(func(c *workflow.NamespaceChange) { c.Name, c.Size = name, "large" })
}

func TestOfTwoApprovedRequestsThatOnlyFitAloneOneIsCommittedAndTheOtherGoesBack(t *testing.T) {
	w := newWorld(t)
	first, second := w.approved(large("payments-a")), w.approved(large("payments-b"))
	w.publish()
	w.committedOnce(first.ID)
	back := w.becomes(second.ID, workflow.StateChangesRequested)
	if !strings.Contains(back.Reason, "no longer possible") || !strings.Contains(back.Reason, "its ceiling is 12") {
		t.Errorf("it went back because %q", back.Reason)
	}
	if len(w.grants(second.ID)) != 0 || back.Attempt != nil {
		t.Errorf("it left the attempt %+v and the commits %q", back.Attempt, w.grants(second.ID))
	}
	for _, review := range back.Reviews {
		if !review.Void {
			t.Errorf("the vote of %s still stands", review.Person.Name)
		}
	}
	same(t, "the audit trail", []workflow.EventType{
		workflow.EventDrafted, workflow.EventSubmitted, workflow.EventApprovedStage, workflow.EventApprovedStage, workflow.EventApproved, workflow.EventStale, workflow.EventChangesRequested,
	}, w.eventTypes(second.ID))

	smaller := with(func(c *workflow.NamespaceChange) { c.Name = "payments-b" })
	if _, err := w.service.Resubmit(t.Context(), dana, second.ID, workflow.Draft{Tenant: "payments", Change: smaller}); err != nil {
		t.Fatal(err)
	}
	w.approve(second.ID, olivia, sam)
	w.publish()
	w.committedOnce(second.ID)
	w.proves()
}

func TestTwoApprovedRequestsThatFitTogetherAreBothCommittedOnTheVotesTheyHave(t *testing.T) {
	w := newWorld(t)
	first, second := w.approved(wanted()), w.approved(named("payments-web-dev"))
	w.publish()
	w.committedOnce(first.ID)
	w.committedOnce(second.ID)
	if got := w.request(second.ID).Plan.Digest; got != second.Plan.Digest {
		t.Error("the second was planned anew, though nothing it covers had changed")
	}
	w.proves()
}

func TestAVoteOnWhatIsNoLongerPossibleIsNotCountedAndSendsTheRequestBack(t *testing.T) {
	w := newWorld(t)
	first, second := w.approved(large("payments-a")), w.submit(large("payments-b"))
	w.publish()
	w.committedOnce(first.ID)
	_, err := w.review(second.ID, sam, workflow.VoteApprove, "")
	refused(t, err, workflow.Forbidden) // who may not vote changes nothing
	w.becomes(second.ID, workflow.StateInReview)
	_, err = w.review(second.ID, olivia, workflow.VoteApprove, "")
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, "Your vote was not counted.") || !strings.Contains(problem.Message, "its ceiling is 12") {
		t.Errorf("it says %q", problem.Message)
	}
	if back := w.becomes(second.ID, workflow.StateChangesRequested); len(back.Reviews) != 0 {
		t.Errorf("the vote was counted: %+v", back.Reviews)
	}
}

func TestAVoteOnAPlanThatWouldNowBeAnotherIsNotCounted(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	w.approve(r.ID, olivia)
	w.directory[group(1)] = nil // Olivia was the last owner, and is gone
	_, err := w.review(r.ID, sam, workflow.VoteApprove, "")
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, "would now change something else") {
		t.Errorf("it says %q", problem.Message)
	}
	again := w.becomes(r.ID, workflow.StateInReview)
	if got := workflow.StagesText(again.Plan.Stages); got != "admin=1(owner) security=1" || !again.Reviews[0].Void {
		t.Errorf("the stages are %s, the votes %+v", got, again.Reviews)
	}
	w.approve(r.ID, ada, sam)
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

func TestAVoteWhoseAuthorLostTheRoleBeforeThePublicationSendsTheRequestBack(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*world)
		says   string
		voters []workflow.Actor // who agree then
	}{
		"an owner who left the owners' group": {func(w *world) {
			w.directory[group(1)] = []workflow.PersonID{oscar.ID}
		}, "Olivia Owner no longer holds the role owner", []workflow.Actor{oscar, sam}},
		"a reviewer who left the register": {func(w *world) {
			w.publisher.Repository = overlaid{Repository: w.publisher.Repository, state: func(state workflow.ApprovedState) workflow.ApprovedState {
				state.Policy.Reviewers = map[workflow.Role][]workflow.Reviewer{workflow.RoleSecurity: registered(sofia), workflow.RoleAdmin: registered(ada)}
				return state
			}}
		}, "Sam Security no longer holds the role security", []workflow.Actor{olivia, sofia}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.approved(wanted())
			test.change(w)
			w.publish()
			back := w.becomes(r.ID, workflow.StateInReview)
			if !strings.Contains(back.Reason, test.says) {
				t.Errorf("it went back because %q", back.Reason)
			}
			for _, review := range back.Reviews {
				if !review.Void {
					t.Errorf("the vote of %s still stands", review.Person.Name)
				}
			}
			if commits := w.grants(r.ID); len(commits) != 0 {
				t.Errorf("it was committed: %q", commits)
			}
			w.approve(r.ID, test.voters...)
			w.publish()
			w.committedOnce(r.ID)
		})
	}
}

func TestWithoutADirectoryTheOwnersVotesStand(t *testing.T) {
	w := newWorld(t)
	w.publisher.Planner.Directory, w.service.Directory = nobodyKnown{}, nobodyKnown{}
	r := w.approved(wanted())
	w.publish()
	w.committedOnce(r.ID)
}

func TestADirectoryThatIsAwayPutsThePublicationOff(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	w.publisher.Planner.Directory = directoryAway{}
	w.publish()
	if got := w.becomes(r.ID, workflow.StateApproved); got.Attempt == nil || !strings.Contains(got.Attempt.Problem, "directory does not answer") {
		t.Errorf("the attempt is %+v", got.Attempt)
	}
	w.publisher.Planner.Directory = w.directory
	w.clock.advance(2e9)
	w.publish()
	w.committedOnce(r.ID)
}

func TestAVoteOfAFormerOwnerDoesNotHoldWhereNobodyKnowsTheGroup(t *testing.T) {
	tenancy, namespace := payments(), held("payments-api", 0)
	namespace.Request, namespace.Quota.Request = 0, 0
	tenancy.Namespaces = []workflow.Namespace{namespace}
	w := newWorldOf(t, tenancy)
	w.service.Directory, w.publisher.Planner.Directory = nobodyKnown{}, nobodyKnown{}
	larger := workflow.QuotaChange{Cluster: "weu-1", Namespace: "payments-api", CPU: "3", Memory: "8Gi", Storage: "20Gi", Pods: "20", Reason: "The load test needs it."}
	quota := w.asked(dana, asks(larger))
	if _, err := w.review(quota.ID, olivia, workflow.VoteApprove, ""); err != nil {
		t.Fatal(err)
	}
	handed := w.asked(dana, asks(asPayments(func(c *workflow.TenantChange) { c.Owners = group(51) })))
	w.approve(handed.ID, ada)
	w.publish()
	w.committedOnce(handed.ID)
	_, err := w.review(quota.ID, sam, workflow.VoteApprove, "")
	mustHold(t, "the answer", refused(t, err, workflow.Conflict).Message, "The owners of payments are other people by now")
	if _, err := w.review(quota.ID, olivia, workflow.VoteApprove, ""); err == nil {
		t.Error("somebody who owns nothing any more has a vote")
	}
	if votes := w.request(quota.ID).Progress()[0].Votes; len(votes) != 0 {
		t.Errorf("votes of the former owners stand: %v", votes)
	}
}
