package workflow_test

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// quietly is a log that nobody reads.
func quietly() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// reminders lists what the request's history says of its end.
func (w *world) reminders(id int64) []string {
	w.Helper()
	events, err := w.service.Store.Events(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	var told []string
	for _, e := range events {
		if e.Type == workflow.EventEndsSoon {
			told = append(told, e.Detail)
		}
	}
	return told
}

// temporary asks for a temporary increase of the quota of the given namespace.
func temporary(until string) workflow.QuotaChange {
	c := widerQuota()
	c.Until = until
	return c
}

func TestThoseWhoAskedAreToldSevenDaysAndOneDayBeforeTheEndOnce(t *testing.T) {
	w, _ := givenWorld(t)
	r := w.approved(temporary("2026-03-22")) // it is 2 March
	w.publish()
	w.committedOnce(r.ID)
	const week = "It ends in less than 7 days, at 22 Mar 2026 00:00 UTC. Ask for an extension, or let it end."
	const day = "It ends in less than a day, at 22 Mar 2026 00:00 UTC. Ask for an extension, or let it end."
	end := time.Date(2026, 3, 22, 0, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		at   time.Time
		want []string
	}{
		{end.AddDate(0, 0, -7).Add(-time.Second), nil},
		{end.AddDate(0, 0, -7), []string{week}},
		{end.AddDate(0, 0, -3), []string{week}},
		{end.AddDate(0, 0, -1), []string{week, day}},
		{end.Add(-time.Second), []string{week, day}},
	} {
		w.clock.advance(step.at.Sub(w.clock.Now()))
		// Every process that looks anew comes to the same.
		reminder := workflow.Reminder{Store: w.service.Store, Repository: w.service.Repository, Clock: w.clock, Log: quietly(), Poll: time.Second}
		for range 2 {
			if err := reminder.RemindAll(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "what was told by "+step.at.String(), step.want, w.reminders(r.ID))
	}
}

func TestOneReminderThatLooksEverySecondComesToTheSame(t *testing.T) {
	w, _ := givenWorld(t)
	r := w.approved(temporary("2026-03-22"))
	w.publish()
	reminder := workflow.Reminder{Store: w.service.Store, Repository: w.service.Repository, Clock: w.clock, Log: quietly(), Poll: time.Second}
	for range 21 {
		if err := reminder.RemindAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.clock.advance(24 * time.Hour)
	}
	if told := w.reminders(r.ID); len(told) != 2 {
		t.Errorf("it says %q", told)
	}
}

func TestNobodyIsToldThatAFewDaysAreFewDays(t *testing.T) {
	w, _ := givenWorld(t)
	r := w.approved(temporary("2026-03-06"))
	w.publish()
	reminder := workflow.Reminder{Store: w.service.Store, Repository: w.service.Repository, Clock: w.clock, Log: quietly(), Poll: time.Second}
	if err := reminder.RemindAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if told := w.reminders(r.ID); told != nil {
		t.Errorf("it says %q", told)
	}
}
