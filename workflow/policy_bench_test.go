package workflow_test

import (
	"fmt"
	"testing"

	"tenure.dev/workflow"
)

// BenchmarkPlanPolicy plans another policy over 500 tenants with 20 namespaces each:
// one that changes no manifest, and one that changes a file of every namespace.
func BenchmarkPlanPolicy(b *testing.B) {
	state := ruled(b)
	for i := range 500 {
		tenant := tenancy(fmt.Sprintf("team-%03d", i), group(1), group(2))
		for k := range 20 {
			tenant.Namespaces = append(tenant.Namespaces, held(fmt.Sprintf("team-%03d-app-%02d", i, k), 3))
		}
		state.Tenancies[tenant.Name] = tenant
	}
	for name, change := range map[string]func(*workflow.Policy){"no-manifest": larger, "every-namespace": newFlow} {
		asked := ruling(otherwise(b, change))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := policyPlanner().Plan(b.Context(), state, asked); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
