package handlers

import (
	"net/url"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the fields that the form for an exemption has of its own.
const (
	fieldRule     = "rule"
	fieldValue    = "value"
	fieldSelector = "selector"
)

const newExemptionPath = workflow.ExemptionFormPath

// typedExemption is the form for an exemption as somebody typed it.
type typedExemption struct {
	At     typedPlace
	Change workflow.ExemptionChange // without the namespace
}

func parseExemption(values url.Values) typedExemption {
	return typedExemption{At: parsePlace(values), Change: workflow.ExemptionChange{
		Rule: typedLine(values, fieldRule), Value: typedLine(values, fieldValue), Selector: typedLine(values, fieldSelector),
		Until: typedLine(values, fieldUntil), Reason: typedText(values, fieldReason),
	}}
}

// exemptionForm is a request's change as it stands in the form.
func exemptionForm(tenant string, e workflow.ExemptionChange) typedExemption {
	return typedExemption{At: typedPlace{tenant, e.Cluster, e.Namespace}, Change: e}
}

func (t typedExemption) draft() workflow.Draft {
	e := t.Change
	e.Cluster, e.Namespace = t.At.Cluster, t.At.Namespace
	return workflow.Draft{Tenant: t.At.Tenant, Change: e}
}

// chosen says whether the namespace and the rule are named.
func (t typedExemption) chosen() bool { return t.At.Namespace != "" && t.Change.Rule != "" }

// ahead: the plan does not depend on the reason.
func (t typedExemption) ahead() (workflow.Draft, bool) {
	if !t.chosen() || t.Change.Value == "" || t.Change.Selector == "" || t.Change.Until == "" {
		return workflow.Draft{}, false
	}
	t.Change.Reason = "Not said yet."
	return t.draft(), true
}

// start fills in what there is only one choice for, and the usual end.
func (t typedExemption) start(choices workflow.Choices, now time.Time) typedForm {
	t.At = t.At.completed(choices)
	if rules := workflow.ExemptibleRules(); len(rules) == 1 && t.Change.Rule == "" {
		t.Change.Rule = rules[0].Name
	}
	if t.Change.Until == "" {
		t.Change.Until = proposedUntil(workflow.KindExemption, choices.Policy, now)
	}
	return t
}

func (t typedExemption) heading() string { return "Request an exemption from a rule" }

func (t typedExemption) fill(form *web.RequestForm, choices workflow.Choices, now time.Time) {
	e := t.Change
	form.Exemption = &web.ExemptionFields{
		Namespace: t.At.field(choices),
		Rule: web.Field{Name: fieldRule, Label: "Rule", Value: e.Rule, Required: true, Wide: true, Options: choose(ruleOptions(), e.Rule, false),
			Hint: "The one rule that does not hold then, for what you name below."},
		Value: web.Field{Name: fieldValue, Label: "What is let through", Value: e.Value, Required: true,
			Hint: "An image or a label, as the chosen rule has it."},
		Kinds: valueKinds(),
		Selector: web.Field{Name: fieldSelector, Label: "Pods", Value: e.Selector, Required: true,
			Hint: "Their labels, such as app=legacy. An exemption is never for a whole namespace."},
		Until: untilField(workflow.KindExemption, e.Until, choices.Policy, now),
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: e.Reason, Required: true,
			Hint: "Why it cannot keep to the rule now, in a sentence. Reviewers read it first."},
	}
}

// ruleOptions offers the rules that there are exemptions from.
func ruleOptions() []web.Option {
	var options []web.Option
	for _, rule := range workflow.ExemptibleRules() {
		options = append(options, web.Option{Value: rule.Name, Label: rule.Name, Detail: rule.Means, Rules: valueClass(rule.Exempts)})
	}
	return options
}

// valueClass is the style class of the rules that let through a kind of value.
func valueClass(kind workflow.ValueKind) string { return "value-" + string(kind) }

// valueKinds say what a value is, by the rule that is chosen.
func valueKinds() []web.ValueKind {
	return []web.ValueKind{
		{Class: valueClass(workflow.ValueImage), Label: "Image",
			Hint: "A whole reference with its tag or digest, such as docker.io/library/redis:7.2. Nothing else is let through."},
		{Class: valueClass(workflow.ValueLabel), Label: "Label",
			Hint: "Its key where it may be missing, such as environment; or key=value where the rule's pattern forbids that value."},
	}
}
