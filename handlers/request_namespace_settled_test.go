package handlers

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// hosted is a service in which payments-api-prod has hosts, a registry and a class.
func hosted() *standIn {
	service := fuller()
	n := &service.choices.Tenants[0].Namespaces[0]
	n.Hosts, n.Registries, n.Classification = []string{"api.example.com"}, []string{"mcr"}, "confidential"
	return service
}

func TestALinkAsksForMoreThanANamespaceHas(t *testing.T) {
	service := hosted()
	link := workflow.NamespaceChange{
		AskedNamespace: workflow.AskedNamespace{Name: "payments-api-prod", Cluster: "weu-1", Hosts: []string{"api.example.com", "shop.example.com"}},
		Registries:     []string{"docker-official"}, Existing: true,
	}.Link("payments")
	got := get(t, portal(service, dana), link)
	if heading(got) != "Change the hosts and images of payments-api-prod" {
		t.Fatalf("heading %q", heading(got))
	}
	sent := sentBy(got.page)
	want := url.Values{
		"kind": {"namespace"}, "existing": {"true"}, "tenant": {"payments"}, "cluster": {"weu-1"}, "name": {"payments-api-prod"},
		"hosts": {"api.example.com\nshop.example.com"}, "registries": {"docker-official", "mcr"}, "classification": {"confidential"},
		"purpose": {"Card payments API, production"}, "reason": {""},
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	sent.Set("hosts", "shop.example.com")
	sent.Set("registries", "docker-official")
	sent.Set("reason", "It moved.")
	post(t, portal(service, dana), "/requests", sent)
	asked := workflow.Draft{Tenant: "payments", Change: workflow.NamespaceChange{
		AskedNamespace: workflow.AskedNamespace{Name: "payments-api-prod", Cluster: "weu-1", Hosts: []string{"shop.example.com"}}, Existing: true,
		Registries: []string{"docker-official"}, Classification: "confidential", Purpose: "Card payments API, production", Reason: "It moved.",
	}}
	if diff := cmp.Diff(asked, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}

	service.dossier.Request.Change, service.dossier.Request.State, service.dossier.MayEdit = asked.Change, workflow.StateChangesRequested, true
	for _, path := range []string{"/requests/57/edit", "/requests/new/namespace?from=57"} {
		again := sentBy(get(t, portal(service, dana), path).page)
		if again.Get("hosts") != "shop.example.com" || again.Get("reason") != "It moved." || len(again["registries"]) != 1 {
			t.Errorf("%s: what was taken out is back: %v", path, again)
		}
	}
}

func TestWhileNothingIsChangedThereIsNothingToScold(t *testing.T) {
	got := get(t, portal(hosted(), dana), "/requests/new/namespace?existing=true&cluster=weu-1&name=payments-api-prod")
	if status := text(byID(got.page, "plan-status")); !strings.HasPrefix(status, "This is what it has.") {
		t.Errorf("the status is %q", status)
	}
	sent := sentBy(got.page)
	sent.Set("hosts", "")
	got = sendPart(t, portal(hosted(), dana), "/requests/preview", sent)
	if status := text(byID(got.page, "plan-status")); !strings.HasPrefix(status, "This is the plan") {
		t.Errorf("without its host the status is %q", status)
	}
}

func TestPagesSayWhichDataHostsAndImagesANamespaceHas(t *testing.T) {
	service := &standIn{within: within()}
	service.within.Namespace = hosted().choices.Tenants[0].Namespaces[0]
	service.within.Policy = classified()
	service.within.Namespace.Classification, service.within.Namespace.Registries = "internal", []string{"docker-official"}
	page := get(t, portal(service, dana), "/namespaces/weu-1/payments-api-prod")
	for _, part := range []string{"DatainternalFor everybody in the company.", "Hostsapi.example.com", "Images also ofdocker-officialdocker.io/library/*"} {
		if !strings.Contains(text(page.page), part) {
			t.Errorf("the namespace's page does not say %q", part)
		}
	}
	if hrefs := links(page.page, "Change hosts, images, classification"); len(hrefs) != 1 || hrefs[0] != "/requests/new/namespace?cluster=weu-1&existing=true&name=payments-api-prod&tenant=payments" {
		t.Errorf("it leads to %q", hrefs)
	}
	service.within.MayAsk = false
	if len(links(get(t, portal(service, sam), "/namespaces/weu-1/payments-api-prod").page, "Change hosts, images, classification")) != 0 {
		t.Error("a reader is led to the form")
	}
	service.tenant = workflow.TenantView{Tenancy: service.within.Tenancy}
	service.tenant.Tenancy.Namespaces = []workflow.Namespace{service.within.Namespace}
	tenant := text(get(t, portal(service, dana), "/tenants/payments").page)
	for _, part := range []string{"data internal", "Hosts: api.example.com", "Images also of docker-official"} {
		if !strings.Contains(tenant, part) {
			t.Errorf("the tenant's page does not say %q", part)
		}
	}
}

func TestOfWhichNamespaceHostsChangeIsChosenFirst(t *testing.T) {
	const bare = "/requests/new/namespace?existing=true"
	got := get(t, portal(hosted(), dana), bare)
	if hrefs := links(got.page, "payments-batch-dev"); heading(got) != "Which namespace needs other hosts or images?" || len(hrefs) != 1 || hrefs[0] != settledHref("payments", payments().Namespaces[1]) {
		t.Errorf("%q leads to %q", heading(got), hrefs)
	}
	service := hosted()
	service.choices.Tenants[0].Namespaces = service.choices.Tenants[0].Namespaces[:1]
	if got := get(t, portal(service, dana), bare); sentBy(got.page).Get("hosts") != "api.example.com" {
		t.Errorf("the only one is not chosen: %s", heading(got))
	}
	service.choices.Tenants[0].Namespaces = nil
	if got := get(t, portal(service, dana), bare); heading(got) != "Change the hosts and images of a namespace" || !strings.Contains(text(got.page), "You have no namespace yet.") {
		t.Errorf("without any it says %q", text(got.page))
	}
	if links(get(t, portal(hosted(), dana), "/requests/new?namespace=payments-api-prod&cluster=weu-1&tenant=payments").page, "Other hosts and images") == nil {
		t.Error("among what a namespace can need there are no hosts and images")
	}
}
