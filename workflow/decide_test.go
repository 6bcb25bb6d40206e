package workflow_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// later is when the commands of these tests are given.
var later = noon.Add(time.Hour)

const (
	firstDigest  = workflow.Digest("sha256:1111")
	secondDigest = workflow.Digest("sha256:2222")
)

// in is Dana's request for payments in a state: an owner agreed, one vote of
// security is missing.
func in(state workflow.State) workflow.Request {
	r := workflow.Request{
		ID: 7, Version: 3, Kind: workflow.KindNamespace, Tenant: "payments", Change: wanted(), State: state,
		RequestedBy: dana.Person, CreatedAt: noon, UpdatedAt: noon, Reason: "An earlier reason.",
		Plan: workflow.Plan{Digest: firstDigest, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}},
	}
	r.Reviews = []workflow.Review{approval(olivia, workflow.RoleOwner)}
	if state == workflow.StateApproved {
		r.Reviews = append(r.Reviews, approval(sam, workflow.RoleSecurity))
		r.Attempt = &workflow.Attempt{Base: "abc", Tries: 1, Problem: "The repository was away.", NextAt: noon.Add(time.Minute)}
	}
	return r
}

// waitingFor is a request in review with these stages and nobody's vote.
func waitingFor(stages ...workflow.Stage) workflow.Request {
	r := in(workflow.StateInReview)
	r.Plan.Stages, r.Reviews = stages, nil
	return r
}

func approval(by workflow.Actor, stage workflow.Role) workflow.Review {
	return workflow.Review{Person: by.Person, Stage: stage, Vote: workflow.VoteApprove, Digest: firstDigest, At: noon}
}

// vote is a ballot on the plan that the request was made with.
func vote(kind workflow.Vote, reason string) workflow.VoteCommand {
	return workflow.VoteCommand{Ballot: workflow.Ballot{Vote: kind, Reason: reason, Digest: firstDigest}, Policy: policy(), Tenancy: payments()}
}

func states() []workflow.State {
	return []workflow.State{
		workflow.StateDraft, workflow.StateInReview, workflow.StateChangesRequested, workflow.StateApproved, workflow.StateCommitted, workflow.StateActive,
		workflow.StateFailed, workflow.StateEnded, workflow.StateRejected, workflow.StateWithdrawn, workflow.StateLapsed,
	}
}

// step is one arrow of the drawing in decide.go: where it ends, and what is recorded.
type step struct {
	to     workflow.State
	events []workflow.EventType
}

var newPlan = workflow.Plan{Digest: secondDigest, Stages: []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 2}}}

