package handlers

import (
	"fmt"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

const (
	day        = 24 * time.Hour
	fieldUntil = "until"
)

// untilField asks for the last day of what a request of a kind gives, and says
// which is the latest.
func untilField(kind workflow.Kind, value string, policy workflow.Policy, now time.Time) web.Field {
	most := policy.Requests.Longest(kind)
	latest := now.Add(most).UTC()
	field := web.Field{
		Name: fieldUntil, Label: "Until", Value: value, Required: true,
		Least: now.Add(day).UTC().Format(time.DateOnly), Most: latest.Format(time.DateOnly),
		Hint: fmt.Sprintf("At most %s: %s. It ends when that day begins, at 00:00 UTC.", durationWords(most), dateWords(latest)),
	}
	for _, days := range []int64{7, 30, 90} {
		if length := time.Duration(days) * day; length <= most {
			field.Suggestions = append(field.Suggestions, web.Option{
				Value: now.Add(length).UTC().Format(time.DateOnly), Label: web.Count(days, "day"),
			})
		}
	}
	return field
}

// proposedUntil is the end that a form begins with.
func proposedUntil(kind workflow.Kind, policy workflow.Policy, now time.Time) string {
	if now.IsZero() {
		return ""
	}
	return policy.Requests.Proposed(kind, now, now).Format(time.DateOnly)
}

// durationWords writes a length of time in days, or in hours where it is less
// than whole days.
func durationWords(d time.Duration) string {
	if d%day == 0 {
		return web.Count(int64(d/day), "day")
	}
	return web.Count(int64(d/time.Hour), "hour")
}

func dateWords(t time.Time) string { return t.UTC().Format("2 Jan 2006") }
