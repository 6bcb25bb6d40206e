package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// give applies a command that must not be refused.
func give(t *testing.T, r workflow.Request, by workflow.Actor, command workflow.Command) workflow.Request {
	t.Helper()
	next, _, err := workflow.Decide(r, by, command, later)
	if err != nil {
		t.Fatalf("%s gives %T: %v", by.Name, command, err)
	}
	return next
}

func TestWhoMayNotVoteIsToldWhyAndChangesNothing(t *testing.T) {
	ownerSecurity := func() workflow.Request { return in(workflow.StateInReview) } // an owner agreed
	fresh := func() workflow.Request {
		return waitingFor(workflow.Stage{Role: workflow.RoleOwner, Needed: 1}, workflow.Stage{Role: workflow.RoleSecurity, Needed: 1})
	}
	danaOwns := dana
	danaOwns.Groups, danaOwns.Roles = []string{group(1), group(2)}, []workflow.Role{workflow.RoleSecurity, workflow.RoleAdmin}
	both := sam
	both.Groups = []string{group(1)}
	pipeline, pipelineOwner := sam, olivia
	pipeline.Pipeline, pipelineOwner.Pipeline = true, true
	otherDigest := vote(workflow.VoteApprove, "")
	otherDigest.Ballot.Digest = secondDigest
	noDigest := vote(workflow.VoteApprove, "")
	noDigest.Ballot.Digest = ""
	for name, test := range map[string]struct {
		request workflow.Request
		by      workflow.Actor
		command workflow.VoteCommand
		kind    workflow.ProblemKind
		says    string
	}{
		"the person who asked":                      {fresh(), dana, vote(workflow.VoteApprove, ""), workflow.Forbidden, "You asked for this"},
		"the person who asked, with every role":     {ownerSecurity(), danaOwns, vote(workflow.VoteApprove, ""), workflow.Forbidden, "You asked for this"},
		"the person who asked, to reject":           {fresh(), danaOwns, vote(workflow.VoteReject, "No."), workflow.Forbidden, "You asked for this"},
		"somebody who voted":                        {in(workflow.StateInReview), olivia, vote(workflow.VoteApprove, ""), workflow.Forbidden, "already voted"},
		"somebody who voted, in another stage":      {votedBy(both), both, vote(workflow.VoteApprove, ""), workflow.Forbidden, "already voted"},
		"somebody who voted, to reject":             {in(workflow.StateInReview), olivia, vote(workflow.VoteReject, "No."), workflow.Forbidden, "already voted"},
		"security before the owners":                {fresh(), sam, vote(workflow.VoteApprove, ""), workflow.Forbidden, "an owner of payments"},
		"an owner in security's stage":              {ownerSecurity(), oscar, vote(workflow.VoteApprove, ""), workflow.Forbidden, "waits for security"},
		"a member":                                  {fresh(), workflow.Actor{Person: person(99, "Max"), Groups: []string{group(2)}}, vote(workflow.VoteApprove, ""), workflow.Forbidden, "an owner of payments"},
		"an owner of another tenant":                {fresh(), lena, vote(workflow.VoteApprove, ""), workflow.Forbidden, "an owner of payments"},
		"a pipeline with security's role":           {ownerSecurity(), pipeline, vote(workflow.VoteApprove, ""), workflow.Forbidden, "for people to review"},
		"a pipeline among the owners":               {fresh(), pipelineOwner, vote(workflow.VoteApprove, ""), workflow.Forbidden, "for people to review"},
		"a pipeline, to reject":                     {fresh(), pipelineOwner, vote(workflow.VoteReject, "No."), workflow.Forbidden, "for people to review"},
		"an auditor":                                {ownerSecurity(), audrey, vote(workflow.VoteApprove, ""), workflow.Forbidden, "waits for security"},
		"an admin, where security is asked":         {ownerSecurity(), ada, vote(workflow.VoteApprove, ""), workflow.Forbidden, "waits for security"},
		"security that is not registered":           {ownerSecurity(), una, vote(workflow.VoteApprove, ""), workflow.Forbidden, "register of security reviewers"},
		"a registered person without the role":      {ownerSecurity(), workflow.Actor{Person: sam.Person}, vote(workflow.VoteApprove, ""), workflow.Forbidden, "waits for security"},
		"nobody at all":                             {ownerSecurity(), workflow.Actor{}, vote(workflow.VoteApprove, ""), workflow.Forbidden, "waits for security"},
		"a vote on another plan":                    {ownerSecurity(), sam, otherDigest, workflow.Conflict, "plan has changed"},
		"a vote on no plan":                         {ownerSecurity(), sam, noDigest, workflow.Conflict, "plan has changed"},
		"a rejection without a reason":              {ownerSecurity(), sam, vote(workflow.VoteReject, ""), workflow.Invalid, "reason: Say why"},
		"a wish for changes whose reason is blank":  {ownerSecurity(), sam, vote(workflow.VoteChanges, " \n\t"), workflow.Invalid, "reason: Say why"},
		"a reason with an override of direction":    {ownerSecurity(), sam, vote(workflow.VoteReject, "no\u202eyes"), workflow.Invalid, "reason: The invisible character U+202E"},
		"an approval whose reason is too long":      {ownerSecurity(), sam, vote(workflow.VoteApprove, strings.Repeat("ä", 2001)), workflow.Invalid, "reason: The text has 2001 characters"},
		"a vote that does not exist":                {ownerSecurity(), sam, vote("abstain", "Hm."), workflow.Invalid, "vote: Choose"},
		"an empty vote":                             {ownerSecurity(), sam, vote("", ""), workflow.Invalid, "vote: Choose"},
		"a vote where every stage has its approval": {metInReview(), sofia, vote(workflow.VoteApprove, ""), workflow.Conflict, "has its approvals"},
	} {
		t.Run(name, func(t *testing.T) {
			before := test.request
			next, events, err := workflow.Decide(test.request, test.by, test.command, later)
			problem := refused(t, err, test.kind)
			text := problem.Message
			for _, field := range problem.Fields {
				text += " " + field.Field + ": " + field.Message
			}
			if !strings.Contains(text, test.says) {
				t.Errorf("it says %q, want %q", text, test.says)
			}
			same(t, "the request", before, next)
			same(t, "the events", []workflow.Event(nil), events)
		})
	}
}

