package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenure.dev/workflow"
)

var _ workflow.FormDrafts = (*Store)(nil)

type draftRow struct {
	PersonTID  string `gorm:"column:person_tid;primaryKey"`
	PersonOID  string `gorm:"column:person_oid;primaryKey"`
	Kind       string `gorm:"primaryKey"`
	ValuesJSON string `gorm:"column:values_json"`
	SavedAt    int64  // microseconds since 1970 UTC
}

// TableName names the table for gorm.
func (draftRow) TableName() string { return "drafts" }

// SaveFormDraft stores a draft in place of the person's earlier one of the kind.
func (s *Store) SaveFormDraft(ctx context.Context, person workflow.PersonID, draft workflow.FormDraft) error {
	values, err := json.Marshal(draft.Values)
	if err != nil {
		return fmt.Errorf("encode draft: %w", err)
	}
	row := draftRow{PersonTID: person.Tenant, PersonOID: person.Object, Kind: string(draft.Kind), ValuesJSON: string(values), SavedAt: draft.SavedAt.UnixMicro()}
	err = s.write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "person_tid"}, {Name: "person_oid"}, {Name: "kind"}},
			DoUpdates: clause.AssignmentColumns([]string{"values_json", "saved_at"}),
		}).Create(&row).Error
	})
	if err != nil {
		return fmt.Errorf("store draft: %w", err)
	}
	return nil
}

// FormDrafts lists a person's drafts, the latest first.
func (s *Store) FormDrafts(ctx context.Context, person workflow.PersonID) ([]workflow.FormDraft, error) {
	var rows []draftRow
	err := s.read(ctx, func(tx *gorm.DB) error {
		return tx.Where("person_tid = ? AND person_oid = ?", person.Tenant, person.Object).Order("saved_at DESC, kind").Find(&rows).Error
	})
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	var drafts []workflow.FormDraft
	for _, row := range rows {
		draft := workflow.FormDraft{Kind: workflow.Kind(row.Kind), SavedAt: time.UnixMicro(row.SavedAt).UTC()}
		if err := json.Unmarshal([]byte(row.ValuesJSON), &draft.Values); err != nil {
			return nil, fmt.Errorf("decode draft of kind %q: %w", row.Kind, err)
		}
		drafts = append(drafts, draft)
	}
	return drafts, nil
}

// DiscardFormDraft forgets a draft. It is no error when there is none.
func (s *Store) DiscardFormDraft(ctx context.Context, person workflow.PersonID, kind workflow.Kind) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Delete(&draftRow{}, "person_tid = ? AND person_oid = ? AND kind = ?", person.Tenant, person.Object, string(kind)).Error
	})
	if err != nil {
		return fmt.Errorf("delete draft: %w", err)
	}
	return nil
}

// DeleteFormDraftsBefore forgets the drafts that were last saved before a
// moment, and says how many.
func (s *Store) DeleteFormDraftsBefore(ctx context.Context, before time.Time) (int64, error) {
	var deleted int64
	err := s.write(ctx, func(tx *gorm.DB) error {
		result := tx.Delete(&draftRow{}, "saved_at < ?", before.UnixMicro())
		deleted = result.RowsAffected
		return result.Error
	})
	if err != nil {
		return 0, fmt.Errorf("delete old drafts: %w", err)
	}
	return deleted, nil
}
