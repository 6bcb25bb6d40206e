package analyzer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// twoTenants have a flow between them, and flows of their own.
func twoTenants() *workflow.ApprovedState {
	state := stateOf(
		tenancy("payments",
			namespace("payments-api-prod", "prod",
				egress(61, "app=api", cidr("10.20.0.0/16"), february, ports("TCP", 5432)),
				egress(62, "app=api", pods("ledger-db-prod", "app=db"), january, ports("TCP", 5432)),
				egress(63, "", workflow.FlowPeer{Internet: true}, noon, ports("TCP", 443))), // it has ended
			namespace("payments-web-prod", "prod")),
		tenancy("ledger", namespace("ledger-db-prod", "prod",
			ingress(62, "app=db", pods("payments-api-prod", "app=api"), january, ports("TCP", 5432)),
			egress(70, "app=db", cidr("10.99.0.0/16"), january, ports("TCP", 22)),
			ingress(71, "app=db", pods("reports-prod", ""), january, ports("TCP", 5432)))))
	state.Policy.PlatformFlows = state.Policy.PlatformFlows[:1]
	return state
}

func now(t *testing.T, a Analyzer, state *workflow.ApprovedState, tenant, namespace string) workflow.Connectivity {
	t.Helper()
	c, err := a.Now(state, tenant, "weu-1", namespace, noon)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestANamespaceIsDrawnAsItIsNow(t *testing.T) {
	runs := known{
		"payments-api-prod": {{Kind: "Deployment", Name: "api", Labels: labelled("app=api")}, {Kind: "Deployment", Name: "api", Labels: map[string]string{"app": "api", "canary": "yes"}}},
		"ledger-db-prod":    {{Kind: "StatefulSet", Name: "db", Labels: labelled("app=db")}},
	}
	drawn := now(t, Analyzer{Workloads: runs}, twoTenants(), "payments", "payments-api-prod")
	want := []string{
		"payments-api-prod|app=api > ledger-db-prod|app=db: TCP 5432 (request 62)",
		"payments-api-prod|app=api > |10.20.0.0/16: TCP 5432 (request 61)",
		"payments-api-prod|every pod > kube-system|k8s-app=kube-dns: TCP 53, UDP 53 (DNS)",
		"ingress-nginx|every pod > payments-api-prod|every pod: every port (platform flow ingress-controller)",
	}
	if diff := cmp.Diff(want, table(drawn)); diff != "" {
		t.Errorf("what is drawn (-want +got):\n%s", diff)
	}
	if got := drawn.Ends[0]; got.Other || got.Tenant != "payments" || !slices.Equal(got.Workloads, []string{"Deployment api"}) {
		t.Errorf("the first end is %+v", got)
	}
}

func TestATenantSeesOfAnotherOnlyWhatTheyShare(t *testing.T) {
	runs := known{"ledger-db-prod": {{Kind: "StatefulSet", Name: "secret-of-ledger", Labels: labelled("app=db")}}}
	state := twoTenants()
	after := state.Tenancies["ledger"].WithoutGrants(62)
	report := change(t, Analyzer{Workloads: runs}, state, state.Tenancies["payments"].WithoutGrants(62), after)
	seen := fmt.Sprint(report, now(t, Analyzer{Workloads: runs}, state, "payments", "payments-api-prod"), now(t, Analyzer{Workloads: runs}, state, "payments", ""))
	for _, secret := range []string{"10.99.0.0/16", "reports-prod", "request 70", "request 71", "secret-of-ledger"} {
		if strings.Contains(seen, secret) {
			t.Errorf("payments sees %q of ledger", secret)
		}
	}
	if !strings.Contains(seen, "ledger-db-prod") {
		t.Error("payments does not see what it shares with ledger")
	}
	for _, end := range report.Connectivity.Ends {
		if end.Other != (end.Tenant == "ledger") {
			t.Errorf("%+v is marked wrongly", end)
		}
	}
}

func TestAWholeTenantIsDrawnWithWhatEveryNamespaceHasOnce(t *testing.T) {
	want := []string{
		"|every pod of every namespace > kube-system|k8s-app=kube-dns: TCP 53, UDP 53 (DNS)",
		"payments-api-prod|app=api > ledger-db-prod|app=db: TCP 5432 (request 62)",
		"payments-api-prod|app=api > |10.20.0.0/16: TCP 5432 (request 61)",
		"ingress-nginx|every pod > |every pod of every namespace: every port (platform flow ingress-controller)",
	}
	if diff := cmp.Diff(want, table(now(t, Analyzer{}, twoTenants(), "payments", ""))); diff != "" {
		t.Errorf("what is drawn (-want +got):\n%s", diff)
	}
}

func TestALargeTenantIsDrawnByNamespace(t *testing.T) {
	var exceptions []workflow.NetworkException
	for i := range int64(60) {
		exceptions = append(exceptions, egress(100+i, fmt.Sprintf("app=a%d", i), cidr("10.20.0.0/16"), january, ports("TCP", 5432)))
	}
	state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod", exceptions...), namespace("payments-web-prod", "prod")))
	runs := known{"payments-api-prod": {{Kind: "Deployment", Name: "a1", Labels: labelled("app=a1")}, {Kind: "Deployment", Name: "lone"}}}
	drawn := now(t, Analyzer{Workloads: runs}, state, "payments", "")
	if len(drawn.Ends) > manyEnds || len(drawn.Flows) < 60 {
		t.Errorf("it has %d ends and %d flows", len(drawn.Ends), len(drawn.Flows))
	}
	for _, end := range drawn.Ends {
		if end.Namespace == "payments-api-prod" && (end.Label != "its pods" || len(end.Workloads) != 2) {
			t.Errorf("the namespace is drawn as %+v", end)
		}
	}
	if one := now(t, Analyzer{}, state, "payments", "payments-api-prod"); len(one.Ends) <= manyEnds {
		t.Errorf("on its own page the namespace has only %d ends", len(one.Ends))
	}
}

func TestNothingIsDrawnOfWhatIsNotThere(t *testing.T) {
	for _, c := range [][2]string{{"nobody", ""}, {"payments", "ledger-db-prod"}, {"payments", "payments-gone"}, {"ledger", "payments-api-prod"}} {
		if drawn := now(t, Analyzer{}, twoTenants(), c[0], c[1]); len(drawn.Ends)+len(drawn.Flows) > 0 {
			t.Errorf("%q: it draws %+v", c, drawn)
		}
	}
}

func TestWhatCannotBeRenderedIsAnError(t *testing.T) {
	broken := egress(61, "app=api", cidr("10.20.0.1/16"), february, ports("TCP", 5432))
	state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod")))
	after := tenancy("payments", namespace("payments-api-prod", "prod", broken))
	if _, err := (Analyzer{}).Change(state, "payments", []workflow.Tenancy{after}, noon); err == nil || !strings.Contains(err.Error(), "payments-api-prod") {
		t.Errorf("of a change it says %v", err)
	}
	if _, err := (Analyzer{}).Now(stateOf(after), "payments", "", "", noon); err == nil || !strings.Contains(err.Error(), "payments-api-prod") {
		t.Errorf("of now it says %v", err)
	}
}

func TestSelectorsOfPlatformFlowsAreToldInWords(t *testing.T) {
	state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod")))
	selector := func(key, operator string, values ...string) *workflow.Selector {
		return &workflow.Selector{MatchExpressions: []workflow.SelectorRequirement{{Key: key, Operator: operator, Values: values}}}
	}
	state.Policy.PlatformFlows = []workflow.PlatformFlow{
		{Name: "a", Direction: workflow.Ingress, From: &workflow.FlowPeer{NamespaceSelector: &workflow.Selector{}}, Ports: ports("TCP", 1)},
		{Name: "b", Direction: workflow.Egress, To: &workflow.FlowPeer{NamespaceSelector: selector("zone", "In", "a", "b"), PodSelector: selector("app", "Exists")}, Ports: ports("TCP", 1)},
		{Name: "c", Direction: workflow.Egress, To: &workflow.FlowPeer{NamespaceSelector: selector("zone", "NotIn", "a"), PodLabels: labelled("app=x")}, Ports: ports("TCP", 1)},
		{Name: "d", Direction: workflow.Egress, To: &workflow.FlowPeer{NamespaceSelector: selector("zone", "DoesNotExist")}, Ports: ports("TCP", 1)},
		{Name: "e", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "monitoring", PodSelector: selector("app", "In", "p", "q")}, Ports: ports("TCP", 1)},
	}
	var ends []string
	for _, end := range now(t, Analyzer{}, state, "payments", "").Ends {
		ends = append(ends, string(end.Kind)+" "+end.Label)
	}
	want := []string{
		"pods every pod of every namespace", "platform k8s-app=kube-dns", "platform app in (p, q)",
		"cluster every pod of namespaces with !zone", "cluster every pod of the cluster",
		"cluster pods with app of namespaces with zone in (a, b)", "cluster pods with app=x of namespaces with zone notin (a)",
	}
	if diff := cmp.Diff(want, ends); diff != "" {
		t.Errorf("the ends (-want +got):\n%s", diff)
	}
}
