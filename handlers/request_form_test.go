package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// formFields are the names that the domain's problems use.
var formFields = []string{"tenant", "name", "environment", "cluster", "size", "podSecurity", "purpose"}

func everythingWrong() *workflow.Problem {
	problem := workflow.Refuse(workflow.Invalid, "Some of what you typed cannot be used.")
	for _, field := range formFields {
		problem.Fields = append(problem.Fields, workflow.FieldProblem{Field: field, Message: "What is wrong with " + field + "."})
	}
	return problem
}

func TestAFormWithEveryFieldWrongKeepsWhatWasTypedAndSaysWhatIsWrong(t *testing.T) {
	typed := url.Values{
		"tenant": {"nobody"}, "name": {`Bad_"Name`}, "environment": {"moon"}, "cluster": {"mars-1"},
		"size": {"galactic"}, "podSecurity": {"privileged"}, "purpose": {"\n<b>Line one</b>\nLine two"},
	}
	service := furnished()
	service.saveErr = everythingWrong()
	for name, path := range map[string]string{"a new request": "/requests", "a changed request": "/requests/57/edit"} {
		t.Run(name, func(t *testing.T) {
			got := post(t, portal(service, dana), path, typed)
			if got.status != http.StatusUnprocessableEntity {
				t.Fatalf("status %d, want 422", got.status)
			}
			kept := formValues(got.page)
			for _, field := range formFields {
				if kept[field] != typed.Get(field) {
					t.Errorf("%s: %q was typed, %q is in the form", field, typed.Get(field), kept[field])
				}
				checkFieldProblem(t, got.page, field)
			}
			summary := find(got.page, func(n *html.Node) bool { return attribute(n, "role") == "alert" })
			if attribute(summary, "tabindex") != "-1" {
				t.Error("the error summary cannot take the focus")
			}
			for _, field := range formFields {
				link := find(summary, func(n *html.Node) bool { return attribute(n, "href") == "#"+field })
				if link == nil || byID(got.page, field) == nil {
					t.Errorf("the error summary does not lead to %s", field)
				}
			}
		})
	}
}

// checkFieldProblem finds a field's message through what a screen reader follows.
func checkFieldProblem(t *testing.T, page *html.Node, field string) {
	t.Helper()
	input := find(page, func(n *html.Node) bool {
		return attribute(n, "aria-invalid") == "true" && (attribute(n, "name") == field || find(n, func(c *html.Node) bool { return attribute(c, "name") == field }) != nil)
	})
	if input == nil {
		t.Errorf("%s is not marked as invalid", field)
		return
	}
	var described strings.Builder
	for _, id := range strings.Fields(attribute(input, "aria-describedby")) {
		described.WriteString(text(byID(page, id)))
	}
	if !strings.Contains(described.String(), "What is wrong with "+field+".") {
		t.Errorf("%s is described by %q, which does not say what is wrong", field, described.String())
	}
}

// formValues is what a browser would send of the page's form.
func formValues(page *html.Node) map[string]string {
	values := map[string]string{}
	for n := range page.Descendants() {
		name := attribute(n, "name")
		has := func(key string) bool {
			for _, a := range n.Attr {
				if a.Key == key {
					return true
				}
			}
			return false
		}
		switch {
		case n.Data == "input" && (attribute(n, "type") == "radio" || attribute(n, "type") == "checkbox"):
			if has("checked") {
				values[name] = attribute(n, "value")
			}
		case n.Data == "input":
			values[name] = attribute(n, "value")
		case n.Data == "textarea":
			values[name] = rawText(n)
		case n.Data == "select":
			if option := find(n, func(o *html.Node) bool { return o.Data == "option" && strings.Contains(attributes(o), "selected") }); option != nil {
				values[name] = attribute(option, "value")
			}
		}
	}
	return values
}

func attributes(n *html.Node) string {
	var names []string
	for _, a := range n.Attr {
		names = append(names, a.Key)
	}
	return strings.Join(names, " ")
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(c.Data)
	}
	return b.String()
}

func TestSubmittingHandsTheDraftToTheDomainAndLeadsToTheRequest(t *testing.T) {
	service := furnished()
	got := post(t, portal(service, dana), "/requests", goodForm())
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/requests/57" {
		t.Errorf("got %d to %q, want 303 to /requests/57", got.status, got.header.Get("Location"))
	}
	want := workflow.Draft{Tenant: "payments", Change: workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: "payments-api-dev", Cluster: "weu-1", Environment: "dev", Size: "small", PodSecurity: workflow.LevelBaseline}, Purpose: "Development of the card payments API."}}
	if diff := cmp.Diff(want, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
	if service.actor.ID != dana.ID {
		t.Errorf("asked by %v, want Dana", service.actor.ID)
	}
}

