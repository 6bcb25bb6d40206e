package store_test

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

var (
	dana  = person("1", "Dana Developer")
	sam   = person("2", "Sam Security")
	olga  = person("3", "Olga Owner")
	asked = time.Date(2026, 11, 20, 9, 30, 15, 123456000, time.UTC)
)

func person(digit, name string) workflow.Person {
	return workflow.Person{
		ID:       workflow.PersonID{Tenant: "00000000-0000-0000-0000-00000000000f", Object: "00000000-0000-0000-0000-00000000000" + digit},
		Name:     name,
		Username: name[:4] + "@example.com",
	}
}

// smallRequest is a request as it is when it was just submitted.
func smallRequest(tenant string) workflow.Request {
	change := workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: tenant + "-api-dev", Cluster: "weu-1", Environment: "dev", Size: "small"}}
	return workflow.Request{
		Kind: workflow.KindNamespace, Tenant: tenant, Change: change, State: workflow.StateInReview,
		RequestedBy: dana, CreatedAt: asked, UpdatedAt: asked,
	}
}

func submitted() []workflow.Event {
	return []workflow.Event{{Type: workflow.EventSubmitted, At: asked, By: dana, From: workflow.StateDraft, To: workflow.StateInReview}}
}

// fullEvent has a value in every field that a caller fills in.
func fullEvent() workflow.Event {
	return workflow.Event{
		Type: workflow.EventRejected, At: asked.Add(time.Hour), By: sam, From: workflow.StateInReview, To: workflow.StateRejected,
		Detail: "Too wide: 10.0.0.0/8 is the whole company.", Digest: "sha256:ab", Commit: "c0ffee",
	}
}

// fullRequest has a value in every field, except that Version and ID are the store's.
func fullRequest() workflow.Request {
	request := smallRequest("payments")
	request.Change = workflow.NamespaceChange{ // as no change is that was checked
		AskedNamespace: fullAsked("payments-api-dev"), Also: []workflow.AskedNamespace{fullAsked("payments-api-prod")},
		Purpose:        "The API's tests – with “quotes”, <angles> & 漢字",
		Classification: "internal", Registries: []string{"docker-official"},
		Access:   []workflow.AskedAccess{{Group: "00000000-0000-0000-0000-0000000000a5", Role: workflow.AccessView}},
		Existing: true, Reason: "Another host.",
	}
	request.State = workflow.StateApproved
	request.Plan = fullPlan()
	request.Reviews = []workflow.Review{
		{Person: olga, Stage: workflow.RoleOwner, Vote: workflow.VoteChanges, Reason: "Smaller, please.", Digest: "sha256:01", At: asked.Add(time.Minute), Void: true},
		{Person: olga, Stage: workflow.RoleOwner, Vote: workflow.VoteApprove, Reason: "Thank you.", Digest: "sha256:02", At: asked.Add(2 * time.Minute)},
		{Person: sam, Stage: workflow.RoleSecurity, Vote: workflow.VoteApprove, Reason: "Fine.", Digest: "sha256:02", At: asked.Add(3 * time.Minute)},
	}
	request.Attempt = &workflow.Attempt{Base: "base", Tries: 2, Problem: "The repository is away.", NextAt: asked.Add(time.Hour), Waits: true}
	request.Commit, request.Revision, request.Reason = "c0ffee", "facade", "The base moved."
	request.EndCommit, request.Lingers, request.Reminded = "deadbeef", true, 7
	request.UpdatedAt = asked.Add(4 * time.Minute)
	return request
}

func fullPlan() workflow.Plan {
	before := fullTenancy()
	before.Namespaces = nil
	other := fullTenancy()
	other.Name = "search"
	return workflow.Plan{
		Base:      "b45e",
		PlannedAt: time.Date(2026, 11, 20, 9, 30, 15, 123456789, time.UTC),
		Renderer:  "v1",
		Before:    before,
		After:     fullTenancy(),
		Others:    []workflow.OtherSide{{Before: other, After: other}},
		Edits:     []workflow.Edit{{Tenant: "search", Entry: "namespace weu-1/payments-api-dev", Before: `{"a":1}`, After: `{"a":2}`}},
		Files:     []workflow.FileChange{{Path: "approved/payments.yaml", Before: []byte("old\n"), After: []byte("new\n")}},
		Stages:    []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1, InsteadOf: workflow.RoleOwner}},
		Because:   "Namespaces in dev need an owner.",
		Summary:   []string{"One namespace more."},
		Findings:  []workflow.Finding{{Severity: workflow.SeverityWarning, Label: "tenth", Message: "It is the tenth.", Href: "/requests/new/network"}},
		Connectivity: &workflow.Connectivity{
			Ends: []workflow.FlowEnd{{
				ID: "a", Kind: workflow.EndPods, Cluster: "weu-1", Namespace: "payments-api-dev", Tenant: "payments", Other: true,
				Label: "app=api", Workloads: []string{"Deployment api"},
			}},
			Flows: []workflow.Flow{{
				From: "a", To: "b", Ports: "TCP 5432", Change: workflow.FlowOpened, OneSided: "The other end does not.",
				Request: 61, Until: asked.Truncate(time.Second), Because: "request 61",
			}},
		},
		Notes:  []string{"Cilium does it otherwise."},
		Images: map[string][]string{"quay": {"quay.io/jetstack/*"}},
		Digest: "sha256:02", WaitsFor: 41,
		Policy: &workflow.PolicyEffect{
			Unshown: 5,
			Tenants: []workflow.TenantEffect{{Tenant: "payments", Files: 3, Namespaces: []string{"weu-1/payments-api-dev"}}},
			Live: &workflow.LiveEffect{
				At: asked, Objects: 12, More: 1,
				Refused: []workflow.RefusedLive{{
					Cluster: "weu-1", Namespace: "payments-api-dev", Tenant: "payments", Object: "Deployment api", Rule: "image-tag", Message: "No tag.", WarnOnly: true,
				}},
				Unlooked: []workflow.UnlookedPart{{Cluster: "neu-1", Why: "It does not answer."}},
			},
		},
	}
}

