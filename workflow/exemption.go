package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ExemptionChange asks to let one value through one rule, for some pods of a
// namespace. It holds what was typed, as it was typed.
type ExemptionChange struct {
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Rule      string `json:"rule"`
	Value     string `json:"value"`    // an image, or a label, as the rule has it
	Selector  string `json:"selector"` // labels of the pods, "app=legacy"
	Until     string `json:"until"`
	Reason    string `json:"reason"`
}

var _ dated = ExemptionChange{}

// ExemptionFormPath is the portal's form for an exemption. Denials lead to it,
// filled in with what was denied.
const ExemptionFormPath = "/requests/new/exemption"

// Link leads to the form with all of this filled in, as a path with a query
// whose names are those of the form's fields. What is empty is left out.
func (c ExemptionChange) Link(tenant string) string {
	return formLink(ExemptionFormPath, map[string]string{
		"tenant": tenant, "cluster": c.Cluster, "namespace": c.Namespace, "rule": c.Rule, "value": c.Value,
		"selector": c.Selector, "until": c.Until, "reason": c.Reason,
	})
}

// Kind is KindExemption.
func (ExemptionChange) Kind() Kind { return KindExemption }

// Title names the rule and the namespace.
func (c ExemptionChange) Title() string {
	return "Exemption from " + c.Rule + " in " + c.Namespace + " on " + c.Cluster
}

// Why is the reason that was given.
func (c ExemptionChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply adds the exemption, in place of an earlier one from the same rule, of
// the same value, for the same pods.
func (c ExemptionChange) Apply(_ *ApprovedState, tenancy Tenancy, request int64) (Tenancy, []FieldProblem) {
	exemption, problems := c.read()
	n, found := tenancy.Namespace(c.Cluster, c.Namespace)
	if !found {
		problems.add("namespace", tenancy.checkPlace(c.Cluster, c.Namespace))
	} else if i := slices.IndexFunc(n.Exemptions, exemption.same); i >= 0 && len(problems) == 0 && !exemption.Until.After(n.Exemptions[i].Until) {
		problems.add("until", fmt.Sprintf("Request %d lets exactly this through until %s already. Choose a later end.", n.Exemptions[i].Request, untilText(n.Exemptions[i].Until)))
	}
	if len(problems) > 0 {
		return tenancy, problems
	}
	exemption.Request = request
	return tenancy.with(c.Cluster, c.Namespace, func(n *Namespace) {
		n.Exemptions = append(without(n.Exemptions, exemption.same), exemption)
		slices.SortFunc(n.Exemptions, Exemption.compare)
	}), nil
}

// checkAlone says of the namespace only that it must be chosen.
func (c ExemptionChange) checkAlone(Policy) []FieldProblem {
	_, problems := c.read()
	if c.Namespace == "" {
		problems.add("namespace", needNamespace)
	}
	return problems
}

// checkDates holds the end against the planning time.
func (c ExemptionChange) checkDates(policy Policy, at time.Time) []FieldProblem {
	return checkTerm(c.Until, at, policy.Requests.Exemption.term("an exemption"))
}

// rivals refuses what another request asks for, to whatever end.
func (c ExemptionChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(ExemptionChange)
	if !same || rival.Cluster != c.Cluster || rival.Namespace != c.Namespace {
		return FieldProblem{}, false
	}
	mine, _ := c.read()
	theirs, _ := rival.read()
	return FieldProblem{Field: "value", Message: fmt.Sprintf("Request %d by %s already asks for this exemption.", other.ID, other.RequestedBy.Name)}, mine.same(theirs)
}

// read reads every field as typed. The exemption is complete, but for its
// request, where nothing is wrong.
func (c ExemptionChange) read() (exemption Exemption, problems typedProblems) {
	exemption.Rule = c.Rule
	var message string
	switch rule, known := ruleOf(c.Rule); {
	case c.Rule == "":
		problems.add("rule", "Choose the rule: "+oneOf(exemptibleNames())+".")
	case !known:
		problems.add("rule", fmt.Sprintf("There is no rule %q; exemptions can be had from %s.", c.Rule, oneOf(exemptibleNames())))
	case rule.NoExempt != "":
		problems.add("rule", rule.NoExempt)
	default:
		exemption.Value, message = CheckExemptionValue(c.Rule, c.Value)
		problems.add("value", message)
	}
	exemption.Selector, message = parseLabels(c.Selector)
	problems.add("selector", message)
	if message == "" && len(exemption.Selector) == 0 {
		problems.add("selector", "Name the pods that it is for by their labels, such as app=legacy. An exemption is never for a whole namespace.")
	}
	exemption.Until, message = parseUntil(c.Until)
	problems.add("until", message)
	problems.addReason("reason", c.Reason, "Say in a sentence why it cannot keep to the rule now. Reviewers read it first.")
	return exemption, problems
}

func exemptibleNames() []string {
	var names []string
	for _, rule := range ExemptibleRules() {
		names = append(names, rule.Name)
	}
	return names
}
