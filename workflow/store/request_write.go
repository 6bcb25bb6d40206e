package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"tenure.dev/workflow"
)

// CreateRequest stores a new request with its events; see workflow.Store. What
// it returns is what Request would read: instants in UTC, cut to microseconds.
func (s *Store) CreateRequest(ctx context.Context, request workflow.Request, events []workflow.Event) (workflow.Request, error) {
	if len(events) == 0 {
		return workflow.Request{}, errors.New("create request: it needs an audit event")
	}
	request.Version = 1
	err := s.write(ctx, func(tx *gorm.DB) error {
		var err error
		if request.ID, err = nextNumber(tx, "request"); err != nil {
			return err
		}
		row, err := newRequestRow(request)
		if err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("insert request: %w", err)
		}
		return finishWrite(tx, row, &request, events)
	})
	if err != nil {
		return workflow.Request{}, fmt.Errorf("create request: %w", err)
	}
	return request, nil
}

// UpdateRequest writes a request if nobody else did since it was read; see
// workflow.Store. Kind, Tenant, RequestedBy and CreatedAt stay what they were
// when it was created. A change of State needs an event.
func (s *Store) UpdateRequest(ctx context.Context, request workflow.Request, events []workflow.Event) (workflow.Request, error) {
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := newRequestRow(request)
		if err != nil {
			return err
		}
		row.Version++
		unchanged := tx.Model(&requestRow{}).Where("id = ? AND version = ?", request.ID, request.Version)
		if len(events) == 0 {
			unchanged = unchanged.Where("state = ?", row.State)
		}
		result := unchanged.Select("Version", "PeerTenant", "State", "ChangeJSON", "PlanJSON", "AttemptJSON", "CommitID", "Revision", "EndCommit", "Lingers", "Reminded", "Reason", "Updated").Updates(row)
		if result.Error != nil {
			return result.Error
		}
		if result.RowsAffected == 0 {
			return whyNotWritten(tx, request)
		}
		var stored requestRow
		if err := tx.First(&stored, "id = ?", request.ID).Error; err != nil {
			return fmt.Errorf("read it back: %w", err)
		}
		return finishWrite(tx, stored, &request, events)
	})
	if err != nil {
		return workflow.Request{}, fmt.Errorf("update request %d: %w", request.ID, err)
	}
	return request, nil
}

// finishWrite does what follows a written request row: its reviews and its
// events. It leaves in request what was stored.
func finishWrite(tx *gorm.DB, row requestRow, request *workflow.Request, events []workflow.Event) error {
	if err := writeReviews(tx, row.ID, request.Reviews); err != nil {
		return err
	}
	if err := appendEvents(tx, row.ID, events); err != nil {
		return err
	}
	stored, err := row.request()
	if err != nil {
		return err
	}
	reviews, err := readReviews(tx, row.ID)
	if err != nil {
		return err
	}
	stored.Reviews = reviews[row.ID]
	*request = stored
	return nil
}

// whyNotWritten says why no row had the id, the version and, when no event
// came along, the state of the request.
func whyNotWritten(tx *gorm.DB, request workflow.Request) error {
	var rows []requestRow
	if err := tx.Select("id", "version", "state").Find(&rows, "id = ?", request.ID).Error; err != nil {
		return fmt.Errorf("see why it was not written: %w", err)
	}
	switch {
	case len(rows) == 0:
		return workflow.ErrNoRequest
	case rows[0].Version != request.Version:
		return workflow.ErrVersion
	default:
		return fmt.Errorf("from %q to %q without an audit event", rows[0].State, request.State)
	}
}

// nextNumber draws the next number of a counter. The counter's row stays
// locked until the transaction ends, so that numbers come without gaps.
func nextNumber(tx *gorm.DB, counter string) (int64, error) {
	var number int64
	result := tx.Raw("UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value", counter).Scan(&number)
	if result.Error != nil {
		return 0, fmt.Errorf("draw number of %q: %w", counter, result.Error)
	}
	if number == 0 {
		return 0, fmt.Errorf("draw number of %q: there is no such counter", counter)
	}
	return number, nil
}