// fullAsked has a value in every field.
func fullAsked(name string) workflow.AskedNamespace {
	return workflow.AskedNamespace{
		Name: name, Cluster: "weu-1", Environment: "dev", Size: workflow.OwnSize, CPU: "2", Memory: "8Gi", Storage: "20Gi", Pods: "20",
		PodSecurity: workflow.LevelRestricted, Hosts: []string{"api.payments.example.com"},
	}
}

func fullTenancy() workflow.Tenancy {
	return workflow.Tenancy{
		Name: "payments", DisplayName: "Payments", Contact: "payments@example.com", CostCentre: "4711", Request: 12,
		Owners: workflow.Group{Group: "00000000-0000-0000-0000-0000000000a1"}, Members: workflow.Group{Group: "00000000-0000-0000-0000-0000000000a2"},
		Ceiling:  workflow.Ceiling{CPU: resource.MustParse("64"), Memory: resource.MustParse("256Gi"), Storage: resource.MustParse("2Ti"), Namespaces: 20},
		Clusters: []string{"weu-1"}, Repositories: []string{"https://dev.azure.com/contoso/payments/_git/deploy"},
		Namespaces: []workflow.Namespace{{
			Name: "payments-api-dev", Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelRestricted, Purpose: "tests", Request: 42,
			Classification: "internal", Hosts: []string{"api.payments.example.com"}, Registries: []string{"docker-official"},
			Quota: workflow.Quota{
				CPU: resource.MustParse("1500m"), Memory: resource.MustParse("8Gi"), Storage: resource.MustParse("10Gi"), Pods: 60,
				Objects: map[workflow.ObjectCount]int64{workflow.CountServices: 10}, Request: 57,
				Raise: &workflow.QuotaRaise{
					CPU: resource.MustParse("3"), Memory: resource.MustParse("9Gi"), Storage: resource.MustParse("11Gi"), Pods: 61,
					Objects: map[workflow.ObjectCount]int64{workflow.CountServices: 20}, Until: asked.Truncate(time.Second), Request: 58,
				},
			},
			Access: []workflow.Access{{ // as no access has that was checked
				Group: "00000000-0000-0000-0000-0000000000a3", Person: "00000000-0000-0000-0000-0000000000a4", User: "max@contoso.example",
				Role: workflow.AccessEdit, Until: asked.Truncate(time.Second), Request: 42,
			}},
			Exemptions: []workflow.Exemption{{
				Rule: "trusted-registry", Selector: map[string]string{"app": "old"}, Value: "docker.io/library/redis:7", Until: asked.Truncate(time.Second), Request: 90,
			}},
			Network: []workflow.NetworkException{
				fullException(workflow.NetworkException{Direction: workflow.Egress, To: fullPeer()}),
				fullException(workflow.NetworkException{Direction: workflow.Ingress, From: fullPeer()}),
			},
		}},
	}
}

// fullException has a value in every field but the other direction's side.
func fullException(e workflow.NetworkException) workflow.NetworkException {
	e.Pods, e.Request, e.Until = map[string]string{"app": "api"}, 61, asked.Truncate(time.Second)
	e.Ports = []workflow.FlowPort{{Protocol: "TCP", Port: 8000, EndPort: 8100}}
	return e
}

// fullPeer has a value in every field, as no peer has that was checked.
func fullPeer() *workflow.FlowPeer {
	selector := &workflow.Selector{
		MatchLabels:      map[string]string{"app": "api"},
		MatchExpressions: []workflow.SelectorRequirement{{Key: "tier", Operator: "In", Values: []string{"web"}}},
	}
	return &workflow.FlowPeer{
		Namespace: "search-db", PodLabels: map[string]string{"app": "db"}, NamespaceSelector: selector, PodSelector: selector,
		CIDR: "10.20.0.0/16", Except: []string{"10.20.1.0/24"}, Internet: true, FQDN: "api.example.com",
	}
}

// create stores a request and fails the test when that is refused.
func create(t *testing.T, s workflow.Store, request workflow.Request, events []workflow.Event) workflow.Request {
	t.Helper()
	stored, err := s.CreateRequest(t.Context(), request, events)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}
