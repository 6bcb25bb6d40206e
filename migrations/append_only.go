package migrations

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

// appendOnlyVersion is the step's number among the SQL files.
const appendOnlyVersion = 5

// AppendOnly is the migration that makes the database itself refuse to change
// or delete an audit event. It is Go because the two databases share no syntax
// for triggers.
func AppendOnly(dialect goose.Dialect) (*goose.Migration, error) {
	statements, known := map[goose.Dialect][]string{
		goose.DialectSQLite3:  sqliteAppendOnly,
		goose.DialectPostgres: postgresAppendOnly,
	}[dialect]
	if !known {
		return nil, fmt.Errorf("append-only audit events: no triggers for database %q", dialect)
	}
	return goose.NewGoMigration(appendOnlyVersion, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("append-only audit events: %w", err)
			}
		}
		return nil
	}}, nil), nil
}

var sqliteAppendOnly = []string{
	`CREATE TRIGGER events_no_update BEFORE UPDATE ON events
	BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END`,
	`CREATE TRIGGER events_no_delete BEFORE DELETE ON events
	BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END`,
}

var postgresAppendOnly = []string{
	`CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$`,
	`CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
	FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()`,
}
