package handlers

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// open is a database of which only the open requests are ever asked.
type open struct {
	workflow.Store
	requests []workflow.Request
}

func (o open) Requests(context.Context, workflow.RequestFilter) ([]workflow.Request, error) {
	return o.requests, nil
}

func (open) Request(context.Context, int64) (workflow.Request, error) {
	return workflow.Request{}, workflow.ErrNoRequest
}

// withOpen is the real service over a database with these open requests.
func withOpen(requests ...workflow.Request) *workflow.Service {
	service := domain()
	service.Store = open{requests: requests}
	return service
}

// removalOf is the form for the removal of a namespace, with what was typed.
func removalOf(namespace, confirmation, reason string) url.Values {
	return url.Values{"kind": {"removal"}, "tenant": {"payments"}, "cluster": {"weu-1"}, "namespace": {namespace}, "confirmation": {confirmation}, "reason": {reason}}
}

func removalRequest() workflow.Request {
	r := request()
	r.Kind, r.ID = workflow.KindRemoval, 58
	r.Change = workflow.RemovalChange{Cluster: "weu-1", Namespace: "payments-api-prod", Confirmation: "payments-api-prod", Reason: "It moved."}
	return r
}

func TestALinkLeadsToTheFormForTheRemovalOfThatNamespaceWithItsPlan(t *testing.T) {
	link := removalHref("payments", payments().Namespaces[0])
	got := get(t, portal(withOpen(), dana), link)
	if got.status != http.StatusOK || heading(got) != "Request the removal of payments-api-prod" {
		t.Fatalf("status %d: %q", got.status, heading(got))
	}
	page := text(got.page)
	for _, want := range []string{
		"Environment", "prod", "8 CPU, 32Gi memory, 100Gi storage, 60 pods", "Card payments API, production", "Request 42",
		"Removes namespace payments-api-prod on weu-1 with everything in it", "payments-api-prod is a production namespace.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if status := text(byID(got.page, "plan-status")); !strings.HasPrefix(status, "This is the plan: ") || !strings.HasSuffix(status, " Still needed: name of the namespace, reason.") {
		t.Errorf("the status is %q", status)
	}
	want := map[string]string{"kind": "removal", "tenant": "payments", "cluster": "weu-1", "namespace": "payments-api-prod", "confirmation": "", "reason": ""}
	if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	for _, field := range []string{"tenant", "namespace", "confirmation", "reason"} {
		if said := text(byID(got.page, field+"-problem")); said != "" {
			t.Errorf("%s: it scolds before anything was typed: %q", field, said)
		}
	}
}

func TestALinkToWhatCannotBeRemovedSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		service *workflow.Service
		link    url.Values
		field   string
		says    string
	}{
		"gone":             {withOpen(), url.Values{"tenant": {"payments"}, "cluster": {"weu-1"}, "namespace": {"payments-gone"}}, "namespace", `payments has no namespace "payments-gone" on weu-1. It may have been removed already.`},
		"elsewhere":        {withOpen(), url.Values{"tenant": {"payments"}, "cluster": {"neu-1"}, "namespace": {"payments-api-prod"}}, "namespace", "It has one of that name on weu-1."},
		"another's tenant": {withOpen(), url.Values{"tenant": {"logistics"}, "cluster": {"weu-1"}, "namespace": {"logistics-api"}}, "tenant", `There is no tenant "logistics" that you can ask for.`},
		"asked for already": {withOpen(removalRequest()), url.Values{"tenant": {"payments"}, "cluster": {"weu-1"}, "namespace": {"payments-api-prod"}}, "namespace",
			`Request 58 by Dana Developer already asks to remove "payments-api-prod" on weu-1.`},
	} {
		t.Run(name, func(t *testing.T) {
			got := get(t, portal(test.service, dana), newRemovalPath+"?"+test.link.Encode())
			if said := text(byID(got.page, test.field+"-problem")); got.status != http.StatusOK || !strings.Contains(said, test.says) {
				t.Errorf("status %d; beside %s stands %q", got.status, test.field, said)
			}
			if strings.Contains(text(got.page), "This is the plan") {
				t.Error("there is a plan nevertheless")
			}
		})
	}
}

func TestARemovalFormThatIsNotAcceptedKeepsWhatWasTypedAndThePlan(t *testing.T) {
	typed := removalOf("payments-api-prod", `"><b>payments-api-dev`, "\nIt moved,\nto another cloud.")
	got := post(t, portal(withOpen(), dana), "/requests", typed)
	if got.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", got.status)
	}
	if diff := cmp.Diff(typed.Get("reason"), formValues(got.page)["reason"]); diff != "" {
		t.Error(diff)
	}
	if kept := formValues(got.page); kept["confirmation"] != typed.Get("confirmation") || kept["namespace"] != "payments-api-prod" || kept["kind"] != "removal" {
		t.Errorf("the form has %v", kept)
	}
	if said := text(byID(got.page, "confirmation-problem")); !strings.Contains(said, `is not the name of this namespace. Type "payments-api-prod".`) {
		t.Errorf("beside the name stands %q", said)
	}
	if status := text(byID(got.page, "plan-status")); !strings.Contains(status, "This is the plan: ") || !strings.HasSuffix(status, " 1 field to look at.") {
		t.Errorf("the status is %q", status)
	}
	summary := find(got.page, func(n *html.Node) bool { return attribute(n, "role") == "alert" })
	if find(summary, func(n *html.Node) bool { return attribute(n, "href") == "#confirmation" }) == nil {
		t.Error("the summary does not lead to the field")
	}

	nothing := post(t, portal(withOpen(), dana), "/requests", removalOf("payments-gone", "payments-gone", "x"))
	if link := find(nothing.page, func(n *html.Node) bool { return attribute(n, "href") == "#namespace" }); link == nil || attribute(byID(nothing.page, "namespace"), "tabindex") != "-1" {
		t.Error("the summary leads to no place that can take the focus")
	}
}

