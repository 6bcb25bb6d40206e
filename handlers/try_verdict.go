package handlers

import (
	"fmt"
	"strings"
	"unicode"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// verdictHeading is the answer over all objects.
func verdictHeading(verdicts []workflow.Verdict) string {
	denied := 0
	for _, verdict := range verdicts {
		if !verdict.Allowed {
			denied++
		}
	}
	switch {
	case len(verdicts) == 0:
		return "There is no object in that"
	case denied == 0 && len(verdicts) == 1:
		return "The webhook would allow it"
	case denied == 0:
		return "The webhook would allow all " + web.Count(int64(len(verdicts)), "object")
	case len(verdicts) == 1:
		return "The webhook would deny it"
	}
	return "The webhook would deny " + number(int64(denied)) + " of " + web.Count(int64(len(verdicts)), "object")
}

func verdictView(verdict workflow.Verdict, cluster string) web.VerdictView {
	view := web.VerdictView{
		Object:     verdict.Object,
		Outcome:    web.Badge{Text: "Allowed", Tone: web.ToneGood, Icon: web.IconCheck},
		Caution:    caution(verdict, cluster),
		Violations: violationViews(verdict.Violations),
		Warnings:   violationViews(verdict.Warnings),
		Commit:     verdict.Commit,
	}
	switch {
	case !verdict.Allowed:
		view.Outcome = web.Badge{Text: "Denied", Tone: web.ToneBad, Icon: web.IconCross}
	case view.Caution != "":
		// Let through is not approved: the colour of approval would say so.
		view.Outcome = web.Badge{Text: "Allowed", Tone: web.ToneNeutral, Icon: web.IconMinus}
	}
	if verdict.Request > 0 {
		view.Request = web.Link{Text: fmt.Sprintf("request %d", verdict.Request), Href: requestHref(verdict.Request)}
	}
	return view
}

// caution says when something is allowed only because no tenant's rules apply
// to it, so that nobody takes that for an approval.
func caution(verdict workflow.Verdict, cluster string) string {
	if !verdict.Allowed || verdict.Tenant != "" || verdict.Request != 0 {
		return ""
	}
	if !inNamespace(verdict.Object) {
		return "It names no namespace, so no tenant's rules were applied."
	}
	return fmt.Sprintf("No tenant holds this namespace on %s, so no tenant's rules were applied.", cluster)
}

// inNamespace says whether a verdict's object is in a namespace or is one; an
// object is named "Deployment payments-api-dev/web".
func inNamespace(object string) bool {
	kind, name, _ := strings.Cut(object, " ")
	return kind == "Namespace" || strings.Contains(name, "/")
}

func violationViews(violations []workflow.Violation) []web.ViolationView {
	views := make([]web.ViolationView, 0, len(violations))
	for _, v := range violations {
		view := web.ViolationView{Rule: v.Rule, Field: v.Field, Value: v.Value, Allowed: v.Allowed}
		view.Ask, view.AskHref = askLink(v.Ask)
		views = append(views, view)
	}
	return views
}

// askLink makes a link of a sentence that ends in an address of the web, such as
// "Ask for a namespace: https://…". Any other sentence stays one.
func askLink(ask string) (words, href string) {
	for _, scheme := range []string{"https://", "http://"} {
		i := strings.Index(ask, scheme)
		if i < 0 || strings.ContainsFunc(ask[i:], unicode.IsSpace) {
			continue
		}
		if words = strings.TrimRight(ask[:i], ": "); words == "" {
			words = "Where to ask"
		}
		return words, ask[i:]
	}
	return ask, ""
}
