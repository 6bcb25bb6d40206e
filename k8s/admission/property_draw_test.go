package admission

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// drawState generates a policy and a tenancy of one or two namespaces with grants of
// every kind, of which some are over at testTime.
func drawState(t *rapid.T) *workflow.ApprovedState {
	state := testState()
	state.Policy.PlatformFlows = nil
	for i := range rapid.IntRange(0, 2).Draw(t, "flows") {
		state.Policy.PlatformFlows = append(state.Policy.PlatformFlows, drawFlow(t, fmt.Sprintf("flow-%d", i)))
	}
	state.Policy.ContainerDefaults = workflow.ContainerDefaults{
		Requests: workflow.ResourcePair{CPU: resource.MustParse("10m"), Memory: resource.MustParse("16Mi")},
		Limits:   workflow.ResourcePair{CPU: resource.MustParse("6"), Memory: drawAmount(t, "default memory", "Gi")},
	}
	state.Policy.Registries = map[string]workflow.Registry{
		"docker-official": {Images: []string{"docker.io/library/*"}}, "quay": {Images: []string{"quay.io/jetstack/*", "quay.io/argoproj/argocd"}},
	}
	tenancy := workflow.Tenancy{Name: rapid.StringMatching(`[a-z]([a-z0-9-]{0,18}[a-z0-9])?`).Draw(t, "tenant")}
	if rapid.Bool().Draw(t, "deploys") {
		tenancy.Repositories = []string{"https://git.example.com/deploy"}
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "namespaces") {
		tenancy.Namespaces = append(tenancy.Namespaces, drawNamespace(t, fmt.Sprintf("%s-%d", tenancy.Name, i)))
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "exceptions") {
		drawException(t, tenancy.Namespaces, int64(100+i))
	}
	state.Tenancies = map[string]workflow.Tenancy{tenancy.Name: tenancy}
	return state
}

func drawNamespace(t *rapid.T, name string) workflow.Namespace {
	namespace := testNamespace(name, rapid.SampledFrom([]workflow.SecurityLevel{workflow.LevelBaseline, workflow.LevelRestricted}).Draw(t, "level"))
	namespace.Purpose = rapid.StringN(0, 40, 200).Draw(t, "purpose")
	namespace.Quota = drawQuota(t)
	drawSettings(t, &namespace)
	namespace.Access = nil
	for i := range rapid.IntRange(0, 4).Draw(t, "access") {
		access := drawAccess(t, int64(300+i))
		if !slices.ContainsFunc(namespace.Access, func(other workflow.Access) bool { return other.ObjectName() == access.ObjectName() }) {
			namespace.Access = append(namespace.Access, access)
		}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "exemptions") {
		namespace.Exemptions = append(namespace.Exemptions, drawExemption(t, int64(400+i)))
	}
	return namespace
}

func drawAmount(t *rapid.T, label, unit string) resource.Quantity {
	return resource.MustParse(fmt.Sprint(rapid.IntRange(1, 5000).Draw(t, label)) + unit)
}

// drawEnd is a moment at which what it ends is over, just over, or not yet over.
func drawEnd(t *rapid.T) time.Time {
	return testTime.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "end")) * time.Second)
}

func drawSize(t *rapid.T) workflow.Size {
	return workflow.Size{
		CPU: drawAmount(t, "cpu", "m"), Memory: drawAmount(t, "memory", "Mi"), Storage: drawAmount(t, "storage", "Gi"), Pods: rapid.Int64Range(0, 500).Draw(t, "pods"),
		Objects: rapid.MapOfN(rapid.SampledFrom(workflow.ObjectCounts()), rapid.Int64Range(0, 50), 0, 6).Draw(t, "objects"),
	}
}

// drawQuota generates lasting amounts, and for some a temporary increase, of which
// some amounts are less and some objects are not counted.
func drawQuota(t *rapid.T) workflow.Quota {
	size := drawSize(t)
	quota := workflow.Quota{
		CPU: size.CPU, Memory: size.Memory, Storage: size.Storage, Pods: size.Pods, Objects: size.Objects, Request: rapid.Int64Range(0, 9).Draw(t, "request"),
	}
	if rapid.Bool().Draw(t, "raised") {
		more := drawSize(t)
		quota.Raise = &workflow.QuotaRaise{
			CPU: more.CPU, Memory: more.Memory, Storage: more.Storage, Pods: more.Pods, Objects: more.Objects, Until: drawEnd(t), Request: 200,
		}
	}
	return quota
}

// drawAccess generates access of a group or a person: that came with the namespace,
// that was given by a request of its own, and that ends.
func drawAccess(t *rapid.T, request int64) workflow.Access {
	id := rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}`).Draw(t, "subject")
	access := workflow.Access{Role: rapid.SampledFrom(workflow.AccessRoles()).Draw(t, "role"), Request: 42}
	if rapid.Bool().Draw(t, "person") {
		access.Person, access.User = id, rapid.SampledFrom([]string{id, "dana@contoso.example", "O'Neill@contoso.example"}).Draw(t, "user")
	} else {
		access.Group = id
	}
	if rapid.Bool().Draw(t, "by a request of its own") {
		access.Request = request
		if rapid.Bool().Draw(t, "for a time") {
			access.Until = drawEnd(t)
		}
	}
	return access
}
