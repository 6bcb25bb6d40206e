package workflow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// reminders are how many days before an end those who asked are told, the
// earlier first.
var reminders = []int{7, 1}

// Reminder tells those who asked that what they were given ends soon: each
// reminder is one entry of the request's history, which their pages show, and is
// made once, by whichever process comes first.
type Reminder struct {
	Store      Store         // required
	Repository Repository    // required
	Clock      Clock         // required
	Log        *slog.Logger  // required
	Poll       time.Duration // how often it looks; required

	judged *ApprovedState // the approved state at the last look
	until  time.Time      // nothing of it is due before
}

// Run reminds until the context ends.
func (m *Reminder) Run(ctx context.Context) {
	ticker := time.NewTicker(m.Poll)
	defer ticker.Stop()
	for {
		if err := m.RemindAll(ctx); err != nil && ctx.Err() == nil {
			m.Log.ErrorContext(ctx, "tell of what ends soon", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// RemindAll tells of everything that ends soon and was not told of yet. What
// cannot be stored does not hold up the rest, and is tried again.
func (m *Reminder) RemindAll(ctx context.Context) error {
	state, err := m.Repository.State()
	if errors.Is(err, ErrNoState) {
		return nil
	}
	if err != nil {
		return err
	}
	now := m.Clock.Now()
	if state == m.judged && now.Before(m.until) {
		return nil
	}
	var failed error
	next := now.Add(time.Hour) // a request may become active any time
	for request, term := range state.lastTerms() {
		days, due := reminderAt(term.until, now)
		if at, more := nextReminder(term.until, now); more && at.Before(next) {
			next = at
		}
		if due {
			failed = errors.Join(failed, m.remind(ctx, request, term.until, days))
		}
	}
	if failed == nil {
		m.judged, m.until = state, next
	}
	return failed
}

// remind records one reminder, unless it was made already.
func (m *Reminder) remind(ctx context.Context, request int64, until time.Time, days int) error {
	r, err := m.Store.Request(ctx, request)
	if errors.Is(err, ErrNoRequest) {
		return nil // given by a database that was lost
	}
	if err != nil {
		return fmt.Errorf("read request %d: %w", request, err)
	}
	command := RemindCommand{Until: until, Days: days}
	if r.Plan.PlannedAt.After(until.AddDate(0, 0, -days)) {
		return nil // they asked for so little time
	}
	if !slices.Contains(command.from(), r.State) || r.Reminded != 0 && r.Reminded <= days {
		return nil
	}
	next, events, err := Decide(r, Actor{}, command, m.Clock.Now())
	if err != nil {
		return err
	}
	if _, err := m.Store.UpdateRequest(ctx, next, events); err != nil {
		return fmt.Errorf("store the reminder of request %d: %w", request, err)
	}
	m.Log.InfoContext(ctx, "request "+string(EventEndsSoon), "request", request, "until", until, "days", days)
	return nil
}

// reminderAt is the reminder that is due at a moment: the latest whose time has
// come before the end has.
func reminderAt(until, now time.Time) (days int, due bool) {
	for _, before := range reminders {
		if at := until.AddDate(0, 0, -before); !until.IsZero() && !now.Before(at) && now.Before(until) {
			days, due = before, true
		}
	}
	return days, due
}

// nextReminder is when the next reminder after now is due.
func nextReminder(until, now time.Time) (time.Time, bool) {
	for _, before := range reminders {
		if at := until.AddDate(0, 0, -before); !until.IsZero() && now.Before(at) {
			return at, true
		}
	}
	return time.Time{}, false
}

// RemindCommand records that what the request gave ends soon.
type RemindCommand struct {
	Until time.Time
	Days  int // at most how many are left
}

func (RemindCommand) from() []State { return []State{StateCommitted, StateActive, StateFailed} }

func (c RemindCommand) decide(r Request, _ Actor, now time.Time) (Request, []Event, error) {
	left := fmt.Sprintf("in less than %d days", c.Days)
	if c.Days == 1 {
		left = "in less than a day"
	}
	event := r.event(EventEndsSoon, Person{}, r.State, fmt.Sprintf("It ends %s, at %s. Ask for an extension, or let it end.", left, instant(c.Until)), now)
	r.Reminded = c.Days
	return r, []Event{event}, nil
}
