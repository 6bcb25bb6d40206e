package store

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenure.dev/workflow"
)

type reviewRow struct {
	Request        int64  `gorm:"primaryKey;autoIncrement:false"`
	Position       int64  `gorm:"primaryKey;autoIncrement:false"`
	PersonTID      string `gorm:"column:person_tid"`
	PersonOID      string `gorm:"column:person_oid"`
	PersonName     string
	PersonUsername string
	Stage          string
	Vote           string
	Reason         string
	Digest         string
	At             int64
	Void           bool
}

// TableName names the table for gorm.
func (reviewRow) TableName() string { return "reviews" }

func newReviewRow(request int64, position int, review workflow.Review) reviewRow {
	return reviewRow{
		Request:        request,
		Position:       int64(position),
		PersonTID:      review.Person.ID.Tenant,
		PersonOID:      review.Person.ID.Object,
		PersonName:     review.Person.Name,
		PersonUsername: review.Person.Username,
		Stage:          string(review.Stage),
		Vote:           string(review.Vote),
		Reason:         review.Reason,
		Digest:         string(review.Digest),
		At:             review.At.UnixMicro(),
		Void:           review.Void,
	}
}

func (r reviewRow) review() workflow.Review {
	return workflow.Review{
		Person: workflow.Person{
			ID:       workflow.PersonID{Tenant: r.PersonTID, Object: r.PersonOID},
			Name:     r.PersonName,
			Username: r.PersonUsername,
		},
		Stage:  workflow.Role(r.Stage),
		Vote:   workflow.Vote(r.Vote),
		Reason: r.Reason,
		Digest: workflow.Digest(r.Digest),
		At:     time.UnixMicro(r.At).UTC(),
		Void:   r.Void,
	}
}

// writeReviews adds the reviews that are new and marks those that became void
// (or count again). What was voted is never rewritten, and no vote disappears.
func writeReviews(tx *gorm.DB, request int64, reviews []workflow.Review) error {
	if len(reviews) > 0 {
		rows := make([]reviewRow, 0, len(reviews))
		for i, review := range reviews {
			rows = append(rows, newReviewRow(request, i+1, review))
		}
		upsert := clause.OnConflict{
			Columns:   []clause.Column{{Name: "request"}, {Name: "position"}},
			DoUpdates: clause.AssignmentColumns([]string{"void"}),
		}
		if err := tx.Clauses(upsert).Create(&rows).Error; err != nil {
			return fmt.Errorf("write reviews: %w", err)
		}
	}
	var stored int64
	if err := tx.Model(&reviewRow{}).Where("request = ?", request).Count(&stored).Error; err != nil {
		return fmt.Errorf("count reviews: %w", err)
	}
	if stored != int64(len(reviews)) {
		return errors.New("write reviews: a review that was given cannot be taken out")
	}
	return nil
}

// readReviews gives the reviews of the requests that ids selects, by request,
// in the order they were given.
func readReviews(tx *gorm.DB, ids any) (map[int64][]workflow.Review, error) {
	var rows []reviewRow
	if err := tx.Where("request IN (?)", ids).Order("request, position").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read reviews: %w", err)
	}
	reviews := map[int64][]workflow.Review{}
	for _, row := range rows {
		reviews[row.Request] = append(reviews[row.Request], row.review())
	}
	return reviews, nil
}
