package analyzer

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tenure.dev/workflow"
)

// notes gathers findings; what would be said twice is said once.
type notebook []workflow.Finding

func (n *notebook) add(severity workflow.Severity, label, format string, values ...any) {
	n.note(workflow.Finding{Severity: severity, Label: label, Message: fmt.Sprintf(format, values...)})
}

func (n *notebook) note(finding workflow.Finding) {
	if !slices.Contains(*n, finding) {
		*n = append(*n, finding)
	}
}

// findings lists what a reviewer should not overlook, the worst first.
func (c *comparison) findings() ([]workflow.Finding, error) {
	var found notebook
	for _, l := range c.lines {
		switch {
		case l.change == workflow.FlowOpened && !l.platform():
			c.opened(l, &found)
		case l.missing != "" && !l.platform():
			c.oneSided(l, &found)
		}
	}
	for _, p := range c.longer {
		found.add(workflow.SeverityInfo, "prolongs", "All of this is let through until %s already; this prolongs it to %s.", dateText(p.ends), dateText(p.until()))
	}
	c.unused(&found)
	for _, examine := range []func(*notebook) error{c.covered, c.shadows, c.undone} {
		if err := examine(&found); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found, func(a, b workflow.Finding) int { return cmp.Compare(weight(a.Severity), weight(b.Severity)) })
	return found, nil
}

func weight(severity workflow.Severity) int {
	return slices.Index([]workflow.Severity{workflow.SeverityDanger, workflow.SeverityWarning, workflow.SeverityInfo}, severity)
}

// opened looks at what an exception opens.
func (c *comparison) opened(l line, found *notebook) {
	if l.from.peer != nil || l.to.peer != nil {
		c.openedOutside(l, found)
	}
	for _, end := range []side{l.from, l.to} {
		if end.peer != nil {
			continue
		}
		if end.place != nil && end.place.tenant != c.tenant {
			found.add(workflow.SeverityWarning, "another tenant", "Reaches across tenants: %s is %s's.", end.namespace, end.place.tenant)
		}
		if len(end.labels) == 0 {
			own := end.place != nil && end.place.tenant == c.tenant && slices.ContainsFunc(l.grants(), func(g *grant) bool { return g.at == end.place })
			c.openedWhole(end, own, found)
		}
		// Of another tenant's namespace whoever asks learns no more than its name.
		if end.place != nil && end.place.tenant == c.tenant && end.place.environment == "prod" {
			found.add(workflow.SeverityWarning, "production", "%s is a production namespace.", end.namespace)
		}
	}
	if lasts := l.until().Sub(c.after.at); lasts > c.longest()/2 {
		found.add(workflow.SeverityInfo, "long", "Lasts %s, more than half of the longest that may be asked for (%s).", daysText(lasts), daysText(c.longest()))
	}
}

func (c *comparison) openedWhole(end side, own bool, found *notebook) {
	if own {
		found.add(workflow.SeverityWarning, "every pod", "Is for every pod of %s, also for those that come later. Labels would narrow it.", end.namespace)
		return
	}
	found.add(workflow.SeverityWarning, "whole namespace", "The other side is all of %s: every pod there, also those that come later.", end.namespace)
}

// longest is how long an exception may last.
func (c *comparison) longest() time.Duration {
	return time.Duration(cmp.Or(c.after.state.Policy.Requests.Network.MaxDuration, workflow.DefaultNetworkDuration))
}

// daysText writes a length of time in whole days, rounded up.
func daysText(d time.Duration) string {
	const day = 24 * time.Hour
	days := int64((d + day - 1) / day)
	if days == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", days)
}

// oneSided says that one end lets something through and the other does not, and
// offers the request that would repair it.
func (c *comparison) oneSided(l line, found *notebook) {
	g := l.grants()[0]
	finding := workflow.Finding{Severity: workflow.SeverityWarning, Label: "one-sided", Message: fmt.Sprintf(
		"%s lets %s through from %s to %s, but it does not get through. %s", sentenceStart(g.because), l.ports, l.from.text(c.tenant), l.to.text(c.tenant), l.missing)}
	far := l.to
	if g == l.in {
		far = l.from
	}
	if far.place != nil {
		finding.Href = repair(g, far, c.tenant)
	}
	found.note(finding)
}

// unused says which new exceptions are for pods that do not run now, where the
// cluster tells. Of another tenant's pods nothing is said.
func (c *comparison) unused(found *notebook) {
	for _, a := range c.given() {
		for _, end := range []side{a.from, a.to} {
			if end.place == nil || end.place.tenant != c.tenant {
				continue
			}
			running, known := running(c.workloads, end)
			switch {
			case !known || len(running) > 0:
			case len(end.labels) > 0:
				found.add(workflow.SeverityInfo, "selects nothing", "No pod with %s runs in %s now.", workflow.LabelsTyped(end.labels), end.namespace)
			default:
				found.add(workflow.SeverityInfo, "selects nothing", "Nothing runs in %s now.", end.namespace)
			}
		}
	}
}
