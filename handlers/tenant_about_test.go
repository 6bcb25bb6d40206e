package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func TestATenantsPageSaysWhoItIs(t *testing.T) {
	document := workflow.File{Path: "approved/payments.yaml", Content: []byte("kind: Tenancy\n")}
	service := &standIn{tenant: workflow.TenantView{Tenancy: whole(), Given: whole().Given(), Files: []workflow.File{document}, Commit: baseCommit}}
	service.people = workflow.People{Known: true, Groups: []workflow.DirectoryGroup{{ID: olga.Groups[0], Name: "payments-owners"}}}
	page := get(t, portal(service, sam), "/tenants/payments").page
	var facts []string
	for n := range find(page, func(n *html.Node) bool { return strings.Contains(attribute(n, "class"), "facts-wide") }).Descendants() {
		if n.Data == "dt" || n.Data == "dd" {
			facts = append(facts, text(n))
		}
	}
	want := []string{
		"Contact", "payments@contoso.example", "Cost centre", "CC-1", "Owners", "payments-owners " + olga.Groups[0], "Members", dana.Groups[0],
		"Clusters", "neu-1 weu-1", "Deploy repositories", "https://git.contoso.example/payments/deploy", "Given by", "Request 7",
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if got := text(find(page, func(n *html.Node) bool { return attribute(n, "aria-label") == "All of approved/payments.yaml" })); got != "kind: Tenancy" {
		t.Errorf("the document is shown as %q", got)
	}
	if got := links(page, "payments@contoso.example"); len(got) != 1 || got[0] != "mailto:payments@contoso.example" {
		t.Errorf("the contact leads to %q", got)
	}
	if got := append(links(page, "Change"), links(page, "Remove")...); len(got) > 0 {
		t.Errorf("security is led to %q", got)
	}
}

func TestOnlyWhatIsAnAddressOrALinkIsLedTo(t *testing.T) {
	for contact, want := range map[string]string{
		"payments@contoso.example":             "mailto:payments@contoso.example",
		"a+b@contoso.example":                  "mailto:a+b@contoso.example",
		"o'b%25?cc=x@contoso.example":          "mailto:o%27b%2525%3Fcc=x@contoso.example",
		"https://chat.contoso.example/a?b=c#d": "https://chat.contoso.example/a?b=c#d",
		"http://chat.contoso.example":          "",
		"javascript:alert(1)":                  "",
		"JavaScript://x/%0aalert(1)":           "",
		"data:text/html,x":                     "",
		"https://":                             "",
		"https://user:secret@contoso.example":  "",
		"//contoso.example":                    "",
		"/tenants/payments":                    "",
		"Dana <dana@contoso.example>":          "",
		"a@b.example, c@d.example":             "",
		"a@b.example\nbcc:c@d.example":         "",
		"ask Dana":                             "",
		"":                                     "",
	} {
		if got := contactHref(contact); got != want {
			t.Errorf("%q leads to %q, want %q", contact, got, want)
		}
		service := &standIn{tenant: workflow.TenantView{Tenancy: workflow.Tenancy{Name: "payments", Contact: contact, Repositories: []string{contact}}}}
		page := get(t, portal(service, sam), "/tenants/payments").page
		for n := range page.Descendants() {
			if u, err := url.Parse(attribute(n, "href")); err != nil || !strings.Contains("|https|mailto|", "|"+u.Scheme+"|") && u.Scheme != "" {
				t.Errorf("%q: the page leads to %q", contact, attribute(n, "href"))
			}
		}
	}
}

func TestATenantsPageLeadsItsPeopleAndAdminsToChangingAndRemovingIt(t *testing.T) {
	empty := whole()
	empty.Namespaces = nil
	of := func(tenancy workflow.Tenancy, requests ...workflow.Request) workflow.TenantView {
		return workflow.TenantView{Tenancy: tenancy, Requests: requests}
	}
	asked := ordersRequest(workflow.StateInReview)
	asked.Tenant, asked.Change = "payments", workflow.TenantChange{Existing: true}
	leaving := leavingRequest(workflow.StateInReview)
	leaving.Tenant, leaving.ID = "payments", 81
	decided := ordersRequest(workflow.StateActive)
	decided.Tenant = "payments"
	for name, test := range map[string]struct {
		view          workflow.TenantView
		actor         workflow.Actor
		change, leave []string
	}{
		"its own people":                 {of(whole()), dana, []string{changeTenantHref("payments")}, nil},
		"its own people, when empty":     {of(empty), olga, []string{changeTenantHref("payments")}, []string{leavingHref("payments")}},
		"an admin":                       {of(empty), ada, []string{changeTenantHref("payments")}, []string{leavingHref("payments")}},
		"security":                       {of(empty), sam, nil, nil},
		"what is asked for already":      {of(empty, asked, leaving), dana, []string{"/requests/80"}, []string{"/requests/81"}},
		"what was asked for, is decided": {of(empty, decided), dana, []string{changeTenantHref("payments")}, []string{leavingHref("payments")}},
	} {
		page := get(t, portal(&standIn{tenant: test.view}, test.actor), "/tenants/payments").page
		about := find(page, func(n *html.Node) bool { return attribute(n, "aria-labelledby") == "about-title" })
		if diff := cmp.Diff(test.change, links(about, "Change")); diff != "" {
			t.Errorf("%s: change (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(test.leave, links(about, "Remov")); diff != "" {
			t.Errorf("%s: removal (-want +got):\n%s", name, diff)
		}
	}
}

func TestATenantThatIsNotEmptyLeadsToWhatIsStillThere(t *testing.T) {
	for name, test := range map[string]struct {
		actor workflow.Actor
		leads string
	}{
		"its own people": {dana, newRemovalPath + "?cluster=weu-1&namespace=payments-api-prod&tenant=payments"},
		"an admin":       {ada, "/namespaces/weu-1/payments-api-prod"},
	} {
		got := get(t, portal(tenantsOf(whole()), test.actor), leavingHref("payments"))
		if heading(got) != "Payments still has 2 namespaces" || !strings.Contains(text(got.page), "goes only when it is empty") {
			t.Errorf("%s: %q", name, heading(got))
		}
		if got := links(got.page, "payments-api-prod"); len(got) != 1 || got[0] != test.leads {
			t.Errorf("%s: it leads to %q", name, got)
		}
	}
	form := url.Values{"kind": {"removal"}, "tenant": {"payments"}, "whole": {"yes"}, "confirmation": {"payments"}, "reason": {"Over."}}
	sent := post(t, portal(tenantsOf(whole()), dana), "/requests", form)
	if said := text(byID(sent.page, "tenant-problem")); sent.status != http.StatusUnprocessableEntity || !strings.Contains(said, "payments-api-prod") {
		t.Errorf("sent all the same: status %d, %q", sent.status, said)
	}
}

func TestAnEmptyTenantGoesOnceItsNameIsTyped(t *testing.T) {
	empty := whole()
	empty.Namespaces = nil
	got := get(t, portal(tenantsOf(empty), dana), leavingHref("payments"))
	want := map[string]string{"kind": "removal", "tenant": "payments", "whole": "yes", "confirmation": "", "reason": ""}
	if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if status := text(byID(got.page, "plan-status")); !strings.HasPrefix(status, "This is the plan") || !strings.HasSuffix(status, "Still needed: short name of the tenant, reason.") {
		t.Errorf("status %q", status)
	}
	form := url.Values{"kind": {"removal"}, "tenant": {"payments"}, "whole": {"yes"}, "confirmation": {"Payments"}, "reason": {"Over."}}
	if said := text(byID(post(t, portal(tenantsOf(empty), dana), "/requests", form).page, "confirmation-problem")); !strings.Contains(said, `"payments"`) {
		t.Errorf("another name: %q", said)
	}
	service := furnished()
	form.Set("confirmation", "payments")
	post(t, portal(service, ada), "/requests", form)
	if diff := cmp.Diff(workflow.Draft{Tenant: "payments", Change: workflow.RemovalChange{Tenant: true, Confirmation: "payments", Reason: "Over."}}, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
}
