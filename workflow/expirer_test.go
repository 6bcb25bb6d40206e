package workflow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// openedWorld is a repository that begins with the exceptions of opened, and a
// database that knows nothing of them: it was lost.
func openedWorld(t *testing.T) *world {
	t.Helper()
	state := opened()
	return newWorldOf(t, state.Tenancies["logistics"], state.Tenancies["payments"], state.Tenancies["search"])
}

// expire has the expirer look once.
func (w *world) expire() {
	w.Helper()
	if err := w.expirer.ExpireAll(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// open lists which requests have an end where, in the state that is served.
func (w *world) open() []string {
	w.Helper()
	state, err := w.service.Repository.State()
	if err != nil {
		w.Fatal(err)
	}
	return requestsOpen(state.Tenancies)
}

// ends lists the requests whose exceptions ended because their time came, the
// oldest commit first.
func (w *world) ends() []string {
	w.Helper()
	return strings.Fields(w.git("log", "--reverse", "--format=%(trailers:key=Tenure-Ends,valueonly)", "main"))
}

// at sets the clock.
func (w *world) at(moment time.Time) { w.clock.advance(moment.Sub(w.clock.Now())) }

func TestAnExceptionEndsByItselfExactlyAtItsEndAtBothEnds(t *testing.T) {
	w := openedWorld(t)
	head := w.git("rev-parse", "main")
	w.at(firstEnd.Add(-time.Microsecond))
	w.expire()
	if now := w.git("rev-parse", "main"); now != head {
		t.Fatalf("something was committed before the end: %s", w.git("show", now))
	}
	w.at(firstEnd)
	w.expire()
	same(t, "what is left open", []string{"61 payments-web", "63 payments-shop", "63 payments-web", "64 payments-web", "64 search-api"}, w.open())
	for range 3 { // also after a restart
		w.expire()
		w.start()
	}
	same(t, "what ended", []string{"62"}, w.ends())
	body := w.git("log", "-1", "--format=%B", "main")
	want := "End of the network exception of request 62\n\nCloses TCP 8080 from payments-web to logistics-api (request 62).\n\n" +
		"Its end, 3 Mar 2026 12:00 UTC, came.\n\nTenure-Act: end\nTenure-Planned-At: 2026-03-03T12:00:00Z\nTenure-Renderer: "
	if !strings.HasPrefix(body, want) || strings.Contains(body, "Tenure-Request") || strings.Contains(body, "Approved-By") {
		t.Errorf("the commit says:\n%s\nwant:\n%s", body, want)
	}
	if files := w.git("show", "--name-status", "--format=", "main"); !strings.Contains(files, "D\tclusters/weu-1/logistics/logistics-api/") || !strings.Contains(files, "D\tclusters/weu-1/payments/payments-web/") || strings.Contains(files, "A\t") {
		t.Errorf("the commit changes:\n%s", files)
	}
	w.proves()
}

func TestWhateverExpiredEndsTheOldestFirstWithACommitEach(t *testing.T) {
	w := openedWorld(t)
	w.at(thirdEnd.Add(time.Hour + 999*time.Millisecond)) // Tenure was away, and no moment is a whole second
	w.expire()
	same(t, "what ended", []string{"62", "61", "63", "64"}, w.ends())
	same(t, "what is left open", 0, len(w.open()))
	w.proves()
}

func TestACrashInAnEndRepeatsNothing(t *testing.T) {
	for point, pushed := range map[string][]string{"before-end": nil, "after-end": {"62"}} {
		t.Run(point, func(t *testing.T) {
			w := openedWorld(t)
			w.at(firstEnd)
			func() {
				defer func() {
					if thrown := recover(); thrown != crash(point) {
						t.Fatalf("the process did not end at %s, but with %v", point, thrown)
					}
				}()
				w.expirer.Checkpoint = func(at string) {
					if at == point {
						panic(crash(point))
					}
				}
				_ = w.expirer.ExpireAll(t.Context())
			}()
			if got := w.ends(); !slices.Equal(got, pushed) {
				t.Fatalf("after the crash %q have ended", got)
			}
			w.start()
			w.expire()
			w.start()
			w.expire()
			same(t, "what ended", []string{"62"}, w.ends())
			w.proves()
		})
	}
}

func TestAnEndIsPlannedAgainWhenOthersWereFaster(t *testing.T) {
	w := openedWorld(t)
	w.at(firstEnd)
	elsewhere := w.newPublisher(w.service.Store, w.openRepository("another clone"))
	r := w.approved(wanted())
	raced := false
	repository := w.service.Repository
	w.expirer.Repository = overlaid{Repository: repository, commit: func(_ string, commit func() (string, error)) (string, error) {
		if !raced {
			raced = true
			if err := elsewhere.PublishAll(t.Context()); err != nil {
				t.Error(err)
			}
		}
		return commit()
	}}
	w.expire()
	w.committedOnce(r.ID)
	same(t, "what ended", []string{"62"}, w.ends())
	w.proves()
}

func TestAnotherReplicasEndIsNotRepeated(t *testing.T) {
	w := openedWorld(t)
	w.at(firstEnd)
	another := w.newExpirer(w.service.Store, w.openRepository("another clone"))
	w.expire()
	if err := another.ExpireAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "what ended", []string{"62"}, w.ends())
}

func TestThePublisherAndTheExpirerMayWriteAtTheSameMoment(t *testing.T) {
	w := openedWorld(t)
	first, second := w.approved(wanted()), w.approved(named("payments-job-dev"))
	w.at(thirdEnd)
	var both sync.WaitGroup
	start := make(chan struct{})
	for _, write := range []func(context.Context) error{w.publisher.PublishAll, w.expirer.ExpireAll} {
		both.Go(func() {
			<-start
			if err := write(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	both.Wait()
	// Whoever lost five races in a row puts it off, and nothing else.
	w.clock.advance(time.Minute)
	w.publish()
	w.expire()
	w.committedOnce(first.ID)
	w.committedOnce(second.ID)
	ended := w.ends()
	slices.Sort(ended)
	same(t, "what ended", []string{"61", "62", "63", "64"}, ended)
	w.proves()
}

// unreadable is a database that is away.
type unreadable struct{ workflow.Store }

func (unreadable) AuditHead(context.Context) (string, error) { return "", errConnection }

func TestAnEndDoesNotWaitForTheDatabase(t *testing.T) {
	w := openedWorld(t)
	w.expirer.Store = unreadable{w.service.Store}
	w.at(firstEnd)
	w.expire()
	same(t, "what ended", []string{"62"}, w.ends())
	w.proves()
}

func TestAnEndThatCannotBePushedIsTriedAgainMoreAndMoreSlowly(t *testing.T) {
	w := openedWorld(t)
	tries, away := 0, true
	w.expirer.Repository = overlaid{Repository: w.service.Repository, commit: func(_ string, commit func() (string, error)) (string, error) {
		tries++
		if away {
			return "", errConnection
		}
		return commit()
	}}
	w.at(firstEnd)
	for _, wait := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		before := tries
		if err := w.expirer.ExpireAll(t.Context()); !errors.Is(err, errConnection) {
			t.Fatalf("it says %v", err)
		}
		w.clock.advance(wait - time.Microsecond)
		w.expire() // it is not due
		if tries != before+1 {
			t.Fatalf("it was tried %d times within %s", tries-before, wait)
		}
		w.clock.advance(time.Microsecond)
	}
	away = false
	w.expire()
	same(t, "what ended", []string{"62"}, w.ends())
	w.at(secondEnd)
	w.expire() // what is over is over: the next one is not slowed down
	same(t, "what ended", []string{"62", "61"}, w.ends())
}

func TestWhatCannotEndDoesNotHoldUpTheOthers(t *testing.T) {
	w := openedWorld(t)
	w.at(secondEnd)
	refused := false
	w.expirer.Repository = overlaid{Repository: w.service.Repository, commit: func(_ string, commit func() (string, error)) (string, error) {
		if !refused {
			refused = true
			return "", errConnection
		}
		return commit()
	}}
	if err := w.expirer.ExpireAll(t.Context()); err == nil || !strings.Contains(err.Error(), "end what request 62 gave") {
		t.Errorf("it says %v", err)
	}
	same(t, "what ended", []string{"61"}, w.ends())
	w.clock.advance(time.Minute)
	w.expire()
	same(t, "what ended", []string{"61", "62"}, w.ends())
	w.proves()
}

func TestForeignCommitsAreUndoneBeforeAnEnd(t *testing.T) {
	w := openedWorld(t)
	w.at(firstEnd)
	tree := w.git("rev-parse", "main^{tree}")
	foreign := w.git("commit-tree", tree, "-p", "main", "-m", "not ours")
	w.git("update-ref", "refs/heads/main", foreign)
	w.expire()
	same(t, "what ended", []string{"62"}, w.ends())
	if acts := w.git("log", "--format=%(trailers:key=Tenure-Act,valueonly)", "-2", "main"); !strings.Contains(acts, "restore") {
		t.Errorf("the acts are %q", acts)
	}
}

func TestTheExpirerLooksWhenItIsWokenAndEndsWithItsContext(t *testing.T) {
	w := openedWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	done, ended, looked := make(chan struct{}), make(chan struct{}), make(chan struct{}, 9)
	w.expirer.Repository = overlaid{Repository: w.service.Repository, state: func(s workflow.ApprovedState) workflow.ApprovedState {
		looked <- struct{}{}
		return s
	}}
	w.expirer.Checkpoint = func(point string) {
		if point == "after-end" {
			close(ended)
		}
	}
	go func() { w.expirer.Run(ctx); close(done) }()
	<-looked
	w.at(firstEnd)
	w.expirer.Wake()
	<-ended
	stop()
	<-done
	same(t, "what ended", []string{"62"}, w.ends())
}

func TestAnEndThatLostARaceLooksAtTheRepositoryBeforeItsNextTry(t *testing.T) {
	w := openedWorld(t)
	w.at(firstEnd)
	w.approved(wanted())
	elsewhere := w.newPublisher(w.service.Store, w.openRepository("another clone"))
	tries := 0
	w.expirer.Repository = overlaid{Repository: w.service.Repository, commit: func(_ string, commit func() (string, error)) (string, error) {
		if tries++; tries == 1 {
			return "", errors.Join(workflow.ErrBaseMoved, elsewhere.PublishAll(t.Context()))
		}
		return commit()
	}}
	w.expire()
	if tries != 2 {
		t.Errorf("it took %d tries", tries)
	}
	same(t, "what ended", []string{"62"}, w.ends())
}
