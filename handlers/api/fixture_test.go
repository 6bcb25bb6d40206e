package api_test

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

const commit = "3f2a9c1d5b7e4a60918273645546372819aabbcc"

// noon is the present moment of every test.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func group(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }

// everybody are the people, by the name that a request gives.
func everybody() map[string]workflow.Actor {
	people := map[string]workflow.Actor{
		"dana": {Groups: []string{group(2)}}, "olivia": {Groups: []string{group(1)}}, "max": {Groups: []string{group(4)}}, "lena": {Groups: []string{group(3)}},
		"sam": {Roles: []workflow.Role{workflow.RoleSecurity}}, "audrey": {Roles: []workflow.Role{workflow.RoleAuditor}},
		"ada":               {Roles: []workflow.Role{workflow.RoleAdmin}},
		"pipeline":          {Groups: []string{group(2)}, Pipeline: true},
		"security-pipeline": {Roles: []workflow.Role{workflow.RoleSecurity}, Groups: []string{group(1)}, Pipeline: true},
		"nobody-much":       {},
	}
	for name, actor := range people {
		actor.Person = workflow.Person{Name: name, Username: name + "@contoso.example", ID: workflow.PersonID{
			Tenant: "11111111-1111-4111-8111-111111111111", Object: fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012x", len(name)*1000+int(name[0])),
		}}
		people[name] = actor
	}
	return people
}

func amount(text string) resource.Quantity { return resource.MustParse(text) }

func namespace(name string) workflow.Namespace {
	quota := workflow.Quota{CPU: amount("2"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20, Objects: map[workflow.ObjectCount]int64{workflow.CountServices: 5}}
	quota.Raise = &workflow.QuotaRaise{CPU: amount("4"), Memory: amount("16Gi"), Storage: amount("20Gi"), Pods: 40, Until: noon.Add(72 * time.Hour), Request: 7}
	return workflow.Namespace{
		Name: name, Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelRestricted, Purpose: "It is there.", Quota: quota,
		Access: []workflow.Access{{Group: group(2), Role: workflow.AccessEdit}, {Person: group(9), User: "una@contoso.example", Role: workflow.AccessView, Until: noon.Add(24 * time.Hour), Request: 8}},
		Network: []workflow.NetworkException{{
			Direction: workflow.Egress, To: &workflow.FlowPeer{CIDR: "10.20.0.0/16"}, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 5432}}, Until: noon.Add(48 * time.Hour), Request: 9,
		}},
		Exemptions: []workflow.Exemption{{Rule: "trusted-registry", Selector: map[string]string{"app": "legacy"}, Value: "docker.io/library/redis:7.2", Until: noon.Add(24 * time.Hour), Request: 6}},
	}
}

func tenancy(slug string, owners, members int) workflow.Tenancy {
	return workflow.Tenancy{
		Name: slug, DisplayName: "The " + slug, Owners: workflow.Group{Group: group(owners)}, Members: workflow.Group{Group: group(members)},
		Ceiling:  workflow.Ceiling{CPU: amount("32"), Memory: amount("128Gi"), Storage: amount("1Ti"), Namespaces: 12},
		Clusters: []string{"neu-1", "weu-1"}, Namespaces: []workflow.Namespace{namespace(slug + "-api-dev")},
	}
}

// state is what was approved: two tenants with a namespace each.
func state() *workflow.ApprovedState {
	return &workflow.ApprovedState{
		Commit: commit,
		Policy: workflow.Policy{
			Clusters: map[string]workflow.Cluster{
				"weu-1": {Server: "https://weu-1.example", NetworkEngine: workflow.EngineCilium, Mode: workflow.ModeEnforce},
				"neu-1": {Server: "https://neu-1.example", NetworkEngine: workflow.EngineAzure, Mode: workflow.ModeWarn},
			},
			PlatformNamespaces: []string{"kube-system", "argocd"},
			Environments:       map[string]workflow.Environment{"dev": {PodSecurity: workflow.LevelBaseline}, "prod": {PodSecurity: workflow.LevelRestricted}},
			Rules:              map[string]workflow.RuleSetting{"trusted-registry": {Mode: workflow.RuleDeny, Params: []byte(`{"images":["contoso.azurecr.io/*"]}`)}},
			Sizes:              map[string]workflow.Size{"small": {CPU: amount("2"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20}},
			ContainerDefaults: workflow.ContainerDefaults{
				Requests: workflow.ResourcePair{CPU: amount("100m"), Memory: amount("128Mi")}, Limits: workflow.ResourcePair{CPU: amount("1"), Memory: amount("512Mi")},
			},
			Reviews:  []workflow.ReviewRule{{Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}}},
			Fallback: workflow.RoleAdmin, GitOpsIdentity: "system:serviceaccount:argocd:gitops", Portal: "https://tenure.example",
		},
		Tenancies: map[string]workflow.Tenancy{"payments": tenancy("payments", 1, 2), "search": tenancy("search", 3, 4)},
	}
}

// object is a JSON object.
type object map[string]any

// wanted is the draft of a namespace that nothing is wrong with.
func wanted(name string) object {
	return object{"kind": "namespace", "tenant": "payments", "change": object{
		"name": name, "cluster": "weu-1", "environment": "dev", "size": "small", "podSecurity": "restricted", "purpose": "To try <the> API & more.",
	}}
}
