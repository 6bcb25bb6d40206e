package store

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

func TestASlowStatementIsLoggedWithoutItsValues(t *testing.T) {
	var log bytes.Buffer
	config := Config{DSN: filepath.Join(t.TempDir(), "tenure.db"), Log: slog.New(slog.NewJSONHandler(&log, nil))}
	s, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.db.Logger = slowStatements{log: config.Log} // everything is slow
	sessions := &Sessions{Store: s, Clock: fixedClock{}}
	if err := sessions.Commit("hunter2", []byte("hunter2"), time.Unix(2, 0)); err != nil {
		t.Fatal(err)
	}
	if _, found, err := sessions.Find("hunter2"); err != nil || !found {
		t.Fatal(found, err)
	}
	if _, err := s.Requests(t.Context(), workflow.RequestFilter{Tenants: []string{"hunter2"}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"INSERT INTO `sessions`", "SELECT * FROM `requests`", "database migrated"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not hold %s:\n%s", want, log.String())
		}
	}
	for _, secret := range []string{"hunter2", hashToken("hunter2")} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds the value %s:\n%s", secret, log.String())
		}
	}
}

type fixedClock struct{}

func (fixedClock) Now() time.Time { return time.Unix(1, 0) }
