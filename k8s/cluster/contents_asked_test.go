package cluster

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/util/flowcontrol"
)

func TestWhoAsksAgainWithinSecondsGetsTheSameAnswerWithItsTime(t *testing.T) {
	a := newListsAPI(t)
	a.put("apps/v1 Deployment payments-api-dev/web", nil)
	l := a.live()
	first := contentsOf(t, l)
	a.put("apps/v1 Deployment payments-api-dev/api", nil)
	a.clock.set(noon.Add(contentsHolds - 1))
	if again := contentsOf(t, l); !cmp.Equal(first, again) || !again.At.Equal(noon) || a.times("deployments") != 1 {
		t.Errorf("it says %v, of %s", lines(again), again.At)
	}
	a.clock.set(noon.Add(contentsHolds))
	if later := contentsOf(t, l); !later.At.Equal(noon.Add(contentsHolds)) || !slices.Contains(lines(later), "Deployment 2: api web") {
		t.Errorf("later it says %v, of %s", lines(later), later.At)
	}
}

func TestAnAnswerIsAsOldAsItsFirstQuestion(t *testing.T) {
	a := newListsAPI(t)
	slow := func() { a.clock.set(noon.Add(time.Second)) }
	a.before["apis"], a.before["deployments"] = slow, slow
	if at := contentsOf(t, a.live()).At; !at.Equal(noon) {
		t.Errorf("it is of %s", at)
	}
}

func TestAnswersOfOneNamespaceAreNotGivenForAnother(t *testing.T) {
	a := newListsAPI(t)
	a.put("apps/v1 Deployment payments-api-dev/web", nil)
	l := a.live()
	contentsOf(t, l)
	contents, known, err := l.Contents(t.Context(), "weu-1", "search-dev")
	if found := lines(contents); !known || err != nil || len(found) != 0 {
		t.Errorf("known %v, %v: %v", known, err, found)
	}
}

func TestWhoLeavesTakesNoAnswerFromOthers(t *testing.T) {
	a := newListsAPI(t)
	a.put("Secret payments-api-dev/password", nil)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan struct{})
	a.before["secrets"] = func() { leave(); <-gone }
	l := a.live()
	if _, _, err := l.Contents(ctx, "weu-1", "payments-api-dev"); !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	close(gone)
	if diff := cmp.Diff([]string{"Secret 1 data: password"}, lines(contentsOf(t, l))); diff != "" {
		t.Errorf("who stayed got (-want +got):\n%s", diff)
	}
	if times := a.times("secrets"); times != 1 {
		t.Errorf("it was asked %d times", times)
	}
}

func TestTheKindsOfAClusterAreAskedForOnceInMinutes(t *testing.T) {
	for name, c := range map[string]struct {
		stale []string
		after time.Duration
		times int
	}{
		"just before":                    {nil, kindsHold - 1, 1},
		"after":                          {nil, kindsHold, 2},
		"while a group is not known":     {[]string{"broken.example.com"}, contentsHolds, 2},
		"at once, with one that is not":  {[]string{"broken.example.com"}, contentsHolds - 1, 1},
		"while no measurements are made": {[]string{"custom.metrics.k8s.io"}, kindsHold - 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := newListsAPI(t)
			a.stale = c.stale
			l := a.live()
			contentsOf(t, l)
			a.clock.set(noon.Add(c.after))
			if _, _, err := l.Contents(t.Context(), "weu-1", "search-dev"); err != nil {
				t.Error(err)
			}
			if times := a.times("apis"); times != c.times {
				t.Errorf("they were asked for %d times", times)
			}
		})
	}
}

// A policy is judged by what is there now.
func TestTheKindsAreAskedForAnewForAPolicy(t *testing.T) {
	a := newListsAPI(t)
	l := a.live()
	contentsOf(t, l)
	newlyRefused(t, l, livingState(ownRegistry), livingState(ownRegistry))
	if times := a.times("apis"); times != 2 {
		t.Errorf("they were asked for %d times", times)
	}
}

func TestAClusterThatIsAwayIsNotAskedAgainAtOnce(t *testing.T) {
	a := newListsAPI(t)
	l := a.live()
	a.refuse["apis"] = http.StatusServiceUnavailable
	for range 2 {
		if _, _, err := l.Contents(t.Context(), "weu-1", "payments-api-dev"); err == nil {
			t.Error("something is known")
		}
	}
	if times := a.times("api"); times != 1 {
		t.Errorf("it was asked %d times", times)
	}
	a.mu.Lock()
	a.refuse = map[string]int{}
	a.mu.Unlock()
	a.clock.set(noon.Add(failureHolds))
	contentsOf(t, l)
}

func TestTooManyQuestionsOfWhatLivesAreSaidAndKeepNoPolicyWaiting(t *testing.T) {
	a := newListsAPI(t)
	a.put("apps/v1 Deployment payments-api-dev/web", nil)
	a.putWhole("apps/v1 Deployment payments-api-dev/old", nil, deployed(oldImg))
	l := a.live()
	contentsOf(t, l) // it knows the kinds now
	l.contentsLimit.RateLimiter = flowcontrol.NewFakeNeverRateLimiter()
	a.clock.set(noon.Add(contentsHolds))
	if found := lines(contentsOf(t, l)); !slices.Contains(found, "not Deployment: Tenure asks the cluster for too much at the moment. Look again soon.") {
		t.Errorf("it says %v", found)
	}
	want := []string{"payments weu-1/payments-api-dev Deployment old: trusted-registry", elsewhere}
	if diff := cmp.Diff(want, refusedLines(newlyRefused(t, l, livingState(ownRegistry, microsoft), livingState(ownRegistry)))); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
	a.clock.set(noon.Add(contentsHolds + kindsHold))
	if _, _, err := l.Contents(t.Context(), "weu-1", "payments-api-dev"); !errors.Is(err, errBusy) {
		t.Errorf("of its kinds it says %v", err)
	}
}

func TestWhoseTurnWouldComeTooLateIsToldAtOnce(t *testing.T) {
	limit := &limiter{flowcontrol.NewTokenBucketRateLimiter(0.001, 2)}
	soon, done := context.WithTimeout(t.Context(), time.Minute)
	defer done()
	over, end := context.WithCancel(t.Context())
	end()
	for who, ctx := range map[string]context.Context{"in time": soon, "late by itself": over} {
		if err := limit.Wait(ctx); err != nil {
			t.Errorf("who came %s got %v", who, err)
		}
	}
	if err := limit.Wait(soon); !errors.Is(err, errBusy) {
		t.Errorf("who came after them got %v", err)
	}
}
