package workflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// noon is when the tests begin: an instant that fits a database's microseconds.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// clock tells the time that a test set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: noon} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// person is somebody by number.
func person(n int, name string) workflow.Person {
	return workflow.Person{Name: name, ID: workflow.PersonID{
		Tenant: "11111111-1111-4111-8111-111111111111", Object: fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n),
	}}
}

// group is the object id of an Entra group.
func group(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }

// The people. Una holds the role security and is not in the register.
var (
	dana   = workflow.Actor{Person: person(1, "Dana Developer"), Groups: []string{group(2)}}
	olivia = workflow.Actor{Person: person(2, "Olivia Owner"), Groups: []string{group(1)}}
	oscar  = workflow.Actor{Person: person(3, "Oscar Owner"), Groups: []string{group(1), group(2)}}
	sam    = workflow.Actor{Person: person(4, "Sam Security"), Roles: []workflow.Role{workflow.RoleSecurity}}
	sofia  = workflow.Actor{Person: person(5, "Sofia Security"), Roles: []workflow.Role{workflow.RoleSecurity}}
	ada    = workflow.Actor{Person: person(6, "Ada Admin"), Roles: []workflow.Role{workflow.RoleAdmin}}
	una    = workflow.Actor{Person: person(7, "Una Unregistered"), Roles: []workflow.Role{workflow.RoleSecurity}}
	audrey = workflow.Actor{Person: person(8, "Audrey Auditor"), Roles: []workflow.Role{workflow.RoleAuditor}}
	liam   = workflow.Actor{Person: person(9, "Liam Logistics"), Groups: []string{group(4)}}
	lena   = workflow.Actor{Person: person(10, "Lena Logistics"), Groups: []string{group(3)}}
)

// directory knows who is in a group; a group that it does not list has nobody.
type directory map[string][]workflow.PersonID

func (d directory) Members(_ context.Context, group string) ([]workflow.PersonID, bool, error) {
	return d[group], true, nil
}

func everybody() directory {
	return directory{
		group(1): {olivia.ID, oscar.ID}, group(2): {dana.ID, oscar.ID},
		group(3): {lena.ID}, group(4): {liam.ID},
	}
}

// nobodyKnown is what stands in where no directory is configured.
type nobodyKnown struct{}

func (nobodyKnown) Members(context.Context, string) ([]workflow.PersonID, bool, error) {
	return nil, false, nil
}

// directoryAway does not answer.
type directoryAway struct{}

func (directoryAway) Members(context.Context, string) ([]workflow.PersonID, bool, error) {
	return nil, false, errors.New("dial tcp: connection refused")
}

func registered(people ...workflow.Actor) []workflow.Reviewer {
	list := make([]workflow.Reviewer, len(people))
	for i, p := range people {
		list[i] = workflow.Reviewer{ID: p.ID.String(), Name: p.Name}
	}
	return list
}

func amount(text string) resource.Quantity { return resource.MustParse(text) }

