package handlers

import (
	"time"

	"tenure.dev/workflow"
)

// olaf owns search, and nothing of payments.
var olaf = workflow.Actor{
	Person: person("aaaaaaaa-0000-4000-8000-000000000005", "Olaf Owner", "olaf@contoso.example"),
	Groups: []string{"6f1c0000-0000-4000-8000-000000000002"},
}

func search() workflow.Tenancy {
	return workflow.Tenancy{
		Name: "search", DisplayName: "Search",
		Owners:   workflow.Group{Group: olaf.Groups[0]},
		Members:  workflow.Group{Group: "90ab0000-0000-4000-8000-000000000002"},
		Clusters: []string{"weu-1"},
		Ceiling:  payments().Ceiling,
		Namespaces: []workflow.Namespace{{
			Name: "search-api-dev", Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelBaseline, Quota: payments().Namespaces[1].Quota,
		}},
	}
}

// newYear is when the exceptions of the fixtures end.
var newYear = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// toSearch is the exception of request 61 at its payments end.
func toSearch() workflow.NetworkException {
	return workflow.NetworkException{
		Direction: workflow.Egress, Pods: map[string]string{"app": "api"}, To: &workflow.FlowPeer{Namespace: "search-api-dev"},
		Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 8080}}, Until: newYear, Request: 61,
	}
}

// withExceptions is payments with exceptions in payments-api-prod.
func withExceptions(exceptions ...workflow.NetworkException) workflow.Tenancy {
	tenancy := payments()
	tenancy.Namespaces[0].Network = exceptions
	return tenancy
}

// networkPlan opens payments-api-prod to search-api-dev.
func networkPlan() workflow.Plan {
	p := plan()
	p.Before, p.After = payments(), withExceptions(toSearch())
	other := search()
	other.Namespaces[0].Network = []workflow.NetworkException{{
		Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "payments-api-prod", PodLabels: map[string]string{"app": "api"}},
		Ports: toSearch().Ports, Until: newYear, Request: 61,
	}}
	p.Others = []workflow.OtherSide{{Before: search(), After: other}}
	p.Stages = []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RolePeerOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 2}}
	p.Summary = []string{"Opens TCP 8080 from payments-api-prod (app=api) to search-api-dev on weu-1, until 1 Jan 2027."}
	p.Notes = []string{"On weu-1, Cilium: a policy for pods does not hold for pods of the host's network."}
	p.Findings = []workflow.Finding{
		{Severity: workflow.SeverityWarning, Label: "another tenant", Message: "Reaches search."},
		{Severity: workflow.SeverityInfo, Label: "one side", Message: "Nothing lets it in there.", Href: newNetworkPath + "?namespace=search-api-dev&direction=ingress"},
	}
	p.Connectivity = connectivity()
	return p
}

func connectivity() *workflow.Connectivity {
	return &workflow.Connectivity{
		Ends: []workflow.FlowEnd{
			{ID: "a", Kind: workflow.EndPods, Cluster: "weu-1", Namespace: "payments-api-prod", Tenant: "payments", Label: "app=api", Workloads: []string{"Deployment api"}},
			{ID: "b", Kind: workflow.EndPods, Cluster: "weu-1", Namespace: "search-api-dev", Tenant: "search", Other: true, Label: "every pod"},
			{ID: "c", Kind: workflow.EndPlatform, Cluster: "weu-1", Namespace: "monitoring", Label: "every pod"},
		},
		Flows: []workflow.Flow{
			{From: "a", To: "b", Ports: "TCP 8080", Change: workflow.FlowOpened, Request: 61, Until: newYear, Because: "request 61"},
			{From: "c", To: "a", Ports: "every port", Because: "platform flow monitoring"},
		},
	}
}

// networkRequest is one in review that the owner of payments has approved.
func networkRequest() workflow.Request {
	r := request()
	r.ID, r.Kind, r.Plan = 61, workflow.KindNetwork, networkPlan()
	r.Change = workflow.NetworkChange{
		Cluster: "weu-1", Namespace: "payments-api-prod", Direction: workflow.Egress, Pods: "app=api",
		Peer: workflow.PeerNamespace, PeerNamespace: "search-api-dev", Ports: "TCP 8080", Until: "2027-01-01", Reason: "Search for the shop.",
	}
	r.Reviews = r.Reviews[:1]
	return r
}

func networkDossier() workflow.Dossier {
	return workflow.Dossier{Request: networkRequest(), Events: events(), Tenancy: payments()}
}
