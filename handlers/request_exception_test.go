package handlers

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func TestTheRequestsPageSaysWhatOpensBeforeTheFiles(t *testing.T) {
	page := text(get(t, portal(&standIn{dossier: networkDossier()}, dana), "/requests/61").page)
	at := -1
	for _, part := range []string{
		"Waiting for the owners of search: 0 of 1 approval.",
		"Opens TCP 8080 from payments-api-prod (app=api) to search-api-dev",
		"What may talk to what",
		"Reaches search.",
		"On weu-1, Cilium: a policy for pods",
		"approved/payments.yaml",
	} {
		next := strings.Index(page, part)
		if next < at {
			t.Errorf("%q stands at %d, what comes before it at %d", part, next, at)
		}
		at = next
	}
	for _, part := range []string{"ends in 1 month 1 Jan 2027, 00:00 UTC", "Owner of search", "Owner of search review"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	if strings.Contains(page, "The tenant with this") {
		t.Error("it shows the ceiling, of which nothing changes")
	}
}

func TestAnOwnerOfTheOtherTenantReadsWhyTheyAreAsked(t *testing.T) {
	fromOther := networkDossier()
	fromOther.Request.Plan.Others[0].After.Namespaces[0].Network[0].Direction = workflow.Egress
	decided := networkDossier()
	decided.Request.State = workflow.StateRejected
	for name, test := range map[string]struct {
		dossier workflow.Dossier
		actor   workflow.Actor
		says    string
	}{
		"the other owner":               {networkDossier(), olaf, "This reaches search-api-dev, which is yours."},
		"the other owner, who calls":    {fromOther, olaf, "This lets search-api-dev, which is yours, call payments."},
		"the owner of the first side":   {networkDossier(), olga, ""},
		"security":                      {networkDossier(), sam, ""},
		"the other owner, when decided": {decided, olaf, ""},
	} {
		got := get(t, portal(&standIn{dossier: test.dossier}, test.actor), "/requests/61")
		why := find(got.page, func(n *html.Node) bool { return attribute(n, "class") == "next-why" })
		if text(why) != test.says {
			t.Errorf("%s reads %q, want %q", name, text(why), test.says)
		}
	}
}

func TestAPeerIsNotLedToPagesThatAreNoneOfTheirs(t *testing.T) {
	d := networkDossier()
	d.MayReview, d.Stage = true, workflow.RolePeerOwner
	d.Tenancy = workflow.Tenancy{Name: "payments", DisplayName: "Payments"}
	d.Request.Plan.Before, d.Request.Plan.After = workflow.Tenancy{Name: "payments"}, workflow.Tenancy{Name: "payments"}
	service := &standIn{dossier: d, queue: []workflow.QueueItem{{Request: d.Request, MayReview: true}}}
	for _, path := range []string{"/requests/61", "/queue"} {
		got := get(t, portal(service, olaf), path)
		if !strings.Contains(strings.ToLower(text(got.page)), "payments") || strings.Contains(got.body, `href="/tenants/payments"`) {
			t.Errorf("%s leads to the tenant that asks, or does not name it", path)
		}
	}
	if got := text(get(t, portal(service, olaf), "/requests/61").page); !strings.Contains(got, "You review as owner of search.") {
		t.Error("it does not say in whose name the vote is given")
	}
}

func TestAFindingLeadsThoseWhoAskToTheForm(t *testing.T) {
	link := func(actor workflow.Actor) *html.Node {
		got := get(t, portal(&standIn{dossier: networkDossier()}, actor), "/requests/61")
		return find(got.page, func(n *html.Node) bool { return n.Data == "a" && attribute(n, "class") == "finding-ask" })
	}
	if href := attribute(link(dana), "href"); href != newNetworkPath+"?namespace=search-api-dev&direction=ingress" {
		t.Errorf("it leads to %q", href)
	}
	if link(sam) != nil {
		t.Error("it leads a reviewer to a form that is not theirs")
	}
}

func TestAnActiveExceptionCanBeEndedByThoseAtEitherEnd(t *testing.T) {
	live := networkDossier()
	live.Request.State = workflow.StateActive
	over := networkDossier()
	over.Request.State = workflow.StateActive
	for i := range over.Request.Plan.After.Namespaces[0].Network {
		over.Request.Plan.After.Namespaces[0].Network[i].Until = noon.Add(-time.Hour)
	}
	for name, test := range map[string]struct {
		dossier workflow.Dossier
		actor   workflow.Actor
		href    string
	}{
		"who asked":                 {live, dana, "/requests/new/removal?exception=61&tenant=payments"},
		"the other tenant's owner":  {live, olaf, "/requests/new/removal?exception=61&tenant=search"},
		"security":                  {live, sam, ""},
		"who asked, when it ended":  {over, dana, ""},
		"who asked, while it waits": {networkDossier(), dana, ""},
	} {
		got := get(t, portal(&standIn{dossier: test.dossier}, test.actor), "/requests/61")
		button := find(got.page, func(n *html.Node) bool { return n.Data == "a" && text(n) == "End it now" })
		if attribute(button, "href") != test.href {
			t.Errorf("%s: the button leads to %q, want %q", name, attribute(button, "href"), test.href)
		}
	}
	if page := text(get(t, portal(&standIn{dossier: over}, dana), "/requests/61").page); !strings.Contains(page, "ended 1 hour ago") {
		t.Error("it does not say that it ended")
	}
}

func TestAnEndedExceptionSaysWhenAndWhy(t *testing.T) {
	d := networkDossier()
	d.Request.State, d.Request.Reason, d.Request.EndCommit, d.Request.Lingers = workflow.StateEnded, "Its end came.", newCommit, true
	d.Events = append(d.Events, workflow.Event{Sequence: 9, Type: workflow.EventEnded, At: noon.Add(-time.Hour), Commit: newCommit})
	page := text(get(t, portal(&standIn{dossier: d}, dana), "/requests/61").page)
	for _, part := range []string{"It has ended, and Argo CD is still to remove it from the cluster. Its end came.", "1 hour ago", "9d41c70b6a5f"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
}

func TestThePictureLeadsToTheNamespacesThatAreTheReadersBusiness(t *testing.T) {
	const payments, search = `href="/namespaces/weu-1/payments-api-prod"`, `href="/namespaces/weu-1/search-api-dev"`
	for name, test := range map[string]struct {
		actor            workflow.Actor
		payments, search bool
	}{
		"who asked":                {dana, true, false},
		"the other tenant's owner": {olaf, false, true},
		"security":                 {sam, true, true},
	} {
		body := get(t, portal(&standIn{dossier: networkDossier()}, test.actor), "/requests/61").body
		if strings.Contains(body, payments) != test.payments || strings.Contains(body, search) != test.search {
			t.Errorf("%s: it leads to payments: %v, to search: %v", name, strings.Contains(body, payments), strings.Contains(body, search))
		}
	}
}
