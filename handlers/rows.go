package handlers

import (
	"slices"
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// requestRow presents a request in a list.
func requestRow(r workflow.Request, actor workflow.Actor, now time.Time) web.RequestRow {
	row := web.RequestRow{
		ID:       r.ID,
		Title:    r.Change.Title(),
		Href:     requestHref(r.ID),
		State:    stateBadge(r.State),
		Sentence: sentence(r),
		Tenant:   web.Link{Text: r.Tenant},
		AskedBy:  personName(r.RequestedBy),
		Asked:    web.At(r.CreatedAt, now),
	}
	// Of another tenant that asks, the plan tells its reader nothing but the ends.
	if actor.Sees(r.Plan.After) && hasTenant(r) {
		row.Tenant.Href = tenantHref(r.Tenant)
	}
	if r.Tenant == "" {
		row.Tenant = tenantLink(workflow.Tenancy{}, "", actor)
	}
	if r.State.Open() {
		row.Findings = findingBadges(r.Plan.Findings)
	}
	// What is hidden of another tenant's namespace has no environment.
	environments := slices.DeleteFunc(r.Plan.Environments(), func(name string) bool { return name == "" })
	row.Environment = strings.Join(environments, ", ")
	return row
}

func requestRows(requests []workflow.Request, actor workflow.Actor, now time.Time) []web.RequestRow {
	rows := make([]web.RequestRow, 0, len(requests))
	for _, r := range requests {
		rows = append(rows, requestRow(r, actor, now))
	}
	return rows
}

// findingBadges names the findings that matter, the worst first.
func findingBadges(findings []workflow.Finding) []web.Badge {
	var badges []web.Badge
	for _, severity := range []workflow.Severity{workflow.SeverityDanger, workflow.SeverityWarning} {
		for _, finding := range findings {
			if finding.Severity == severity {
				badge := severityBadge(severity)
				badge.Text = finding.Label
				badges = append(badges, badge)
			}
		}
	}
	return badges
}
