package handlers

import (
	"context"
	"log/slog"
	"time"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

const (
	inForce    = "apiVersion: tenure.dev/v1\nkind: Policy\nspec:\n  fallback: admin\n"
	proposed   = "apiVersion: tenure.dev/v1\nkind: Policy\nspec:\n  fallback: security\n"
	inForceSum = "sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9"
	olderSum   = "sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
)

// ofPolicy is what a stand-in says about the policy, and what it was asked.
type ofPolicy struct {
	policyText  workflow.PolicyText
	policyErr   error
	lines       []workflow.PolicyProblem
	checked     string
	draftsLimit int // how long a text may be that is kept as a draft, in bytes; 0 for any
}

func (o *ofPolicy) PolicyText(context.Context, workflow.Actor) (workflow.PolicyText, error) {
	return o.policyText, o.policyErr
}

func (o *ofPolicy) CheckPolicy(_ context.Context, _ workflow.Actor, document []byte) ([]workflow.PolicyProblem, error) {
	o.checked = string(document)
	return o.lines, o.policyErr
}

// withPolicy answers for a policy in force, and for the plan of another one.
func withPolicy() *standIn {
	return &standIn{
		choices: workflow.Choices{Policy: policy()}, plan: policyPlan(), dossier: policyDossier(),
		ofPolicy: ofPolicy{policyText: workflow.PolicyText{Document: []byte(inForce), Sum: inForceSum, Commit: baseCommit}},
	}
}

const argoFile = "argocd/search.yaml"

// policyPlan changes the files of two tenants, and would refuse one live object.
func policyPlan() workflow.Plan {
	return workflow.Plan{
		Base: baseCommit, PlannedAt: noon.Add(-time.Minute), Renderer: "v1", Digest: planDigest,
		Files: []workflow.FileChange{
			{Path: argoFile, Before: []byte("a: b\n"), After: []byte("a: c\n")},
			{Path: "clusters/weu-1/payments/payments-api-dev/40-flow.yaml", After: []byte(denyManifest)},
			{Path: "clusters/weu-1/payments/payments-api-prod/40-flow.yaml", After: []byte(denyManifest)},
			{Path: workflow.PolicyPath, Before: []byte(inForce), After: []byte(proposed)},
		},
		Stages: []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}, Because: "The policy asks for it.",
		Summary:  []string{"Security decides where nobody else can, instead of admins."},
		Findings: []workflow.Finding{{Severity: workflow.SeverityDanger, Label: "1 would be refused", Message: "1 object would newly be refused."}},
		Policy: &workflow.PolicyEffect{
			Tenants: []workflow.TenantEffect{
				{Tenant: "payments", Files: 3, Namespaces: []string{"weu-1/payments-api-dev", "weu-1/payments-api-prod", "weu-1/payments-batch-dev"}},
				{Tenant: "search", Files: 1, Namespaces: []string{}},
			},
			Unshown: 1,
			Live: &workflow.LiveEffect{
				At: noon.Add(-time.Minute), Objects: 1200, More: 2,
				Refused: []workflow.RefusedLive{
					{Cluster: "weu-1", Namespace: "payments-api-prod", Tenant: "payments", Object: "Deployment web", Rule: "trusted-registry", Message: "registry docker.io is not trusted"},
					{Cluster: "neu-1", Namespace: "search-api-dev", Tenant: "search", Object: "Pod job", Rule: "image-tag", Message: "latest", WarnOnly: true},
				},
				Unlooked: []workflow.UnlookedPart{{Cluster: "neu-1", Why: "It does not answer."}},
			},
		},
	}
}

func policyRequest() workflow.Request {
	return workflow.Request{
		ID: 90, Version: 2, Kind: workflow.KindPolicy, State: workflow.StateInReview, RequestedBy: ada.Person,
		Change: workflow.PolicyChange{Document: proposed, Base: inForceSum, Reason: "Security is there at night."}, Plan: policyPlan(),
		CreatedAt: noon.Add(-time.Hour), UpdatedAt: noon.Add(-time.Hour),
	}
}

func policyDossier() workflow.Dossier {
	return workflow.Dossier{Request: policyRequest(), MayReview: true, Stage: workflow.RoleSecurity}
}

// reading is the real service over a policy that is written, with what reads another.
func reading() (service *workflow.Service, document string, err error) {
	written := policy()
	written.PlatformNamespaces, written.Fallback = []string{"kube-system"}, workflow.RoleAdmin
	written.ContainerDefaults = workflow.ContainerDefaults{
		Requests: workflow.ResourcePair{CPU: quantity("100m"), Memory: quantity("128Mi")}, Limits: workflow.ResourcePair{CPU: quantity("1"), Memory: quantity("512Mi")},
	}
	written.Reviews = []workflow.ReviewRule{{Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}}}
	written.Reviewers = map[workflow.Role][]workflow.Reviewer{
		workflow.RoleSecurity: {{ID: sam.ID.String(), Name: sam.Name}}, workflow.RoleAdmin: {{ID: ada.ID.String(), Name: ada.Name}},
	}
	text, err := manifest.EncodePolicy(written)
	state := &workflow.ApprovedState{Commit: baseCommit, Policy: written, PolicyDocument: text, Tenancies: map[string]workflow.Tenancy{"payments": payments()}}
	return &workflow.Service{
		Store: open{}, Repository: approved{state: state}, Renderer: manifest.Renderer{}, Directory: unlisted{}, Clock: stoppedClock{},
		Log: slog.New(slog.DiscardHandler), Policies: admission.PolicyReader{},
	}, string(text), err
}