func TestTheFormStartsWithWhatThereIsOneChoiceFor(t *testing.T) {
	kept := formValues(get(t, portal(furnished(), dana), "/requests/new/namespace").page)
	want := map[string]string{"kind": "namespace", "tenant": "payments", "name": "", "environment": "dev", "cluster": "", "size": "small", "podSecurity": "restricted", "purpose": "",
		"cpu": "", "memory": "", "storage": "", "pods": "", "hosts": ""}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

func TestTheFormOffersTheClustersOfTheTenant(t *testing.T) {
	search := payments()
	search.Name, search.Clusters = "search", []string{"weu-1"}
	mine := payments()
	mine.Clusters = []string{"neu-1"}
	for name, test := range map[string]struct {
		tenants []workflow.Tenancy
		query   string
		want    []string // values offered; empty for "Choose…"
	}{
		"the only tenant's only cluster": {[]workflow.Tenancy{mine}, "", []string{"neu-1"}},
		"no tenant yet":                  {[]workflow.Tenancy{mine, search}, "", []string{"", "neu-1", "weu-1"}},
		"a tenant":                       {[]workflow.Tenancy{mine, search}, "?tenant=search", []string{"weu-1"}},
		"one where the tenant is not":    {[]workflow.Tenancy{mine, search}, "?tenant=search&cluster=neu-1", []string{"weu-1", "neu-1"}},
		"a tenant of somebody else":      {[]workflow.Tenancy{mine}, "?tenant=search", []string{"neu-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			service := furnished()
			service.choices.Tenants = test.tenants
			page := get(t, portal(service, dana), "/requests/new/namespace"+test.query).page
			list := find(page, func(n *html.Node) bool { return n.Data == "select" && attribute(n, "name") == "cluster" })
			var offered []string
			for option := range list.Descendants() {
				if option.Data == "option" {
					offered = append(offered, attribute(option, "value"))
				}
			}
			if diff := cmp.Diff(test.want, offered); diff != "" {
				t.Errorf("clusters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPersonOfNoTenantHearsWhyThereIsNothingToAskFor(t *testing.T) {
	service := furnished()
	service.choices.Tenants = nil
	if got := get(t, portal(service, sam), "/requests/new/namespace"); got.status != http.StatusForbidden {
		t.Errorf("status %d, want 403", got.status)
	}
}

func TestTheEditFormIsFilledWithWhatWasAskedFor(t *testing.T) {
	service := furnished()
	service.dossier.Request.State, service.dossier.MayEdit = workflow.StateChangesRequested, true
	got := get(t, portal(service, dana), "/requests/57/edit")
	kept := formValues(got.page)
	if got.status != http.StatusOK || kept["name"] != "payments-api-dev" || kept["podSecurity"] != "baseline" || kept["request"] != "57" {
		t.Errorf("got %d with %v", got.status, kept)
	}
	service.dossier.Request.State = workflow.StateInReview
	if got := get(t, portal(service, dana), "/requests/57/edit"); got.status != http.StatusConflict {
		t.Errorf("in review: status %d, want 409", got.status)
	}
}

func fragment(t *testing.T, service Service, form url.Values) answer {
	t.Helper()
	return fragmentAs(t, service, dana, form)
}

// fragmentAs is what arrives while this person types.
func fragmentAs(t *testing.T, service Service, actor workflow.Actor, form url.Values) answer {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/requests/preview", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("HX-Request", "true")
	return send(t, portal(service, actor), request)
}

func TestThePlanArrivesAloneWhileSomebodyTypes(t *testing.T) {
	got := fragment(t, furnished(), goodForm())
	if got.status != http.StatusOK || got.header.Get("Tenure-Fragment") != "1" || strings.Contains(got.body, "<html") {
		t.Fatalf("got %d, marked %q, page %v", got.status, got.header.Get("Tenure-Fragment"), strings.Contains(got.body, "<html"))
	}
	for _, part := range []string{"Creates namespace payments-api-dev on weu-1", "approved/payments.yaml", "2 approvals", "12 of 64"} {
		if !strings.Contains(got.body, part) {
			t.Errorf("the plan does not say %q", part)
		}
	}
	for _, field := range formFields {
		if problem := byID(got.page, field+"-problem"); attribute(problem, "hx-swap-oob") != "true" || text(problem) != "" {
			t.Errorf("%s: the message of an earlier try is not taken away", field)
		}
	}
}

func TestWhileTypingOnlyWhatWasTypedIsFoundWrong(t *testing.T) {
	service := furnished()
	service.planErr = everythingWrong()
	got := fragment(t, service, url.Values{"tenant": {"payments"}, "name": {"Bad"}, "purpose": {"  "}})
	if got.status != http.StatusOK {
		t.Fatalf("status %d, want 200", got.status)
	}
	for field, wrong := range map[string]bool{"tenant": true, "name": true, "cluster": false, "purpose": false} {
		if said := text(byID(got.page, field+"-problem")) != ""; said != wrong {
			t.Errorf("%s: message shown %v, want %v", field, said, wrong)
		}
	}
	if status := text(byID(got.page, "plan-status")); status != "There is no plan yet. Look at: tenant, name, environment, cluster, size, pod security level, purpose." {
		t.Errorf("status %q", status)
	}
}

func TestWithoutScriptTheButtonShowsThePlanBesideTheForm(t *testing.T) {
	got := post(t, portal(furnished(), dana), "/requests/preview", goodForm())
	if got.status != http.StatusOK || !strings.Contains(got.body, "<html") || !strings.Contains(got.body, "Creates namespace payments-api-dev") {
		t.Errorf("got %d without page or plan", got.status)
	}
	if kept := formValues(got.page); kept["name"] != "payments-api-dev" {
		t.Errorf("the form has %v", kept)
	}
	wrong := furnished()
	wrong.planErr = everythingWrong()
	if got := post(t, portal(wrong, dana), "/requests/preview", goodForm()); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong form: status %d, want 422", got.status)
	}
}

func FuzzSentForm(f *testing.F) {
	f.Add("tenant=payments&name=payments-api-dev&purpose=a%0D%0Ab")
	f.Add("name=%E2%80%AE&name=x&purpose=%ff%fe")
	f.Add("kind=removal&tenant=payments&cluster=weu-1&namespace=x&confirmation=%20x%20&reason=a%0Ab%C2")
	f.Add("kind=network&namespace=payments%2Fweu-1%2Fx&direction=egress&peer=cidr&cidr=10.0.0.0%2F8&until=2027-02-01&reason=a%0Ab")
	f.Add("kind=network&tenant=a%2Fb&cluster=%25zz&namespace=%2F%2F%2F&peer=moon")
	f.Add("kind=removal&exception=%2061%20&tenant=payments&reason=x")
	f.Add("kind=removal&tenant=payments&cluster=weu-1&namespace=x&subject=y&role=edit&reason=x")
	f.Add("kind=quota&namespace=payments%2Fweu-1%2Fx&cpu=%202&memory=4Gi&storage=x&pods=-1&objects.services=5&objects.count%2Fjobs.batch=9&until=&confirmed=yes&reason=a%0Ab")
	f.Add("kind=access&tenant=payments&cluster=weu-1&namespace=x&subject=person&person=y&group=z&role=admin&until=2027-02-01&reason=a")
	f.Add("kind=exemption&namespace=payments%2Fweu-1%2Fx&rule=trusted-registry&value=docker.io%2Fredis:7&selector=app%3Dlegacy&until=2027-02-01&reason=a")
	f.Add("kind=tenant&tenant=orders&displayName=Orders&owners=orders-owners&owners.pick=x&members=y&contact=a%40b.c&costCentre=7&cpu=1&memory=1Gi&storage=1Gi&namespaces=2&clusters=weu-1&clusters=neu-1&repositories=a%0D%0A%0Ab%20c&reason=a")
	f.Add("kind=tenant&tenant=payments&existing=yes&clusters=moon%20weu-1%0Aweu-1&repositories=a&repositories=a")
	f.Add("kind=removal&tenant=payments&whole=yes&confirmation=payments&reason=a%0Ab")
	f.Add("kind=policy&document=a:%0D%0A++b&base=sha256:ab&reason=x%FF&kept=%0Ay")
	f.Add("=&&%zz")
	typing := httptest.NewRequest(http.MethodPost, "/requests/preview", nil)
	typing.Header.Set("HX-Request", "true")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		typed, err := sentForm(values)
		if err != nil {
			return
		}
		form := (&Portal{Clock: stoppedClock{}, Service: &standIn{}}).formView(echo.New().NewContext(typing, nil), choices(), typed, nil)
		again := url.Values{"kind": {form.Kind}}
		for _, field := range form.Fields() {
			if !utf8.ValidString(field.Value) {
				t.Errorf("%s is not UTF-8: %q", field.Name, field.Value)
			}
			if field.Name == fieldConfirmed && !field.Checked {
				continue // of a box that is not ticked, nothing is sent
			}
			// A browser sends every newline as CR LF.
			again.Set(field.Name, strings.ReplaceAll(field.Value, "\n", "\r\n"))
		}
		sent, err := sentForm(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(typed, sent, cmpopts.IgnoreUnexported(workflow.AccessChange{}, workflow.TenantChange{})); diff != "" && len(query) < maxTyped {
			t.Errorf("the form changes when it is sent again (-first +second):\n%s", diff)
		}
	})
}
