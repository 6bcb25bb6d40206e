package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"tenure.dev/workflow/store"
	"tenure.dev/workflow/store/postgrestest"
)

// postgres is the server that this test binary started.
var postgres *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	server, err := postgrestest.Start(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	postgres = server
	return m.Run()
}

// database is a fresh, empty database.
type database struct {
	dsn    string
	driver string // for database/sql, past the store
}

// onEachDatabase runs a test on SQLite and on PostgreSQL.
func onEachDatabase(t *testing.T, test func(t *testing.T, db database)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		test(t, database{dsn: filepath.Join(t.TempDir(), "tenure.db"), driver: "sqlite"})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		test(t, database{dsn: postgres.Database(t), driver: "pgx"})
	})
}

// dialect is the database's name for goose.
func (d database) dialect() goose.Dialect {
	if d.driver == "sqlite" {
		return goose.DialectSQLite3
	}
	return goose.DialectPostgres
}

// open gives one more store on the database, its schema as it is.
func (d database) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{DSN: d.dsn, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// migrated gives a store whose schema is current.
func (d database) migrated(t *testing.T) *store.Store {
	t.Helper()
	s := d.open(t)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// sql goes past the store, as somebody with access to the database could.
func (d database) sql(t *testing.T) *sql.DB {
	t.Helper()
	raw, err := sql.Open(d.driver, d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

// exec runs statements past the store.
func (d database) exec(t *testing.T, statements ...string) {
	t.Helper()
	raw := d.sql(t)
	for _, statement := range statements {
		if _, err := raw.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
