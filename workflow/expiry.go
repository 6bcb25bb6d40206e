package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// expiry is the end of what one request gave, because its time came.
type expiry struct {
	request int64
	until   time.Time // when the last of its entries expired
	noun    string    // what it is called
	sides   []OtherSide
}

// expired lists what is to end at that moment, the oldest end first. What a
// request gave goes at once, when the last of its entries has expired.
func (s *ApprovedState) expired(at time.Time) []expiry {
	var due []expiry
	for request, term := range s.lastTerms() {
		if !term.over(at) {
			continue
		}
		end := ending{grants: []int64{request}}
		due = append(due, expiry{request: request, until: term.until, noun: grantNouns[term.kind], sides: end.others(s.Tenancies, "")})
	}
	slices.SortFunc(due, func(a, b expiry) int {
		return cmp.Or(a.until.Compare(b.until), cmp.Compare(a.request, b.request))
	})
	return due
}

// message is what the commit says of itself. Nobody asked for it and nobody
// votes on it: that its time came is what everybody agreed to.
func (e expiry) message(at time.Time, auditHead, renderer string) CommitMessage {
	body := ""
	for _, line := range slices.Concat(closings(e.sides), endings(e.sides)) {
		body += line + "\n"
	}
	return CommitMessage{
		Act: ActEnd, Ends: e.request, PlannedAt: at, AuditHead: auditHead, Renderer: renderer,
		Subject: fmt.Sprintf("End of the %s of request %d", e.noun, e.request),
		Body:    body + "\n" + endCame(e.until) + "\n",
	}
}

// endCame is why something ended: "Its end, 1 Feb 2027 00:00 UTC, came."
func endCame(until time.Time) string {
	return "Its end, " + instant(until) + ", came."
}

// instant writes a moment as people read it, to the second where it has any.
func instant(at time.Time) string {
	layout := "2 Jan 2006 15:04"
	if at.Second() != 0 {
		layout += ":05"
	}
	return at.UTC().Format(layout) + " UTC"
}

// overdue gives the command that sends a request back whose end came before it
// was committed; nil while there is time.
func (r Request) overdue(now time.Time) *StaleCommand {
	until, opens := r.Plan.until(r.ID)
	if !opens || now.Before(until) {
		return nil
	}
	return &StaleCommand{Reason: fmt.Sprintf("The end that was asked for, %s, came before it was committed, so nothing was given. Choose a later one.", instant(until))}
}
