package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenure.dev/workflow"
)

// Sessions keeps browser sessions; it is a store for github.com/alexedwards/scs.
// Of a session's token only the SHA-256 is stored, so that whoever reads the
// database can sign in as nobody. The methods without a context are those that
// scs asks for; it calls the others.
type Sessions struct {
	Store *Store         // required
	Clock workflow.Clock // required; says what has expired
}

type sessionRow struct {
	TokenSHA256 string `gorm:"column:token_sha256;primaryKey"`
	Data        []byte
	ExpiresAt   int64 // microseconds since 1970 UTC
}

// TableName names the table for gorm.
func (sessionRow) TableName() string { return "sessions" }

// FindCtx gives a session's data; found is false when there is none or it has expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	var row sessionRow
	err = s.Store.db.WithContext(ctx).First(&row, "token_sha256 = ? AND expires_at > ?", hashToken(token), s.Clock.Now().UnixMicro()).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return row.Data, true, nil
}

// CommitCtx stores a session's data until expiry, over what it held before.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	if data == nil {
		data = []byte{}
	}
	row := sessionRow{TokenSHA256: hashToken(token), Data: data, ExpiresAt: expiry.UnixMicro()}
	err := s.Store.write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "token_sha256"}},
			DoUpdates: clause.AssignmentColumns([]string{"data", "expires_at"}),
		}).Create(&row).Error
	})
	if err != nil {
		return fmt.Errorf("store session: %w", err)
	}
	return nil
}

// DeleteCtx ends a session. It is no error when there is none.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	err := s.Store.write(ctx, func(tx *gorm.DB) error {
		return tx.Delete(&sessionRow{}, "token_sha256 = ?", hashToken(token)).Error
	})
	if err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// DeleteExpired removes the sessions that have expired and says how many. An
// expired session is never found, so this only saves space.
func (s *Sessions) DeleteExpired(ctx context.Context) (int64, error) {
	var deleted int64
	err := s.Store.write(ctx, func(tx *gorm.DB) error {
		result := tx.Delete(&sessionRow{}, "expires_at <= ?", s.Clock.Now().UnixMicro())
		deleted = result.RowsAffected
		return result.Error
	})
	if err != nil {
		return 0, fmt.Errorf("delete expired sessions: %w", err)
	}
	return deleted, nil
}

// Find is FindCtx without a deadline.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a deadline.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a deadline.
func (s *Sessions) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
