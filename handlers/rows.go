package handlers

import (
	"fmt"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// requestRow presents a request in a list.
func requestRow(r workflow.Request, now time.Time) web.RequestRow {
	row := web.RequestRow{
		ID:       r.ID,
		Title:    r.Change.Title(),
		Href:     requestHref(r.ID),
		State:    stateBadge(r.State),
		Sentence: sentence(r),
		Tenant:   web.Link{Text: r.Tenant, Href: tenantHref(r.Tenant)},
		AskedBy:  personName(r.RequestedBy),
		Asked:    web.At(r.CreatedAt, now),
	}
	if r.State.Open() {
		row.Findings = findingCounts(r.Plan.Findings)
	}
	for i, environment := range r.Change.Environments() {
		if i > 0 {
			row.Environment += ", "
		}
		row.Environment += environment
	}
	return row
}

func requestRows(requests []workflow.Request, now time.Time) []web.RequestRow {
	rows := make([]web.RequestRow, 0, len(requests))
	for _, r := range requests {
		rows = append(rows, requestRow(r, now))
	}
	return rows
}

// findingCounts says how many findings there are of each severity that
// matters, the worst first.
func findingCounts(findings []workflow.Finding) []web.Badge {
	count := map[workflow.Severity]int{}
	for _, finding := range findings {
		count[finding.Severity]++
	}
	var badges []web.Badge
	for _, severity := range []workflow.Severity{workflow.SeverityDanger, workflow.SeverityWarning} {
		if n := count[severity]; n > 0 {
			badge := severityBadge(severity)
			badge.Text = map[workflow.Severity]string{
				workflow.SeverityDanger:  web.Count(int64(n), "danger"),
				workflow.SeverityWarning: fmt.Sprintf("%d to look at", n),
			}[severity]
			badges = append(badges, badge)
		}
	}
	return badges
}
