package workflow

import (
	"maps"
	"slices"
)

// OutlivedPolicy is a NetworkPolicy of a tenant's own, live in a cluster, that lets
// through more than is approved for its namespace: one that copied a network
// exception, and stayed when that ended. NetworkPolicies only ever add, so that the
// flow is open for as long as the policy is there.
type OutlivedPolicy struct {
	Tenant    string // whose namespace it is
	Cluster   string
	Namespace string
	Name      string // of the policy, which its tenant chose
	Opens     string // one opening that is not approved, or why nobody can say what it opens
	Request   int64  // the ended request that had given the opening; 0 when none is known to
}

// Outliving knows the tenants' own NetworkPolicies of one cluster. It answers from
// memory. Tenure also works without: the webhook then still judges each such policy
// when it is written, and nobody sees which of them outlive what they copied.
type Outliving interface {
	// Cluster is the one that is watched, by its name in the policy.
	Cluster() string
	// Outliving lists the policies that let through more than is approved, by
	// namespace and name. Known is false while that cannot be told.
	Outliving() (policies []OutlivedPolicy, known bool)
}

// OwnPoliciesHealth says how far Tenure sees the tenants' own NetworkPolicies.
type OwnPoliciesHealth struct {
	Cluster string   // the cluster that is watched; empty where none is
	Known   bool     // what its policies open is known at the moment
	Others  []string // clusters that are not watched from here, by name
}

// ownPolicies tells of the tenants' own policies.
func (s *Service) ownPolicies() (outlived []OutlivedPolicy, health OwnPoliciesHealth) {
	if s.Outliving != nil {
		health.Cluster = s.Outliving.Cluster()
		outlived, health.Known = s.Outliving.Outliving()
	}
	if state, err := s.Repository.State(); err == nil {
		for _, cluster := range slices.Sorted(maps.Keys(state.Policy.Clusters)) {
			if cluster != health.Cluster {
				health.Others = append(health.Others, cluster)
			}
		}
	}
	return outlived, health
}
