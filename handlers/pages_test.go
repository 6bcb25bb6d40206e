package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// furnished answers every page with something to show.
func furnished() *standIn {
	d := dossier()
	d.MayReview, d.Stage = true, workflow.RoleSecurity
	return &standIn{
		choices: choices(), plan: plan(), dossier: d,
		home:   workflow.Home{Waiting: []workflow.Request{request()}, Mine: []workflow.Request{committed().Request}, Tenants: []workflow.Tenancy{payments()}},
		queue:  []workflow.QueueItem{{Request: request(), MayReview: true}, {Request: committed().Request}},
		tenant: workflow.TenantView{Tenancy: payments(), Given: payments().Given(), Requests: []workflow.Request{request(), committed().Request}, MayAsk: true, Commit: baseCommit},
		verdict: []workflow.Verdict{
			{Object: "Pod payments-api-dev/debug", Violations: []workflow.Violation{{Rule: "trusted-registry", Field: "spec.containers[0].image", Value: "docker.io/nginx", Allowed: "registry docker.io is not trusted (contoso.azurecr.io/*).", Ask: "https://tenure.example/rules"}}, Request: 57, Commit: newCommit},
			{Object: "ConfigMap payments-api-dev/settings", Allowed: true, Commit: newCommit},
		},
		health: workflow.Health{Repository: workflow.RepositoryHealth{Verified: baseCommit, VerifiedAt: noon, Head: baseCommit, FetchedAt: noon}},
	}
}

// goodForm is the form as somebody fills it in well.
func goodForm() url.Values {
	return url.Values{
		"tenant": {"payments"}, "name": {"payments-api-dev"}, "environment": {"dev"}, "cluster": {"weu-1"},
		"size": {"small"}, "podSecurity": {"baseline"}, "purpose": {"Development of the card payments API."},
	}
}

// everyPage opens each page once, those that follow a form included.
func everyPage(t *testing.T) map[string]answer {
	t.Helper()
	pages := map[string]answer{}
	full := portal(furnished(), sam)
	for _, path := range []string{"/", "/queue", "/tenants/payments", "/health", rulesPath, "/try", "/try?example=privileged", "/requests/new/namespace", "/requests/57", "/no-such-page"} {
		pages["GET "+path] = get(t, full, path)
	}
	pages["signed out"] = get(t, portal(furnished(), workflow.Actor{}), "/signed-out")
	pages["a link's form"] = get(t, full, "/requests/new/namespace?"+goodForm().Encode())
	pages["POST /try"] = post(t, full, "/try", url.Values{"cluster": {"weu-1"}, "user": {"dana"}, "manifest": {"kind: Pod"}})
	pages["POST /requests/preview"] = post(t, full, "/requests/preview", goodForm())

	pages["a network exception's form"] = get(t, full, "/requests/new/network?"+filledNetwork(nil).Encode())
	pages["GET /requests/new"] = get(t, full, "/requests/new")
	pages["a network exception"] = get(t, portal(&standIn{dossier: networkDossier()}, olaf), "/requests/61")
	pages["a network exception's plan"] = post(t, portal(&standIn{choices: choices(), plan: networkPlan()}, dana), "/requests/preview", filledNetwork(nil))
	pages["a namespace"] = get(t, portal(&standIn{within: within()}, dana), "/namespaces/weu-1/payments-api-prod")
	pages["an exception's end"] = get(t, portal(&standIn{choices: choices(), plan: networkPlan()}, dana), endingHref("payments", 61))

	pages["a tenant's form"] = get(t, portal(tenantsOf(whole()), nina), newTenantPath+"?"+filledTenant(nil).Encode())
	pages["a tenant's change"] = get(t, portal(tenantsOf(whole()), dana), changeTenantHref("payments"))
	pages["a tenant that is not empty"] = get(t, portal(tenantsOf(whole()), dana), leavingHref("payments"))
	pages["a tenant"] = get(t, portal(&standIn{tenant: workflow.TenantView{Tenancy: whole()}, people: workflow.People{Known: true}}, dana), "/tenants/payments")

	pages["another policy"] = get(t, portal(withPolicy(), ada), newPolicyPath)
	pages["another policy's plan"] = post(t, portal(withPolicy(), ada), "/requests/preview", filledPolicy(url.Values{"base": {olderSum}, "kept": {"a: b"}}))
	pages["a policy's request"] = get(t, portal(withPolicy(), sam), "/requests/90")

	pages["GET "+suggestPath] = get(t, full, suggestPath)
	pages["proposals"] = upload(t, &standIn{choices: choices(), seen: workflow.Suggestions{Format: "Hubble JSON", Proposals: []workflow.Suggestion{{Notes: []string{"x"}}}}}, "payments/weu-1", map[string]string{fieldLog: "{}"})

	empty := &standIn{choices: choices(), tenant: workflow.TenantView{Tenancy: workflow.Tenancy{Name: "new"}}}
	for _, path := range []string{"/", "/queue", "/tenants/new"} {
		pages["empty "+path] = get(t, portal(empty, dana), path)
	}
	for name, d := range map[string]workflow.Dossier{"committed": committed(), "deferred": deferred()} {
		pages[name] = get(t, portal(&standIn{dossier: d}, dana), "/requests/57")
	}
	wrong := furnished()
	wrong.saveErr = everythingWrong()
	pages["422"] = post(t, portal(wrong, dana), "/requests", url.Values{"name": {"Bad"}})
	broken := furnished()
	broken.readErr = errors.New("boom")
	pages["500"] = get(t, portal(broken, dana), "/queue")
	return pages
}

