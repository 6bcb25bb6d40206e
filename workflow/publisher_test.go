package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// crash is what a process that ends at a checkpoint throws.
type crash string

// crashAt publishes until the process ends at the checkpoint.
func (w *world) crashAt(point string) {
	w.Helper()
	defer func() {
		if thrown := recover(); thrown != crash(point) {
			w.Fatalf("the process did not end at %s, but with %v", point, thrown)
		}
	}()
	w.publisher.Checkpoint = func(at string) {
		if at == point {
			panic(crash(point))
		}
	}
	_ = w.publisher.PublishAll(w.Context())
}

func TestACrashAnywhereEndsAfterARestartInExactlyOneCommit(t *testing.T) {
	for point, pushed := range map[string]int{"before-push": 0, "after-push": 1} {
		for _, crashes := range []int{1, 3} {
			if pushed == 1 && crashes > 1 {
				continue // what is pushed is found, and not pushed again
			}
			t.Run(fmt.Sprintf("%s, %d times", point, crashes), func(t *testing.T) {
				w := newWorld(t)
				r := w.approved(wanted())
				for range crashes {
					w.crashAt(point)
					if got := w.becomes(r.ID, workflow.StateApproved); got.Attempt == nil || got.Attempt.Base == "" {
						t.Fatalf("the attempt was not recorded: %+v", got.Attempt)
					}
					if commits := w.grants(r.ID); len(commits) != pushed {
						t.Fatalf("after the crash these commits grant it: %q", commits)
					}
					w.start()
				}
				w.publish()
				w.committedOnce(r.ID)
				w.start()
				w.publish()
				w.committedOnce(r.ID)
				w.proves()
				same(t, "the audit trail", []workflow.EventType{
					workflow.EventDrafted, workflow.EventSubmitted, workflow.EventApprovedStage, workflow.EventApprovedStage, workflow.EventApproved, workflow.EventPublishStarted, workflow.EventCommitted,
				}, w.eventTypes(r.ID))
			})
		}
	}
}

func TestACrashAfterThePushIsFoundThoughOthersWereGrantedSince(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	w.crashAt("after-push")
	w.start()
	other := w.approved(named("payments-web-dev"))
	third := w.approved(named("payments-job-dev"))
	w.publisher.Checkpoint = nil
	// The others go first, as if another replica had taken them.
	w.publisher.Store = without{w.publisher.Store, r.ID}
	w.publish()
	w.committedOnce(other.ID)
	w.committedOnce(third.ID)
	w.start()
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

// without is a database in which one request is not seen.
type without struct {
	workflow.Store
	request int64
}

func (s without) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	all, err := s.Store.Requests(ctx, filter)
	return slices.DeleteFunc(all, func(r workflow.Request) bool { return r.ID == s.request }), err
}

// forgetful is a database that loses the connection when a commit is to be
// recorded, as often as it says.
type forgetful struct {
	workflow.Store
	times *int
}

func (s forgetful) UpdateRequest(ctx context.Context, r workflow.Request, events []workflow.Event) (workflow.Request, error) {
	if r.State == workflow.StateCommitted && *s.times > 0 {
		*s.times--
		return workflow.Request{}, errConnection
	}
	return s.Store.UpdateRequest(ctx, r, events)
}

