package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// filledNetwork is the form for a network exception as somebody fills it in
// well, as the page sends it: with what was typed for every other side.
func filledNetwork(changes url.Values) url.Values {
	form := url.Values{
		"kind": {"network"}, "namespace": {"payments/weu-1/payments-api-prod"}, "direction": {"egress"}, "pods": {"app=api"},
		"peer": {"cidr"}, "peerNamespace": {"search-api-dev"}, "peerPods": {"app=db"}, "cidr": {"10.20.0.0/16"}, "except": {"10.20.7.0/24"},
		"fqdn": {"api.example.com"}, "ports": {"TCP 5432"}, "until": {"2027-02-01"}, "reason": {"The ledger's database."},
	}
	for name, values := range changes {
		form[name] = values
	}
	return form
}

func TestANetworkExceptionIsHandedToTheDomainWithTheChosenOtherSideOnly(t *testing.T) {
	common := workflow.NetworkChange{
		Cluster: "weu-1", Namespace: "payments-api-prod", Direction: workflow.Egress, Pods: "app=api",
		Ports: "TCP 5432", Until: "2027-02-01", Reason: "The ledger's database.",
	}
	for peer, add := range map[workflow.PeerChoice]func(*workflow.NetworkChange){
		workflow.PeerNamespace: func(n *workflow.NetworkChange) { n.PeerNamespace, n.PeerPods = "search-api-dev", "app=db" },
		workflow.PeerInternet:  func(*workflow.NetworkChange) {},
		workflow.PeerCIDR:      func(n *workflow.NetworkChange) { n.CIDR, n.Except = "10.20.0.0/16", "10.20.7.0/24" },
		workflow.PeerFQDN:      func(n *workflow.NetworkChange) { n.FQDN = "api.example.com" },
	} {
		service := furnished()
		got := post(t, portal(service, dana), "/requests", filledNetwork(url.Values{"peer": {string(peer)}}))
		if got.status != http.StatusSeeOther {
			t.Fatalf("%s: status %d", peer, got.status)
		}
		want := common
		want.Peer = peer
		add(&want)
		if diff := cmp.Diff(workflow.Draft{Tenant: "payments", Change: want}, service.draft); diff != "" {
			t.Errorf("%s: draft (-want +got):\n%s", peer, diff)
		}
	}
}

func TestSwitchingTheOtherSideLosesNothingThatWasTyped(t *testing.T) {
	service := furnished()
	service.saveErr = &workflow.Problem{Kind: workflow.Invalid, Message: "Some of what you typed cannot be used.", Fields: []workflow.FieldProblem{
		{Field: "cidr", Message: "What is wrong with cidr."}, {Field: "cluster", Message: "What is wrong with cluster."},
	}}
	typed := filledNetwork(nil)
	got := post(t, portal(service, dana), "/requests", typed)
	if got.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", got.status)
	}
	want := map[string]string{}
	for name := range typed {
		want[name] = typed.Get(name)
	}
	if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
		t.Errorf("form (-typed +kept):\n%s", diff)
	}
	checkFieldProblem(t, got.page, "cidr")
	if said := text(byID(got.page, "namespace-problem")); said != "What is wrong with cluster." {
		t.Errorf("what is wrong with the cluster stands nowhere; beside the namespace stands %q", said)
	}
}

func TestTheFormForANetworkExceptionStartsWithTheUsual(t *testing.T) {
	got := get(t, portal(furnished(), dana), newNetworkPath)
	want := map[string]string{
		"kind": "network", "namespace": "", "direction": "egress", "pods": "", "peer": "namespace", "peerNamespace": "", "peerPods": "",
		"cidr": "", "except": "", "fqdn": "", "ports": "", "until": "2026-12-21", "reason": "",
	}
	if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	until := byID(got.page, "until")
	if attribute(until, "type") != "date" || attribute(until, "max") != "2027-02-19" || attribute(until, "min") != "2026-11-22" {
		t.Errorf("the end is a %s from %q to %q", attribute(until, "type"), attribute(until, "min"), attribute(until, "max"))
	}
	if hint := text(byID(got.page, "until-hint")); hint != "At most 90 days: 19 Feb 2027. It ends when that day begins, at 00:00 UTC." {
		t.Errorf("its hint is %q", hint)
	}
	if days := attribute(find(got.page, func(n *html.Node) bool { return text(n) == "90 days" && n.Data == "button" }), "data-value"); days != "2027-02-19" {
		t.Errorf("90 days end on %q", days)
	}
}

func TestTheEndsThatAreProposedAreWithinThePolicy(t *testing.T) {
	service := furnished()
	service.choices.Policy.Requests.Network.MaxDuration = workflow.Duration(10*day + 12*time.Hour)
	got := get(t, portal(service, dana), newNetworkPath)
	if until := formValues(got.page)["until"]; until != "2026-12-02" {
		t.Errorf("it begins with %q", until)
	}
	if hint := text(byID(got.page, "until-hint")); !strings.HasPrefix(hint, "At most 252 hours: 2 Dec 2026.") {
		t.Errorf("its hint is %q", hint)
	}
	if strings.Contains(got.body, "30 days") || !strings.Contains(got.body, "7 days") {
		t.Error("an end is proposed that the policy refuses")
	}
}

func TestAnEndThatIsNoDayIsShownAsItWasTyped(t *testing.T) {
	got := get(t, portal(furnished(), dana), newNetworkPath+"?until=2027-02-01T12:00:00Z")
	if until := byID(got.page, "until"); attribute(until, "type") != "text" || attribute(until, "value") != "2027-02-01T12:00:00Z" {
		t.Errorf("it is a %s with %q", attribute(until, "type"), attribute(until, "value"))
	}
}

