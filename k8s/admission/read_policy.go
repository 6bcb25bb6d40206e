package admission

import (
	"fmt"
	"maps"
	"slices"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// PolicyReader reads policy.yaml as the repository does, and checks that
// admission could enforce it. The zero value is ready.
type PolicyReader struct{}

var _ workflow.PolicyReader = PolicyReader{}

// ReadPolicy gives the policy, or everything that is wrong with it, by line: the
// text, its fields, the rules' parameters, and each cluster's rules together. The
// policy is a new one: it is held to more than those which were approved before.
func (PolicyReader) ReadPolicy(document []byte) (workflow.Policy, []workflow.PolicyProblem) {
	policy, err := manifest.DecodeNewPolicy(manifest.PolicyPath, document)
	if err != nil {
		return workflow.Policy{}, documentProblems(err)
	}
	if problems := located(document, CheckPolicy(policy)); len(problems) > 0 {
		return workflow.Policy{}, problems
	}
	if problems := located(document, unenforceable(policy)); len(problems) > 0 {
		return workflow.Policy{}, problems
	}
	return policy, nil
}

// maxLocated is how many problems are told: nobody reads more, and the line of each
// has to be looked for.
const maxLocated = 500

// located finds the lines of problems.
func located(document []byte, fields []workflow.FieldProblem) (problems []workflow.PolicyProblem) {
	if len(fields) == 0 {
		return nil
	}
	line := manifest.Locator(document)
	for i, f := range fields {
		if i == maxLocated {
			return append(problems, workflow.PolicyProblem{Message: fmt.Sprintf("there are %d more problems", len(fields)-i)})
		}
		problems = append(problems, workflow.PolicyProblem{Line: line(f.Field), Field: f.Field, Message: f.Message})
	}
	return problems
}

// unenforceable names the clusters of which admission could make no snapshot,
// although each setting is in order by itself: those of an environment and of a
// cluster need not fit together.
func unenforceable(policy workflow.Policy) []workflow.FieldProblem {
	var problems []workflow.FieldProblem
	pairs := settledPairs{policy: policy, rules: Rules(), known: map[settledPair]error{}}
	for _, cluster := range slices.Sorted(maps.Keys(policy.Clusters)) {
		if err := pairs.check(policy.Clusters[cluster].Rules); err != nil {
			problems = append(problems, workflow.FieldProblem{Field: "spec.clusters." + cluster, Message: fmt.Sprintf("admission cannot enforce this: %v", err)})
		}
	}
	return problems
}

// settledPairs compiles the rules for every environment on every cluster, each rule
// once for settings that were seen together before: most are the same everywhere.
type settledPairs struct {
	policy workflow.Policy
	rules  []Rule
	known  map[settledPair]error
}

// settledPair is a rule as an environment and a cluster set it.
type settledPair struct{ rule, environment, cluster string }

// check gives the first error of a cluster with these settings, as compileRules
// would.
func (s settledPairs) check(cluster map[string]workflow.RuleSetting) error {
	if err := s.pair(nil, cluster); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.policy.Environments)) {
		if err := s.pair(s.policy.Environments[name].Rules, cluster); err != nil {
			return fmt.Errorf("environment %q: %w", name, err)
		}
	}
	return nil
}

func (s settledPairs) pair(environment, cluster map[string]workflow.RuleSetting) error {
	written := func(r workflow.RuleSetting) string { return string(r.Mode) + " " + string(r.Params) }
	for _, rule := range s.rules {
		pair := settledPair{rule.Name, written(environment[rule.Name]), written(cluster[rule.Name])}
		err, seen := s.known[pair]
		if !seen {
			_, _, err = layers{s.policy.Rules, environment, cluster}.compile(rule)
			s.known[pair] = err
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// documentProblems takes a reader's error apart.
func documentProblems(err error) []workflow.PolicyProblem {
	var problems []workflow.PolicyProblem
	for _, e := range manifest.DocumentErrors(err) {
		problems = append(problems, workflow.PolicyProblem{Line: e.Line, Field: e.Field, Message: e.Message})
	}
	return problems
}
