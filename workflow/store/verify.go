package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// verifyBatch is how many entries are held in memory while verifying.
const verifyBatch = 1000

// BrokenChainError says where the audit trail stops being what was written.
type BrokenChainError struct {
	Sequence int64 // the first entry that does not fit
	Reason   string
}

// Error names the entry and what is wrong with it.
func (e *BrokenChainError) Error() string {
	return fmt.Sprintf("the audit trail is broken at entry %d: %s", e.Sequence, e.Reason)
}

// VerifyChain computes the whole audit chain again. The first entry that was
// changed, is missing or was slipped in comes back as a *BrokenChainError; any
// other error means that the trail could not be read. An end cut off together
// with the head cannot be seen here: the commits' Tenure-Audit-Head shows that.
func (s *Store) VerifyChain(ctx context.Context) error {
	err := s.read(ctx, func(tx *gorm.DB) error {
		var head headRow
		if err := tx.First(&head).Error; err != nil {
			return fmt.Errorf("read audit head: %w", err)
		}
		last, hash, err := verifyEntries(tx)
		switch {
		case err != nil:
			return err
		case last != head.Sequence:
			return &BrokenChainError{Sequence: min(last, head.Sequence) + 1, Reason: fmt.Sprintf("the trail ends at entry %d, but its head is at %d", last, head.Sequence)}
		case hash != zeroIfNil(head.Hash):
			return &BrokenChainError{Sequence: last, Reason: "the head has another hash than the newest entry"}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("verify audit chain: %w", err)
	}
	return nil
}

// verifyEntries walks the chain from its first entry and gives its end.
func verifyEntries(tx *gorm.DB) (sequence int64, hash string, err error) {
	for {
		var rows []eventRow
		if err := tx.Where("sequence > ?", sequence).Order("sequence").Limit(verifyBatch).Find(&rows).Error; err != nil {
			return 0, "", fmt.Errorf("read entries after %d: %w", sequence, err)
		}
		for _, row := range rows {
			event := row.event()
			switch again := event.Chain(sequence+1, hash); {
			case event.Sequence != sequence+1:
				return 0, "", &BrokenChainError{Sequence: sequence + 1, Reason: fmt.Sprintf("it is missing; the next one is %d", event.Sequence)}
			case event.Previous != hash:
				return 0, "", &BrokenChainError{Sequence: event.Sequence, Reason: "it does not follow from the entry before it"}
			case event.Hash != again.Hash:
				return 0, "", &BrokenChainError{Sequence: event.Sequence, Reason: "its content is not what its hash was computed over"}
			}
			sequence, hash = event.Sequence, event.Hash
		}
		if len(rows) < verifyBatch {
			return sequence, hash, nil
		}
	}
}