func TestEachPageIsTitledWithItsAnswer(t *testing.T) {
	pages := everyPage(t)
	for name, want := range map[string]struct {
		status  int
		heading string
	}{
		"GET /":                       {200, "1 request waits for your review"},
		"GET /queue":                  {200, "1 request waits for you"},
		"GET /tenants/payments":       {200, "Payments has 2 namespaces"},
		"GET /health":                 {200, "Tenure is well"},
		"GET /rules":                  {200, "7 rules for your workloads, and how to pass them"},
		"GET /try":                    {200, "What would the webhook say?"},
		"GET /requests/new/namespace": {200, "Request a namespace"},
		"a namespace":                 {200, "payments-api-prod has 3 network exceptions"},
		"a network exception's form":  {200, "Request a network exception"},
		"GET /requests/new":           {200, "What do you need?"},
		"GET /requests/57":            {200, "Namespace payments-api-dev on weu-1"},
		"another policy":              {200, "Propose another policy"},
		"GET /no-such-page":           {404, "There is no such page"},
		"POST /try":                   {200, "The webhook would deny 1 of 2 objects"},
		"POST /requests/preview":      {200, "Request a namespace"},
		"signed out":                  {200, "You are signed out"},
		"empty /":                     {200, "Your team has no place here yet"},
		"empty /queue":                {200, "The queue is empty"},
		"empty /tenants/new":          {200, "new has 0 namespaces"},
		"422":                         {422, "Request a namespace"},
		"500":                         {500, "Something broke on our side"},
	} {
		got := pages[name]
		if got.status != want.status || heading(got) != want.heading {
			t.Errorf("%s: got %d %q, want %d %q", name, got.status, heading(got), want.status, want.heading)
		}
	}
}

func TestNoPageNeedsMoreThanTheStrictContentSecurityPolicy(t *testing.T) {
	for name, got := range everyPage(t) {
		policy := got.header.Get("Content-Security-Policy")
		if policy == "" || strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'; ") {
			t.Errorf("%s: Content-Security-Policy %q", name, policy)
		}
		for n := range got.page.Descendants() {
			if n.Type == html.ElementNode {
				checkInline(t, name, n)
			}
		}
	}
}

// checkInline refuses what the policy would block in a browser.
func checkInline(t *testing.T, name string, n *html.Node) {
	t.Helper()
	if n.Data == "style" || (n.Data == "script" && (attribute(n, "src") == "" || n.FirstChild != nil)) {
		t.Errorf("%s: inline <%s>", name, n.Data)
	}
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
			t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
		}
		if (a.Key == "src" || a.Key == "href") && n.Data != "a" && !strings.HasPrefix(a.Val, "/static/") {
			t.Errorf("%s: <%s> loads %q, which is not ours", name, n.Data, a.Val)
		}
	}
}

