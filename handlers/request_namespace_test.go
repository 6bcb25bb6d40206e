package handlers

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// classified is the policy of the tests with classes of data and a catalogue of registries.
func classified() workflow.Policy {
	p := policy()
	p.Classifications = []workflow.Classification{{Name: "internal", Means: "For everybody in the company."}, {Name: "confidential"}}
	p.Registries = map[string]workflow.Registry{
		"docker-official": {Images: []string{"docker.io/library/*"}, Means: "Images that Docker maintains."}, "mcr": {Images: []string{"mcr.microsoft.com/*"}},
	}
	return p
}

// fuller is a service whose policy has everything that a namespace can have.
func fuller() *standIn {
	service := furnished()
	service.choices.Policy = classified()
	service.people = workflow.People{Known: true, Groups: []workflow.DirectoryGroup{{ID: "77de0000-0000-4000-8000-000000000001", Name: "payments-oncall"}}}
	return service
}

// threeNamespaces asks for a service in three environments, with all that can be said.
func threeNamespaces() workflow.NamespaceChange {
	return workflow.NamespaceChange{
		AskedNamespace: workflow.AskedNamespace{
			Name: "payments-web-dev", Cluster: "weu-1", Environment: "dev", Size: workflow.OwnSize, CPU: "3", Memory: "12Gi", Storage: "50Gi", Pods: "25",
			PodSecurity: workflow.LevelBaseline, Hosts: []string{"web.dev.example.com", "www.dev.example.com"},
		},
		Also: []workflow.AskedNamespace{
			{Name: "payments-web-test", Cluster: "neu-1", Environment: "test", Size: "small", PodSecurity: workflow.LevelBaseline},
			{Name: "payments-web-prod", Cluster: "weu-1", Environment: "prod", Size: "large", PodSecurity: workflow.LevelRestricted, Hosts: []string{"web.example.com"}},
		},
		Purpose: "The shop.\nAll of it.", Classification: "internal", Registries: []string{"docker-official", "mcr"},
		Access: []workflow.AskedAccess{{Group: "77de0000-0000-4000-8000-000000000001", Role: workflow.AccessView}, {Group: "77de0000-0000-4000-8000-000000000002", Role: workflow.AccessEdit}},
	}
}

// sentBy is all that a browser would send of the page's form.
func sentBy(page *html.Node) url.Values {
	values := url.Values{}
	for n := range page.Descendants() {
		name, attrs := attribute(n, "name"), strings.Fields(attributes(n))
		switch {
		case name == "":
		case n.Data == "input" && (attribute(n, "type") == "radio" || attribute(n, "type") == "checkbox"):
			if slices.Contains(attrs, "checked") {
				values.Add(name, attribute(n, "value"))
			}
		case n.Data == "input":
			values.Add(name, attribute(n, "value"))
		case n.Data == "textarea":
			values.Add(name, strings.TrimPrefix(rawText(n), "\n"))
		case n.Data == "select":
			if option := find(n, func(o *html.Node) bool { return o.Data == "option" && strings.Contains(attributes(o), "selected") }); option != nil {
				values.Add(name, attribute(option, "value"))
			}
		}
	}
	return values
}

// sendPart posts a form as the page's script does.
func sendPart(t *testing.T, h http.Handler, path string, form url.Values) answer {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("HX-Request", "true")
	return send(t, h, request)
}

