package api_test

import (
	"strings"
	"testing"

	"tenure.dev/handlers/api"
	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// withPolicy has a policy in force that is written down, and gives its text.
func (w *world) withPolicy() string {
	w.Helper()
	policy := w.repository.state.Policy
	ada, sam := everybody()["ada"], everybody()["sam"]
	policy.Reviewers = map[workflow.Role][]workflow.Reviewer{
		workflow.RoleAdmin: {{ID: ada.ID.String(), Name: ada.Name}}, workflow.RoleSecurity: {{ID: sam.ID.String(), Name: sam.Name}},
	}
	document, err := manifest.EncodePolicy(policy)
	if err != nil {
		w.Fatal(err)
	}
	w.repository.state.Policy, w.repository.state.PolicyDocument = policy, document
	w.service.Policies = admission.PolicyReader{}
	return string(document)
}

func TestThePolicyIsReadByThoseWhoSeeRequestsForAnother(t *testing.T) {
	w := newWorld(t)
	document := w.withPolicy()
	for _, who := range []string{"ada", "sam", "audrey"} {
		var policy api.Policy
		w.get(who, "/policy").into(200, &policy)
		if policy.Document != document || !strings.HasPrefix(policy.Sum, "sha256:") || policy.Commit != commit {
			t.Errorf("%s reads %+v", who, policy)
		}
	}
	for _, who := range []string{"dana", "pipeline", "nobody-much"} {
		w.get(who, "/policy").refused(403)
	}
}

func TestAPolicyIsCheckedByLine(t *testing.T) {
	w := newWorld(t)
	document := w.withPolicy()
	var found api.PolicyCheck
	w.post("ada", "/policy/check", object{"document": document}).into(200, &found)
	if found.Problems == nil || len(found.Problems) != 0 {
		t.Errorf("the policy in force has %+v", found.Problems)
	}
	w.post("ada", "/policy/check", object{"document": strings.Replace(document, "fallback: admin", "fallback: moon", 1)}).into(200, &found)
	line := strings.Count(document[:strings.Index(document, "fallback:")], "\n") + 1
	if len(found.Problems) != 1 || found.Problems[0].Line != line || found.Problems[0].Field != "spec.fallback" || found.Problems[0].Message == "" {
		t.Errorf("found %+v, want line %d", found.Problems, line)
	}
	w.post("dana", "/policy/check", object{"document": document}).refused(403)
	w.post("ada", "/policy/check", object{"documents": document}).refused(422, "documents")
}

func TestAnotherPolicyIsAskedForAndSeenByThoseWhoMay(t *testing.T) {
	w := newWorld(t)
	document := w.withPolicy()
	var policy api.Policy
	w.get("ada", "/policy").into(200, &policy)
	other := strings.Replace(document, "platformNamespaces:", "platformFlows:\n  - {name: mirror, direction: egress, to: {cidr: 10.9.0.0/24}}\n  platformNamespaces:", 1)
	draft := object{"kind": "policy", "tenant": "", "change": object{"document": other, "base": policy.Sum, "reason": "Images come through the mirror."}}

	var plan api.Plan
	w.post("ada", "/plans", draft).into(200, &plan)
	if plan.Policy == nil || len(plan.Policy.Tenants) != 2 || plan.Policy.Tenants[0].Tenant != "payments" || len(plan.Policy.Tenants[0].Namespaces) != 1 {
		t.Fatalf("plan %+v", plan.Policy)
	}
	if plan.Policy.Live != nil {
		t.Errorf("nobody looked at a cluster, and the plan says %+v", plan.Policy.Live)
	}
	var request detail
	w.post("ada", "/requests", draft).into(201, &request)
	if request.Kind != workflow.KindPolicy || request.Tenant != "" || request.Change["document"] != other || request.Plan.Policy == nil {
		t.Errorf("request %+v", request.RequestSummary)
	}
	for _, who := range []string{"sam", "audrey"} {
		if seen := w.detail(who, request.ID); seen.Plan.Policy == nil || seen.Change["document"] != other {
			t.Errorf("%s sees %+v", who, seen)
		}
	}
	w.get("dana", "/requests/1").refused(404)

	draft["change"].(object)["base"] = "sha256:" + strings.Repeat("f", 64)
	w.post("ada", "/plans", draft).refused(422, "change.document")
	draft["change"].(object)["base"], draft["change"].(object)["document"] = policy.Sum, "kind: ["
	w.post("ada", "/plans", draft).refused(422, "change.document")
	w.post("dana", "/plans", draft).refused(403)
}