// drawing is the whole of the drawing: what is not here is refused.
var drawing = map[string]struct {
	by      workflow.Actor
	command workflow.Command
	arrows  map[workflow.State]step
}{
	"submit": {dana, workflow.SubmitCommand{Change: wanted(), Plan: newPlan}, map[workflow.State]step{
		workflow.StateDraft:            {workflow.StateInReview, []workflow.EventType{workflow.EventSubmitted}},
		workflow.StateChangesRequested: {workflow.StateInReview, []workflow.EventType{workflow.EventResubmitted}},
	}},
	"withdraw": {dana, workflow.WithdrawCommand{Reason: "Not needed."}, map[workflow.State]step{
		workflow.StateDraft:            {workflow.StateWithdrawn, []workflow.EventType{workflow.EventWithdrawn}},
		workflow.StateInReview:         {workflow.StateWithdrawn, []workflow.EventType{workflow.EventWithdrawn}},
		workflow.StateChangesRequested: {workflow.StateWithdrawn, []workflow.EventType{workflow.EventWithdrawn}},
	}},
	"the last vote":            {sam, vote(workflow.VoteApprove, ""), map[workflow.State]step{workflow.StateInReview: {workflow.StateApproved, []workflow.EventType{workflow.EventApprovedStage, workflow.EventApproved}}}},
	"a vote to reject":         {sam, vote(workflow.VoteReject, "Too wide."), map[workflow.State]step{workflow.StateInReview: {workflow.StateRejected, []workflow.EventType{workflow.EventRejected}}}},
	"a vote to change it":      {sam, vote(workflow.VoteChanges, "Name it well."), map[workflow.State]step{workflow.StateInReview: {workflow.StateChangesRequested, []workflow.EventType{workflow.EventChangesRequested}}}},
	"the base moved":           {workflow.Actor{}, workflow.StaleCommand{Reason: "It moved.", Plan: &newPlan}, map[workflow.State]step{workflow.StateInReview: {workflow.StateInReview, []workflow.EventType{workflow.EventStale}}, workflow.StateApproved: {workflow.StateInReview, []workflow.EventType{workflow.EventStale}}}},
	"it became impossible":     {workflow.Actor{}, workflow.StaleCommand{Reason: "It is taken."}, map[workflow.State]step{workflow.StateInReview: {workflow.StateChangesRequested, []workflow.EventType{workflow.EventStale, workflow.EventChangesRequested}}, workflow.StateApproved: {workflow.StateChangesRequested, []workflow.EventType{workflow.EventStale, workflow.EventChangesRequested}}}},
	"a publication starts":     {workflow.Actor{}, workflow.BeginCommand{Base: "abc"}, map[workflow.State]step{workflow.StateApproved: {workflow.StateApproved, nil}}},
	"a publication is put off": {workflow.Actor{}, workflow.DeferCommand{Problem: "It is away.", NextAt: later}, map[workflow.State]step{workflow.StateApproved: {workflow.StateApproved, []workflow.EventType{workflow.EventPublishDeferred}}}},
	"it was committed":         {workflow.Actor{}, workflow.CommittedCommand{Commit: "c0ffee"}, map[workflow.State]step{workflow.StateApproved: {workflow.StateCommitted, []workflow.EventType{workflow.EventCommitted}}}},
	"it became live": {workflow.Actor{}, workflow.ActiveCommand{Revision: "facade"}, map[workflow.State]step{
		workflow.StateCommitted: {workflow.StateActive, []workflow.EventType{workflow.EventActive}},
		workflow.StateFailed:    {workflow.StateActive, []workflow.EventType{workflow.EventActive}},
	}},
	"it cannot become live": {workflow.Actor{}, workflow.FailedCommand{Problem: "It is refused.", Revision: "facade"}, map[workflow.State]step{
		workflow.StateCommitted: {workflow.StateFailed, []workflow.EventType{workflow.EventFailed}},
		workflow.StateFailed:    {workflow.StateFailed, []workflow.EventType{workflow.EventFailed}},
	}},
	"it was taken away": {workflow.Actor{}, workflow.EndedCommand{Reason: "Removed by request 8."}, map[workflow.State]step{
		workflow.StateCommitted: {workflow.StateEnded, []workflow.EventType{workflow.EventEnded}},
		workflow.StateFailed:    {workflow.StateEnded, []workflow.EventType{workflow.EventEnded}},
		workflow.StateActive:    {workflow.StateEnded, []workflow.EventType{workflow.EventEnded}},
	}},
	"its end came": {workflow.Actor{}, workflow.EndedCommand{Reason: "Its end, 1 Feb 2027 00:00 UTC, came.", Commit: "facade"}, map[workflow.State]step{
		workflow.StateCommitted: {workflow.StateEnded, []workflow.EventType{workflow.EventEnded}},
		workflow.StateFailed:    {workflow.StateEnded, []workflow.EventType{workflow.EventEnded}},
		workflow.StateActive:    {workflow.StateEnded, []workflow.EventType{workflow.EventEnded}},
	}},
	"nothing of it is left": {workflow.Actor{}, workflow.GoneCommand{Revision: "facade"}, map[workflow.State]step{workflow.StateEnded: {workflow.StateEnded, nil}}},
}

