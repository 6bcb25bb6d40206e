package store_test

import (
	"context"
	"errors"
	"testing"

	"tenure.dev/workflow"
)

func TestARefusedEventLeavesNothingOfItsRequest(t *testing.T) {
	refused := []workflow.Event{submitted()[0], {At: asked}} // the database refuses an event without a type
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		if _, err := s.CreateRequest(t.Context(), fullRequest(), refused); err == nil {
			t.Fatal("the event was accepted")
		}
		if _, err := s.Request(t.Context(), 1); !errors.Is(err, workflow.ErrNoRequest) {
			t.Errorf("reading the request gave %v; want %q", err, workflow.ErrNoRequest)
		}
		before := create(t, s, smallRequest("payments"), submitted())
		if before.ID != 1 {
			t.Errorf("the next request has number %d; want 1, since the refused one took none", before.ID)
		}
		changed := fullRequest()
		changed.ID, changed.Version = before.ID, before.Version
		if _, err := s.UpdateRequest(t.Context(), changed, refused); err == nil {
			t.Fatal("the event was accepted")
		}
		after, err := s.Request(t.Context(), before.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the request after the refusal", before, after)
		events, err := s.Events(t.Context(), before.ID)
		if err != nil || len(events) != 1 {
			t.Errorf("%d events, %v; want the one of the submission", len(events), err)
		}
	})
}

func TestAChangeOfStateNeedsAnEvent(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		if _, err := s.CreateRequest(t.Context(), smallRequest("payments"), nil); err == nil {
			t.Error("a request was created without an event")
		}
		request := create(t, s, smallRequest("payments"), submitted())
		request.Attempt = &workflow.Attempt{Tries: 3}
		request, err := s.UpdateRequest(t.Context(), request, nil)
		if err != nil || request.Attempt.Tries != 3 {
			t.Errorf("an update in the same state: %v, %v", request.Attempt, err)
		}
		request.State = workflow.StateApproved
		_, err = s.UpdateRequest(t.Context(), request, nil)
		if err == nil || errors.Is(err, workflow.ErrVersion) {
			t.Errorf("a change of state without an event gave %v; want an error of its own", err)
		}
	})
}

func TestAVoteIsNeitherRewrittenNorTakenOutNorDoubled(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		stored := create(t, s, fullRequest(), submitted())

		shorter := stored
		shorter.Reviews = stored.Reviews[:2]
		if _, err := s.UpdateRequest(t.Context(), shorter, []workflow.Event{fullEvent()}); err == nil {
			t.Error("a vote was taken out")
		}
		doubled := stored
		doubled.Reviews = append(stored.Reviews[:3:3], stored.Reviews[2])
		if _, err := s.UpdateRequest(t.Context(), doubled, []workflow.Event{fullEvent()}); err == nil {
			t.Error("a person's second vote was accepted")
		}
		rewritten := stored
		rewritten.Reviews = append([]workflow.Review(nil), stored.Reviews...)
		rewritten.Reviews[2].Vote = workflow.VoteReject
		updated, err := s.UpdateRequest(t.Context(), rewritten, []workflow.Event{fullEvent()})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the votes after one was rewritten in memory", stored.Reviews, updated.Reviews)
	})
}

func TestWhoAskedForWhatAndWhenStaysAsItWasCreated(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		stored := create(t, s, smallRequest("payments"), submitted())
		changed := stored
		changed.Tenant, changed.RequestedBy, changed.CreatedAt = "logistics", sam, asked.AddDate(1, 0, 0)
		updated, err := s.UpdateRequest(t.Context(), changed, nil)
		if err != nil {
			t.Fatal(err)
		}
		stored.Version = 2
		same(t, "the request", stored, updated)
	})
}

func TestWhatIsNotThereIsSaidSo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		if _, err := s.Request(t.Context(), 7); !errors.Is(err, workflow.ErrNoRequest) {
			t.Errorf("Request gave %v; want %q", err, workflow.ErrNoRequest)
		}
		missing := smallRequest("payments")
		missing.ID, missing.Version = 7, 1
		if _, err := s.UpdateRequest(t.Context(), missing, submitted()); !errors.Is(err, workflow.ErrNoRequest) {
			t.Errorf("UpdateRequest gave %v; want %q", err, workflow.ErrNoRequest)
		}
		if events, err := s.Events(t.Context(), 7); err != nil || len(events) != 0 {
			t.Errorf("Events gave %v, %v; want none", events, err)
		}
		if head, err := s.AuditHead(t.Context()); err != nil || head != "" {
			t.Errorf("AuditHead gave %q, %v; want none", head, err)
		}
		if err := s.VerifyChain(t.Context()); err != nil {
			t.Errorf("VerifyChain of an empty trail gave %v", err)
		}
	})
}

func TestAnEndedContextWritesNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.CreateRequest(ctx, smallRequest("payments"), submitted()); !errors.Is(err, context.Canceled) {
			t.Errorf("CreateRequest gave %v; want %q", err, context.Canceled)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if stored := create(t, s, smallRequest("payments"), submitted()); stored.ID != 1 {
			t.Errorf("the next request has number %d; want 1", stored.ID)
		}
	})
}