// votedBy is a request where the person agreed as an owner, and security is asked now.
func votedBy(by workflow.Actor) workflow.Request {
	r := in(workflow.StateInReview)
	r.Reviews = []workflow.Review{approval(by, workflow.RoleOwner)}
	return r
}

// metInReview is a request that should not be: in review, with every approval.
func metInReview() workflow.Request {
	r := in(workflow.StateInReview)
	r.Reviews = append(r.Reviews, approval(sam, workflow.RoleSecurity))
	return r
}

func TestOnlyThePersonWhoAskedSubmitsAndWithdraws(t *testing.T) {
	for _, state := range []workflow.State{workflow.StateDraft, workflow.StateChangesRequested} {
		for _, by := range []workflow.Actor{olivia, oscar, sam, ada, {}} {
			for _, command := range []workflow.Command{workflow.SubmitCommand{Change: wanted(), Plan: newPlan}, workflow.WithdrawCommand{}} {
				next, events, err := workflow.Decide(in(state), by, command, later)
				refused(t, err, workflow.Forbidden)
				same(t, "the request", in(state), next)
				same(t, "the events", []workflow.Event(nil), events)
			}
		}
	}
}

func TestTwoNeededAreTwoPeople(t *testing.T) {
	r := waitingFor(workflow.Stage{Role: workflow.RoleSecurity, Needed: 2})
	r = give(t, r, sam, vote(workflow.VoteApprove, ""))
	if r.State != workflow.StateInReview {
		t.Fatalf("after one of two votes it is %s", r.State)
	}
	_, _, err := workflow.Decide(r, sam, vote(workflow.VoteApprove, ""), later)
	refused(t, err, workflow.Forbidden)
	again := sam
	again.Name, again.Username = "Sam Other-Name", "other@example.com"
	_, _, err = workflow.Decide(r, again, vote(workflow.VoteApprove, ""), later)
	refused(t, err, workflow.Forbidden)
	if r = give(t, r, sofia, vote(workflow.VoteApprove, "")); r.State != workflow.StateApproved {
		t.Errorf("after two of two votes it is %s", r.State)
	}
}