// policy is a policy that nothing is wrong with.
func policy() workflow.Policy {
	return workflow.Policy{
		Clusters: map[string]workflow.Cluster{
			"weu-1": {Server: "https://weu-1.example.com", NetworkEngine: workflow.EngineCilium, Mode: workflow.ModeEnforce},
			"neu-1": {Server: "https://neu-1.example.com", NetworkEngine: workflow.EngineCalico, Mode: workflow.ModeWarn},
		},
		PlatformNamespaces: []string{"kube-system", "argocd", "payments-platform"},
		ReservedNames:      []string{"istio-*", "payments-reserved"},
		PlatformFlows:      []workflow.PlatformFlow{{Name: "ingress", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "ingress-nginx"}}},
		Environments: map[string]workflow.Environment{
			"dev":  {PodSecurity: workflow.LevelBaseline},
			"prod": {PodSecurity: workflow.LevelRestricted},
		},
		Rules: map[string]workflow.RuleSetting{"trusted-registry": {Mode: workflow.RuleDeny, Params: json.RawMessage(`{"images":["contoso.azurecr.io/*"]}`)}},
		Sizes: map[string]workflow.Size{
			"small": {CPU: amount("2"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20},
			"large": {CPU: amount("8"), Memory: amount("32Gi"), Storage: amount("200Gi"), Pods: 80},
		},
		ContainerDefaults: workflow.ContainerDefaults{
			Requests: workflow.ResourcePair{CPU: amount("100m"), Memory: amount("128Mi")},
			Limits:   workflow.ResourcePair{CPU: amount("1"), Memory: amount("512Mi")},
		},
		Reviews: []workflow.ReviewRule{
			{Environments: []string{"prod"}, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 2}}},
			{Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}},
		},
		Fallback:       workflow.RoleAdmin,
		Reviewers:      map[workflow.Role][]workflow.Reviewer{workflow.RoleSecurity: registered(sam, sofia), workflow.RoleAdmin: registered(ada)},
		GitOpsIdentity: "system:serviceaccount:argocd:gitops",
		ArgoCD:         &workflow.ArgoCDSettings{Repository: "https://git.example.com/platform/gitops"},
		Portal:         "https://tenure.example.com",
	}
}

// tenancy is a tenant without namespaces, with a place on both clusters. Its ceiling holds one large namespace and a small one.
func tenancy(slug string, owners, members string) workflow.Tenancy {
	return workflow.Tenancy{
		Name: slug, Owners: workflow.Group{Group: owners}, Members: workflow.Group{Group: members},
		Ceiling:  workflow.Ceiling{CPU: amount("12"), Memory: amount("48Gi"), Storage: amount("300Gi"), Namespaces: 4},
		Clusters: []string{"neu-1", "weu-1"},
	}
}

func payments() workflow.Tenancy  { return tenancy("payments", group(1), group(2)) }
func logistics() workflow.Tenancy { return tenancy("logistics", group(3), group(4)) }

// approvedNow is a state with two tenants.
func approvedNow() *workflow.ApprovedState {
	return &workflow.ApprovedState{Commit: "c0ffee", Policy: policy(), Tenancies: map[string]workflow.Tenancy{"payments": payments(), "logistics": logistics()}}
}

// wanted is a change that nothing is wrong with, for payments.
func wanted() workflow.NamespaceChange {
	return workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: "payments-api-dev", Cluster: "weu-1", Environment: "dev", Size: "small", PodSecurity: workflow.LevelRestricted}, Purpose: "The API's development."}
}

// held is a namespace as an earlier request gave it.
func held(name string, request int64) workflow.Namespace {
	return workflow.Namespace{
		Name: name, Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelRestricted, Purpose: "It is there.", Request: request,
		Quota: workflow.Quota{CPU: amount("2"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20, Request: request},
	}
}

// planner plans with the real renderer and a directory that knows everybody.
func planner() workflow.Planner {
	return workflow.Planner{Renderer: manifest.Renderer{}, Directory: everybody()}
}

// proposal is Dana asking for the namespace.
func proposal(change workflow.Change) workflow.Proposal {
	return workflow.Proposal{Request: 7, Tenant: "payments", Change: change, RequestedBy: dana.ID, At: noon}
}

func planned(t *testing.T, p workflow.Planner, state *workflow.ApprovedState, asked workflow.Proposal) workflow.Plan {
	t.Helper()
	plan, err := p.Plan(t.Context(), state, asked)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// refused wants an error to be a problem of the kind, and gives it.
func refused(t *testing.T, err error, kind workflow.ProblemKind) *workflow.Problem {
	t.Helper()
	problem, ok := workflow.AsProblem(err)
	if !ok || problem.Kind != kind || problem.Message == "" {
		t.Fatalf("the answer is %v, want a problem of kind %s", err, kind)
	}
	return problem
}

// same fails the test where two values differ.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateErrors()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
