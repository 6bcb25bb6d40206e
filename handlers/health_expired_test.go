package handlers

import (
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

func TestTheHealthPageListsWhatExpiredAndIsStillLive(t *testing.T) {
	service := &standIn{choices: choices(), health: workflow.Health{
		Repository: workflow.RepositoryHealth{Verified: baseCommit, VerifiedAt: noon},
		Expired: []workflow.ExpiredLive{
			{Request: 61, Tenant: "payments", Cluster: "weu-1", Namespace: "payments-api-prod", Since: noon.Add(-2 * time.Hour), Says: "approved/search.yaml does not parse."},
			{Request: 62, Tenant: "payments", Cluster: "weu-1", Namespace: "payments-batch-dev", Since: noon.Add(-time.Hour), Commit: newCommit, Says: "Argo CD has not come to the commit of its end."},
			{Request: 63, Tenant: "search", Cluster: "weu-1", Namespace: "search-api-dev", Since: noon.Add(-time.Hour), Says: "x"},
		},
	}}
	for name, test := range map[string]struct {
		actor        workflow.Actor
		says, hidden []string
	}{
		"security":    {sam, []string{"request 61", "2 hours ago", "approved/search.yaml does not parse.", "request 63", "9d41c70b6a5f"}, nil},
		"a developer": {dana, []string{"request 61", "The platform admins see here why.", "Argo CD has not come to the commit of its end."}, []string{"search"}},
	} {
		got := get(t, portal(service, test.actor), "/health")
		if heading(got) != "1 part of Tenure needs attention" || !strings.Contains(text(got.page), "3 ends of what was given should be gone") {
			t.Errorf("%s: heading %q", name, heading(got))
		}
		for _, part := range test.says {
			if !strings.Contains(text(got.page), part) {
				t.Errorf("%s: the page does not say %q", name, part)
			}
		}
		for _, part := range test.hidden {
			if strings.Contains(got.body, part) {
				t.Errorf("%s: the page says %q", name, part)
			}
		}
	}
}

func TestTheHealthPageListsTenantsPoliciesThatOutliveWhatTheyCopied(t *testing.T) {
	service := &standIn{choices: choices(), health: workflow.Health{
		Repository: workflow.RepositoryHealth{Verified: baseCommit, VerifiedAt: noon},
		Outlived: []workflow.OutlivedPolicy{
			{Request: 61, Tenant: "payments", Cluster: "weu-1", Namespace: "payments-api-prod", Name: "ledger-copy", Opens: "TCP 5432 from every pod of this namespace to 10.20.0.0/16"},
			{Tenant: "search", Cluster: "weu-1", Namespace: "search-api-dev", Name: "secret-plan", Opens: "it cannot be read"},
		},
		OwnPolicies: workflow.OwnPoliciesHealth{Cluster: "weu-1", Known: true},
	}}
	mine, others := []string{"ledger-copy", "TCP 5432 from every pod of this namespace to 10.20.0.0/16", "payments-api-prod", "request 61"}, []string{"search-api-dev", "secret-plan", "it cannot be read"}
	holding := func(roles ...workflow.Role) workflow.Actor { actor := sam; actor.Roles = roles; return actor }
	pretender, nobody := dana, dana
	pretender.Roles = []workflow.Role{workflow.RoleOwner, "everything"}
	nobody.Groups = nil
	for name, test := range map[string]struct {
		actor        workflow.Actor
		choices      workflow.Choices
		mine, others bool
	}{
		"security":                   {sam, workflow.Choices{}, true, true},
		"an admin":                   {holding(workflow.RoleAdmin), workflow.Choices{}, true, true},
		"an auditor":                 {holding(workflow.RoleAuditor), workflow.Choices{}, true, true},
		"a developer":                {dana, choices(), true, false},
		"roles that nobody holds so": {pretender, choices(), true, false},
		"somebody without a tenant":  {nobody, workflow.Choices{}, false, false},
	} {
		service.choices = test.choices
		got := get(t, portal(service, test.actor), "/health")
		if heading(got) != "1 part of Tenure needs attention" || !strings.Contains(text(got.page), "2 NetworkPolicies of tenants' own let through more than is approved") {
			t.Errorf("%s: heading %q:\n%s", name, heading(got), text(got.page))
		}
		for _, part := range mine {
			if strings.Contains(text(got.page), part) != test.mine {
				t.Errorf("%s: %q is on the page: %v", name, part, !test.mine)
			}
		}
		for _, part := range others {
			if strings.Contains(got.body, part) != test.others {
				t.Errorf("%s: %q is on the page: %v", name, part, !test.others)
			}
		}
	}
}

func TestTheHealthPageSaysHowFarTenantsPoliciesAreWatched(t *testing.T) {
	const nothing = "Nothing is live that should have ended."
	for name, test := range map[string]struct {
		own     workflow.OwnPoliciesHealth
		heading string
		says    string
	}{
		"all of them":      {workflow.OwnPoliciesHealth{Cluster: "weu-1", Known: true}, "Tenure is well", nothing},
		"none of them":     {workflow.OwnPoliciesHealth{Others: []string{"weu-1"}}, "Tenure is well", "Run Tenure with --cluster-kubeconfig to see them."},
		"not at present":   {workflow.OwnPoliciesHealth{Cluster: "weu-1"}, "1 part of Tenure needs attention", "What tenants' own NetworkPolicies on weu-1 let through is not known at the moment."},
		"not of all there": {workflow.OwnPoliciesHealth{Cluster: "weu-1", Known: true, Others: []string{"neu-1"}}, "Tenure is well", "Tenants' own NetworkPolicies on neu-1 are not watched from here"},
	} {
		health := workflow.Health{Repository: workflow.RepositoryHealth{Verified: baseCommit, VerifiedAt: noon}, OwnPolicies: test.own}
		got := get(t, portal(&standIn{choices: choices(), health: health}, sam), "/health")
		if heading(got) != test.heading || !strings.Contains(text(got.page), test.says) || strings.Contains(text(got.page), nothing) != (test.says == nothing) {
			t.Errorf("%s: heading %q:\n%s", name, heading(got), text(got.page))
		}
	}
}

func TestTheHealthPageListsAHundredPoliciesAtMost(t *testing.T) {
	if rows := outlivedRows(make([]workflow.OutlivedPolicy, 5000)); len(rows) != 100 {
		t.Errorf("it lists %d", len(rows))
	}
}
