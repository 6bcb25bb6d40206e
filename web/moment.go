package web

import (
	"fmt"
	"time"
)

// Moment is a point in time as pages show it: relative, for a person in a
// hurry, and exact, in UTC.
type Moment struct {
	Relative string // "3 hours ago", "in 20 seconds"
	Exact    string // "21 Nov 2026, 04:25 UTC"
	Machine  string // RFC 3339, for <time datetime>
}

// IsZero says whether there is no such moment.
func (m Moment) IsZero() bool { return m.Machine == "" }

// At describes t as seen from now. A zero time gives a zero Moment.
func At(t, now time.Time) Moment {
	if t.IsZero() {
		return Moment{}
	}
	t = t.UTC()
	return Moment{
		Relative: relative(t.Sub(now)),
		Exact:    t.Format("2 Jan 2006, 15:04 UTC"),
		Machine:  t.Format(time.RFC3339),
	}
}

// relative says how far away something is, in the largest unit that fits.
func relative(ahead time.Duration) string {
	distance := ahead.Abs()
	if distance < 10*time.Second {
		return "just now"
	}
	words := amount(distance)
	if ahead > 0 {
		return "in " + words
	}
	return words + " ago"
}

// amount names a duration by its largest unit; months count 30 days.
func amount(d time.Duration) string {
	const day = 24 * time.Hour
	units := []struct {
		size time.Duration
		name string
	}{
		{365 * day, "year"}, {30 * day, "month"}, {day, "day"},
		{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"},
	}
	for _, unit := range units {
		if n := int64(d / unit.size); n > 0 {
			return Count(n, unit.name)
		}
	}
	return "a moment"
}

// Count writes a number with its noun: "1 request", "2 requests".
func Count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
