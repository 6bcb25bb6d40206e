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

// filledQuota is the form for a quota as the page sends it.
func filledQuota(changes url.Values) url.Values {
	form := url.Values{
		"kind": {"quota"}, "namespace": {"payments/weu-1/payments-api-prod"}, "cpu": {"10"}, "memory": {"32Gi"}, "storage": {"100Gi"}, "pods": {"60"},
		"objects.services": {"12"}, "objects.count/jobs.batch": {""}, "until": {""}, "reason": {"More traffic."},
	}
	for name, values := range changes {
		form[name] = values
	}
	return form
}

// bar is what stands beneath an amount.
func bar(page *html.Node, field string) string {
	var marks []string
	for n := range byID(page, field+"-bar").Descendants() {
		if n.Data == "li" {
			marks = append(marks, text(n))
		}
	}
	return strings.Join(marks, ", ")
}

func TestAQuotaIsHandedToTheDomainAsTyped(t *testing.T) {
	service := furnished()
	if got := post(t, portal(service, dana), "/requests", filledQuota(url.Values{"confirmed": {"yes"}, "until": {"2026-12-01"}})); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	want := workflow.Draft{Tenant: "payments", Change: workflow.QuotaChange{
		Cluster: "weu-1", Namespace: "payments-api-prod", CPU: "10", Memory: "32Gi", Storage: "100Gi", Pods: "60",
		Objects: map[workflow.ObjectCount]string{workflow.CountServices: "12"}, Until: "2026-12-01", Confirmed: true, Reason: "More traffic.",
	}}
	if diff := cmp.Diff(want, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
}

func TestTheFormForAQuotaStartsWithWhatTheNamespaceHas(t *testing.T) {
	for name, test := range map[string]struct {
		link string
		want map[string]string
	}{
		"its lasting amounts":         {"?cluster=weu-1&namespace=payments-api-prod", map[string]string{"cpu": "8", "memory": "32Gi", "storage": "100Gi", "pods": "60", "until": "", "objects.services": ""}},
		"with an amount of the link":  {"?namespace=payments-api-prod&cpu=9&objects.services=5", map[string]string{"cpu": "9", "memory": "32Gi", "objects.services": "5"}},
		"for a time, what holds now":  {"?namespace=payments-api-prod&until=2026-12-01", map[string]string{"cpu": "12", "memory": "32Gi", "until": "2026-12-01"}},
		"to extend what was given":    {"?extend=73", map[string]string{"cpu": "12", "memory": "32Gi", "until": "2026-12-21"}},
		"with the place as one value": {"?namespace=payments%2Fweu-1%2Fpayments-batch-dev", map[string]string{"namespace": "payments/weu-1/payments-batch-dev", "cpu": "2"}},
	} {
		got := get(t, portal(withGrants(), dana), newQuotaPath+test.link)
		values := formValues(got.page)
		for field, want := range test.want {
			if values[field] != want {
				t.Errorf("%s: %s is %q, want %q", name, field, values[field], want)
			}
		}
	}
}

func TestTheBarsSayWhatIsUsedApprovedAskedAndLeft(t *testing.T) {
	service := withGrants()
	service.Usage = using{workflow.Size{CPU: quantity("3200m"), Memory: quantity("20Gi"), Storage: quantity("1Gi"), Pods: 14}}
	page := post(t, portal(service, dana), "/requests/preview", filledQuota(nil)).page
	for field, want := range map[string]string{
		// 14 of the ceiling's 64 are given, 12 of them here.
		"cpu": "in use 3200m, approved 12, asked 10, the ceiling allows 62", "pods": "in use 14, approved 60, asked 60", "objects.services": "asked 12",
		"memory": "in use 20Gi, approved 32Gi, asked 32Gi, the ceiling allows 248Gi",
	} {
		if got := bar(page, field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	fragment := fragment(t, service, filledQuota(url.Values{"cpu": {"11"}}))
	if got := bar(fragment.page, "cpu"); !strings.Contains(got, "asked 11") || attribute(byID(fragment.page, "cpu-bar"), "hx-swap-oob") != "true" {
		t.Errorf("while somebody types: %q", got)
	}
	for _, none := range []string{"1e-999999999", "1e+999999999"} { // working out such a power of ten takes longer than a test may run
		if got := bar(post(t, portal(service, dana), "/requests/preview", filledQuota(url.Values{"cpu": {none}})).page, "cpu"); strings.Contains(got, "asked") {
			t.Errorf("%s is drawn: %q", none, got)
		}
	}
	if got := bar(post(t, portal(withGrants(), dana), "/requests/preview", filledQuota(url.Values{"cpu": {"ten"}})).page, "cpu"); strings.Contains(got, "in use") || strings.Contains(got, "asked") {
		t.Errorf("what nobody knows is said: %q", got)
	}
}

func TestWhatIsBelowUseAsksForAConfirmationAndShowsThePlan(t *testing.T) {
	service := withOpen()
	service.Usage = using{workflow.Size{CPU: quantity("6"), Pods: 14}}
	got := post(t, portal(service, dana), "/requests/preview", filledQuota(url.Values{"cpu": {"4"}}))
	if said := text(byID(got.page, "confirmed-problem")); got.status != http.StatusUnprocessableEntity || !strings.Contains(said, "CPU: 4 asked, 6 in use") {
		t.Errorf("status %d: %q", got.status, said)
	}
	if !strings.Contains(text(byID(got.page, "plan")), "Lowers the quota of payments-api-prod") {
		t.Error("it does not show what would be")
	}
	if box := byID(got.page, "confirmed"); attribute(box, "type") != "checkbox" || strings.Contains(attributes(box), " checked") {
		t.Errorf("the box is %s", attributes(box))
	}
	got = post(t, portal(service, dana), "/requests/preview", filledQuota(url.Values{"cpu": {"4"}, "confirmed": {"yes"}}))
	if got.status != http.StatusOK || text(byID(got.page, "confirmed-problem")) != "" || formValues(got.page)["confirmed"] != "yes" {
		t.Errorf("confirmed: status %d, %q", got.status, text(byID(got.page, "confirmed-problem")))
	}
}

func TestAQuotaThatNobodyChangedIsNotScolded(t *testing.T) {
	form := filledQuota(url.Values{"cpu": {"8"}, "objects.services": {""}})
	got := fragment(t, withOpen(), form)
	if said := text(byID(got.page, "cpu-problem")); said != "" || !strings.Contains(text(byID(got.page, "plan-status")), "Change one") {
		t.Errorf("it says %q, and %q", said, text(byID(got.page, "plan-status")))
	}
	if got := post(t, portal(withOpen(), dana), "/requests", form); !strings.Contains(text(byID(got.page, "cpu-problem")), "exactly these amounts") {
		t.Errorf("when it is sent: %q", text(byID(got.page, "cpu-problem")))
	}
}

func TestANamespaceIsChosenBeforeItsQuota(t *testing.T) {
	got := get(t, portal(withOpen(), dana), newQuotaPath)
	if heading(got) != "Which namespace needs another quota?" {
		t.Fatalf("heading %q", heading(got))
	}
	href := newQuotaPath + "?cluster=weu-1&namespace=payments-batch-dev&tenant=payments"
	if find(got.page, func(n *html.Node) bool { return attribute(n, "href") == href }) == nil {
		t.Errorf("nothing leads to %s", href)
	}
	if got := get(t, portal(withOpen(), dana), href); heading(got) != "Request another quota for payments-batch-dev" {
		t.Errorf("it leads to %q", heading(got))
	}
}

func TestAQuotaCanBeAskedForANamespaceThatIsStillAskedFor(t *testing.T) {
	offered := choices()
	coming := offered.Tenants[0]
	coming.Namespaces = nil
	offered.Tenants = []workflow.Tenancy{coming}
	offered.Coming = []workflow.Coming{{Tenant: coming.Name, Request: 12, Namespace: workflow.Namespace{Name: "payments-next", Cluster: "weu-1", Environment: "dev"}}}
	for _, path := range []string{"/requests/new/quota?namespace=payments-next", "/requests/new/access"} {
		got := get(t, portal(&standIn{choices: offered}, dana), path)
		if got.status != http.StatusOK || strings.Contains(got.body, "You have no namespace yet") || !strings.Contains(got.body, "payments-next") {
			t.Errorf("%s: %d, and the page does not offer it", path, got.status)
		}
	}
}
