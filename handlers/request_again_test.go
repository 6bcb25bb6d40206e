package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// links are where the page's links with these words lead.
func links(page *html.Node, words string) (hrefs []string) {
	for n := range page.Descendants() {
		if n.Data == "a" && strings.HasPrefix(text(n), words) {
			hrefs = append(hrefs, attribute(n, "href"))
		}
	}
	return hrefs
}

// exemptionDossier is an exemption in some state.
func exemptionDossier(state workflow.State) workflow.Dossier {
	d := dossier()
	d.Request.ID, d.Request.Kind, d.Request.State = 72, workflow.KindExemption, state
	d.Request.Change = workflow.ExemptionChange{
		Cluster: "weu-1", Namespace: "payments-api-prod", Rule: "trusted-registry", Value: "docker.io/library/redis:7.2", Selector: "app=legacy",
		Until: "2026-11-01", Reason: "Until it is copied.",
	}
	d.Request.Plan.Before, d.Request.Plan.After = payments(), granted()
	d.Request.Plan.Files = d.Request.Plan.Files[:1] // nothing is rendered from it
	d.Policy = policy()
	d.Policy.Requests.Exemption.MaxDuration = workflow.Duration(90 * day)
	return d
}

func TestARequestsPageOffersWhatCanBeDoneNext(t *testing.T) {
	const extend, end, again = "/requests/new/exemption?extend=72", "/requests/new/removal?exception=72&tenant=payments", "/requests/new/exemption?from=72"
	for name, test := range map[string]struct {
		state workflow.State
		actor workflow.Actor
		want  [3][]string // extend, end it now, ask again
		says  string
	}{
		"who asks, while it waits":   {workflow.StateInReview, dana, [3][]string{}, ""},
		"who asks, while it holds":   {workflow.StateActive, dana, [3][]string{{extend}, {end}, nil}, "It is in force: the admission webhook honours it."},
		"security, while it holds":   {workflow.StateActive, sam, [3][]string{}, "In force"},
		"who asks, after its end":    {workflow.StateEnded, dana, [3][]string{nil, nil, {again}}, ""},
		"who asks, after a refusal":  {workflow.StateRejected, dana, [3][]string{nil, nil, {again}}, ""},
		"another of the same tenant": {workflow.StateWithdrawn, olga, [3][]string{nil, nil, {again}}, ""},
		"security, after a refusal":  {workflow.StateRejected, sam, [3][]string{}, ""},
	} {
		page := get(t, portal(&standIn{dossier: exemptionDossier(test.state)}, test.actor), "/requests/72").page
		got := [3][]string{links(page, "Extend"), links(page, "End it now"), links(page, "Ask again")}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: links (-want +got):\n%s", name, diff)
		}
		if !strings.Contains(text(page), test.says) {
			t.Errorf("%s: the page does not say %q", name, test.says)
		}
	}
}

func TestAskingAgainBeginsWithWhatWasAskedForAndNoEndThatHasPassed(t *testing.T) {
	service := &standIn{choices: choices(), dossier: exemptionDossier(workflow.StateEnded), plan: plan()}
	got := formValues(get(t, portal(service, dana), "/requests/new/exemption?from=72").page)
	want := map[string]string{
		"kind": "exemption", "namespace": "payments/weu-1/payments-api-prod", "rule": "trusted-registry", "value": "docker.io/library/redis:7.2",
		"selector": "app=legacy", "until": "2026-12-21", "reason": "Until it is copied.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	service.dossier.Request.Change, service.dossier.Request.Kind = workflow.QuotaChange{
		Cluster: "weu-1", Namespace: "payments-api-prod", CPU: "9", Memory: "32Gi", Storage: "100Gi", Pods: "60", Until: "2026-11-01", Confirmed: true,
	}, workflow.KindQuota
	got = formValues(get(t, portal(service, dana), "/requests/new/quota?from=72").page)
	if got["until"] != "2026-11-28" || got["confirmed"] != "" || got["cpu"] != "9" {
		t.Errorf("a temporary increase begins with %v", got)
	}
}

