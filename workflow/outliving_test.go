package workflow_test

import (
	"context"
	"slices"
	"testing"

	"tenure.dev/workflow"
)

// watchedCluster is a cluster whose policies somebody watches.
type watchedCluster struct {
	found []workflow.OutlivedPolicy
	known bool
}

func (watchedCluster) Cluster() string { return "weu-1" }

func (w watchedCluster) Outliving() ([]workflow.OutlivedPolicy, bool) { return w.found, w.known }

func TestHealthTellsOfTenantsPoliciesAsFarAsTheyAreWatched(t *testing.T) {
	w := newWorld(t)
	found := []workflow.OutlivedPolicy{{Tenant: "payments", Cluster: "weu-1", Namespace: "payments-api-prod", Name: "copy", Opens: "TCP 5432", Request: 61}}
	var others []string
	for cluster := range policy().Clusters {
		if cluster != "weu-1" {
			others = append(others, cluster)
		}
	}
	slices.Sort(others)
	away, stop := context.WithCancel(t.Context())
	stop() // the database does not answer
	for name, test := range map[string]struct {
		watch  workflow.Outliving
		ctx    context.Context
		found  []workflow.OutlivedPolicy
		own    string
		known  bool
		others []string
	}{
		"nobody watches":       {nil, t.Context(), nil, "", false, append([]string{"weu-1"}, others...)},
		"watched":              {watchedCluster{found, true}, t.Context(), found, "weu-1", true, others},
		"no answer":            {watchedCluster{found, false}, t.Context(), found, "weu-1", false, others},
		"without the database": {watchedCluster{found, true}, away, found, "weu-1", true, others},
	} {
		w.service.Outliving = test.watch
		health := w.service.Health(test.ctx)
		slices.Sort(test.others)
		if own := health.OwnPolicies; !slices.Equal(health.Outlived, test.found) || own.Cluster != test.own || own.Known != test.known || !slices.Equal(own.Others, test.others) {
			t.Errorf("%s: %+v of %+v", name, health.Outlived, own)
		}
	}
}
