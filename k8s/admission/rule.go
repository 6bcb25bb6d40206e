package admission

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// Rule is one rule of admission.
type Rule struct {
	Name    string            // public: stands in denials, metrics and policy.yaml
	Default workflow.RuleMode // where the policy says nothing
	Always  bool              // it is what admission is for: no mode switches it off
	// Compile reads the rule's parameters, nil for none. The problems name
	// fields as they stand in the parameters, such as images[0].
	Compile func(params json.RawMessage) (Check, []workflow.FieldProblem)
}

// Check is a rule with its parameters.
type Check struct {
	// LooksAt says whether objects of a kind are any of the rule's business.
	LooksAt func(kind schema.GroupKind) bool
	// Judge is pure. A refusal is a violation; an error means that the object
	// cannot be judged, and refuses it as well.
	Judge func(o *Object) ([]workflow.Violation, error)
	// Find stands in the place of Judge where the rule can be exempted from. What
	// no exemption lets through is a violation; where to ask is filled in then.
	Find func(o *Object) ([]finding, error)
}

// Rules lists every rule, in the order in which violations are reported.
func Rules() []Rule {
	return []Rule{
		namespaceRule,
		rbacClusterAdminRule,
		governedRule,
		networkOpeningRule,
		networkRequiredRule,
		ingressHostRule,
		podSecurityRule,
		trustedRegistryRule,
		requiredLabelRule,
	}
}

// activeRule is a rule as it applies in some namespaces.
type activeRule struct {
	name   string
	mode   workflow.RuleMode
	always bool
	Check
}

// noParams is Compile for rules that have none.
func noParams(check Check) func(json.RawMessage) (Check, []workflow.FieldProblem) {
	return func(params json.RawMessage) (Check, []workflow.FieldProblem) {
		var none struct{}
		return check, decodeParams(params, &none)
	}
}
