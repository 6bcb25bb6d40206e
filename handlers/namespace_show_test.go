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

// within is payments-api-prod with an exception of every sort.
func within() workflow.NamespaceView {
	sql, web := toSearch(), toSearch()
	sql.Request, sql.Pods, sql.Ports = 64, nil, []workflow.FlowPort{{Protocol: "TCP", Port: 5432, EndPort: 5433}}
	sql.To = &workflow.FlowPeer{CIDR: "10.20.0.0/16", Except: []string{"10.20.7.0/24"}}
	web.Request, web.Direction, web.To, web.From, web.Until = 65, workflow.Ingress, nil, &workflow.FlowPeer{Internet: true}, noon.Add(-time.Minute)
	tenancy := withExceptions(toSearch(), sql, web)
	tenancy.Namespaces[0].Access = []workflow.Access{{Group: tenancy.Members.Group, Role: workflow.AccessEdit, Request: 42}}
	ending := removalRequest()
	ending.Change = workflow.RemovalChange{Exception: 64, Reason: "x"}
	return workflow.NamespaceView{
		Tenancy: tenancy, Namespace: tenancy.Namespaces[0], Requests: []workflow.Request{ending, committed().Request},
		Connectivity: connectivity(), MayAsk: true, Now: noon, Commit: baseCommit,
	}
}

