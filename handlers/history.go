package handlers

import (
	"slices"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// history presents the audit trail of a request, the newest first.
func history(events []workflow.Event, r workflow.Request, now time.Time) []web.EntryView {
	var entries []web.EntryView
	for _, event := range slices.Backward(events) {
		entry := web.EntryView{Detail: event.Detail, Code: event.Commit, At: web.At(event.At, now)}
		if !event.By.ID.IsZero() {
			entry.Who = personName(event.By)
		}
		entry.Icon, entry.Tone, entry.What = eventWords(event, r)
		entries = append(entries, entry)
	}
	return entries
}

// eventWords says what happened, to follow a person's name where there is one.
func eventWords(event workflow.Event, r workflow.Request) (web.Icon, web.Tone, string) {
	switch event.Type {
	case workflow.EventDrafted:
		return web.IconDot, web.ToneNeutral, "began the request"
	case workflow.EventSubmitted:
		return web.IconPlus, web.ToneNeutral, "asked for this"
	case workflow.EventResubmitted:
		return web.IconPencil, web.ToneNeutral, "changed it and submitted it again"
	case workflow.EventApprovedStage:
		return web.IconCheck, web.ToneGood, "approved" + inStage(event, r)
	case workflow.EventRejected:
		return web.IconCross, web.ToneBad, "rejected it"
	case workflow.EventChangesRequested:
		if event.By.ID.IsZero() {
			return web.IconPencil, web.ToneWarn, "A change is needed"
		}
		return web.IconPencil, web.ToneWarn, "asked for changes"
	case workflow.EventWithdrawn:
		return web.IconMinus, web.ToneNeutral, "withdrew it"
	case workflow.EventApproved:
		return web.IconShield, web.ToneGood, "Every stage has its approvals"
	case workflow.EventStale:
		return web.IconClock, web.ToneWarn, "The plan changed; votes so far are void"
	case workflow.EventPublishStarted:
		return web.IconCommit, web.ToneNeutral, "Publishing began"
	case workflow.EventPublishDeferred:
		return web.IconClock, web.ToneWarn, "Publishing did not work yet"
	case workflow.EventCommitted:
		return web.IconCommit, web.ToneGood, "Committed as"
	case workflow.EventActive:
		if makesTenant(r) {
			return web.IconCheck, web.ToneGood, "The tenant has its place"
		}
		if endsTenant(r) {
			return web.IconCheck, web.ToneGood, "The tenant is gone"
		}
		if heldByWebhook(r) {
			return web.IconCheck, web.ToneGood, "The webhook keeps to it; there is nothing to sync"
		}
		if r.Kind == workflow.KindRemoval {
			return web.IconCheck, web.ToneGood, "Gone from the cluster; Argo CD synced"
		}
		return web.IconCheck, web.ToneGood, "Live on the cluster; Argo CD synced"
	case workflow.EventFailed:
		return web.IconWarning, web.ToneBad, "Argo CD could not sync"
	case workflow.EventGone:
		return web.IconCheck, web.ToneGood, "Gone from the cluster; Argo CD synced"
	case workflow.EventCommented:
		return web.IconPencil, web.ToneNeutral, "said"
	case workflow.EventEndsSoon:
		return web.IconClock, web.ToneWarn, "Its end is near"
	case workflow.EventEnded:
		return web.IconMinus, web.ToneNeutral, "Ended"
	}
	return web.IconDot, web.ToneNeutral, string(event.Type)
}

// inStage names the stage that a person's approval was given in.
func inStage(event workflow.Event, r workflow.Request) string {
	for _, review := range r.Reviews {
		if review.Person.ID == event.By.ID && review.At.Equal(event.At) {
			return " as " + roleName(review.Stage, r.Plan)
		}
	}
	return ""
}
