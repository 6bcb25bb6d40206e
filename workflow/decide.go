package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The states of a request and what moves it between them:
//
//	draft ──submit──► in-review ──vote──► approved ──committed──► committed
//	                   │ ▲ ▲ │               │
//	                   │ │ └─┴──stale────────┘
//	                   │ └──submit── changes-requested
//	                   ├──vote──► changes-requested
//	                   ├──vote──► rejected
//	                   └──withdraw──► withdrawn     (also from draft and changes-requested)
//
//	committed ──active──► active ──ended──► ended
//	     │                  ▲                 ▲
//	     ├──failed──► failed┴─────────────────┤
//	     └────────────────────────ended───────┘
//
// What ended because its time came lingers until it is gone from every cluster
// (gone); it is ended all the while.
//
// A vote that is not the last, the start of a publication (begin), its putting
// off (defer) and a reminder that the end is near (remind) leave the state as it
// is, and so does another reason of a failure. What is active stays so, whatever Argo CD does later: an older
// revision that is applied once more is drift, not another decision.

// Command is one thing that can happen to a request.
type Command interface {
	// from lists the states in which the command is possible.
	from() []State
	// decide gives the request as it is afterwards, and what is to be recorded.
	decide(r Request, actor Actor, now time.Time) (Request, []Event, error)
}

// Decide says what becomes of a request when the actor gives the command. It
// is pure. A refusal is a *Problem, and then nothing changes.
func Decide(r Request, actor Actor, command Command, now time.Time) (Request, []Event, error) {
	if !slices.Contains(command.from(), r.State) {
		return r, nil, Refuse(Conflict, fmt.Sprintf("Request %d is %s, so this is no longer possible. Nothing was changed.", r.ID, strings.ReplaceAll(string(r.State), "-", " ")))
	}
	r.Reviews = slices.Clone(r.Reviews)
	next, events, err := command.decide(r, actor, now.UTC())
	if err != nil {
		return r, nil, err
	}
	next.UpdatedAt = now.UTC()
	return next, events, nil
}

// event starts the record of a change of state.
func (r Request) event(kind EventType, by Person, to State, detail string, now time.Time) Event {
	return Event{Request: r.ID, Type: kind, At: now, By: by, From: r.State, To: to, Detail: detail, Digest: r.Plan.Digest}
}

// onlyRequester refuses what nobody else may do.
func onlyRequester(do string) *Problem {
	return Refuse(Forbidden, fmt.Sprintf("Only the person who asked can %s this request.", do))
}

// SubmitCommand puts a request into review with the plan that the votes will cover.
// After changes were requested it carries the edited change.
type SubmitCommand struct {
	Change Change
	Plan   Plan
}

func (SubmitCommand) from() []State { return []State{StateDraft, StateChangesRequested} }

func (c SubmitCommand) decide(r Request, actor Actor, now time.Time) (Request, []Event, error) {
	if actor.ID != r.RequestedBy.ID {
		return r, nil, onlyRequester("submit")
	}
	kind := EventSubmitted
	if r.State == StateChangesRequested {
		kind = EventResubmitted
	}
	r.Change, r.Plan, r.Reason = c.Change, c.Plan.abridged(), ""
	r = r.voidReviews()
	event := r.event(kind, actor.Person, StateInReview, "", now)
	r.State = StateInReview
	return r, []Event{event}, nil
}

// voidReviews marks every vote so far as not covering the present plan.
func (r Request) voidReviews() Request {
	for i := range r.Reviews {
		r.Reviews[i].Void = true
	}
	return r
}

// WithdrawCommand takes a request back.
type WithdrawCommand struct{ Reason string }

func (WithdrawCommand) from() []State {
	return []State{StateDraft, StateInReview, StateChangesRequested}
}

func (c WithdrawCommand) decide(r Request, actor Actor, now time.Time) (Request, []Event, error) {
	if actor.ID != r.RequestedBy.ID {
		return r, nil, onlyRequester("withdraw")
	}
	event := r.event(EventWithdrawn, actor.Person, StateWithdrawn, c.Reason, now)
	r.State, r.Reason = StateWithdrawn, c.Reason
	return r, []Event{event}, nil
}

// StaleCommand sends a request back because its plan no longer holds: the
// base moved so that something else would be committed, or a vote lost its
// ground. All votes are void. Without a new plan the change itself is no
// longer possible, and the person who asked has to edit it.
type StaleCommand struct {
	Reason string
	Plan   *Plan
}

func (StaleCommand) from() []State { return []State{StateInReview, StateApproved} }