func TestADatabaseThatIsAwayAfterThePushDoesNotLeadToASecondCommit(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	times := 3
	w.publisher.Store = forgetful{w.publisher.Store, &times}
	for times > 0 {
		w.publish()
		if got := w.becomes(r.ID, workflow.StateApproved); len(w.grants(r.ID)) != 1 || got.Attempt.Problem == "" {
			t.Fatalf("%d commits; the attempt is %+v", len(w.grants(r.ID)), got.Attempt)
		}
		w.clock.advance(time.Minute)
	}
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

func TestAPushWhoseAnswerIsLostIsFoundInTheHistory(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	w.publisher.Repository = overlaid{Repository: w.publisher.Repository, commit: func(_ string, commit func() (string, error)) (string, error) {
		if _, err := commit(); err != nil {
			return "", err
		}
		return "", errConnection
	}}
	w.publish()
	if got := w.becomes(r.ID, workflow.StateApproved); len(w.grants(r.ID)) != 1 || got.Attempt.Problem == "" {
		t.Fatalf("%d commits; the attempt is %+v", len(w.grants(r.ID)), got.Attempt)
	}
	w.clock.advance(time.Minute)
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

func TestWhileTheRemoteIsAwayARequestStaysApprovedAndSaysWhenItIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	if err := os.Rename(w.remote, w.remote+".away"); err != nil {
		t.Fatal(err)
	}
	for i, wait := range []time.Duration{2, 4, 8, 16, 32, 60, 60, 60} {
		w.publish()
		got := w.becomes(r.ID, workflow.StateApproved)
		want := &workflow.Attempt{
			Tries: i + 1, NextAt: w.clock.Now().Add(wait * time.Second),
			Problem: "The GitOps repository cannot be read or written at the moment. The approval stands and nothing was lost.",
		}
		same(t, fmt.Sprintf("the attempt after try %d", i+1), want, got.Attempt)
		if health := w.service.Health(t.Context()); health.Approved != 1 || len(health.Deferred) != 1 || health.Repository.Problem == "" || health.Database != "" {
			t.Errorf("the health page shows %+v", health)
		}
		w.clock.advance(wait*time.Second - time.Microsecond)
		w.publish()
		same(t, "the attempt a moment before it is due", want, w.request(r.ID).Attempt)
		w.clock.advance(time.Microsecond)
		if i == 3 {
			w.start() // what is known of the attempt outlives the process
		}
	}
	if err := os.Rename(w.remote+".away", w.remote); err != nil {
		t.Fatal(err)
	}
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
	same(t, "the audit trail", []workflow.EventType{
		workflow.EventDrafted, workflow.EventSubmitted, workflow.EventApprovedStage, workflow.EventApprovedStage, workflow.EventApproved, workflow.EventPublishDeferred, workflow.EventPublishStarted, workflow.EventCommitted,
	}, w.eventTypes(r.ID))
	if health := w.service.Health(t.Context()); health.Approved != 0 || len(health.Deferred) != 0 || health.Repository.Problem != "" {
		t.Errorf("the health page shows %+v", health)
	}
}

func TestARemoteThatGoesAwayAtThePushIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	w.publisher.Checkpoint = func(point string) {
		if point == "before-push" {
			if err := os.Rename(w.remote, w.remote+".away"); err != nil {
				t.Error(err)
			}
		}
	}
	w.publish()
	if got := w.becomes(r.ID, workflow.StateApproved); got.Attempt.Base == "" || got.Attempt.Tries != 1 || got.Attempt.Problem == "" {
		t.Errorf("the attempt is %+v", got.Attempt)
	}
	if err := os.Rename(w.remote+".away", w.remote); err != nil {
		t.Fatal(err)
	}
	w.publisher.Checkpoint = nil
	w.clock.advance(2 * time.Second)
	w.publish()
	w.committedOnce(r.ID)
}

func TestARequestThatCannotBePublishedDoesNotHoldUpAnother(t *testing.T) {
	w := newWorld(t)
	stuck, next := w.approved(wanted()), w.approved(named("payments-web-dev"))
	tries := 0
	w.publisher.Repository = overlaid{Repository: w.publisher.Repository, commit: func(_ string, commit func() (string, error)) (string, error) {
		if tries++; tries == 1 {
			return "", errConnection
		}
		return commit()
	}}
	w.publish()
	w.becomes(stuck.ID, workflow.StateApproved)
	w.committedOnce(next.ID)
	w.clock.advance(2 * time.Second)
	w.publish()
	w.committedOnce(stuck.ID)
}

func TestForeignCommitsDoNotHoldUpWhatWasApproved(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	tree := w.git("rev-parse", "main^{tree}")
	foreign := w.git("commit-tree", "-p", "main", "-m", "Not Tenure's", tree)
	w.git("update-ref", "refs/heads/main", foreign)
	w.publish()
	w.committedOnce(r.ID)
	if body := w.git("log", "-1", "--format=%B", "main~1"); !strings.Contains(body, "Tenure-Act: restore") || !strings.Contains(body, foreign) {
		t.Errorf("the commit before the grant says:\n%s", body)
	}
}

func TestAHistoryThatWasRewrittenIsNotWrittenTo(t *testing.T) {
	w := newWorld(t)
	first := w.approved(wanted())
	w.publish()
	w.committedOnce(first.ID)
	r := w.approved(named("payments-web-dev"))
	root := w.git("rev-parse", "main~1")
	w.git("update-ref", "refs/heads/main", root)
	w.publish()
	if got := w.becomes(r.ID, workflow.StateApproved); got.Attempt == nil || got.Attempt.Problem == "" {
		t.Errorf("the attempt is %+v", got.Attempt)
	}
	if head := w.git("rev-parse", "main"); head != root {
		t.Errorf("the branch moved to %s", head)
	}
}