func TestEachPageIsMarkedUpForEveryReader(t *testing.T) {
	for name, got := range everyPage(t) {
		ids := map[string]bool{}
		headings := 0
		for n := range got.page.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: the id %q stands there twice", name, id)
				}
				ids[id] = true
			}
			if n.Data == "h1" {
				headings++
			}
			if n.Data == "time" && attribute(n, "datetime") == "" {
				t.Errorf("%s: a time without datetime", name)
			}
		}
		for n := range got.page.Descendants() {
			for _, reference := range []string{"aria-describedby", "aria-labelledby", "for"} {
				for _, id := range strings.Fields(attribute(n, reference)) {
					if n.Type == html.ElementNode && !ids[id] {
						t.Errorf("%s: <%s %s> names %q, which is not there", name, n.Data, reference, id)
					}
				}
			}
		}
		if headings != 1 {
			t.Errorf("%s: %d first headings", name, headings)
		}
		if primary := strings.Count(got.body, "btn btn-primary"); primary > 1 {
			t.Errorf("%s: %d primary actions", name, primary)
		}
	}
}

func TestPagesAreNeitherCachedNorFramed(t *testing.T) {
	got := get(t, portal(furnished(), dana), "/")
	for header, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
	} {
		if got.header.Get(header) != want {
			t.Errorf("%s is %q, want %q", header, got.header.Get(header), want)
		}
	}
	if !strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error("the page may be framed")
	}
}

func TestHostileNamesAreEscapedAndMarked(t *testing.T) {
	const hostile = "<script>alert(1)</script>\u202Egnp"
	d := dossier()
	d.MayReview, d.Stage = true, workflow.RoleSecurity
	d.Request.RequestedBy.Name = hostile
	d.Request.Change = workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: hostile, Cluster: hostile, Environment: hostile}, Purpose: hostile}
	d.Request.Plan.Summary = []string{hostile}
	d.Request.Plan.Findings[0].Message = hostile
	d.Request.Plan.Files = []workflow.FileChange{{Path: hostile, Before: []byte("a: b\n"), After: []byte("a: " + hostile + "\n")}}
	d.Events[1].Detail = hostile
	home := workflow.Home{Mine: []workflow.Request{d.Request}, Tenants: []workflow.Tenancy{{Name: "x", DisplayName: hostile}}}
	verdicts := []workflow.Verdict{{Object: hostile, Violations: []workflow.Violation{{Rule: hostile, Field: hostile, Value: hostile, Allowed: hostile, Ask: "javascript:alert(1)"}}}}
	d.Request.Plan.Notes, d.Request.Plan.Connectivity = []string{hostile}, connectivity()
	d.Request.Plan.Connectivity.Ends[0].Label, d.Request.Plan.Connectivity.Flows[0].Ports = hostile, hostile
	inside := within()
	inside.Namespace.Name, inside.Namespace.Network[0].Pods = hostile, map[string]string{hostile: hostile}
	inside.Namespace.Network[1].To = &workflow.FlowPeer{FQDN: hostile}
	service := &standIn{within: inside, dossier: d, home: home, queue: []workflow.QueueItem{{Request: d.Request}}, choices: choices(), verdict: verdicts}
	mallory := dana
	mallory.Name, mallory.Username = hostile, hostile
	h := portal(service, mallory)
	for name, got := range map[string]answer{
		"request": get(t, h, "/requests/57"), "home": get(t, h, "/"), "namespace": get(t, h, "/namespaces/a/b"), "queue": get(t, h, "/queue"),
		"try": post(t, h, "/try", url.Values{"user": {"x"}, "cluster": {"weu-1"}, "manifest": {"x"}}),
	} {
		if got.status != http.StatusOK {
			t.Errorf("%s: status %d", name, got.status)
		}
		if strings.Contains(got.body, "<script>alert") || strings.Contains(got.body, `href="javascript:`) {
			t.Errorf("%s: the name came through as markup", name)
		}
		if strings.Contains(got.body, "\u202E") {
			t.Errorf("%s: the character that turns the text around came through", name)
		}
		if !strings.Contains(got.body, "U+202E") {
			t.Errorf("%s: the character that turns the text around is not marked", name)
		}
	}
}
