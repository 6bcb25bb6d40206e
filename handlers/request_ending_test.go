package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// withLive is the real service over a state in which request 61 opened payments to search.
func withLive(requests ...workflow.Request) *workflow.Service {
	p := networkPlan()
	service := withOpen(requests...)
	service.Repository = approved{state: &workflow.ApprovedState{
		Commit: baseCommit, Policy: policy(), Tenancies: map[string]workflow.Tenancy{"payments": p.After, "search": p.Others[0].After},
	}}
	return service
}

func TestTheFormThatEndsAnExceptionShowsWhatWouldClose(t *testing.T) {
	for name, link := range map[string]string{"with the tenant": endingHref("payments", 61), "with the number alone": newRemovalPath + "?exception=61"} {
		t.Run(name, func(t *testing.T) {
			got := get(t, portal(withLive(), dana), link)
			if got.status != http.StatusOK || heading(got) != "Request to end exception 61" {
				t.Fatalf("status %d: %q", got.status, heading(got))
			}
			page := text(got.page)
			for _, part := range []string{
				"payments-api-prod on weu-1", "egress", "app=api", "search-api-dev (every pod)", "TCP 8080", "in 1 month 1 Jan 2027, 00:00 UTC",
				"Closes TCP 8080 from payments-api-prod (app=api) to search-api-dev", "Request 61",
			} {
				if !strings.Contains(page, part) {
					t.Errorf("the page does not say %q", part)
				}
			}
			if status := text(byID(got.page, "plan-status")); !strings.HasSuffix(status, " Still needed: reason.") {
				t.Errorf("the status is %q", status)
			}
			want := map[string]string{"kind": "removal", "tenant": "payments", "exception": "61", "reason": ""}
			if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheOwnersOfTheOtherEndMayEndItToo(t *testing.T) {
	got := get(t, portal(withLive(), olaf), endingHref("search", 61))
	if got.status != http.StatusOK || !strings.Contains(text(got.page), "Closes TCP 8080 from payments-api-prod") {
		t.Errorf("status %d: %q", got.status, text(byID(got.page, "plan")))
	}
}

func TestAnEndOfWhatIsNotThereSaysWhyBesideIt(t *testing.T) {
	for name, exception := range map[string]string{"no such number": "62", "no number": "sixty", "below nothing": "-3"} {
		got := post(t, portal(withLive(), dana), "/requests", url.Values{"kind": {"removal"}, "tenant": {"payments"}, "exception": {exception}, "reason": {"x"}})
		if got.status != http.StatusUnprocessableEntity || text(byID(got.page, "exception-problem")) == "" {
			t.Errorf("%s: status %d, %q", name, got.status, text(byID(got.page, "exception-problem")))
		}
		if kept := formValues(got.page)["exception"]; kept != exception {
			t.Errorf("%s: %q is kept", name, kept)
		}
	}
}

func TestAnEndIsHandedToTheDomainAndChangedInItsOwnForm(t *testing.T) {
	service := furnished()
	if got := post(t, portal(service, dana), "/requests", url.Values{"kind": {"removal"}, "tenant": {"payments"}, "exception": {"61"}, "reason": {"Moved."}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	want := workflow.Draft{Tenant: "payments", Change: workflow.RemovalChange{Exception: 61, Reason: "Moved."}}
	if diff := cmp.Diff(want, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
	service.dossier.Request = removalRequest()
	service.dossier.Request.Change = want.Change
	service.dossier.Request.State, service.dossier.MayEdit = workflow.StateChangesRequested, true
	got := get(t, portal(service, dana), "/requests/58/edit")
	form := map[string]string{"kind": "removal", "request": "58", "tenant": "payments", "exception": "61", "reason": "Moved."}
	if diff := cmp.Diff(form, formValues(got.page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

func TestANetworkExceptionIsChangedInItsOwnForm(t *testing.T) {
	service := furnished()
	service.dossier = networkDossier()
	service.dossier.Request.State, service.dossier.MayEdit = workflow.StateChangesRequested, true
	got := formValues(get(t, portal(service, dana), "/requests/61/edit").page)
	want := map[string]string{
		"kind": "network", "request": "61", "namespace": "payments/weu-1/payments-api-prod", "direction": "egress", "pods": "app=api", "peer": "namespace",
		"peerNamespace": "search-api-dev", "peerPods": "", "cidr": "", "except": "", "fqdn": "", "ports": "TCP 8080", "until": "2027-01-01", "reason": "Search for the shop.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

func TestWhatCanBeAskedForIsListed(t *testing.T) {
	got := get(t, portal(furnished(), dana), "/requests/new")
	for _, href := range []string{"/requests/new/namespace", newNetworkPath, newQuotaPath, newAccessPath, newExemptionPath, newRemovalPath, endPath, newTenantPath} {
		if !strings.Contains(got.body, `href="`+href+`"`) {
			t.Errorf("nothing leads to %s", href)
		}
	}
}

func TestEveryKindOfGrantCanBeEnded(t *testing.T) {
	members := payments().Members.Group
	for name, test := range map[string]struct {
		link, heading string
		says          []string
	}{
		"access":              {endingHref("payments", 70), "Request to end the access of request 70", []string{"admin for dana@contoso.example", "in 2 days", "Takes away admin for dana@contoso.example"}},
		"an exemption":        {endingHref("payments", 72), "Request to end the exemption of request 72", []string{"past trusted-registry", "Lets no longer through"}},
		"a quota increase":    {endingHref("payments", 73), "Request to end the quota increase of request 73", []string{"12 CPU", "Ends the temporary quota"}},
		"the namespace's own": {revokingHref("payments", payments().Namespaces[0], workflow.Access{Group: members, Role: workflow.AccessEdit}), "Request to end access to payments-api-prod", []string{"the members of payments", "without an end", "Takes away edit for the group " + members}},
	} {
		t.Run(name, func(t *testing.T) {
			got := get(t, portal(withGrants(), dana), test.link)
			if got.status != http.StatusOK || heading(got) != test.heading {
				t.Fatalf("status %d: %q", got.status, heading(got))
			}
			for _, part := range test.says {
				if !strings.Contains(text(got.page), part) {
					t.Errorf("the page does not say %q: %s", part, text(byID(got.page, "main")))
				}
			}
		})
	}
}

func TestTheEndOfARoleIsHandedToTheDomainAndChangedInItsOwnForm(t *testing.T) {
	service := furnished()
	sent := url.Values{"kind": {"removal"}, "tenant": {"payments"}, "cluster": {"weu-1"}, "namespace": {"payments-api-prod"}, "subject": {"77de"}, "role": {"edit"}, "reason": {"Left."}}
	if got := post(t, portal(service, dana), "/requests", sent); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	want := workflow.Draft{Tenant: "payments", Change: workflow.RemovalChange{Cluster: "weu-1", Namespace: "payments-api-prod", Subject: "77de", Role: workflow.AccessEdit, Reason: "Left."}}
	if diff := cmp.Diff(want, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
	service.dossier.Request = removalRequest()
	service.dossier.Request.Change, service.dossier.Request.State, service.dossier.MayEdit = want.Change, workflow.StateChangesRequested, true
	form := map[string]string{"request": "58"}
	for name := range sent {
		form[name] = sent.Get(name)
	}
	if diff := cmp.Diff(form, formValues(get(t, portal(service, dana), "/requests/58/edit").page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}
