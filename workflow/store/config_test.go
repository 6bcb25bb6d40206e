package store_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/workflow/store"
)

func TestAWrongConfigurationIsRefusedWithoutItsPassword(t *testing.T) {
	cases := map[string]struct{ dsn, want string }{
		"nothing":                         {"", "is required"},
		"another database":                {"mysql://tenure:hunter2@db/tenure", "neither a postgres:// URL nor"},
		"a misspelt scheme":               {"postgress://tenure:hunter2@db/tenure", "neither a postgres:// URL nor"},
		"memory":                          {":memory:", ":memory: cannot be used"},
		"a file URI":                      {"file:tenure.db", "nor a plain file path"},
		"a slash in the password":         {"postgres://tenure:hun/hunter2@db/tenure", "cannot be read"},
		"a percent sign in the password":  {"postgres://tenure:%hunter2@db/tenure", "cannot be read"},
		"an unknown sslmode":              {"postgres://tenure:hunter2@db/tenure?sslmode=hunter2", "cannot be read"},
		"a port that is no number":        {"postgres://tenure:x@db:hunter2/tenure", "cannot be read"},
		"a server that does not answer":   {"postgres://tenure:hunter2@127.0.0.1:1/tenure?connect_timeout=1", "ping database"},
		"a folder that does not exist":    {filepath.Join(t.TempDir(), "missing", "tenure.db"), "no such file or directory"},
		"a file that is another thing":    {notADatabase(t), "not a database"},
		"an SSL certificate that is away": {"postgres://tenure:hunter2@db/tenure?sslmode=verify-full&sslrootcert=/missing/hunter2.pem", "sslrootcert"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			config := store.Config{DSN: c.dsn, Log: slog.New(slog.DiscardHandler)}
			_, err := store.Open(t.Context(), config)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("Open gave %v; want an error with %q", err, c.want)
			}
			for _, text := range []string{fmt.Sprintf("%+v", err), fmt.Sprint(config), fmt.Sprintf("%+v %#v", config, config), config.LogValue().String()} {
				if strings.Contains(text, "hunter2") {
					t.Errorf("the password is shown: %s", text)
				}
			}
		})
	}
}

func TestEverythingWrongWithAConfigurationIsSaidAtOnce(t *testing.T) {
	err := store.Config{MaxConnections: -1}.Check()
	for _, want := range []string{"is required", "log", "-1 connections"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check gave %v; want also %q", err, want)
		}
	}
}

func TestADatabaseIsNamedForLogs(t *testing.T) {
	cases := map[string]string{
		"/var/lib/tenure/tenure.db":               "SQLite /var/lib/tenure/tenure.db",
		"postgres://tenure:hunter2@db:5433/main":  "PostgreSQL db:5433/main",
		"postgresql://tenure:hunter2@db/main":     "PostgreSQL db:5432/main",
		"postgres://tenure:%hunter2@db:5433/main": "PostgreSQL at an unreadable URL",
	}
	for dsn, want := range cases {
		if got := (store.Config{DSN: dsn}).String(); got != want {
			t.Errorf("%q is named %q; want %q", dsn, got, want)
		}
	}
}

func TestAnSQLiteFileIsItsOwnersAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "50% of #1? yes & no")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	db := database{dsn: filepath.Join(folder, "tenure.db"), driver: "sqlite"}
	create(t, db.migrated(t), smallRequest("payments"), submitted())
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		t.Fatalf("the folder holds %v, %v", entries, err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v; want 0600", entry.Name(), info.Mode())
		}
	}
}

func TestAnSQLiteFileThatSomethingElseWritesIsWaitedFor(t *testing.T) {
	db := database{dsn: filepath.Join(t.TempDir(), "tenure.db"), driver: "sqlite"}
	s := db.migrated(t)
	other, err := db.sql(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.CreateRequest(t.Context(), smallRequest("payments"), submitted())
		done <- err
	}()
	if _, err := s.AuditHead(t.Context()); err != nil {
		t.Errorf("reading while another process writes: %v", err)
	}
	if _, err := other.ExecContext(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func notADatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database at all\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
