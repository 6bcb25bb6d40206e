package manifest

import (
	"reflect"
	"testing"

	"tenure.dev/workflow"
)

// What of the policy the files do not depend on can be anything, and the renderer
// says so; of the rest it says nothing.
func TestTheRendererTellsWhichPoliciesLeaveTheFilesAsTheyAre(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*workflow.Policy)
		same   bool
	}{
		"nothing":             {func(*workflow.Policy) {}, true},
		"rules":               {func(p *workflow.Policy) { p.Rules = nil }, true},
		"sizes":               {func(p *workflow.Policy) { p.Sizes = nil }, true},
		"reviews":             {func(p *workflow.Policy) { p.Reviews = nil }, true},
		"environments":        {func(p *workflow.Policy) { p.Environments = nil }, true},
		"another cluster":     {func(p *workflow.Policy) { p.Clusters["xxx-1"] = workflow.Cluster{} }, true},
		"a cluster's mode":    {changeClusters(func(c *workflow.Cluster) { c.Mode = workflow.ModeWarn }), true},
		"a cluster's server":  {changeClusters(func(c *workflow.Cluster) { c.Server += "x" }), false},
		"a cluster's engine":  {changeClusters(func(c *workflow.Cluster) { c.NetworkEngine = workflow.EngineAzure }), false},
		"no clusters":         {func(p *workflow.Policy) { p.Clusters = nil }, false},
		"platform flows":      {func(p *workflow.Policy) { p.PlatformFlows = nil }, false},
		"container defaults":  {func(p *workflow.Policy) { p.ContainerDefaults = workflow.ContainerDefaults{} }, false},
		"no Argo CD":          {func(p *workflow.Policy) { p.ArgoCD = nil }, false},
		"a refused range":     {func(p *workflow.Policy) { p.Requests.Network.Refused = []workflow.AddressName{{CIDR: "198.18.7.0/24"}} }, false},
		"how long things may": {func(p *workflow.Policy) { p.Requests.Network.MaxDuration++ }, true},
	} {
		t.Run(name, func(t *testing.T) {
			before, after, tenancy := examplePolicy(t), examplePolicy(t), payments(t)
			test.change(&after)
			same, err := Renderer{}.SameFiles(before, after, tenancy)
			if err != nil || same != test.same {
				t.Errorf("it says %t, %v", same, err)
			}
			was, err := Renderer{}.Render(before, tenancy)
			if err != nil {
				t.Fatal(err)
			}
			if is, err := (Renderer{}).Render(after, tenancy); same && (err != nil || !reflect.DeepEqual(was, is)) {
				t.Errorf("the files differ, or are not there: %v", err)
			}
		})
	}
}

func changeClusters(change func(*workflow.Cluster)) func(*workflow.Policy) {
	return func(p *workflow.Policy) {
		for name, cluster := range p.Clusters {
			change(&cluster)
			p.Clusters[name] = cluster
		}
	}
}
