package workflow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Expirer takes grants whose end came out of the approved state: one signed
// commit a request, which of a network exception removes both ends. It decides from the
// approved state and the clock alone. So it needs no memory: what is gone at
// the repository's head is not committed again, whenever the process ended, and
// what the database knows nothing of ends too. The Observer then ends the
// request.
//
// It may write at the same moment as the Publisher. The repository takes one
// commit after the other, and tells the later writer that its base moved.
type Expirer struct {
	Store      Store         // required; only for the audit trail's head
	Repository Repository    // required
	Renderer   Renderer      // required
	Clock      Clock         // required
	Log        *slog.Logger  // required
	Poll       time.Duration // how often it looks without being woken; required
	// Checkpoint is called with "before-end" and "after-end" of the push, so that
	// a test can end the process there. Optional.
	Checkpoint func(point string)

	bell   bell
	tries  int       // passes in a row that did not go through
	nextAt time.Time // when the next one is due
}

// Wake makes the expirer look now. It never blocks.
func (e *Expirer) Wake() { e.bell.ring() }

// Run takes away what expires until the context ends.
func (e *Expirer) Run(ctx context.Context) {
	ticker := time.NewTicker(e.Poll)
	defer ticker.Stop()
	for {
		if err := e.ExpireAll(ctx); err != nil && ctx.Err() == nil {
			e.Log.ErrorContext(ctx, "take away what expired", "error", err, "next", e.nextAt)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-e.bell.rung():
		}
	}
}

// ExpireAll commits the end of everything that has expired, the oldest end
// first. What does not go through does not hold up the rest, and is tried again
// after 2 s, then twice as long each time, at most a minute.
func (e *Expirer) ExpireAll(ctx context.Context) error {
	now := e.Clock.Now()
	if now.Before(e.nextAt) {
		return nil
	}
	state, err := e.Repository.State()
	if errors.Is(err, ErrNoState) {
		return nil
	}
	if err != nil {
		return err
	}
	var failed error
	for _, due := range state.expired(decidedAt(now)) {
		if err := e.expire(ctx, due.request); err != nil {
			failed = errors.Join(failed, fmt.Errorf("end what request %d gave: %w", due.request, err))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if failed == nil {
		e.tries, e.nextAt = 0, time.Time{}
		return nil
	}
	e.nextAt = now.Add(min(firstRetry<<min(e.tries, 10), lastRetry))
	e.tries++
	return failed
}

// decidedAt is the instant that is frozen in the commit. A commit's own time has
// whole seconds, and the decision must not come after it.
func decidedAt(now time.Time) time.Time { return now.UTC().Truncate(time.Second) }

// expire ends what one request gave, unless somebody else did meanwhile.
func (e *Expirer) expire(ctx context.Context, request int64) error {
	for range racesLost {
		state, err := e.Repository.State()
		if err != nil {
			return err
		}
		at := decidedAt(e.Clock.Now())
		due := state.expired(at)
		i := slices.IndexFunc(due, func(d expiry) bool { return d.request == request })
		if i < 0 {
			return nil
		}
		err = e.commit(ctx, state, due[i], at)
		if !errors.Is(err, ErrBaseMoved) {
			return err
		}
		// Commits that do not verify are no reason to wait: Commit undoes them first.
		if err := e.Repository.Refresh(ctx); err != nil {
			e.Log.WarnContext(ctx, "fetch the repository before an end", "request", request, "error", err)
		}
	}
	return fmt.Errorf("the branch moved %d times in a row: %w", racesLost, ErrBaseMoved)
}

// commit writes the end on top of the state.
func (e *Expirer) commit(ctx context.Context, state *ApprovedState, due expiry, at time.Time) error {
	files, err := renderSides(e.Renderer, state.Policy, due.sides)
	if err != nil {
		return err
	}
	head, err := e.Store.AuditHead(ctx)
	if err != nil {
		// What nobody grants any more must not stay because the database is away.
		e.Log.WarnContext(ctx, "an end is committed without the audit head", "request", due.request, "error", err)
		head = ""
	}
	e.checkpoint("before-end")
	commit, err := e.Repository.Commit(ctx, state.Commit, files, due.message(at, head, e.Renderer.Version()))
	if err != nil {
		return err
	}
	e.checkpoint("after-end")
	e.Log.InfoContext(ctx, "a grant ended", "request", due.request, "until", due.until, "commit", commit)
	return nil
}

func (e *Expirer) checkpoint(point string) {
	if e.Checkpoint != nil {
		e.Checkpoint(point)
	}
}