func (c StaleCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	next := r.voidReviews()
	next.State, next.Reason, next.Attempt = StateInReview, c.Reason, nil
	events := []Event{r.event(EventStale, Person{}, StateInReview, c.Reason, now)}
	if c.Plan != nil {
		next.Plan = c.Plan.abridged()
		return next, events, nil
	}
	events = append(events, next.event(EventChangesRequested, Person{}, StateChangesRequested, c.Reason, now))
	next.State = StateChangesRequested
	return next, events, nil
}

// BeginCommand records that a publication starts on top of base, before
// anything is written to the repository. The first base stays: the history
// since then tells, after a crash, whether the commit was made.
type BeginCommand struct{ Base string }

func (BeginCommand) from() []State { return []State{StateApproved} }

func (c BeginCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	attempt := Attempt{}
	if r.Attempt != nil {
		attempt = *r.Attempt
	}
	if attempt.Base != "" {
		return r, nil, nil // one entry in the trail is enough for all tries
	}
	attempt.Base = c.Base
	r.Attempt = &attempt
	event := r.event(EventPublishStarted, Person{}, r.State, "", now)
	return r, []Event{event}, nil
}

// DeferCommand records that a publication came to nothing, and when it is tried again.
type DeferCommand struct {
	Problem string // for the page; a sentence without internals
	NextAt  time.Time
	Waits   bool // for another request
}

func (DeferCommand) from() []State { return []State{StateApproved} }

func (c DeferCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	attempt := Attempt{}
	if r.Attempt != nil {
		attempt = *r.Attempt
	}
	first := attempt.Problem != c.Problem
	attempt.Problem, attempt.NextAt, attempt.Waits = c.Problem, c.NextAt.UTC(), c.Waits
	attempt.Tries++ // also where the repository was away before anything could begin
	r.Attempt = &attempt
	if !first {
		return r, nil, nil // the same trouble again is no news
	}
	event := r.event(EventPublishDeferred, Person{}, r.State, c.Problem, now)
	return r, []Event{event}, nil
}

// CommittedCommand records the signed commit that granted the request.
type CommittedCommand struct{ Commit string }

func (CommittedCommand) from() []State { return []State{StateApproved} }

func (c CommittedCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	event := r.event(EventCommitted, Person{}, StateCommitted, "", now)
	event.Commit = c.Commit
	r.State, r.Commit, r.Attempt, r.Reason = StateCommitted, c.Commit, nil, ""
	return r, []Event{event}, nil
}

// ActiveCommand records that Argo CD brought the request to its clusters.
type ActiveCommand struct {
	Revision string // what Argo CD had synced then: the commit, or one after it
}

func (ActiveCommand) from() []State { return []State{StateCommitted, StateFailed} }

func (c ActiveCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	event := r.event(EventActive, Person{}, StateActive, "", now)
	event.Commit = c.Revision
	r.State, r.Revision, r.Reason = StateActive, c.Revision, ""
	return r, []Event{event}, nil
}

// FailedCommand records that Argo CD cannot bring the request to a cluster as
// it stands. Argo CD goes on trying, so it may become active yet.
type FailedCommand struct {
	Problem  string // the object and Argo CD's message
	Revision string // what Argo CD last compared the cluster with
}

func (FailedCommand) from() []State { return []State{StateCommitted, StateFailed} }

func (c FailedCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	if r.State == StateFailed && r.Reason == c.Problem {
		return r, nil, nil // the same trouble again is no news
	}
	event := r.event(EventFailed, Person{}, StateFailed, c.Problem, now)
	event.Commit = c.Revision
	r.State, r.Reason = StateFailed, c.Problem
	return r, []Event{event}, nil
}

// EndedCommand records that the approved state no longer has what the request
// gave.
type EndedCommand struct {
	Reason string
	// Commit took it away because its end came; empty for any other end. Then the
	// request lingers until nothing of it is left in a cluster.
	Commit string
}

func (EndedCommand) from() []State { return []State{StateCommitted, StateFailed, StateActive} }

func (c EndedCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	event := r.event(EventEnded, Person{}, StateEnded, c.Reason, now)
	event.Commit = c.Commit
	r.State, r.Reason, r.EndCommit, r.Lingers = StateEnded, c.Reason, c.Commit, c.Commit != ""
	return r, []Event{event}, nil
}

// GoneCommand records that Argo CD has nothing left in a cluster of a request
// whose end came.
type GoneCommand struct {
	Revision string // what Argo CD had synced then: the end's commit, or one after it
}

func (GoneCommand) from() []State { return []State{StateEnded} }

func (c GoneCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	if !r.Lingers {
		return r, nil, nil // it is known already
	}
	event := r.event(EventGone, Person{}, StateEnded, "", now)
	event.Commit = c.Revision
	r.Lingers = false
	return r, []Event{event}, nil
}