func TestTheFormCarriesEverythingOfANamespaceWhereverItComesFrom(t *testing.T) {
	want := workflow.Draft{Tenant: "payments", Change: threeNamespaces()}
	asked := fuller()
	asked.dossier.Request.Change, asked.dossier.Request.State, asked.dossier.MayEdit = threeNamespaces(), workflow.StateChangesRequested, true
	for name, path := range map[string]string{
		"editing": "/requests/57/edit", "asking again": "/requests/new/namespace?from=57",
	} {
		t.Run(name, func(t *testing.T) {
			sent := sentBy(get(t, portal(asked, dana), path).page)
			if sent.Get("kind") != "namespace" {
				t.Errorf("the form is for %q", sent.Get("kind"))
			}
			for _, again := range []string{"/requests", "/requests/57/edit"} {
				post(t, portal(asked, dana), again, sent)
				if diff := cmp.Diff(want, asked.draft, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("sent to %s (-want +got):\n%s", again, diff)
				}
			}
			sendPart(t, portal(asked, dana), "/requests/preview", sent)
			kept := sentBy(get(t, portal(asked, dana), "/requests/new/namespace?draft=1").page)
			kept.Del("request")
			sent.Del("request")
			if name == "asking again" {
				if diff := cmp.Diff(sent, kept); diff != "" {
					t.Errorf("the draft that was kept (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestARowIsAddedOrTakenOutWithAndWithoutScript(t *testing.T) {
	service := fuller()
	first := url.Values{
		"kind": {"namespace"}, "tenant": {"payments"}, "name": {"payments-web-dev"}, "cluster": {"weu-1"}, "environment": {"dev"}, "size": {"own"}, "cpu": {"3"},
		"podSecurity": {"baseline"}, "hosts": {"web.dev.example.com"}, "purpose": {"x"},
	}
	ask := func(form url.Values, rows string) url.Values {
		t.Helper()
		form.Set("rows", rows)
		service.planErr = everythingWrong()
		whole := post(t, portal(service, dana), "/requests/form", form)
		if whole.status != http.StatusOK || find(whole.page, func(n *html.Node) bool { return attribute(n, "role") == "alert" }) != nil {
			t.Errorf("%s: status %d, and it scolds", rows, whole.status)
		}
		part := sendPart(t, portal(service, dana), "/requests/form", form)
		if part.header.Get("Tenure-Fragment") != "1" || byID(part.page, "form-rows") == nil || attribute(byID(part.page, "plan"), "hx-swap-oob") != "innerHTML" || byID(part.page, "name") != nil {
			t.Errorf("%s: the fragment is %s", rows, part.body)
		}
		if text(byID(whole.page, "form-rows")) != text(byID(part.page, "form-rows")) {
			t.Errorf("%s: page and fragment are not the same", rows)
		}
		return sentBy(whole.page)
	}
	with := ask(first, "add also test")
	for field, want := range map[string]string{
		"also[0].name": "payments-web-test", "also[0].environment": "test", "also[0].cluster": "weu-1", "also[0].size": "own", "also[0].cpu": "3",
		"also[0].podSecurity": "baseline", "also[0].hosts": "", "name": "payments-web-dev", "hosts": "web.dev.example.com",
	} {
		if with.Get(field) != want {
			t.Errorf("%s is %q, want %q", field, with.Get(field), want)
		}
	}
	with = ask(ask(with, "add also prod"), "add access")
	if with.Get("also[1].name") != "payments-web-prod" || with.Get("also[1].podSecurity") != "restricted" || with.Get("access[0].role") != "view" {
		t.Errorf("the third, in prod, is %v", with)
	}
	less := ask(ask(with, "remove also 0"), "remove access 0")
	if less.Get("name") != "payments-web-dev" || less.Get("also[0].name") != "payments-web-prod" || less.Has("also[1].name") || less.Has("access[0].group") {
		t.Errorf("what is left is %v", less)
	}
	for _, nonsense := range []string{"remove also 7", "remove also 1", "remove access 0", "remove also -1", "remove also x", "remove", "add", "add everything", "remove everything 0", strings.Repeat("x ", 9999)} {
		if got := ask(less, nonsense); got.Get("also[0].name") != "payments-web-prod" || got.Has("also[1].name") {
			t.Errorf("%.20q: %v", nonsense, got)
		}
	}
}

func TestNamesAreProposedForOtherEnvironments(t *testing.T) {
	for name, test := range map[string]struct{ name, from, to, want string }{
		"the environment at the end":   {"payments-api-dev", "dev", "test", "payments-api-test"},
		"none at the end":              {"payments-api", "dev", "test", "payments-api-test"},
		"another one at the end":       {"payments-api-prod", "dev", "test", "payments-api-prod-test"},
		"it ends like one":             {"payments-subdev", "dev", "test", "payments-subdev-test"},
		"no name yet":                  {"", "dev", "test", ""},
		"no environment":               {"payments-api", "", "test", "payments-api-test"},
		"nothing to name it after":     {"payments-api-dev", "dev", "", ""},
		"no environment, and a hyphen": {"payments-", "", "test", "payments--test"},
	} {
		if got := renamed(test.name, test.from, test.to); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestWhatIsWrongStandsBesideEveryFieldOfEveryNamespace(t *testing.T) {
	service := fuller()
	service.dossier.Request.Change, service.dossier.MayEdit, service.dossier.Request.State = threeNamespaces(), true, workflow.StateChangesRequested
	sent := sentBy(get(t, portal(service, dana), "/requests/57/edit").page)
	beside := map[string]string{ // the element by what is wrong in it
		"name": "name", "cpu": "cpu", "pods": "pods", "hosts[0]": "hosts", "hosts[1]": "hosts", "registries[1]": "registries", "classification": "classification",
		"access[1].group": "access[1].group", "access[0].role": "access[0].role", "access": "access", "also": "also", "also[0].name": "also[0].name",
		"also[0].size": "also[0].size", "also[1].environment": "also[1].environment", "also[1].hosts[0]": "also[1].hosts", "also[1].podSecurity": "also[1].podSecurity",
	}
	problem := workflow.Refuse(workflow.Invalid, "Some of what you typed cannot be used.")
	for field := range beside {
		problem.Fields = append(problem.Fields, workflow.FieldProblem{Field: field, Message: "Wrong: " + field + "."})
	}
	service.saveErr, service.planErr = problem, problem
	got := post(t, portal(service, dana), "/requests", sent)
	half := sendPart(t, portal(service, dana), "/requests/preview", sent)
	summary := find(got.page, func(n *html.Node) bool { return attribute(n, "role") == "alert" })
	for field, element := range beside {
		for where, page := range map[string]*html.Node{"after sending": got.page, "while typing": half.page} {
			if said := text(byID(page, element+"-problem")); !strings.Contains(said, "Wrong: "+field+".") {
				t.Errorf("%s: beside %s stands %q", where, element, said)
			}
		}
		if byID(got.page, element) == nil || find(summary, func(n *html.Node) bool { return attribute(n, "href") == "#"+element }) == nil {
			t.Errorf("the summary does not lead to %s", element)
		}
	}
	for _, label := range []string{"Name of namespace 2", "Hosts of namespace 3", "Group of group 2"} {
		if !strings.Contains(text(summary), label+": ") {
			t.Errorf("the summary does not say %q: %s", label, text(summary))
		}
	}
	sent.Del("request")
	if diff := cmp.Diff(sent, sentBy(got.page)); diff != "" {
		t.Errorf("what was typed is not kept (-want +got):\n%s", diff)
	}
}

func TestTheSimpleFormIsShort(t *testing.T) {
	isOpen := func(page *html.Node) bool {
		return strings.Contains(attributes(find(page, func(n *html.Node) bool {
			return n.Data == "details" && strings.Contains(attribute(n, "class"), "more-limits")
		})), "open")
	}
	bare := get(t, portal(furnished(), dana), "/requests/new/namespace")
	for _, field := range []string{"classification", "registries", "also[0].name", "access[0].group"} {
		if byID(bare.page, field) != nil {
			t.Errorf("there is a field %s", field)
		}
	}
	if isOpen(bare.page) {
		t.Error("what few need is shown")
	}
	whole := get(t, portal(fuller(), dana), "/requests/new/namespace")
	page := spaced(whole.page)
	for _, part := range []string{"internal: For everybody in the company", "docker-official Images that Docker maintains. Images: docker.io/library/*.", "Also for test", "Also for prod", "Own numbers"} {
		if !strings.Contains(page, part) {
			t.Errorf("the form does not say %q", part)
		}
	}
	if strings.Contains(page, "Also for dev") {
		t.Error("the environment that is chosen is offered a second time")
	}
	if sentBy(whole.page).Get("classification") != "" {
		t.Error("a class is chosen before anybody said so")
	}
	for name, link := range map[string]string{"hosts": "?hosts=a.example.com&hosts=b.example.com", "registries": "?registries=mcr"} {
		if got := get(t, portal(fuller(), dana), "/requests/new/namespace"+link); !isOpen(got.page) {
			t.Errorf("%s are filled in, and hidden", name)
		}
	}
	service := fuller()
	problem := workflow.Refuse(workflow.Invalid, "x")
	problem.Fields, service.saveErr = []workflow.FieldProblem{{Field: "hosts", Message: "Wrong."}}, problem
	if got := post(t, portal(service, dana), "/requests", goodForm()); !isOpen(got.page) {
		t.Error("what is wrong is hidden")
	}
}

func TestARequestAsksForNoMoreNamespacesThanItMay(t *testing.T) {
	form := url.Values{"kind": {"namespace"}, "tenant": {"payments"}, "name": {"payments-web-dev"}, "environment": {"dev"}}
	for i := range workflow.MaxNamespaces - 1 {
		form.Set(fmt.Sprintf("also[%d].name", i), fmt.Sprintf("payments-web-%d", i))
	}
	got := post(t, portal(fuller(), dana), "/requests/form", form)
	if strings.Contains(text(got.page), "Also for") || strings.Contains(text(got.page), "Add another one") {
		t.Error("one more is offered")
	}
	for i := range 500 {
		form.Set(fmt.Sprintf("also[%d].name", i), "x")
	}
	service := fuller()
	post(t, portal(service, dana), "/requests", form)
	if n := len(service.draft.Change.(workflow.NamespaceChange).Also); n > mostRows {
		t.Errorf("%d were read", n)
	}
}

func TestGroupsAreFoundByNameAndOnlyRolesThatStandAreOffered(t *testing.T) {
	service := fuller()
	service.choices.Policy.Requests.Access.Standing = []workflow.AccessRole{workflow.AccessView}
	form := goodForm()
	form.Set("rows", "add access")
	got := sendPart(t, portal(service, dana), "/requests/form", form)
	if options := text(byID(got.page, "access[0].group-suggestions")); options != "payments-oncall" {
		t.Errorf("the groups are %q", options)
	}
	if roles := text(byID(got.page, "access[0].role")); roles != "view" {
		t.Errorf("the roles are %q", roles)
	}
	service.away = workflow.Refuse(workflow.Unavailable, "The directory does not answer.")
	if got := post(t, portal(service, dana), "/requests/form", form); got.status != http.StatusOK || byID(got.page, "access[0].group") == nil {
		t.Errorf("without the directory: status %d", got.status)
	}
}

func TestAPlanShowsSeveralNamespacesOneBesideAnother(t *testing.T) {
	several := plan()
	several.After.Namespaces = append(several.After.Namespaces, workflow.Namespace{
		Name: "payments-api-test", Cluster: "neu-1", Environment: "test", PodSecurity: workflow.LevelRestricted, Hosts: []string{"a.example.com", "b.example.com"},
		Quota: workflow.Quota{CPU: quantity("3"), Memory: quantity("12Gi"), Storage: quantity("50Gi"), Pods: 25},
	})
	var rows []string
	for _, row := range planView(several, dana, noon).Adds {
		rows = append(rows, row.Name+" "+row.Place+"; "+row.Amounts+"; "+row.Hosts)
	}
	want := []string{
		"payments-api-dev on weu-1, in environment dev, baseline; 2 CPU, 8Gi memory, 20Gi storage, 20 pods; ",
		"payments-api-test on neu-1, in environment test, restricted; 3 CPU, 12Gi memory, 50Gi storage, 25 pods; a.example.com, b.example.com",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
	if one := planView(plan(), dana, noon).Adds; one != nil {
		t.Errorf("of one namespace it shows %v", one)
	}
	service := fuller()
	service.dossier.Request.Change, service.dossier.Request.Plan = threeNamespaces(), several
	page := get(t, portal(service, dana), "/requests/57")
	if heading(page) != "3 namespaces of payments-web" || !strings.Contains(spaced(page.page), "payments-api-test on neu-1, in environment test, restricted 3 CPU") {
		t.Errorf("%q: %s", heading(page), spaced(page.page))
	}
}

func TestNumbersThatAreNotAskedForStayInTheForm(t *testing.T) {
	service := fuller()
	form := goodForm()
	form.Set("cpu", "3")
	form.Set("also[0].size", "small")
	form.Set("also[0].pods", "25")
	service.saveErr = everythingWrong()
	got := sentBy(post(t, portal(service, dana), "/requests", form).page)
	if got.Get("cpu") != "3" || got.Get("also[0].pods") != "25" {
		t.Errorf("the form has lost them: %v", got)
	}
	change := service.draft.Change.(workflow.NamespaceChange)
	if change.CPU+change.Also[0].Pods != "" {
		t.Errorf("they are asked for: %+v", change)
	}
}

func TestHostsAreTypedInAnyWay(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, " \n\n": nil, "a.example.com": {"a.example.com"}, "a.example.com\r\nb.example.com\n": {"a.example.com", "b.example.com"},
		"a.example.com, b.example.com;c.example.com d": {"a.example.com", "b.example.com", "c.example.com", "d"},
	} {
		if diff := cmp.Diff(want, entries(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
