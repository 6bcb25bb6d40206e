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
		if heading(got) != "1 part of Tenure needs attention" || !strings.Contains(text(got.page), "3 ends of network exceptions should be gone") {
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