func TestALinkFillsInTheFormForANetworkException(t *testing.T) {
	for name, test := range map[string]struct {
		link url.Values
		want map[string]string
	}{
		"of a denial": {
			url.Values{"cluster": {"weu-1"}, "namespace": {"payments-batch-dev"}, "cidr": {"10.1.0.0/16"}, "ports": {"TCP 443"}},
			map[string]string{"namespace": "payments/weu-1/payments-batch-dev", "peer": "cidr", "cidr": "10.1.0.0/16", "ports": "TCP 443"},
		},
		"for the other side": {
			url.Values{"namespace": {"payments-batch-dev"}, "direction": {"ingress"}, "peerNamespace": {"search-api"}, "peerPods": {"app=web"}, "until": {"2027-01-01"}, "reason": {"x"}},
			map[string]string{"namespace": "payments/weu-1/payments-batch-dev", "direction": "ingress", "peer": "namespace", "peerNamespace": "search-api", "peerPods": "app=web", "until": "2027-01-01", "reason": "x"},
		},
		"for a DNS name": {url.Values{"fqdn": {"api.example.com"}}, map[string]string{"namespace": "", "peer": "fqdn", "fqdn": "api.example.com"}},
		"to nothing we know": {
			url.Values{"cluster": {"moon-1"}, "namespace": {"a&b"}, "peer": {"internet"}},
			map[string]string{"namespace": "/moon-1/a&b", "peer": "internet"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := formValues(get(t, portal(furnished(), dana), newNetworkPath+"?"+test.link.Encode()).page)
			for field, want := range test.want {
				if got[field] != want {
					t.Errorf("%s is %q, want %q", field, got[field], want)
				}
			}
		})
	}
}

func TestADNSNameIsOfferedWhereTheEngineKnowsNames(t *testing.T) {
	card := func(service *standIn) (*html.Node, *html.Node) {
		page := get(t, portal(service, dana), newNetworkPath).page
		input := find(page, func(n *html.Node) bool { return attribute(n, "name") == "peer" && attribute(n, "value") == "fqdn" })
		return input, input.Parent
	}
	input, label := card(furnished())
	if strings.Contains(attributes(input), "disabled") || !strings.Contains(text(label), "only where the network engine is Cilium: on weu-1.") {
		t.Errorf("with Cilium: %s, %q", attributes(input), text(label))
	}
	without := furnished()
	cluster := without.choices.Policy.Clusters["weu-1"]
	cluster.NetworkEngine = workflow.EngineCalico
	without.choices.Policy.Clusters["weu-1"] = cluster
	input, label = card(without)
	if !strings.Contains(attributes(input), "disabled") || !strings.Contains(text(label), "Only a cluster whose network engine is Cilium knows names; none of yours does.") {
		t.Errorf("without Cilium: %s, %q", attributes(input), text(label))
	}
	page := get(t, portal(without, dana), newNetworkPath).page
	ruled := find(page, func(n *html.Node) bool { return n.Data == "option" && attribute(n, "class") == withoutNames })
	if attribute(ruled, "value") != "payments/weu-1/payments-api-prod" {
		t.Error("the namespace does not rule out DNS names")
	}
}

func TestWhoHasNoNamespaceIsLedToOne(t *testing.T) {
	service := furnished()
	bare := payments()
	bare.Namespaces = nil
	service.choices.Tenants = []workflow.Tenancy{bare}
	got := get(t, portal(service, dana), newNetworkPath)
	if got.status != http.StatusOK || !strings.Contains(got.body, `href="/requests/new/namespace"`) || !strings.Contains(text(got.page), "You have no namespace yet.") {
		t.Errorf("status %d: %q", got.status, text(got.page))
	}
}

func TestNamespacesStandUnderTheirTenantWhereThereAreSeveral(t *testing.T) {
	service := furnished()
	search := payments()
	search.Name, search.DisplayName = "search", "Search"
	service.choices.Tenants = append(service.choices.Tenants, search)
	page := get(t, portal(service, dana), newNetworkPath+"?tenant=search&cluster=weu-1&namespace=payments-api-prod").page
	group := find(page, func(n *html.Node) bool { return n.Data == "optgroup" && attribute(n, "label") == "Search" })
	if chosen := find(group, func(n *html.Node) bool { return strings.Contains(attributes(n), "selected") }); attribute(chosen, "value") != "search/weu-1/payments-api-prod" {
		t.Errorf("%q is chosen", attribute(chosen, "value"))
	}
}

func TestThePlanOfANetworkExceptionIsThereBeforeTheReason(t *testing.T) {
	link := filledNetwork(url.Values{"reason": nil})
	got := get(t, portal(withOpen(), dana), newNetworkPath+"?"+link.Encode())
	if status := text(byID(got.page, "plan-status")); !strings.HasPrefix(status, "This is the plan: ") || !strings.HasSuffix(status, " Still needed: reason.") {
		t.Errorf("the status is %q", status)
	}
	if !strings.Contains(text(got.page), "Opens TCP 5432 from payments-api-prod") {
		t.Error("the plan does not say what opens")
	}
}

func TestWhileTheFormIsHalfFilledInNothingScolds(t *testing.T) {
	for name, missing := range map[string]string{"no ports yet": "ports", "no range yet": "cidr", "no end": "until", "no namespace": "namespace"} {
		t.Run(name, func(t *testing.T) {
			form := filledNetwork(url.Values{missing: nil})
			got := fragment(t, withOpen(), form)
			if said := text(byID(got.page, missing+"-problem")); got.status != http.StatusOK || said != "" {
				t.Errorf("status %d; it scolds: %q", got.status, said)
			}
			if status := text(byID(got.page, "plan-status")); !strings.HasPrefix(status, "There is no plan yet. Still needed: ") {
				t.Errorf("the status is %q", status)
			}
		})
	}
}
