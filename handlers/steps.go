package handlers

import (
	"slices"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// steps presents the way of a request: asked, each stage's review, approved,
// committed, in the cluster. The audit trail gives the times.
func steps(dossier workflow.Dossier, now time.Time) []web.StepView {
	r, events := dossier.Request, dossier.Events
	way := []web.StepView{{
		Title: "Asked", State: web.StepDone, People: []string{personName(r.RequestedBy)}, At: web.At(askedAt(r, events), now),
	}}
	reached := web.StepNow
	if r.State != workflow.StateInReview {
		reached = web.StepToCome
	}
	for _, p := range r.Progress() {
		step := web.StepView{Title: stageTitle(p.Stage, r.Plan) + " review", Detail: approvals(p), State: web.StepToCome}
		for _, vote := range p.Votes {
			step.People = append(step.People, personName(vote.Person))
			step.At = web.At(vote.At, now)
		}
		switch {
		case p.Met():
			step.State = web.StepDone
		default:
			step.State, reached = reached, web.StepToCome
		}
		way = append(way, step)
	}
	if stopped, found := stop(r, events, now); found {
		return append(slices.DeleteFunc(way, func(s web.StepView) bool { return s.State == web.StepToCome }), stopped)
	}
	way = append(way, approvedStep(r, events, now), committedStep(r, events, now))
	live := liveStep(dossier, now)
	if r.State != workflow.StateEnded {
		return append(way, live)
	}
	if live.State == web.StepDone {
		way = append(way, live)
	}
	return append(way, web.StepView{Title: "Ended", State: web.StepDone, Commit: r.EndCommit, At: web.At(lastEvent(events, workflow.EventEnded).At, now)})
}

func approvedStep(r workflow.Request, events []workflow.Event, now time.Time) web.StepView {
	step := web.StepView{Title: "Approved", State: web.StepToCome}
	if isApproved(r.State) {
		step.State, step.At = web.StepDone, web.At(lastEvent(events, workflow.EventApproved).At, now)
	}
	return step
}

func committedStep(r workflow.Request, events []workflow.Event, now time.Time) web.StepView {
	step := web.StepView{Title: "Committed", State: web.StepToCome, Commit: r.Commit}
	switch {
	case r.Commit != "":
		step.State, step.At = web.StepDone, web.At(lastEvent(events, workflow.EventCommitted).At, now)
	case r.State == workflow.StateApproved:
		step.State = web.StepNow
		if r.Attempt != nil && r.Attempt.Problem != "" {
			step.Detail = "tried again by itself"
		}
	}
	return step
}

// stop is the step with which a request's way ended, or paused, before approval.
func stop(r workflow.Request, events []workflow.Event, now time.Time) (web.StepView, bool) {
	end := func(title string, event workflow.EventType) (web.StepView, bool) {
		last := lastEvent(events, event)
		step := web.StepView{Title: title, State: web.StepStopped, At: web.At(last.At, now)}
		if !last.By.ID.IsZero() {
			step.People = []string{personName(last.By)}
		}
		return step, true
	}
	switch r.State {
	case workflow.StateRejected:
		return end("Rejected", workflow.EventRejected)
	case workflow.StateWithdrawn:
		return end("Withdrawn", workflow.EventWithdrawn)
	case workflow.StateChangesRequested:
		return end("Changes requested", workflow.EventChangesRequested)
	case workflow.StateLapsed:
		return web.StepView{Title: "Lapsed", State: web.StepStopped, At: web.At(r.UpdatedAt, now)}, true
	}
	return web.StepView{}, false
}

// isApproved says whether every stage was met for good.
func isApproved(state workflow.State) bool {
	switch state {
	case workflow.StateApproved, workflow.StateCommitted, workflow.StateActive, workflow.StateFailed, workflow.StateEnded:
		return true
	}
	return false
}

// askedAt is when the request was first submitted.
func askedAt(r workflow.Request, events []workflow.Event) time.Time {
	for _, event := range events {
		if event.Type == workflow.EventSubmitted {
			return event.At
		}
	}
	return r.CreatedAt
}

// lastEvent is the newest event of a type; the zero event when there is none.
func lastEvent(events []workflow.Event, kind workflow.EventType) workflow.Event {
	for _, event := range slices.Backward(events) {
		if event.Type == kind {
			return event
		}
	}
	return workflow.Event{}
}
