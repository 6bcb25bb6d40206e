package analyzer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure.dev/workflow"
)

// sentences say what opens and what closes. Each tells one arrow; what every
// namespace has is told in one sentence for a whole namespace.
func (c *comparison) sentences() []string {
	var opens, closes []string
	for _, l := range c.lines {
		switch {
		case l.platform():
		case l.change == workflow.FlowOpened:
			opens = append(opens, fmt.Sprintf("Opens %s from %s to %s%s.", l.ports, l.from.text(c.tenant), l.to.text(c.tenant), untilText(l.until())))
		case l.change == workflow.FlowClosed:
			closes = append(closes, fmt.Sprintf("Closes %s from %s to %s (%s).", l.ports, l.from.text(""), l.to.text(""), l.because()))
		}
	}
	for _, at := range c.changed {
		before, after := c.before.places[at], c.after.places[at]
		switch {
		case before == nil && after != nil:
			opens = append(opens, fmt.Sprintf("Lets through for %s: %s.", at.namespace, platformText(after)))
		case before != nil && after == nil:
			closes = append(closes, fmt.Sprintf("Closes for %s: %s.", at.namespace, platformText(before)))
		}
	}
	return slices.Concat(opens, c.prolongs(), closes)
}

// platformText lists what a namespace has as every namespace has it.
func platformText(p *place) string {
	var names []string
	for _, g := range p.grants {
		if g.platform {
			names = append(names, strings.TrimPrefix(g.because, "platform flow "))
		}
	}
	return strings.Join(names, ", ")
}

// text names one end: "payments-api-prod (app=api)". Another tenant than the
// one whose change it is gets named; none where tenant is empty.
func (s side) text(tenant string) string {
	if s.peer != nil {
		return peerText(*s.peer)
	}
	text := s.namespace
	if pods := s.pods(); pods != "" {
		text += " (" + pods + ")"
	}
	if s.place != nil && tenant != "" && s.place.tenant != tenant {
		text += " of tenant " + s.place.tenant
	}
	return text
}

// pods says which pods of the namespace are meant; empty for all of them.
func (s side) pods() string { return cmp.Or(s.words, workflow.LabelsTyped(s.labels)) }

// peerText names an end that is not pods of one namespace.
func peerText(peer workflow.FlowPeer) string {
	switch {
	case peer.Internet:
		return "the internet"
	case peer.CIDR != "" && len(peer.Except) > 0:
		return peer.CIDR + " (except " + strings.Join(peer.Except, ", ") + ")"
	case peer.CIDR != "" || peer.FQDN != "":
		return cmp.Or(peer.CIDR, peer.FQDN)
	}
	pods, namespaces := selectorText(peer.PodSelector), selectorText(peer.NamespaceSelector)
	if pods == "" {
		pods = workflow.LabelsTyped(peer.PodLabels)
	}
	switch {
	case pods == "" && namespaces == "":
		return "every pod of the cluster"
	case namespaces == "":
		return "pods with " + pods + " of every namespace"
	case pods == "":
		return "every pod of namespaces with " + namespaces
	}
	return "pods with " + pods + " of namespaces with " + namespaces
}

// selectorText writes a selector in kubectl's words.
func selectorText(selector *workflow.Selector) string {
	if selector == nil {
		return ""
	}
	var parts []string
	if labels := workflow.LabelsTyped(selector.MatchLabels); labels != "" {
		parts = append(parts, labels)
	}
	for _, r := range selector.MatchExpressions {
		switch r.Operator {
		case "In":
			parts = append(parts, r.Key+" in ("+strings.Join(r.Values, ", ")+")")
		case "NotIn":
			parts = append(parts, r.Key+" notin ("+strings.Join(r.Values, ", ")+")")
		case "Exists":
			parts = append(parts, r.Key)
		default:
			parts = append(parts, "!"+r.Key)
		}
	}
	return strings.Join(parts, ", ")
}

// untilText is the end of an opening: " until 1 Feb 2027", or with the minute
// where that is not a day's first moment in UTC.
func untilText(until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return " until " + dateText(until)
}

func dateText(at time.Time) string {
	at = at.UTC()
	if at.Equal(at.Truncate(24 * time.Hour)) {
		return at.Format("2 Jan 2006")
	}
	return at.Format("2 Jan 2006 15:04 UTC")
}