func TestStagesAreMetInTheirOrder(t *testing.T) {
	r := waitingFor(workflow.Stage{Role: workflow.RoleSecurity, Needed: 1}, workflow.Stage{Role: workflow.RoleAdmin, Needed: 1}, workflow.Stage{Role: workflow.RoleOwner, Needed: 1})
	for _, turn := range []struct {
		by    workflow.Actor
		early []workflow.Actor
	}{{sam, []workflow.Actor{ada, olivia}}, {ada, []workflow.Actor{olivia, sofia}}, {olivia, []workflow.Actor{sofia}}} {
		for _, early := range turn.early {
			_, _, err := workflow.Decide(r, early, vote(workflow.VoteApprove, ""), later)
			refused(t, err, workflow.Forbidden)
		}
		r = give(t, r, turn.by, vote(workflow.VoteApprove, ""))
	}
	if r.State != workflow.StateApproved {
		t.Errorf("after all three it is %s", r.State)
	}
}

func TestAnyStageCanEndTheReviewBeforeTheOthersAreAsked(t *testing.T) {
	r := waitingFor(workflow.Stage{Role: workflow.RoleOwner, Needed: 1}, workflow.Stage{Role: workflow.RoleSecurity, Needed: 2})
	if r = give(t, r, olivia, vote(workflow.VoteReject, "We do not need it.")); r.State != workflow.StateRejected {
		t.Errorf("it is %s", r.State)
	}
}

func TestVoidVotesDoNotCountAndTheirAuthorsVoteAgain(t *testing.T) {
	for name, void := range map[string]func(*testing.T, workflow.Request) workflow.Request{
		"after the base moved": func(t *testing.T, r workflow.Request) workflow.Request {
			plan := r.Plan
			plan.Digest = secondDigest
			return give(t, r, workflow.Actor{}, workflow.StaleCommand{Reason: "It moved.", Plan: &plan})
		},
		"after a vote lost its ground, with the same plan": func(t *testing.T, r workflow.Request) workflow.Request {
			plan := r.Plan
			return give(t, r, workflow.Actor{}, workflow.StaleCommand{Reason: "Olivia left.", Plan: &plan})
		},
		"after it was edited": func(t *testing.T, r workflow.Request) workflow.Request {
			plan := r.Plan
			plan.Digest = secondDigest
			r = give(t, r, sam, vote(workflow.VoteChanges, "Name it well."))
			return give(t, r, dana, workflow.SubmitCommand{Change: wanted(), Plan: plan})
		},
		"after it was submitted again as it was": func(t *testing.T, r workflow.Request) workflow.Request {
			plan := r.Plan
			r = give(t, r, sam, vote(workflow.VoteChanges, "Name it well."))
			return give(t, r, dana, workflow.SubmitCommand{Change: wanted(), Plan: plan})
		},
		"after it became impossible and was edited": func(t *testing.T, r workflow.Request) workflow.Request {
			plan := r.Plan
			plan.Digest = secondDigest
			r = give(t, r, workflow.Actor{}, workflow.StaleCommand{Reason: "It is taken."})
			return give(t, r, dana, workflow.SubmitCommand{Change: wanted(), Plan: plan})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := void(t, in(workflow.StateInReview)) // an owner's approval stood in it
			for _, progress := range r.Progress() {
				if len(progress.Votes) > 0 {
					t.Errorf("stage %s counts %d void votes", progress.Stage.Role, len(progress.Votes))
				}
			}
			again := vote(workflow.VoteApprove, "")
			again.Ballot.Digest = r.Plan.Digest
			_, _, err := workflow.Decide(r, sam, again, later)
			refused(t, err, workflow.Forbidden) // the owners are first, again
			if r = give(t, r, olivia, again); r.State != workflow.StateInReview {
				t.Fatalf("with the owner's vote alone it is %s", r.State)
			}
			if r = give(t, r, sam, again); r.State != workflow.StateApproved {
				t.Errorf("after everybody voted again it is %s", r.State)
			}
		})
	}
}

func TestAVoteWithAnotherDigestThanThePlansIsNotCounted(t *testing.T) {
	r := in(workflow.StateInReview)
	r.Reviews[0].Digest = secondDigest // as if a row had been changed past the store
	_, _, err := workflow.Decide(r, sam, vote(workflow.VoteApprove, ""), later)
	refused(t, err, workflow.Forbidden)
	if open, found := r.OpenStage(); !found || open.Stage.Role != workflow.RoleOwner {
		t.Errorf("the open stage is %+v", open)
	}
}

func TestARoleWithoutARegisterTakesWhoeverHoldsIt(t *testing.T) {
	command := vote(workflow.VoteApprove, "")
	delete(command.Policy.Reviewers, workflow.RoleSecurity)
	if r := give(t, in(workflow.StateInReview), una, command); r.State != workflow.StateApproved {
		t.Errorf("it is %s", r.State)
	}
}
