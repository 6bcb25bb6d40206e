package workflow

import (
	"fmt"
	"strings"
	"time"
)

// leastDuration is the shortest that an exception may last, counted from when
// it is asked for: people must decide, and Argo CD must sync.
const leastDuration = time.Hour

const day = 24 * time.Hour

// parseUntil reads an end: a date, "2027-02-01", which means its first moment
// in UTC, or an instant as in RFC 3339. The message says what is wrong; empty
// when nothing is.
func parseUntil(text string) (until time.Time, message string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return until, "Say when it ends: a date such as 2027-02-01."
	}
	until, err := time.Parse(time.DateOnly, text)
	if err != nil {
		until, err = time.Parse(time.RFC3339, text)
	}
	if err != nil || until.UTC().Year() < 0 || until.UTC().Year() > 9999 {
		return time.Time{}, fmt.Sprintf("%.40q is neither a date such as 2027-02-01 nor an instant such as 2027-02-01T18:00:00Z.", text)
	}
	return until.UTC().Truncate(time.Second), ""
}

// term gives the bound of network exceptions.
func (l NetworkLimits) term() term {
	most := l.MaxDuration
	if most == 0 {
		most = DefaultNetworkDuration
	}
	return term{"an exception", time.Duration(most)}
}

// between says which ends can be chosen: the days whose first moments are
// neither too soon nor too far off, where there are any.
func between(first, last time.Time) string {
	day := first.Truncate(24 * time.Hour)
	if day.Before(first) {
		day = day.AddDate(0, 0, 1)
	}
	if day.After(last) {
		return fmt.Sprintf("Choose an instant up to %s.", last.Format(time.RFC3339))
	}
	return fmt.Sprintf("Choose a day from %s to %s.", day.Format(time.DateOnly), last.Format(time.DateOnly))
}

// untilText writes an end as short as it can be: the day, with the time of day
// where it is not the day's first moment.
func untilText(until time.Time) string {
	if until.Equal(until.Truncate(24 * time.Hour)) {
		return until.UTC().Format(time.DateOnly)
	}
	return until.UTC().Format(time.RFC3339)
}

// daysText writes a length of time in days, where it is whole days.
func daysText(d time.Duration) string {
	if d >= day && d%day == 0 {
		if d == day {
			return "1 day"
		}
		return fmt.Sprintf("%d days", d/day)
	}
	if d >= time.Hour && d%time.Hour == 0 {
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return d.String()
}
