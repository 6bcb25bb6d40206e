package handlers

import (
	"context"
	"time"

	"tenure.dev/workflow"
)

// inTwoDays is when what the fixtures give for a short time ends.
var inTwoDays = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// granted is payments with one grant of every kind in payments-api-prod.
func granted() workflow.Tenancy {
	tenancy := withExceptions(toSearch())
	n := &tenancy.Namespaces[0]
	n.Access = []workflow.Access{
		{Group: tenancy.Members.Group, Role: workflow.AccessEdit, Request: 42},
		{Person: dana.ID.Object, User: dana.Username, Role: workflow.AccessAdmin, Until: inTwoDays, Request: 70},
		{Group: "77de0000-0000-4000-8000-000000000001", Role: workflow.AccessView, Request: 71},
	}
	n.Exemptions = []workflow.Exemption{{
		Rule: "trusted-registry", Selector: map[string]string{"app": "legacy"}, Value: "docker.io/library/redis:7.2", Until: newYear, Request: 72,
	}}
	n.Quota.Raise = &workflow.QuotaRaise{
		CPU: quantity("12"), Memory: quantity("32Gi"), Storage: quantity("100Gi"), Pods: 60, Until: inTwoDays, Request: 73,
	}
	return tenancy
}

// withGrants is the real service over a state with a grant of every kind, and
// over a directory.
func withGrants(requests ...workflow.Request) *workflow.Service {
	service := withOpen(requests...)
	limits := policy()
	limits.Requests.Access.Standing = []workflow.AccessRole{workflow.AccessView, workflow.AccessEdit}
	service.Repository = approved{state: &workflow.ApprovedState{Commit: baseCommit, Policy: limits, Tenancies: map[string]workflow.Tenancy{"payments": granted()}}}
	service.Accounts = accounts{}
	return service
}

// accounts is a directory in which payments has two people and a group of its own.
type accounts struct{}

func (accounts) People(context.Context, string) ([]workflow.Account, bool, error) {
	return []workflow.Account{
		{ID: dana.ID, Name: dana.Name, User: dana.Username}, {ID: olga.ID, Name: olga.Name, User: olga.Username},
	}, true, nil
}

func (accounts) Groups(context.Context, string) ([]workflow.DirectoryGroup, error) {
	return []workflow.DirectoryGroup{{ID: "77de0000-0000-4000-8000-000000000001", Name: "payments-oncall"}, {ID: olga.Groups[0], Name: "payments-owners"}}, nil
}

// using is a cluster in which every namespace uses so much.
type using struct{ workflow.Size }

func (u using) Used(string, string) (workflow.QuotaUse, bool) {
	return workflow.QuotaUse{Used: u.Size, At: noon.Add(-time.Minute)}, true
}
