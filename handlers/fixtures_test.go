package handlers

import (
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

const (
	directory  = "11111111-1111-4111-8111-111111111111"
	baseCommit = "3f2a9c1d5b7e4a60918273645546372819aabbcc"
	newCommit  = "9d41c70b6a5f4e3d2c1b0a99887766554433221f"
	planDigest = "sha256:7b0c4f19d2a83e6655e1f0a9c8b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9"
)

// noon is the present moment of every test.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

type stoppedClock struct{}

func (stoppedClock) Now() time.Time { return noon }

func person(object, name, username string) workflow.Person {
	return workflow.Person{ID: workflow.PersonID{Tenant: directory, Object: object}, Name: name, Username: username}
}

var (
	dana = workflow.Actor{
		Person: person("aaaaaaaa-0000-4000-8000-000000000001", "Dana Developer", "dana@contoso.example"),
		Groups: []string{"90ab0000-0000-4000-8000-000000000001"},
	}
	sam = workflow.Actor{
		Person: person("aaaaaaaa-0000-4000-8000-000000000002", "Sam Security", "sam@contoso.example"),
		Roles:  []workflow.Role{workflow.RoleSecurity},
	}
	olga = workflow.Actor{
		Person: person("aaaaaaaa-0000-4000-8000-000000000003", "Olga Owner", "olga@contoso.example"),
		Groups: []string{"6f1c0000-0000-4000-8000-000000000001"},
	}
)

func quantity(text string) resource.Quantity { return resource.MustParse(text) }

func payments() workflow.Tenancy {
	return workflow.Tenancy{
		Name: "payments", DisplayName: "Payments",
		Owners:   workflow.Group{Group: olga.Groups[0]},
		Members:  workflow.Group{Group: dana.Groups[0]},
		Ceiling:  workflow.Ceiling{CPU: quantity("64"), Memory: quantity("256Gi"), Storage: quantity("2Ti"), Namespaces: 20},
		Clusters: []string{"neu-1", "weu-1"},
		Namespaces: []workflow.Namespace{
			{
				Name: "payments-api-prod", Cluster: "weu-1", Environment: "prod", PodSecurity: workflow.LevelRestricted,
				Purpose: "Card payments API, production", Request: 42,
				Quota: workflow.Quota{CPU: quantity("8"), Memory: quantity("32Gi"), Storage: quantity("100Gi"), Pods: 60, Request: 42},
			},
			{
				Name: "payments-batch-dev", Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelBaseline,
				Quota: workflow.Quota{CPU: quantity("2"), Memory: quantity("8Gi"), Storage: quantity("20Gi"), Pods: 20},
			},
		},
	}
}

func policy() workflow.Policy {
	return workflow.Policy{
		Clusters: map[string]workflow.Cluster{
			"weu-1": {Server: "https://weu-1.example", NetworkEngine: workflow.EngineCilium, Mode: workflow.ModeEnforce},
			"neu-1": {Server: "https://neu-1.example", NetworkEngine: workflow.EngineAzure, Mode: workflow.ModeWarn},
		},
		Environments: map[string]workflow.Environment{
			"dev": {PodSecurity: workflow.LevelBaseline}, "test": {PodSecurity: workflow.LevelBaseline}, "prod": {PodSecurity: workflow.LevelRestricted},
		},
		Sizes: map[string]workflow.Size{
			"small":  {CPU: quantity("2"), Memory: quantity("8Gi"), Storage: quantity("20Gi"), Pods: 20},
			"medium": {CPU: quantity("8"), Memory: quantity("32Gi"), Storage: quantity("100Gi"), Pods: 60},
			"large":  {CPU: quantity("16"), Memory: quantity("64Gi"), Storage: quantity("500Gi"), Pods: 120},
		},
		GitOpsIdentity: "system:serviceaccount:argocd:gitops",
		Portal:         "https://tenure.example",
	}
}

func choices() workflow.Choices {
	return workflow.Choices{Tenants: []workflow.Tenancy{payments()}, Policy: policy()}
}

const tenancyBefore = `apiVersion: tenure.dev/v1
kind: Tenancy
metadata:
  name: payments
spec:
  ceiling:
    cpu: "64"
    memory: 256Gi
  namespaces:
    - name: payments-api-prod
      cluster: weu-1
      environment: prod
      podSecurity: restricted
      request: 42
`

const tenancyAfter = `apiVersion: tenure.dev/v1
kind: Tenancy
metadata:
  name: payments
spec:
  ceiling:
    cpu: "64"
    memory: 256Gi
  namespaces:
    - name: payments-api-dev
      cluster: weu-1
      environment: dev
      podSecurity: baseline
      request: 57
    - name: payments-api-prod
      cluster: weu-1
      environment: prod
      podSecurity: restricted
      request: 42
`

const namespaceManifest = `apiVersion: v1
kind: Namespace
metadata:
  labels:
    app.kubernetes.io/managed-by: tenure
    pod-security.kubernetes.io/enforce: baseline
    tenure.dev/environment: dev
    tenure.dev/tenant: payments
  name: payments-api-dev
`

const denyManifest = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: payments-api-dev
spec:
  podSelector: {}
  policyTypes:
    - Ingress
    - Egress
`

func plan() workflow.Plan {
	after := payments()
	after.Namespaces = append(after.Namespaces, workflow.Namespace{
		Name: "payments-api-dev", Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelBaseline, Request: 57,
		Quota: workflow.Quota{CPU: quantity("2"), Memory: quantity("8Gi"), Storage: quantity("20Gi"), Pods: 20},
	})
	return workflow.Plan{
		Base: baseCommit, PlannedAt: noon.Add(-3 * time.Hour), Renderer: "v1", Before: payments(), After: after,
		Files: []workflow.FileChange{
			{Path: "approved/payments.yaml", Before: []byte(tenancyBefore), After: []byte(tenancyAfter)},
			{Path: "clusters/weu-1/payments/payments-api-dev/00-namespace.yaml", After: []byte(namespaceManifest)},
			{Path: "clusters/weu-1/payments/payments-api-dev/40-networkpolicy-default-deny.yaml", After: []byte(denyManifest)},
		},
		Stages:  []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 2}},
		Because: "The policy asks for this of every namespace request (reviews, entry 1).",
		Summary: []string{
			"Creates namespace payments-api-dev on weu-1, in environment dev, at pod security level baseline.",
			"Gives it 2 CPU, 8Gi memory, 20Gi storage and 20 pods.",
			"Lets payments's members edit in it and its owners administer it.",
			"Denies all network traffic in and out, except DNS and the platform's own flows.",
		},
		Findings: []workflow.Finding{{Severity: workflow.SeverityWarning, Label: "level baseline", Message: "payments-api-dev asks for the level baseline: its pods may run as root and keep capabilities that restricted takes away."}},
		Digest:   planDigest,
	}
}

// request is one in review that its owner has approved and one of two security people too.
func request() workflow.Request {
	return workflow.Request{
		ID: 57, Version: 3, Kind: workflow.KindNamespace, Tenant: "payments", State: workflow.StateInReview, RequestedBy: dana.Person,
		Change: workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: "payments-api-dev", Cluster: "weu-1", Environment: "dev", Size: "small", PodSecurity: workflow.LevelBaseline}, Purpose: "Development of the card payments API."},
		Plan:   plan(),
		Reviews: []workflow.Review{
			{Person: olga.Person, Stage: workflow.RoleOwner, Vote: workflow.VoteApprove, Digest: planDigest, At: noon.Add(-2 * time.Hour)},
			{Person: person("aaaaaaaa-0000-4000-8000-000000000004", "Sara Sentinel", "sara@contoso.example"), Stage: workflow.RoleSecurity, Vote: workflow.VoteApprove, Digest: planDigest, At: noon.Add(-20 * time.Minute)},
		},
		CreatedAt: noon.Add(-3 * time.Hour), UpdatedAt: noon.Add(-20 * time.Minute),
	}
}

func events() []workflow.Event {
	r := request()
	return []workflow.Event{
		{Sequence: 1, Request: 57, Type: workflow.EventSubmitted, At: r.CreatedAt, By: dana.Person, To: workflow.StateInReview, Digest: planDigest},
		{Sequence: 2, Request: 57, Type: workflow.EventApprovedStage, At: r.Reviews[0].At, By: olga.Person, Detail: "Agreed with the team."},
		{Sequence: 3, Request: 57, Type: workflow.EventApprovedStage, At: r.Reviews[1].At, By: r.Reviews[1].Person},
	}
}

func dossier() workflow.Dossier {
	return workflow.Dossier{Request: request(), Events: events(), Tenancy: payments()}
}

// committed is the request after it went through.
func committed() workflow.Dossier {
	d := dossier()
	d.Request.Reviews = append(d.Request.Reviews, workflow.Review{Person: sam.Person, Stage: workflow.RoleSecurity, Vote: workflow.VoteApprove, Digest: planDigest, At: noon.Add(-5 * time.Minute)})
	d.Request.State, d.Request.Commit = workflow.StateCommitted, newCommit
	d.Events = append(d.Events,
		workflow.Event{Sequence: 4, Type: workflow.EventApprovedStage, At: noon.Add(-5 * time.Minute), By: sam.Person},
		workflow.Event{Sequence: 5, Type: workflow.EventApproved, At: noon.Add(-5 * time.Minute)},
		workflow.Event{Sequence: 6, Type: workflow.EventCommitted, At: noon.Add(-4 * time.Minute), Commit: newCommit})
	return d
}

// deferred is the request after its approval, while the repository is away.
func deferred() workflow.Dossier {
	d := committed()
	d.Request.State, d.Request.Commit = workflow.StateApproved, ""
	d.Request.Attempt = &workflow.Attempt{Base: baseCommit, Tries: 3, Problem: "The repository could not be reached.", NextAt: noon.Add(40 * time.Second)}
	d.Events = d.Events[:5]
	return d
}
