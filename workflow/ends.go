package workflow

import (
	"maps"
	"slices"
)

// ending is what an end takes away: a namespace with everything that hangs on
// it, grants by the requests that gave them, one entry of access, or several of
// these. A network exception goes at both of its ends, whosever namespaces they are in: an end
// that stayed would let through what nobody approved for whatever has the name
// of the other one next.
type ending struct {
	tenant             string         // the slug of the tenant that goes as a whole, which has no namespace; empty where none does
	cluster, namespace string         // empty where no namespace goes
	grants             []int64        // requests, sorted
	access             *revokedAccess // nil where no single entry goes
}

// endingOf is the end of one of the tenancy's namespaces. The exceptions in it
// go with it, at their far ends too.
func endingOf(tenancy Tenancy, cluster, namespace string) ending {
	end := ending{cluster: cluster, namespace: namespace}
	if n, found := tenancy.Namespace(cluster, namespace); found {
		for _, e := range n.Network {
			end.grants = append(end.grants, e.Request)
		}
	}
	slices.Sort(end.grants)
	end.grants = slices.Compact(end.grants)
	return end
}

// from gives a tenancy as the end leaves it. A namespace has its name to itself
// on its cluster, so that no other tenant's goes with it.
func (e ending) from(t Tenancy) Tenancy {
	if e.tenant != "" && e.tenant == t.Name && len(t.Namespaces) == 0 {
		return Tenancy{Name: t.Name}
	}
	if e.namespace != "" {
		t = t.Without(e.cluster, e.namespace)
	}
	for _, request := range e.grants {
		t = t.WithoutGrants(request)
	}
	if e.access != nil {
		t = e.access.from(t)
	}
	return t
}

// others lists the tenancies of other tenants that the end changes, by slug.
func (e ending) others(tenancies map[string]Tenancy, tenant string) []OtherSide {
	var sides []OtherSide
	for _, slug := range slices.Sorted(maps.Keys(tenancies)) {
		if before := tenancies[slug]; slug != tenant && e.reaches(before) {
			far := ending{grants: e.grants}
			sides = append(sides, OtherSide{Before: before, After: far.from(before)})
		}
	}
	return sides
}

// reaches says whether one of the grants has an end in the tenancy.
func (e ending) reaches(t Tenancy) bool {
	return slices.ContainsFunc(e.grants, t.granted)
}

// takes says whether the plan takes away what a request gave. Whoever asks for
// the end of an exception has one of its ends, so that their own side tells.
func (p Plan) takes(request int64) bool { return p.Before.gaveBy(request) && !p.After.gaveBy(request) }
