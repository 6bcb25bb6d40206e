package handlers

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func TestAPolicysPageShowsWhatItDoesToEverybody(t *testing.T) {
	got := get(t, portal(withPolicy(), sam), "/requests/90")
	if got.status != http.StatusOK || heading(got) != "Policy" {
		t.Fatalf("status %d, %q", got.status, heading(got))
	}
	said := text(byID(got.page, "main"))
	for _, part := range []string{
		"Security decides where nobody else can, instead of admins.", "1 object would newly be refused.",
		"1200 objects looked at", "Deployment web", "registry docker.io is not trusted", "And 2 objects more.", "It does not answer.",
		"payments 3 files of 3 namespaces", "Its files are not shown here.", "search 1 file", "Of no namespace",
		"And 1 file more, not shown here.",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	files := map[string]bool{} // whether each is unfolded
	for n := range got.page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "details" && attribute(n, "class") == "file" {
			path := find(n, func(n *html.Node) bool { return attribute(n, "class") == "file-path" })
			files[text(path)] = strings.Contains(attributes(n), "open")
		}
	}
	if len(files) != 4 || !files[workflow.PolicyPath] || files[argoFile] {
		t.Errorf("files %v", files)
	}
	if badges := text(find(got.page, func(n *html.Node) bool { return strings.Contains(attribute(n, "class"), "refused-live") })); !strings.Contains(badges, "Refused") || !strings.Contains(badges, "Warned") {
		t.Errorf("the table says %q", badges)
	}
}

func TestWhatIsOfNoTenantLeadsToNoTenant(t *testing.T) {
	service := withPolicy()
	service.queue = []workflow.QueueItem{{Request: policyRequest(), MayReview: true}}
	service.home = workflow.Home{Waiting: []workflow.Request{policyRequest()}, Mine: []workflow.Request{policyRequest()}}
	for _, path := range []string{"/", "/queue", "/requests/90"} {
		got := get(t, portal(service, sam), path)
		if dead := find(got.page, func(n *html.Node) bool { return attribute(n, "href") == "/tenants/" }); dead != nil {
			t.Errorf("%s leads to a tenant without a name", path)
		}
		link := find(byID(got.page, "main"), func(n *html.Node) bool { return attribute(n, "href") == rulesPath })
		if text(link) != platformName {
			t.Errorf("%s: in the place of the tenant stands %q", path, text(link))
		}
	}
}

func TestWhatIsNotKnownOfTheClustersIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		live *workflow.LiveEffect
		want string
	}{
		"nobody looked":            {nil, "Tenure was not told how to look at the clusters"},
		"nothing would be refused": {&workflow.LiveEffect{At: noon, Objects: 12}, "None of what runs now would newly be refused: 12 objects looked at."},
		"there is nothing":         {&workflow.LiveEffect{At: noon}, "There was nothing to look at: no tenant runs anything yet."},
		"nothing answered":         {&workflow.LiveEffect{At: noon, Unlooked: []workflow.UnlookedPart{{Why: "The clusters could not be asked."}}}, "Nothing could be looked at, so nobody knows"},
	} {
		t.Run(name, func(t *testing.T) {
			service := withPolicy()
			service.dossier.Request.Plan.Policy = &workflow.PolicyEffect{Live: test.live}
			got := get(t, portal(service, sam), "/requests/90")
			said := text(byID(got.page, "main"))
			if !strings.Contains(said, test.want) || !strings.Contains(said, "No tenant's files change") {
				t.Errorf("the page says %q", said)
			}
		})
	}
}

func TestNoFileOfAPolicysPlanIsLost(t *testing.T) {
	for path, want := range map[string][2]string{
		"clusters/weu-1/payments/payments-api-dev/00-namespace.yaml": {"payments", "weu-1/payments-api-dev"},
		"clusters/weu-1/payments/kustomization.yaml":                 {"payments", ""},
		"approved/payments.yaml":                                     {"payments", ""}, "argocd/payments.yaml": {"payments", ""},
		"policy.yaml": {"", ""}, "keys/a.asc": {"", ""},
	} {
		if tenant, place := fileOwner(path); tenant != want[0] || place != want[1] {
			t.Errorf("%s is of %q in %q, want %q", path, tenant, place, want)
		}
	}
	service := withPolicy()
	plan := &service.dossier.Request.Plan
	plan.Files = append(plan.Files, workflow.FileChange{Path: "clusters/weu-1/orders/orders-dev/x.yaml", After: []byte("kind: X\n")}) // of a tenant that the effect does not name
	shown := requestPlan(service.dossier.Request, sam, noon)
	count := len(shown.Files)
	for _, tenant := range shown.Policy.Tenants {
		for _, place := range tenant.Places {
			count += len(place.Files)
		}
	}
	if count != len(plan.Files) {
		t.Errorf("%d of %d files are shown", count, len(plan.Files))
	}
	if shown.Added != 2 || shown.Removed != 1 { // policy.yaml, and the file of nobody
		t.Errorf("+%d -%d", shown.Added, shown.Removed)
	}
}

func TestWhatBecameOfAPolicyIsSaidInItsOwnWords(t *testing.T) {
	for name, test := range map[string]struct {
		state workflow.State
		files []string
		want  string
	}{
		"committed, with manifests": {workflow.StateCommitted, []string{"clusters/a/b/c/d.yaml"}, "Committed. The admission webhook judges by it, and Argo CD brings what changed to the clusters."},
		"committed, alone":          {workflow.StateCommitted, []string{workflow.PolicyPath}, "Committed. It is in force: the admission webhook judges by it."},
		"active, with manifests":    {workflow.StateActive, []string{"clusters/a/b/c/d.yaml"}, "It is in force, and what changed with it is live on the clusters."},
		"active, alone":             {workflow.StateActive, []string{workflow.PolicyPath}, "It is in force: the admission webhook judges by it."},
	} {
		r := policyRequest()
		r.State, r.Plan.Files = test.state, nil
		for _, path := range test.files {
			r.Plan.Files = append(r.Plan.Files, workflow.FileChange{Path: path})
		}
		if got := sentence(r); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
