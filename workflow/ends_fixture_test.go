package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// The ends of the exceptions below, in the order in which they come.
var (
	firstEnd  = noon.Add(24 * time.Hour)
	secondEnd = noon.Add(48 * time.Hour)
	thirdEnd  = noon.Add(72 * time.Hour)
)

func port(number int32) []workflow.FlowPort {
	return []workflow.FlowPort{{Protocol: "TCP", Port: number}}
}

// egress is one end of an exception: from here to the peer.
func egress(request int64, to workflow.FlowPeer, number int32, until time.Time) workflow.NetworkException {
	return workflow.NetworkException{Direction: workflow.Egress, To: &to, Ports: port(number), Until: until, Request: request}
}

// ingress is the other one: from a namespace to here.
func ingress(request int64, from string, number int32, until time.Time) workflow.NetworkException {
	return workflow.NetworkException{Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: from}, Ports: port(number), Until: until, Request: request}
}

func inNamespace(name string) workflow.FlowPeer { return workflow.FlowPeer{Namespace: name} }

// opened is a state with exceptions of every reach: 61 to addresses, 62 to
// another tenant, 63 within the tenant, 64 from a third tenant into the same
// namespace of payments.
func opened() *workflow.ApprovedState {
	state, holder, other, third := approvedNow(), payments(), logistics(), tenancy("search", group(5), group(6))
	web, shop := held("payments-web", 3), held("payments-shop", 4)
	shop.Environment = "prod"
	web.Network = []workflow.NetworkException{
		egress(61, workflow.FlowPeer{CIDR: "10.20.0.0/16"}, 5432, secondEnd),
		egress(62, inNamespace("logistics-api"), 8080, firstEnd),
		egress(63, inNamespace("payments-shop"), 443, thirdEnd),
		ingress(64, "search-api", 9090, thirdEnd),
	}
	shop.Network = []workflow.NetworkException{ingress(63, "payments-web", 443, thirdEnd)}
	api, find := held("logistics-api", 6), held("search-api", 8)
	api.Network = []workflow.NetworkException{ingress(62, "payments-web", 8080, firstEnd)}
	find.Network = []workflow.NetworkException{egress(64, inNamespace("payments-web"), 9090, thirdEnd)}
	holder.Namespaces = []workflow.Namespace{shop, web}
	other.Namespaces, third.Namespaces = []workflow.Namespace{api}, []workflow.Namespace{find}
	state.Tenancies = map[string]workflow.Tenancy{"payments": holder, "logistics": other, "search": third}
	return state
}

// requestsOpen lists which requests have an end where, as "62 logistics-api".
func requestsOpen(tenancies map[string]workflow.Tenancy) []string {
	var open []string
	for _, tenancy := range tenancies {
		for _, n := range tenancy.Namespaces {
			for _, e := range n.Network {
				open = append(open, strings.Join([]string{number(e.Request), n.Name}, " "))
			}
		}
	}
	slices.Sort(open)
	return open
}

// ending asks for the end of a request's exception.
func ending(request int64) workflow.RemovalChange {
	return workflow.RemovalChange{Exception: request, Reason: "It is used no more."}
}

// sidesOf gives the tenancies of a plan as they would be, by slug, over those
// that there are.
func sidesOf(state *workflow.ApprovedState, plan workflow.Plan) map[string]workflow.Tenancy {
	after := map[string]workflow.Tenancy{}
	for slug, tenancy := range state.Tenancies {
		after[slug] = tenancy
	}
	after[plan.After.Name] = plan.After
	for _, side := range plan.Others {
		after[side.After.Name] = side.After
	}
	return after
}

// objects wants one of the objections to say so.
func objects(t *testing.T, objections []string, says string) {
	t.Helper()
	if !slices.ContainsFunc(objections, func(o string) bool { return strings.Contains(o, says) }) {
		t.Errorf("no objection says %q: %q", says, objections)
	}
}
