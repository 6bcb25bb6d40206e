package handlers

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// drawn writes a file's diff as a person sees it.
func drawn(file web.FileView) string {
	var b strings.Builder
	for _, line := range file.Lines {
		switch line.Kind {
		case web.DiffAdded:
			b.WriteString("+")
		case web.DiffRemoved:
			b.WriteString("-")
		case web.DiffSame:
			b.WriteString(" ")
		}
		b.WriteString(line.Text + "\n")
	}
	return b.String()
}

func TestAChangedFileIsShownAsAUnifiedDiff(t *testing.T) {
	got := fileView(workflow.FileChange{Path: "approved/payments.yaml", Before: []byte(tenancyBefore), After: []byte(tenancyAfter)})
	want := `@@ line 7 @@
     cpu: "64"
     memory: 256Gi
   namespaces:
+    - name: payments-api-dev
+      cluster: weu-1
+      environment: dev
+      podSecurity: baseline
+      request: 57
     - name: payments-api-prod
       cluster: weu-1
       environment: prod
`
	if diff := cmp.Diff(want, drawn(got)); diff != "" {
		t.Errorf("diff (-want +got):\n%s", diff)
	}
	if got.Added != 5 || got.Removed != 0 || got.Change.Text != "changed" || got.Whole != tenancyAfter || got.Label != "Tenancy payments" {
		t.Errorf("+%d -%d %s, label %q", got.Added, got.Removed, got.Change.Text, got.Label)
	}
}

func TestANewFileIsShownWhole(t *testing.T) {
	got := fileView(workflow.FileChange{Path: "a.yaml", After: []byte(denyManifest)})
	if want := "+" + strings.ReplaceAll(strings.TrimSuffix(denyManifest, "\n"), "\n", "\n+") + "\n"; drawn(got) != want {
		t.Errorf("got:\n%s", drawn(got))
	}
	if got.Change.Text != "new" || got.Label != "NetworkPolicy default-deny" {
		t.Errorf("%s, label %q", got.Change.Text, got.Label)
	}
}

func TestARemovedFileIsShownAsRemoved(t *testing.T) {
	got := fileView(workflow.FileChange{Path: "a.yaml", Before: []byte("kind: X\n")})
	if got.Change.Text != "removed" || got.Removed != 1 || got.Added != 0 {
		t.Errorf("%s +%d -%d", got.Change.Text, got.Added, got.Removed)
	}
}

// A reviewer votes on what the diff shows: no line may come or go unseen.
func TestADiffShowsEveryLineThatComesOrGoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a: 1", "b: 2", "", "  c: é", "- d"}), 0, 30)
		side := func(name string) (string, []string) {
			list := lines.Draw(t, name)
			if len(list) == 0 {
				return "", nil
			}
			return strings.Join(list, "\n") + "\n", list
		}
		before, old := side("before")
		after, renewed := side("after")
		got := fileView(workflow.FileChange{Path: "x", Before: []byte(before), After: []byte(after)})
		// Walking the diff over the file before gives the file after.
		var rebuilt []string
		next := 0
		for _, line := range got.Lines {
			switch line.Kind {
			case web.DiffAdded:
				if line.New-1 > len(rebuilt) {
					missing := line.New - 1 - len(rebuilt)
					rebuilt = append(rebuilt, old[next:next+missing]...)
					next += missing
				}
				rebuilt = append(rebuilt, line.Text)
			case web.DiffRemoved, web.DiffSame:
				rebuilt = append(rebuilt, old[next:line.Old-1]...)
				next = line.Old
				if line.Text != old[line.Old-1] {
					t.Fatalf("line %d before is %q, shown as %q", line.Old, old[line.Old-1], line.Text)
				}
				if line.Kind == web.DiffSame {
					rebuilt = append(rebuilt, line.Text)
				}
			}
		}
		rebuilt = append(rebuilt, old[next:]...)
		if strings.Join(rebuilt, "\n") != strings.Join(renewed, "\n") {
			t.Fatalf("before %q, after %q, shown:\n%s", old, renewed, drawn(got))
		}
	})
}

