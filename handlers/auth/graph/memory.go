package graph

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"tenure.dev/workflow"
)

// How long an answer is remembered: a plan is made anew with each key that
// somebody presses.
const (
	answerHolds  = time.Minute
	failureHolds = 2 * time.Second
	mostAnswers  = 500
	lookTimeout  = 30 * time.Second // of a look-up with all its pages and tries
)

// memory keeps what Graph answered for a while.
type memory struct {
	clock workflow.Clock
	looks *singleflight.Group

	mu    sync.Mutex
	known map[string]remembered
}

// remembered is an answer, or why there was none.
type remembered struct {
	value any
	err   error
	until time.Time
}

// recall gives the answer that is remembered under a key, or looks it up. Who asks
// for the same at the same time waits for one look-up, which does not end with
// the request that began it. What it gives is shared: nobody changes it.
func recall[Answer any](ctx context.Context, m *memory, key string, look func(context.Context) (Answer, error)) (Answer, error) {
	var none Answer
	found, fresh := m.find(key)
	if !fresh {
		shared := m.looks.DoChan(key, func() (any, error) {
			if found, fresh := m.find(key); fresh { // since it was looked for
				return found, nil
			}
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
			defer cancel()
			value, err := look(ctx)
			return m.keep(key, value, err), nil
		})
		select {
		case result := <-shared:
			if result.Err != nil {
				return none, result.Err
			}
			found = result.Val.(remembered)
		case <-ctx.Done():
			return none, fmt.Errorf("wait for Graph: %w", ctx.Err())
		}
	}
	if found.err != nil {
		return none, found.err
	}
	return found.value.(Answer), nil
}

func (m *memory) find(key string) (remembered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, known := m.known[key]
	return found, known && m.clock.Now().Before(found.until)
}

// keep remembers an answer. When there are too many, those that are over make
// room; when none is, this one is not kept.
func (m *memory) keep(key string, value any, err error) remembered {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Now()
	kept := remembered{value: value, err: err, until: now.Add(answerHolds)}
	if err != nil {
		kept.until = now.Add(failureHolds)
	}
	if len(m.known) >= mostAnswers {
		maps.DeleteFunc(m.known, func(_ string, one remembered) bool { return !now.Before(one.until) })
	}
	if _, known := m.known[key]; known || len(m.known) < mostAnswers {
		m.known[key] = kept
	}
	return kept
}
