package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenure.dev/workflow"
)

// eventBatch is how many events one statement inserts; SQLite takes at most
// 32766 values a statement, and is slow with many.
const eventBatch = 100

// Events lists the audit events of a request, oldest first.
func (s *Store) Events(ctx context.Context, request int64) ([]workflow.Event, error) {
	var rows []eventRow
	if err := s.db.WithContext(ctx).Where("request = ?", request).Order("sequence").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list events of request %d: %w", request, err)
	}
	events := make([]workflow.Event, 0, len(rows))
	for _, row := range rows {
		events = append(events, row.event())
	}
	return events, nil
}

// AuditHead is the hash of the newest event; empty when there is none.
func (s *Store) AuditHead(ctx context.Context) (string, error) {
	var head headRow
	if err := s.db.WithContext(ctx).First(&head).Error; err != nil {
		return "", fmt.Errorf("read audit head: %w", err)
	}
	return zeroIfNil(head.Hash), nil
}

// appendEvents puts a request's events at the end of the chain. The head's row
// stays locked until the transaction ends, so that no two writers append to
// the same end: PostgreSQL locks it FOR UPDATE, and on SQLite, whose dialect
// leaves that clause out, the transaction is the only one that writes.
func appendEvents(tx *gorm.DB, request int64, events []workflow.Event) error {
	if len(events) == 0 {
		return nil
	}
	var head headRow
	if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).First(&head).Error; err != nil {
		return fmt.Errorf("lock audit head: %w", err)
	}
	sequence, hash := head.Sequence, zeroIfNil(head.Hash)
	rows := make([]eventRow, 0, len(events))
	for _, event := range events {
		event.Request = request
		event = event.Chain(sequence+1, hash)
		sequence, hash = event.Sequence, event.Hash
		rows = append(rows, newEventRow(event))
	}
	if err := tx.CreateInBatches(&rows, eventBatch).Error; err != nil {
		return fmt.Errorf("append events from %d: %w", head.Sequence+1, err)
	}
	if err := tx.Model(&head).Updates(headRow{Sequence: sequence, Hash: &hash}).Error; err != nil {
		return fmt.Errorf("move audit head to %d: %w", sequence, err)
	}
	return nil
}
