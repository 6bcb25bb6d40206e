package workflow_test

import (
	"encoding/json"
	"testing"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// amir is a platform admin who is in no register: he asks, and others decide.
var amir = workflow.Actor{Person: person(11, "Amir Admin"), Roles: []workflow.Role{workflow.RoleAdmin}}

// written is a policy as its document.
func written(t testing.TB, p workflow.Policy) []byte {
	t.Helper()
	document, err := manifest.EncodePolicy(p)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// ruled is a state with its policy's document. Payments has namespaces in
// development and in production, logistics one on the other cluster.
func ruled(t testing.TB) *workflow.ApprovedState {
	t.Helper()
	state := approvedNow()
	state.PolicyDocument = written(t, state.Policy)
	prod := held("payments-api-prod", 4)
	prod.Environment = "prod"
	far := held("logistics-db", 5)
	far.Cluster = "neu-1"
	for slug, namespaces := range map[string][]workflow.Namespace{"payments": {held("payments-api", 3), prod}, "logistics": {far}} {
		tenancy := state.Tenancies[slug]
		tenancy.Namespaces = namespaces
		state.Tenancies[slug] = tenancy
	}
	return state
}

// otherwise asks for the policy as the state has it, changed.
func otherwise(t testing.TB, change func(*workflow.Policy)) workflow.PolicyChange {
	t.Helper()
	p := policy()
	change(&p)
	return workflow.PolicyChange{Document: string(written(t, p)), Reason: "It has to be."}
}

// ruling is Amir asking for another policy.
func ruling(change workflow.Change) workflow.Proposal {
	return workflow.Proposal{Request: 9, Change: change, RequestedBy: amir.ID, At: noon}
}

// policyPlanner can read policies.
func policyPlanner() workflow.Planner {
	p := planner()
	p.Policies = admission.PolicyReader{}
	return p
}

// planOf is the plan of the policy as ruled has it, changed.
func planOf(t *testing.T, change func(*workflow.Policy)) workflow.Plan {
	t.Helper()
	return planned(t, policyPlanner(), ruled(t), ruling(otherwise(t, change)))
}

// newFlow opens every namespace for monitoring.
func newFlow(p *workflow.Policy) {
	p.PlatformFlows = append(p.PlatformFlows, workflow.PlatformFlow{
		Name: "monitoring", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "monitoring"},
		Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 9090}},
	})
}

// larger has the small size give more.
func larger(p *workflow.Policy) {
	p.Sizes["small"] = workflow.Size{CPU: amount("4"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20}
}

// rule is a setting of a rule.
func rule(mode workflow.RuleMode, params string) workflow.RuleSetting {
	setting := workflow.RuleSetting{Mode: mode}
	if params != "" {
		setting.Params = json.RawMessage(params)
	}
	return setting
}