func TestTheNamespacesPageShowsWhatItMayTalkTo(t *testing.T) {
	service := &standIn{within: within()}
	got := get(t, portal(service, dana), "/namespaces/weu-1/payments-api-prod")
	if got.status != http.StatusOK || heading(got) != "payments-api-prod has 3 network exceptions" {
		t.Fatalf("status %d: %q", got.status, heading(got))
	}
	var rows [][]string
	for tr := range find(got.page, func(n *html.Node) bool { return strings.Contains(attribute(n, "class"), "exceptions") }).Descendants() {
		if tr.Data != "tr" || find(tr, func(n *html.Node) bool { return n.Data == "td" }) == nil {
			continue
		}
		var cells []string
		for cell := range tr.ChildNodes() {
			cells = append(cells, text(cell))
		}
		rows = append(rows, cells)
	}
	want := [][]string{
		{"egress", "app=api", "search-api-dev every pod", "TCP 8080", "in 1 month 1 Jan 2027, 00:00 UTC", "Request 61Extend… End it…"},
		{"egress", "every pod", "10.20.0.0/16 without 10.20.7.0/24", "TCP 5432-5433", "in 1 month 1 Jan 2027, 00:00 UTC", "Request 64Extend… End asked for"},
		{"ingress", "app=api", "the internet every public address", "TCP 8080", "over1 minute ago 21 Nov 2026, 11:59 UTC", "Request 65"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("exceptions (-want +got):\n%s", diff)
	}
	page := text(got.page)
	for _, part := range []string{"What may talk to what, now", "32Gi", "the members of payments", "kubectl -n payments-api-prod get networkpolicy", "Earlier requests", "Open requests"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	for _, href := range []string{
		"/requests/new/network?cluster=weu-1&namespace=payments-api-prod&tenant=payments", "/requests/new/removal?exception=61&tenant=payments",
		"/requests/58", "/requests/61", "/tenants/payments",
	} {
		if find(got.page, func(n *html.Node) bool { return attribute(n, "href") == href }) == nil {
			t.Errorf("nothing leads to %s", href)
		}
	}
}

func TestAClosedNamespaceSaysSoAndWhatToDo(t *testing.T) {
	view := within()
	view.Tenancy, view.Connectivity, view.Requests = payments(), nil, nil
	view.Namespace = view.Tenancy.Namespaces[1]
	for name, test := range map[string]struct {
		mayAsk bool
		says   string
	}{
		"to those who ask": {true, "it to nothing else.Request an exception"},
		"to a reader":      {false, "The tenant's owners and members can ask for an exception."},
	} {
		view.MayAsk = test.mayAsk
		got := get(t, portal(&standIn{within: view}, sam), "/namespaces/weu-1/payments-batch-dev")
		if heading(got) != "payments-batch-dev has no exceptions" || !strings.Contains(text(got.page), test.says) {
			t.Errorf("%s: %q, %q", name, heading(got), text(byID(got.page, "exceptions-title").Parent.Parent))
		}
		if leads := strings.Contains(got.body, "/requests/new/"); leads != test.mayAsk {
			t.Errorf("%s: it leads to a form: %v", name, leads)
		}
	}
}

func TestANamespaceOfSomebodyElseIsNotThere(t *testing.T) {
	service := &standIn{readErr: workflow.Refuse(workflow.NotFound, "There is no such namespace, or it is none of yours.")}
	if got := get(t, portal(service, olaf), "/namespaces/weu-1/payments-api-prod"); got.status != http.StatusNotFound {
		t.Errorf("status %d", got.status)
	}
}

func TestTheTenantsPageLeadsToItsNamespacesAndDrawsThem(t *testing.T) {
	service := furnished()
	service.tenant.Tenancy, service.flows = withExceptions(toSearch()), connectivity()
	got := get(t, portal(service, dana), "/tenants/payments")
	page := text(got.page)
	for _, part := range []string{"1 network exception", "What may talk to what, now", "Request a network exception"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	for _, href := range []string{"/namespaces/weu-1/payments-api-prod", "/requests/new/network?tenant=payments"} {
		if find(got.page, func(n *html.Node) bool { return attribute(n, "href") == href }) == nil {
			t.Errorf("nothing leads to %s", href)
		}
	}
}

func TestTheNamespacesPageShowsEverythingThatWasGiven(t *testing.T) {
	tenancy := granted()
	extending := exemptionDossier(workflow.StateInReview).Request
	view := workflow.NamespaceView{
		Tenancy: tenancy, Namespace: tenancy.Namespaces[0], Requests: []workflow.Request{extending}, Policy: exemptionDossier("").Policy, MayAsk: true, Now: noon, Commit: baseCommit,
		Used:  &workflow.QuotaUse{Used: workflow.Size{CPU: quantity("3200m"), Pods: 14}, At: noon.Add(-time.Minute)},
		Files: []workflow.File{{Path: "approved/payments.yaml", Content: []byte("kind: Tenancy\n")}},
	}
	got := get(t, portal(&standIn{within: view}, dana), "/namespaces/weu-1/payments-api-prod")
	if heading(got) != "payments-api-prod has 1 network exception, 2 access grants, 1 exemption and 1 quota increase" {
		t.Errorf("heading %q", heading(got))
	}
	page := text(got.page)
	for _, part := range []string{
		"in use 3200m", "approved 12", "Raised to 12 CPU", "Lasting: 8 CPU, 32Gi memory, 100Gi storage, 60 pods.",
		"edit for the members of payments", "admin for dana@contoso.example", "view for the group 77de0000", "docker.io/library/redis:7.2", "For pods with app=legacy.",
		"kubelogin convert-kubeconfig -l azurecli", "kubectl config set-context weu-1 --namespace=payments-api-prod", "approved/payments.yaml", "kind: Tenancy",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	want := []string{
		"/requests/new/quota?extend=73", "/requests/new/network?extend=61", "/requests/new/access?extend=70",
	}
	if diff := cmp.Diff(want, links(got.page, "Extend…")); diff != "" {
		t.Errorf("what can be extended (-want +got):\n%s", diff)
	}
	if asked := links(got.page, "Extension asked for"); len(asked) != 1 || asked[0] != "/requests/72" {
		t.Errorf("what is asked for: %q", asked)
	}
	ends := strings.Join(links(got.page, "End it…"), " ")
	for _, href := range []string{
		"exception=73", "exception=61", "exception=70", "exception=71", "exception=72",
		"/requests/new/removal?cluster=weu-1&namespace=payments-api-prod&role=edit&subject=" + dana.Groups[0] + "&tenant=payments",
	} {
		if !strings.Contains(ends, href) {
			t.Errorf("nothing leads to the end %s: %s", href, ends)
		}
	}
	view.MayAsk = false
	if got := get(t, portal(&standIn{within: view}, sam), "/namespaces/weu-1/payments-api-prod"); strings.Contains(got.body, "/requests/new/") {
		t.Error("a reader is led to a form")
	}
}
