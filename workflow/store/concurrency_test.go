package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"tenure.dev/workflow"
	"tenure.dev/workflow/store"
)

// atOnce runs a task on many goroutines that start together, by turns on each
// of the stores, and gives the results in any order.
func atOnce[T any](times int, stores []*store.Store, task func(*store.Store) (T, error)) (results []T, faults []error) {
	var (
		start = make(chan struct{})
		mutex sync.Mutex
		all   sync.WaitGroup
	)
	for i := range times {
		all.Go(func() {
			<-start
			result, err := task(stores[i%len(stores)])
			mutex.Lock()
			defer mutex.Unlock()
			if err != nil {
				faults = append(faults, err)
				return
			}
			results = append(results, result)
		})
	}
	close(start)
	all.Wait()
	return results, faults
}

func TestFiftyRequestsAtOnceGetNumbersWithoutGapsAndOneChain(t *testing.T) {
	const times = 50
	onEachDatabase(t, func(t *testing.T, db database) {
		replicas := []*store.Store{db.migrated(t), db.open(t)}
		ids, faults := atOnce(times, replicas, func(s *store.Store) (int64, error) {
			request, err := s.CreateRequest(t.Context(), smallRequest("payments"), append(submitted(), fullEvent()))
			return request.ID, err
		})
		if err := errors.Join(faults...); err != nil {
			t.Fatal(err)
		}
		slices.Sort(ids)
		for i, id := range ids {
			if id != int64(i+1) {
				t.Fatalf("the numbers are %v; want 1 to %d", ids, times)
			}
		}
		if err := replicas[0].VerifyChain(t.Context()); err != nil {
			t.Error(err)
		}
		if last := lastSequence(t, db); last != 2*times {
			t.Errorf("the trail ends at entry %d; want %d", last, 2*times)
		}
	})
}

func TestOfManyUpdatesOfOneVersionExactlyOneWins(t *testing.T) {
	const times = 8
	onEachDatabase(t, func(t *testing.T, db database) {
		replicas := []*store.Store{db.migrated(t), db.open(t)}
		request := create(t, replicas[0], smallRequest("payments"), submitted())
		request.State = workflow.StateRejected
		won, lost := atOnce(times, replicas, func(s *store.Store) (workflow.Request, error) {
			return s.UpdateRequest(t.Context(), request, []workflow.Event{fullEvent()})
		})
		if len(won) != 1 || won[0].Version != 2 {
			t.Errorf("%d updates won: %v; want one, with version 2", len(won), won)
		}
		for _, err := range lost {
			if !errors.Is(err, workflow.ErrVersion) {
				t.Errorf("an update lost with %q; want %q", err, workflow.ErrVersion)
			}
		}
		events, err := replicas[0].Events(t.Context(), request.ID)
		if err != nil || len(events) != 2 {
			t.Errorf("%d events, %v; want the submission and the one update", len(events), err)
		}
		if err := replicas[0].VerifyChain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestUpdatesOfManyRequestsAtOnceKeepOneChain(t *testing.T) {
	const times = 20
	onEachDatabase(t, func(t *testing.T, db database) {
		replicas := []*store.Store{db.migrated(t), db.open(t)}
		waiting := make(chan workflow.Request, times)
		for range times {
			waiting <- create(t, replicas[0], smallRequest("payments"), submitted())
		}
		_, faults := atOnce(times, replicas, func(s *store.Store) (workflow.Request, error) {
			request := <-waiting
			request.Reviews = fullRequest().Reviews
			return s.UpdateRequest(t.Context(), request, []workflow.Event{fullEvent(), fullEvent()})
		})
		if err := errors.Join(faults...); err != nil {
			t.Fatal(err)
		}
		if err := replicas[1].VerifyChain(t.Context()); err != nil {
			t.Error(err)
		}
		if last := lastSequence(t, db); last != 3*times {
			t.Errorf("the trail ends at entry %d; want %d", last, 3*times)
		}
	})
}

func lastSequence(t *testing.T, db database) (last int64) {
	t.Helper()
	if err := db.sql(t).QueryRowContext(t.Context(), "SELECT max(sequence) FROM events").Scan(&last); err != nil {
		t.Fatal(err)
	}
	return last
}
