package cluster

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"tenure.dev/workflow"
)

// failureHolds is how long it is remembered that there was no answer: a cluster that
// is away is not asked with each click.
const failureHolds = 2 * time.Second

// answers remembers what a cluster said for a while, so that what it is asked does not
// grow with how often people ask.
type answers[Answer any] struct {
	clock  workflow.Clock
	asking singleflight.Group

	mu   sync.Mutex
	kept map[string]keptAnswer[Answer]
}

// keptAnswer is an answer, or why there was none.
type keptAnswer[Answer any] struct {
	value Answer
	err   error
	until time.Time
}

func newAnswers[Answer any](clock workflow.Clock) *answers[Answer] {
	return &answers[Answer]{clock: clock, kept: map[string]keptAnswer[Answer]{}}
}

// get gives the answer that is remembered under a key, or asks; ask says how long its
// answer holds. Who wants the same at the same time waits for one question. It goes on
// when the one who began it goes away, so ask must set its own deadline. What get
// gives is shared: nobody changes it.
func (a *answers[Answer]) get(ctx context.Context, key string, ask func(context.Context) (Answer, time.Duration, error)) (Answer, error) {
	found, fresh := a.find(key)
	if !fresh {
		shared := a.asking.DoChan(key, func() (any, error) {
			if found, fresh := a.find(key); fresh { // since it was looked for
				return found, nil
			}
			value, holds, err := ask(context.WithoutCancel(ctx))
			return a.keep(key, value, holds, err), nil
		})
		select {
		case result := <-shared:
			found = result.Val.(keptAnswer[Answer])
		case <-ctx.Done():
			var none Answer
			return none, fmt.Errorf("wait for the cluster: %w", ctx.Err())
		}
	}
	return found.value, found.err
}

func (a *answers[Answer]) find(key string) (keptAnswer[Answer], bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found, known := a.kept[key]
	return found, known && a.clock.Now().Before(found.until)
}

// keep remembers an answer from now on, and forgets those that are over.
func (a *answers[Answer]) keep(key string, value Answer, holds time.Duration, err error) keptAnswer[Answer] {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		holds = failureHolds
	}
	now := a.clock.Now()
	maps.DeleteFunc(a.kept, func(_ string, one keptAnswer[Answer]) bool { return !now.Before(one.until) })
	kept := keptAnswer[Answer]{value: value, err: err, until: now.Add(holds)}
	a.kept[key] = kept
	return kept
}
