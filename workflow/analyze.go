package workflow

import (
	"fmt"
	"slices"
	"time"
)

// analyze says what the plan opens and closes on the network: in the analyzer's
// words, with the picture, or in the domain's own where there is no analyzer. A
// request for an exception that opens nothing new is refused.
func (p Planner) analyze(state *ApprovedState, proposal Proposal, plan *Plan) error {
	opens := len(plan.given()) > 0
	if p.Analyzer == nil {
		plan.Summary = slices.Concat(plan.Summary, openings(*plan), closings(plan.sides()))
		return nil
	}
	if !opens && len(plan.added())+len(plan.removed())+len(plan.closedOf(KindNetwork)) == 0 {
		return nil // it changes nothing of the network
	}
	after := make([]Tenancy, 0, 1+len(plan.Others))
	for _, side := range plan.sides() {
		after = append(after, side.After)
	}
	report, err := p.Analyzer.Change(state, proposal.Tenant, after, plan.PlannedAt)
	if err != nil {
		return fmt.Errorf("compare what may talk to what before and after: %w", err)
	}
	if opens && len(report.Redundant) > 0 {
		return invalidFields([]FieldProblem{{Field: "ports", Message: state.redundant(report.Redundant)}})
	}
	plan.Connectivity, plan.Notes = &report.Connectivity, report.Notes
	plan.Findings = append(plan.Findings, report.Findings...)
	if len(report.Sentences) == 0 {
		report.Sentences = append(openings(*plan), closings(plan.sides())...)
	}
	plan.Summary = append(plan.Summary, report.Sentences...)
	return nil
}

// redundant refuses what these requests already allow for as long.
func (s *ApprovedState) redundant(requests []int64) string {
	message := "All of this is already allowed by " + requestsText(requests)
	var until time.Time
	for _, tenancy := range s.Tenancies {
		for _, request := range requests {
			for _, e := range tenancy.exceptions(request) {
				if until.IsZero() || e.Until.Before(until) {
					until = e.Until
				}
			}
		}
	}
	if !until.IsZero() { // the platform's flows do not end
		message += ", until " + untilText(until)
	}
	return message + ". Ask only for what is missing."
}

// requestsText names requests: "request 61", "requests 61 and 64". Number 0
// stands for what the platform opens.
func requestsText(requests []int64) string {
	var numbers, names []string
	for _, request := range slices.Sorted(slices.Values(requests)) {
		if request == 0 {
			names = []string{"the platform's own flows"}
			continue
		}
		numbers = append(numbers, fmt.Sprint(request))
	}
	switch len(numbers) {
	case 0:
	case 1:
		names = append(names, "request "+numbers[0])
	default:
		names = append(names, "requests "+listed(numbers, "and"))
	}
	return listed(names, "and")
}

// openings says in sentences what the plan opens, one a request: the flow is
// told once, though both of its ends have an entry.
func openings(plan Plan) []string {
	var lines []string
	told := map[int64]bool{}
	for _, e := range plan.given() {
		if told[e.Request] {
			continue
		}
		told[e.Request] = true
		from, to := podsText(e.namespace.Name, e.Pods), e.Peer().text()
		if e.Direction == Ingress {
			from, to = to, from
		}
		lines = append(lines, fmt.Sprintf("Opens %s from %s to %s on %s, until %s.", PortsText(e.Ports), from, to, e.namespace.Cluster, instant(e.Until)))
	}
	return lines
}
