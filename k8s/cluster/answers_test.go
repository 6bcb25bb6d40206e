package cluster

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// asked counts how often it is asked, and answers with that.
type asked struct {
	times   int
	holds   time.Duration
	err     error
	answer  chan struct{} // nil for at once
	context context.Context
}

func (a *asked) ask(ctx context.Context) (string, time.Duration, error) {
	a.times++
	a.context = ctx
	if a.answer != nil {
		<-a.answer
	}
	return fmt.Sprintf("answer %d", a.times), a.holds, a.err
}

func TestAnAnswerHoldsForAWhile(t *testing.T) {
	trouble := errors.New("no answer")
	for name, c := range map[string]struct {
		asked asked
		after time.Duration
		key   string
		times int
	}{
		"at once":                    {asked{holds: time.Minute}, 0, "a", 1},
		"before its end":             {asked{holds: time.Minute}, time.Minute - 1, "a", 1},
		"at its end":                 {asked{holds: time.Minute}, time.Minute, "a", 2},
		"for another key":            {asked{holds: time.Minute}, 0, "b", 2},
		"a failure, before its end":  {asked{holds: time.Minute, err: trouble}, failureHolds - 1, "a", 1},
		"a failure, at its end":      {asked{holds: time.Minute, err: trouble}, failureHolds, "a", 2},
		"one that does not hold":     {asked{}, 0, "a", 2},
		"before the clock went back": {asked{holds: time.Minute}, -time.Hour, "a", 1},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &movedClock{at: noon}
			answers := newAnswers[string](clock)
			for _, key := range []string{"a", c.key} {
				if _, err := answers.get(t.Context(), key, c.asked.ask); !errors.Is(err, c.asked.err) {
					t.Errorf("it ends with %v", err)
				}
				clock.set(noon.Add(c.after))
			}
			if c.asked.times != c.times {
				t.Errorf("it was asked %d times", c.asked.times)
			}
		})
	}
}

func TestAnswersThatAreOverAreForgotten(t *testing.T) {
	clock := &movedClock{at: noon}
	answers := newAnswers[string](clock)
	for i := range 10 {
		clock.set(noon.Add(time.Duration(i) * time.Minute))
		if _, err := answers.get(t.Context(), fmt.Sprint(i), (&asked{holds: 2 * time.Minute}).ask); err != nil {
			t.Error(err)
		}
	}
	if len(answers.kept) != 2 {
		t.Errorf("kept are %v", answers.kept)
	}
}

func TestWhoAsksForTheSameAtTheSameTimeWaitsForOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := newAnswers[string](stoppedClock{})
		question := &asked{holds: time.Minute, answer: make(chan struct{})}
		got := make(chan string, 3)
		ask := func(ctx context.Context) {
			value, err := answers.get(ctx, "a", question.ask)
			if err != nil {
				value = errors.Unwrap(err).Error()
			}
			got <- value
		}
		leaves, leave := context.WithCancel(t.Context())
		go ask(leaves)
		synctest.Wait()
		go ask(t.Context())
		go ask(t.Context())
		synctest.Wait()
		leave()
		synctest.Wait()
		if len(got) != 1 || <-got != context.Canceled.Error() {
			t.Error("who leaves is kept waiting, or others are not")
		}
		if err := question.context.Err(); err != nil {
			t.Errorf("who left took the question away: %v", err)
		}
		close(question.answer)
		for range 2 {
			if value := <-got; value != "answer 1" {
				t.Errorf("who stayed got %q", value)
			}
		}
		if question.times != 1 {
			t.Errorf("it was asked %d times", question.times)
		}
	})
}
