package workflow_test

import (
	"testing"

	"tenure.dev/workflow"
)

func TestATenancyIsHeldAgainstThePolicysCatalogue(t *testing.T) {
	for name, test := range map[string]struct {
		change      func(*workflow.Namespace)
		field, says string
	}{
		"what is in it":           {func(*workflow.Namespace) {}, "", ""},
		"a class that it has not": {func(n *workflow.Namespace) { n.Classification = "x" }, "spec.namespaces[0].classification", `the policy has no class "x"; it has internal, confidential, secret`},
		// A policy that begins to classify finds namespaces of which nobody said.
		"no class":                   {func(n *workflow.Namespace) { n.Classification = "" }, "", ""},
		"a registry that it has not": {func(n *workflow.Namespace) { n.Registries = []string{"quay", "ghcr"} }, "spec.namespaces[0].registries[1]", `the policy's catalogue has no registry "ghcr"; it has docker-official, quay`},
		"a reserved host":            {func(n *workflow.Namespace) { n.Hosts = []string{"a.example.com", "b.platform.example.com"} }, "spec.namespaces[0].hosts[1]", `"b.platform.example.com" is reserved for the platform`},
	} {
		t.Run(name, func(t *testing.T) {
			state := catalogued()
			tenancy := state.Tenancies["payments"]
			test.change(&tenancy.Namespaces[0])
			saidOf(t, state.Policy.Conforms(tenancy), test.field, test.says)
		})
	}
}
