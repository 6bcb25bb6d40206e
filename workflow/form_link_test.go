package workflow_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestALinkLeadsToTheFormWithEachFieldByItsName(t *testing.T) {
	hostile := "a&tenant=search#x y\n\u202E%"
	cases := map[string]struct {
		link, path string
		fields     map[string]string
	}{
		"access": {
			workflow.AccessChange{Cluster: "weu-1", Namespace: "payments-api-prod", Subject: workflow.SubjectGroup, Group: "g", Person: "p", Role: workflow.AccessEdit, Until: "2027-02-01", Reason: hostile}.Link("payments"),
			"/requests/new/access",
			map[string]string{"cluster": "weu-1", "namespace": "payments-api-prod", "subject": "group", "group": "g", "person": "p", "role": "edit", "until": "2027-02-01", "reason": hostile, "tenant": "payments"},
		},
		"a quota": {
			workflow.QuotaChange{Cluster: "weu-1", Namespace: "payments-api-prod", CPU: "16", Memory: hostile, Storage: "1Ti", Pods: "60", Until: "2027-02-01", Reason: "r", Confirmed: true,
				Objects: map[workflow.ObjectCount]string{workflow.CountJobs: "5", workflow.CountSecrets: ""}}.Link("payments"),
			"/requests/new/quota",
			map[string]string{"cluster": "weu-1", "namespace": "payments-api-prod", "cpu": "16", "memory": hostile, "storage": "1Ti", "pods": "60", "until": "2027-02-01", "reason": "r", "objects.count/jobs.batch": "5", "tenant": "payments"},
		},
		"an exemption": {
			workflow.ExemptionChange{Cluster: "weu-1", Namespace: "payments-api-prod", Rule: "trusted-registry", Value: hostile, Selector: "app=legacy", Until: "2027-02-01", Reason: "r"}.Link("payments"),
			"/requests/new/exemption",
			map[string]string{"cluster": "weu-1", "namespace": "payments-api-prod", "rule": "trusted-registry", "value": hostile, "selector": "app=legacy", "until": "2027-02-01", "reason": "r", "tenant": "payments"},
		},
		"a network exception of which little is known": {
			workflow.NetworkChange{Cluster: "weu-1"}.Link(""), "/requests/new/network", map[string]string{"cluster": "weu-1"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if strings.ContainsAny(c.link, "# \n\u202E") {
				t.Errorf("the link is %q", c.link)
			}
			path, query, _ := strings.Cut(c.link, "?")
			values, err := url.ParseQuery(query)
			if err != nil || path != c.path {
				t.Fatalf("it leads to %q: %v", path, err)
			}
			got := map[string]string{}
			for field, given := range values {
				got[field] = strings.Join(given, "|")
			}
			if !maps.Equal(got, c.fields) {
				t.Errorf("the fields are %v, with %q", slices.Sorted(maps.Keys(got)), got)
			}
		})
	}
}