func TestARemovalIsHandedToTheDomain(t *testing.T) {
	service := furnished()
	got := post(t, portal(service, dana), "/requests", removalOf("payments-api-prod", " payments-api-prod ", "It moved."))
	if got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	want := workflow.Draft{Tenant: "payments", Change: workflow.RemovalChange{
		Cluster: "weu-1", Namespace: "payments-api-prod", Confirmation: "payments-api-prod", Reason: "It moved.",
	}}
	if diff := cmp.Diff(want, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
}

func TestWhileTheNameIsTypedThePlanStaysAndTheMessageComesAndGoes(t *testing.T) {
	ask := func(form url.Values) answer {
		t.Helper()
		request := httptest.NewRequest(http.MethodPost, "/requests/preview", strings.NewReader(form.Encode()))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("HX-Request", "true")
		got := send(t, portal(withOpen(), dana), request)
		if !strings.Contains(text(got.page), "This cannot be undone.") {
			t.Error("the plan is gone")
		}
		return got
	}
	half := ask(removalOf("payments-api-prod", "payments-a", ""))
	if !strings.Contains(text(byID(half.page, "confirmation-problem")), `Type "payments-api-prod".`) || text(byID(half.page, "reason-problem")) != "" {
		t.Errorf("half-way: %q, %q", text(byID(half.page, "confirmation-problem")), text(byID(half.page, "reason-problem")))
	}
	if status := text(byID(half.page, "plan-status")); !strings.HasSuffix(status, " Look at: name of the namespace, reason.") {
		t.Errorf("half-way the status is %q", status)
	}
	whole := ask(removalOf("payments-api-prod", "payments-api-prod", "It moved."))
	if problem := byID(whole.page, "confirmation-problem"); text(problem) != "" || attribute(problem, "hx-swap-oob") != "true" {
		t.Error("the message stays")
	}
	if status := text(byID(whole.page, "plan-status")); !strings.HasSuffix(status, " Nothing is sent before you submit.") {
		t.Errorf("at the end the status is %q", status)
	}
}

func TestWithoutANamespaceInTheLinkOneIsChosen(t *testing.T) {
	got := get(t, portal(withOpen(), dana), newRemovalPath)
	if got.status != http.StatusOK || heading(got) != "Which namespace is to be removed?" {
		t.Fatalf("status %d: %q", got.status, heading(got))
	}
	for _, n := range payments().Namespaces {
		if find(got.page, func(a *html.Node) bool { return attribute(a, "href") == removalHref("payments", n) }) == nil {
			t.Errorf("there is no link for %s", n.Name)
		}
	}
	service := furnished()
	bare := payments()
	bare.Namespaces = nil
	service.choices.Tenants = []workflow.Tenancy{bare}
	if got := get(t, portal(service, dana), newRemovalPath); !strings.Contains(text(got.page), "There is no namespace that you can ask to remove.") {
		t.Errorf("without any it says %q", text(got.page))
	}
}

func TestARemovalIsChangedInItsOwnForm(t *testing.T) {
	service := furnished()
	service.dossier.Request = removalRequest()
	service.dossier.Request.State, service.dossier.MayEdit = workflow.StateChangesRequested, true
	got := get(t, portal(service, dana), "/requests/58/edit")
	want := map[string]string{
		"kind": "removal", "request": "58", "tenant": "payments", "cluster": "weu-1", "namespace": "payments-api-prod", "confirmation": "payments-api-prod", "reason": "It moved.",
	}
	if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if strings.Contains(got.body, `href="`+newRemovalPath+`"`) {
		t.Error("another namespace can be chosen, though the request stays with its own")
	}
	service.saveErr = workflow.Refuse(workflow.Forbidden, "Only the person who asked can submit this request.")
	if got := post(t, portal(service, dana), "/requests/58/edit", removalOf("payments-api-prod", "payments-api-prod", "It moved far.")); got.status != http.StatusForbidden {
		t.Errorf("status %d", got.status)
	}
	if change, ok := service.draft.Change.(workflow.RemovalChange); !ok || change.Reason != "It moved far." {
		t.Errorf("the domain was handed %+v", service.draft)
	}
}

func TestTheTenantsPageLeadsToTheRemovalOfEachNamespaceForThoseWhoMayAsk(t *testing.T) {
	view := workflow.TenantView{Tenancy: payments(), MayAsk: true, Requests: []workflow.Request{removalRequest()}}
	rows := func(view workflow.TenantView) (links []string) {
		for _, row := range tenantPage(view, dana, noon).Namespaces {
			links = append(links, row.Removal.Text+" "+row.Removal.Href)
		}
		return links
	}
	form := "Remove… " + newRemovalPath + "?cluster=weu-1&namespace=payments-batch-dev&tenant=payments"
	if diff := cmp.Diff([]string{"Removal asked for /requests/58", form}, rows(view)); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	view.Requests[0].State, view.MayAsk = workflow.StateWithdrawn, false
	if diff := cmp.Diff([]string{" ", " "}, rows(view)); diff != "" {
		t.Errorf("links for a reader (-want +got):\n%s", diff)
	}
}

func TestAKindThatNobodyKnowsIsRefusedWhereverItComesFrom(t *testing.T) {
	service := furnished()
	if got := get(t, portal(service, dana), "/requests/new/everything"); got.status != http.StatusNotFound {
		t.Errorf("the form: status %d", got.status)
	}
	for _, path := range []string{"/requests", "/requests/preview", "/requests/57/edit"} {
		if got := post(t, portal(service, dana), path, url.Values{"kind": {"everything"}}); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got.status)
		}
	}
}
