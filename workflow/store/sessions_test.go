package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"tenure.dev/workflow/store"
)

var _ scs.CtxStore = (*store.Sessions)(nil)

// handClock is moved by hand.
type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }

func TestASessionLivesUntilItExpires(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		clock := &handClock{now: asked}
		sessions := &store.Sessions{Store: db.migrated(t), Clock: clock}
		check(t, sessions.Commit("token-a", []byte{0, 1, 0xff}, asked.Add(time.Hour)))
		check(t, sessions.Commit("token-b", nil, asked.Add(2*time.Hour)))
		wantSession(t, sessions, "token-a", []byte{0, 1, 0xff})
		wantSession(t, sessions, "token-b", []byte{})
		wantNoSession(t, sessions, "token-c")

		check(t, sessions.Commit("token-a", []byte("new"), asked.Add(90*time.Minute)))
		clock.now = asked.Add(time.Hour)
		wantSession(t, sessions, "token-a", []byte("new"))
		clock.now = asked.Add(90 * time.Minute)
		wantNoSession(t, sessions, "token-a")
		deleted, err := sessions.DeleteExpired(t.Context())
		if err != nil || deleted != 1 {
			t.Errorf("DeleteExpired gave %d, %v; want 1", deleted, err)
		}
		clock.now = asked
		wantNoSession(t, sessions, "token-a")
		wantSession(t, sessions, "token-b", []byte{})

		check(t, sessions.Delete("token-b"))
		check(t, sessions.Delete("token-b"))
		wantNoSession(t, sessions, "token-b")
	})
}

func TestASessionSurvivesARestart(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		clock := &handClock{now: asked}
		before := db.migrated(t)
		check(t, (&store.Sessions{Store: before, Clock: clock}).Commit("token", []byte("data"), asked.Add(time.Hour)))
		after := &store.Sessions{Store: db.migrated(t), Clock: clock}
		wantSession(t, after, "token", []byte("data"))
	})
}

func TestASessionsTokenIsNotStored(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		sessions := &store.Sessions{Store: db.migrated(t), Clock: &handClock{now: asked}}
		check(t, sessions.Commit("the-token", []byte("data"), asked.Add(time.Hour)))
		var stored string
		check(t, db.sql(t).QueryRowContext(t.Context(), "SELECT token_sha256 FROM sessions").Scan(&stored))
		if len(stored) != 64 || strings.Contains(stored, "the-token") {
			t.Errorf("the database holds %q; want 64 hex digits", stored)
		}
		wantNoSession(t, sessions, stored)
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantSession(t *testing.T, sessions *store.Sessions, token string, want []byte) {
	t.Helper()
	data, found, err := sessions.Find(token)
	if err != nil || !found || string(data) != string(want) {
		t.Errorf("session %q: %q, %t, %v; want %q", token, data, found, err, want)
	}
}

func wantNoSession(t *testing.T, sessions *store.Sessions, token string) {
	t.Helper()
	if data, found, err := sessions.Find(token); err != nil || found {
		t.Errorf("session %q: %q, %t, %v; want none", token, data, found, err)
	}
}