func TestEachCommandDoesInEachStateWhatTheDrawingSays(t *testing.T) {
	for name, row := range drawing {
		for _, state := range states() {
			t.Run(fmt.Sprintf("%s, while %s", name, state), func(t *testing.T) {
				r := in(state)
				next, events, err := workflow.Decide(r, row.by, row.command, later)
				same(t, "the request handed in", in(state), r)
				arrow, drawn := row.arrows[state]
				if !drawn {
					refused(t, err, workflow.Conflict)
					same(t, "the request after a refusal", in(state), next)
					same(t, "the events of a refusal", []workflow.Event(nil), events)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if next.State != arrow.to || !next.UpdatedAt.Equal(later) || next.Version != r.Version {
					t.Errorf("it is %s at %s, version %d", next.State, next.UpdatedAt, next.Version)
				}
				checkEvents(t, r, next, row.by, arrow, events)
			})
		}
	}
}

// checkEvents wants exactly the events of the arrow, leading without a gap
// from the state before to the state after.
func checkEvents(t *testing.T, before, after workflow.Request, by workflow.Actor, arrow step, events []workflow.Event) {
	t.Helper()
	var kinds []workflow.EventType
	at := before.State
	for _, e := range events {
		kinds = append(kinds, e.Type)
		if e.Request != before.ID || !e.At.Equal(later) || e.Digest == "" {
			t.Errorf("event %+v is not about the request, now and its plan", e)
		}
		if e.By != by.Person && e.By != (workflow.Person{}) {
			t.Errorf("%s is by %q", e.Type, e.By.Name)
		}
		if e.From != at {
			t.Errorf("%s starts from %s, and the request was %s", e.Type, e.From, at)
		}
		at = e.To
	}
	same(t, "the types of the events", arrow.events, kinds)
	if len(events) > 0 && at != after.State {
		t.Errorf("the events lead to %s, the request is %s", at, after.State)
	}
}

func TestWhatADecisionLeavesInTheRequest(t *testing.T) {
	edited := wanted()
	edited.Size = "large"
	voted := func(kind workflow.Vote, reason string) workflow.Review {
		return workflow.Review{Person: sam.Person, Stage: workflow.RoleSecurity, Vote: kind, Reason: reason, Digest: firstDigest, At: later}
	}
	for name, test := range map[string]struct {
		before  workflow.State
		by      workflow.Actor
		command workflow.Command
		want    func(*workflow.Request)
	}{
		"a submission carries the change and its plan, and voids the votes": {
			workflow.StateChangesRequested, dana, workflow.SubmitCommand{Change: edited, Plan: newPlan},
			func(r *workflow.Request) {
				r.State, r.Change, r.Plan, r.Reason = workflow.StateInReview, edited, newPlan, ""
				r.Reviews[0].Void = true
			},
		},
		"a withdrawal keeps its reason": {
			workflow.StateInReview, dana, workflow.WithdrawCommand{Reason: "Not needed."},
			func(r *workflow.Request) { r.State, r.Reason = workflow.StateWithdrawn, "Not needed." },
		},
		"a rejection keeps its reason, trimmed": {
			workflow.StateInReview, sam, vote(workflow.VoteReject, "  Too wide.\n"),
			func(r *workflow.Request) {
				r.State, r.Reason = workflow.StateRejected, "Too wide."
				r.Reviews = append(r.Reviews, voted(workflow.VoteReject, "Too wide."))
			},
		},
		"the last vote clears the reason": {
			workflow.StateInReview, sam, vote(workflow.VoteApprove, ""),
			func(r *workflow.Request) {
				r.State, r.Reason = workflow.StateApproved, ""
				r.Reviews = append(r.Reviews, voted(workflow.VoteApprove, ""))
			},
		},
		"staleness voids every vote and ends the publication": {
			workflow.StateApproved, workflow.Actor{}, workflow.StaleCommand{Reason: "It moved.", Plan: &newPlan},
			func(r *workflow.Request) {
				r.State, r.Plan, r.Reason, r.Attempt = workflow.StateInReview, newPlan, "It moved.", nil
				r.Reviews[0].Void, r.Reviews[1].Void = true, true
			},
		},
		"a publication keeps its first base": {
			workflow.StateApproved, workflow.Actor{}, workflow.BeginCommand{Base: "def"},
			func(*workflow.Request) {},
		},
		"a publication put off says why, and counts": {
			workflow.StateApproved, workflow.Actor{}, workflow.DeferCommand{Problem: "Away.", NextAt: later},
			func(r *workflow.Request) {
				r.Attempt = &workflow.Attempt{Base: "abc", Tries: 2, Problem: "Away.", NextAt: later}
			},
		},
		"a commit ends the publication": {
			workflow.StateApproved, workflow.Actor{}, workflow.CommittedCommand{Commit: "c0ffee"},
			func(r *workflow.Request) {
				r.State, r.Commit, r.Attempt, r.Reason = workflow.StateCommitted, "c0ffee", nil, ""
			},
		},
		"what became live keeps the revision that Argo CD had synced": {
			workflow.StateFailed, workflow.Actor{}, workflow.ActiveCommand{Revision: "facade"},
			func(r *workflow.Request) { r.State, r.Revision, r.Reason = workflow.StateActive, "facade", "" },
		},
		"a failure keeps what Argo CD says": {
			workflow.StateCommitted, workflow.Actor{}, workflow.FailedCommand{Problem: "It is refused.", Revision: "facade"},
			func(r *workflow.Request) { r.State, r.Reason = workflow.StateFailed, "It is refused." },
		},
		"an end says by what": {
			workflow.StateActive, workflow.Actor{}, workflow.EndedCommand{Reason: "Removed by request 8."},
			func(r *workflow.Request) { r.State, r.Reason = workflow.StateEnded, "Removed by request 8." },
		},
		"an end that came keeps its commit, and lingers": {
			workflow.StateActive, workflow.Actor{}, workflow.EndedCommand{Reason: "It came.", Commit: "facade"},
			func(r *workflow.Request) {
				r.State, r.Reason, r.EndCommit, r.Lingers = workflow.StateEnded, "It came.", "facade", true
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := give(t, in(test.before), test.by, test.command)
			want := in(test.before)
			want.UpdatedAt = later
			test.want(&want)
			same(t, "the request", want, got)
		})
	}
}

func TestAPublicationIsRecordedOnceAndTheSameTroubleOnce(t *testing.T) {
	r := in(workflow.StateApproved)
	r.Attempt = nil
	give := func(command workflow.Command) []workflow.EventType {
		t.Helper()
		next, events, err := workflow.Decide(r, workflow.Actor{}, command, later)
		if err != nil {
			t.Fatal(err)
		}
		r = next
		var kinds []workflow.EventType
		for _, e := range events {
			kinds = append(kinds, e.Type)
		}
		return kinds
	}
	trouble := func(text string) workflow.DeferCommand { return workflow.DeferCommand{Problem: text, NextAt: later} }
	for i, turn := range []struct {
		command workflow.Command
		events  []workflow.EventType
	}{
		{trouble("Away."), []workflow.EventType{workflow.EventPublishDeferred}},
		{trouble("Away."), nil},
		{workflow.BeginCommand{Base: "abc"}, []workflow.EventType{workflow.EventPublishStarted}},
		{trouble("Away."), nil},
		{workflow.BeginCommand{Base: "def"}, nil},
		{trouble("Others write."), []workflow.EventType{workflow.EventPublishDeferred}},
	} {
		if kinds := give(turn.command); !slices.Equal(kinds, turn.events) {
			t.Errorf("command %d is recorded as %v, want %v", i, kinds, turn.events)
		}
	}
	same(t, "the attempt", &workflow.Attempt{Base: "abc", Tries: 4, Problem: "Others write.", NextAt: later}, r.Attempt)
}

func TestTheSameTroubleOfArgoCDIsRecordedOnce(t *testing.T) {
	r := in(workflow.StateCommitted)
	for i, turn := range []struct {
		problem string
		events  int
	}{{"It is refused.", 1}, {"It is refused.", 0}, {"It is refused otherwise.", 1}, {"It is refused.", 1}} {
		next, events, err := workflow.Decide(r, workflow.Actor{}, workflow.FailedCommand{Problem: turn.problem, Revision: "facade"}, later)
		if err != nil || len(events) != turn.events || next.Reason != turn.problem {
			t.Errorf("failure %d is recorded as %+v, %v; the reason is %q", i, events, err, next.Reason)
		}
		r = next
	}
}

func TestThatNothingIsLeftIsRecordedOnce(t *testing.T) {
	r := in(workflow.StateEnded)
	r.EndCommit, r.Lingers = "c0ffee", true
	for i, want := range []int{1, 0} {
		next, events, err := workflow.Decide(r, workflow.Actor{}, workflow.GoneCommand{Revision: "facade"}, later)
		if err != nil || len(events) != want || next.Lingers || next.EndCommit != "c0ffee" {
			t.Fatalf("the %d. time it is %+v, recorded as %+v, %v", i+1, next, events, err)
		}
		if want == 1 && (events[0].Type != workflow.EventGone || events[0].Commit != "facade" || events[0].From != workflow.StateEnded || events[0].To != workflow.StateEnded) {
			t.Errorf("it is recorded as %+v", events[0])
		}
		r = next
	}
}