func TestTheHealthPageNamesFileAndLine(t *testing.T) {
	service := &standIn{health: workflow.Health{
		Repository: workflow.RepositoryHealth{Verified: baseCommit, VerifiedAt: noon, Head: newCommit, FetchedAt: noon, Problem: "policy.yaml does not parse.", Location: "policy.yaml:12"},
		Database:   "The database does not answer.", Approved: 1, Deferred: []workflow.Request{deferred().Request},
	}}
	got := get(t, portal(service, sam), "/health")
	if heading(got) != "3 parts of Tenure need attention" {
		t.Errorf("heading %q", heading(got))
	}
	for _, part := range []string{"policy.yaml does not parse.", "policy.yaml:12", "The database does not answer.", "The repository could not be reached."} {
		if !strings.Contains(text(got.page), part) {
			t.Errorf("the page does not say %q", part)
		}
	}
}

func TestTheHealthPageTellsATenantsPeopleNothingOfOthers(t *testing.T) {
	foreign := deferred().Request
	foreign.ID, foreign.Tenant = 58, "search"
	foreign.Change = workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: "search-secret-plan", Cluster: "weu-1"}}
	service := &standIn{choices: choices(), health: workflow.Health{
		Repository: workflow.RepositoryHealth{Verified: baseCommit, VerifiedAt: noon, Problem: "approved/search.yaml does not parse.", Location: "approved/search.yaml:3"},
		Approved:   2, Deferred: []workflow.Request{deferred().Request, foreign},
	}}
	hidden := []string{"search.yaml", "search-secret-plan"}
	for name, test := range map[string]struct {
		actor workflow.Actor
		sees  bool
	}{"a developer": {dana, false}, "an owner": {olga, false}, "security": {sam, true}} {
		got := get(t, portal(service, test.actor), "/health")
		if heading(got) != "2 parts of Tenure need attention" || !strings.Contains(got.body, "payments-api-dev") {
			t.Errorf("%s: heading %q, and their own request: %v", name, heading(got), strings.Contains(got.body, "payments-api-dev"))
		}
		for _, part := range hidden {
			if strings.Contains(got.body, part) != test.sees {
				t.Errorf("%s: %q is on the page: %v", name, part, !test.sees)
			}
		}
	}
}

func TestThoseWhoseTaskIsEveryTenantBeginWithTheTenants(t *testing.T) {
	for name, test := range map[string]struct {
		actor   workflow.Actor
		tenants []workflow.Tenancy
		says    string
	}{
		"security":    {sam, []workflow.Tenancy{payments()}, ""},
		"a developer": {dana, []workflow.Tenancy{payments()}, "You have not asked for anything yet."},
	} {
		got := get(t, portal(&standIn{home: workflow.Home{Tenants: test.tenants}}, test.actor), "/")
		mine := byID(got.page, "mine-title")
		if (mine != nil) != (test.says != "") || !strings.Contains(text(got.page), test.says) {
			t.Errorf("%s: what they asked for is on the page: %v", name, mine != nil)
		}
		if linked := strings.Contains(got.body, `href="/tenants/payments"`); linked != (len(test.tenants) > 0) {
			t.Errorf("%s: the page leads to the tenant: %v", name, linked)
		}
	}
}

func TestTheQueueShowsFirstWhatWaitsForTheReader(t *testing.T) {
	other := request()
	other.ID, other.Reviews = 61, nil
	other.Plan.Findings = append(other.Plan.Findings, workflow.Finding{Severity: workflow.SeverityDanger, Label: "too few reviewers", Message: "x"})
	service := &standIn{queue: []workflow.QueueItem{{Request: other}, {Request: request(), MayReview: true}}}
	got := text(get(t, portal(service, sam), "/queue").page)
	mine, others := strings.Index(got, "#57"), strings.Index(got, "#61")
	if mine < 0 || others < mine {
		t.Errorf("request 57 stands at %d, request 61 at %d", mine, others)
	}
	for _, part := range []string{"too few reviewers", "level baseline", "3 hours ago", "Waiting for the owners of payments: 0 of 1 approval."} {
		if !strings.Contains(got, part) {
			t.Errorf("the queue does not say %q", part)
		}
	}
}

func TestAnEmptyTenantSaysWhatToDo(t *testing.T) {
	empty := payments()
	empty.Namespaces = nil
	got := get(t, portal(&standIn{tenant: workflow.TenantView{Tenancy: empty, MayAsk: true}}, dana), "/tenants/payments")
	if !strings.Contains(text(got.page), "Ask for the first one") || !strings.Contains(got.body, `href="/requests/new/namespace?tenant=payments"`) {
		t.Error("the page does not lead to the form")
	}
}