func TestABranchThatOthersMoveAllTheTimeIsLeftAloneForAWhile(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	tries := 0
	w.publisher.Repository = overlaid{Repository: w.publisher.Repository, commit: func(string, func() (string, error)) (string, error) {
		tries++
		return "", fmt.Errorf("push: %w", workflow.ErrBaseMoved)
	}}
	w.publish()
	got := w.becomes(r.ID, workflow.StateApproved)
	if tries != 5 || got.Attempt.Tries != 1 || !strings.Contains(got.Attempt.Problem, "Others are writing") || !got.Attempt.NextAt.Equal(noon.Add(2*time.Second)) {
		t.Errorf("after %d tries the attempt is %+v", tries, got.Attempt)
	}
}

func TestTwoPublishersAtOnceMakeOneCommitForEachRequest(t *testing.T) {
	w := newWorld(t)
	var requests []workflow.Request
	for i := range 4 {
		change := with(func(c *workflow.NamespaceChange) { c.Name = fmt.Sprintf("payments-n%d", i) })
		requests = append(requests, w.approved(change))
	}
	publishers := []*workflow.Publisher{w.publisher, w.newPublisher(w.openStore(), w.openRepository("another-clone"))}
	for round := range 20 { // each ends with every request tried by both
		var both sync.WaitGroup
		for _, p := range publishers {
			both.Go(func() {
				if err := p.PublishAll(w.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		waiting, err := w.service.Store.Requests(t.Context(), workflow.RequestFilter{States: []workflow.State{workflow.StateApproved}})
		if err != nil {
			t.Fatal(err)
		}
		if len(waiting) == 0 {
			break
		}
		if round == 19 {
			t.Errorf("%d requests still wait", len(waiting))
		}
		w.clock.advance(time.Minute)
	}
	for _, r := range requests {
		w.committedOnce(r.ID)
	}
	w.proves()
}

func TestASecondPublisherThatComesBetweenBeginningAndPushCommitsNothingTwice(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	second := w.newPublisher(w.openStore(), w.openRepository("another-clone"))
	w.publisher.Checkpoint = func(point string) {
		if point == "before-push" {
			if err := second.PublishAll(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	w.publish()
	w.committedOnce(r.ID)
	w.proves()
}

func TestWakingNeverBlocksAndIsNotLost(t *testing.T) {
	w := newWorld(t)
	for range 1000 {
		w.publisher.Wake() // nobody listens yet
	}
	ctx, stop := context.WithCancel(t.Context())
	looked := make(chan struct{}, 100)
	w.publisher.Store = watched{w.publisher.Store, looked}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.publisher.Run(ctx)
	}()
	await(t, looked, "it looks when it starts")
	await(t, looked, "it looks again, since it was woken before")
	w.approved(wanted())
	await(t, looked, "the last vote rings the bell, while the ticker is an hour away")
	stop()
	await(t, ended, "it ends")
}

// await waits for what must happen. It gives up only so that a test which
// fails does not hang.
func await(t *testing.T, happens <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-happens:
	case <-time.After(time.Minute):
		t.Fatalf("not within a minute: %s", what)
	}
}

// watched is a database that says when somebody looks for approved requests.
type watched struct {
	workflow.Store
	looked chan<- struct{}
}

func (s watched) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	found, err := s.Store.Requests(ctx, filter)
	if len(filter.States) == 1 && filter.States[0] == workflow.StateApproved {
		s.looked <- struct{}{}
	}
	return found, err
}

func TestAPublisherThatIsStoppedLeavesWhatItDidNotBegin(t *testing.T) {
	w := newWorld(t)
	r := w.approved(wanted())
	ctx, stop := context.WithCancel(t.Context())
	w.publisher.Store = watchedThen{w.publisher.Store, stop}
	if err := w.publisher.PublishAll(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if got := w.becomes(r.ID, workflow.StateApproved); got.Attempt != nil || got.Version != r.Version {
		t.Errorf("it was touched: %+v", got)
	}
}

// watchedThen does something after somebody looked.
type watchedThen struct {
	workflow.Store
	then func()
}

func (s watchedThen) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	defer s.then()
	return s.Store.Requests(ctx, filter)
}
