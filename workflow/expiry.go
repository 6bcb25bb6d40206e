package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// expiry is the end of what one request opened, because its time came.
type expiry struct {
	request int64
	until   time.Time // when the last of its entries expired
	sides   []OtherSide
}

// expired lists what is to end at that moment, the oldest end first. What a
// request opened goes at once, when the last of its entries has expired.
func (s *ApprovedState) expired(at time.Time) []expiry {
	until := map[int64]time.Time{}
	for _, tenancy := range s.Tenancies {
		for _, n := range tenancy.Namespaces {
			for _, e := range n.Network {
				if last, found := until[e.Request]; !found || e.Until.After(last) {
					until[e.Request] = e.Until
				}
			}
		}
	}
	var due []expiry
	for request, last := range until {
		if at.Before(last) {
			continue
		}
		end := ending{exceptions: []int64{request}}
		due = append(due, expiry{request: request, until: last, sides: end.others(s.Tenancies, "")})
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
	for _, line := range closings(e.sides) {
		body += line + "\n"
	}
	return CommitMessage{
		Act: ActEnd, Ends: e.request, PlannedAt: at, AuditHead: auditHead, Renderer: renderer,
		Subject: fmt.Sprintf("End of the network exception of request %d", e.request),
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

// until is when the last of what the request opened by this plan expires; false
// where the plan opens nothing.
func (p Plan) until(request int64) (last time.Time, found bool) {
	for _, side := range p.sides() {
		for _, e := range side.After.exceptions(request) {
			found = true
			if e.Until.After(last) {
				last = e.Until
			}
		}
	}
	return last, found
}

// overdue gives the command that sends a request back whose end came before it
// was committed; nil while there is time.
func (r Request) overdue(now time.Time) *StaleCommand {
	until, opens := r.Plan.until(r.ID)
	if !opens || now.Before(until) {
		return nil
	}
	return &StaleCommand{Reason: fmt.Sprintf("The end that was asked for, %s, came before it was committed, so nothing was opened. Choose a later one.", instant(until))}
}
