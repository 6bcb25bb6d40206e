package store

import (
	"time"

	"tenure.dev/workflow"
)

// eventRow is one entry of the audit trail. Every field that the entry's hash
// covers has a column, so that the hash can be computed again.
type eventRow struct {
	Sequence   int64  `gorm:"primaryKey;autoIncrement:false"`
	Request    *int64 // nil when the event is about no request
	Type       string
	At         int64
	ByTID      string `gorm:"column:by_tid"`
	ByOID      string `gorm:"column:by_oid"`
	ByName     string
	ByUsername string
	FromState  string
	ToState    string
	Detail     string
	Digest     string
	CommitID   string
	Previous   *string // nil for the first
	Hash       string
}

// TableName names the table for gorm.
func (eventRow) TableName() string { return "events" }

func newEventRow(event workflow.Event) eventRow {
	return eventRow{
		Sequence:   event.Sequence,
		Request:    nilIfZero(event.Request),
		Type:       string(event.Type),
		At:         event.At.UnixMicro(),
		ByTID:      event.By.ID.Tenant,
		ByOID:      event.By.ID.Object,
		ByName:     event.By.Name,
		ByUsername: event.By.Username,
		FromState:  string(event.From),
		ToState:    string(event.To),
		Detail:     event.Detail,
		Digest:     string(event.Digest),
		CommitID:   event.Commit,
		Previous:   nilIfZero(event.Previous),
		Hash:       event.Hash,
	}
}

func (r eventRow) event() workflow.Event {
	return workflow.Event{
		Sequence: r.Sequence,
		Request:  zeroIfNil(r.Request),
		Type:     workflow.EventType(r.Type),
		At:       time.UnixMicro(r.At).UTC(),
		By: workflow.Person{
			ID:       workflow.PersonID{Tenant: r.ByTID, Object: r.ByOID},
			Name:     r.ByName,
			Username: r.ByUsername,
		},
		From:     workflow.State(r.FromState),
		To:       workflow.State(r.ToState),
		Detail:   r.Detail,
		Digest:   workflow.Digest(r.Digest),
		Commit:   r.CommitID,
		Previous: zeroIfNil(r.Previous),
		Hash:     r.Hash,
	}
}

// headRow is the one row of the chain's head.
type headRow struct {
	ID       int64 `gorm:"primaryKey;autoIncrement:false"`
	Sequence int64
	Hash     *string // nil while the trail is empty
}

// TableName names the table for gorm.
func (headRow) TableName() string { return "audit_head" }

func nilIfZero[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

func zeroIfNil[T any](value *T) T {
	if value == nil {
		var zero T
		return zero
	}
	return *value
}
