package store_test

import (
	"errors"
	"fmt"
	"testing"

	"tenure.dev/workflow"
	"tenure.dev/workflow/store"
)

func TestATamperedTrailIsFoundNamingTheEntry(t *testing.T) {
	cases := map[string]struct {
		tamper string
		want   int64
	}{
		"a reason is changed":               {"UPDATE events SET detail = 'fine' WHERE sequence = 3", 3},
		"an actor is changed":               {"UPDATE events SET by_oid = 'x' WHERE sequence = 2", 2},
		"an instant is changed":             {"UPDATE events SET at = at + 1 WHERE sequence = 5", 5},
		"a request is exchanged":            {"UPDATE events SET request = 2 WHERE sequence = 1", 1},
		"a request is taken away":           {"UPDATE events SET request = NULL WHERE sequence = 4", 4},
		"two are changed":                   {"UPDATE events SET to_state = 'approved' WHERE sequence IN (3, 6)", 3},
		"a hash is changed":                 {"UPDATE events SET hash = 'sha256:00' WHERE sequence = 4", 4},
		"one is deleted":                    {"DELETE FROM events WHERE sequence = 4", 4},
		"the first is deleted":              {"DELETE FROM events WHERE sequence = 1", 1},
		"the newest is deleted":             {"DELETE FROM events WHERE sequence = 6", 6},
		"all are deleted":                   {"DELETE FROM events", 1},
		"one follows another than its own":  {"UPDATE events SET previous = 'sha256:00' WHERE sequence = 3", 3},
		"the head is moved back":            {"UPDATE audit_head SET sequence = 5, hash = (SELECT hash FROM events WHERE sequence = 5)", 6},
		"the head has another entry's hash": {"UPDATE audit_head SET hash = (SELECT hash FROM events WHERE sequence = 2)", 6},
		"one is slipped in at the end": {"INSERT INTO events (sequence, type, at, by_tid, by_oid, by_name, by_username, from_state, to_state, detail, digest, commit_id, previous, hash) " +
			"SELECT 7, type, at, by_tid, by_oid, by_name, by_username, from_state, to_state, detail, digest, commit_id, hash, 'sha256:00' FROM events WHERE sequence = 6", 7},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			onEachDatabase(t, func(t *testing.T, db database) {
				s := db.migrated(t)
				for range 3 {
					create(t, s, smallRequest("payments"), append(submitted(), fullEvent()))
				}
				if err := s.VerifyChain(t.Context()); err != nil {
					t.Fatal(err)
				}
				db.exec(t, withoutGuards(db, c.tamper)...)
				wantBrokenAt(t, s.VerifyChain(t.Context()), c.want)
			})
		})
	}
}

func TestAForgedEntryWithAHashOfItsOwnIsFoundInTheNext(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		request := create(t, s, smallRequest("payments"), []workflow.Event{submitted()[0], fullEvent(), fullEvent()})
		events, err := s.Events(t.Context(), request.ID)
		if err != nil {
			t.Fatal(err)
		}
		forged := events[1]
		forged.Detail = "fine"
		forged = forged.Chain(forged.Sequence, forged.Previous)
		db.exec(t, withoutGuards(db, fmt.Sprintf("UPDATE events SET detail = 'fine', hash = '%s' WHERE sequence = 2", forged.Hash))...)
		wantBrokenAt(t, s.VerifyChain(t.Context()), 3)
	})
}

func TestALongTrailIsVerifiedToItsEnd(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		events := make([]workflow.Event, 1100) // more than is held in memory at once
		for i := range events {
			events[i] = fullEvent()
		}
		create(t, s, smallRequest("payments"), events)
		create(t, s, smallRequest("payments"), events[:900]) // 2000: exactly two batches
		if err := s.VerifyChain(t.Context()); err != nil {
			t.Fatal(err)
		}
		db.exec(t, withoutGuards(db, "UPDATE events SET detail = 'fine' WHERE sequence = 2000")...)
		wantBrokenAt(t, s.VerifyChain(t.Context()), 2000)
	})
}

func wantBrokenAt(t *testing.T, err error, sequence int64) {
	t.Helper()
	var broken *store.BrokenChainError
	if !errors.As(err, &broken) || broken.Sequence != sequence {
		t.Errorf("VerifyChain gave %v; want a trail broken at entry %d", err, sequence)
	}
}

// withoutGuards is what somebody who owns the database does first.
func withoutGuards(db database, tamper string) []string {
	if db.driver == "pgx" {
		return []string{"ALTER TABLE events DISABLE TRIGGER ALL", "ALTER TABLE audit_head DISABLE TRIGGER ALL", tamper}
	}
	return []string{"DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete", tamper}
}
