package store_test

import (
	"slices"
	"testing"

	"tenure.dev/workflow"
)

func TestAFilterPicksRequestsNewestFirst(t *testing.T) {
	cases := map[string]struct {
		filter workflow.RequestFilter
		want   []int64
	}{
		"none":                           {workflow.RequestFilter{}, []int64{5, 4, 3, 2, 1}},
		"one tenant":                     {workflow.RequestFilter{Tenants: []string{"payments"}}, []int64{5, 3, 1}},
		"two tenants":                    {workflow.RequestFilter{Tenants: []string{"payments", "logistics"}}, []int64{5, 4, 3, 2, 1}},
		"an unknown tenant":              {workflow.RequestFilter{Tenants: []string{"nobody"}}, nil},
		"a tenant that is SQL":           {workflow.RequestFilter{Tenants: []string{"x') OR ('1'='1"}}, nil},
		"no tenant at all":               {workflow.RequestFilter{Tenants: []string{}}, nil},
		"a state":                        {workflow.RequestFilter{States: []workflow.State{workflow.StateRejected}}, []int64{5, 4}},
		"no state at all":                {workflow.RequestFilter{States: []workflow.State{}}, nil},
		"a person":                       {workflow.RequestFilter{RequestedBy: olga.ID}, []int64{3, 2}},
		"a person of another directory":  {workflow.RequestFilter{RequestedBy: workflow.PersonID{Tenant: "other", Object: olga.ID.Object}}, nil},
		"the newest two":                 {workflow.RequestFilter{Limit: 2}, []int64{5, 4}},
		"those before one":               {workflow.RequestFilter{Before: 3}, []int64{2, 1}},
		"the newest before one":          {workflow.RequestFilter{Before: 4, Limit: 1}, []int64{3}},
		"a tenant's before one":          {workflow.RequestFilter{Tenants: []string{"payments"}, Before: 5}, []int64{3, 1}},
		"tenant, state and person":       {workflow.RequestFilter{Tenants: []string{"payments"}, States: []workflow.State{workflow.StateInReview}, RequestedBy: olga.ID}, []int64{3}},
		"the newest of a tenant's":       {workflow.RequestFilter{Tenants: []string{"logistics"}, Limit: 1}, []int64{4}},
		"those that linger":              {workflow.RequestFilter{Lingering: true}, []int64{4, 2}},
		"a tenant's that linger":         {workflow.RequestFilter{Tenants: []string{"payments"}, Lingering: true}, nil},
		"more than there are of a state": {workflow.RequestFilter{States: []workflow.State{workflow.StateRejected}, Limit: 9}, []int64{5, 4}},
	}
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		for i, tenant := range []string{"payments", "logistics", "payments", "logistics", "payments"} {
			request := smallRequest(tenant)
			request.Reviews = fullRequest().Reviews[:i%3]
			if i == 1 || i == 2 {
				request.RequestedBy = olga
			}
			if i >= 3 {
				request.State = workflow.StateRejected
			}
			request.Lingers = tenant == "logistics"
			create(t, s, request, submitted())
		}
		for name, c := range cases {
			requests, err := s.Requests(t.Context(), c.filter)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var ids []int64
			for _, request := range requests {
				ids = append(ids, request.ID)
				if want := int(request.ID-1) % 3; len(request.Reviews) != want {
					t.Errorf("%s: request %d has %d reviews; want %d", name, request.ID, len(request.Reviews), want)
				}
			}
			if !slices.Equal(ids, c.want) {
				t.Errorf("%s: got %v; want %v", name, ids, c.want)
			}
		}
	})
}
