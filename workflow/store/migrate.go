package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tenure.dev/migrations"
)

// The session lock's patience: one try a second, for five minutes.
const (
	lockPeriodSeconds = 1
	lockTries         = 300
)

// Migrate brings the schema up to what this version of Tenure needs. Several
// replicas may call it at once: on PostgreSQL they queue for a session lock, on
// SQLite the one that comes second finds the step done and goes on from there.
func (s *Store) Migrate(ctx context.Context) error {
	provider, err := s.migrations()
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	reached := int64(-1)
	for {
		results, err := provider.Up(ctx)
		var partial *goose.PartialError
		if errors.As(err, &partial) {
			results = partial.Applied
		}
		for _, result := range results {
			s.log.InfoContext(ctx, "database migrated", "version", result.Source.Version, "took", result.Duration)
		}
		if err == nil {
			return nil
		}
		if s.turn == nil {
			return fmt.Errorf("migrate database: %w", err)
		}
		// Each step is a transaction of its own. When the schema got further
		// meanwhile, somebody else did our step; when it did not, it is a fault.
		version, versionErr := provider.GetDBVersion(ctx)
		if versionErr != nil || version <= reached {
			return fmt.Errorf("migrate database: %w", errors.Join(err, versionErr))
		}
		reached = version
	}
}

// migrations wires goose. Its own log stays off.
func (s *Store) migrations() (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	var options []goose.ProviderOption
	if s.turn == nil {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockPeriodSeconds, lockTries))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	appendOnly, err := migrations.AppendOnly(dialect)
	if err != nil {
		return nil, err
	}
	options = append(options, goose.WithGoMigrations(appendOnly), goose.WithDisableGlobalRegistry(true))
	return goose.NewProvider(dialect, s.pool, migrations.FS, options...)
}
