package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// EventType says what happened to a request.
type EventType string

// The types of audit event.
const (
	EventDrafted          EventType = "drafted"
	EventSubmitted        EventType = "submitted"
	EventResubmitted      EventType = "resubmitted"
	EventApprovedStage    EventType = "review-approved"
	EventRejected         EventType = "review-rejected"
	EventChangesRequested EventType = "review-changes-requested"
	EventWithdrawn        EventType = "withdrawn"
	EventApproved         EventType = "approved"
	EventStale            EventType = "stale"
	EventPublishStarted   EventType = "publish-started"
	EventPublishDeferred  EventType = "publish-deferred"
	EventCommitted        EventType = "committed"
	EventActive           EventType = "active"
	EventFailed           EventType = "failed"
	EventCommented        EventType = "commented"
	EventEndsSoon         EventType = "ends-soon"
	EventEnded            EventType = "ended"
	EventGone             EventType = "gone" // it had ended, and now nothing of it is left in a cluster
)

// Event is one entry of the audit trail. The entries form one chain over all
// requests: Hash covers the entry and the hash before it.
type Event struct {
	Sequence int64 // from 1, without gaps; assigned by the store
	Request  int64
	Type     EventType
	At       time.Time
	By       Person // zero when Tenure itself acted
	From, To State
	Detail   string // a sentence, or the reason that the person gave
	Digest   Digest // the plan it is about, where there is one
	Commit   string // the commit it is about, where there is one
	Previous string // hash of the entry before; empty for the first
	Hash     string // "sha256:" and 64 hex digits
}

// Chain gives the event with its place in the chain: the sequence number, the
// hash before it, and its own hash over all of that.
func (e Event) Chain(sequence int64, previous string) Event {
	e.Sequence, e.Previous, e.Hash = sequence, previous, ""
	e.At = e.At.UTC().Truncate(time.Microsecond)
	data, err := json.Marshal(e)
	if err != nil {
		panic("workflow: an event is plain data and always encodes: " + err.Error())
	}
	sum := sha256.Sum256(data)
	e.Hash = "sha256:" + hex.EncodeToString(sum[:])
	return e
}
