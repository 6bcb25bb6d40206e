package analyzer

import (
	"fmt"
	"testing"

	"tenure.dev/workflow"
)

// largeState has so many namespaces, ten for each tenant, each with five
// exceptions; two of them are ends of flows to the next tenant's.
func largeState(namespaces int) *workflow.ApprovedState {
	state := stateOf()
	const each = 10
	tenants := namespaces / each
	name := func(tenant, i int) string { return fmt.Sprintf("t%d-n%d", tenant%tenants, i) }
	for tenant := range tenants {
		slug := fmt.Sprintf("t%d", tenant)
		has := tenancy(slug)
		for i := range each {
			next, last := name(tenant+1, i), name(tenant+tenants-1, i)
			has.Namespaces = append(has.Namespaces, namespace(name(tenant, i), "prod",
				egress(int64(tenant*100+i+1), "app=api", pods(next, "app=db"), february, ports("TCP", 5432)),
				ingress(int64((tenant+tenants-1)%tenants*100+i+1), "app=db", pods(last, "app=api"), february, ports("TCP", 5432)),
				egress(int64(tenant*100+i+21), "app=api", cidr("10.20.0.0/16"), february, ports("TCP", 5432)),
				egress(int64(tenant*100+i+41), "app=mail", cidr("10.21.0.0/16"), february, ports("TCP", 25)),
				ingress(int64(tenant*100+i+61), "app=api", cidr("10.22.0.0/16"), february, ports("TCP", 8443)),
			))
		}
		state.Tenancies[slug] = has
	}
	return state
}

// BenchmarkChange is the analysis of one exception between two tenants. It takes
// as long with many namespaces as with few.
func BenchmarkChange(b *testing.B) {
	for _, namespaces := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("namespaces=%d", namespaces), func(b *testing.B) {
			state := largeState(namespaces)
			after := changed(state)
			for b.Loop() {
				change(b, Analyzer{}, state, after...)
			}
		})
	}
}

// changed gives the tenancies with one flow more between them.
func changed(state *workflow.ApprovedState) []workflow.Tenancy {
	with := func(name string, e workflow.NetworkException) workflow.Tenancy {
		t := state.Tenancies[name]
		t.Namespaces = append([]workflow.Namespace(nil), t.Namespaces...)
		t.Namespaces[0].Network = append([]workflow.NetworkException{e}, t.Namespaces[0].Network...)
		return t
	}
	return []workflow.Tenancy{
		with("t0", egress(100_000, "app=web", pods("t1-n0", "app=search"), january, ports("TCP", 9200))),
		with("t1", ingress(100_000, "app=search", pods("t0-n0", "app=web"), january, ports("TCP", 9200))),
	}
}

func TestWhatAChangeCannotAffectIsNotRendered(t *testing.T) {
	state := largeState(1_000)
	c, err := compare(state, "t0", changed(state), noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []*world{c.before, c.after} {
		if rendered := len(w.places); rendered == 0 || rendered > 4 {
			t.Errorf("%d namespaces are rendered of %d that the change can affect", rendered, 4)
		}
	}
}

func TestTheWorkDoesNotGrowWithTheNumberOfNamespaces(t *testing.T) {
	work := func(namespaces int) float64 {
		state := largeState(namespaces)
		after := changed(state)
		return testing.AllocsPerRun(3, func() { change(t, Analyzer{}, state, after...) })
	}
	if few, many := work(100), work(10_000); many > 1.1*few {
		t.Errorf("with 100 namespaces it allocates %.0f times, with 10,000 %.0f times", few, many)
	}
}
