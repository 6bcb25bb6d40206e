package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"gorm.io/gorm"

	"tenure.dev/workflow"
)

// Store is a workflow.Store in SQLite or PostgreSQL. It is safe for use by
// many goroutines, and many processes may share one database.
type Store struct {
	db   *gorm.DB
	pool *sql.DB
	log  *slog.Logger
	// turn is held by the one goroutine that writes to SQLite. The file's own
	// lock is polled and not fair, so that under load a writer could wait for
	// ever behind its neighbours. nil for PostgreSQL.
	turn chan struct{}
}

var _ workflow.Store = (*Store)(nil)

// Close ends all connections. Transactions under way are rolled back.
func (s *Store) Close() error {
	if err := s.pool.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.pool.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// write does everything in one transaction, or nothing.
func (s *Store) write(ctx context.Context, do func(tx *gorm.DB) error) error {
	if s.turn != nil {
		select {
		case s.turn <- struct{}{}:
			defer func() { <-s.turn }()
		case <-ctx.Done():
			return fmt.Errorf("wait for other writers: %w", ctx.Err())
		}
	}
	return s.db.WithContext(ctx).Transaction(do)
}

// read sees the database as it was at one moment, so that a request and its
// reviews, or the chain and its head, fit together.
func (s *Store) read(ctx context.Context, do func(tx *gorm.DB) error) error {
	return s.db.WithContext(ctx).Transaction(do, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
}
