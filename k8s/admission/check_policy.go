package admission

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenure.dev/workflow"
)

// CheckPolicy says what in a policy's rules cannot be enforced: rules that do
// not exist, modes, parameters and patterns of images that mean nothing. Fields are named from the
// document's top: spec.rules.trusted-registry.images[0].
func CheckPolicy(policy workflow.Policy) []workflow.FieldProblem {
	c := policyCheck{policy: policy}
	c.layer("spec.rules", policy.Rules, nil)
	for _, name := range slices.Sorted(maps.Keys(policy.Environments)) {
		c.layer("spec.environments."+name+".rules", policy.Environments[name].Rules, layers{policy.Rules})
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Clusters)) {
		c.layer("spec.clusters."+name+".rules", policy.Clusters[name].Rules, layers{policy.Rules})
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Registries)) {
		_, problems := parseTrusted(policy.Registries[name].Images)
		for _, problem := range problems {
			c.add("spec.registries."+name+"."+problem.Field, problem.Message)
		}
	}
	return c.problems
}

type policyCheck struct {
	policy   workflow.Policy
	problems []workflow.FieldProblem
}

func (c *policyCheck) add(field, message string) {
	c.problems = append(c.problems, workflow.FieldProblem{Field: field, Message: message})
}

// layer checks the settings in one place, together with those beneath it.
func (c *policyCheck) layer(path string, settings map[string]workflow.RuleSetting, beneath layers) {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		field := path + "." + name
		i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.Name == name })
		if i < 0 {
			c.add(field, fmt.Sprintf("there is no rule %q; the rules are %s", name, strings.Join(ruleList(), ", ")))
			continue
		}
		c.setting(field, Rules()[i], settings, beneath)
	}
}

// setting checks one rule's mode and parameters.
func (c *policyCheck) setting(field string, rule Rule, settings map[string]workflow.RuleSetting, beneath layers) {
	settled, _, err := append(slices.Clone(beneath), settings).settle(rule.Name)
	if err != nil {
		c.add(field, err.Error())
		return
	}
	switch mode := settled.Mode; {
	case rule.Always && mode != "" && mode != workflow.RuleDeny:
		c.add(field+".mode", fmt.Sprintf("rule %q cannot be switched off or softened; it refuses wherever the cluster enforces", rule.Name))
	case mode == "" && !rule.Always:
		c.add(field+".mode", "the mode is missing; it is one of off, warn, deny")
	case mode != "" && mode != workflow.RuleOff && mode != workflow.RuleWarn && mode != workflow.RuleDeny:
		c.add(field+".mode", fmt.Sprintf("there is no mode %q; it is one of off, warn, deny", mode))
	}
	if settled.Mode == workflow.RuleOff && len(settled.Params) == 0 {
		return // nothing has to be said of a rule that is off
	}
	_, problems := rule.Compile(settled.Params)
	for _, problem := range problems {
		at := field
		if problem.Field != "" {
			at += "." + problem.Field
		}
		c.add(at, problem.Message)
	}
}

func ruleList() []string {
	var names []string
	for _, rule := range Rules() {
		names = append(names, rule.Name)
	}
	return names
}
