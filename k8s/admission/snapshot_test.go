package admission

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

func TestUnchangedTenantsAreTakenOver(t *testing.T) {
	first := testSnapshot(t)
	state := testState()
	state.Commit = "2222222222222222222222222222222222222222"
	state.Tenancies["search"].Namespaces[0].Quota.Pods = 5
	second, err := first.Next(state)
	if err != nil {
		t.Fatal(err)
	}
	if first.grants[testSpace] != second.grants[testSpace] {
		t.Error("a tenant that did not change was rendered again")
	}
	if first.grants["search-dev"] == second.grants["search-dev"] || second.grants["search-dev"].Quota.Pods != 5 {
		t.Error("a tenant that changed was taken over")
	}
	if first.grants["search-dev"].Quota.Pods != 60 {
		t.Error("the first snapshot changed")
	}

	state.Policy.ContainerDefaults = workflow.ContainerDefaults{}
	third, err := second.Next(state)
	if err != nil {
		t.Fatal(err)
	}
	if second.grants[testSpace] == third.grants[testSpace] {
		t.Error("the policy's defaults changed, and the limits were taken over")
	}

	delete(state.Tenancies, "search")
	fourth, err := third.Next(state)
	if err != nil {
		t.Fatal(err)
	}
	if fourth.grants["search-dev"] != nil {
		t.Error("a tenant that went is still there")
	}
	for group, tenant := range fourth.groups {
		if tenant == "search" {
			t.Errorf("the group %s is still of the tenant that went", group)
		}
	}
}

func TestAStateThatCannotBeEnforcedMakesNoSnapshot(t *testing.T) {
	cases := map[string]struct {
		change func(*workflow.ApprovedState)
		says   string
	}{
		"the cluster is not in the policy": {func(s *workflow.ApprovedState) { delete(s.Policy.Clusters, testCluster) }, `no cluster "weu-1"`},
		"the cluster has no mode":          {func(s *workflow.ApprovedState) { s.Policy.Clusters[testCluster] = workflow.Cluster{} }, `no cluster mode ""`},
		"two tenants hold a namespace": {func(s *workflow.ApprovedState) {
			s.Tenancies["search"] = workflow.Tenancy{Name: "search", Namespaces: s.Tenancies["payments"].Namespaces}
		}, `belongs to tenant "`},
		"a tenant holds a namespace of the platform": {func(s *workflow.ApprovedState) { s.Policy.PlatformNamespaces = []string{testSpace} }, "belongs to the platform"},
		"an environment is gone":                     {func(s *workflow.ApprovedState) { delete(s.Policy.Environments, "prod") }, `no environment "prod"`},
		"a namespace that cannot be rendered":        {func(s *workflow.ApprovedState) { s.Tenancies["payments"].Namespaces[0].PodSecurity = "privileged" }, "privileged"},
		"a pattern that means nothing": {func(s *workflow.ApprovedState) {
			s.Policy.Rules["trusted-registry"] = setting("deny", `{"images":["*"]}`)
		}, "images[0]"},
		"a mode that means nothing": {func(s *workflow.ApprovedState) {
			s.Policy.Rules["trusted-registry"] = setting("loud", `{"images":["a.io/*"]}`)
		}, `no mode "loud"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			state := testState()
			c.change(state)
			snapshot, err := NewSnapshot(state, testCluster)
			if err == nil || snapshot != nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), testCommit) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestSnapshotsGoOnServingTheLastGoodState(t *testing.T) {
	var snapshots Snapshots
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	holder := snapshots.Holder(testCluster)
	if snapshots.Of(testCluster) != nil || holder.Load() != nil {
		t.Fatal("there is a snapshot before any state")
	}
	if _, found := holder.Age(now); found {
		t.Error("no snapshot has an age")
	}
	if err := snapshots.Update(testState(), now); err != nil {
		t.Fatal(err)
	}
	good := holder.Load()
	if good == nil || good != snapshots.Of(testCluster) || snapshots.Of("neu-1") == nil || snapshots.Of("elsewhere") != nil {
		t.Fatal("the snapshots are not those of the policy's clusters")
	}

	bad := testState()
	bad.Commit = "3333333333333333333333333333333333333333"
	bad.Policy.Environments = nil
	if err := snapshots.Update(bad, now.Add(time.Minute)); err == nil {
		t.Fatal("a state that cannot be enforced was taken")
	}
	if holder.Load() != good {
		t.Error("the last good snapshot was replaced")
	}
	if age, _ := holder.Age(now.Add(time.Hour)); age != time.Hour {
		t.Errorf("age is %v", age)
	}
	if err := snapshots.Update(testState(), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if age, _ := holder.Age(now.Add(time.Hour)); age != 0 || holder.Load() != good {
		t.Errorf("the same commit again only renews the age, which is %v", age)
	}
}

// manyTenants is a state of n tenants with two namespaces each.
func manyTenants(n int) *workflow.ApprovedState {
	state := testState()
	for i := range n - len(state.Tenancies) {
		name := fmt.Sprintf("team-%04d", i)
		state.Tenancies[name] = workflow.Tenancy{Name: name, Namespaces: []workflow.Namespace{
			testNamespace(name+"-dev", workflow.LevelBaseline), testNamespace(name+"-prod", workflow.LevelRestricted),
		}}
	}
	return state
}

// BenchmarkSnapshot makes the snapshot of 1,000 tenants: from nothing, and
// after one of them changed.
func BenchmarkSnapshot(b *testing.B) {
	state := manyTenants(1000)
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			if _, err := NewSnapshot(state, testCluster); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("next", func(b *testing.B) {
		first, err := NewSnapshot(state, testCluster)
		if err != nil {
			b.Fatal(err)
		}
		for i := 0; b.Loop(); i++ {
			state.Tenancies["payments"].Namespaces[0].Quota.Pods = int64(i)
			if _, err := first.Next(state); err != nil {
				b.Fatal(err)
			}
		}
	})
}