func TestExtendingBeginsWithTheSameAndALaterEnd(t *testing.T) {
	for name, test := range map[string]struct {
		path string
		want map[string]string
	}{
		"a network exception": {newNetworkPath + "?extend=61", map[string]string{"peer": "namespace", "peerNamespace": "search-api-dev", "pods": "app=api", "ports": "TCP 8080", "direction": "egress", "until": "2027-01-31"}},
		"access of a person":  {newAccessPath + "?extend=70", map[string]string{"subject": "person", "person": dana.ID.Object, "role": "admin", "until": "2026-12-21"}},
		"a quota increase":    {newQuotaPath + "?extend=73", map[string]string{"cpu": "12", "pods": "60", "until": "2026-12-21"}},
	} {
		got := get(t, portal(withGrants(), dana), test.path)
		values := formValues(got.page)
		for field, want := range test.want {
			if values[field] != want {
				t.Errorf("%s: %s is %q, want %q", name, field, values[field], want)
			}
		}
	}
	for name, path := range map[string]string{
		"what has no end":                  newAccessPath + "?extend=71",
		"what lasts as long as is allowed": newExemptionPath + "?extend=72",
		"nothing":                          newAccessPath + "?extend=999",
		"no number":                        newAccessPath + "?extend=x",
		"of another kind":                  newAccessPath + "?extend=73",
	} {
		if got := get(t, portal(withGrants(), dana), path); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d", name, got.status)
		}
	}
}

func TestWhatIsOfAnotherTenantIsNothingToBeginFrom(t *testing.T) {
	for name, test := range map[string]struct {
		service *standIn
		actor   workflow.Actor
		path    string
	}{
		"of another tenant": {&standIn{choices: workflow.Choices{Tenants: []workflow.Tenancy{search()}, Policy: policy()}, dossier: exemptionDossier(workflow.StateEnded)}, olaf, "/requests/new/exemption?from=72"},
		"of another kind":   {&standIn{choices: choices(), dossier: exemptionDossier(workflow.StateEnded)}, dana, "/requests/new/access?from=72"},
		"not theirs at all": {&standIn{choices: choices(), readErr: workflow.Refuse(workflow.NotFound, "There is no request 72.")}, dana, "/requests/new/exemption?from=72"},
	} {
		if got := get(t, portal(test.service, test.actor), test.path); got.status != http.StatusNotFound || strings.Contains(got.body, "redis") {
			t.Errorf("%s: status %d", name, got.status)
		}
	}
}

func TestHomeTellsOfWhatEndsSoon(t *testing.T) {
	service := furnished()
	service.home.Tenants, service.home.Policy = []workflow.Tenancy{granted()}, policy()
	service.home.Ending = granted().Ending(noon)
	page := get(t, portal(service, dana), "/").page
	list := text(find(page, func(n *html.Node) bool { return attribute(n, "aria-label") == "Ends soon" }))
	for _, part := range []string{"admin for dana@contoso.example", "12 CPU", "ends in 2 days", "in payments-api-prod", "given by Request 70"} {
		if !strings.Contains(list, part) {
			t.Errorf("it does not say %q: %q", part, list)
		}
	}
	if strings.Contains(list, "redis") {
		t.Error("it tells of what ends in weeks")
	}
	service.home.Ending = nil
	if got := get(t, portal(service, dana), "/"); strings.Contains(got.body, "Ends soon") {
		t.Error("it tells of nothing")
	}
}

func TestAnEndThatHasPassedIsLeftOut(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", "2026-11-21": "", "2026-11-22": "2026-11-22", "2026-11-21T12:00:00Z": "", "2026-11-21T12:00:01Z": "2026-11-21T12:00:01Z", "soon": "soon",
	} {
		if got := ahead(typed, noon); got != want {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
		if got := aheadAnyway(typed, noon); (got == "") != (typed == "") || (want != "" && got != want) {
			t.Errorf("%q becomes %q", typed, got)
		}
	}
	if got := aheadAnyway("2020-01-01", noon); got != noon.Add(7*day).Format(time.DateOnly) {
		t.Errorf("it becomes %q", got)
	}
}
