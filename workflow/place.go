package workflow

import (
	"cmp"
	"slices"
)

// place is what a request changes of one tenant's on one cluster: what one
// Application of Argo CD's brings there.
type place struct {
	tenant, cluster string
	given           []string   // namespaces that must be there
	taken           []string   // namespaces that must be gone
	opened          []rendered // exceptions that must be there, in namespaces that stay
	closed          []rendered // exceptions that must be gone, from namespaces that stay
}

// rendered names the object that one end of an exception is rendered to.
type rendered struct{ namespace, name string }

// renderedBy is the object of an exception in a namespace.
func renderedBy(e NetworkException, namespace string) rendered {
	return rendered{namespace, e.ObjectName()}
}

// is says whether the object is the exception's. What enforces it is a
// NetworkPolicy, or one of Cilium's where it names a DNS name.
func (r rendered) is(object SyncedObject) bool {
	return object.Namespace == r.namespace && object.Name == r.name && (object.Kind == "NetworkPolicy" || object.Kind == "CiliumNetworkPolicy")
}

// places lists what the plan changes, by cluster, the tenant's own before other
// tenants'.
func (p Plan) places() []place {
	var places []place
	at := func(tenant, cluster string) *place {
		i := slices.IndexFunc(places, func(p place) bool { return p.tenant == tenant && p.cluster == cluster })
		if i < 0 {
			places = append(places, place{tenant: tenant, cluster: cluster})
			i = len(places) - 1
		}
		return &places[i]
	}
	for _, n := range p.added() {
		place := at(p.After.Name, n.Cluster)
		place.given = append(place.given, n.Name)
	}
	for _, n := range p.removed() {
		place := at(p.After.Name, n.Cluster)
		place.taken = append(place.taken, n.Name)
	}
	for _, side := range p.sides() {
		for _, n := range side.After.Namespaces {
			before, stays := side.Before.Namespace(n.Cluster, n.Name)
			if !stays {
				continue
			}
			for _, e := range exceptionsBeyond(n, before) {
				place := at(side.After.Name, n.Cluster)
				place.opened = append(place.opened, renderedBy(e, n.Name))
			}
			for _, e := range exceptionsBeyond(before, n) {
				place := at(side.After.Name, n.Cluster)
				place.closed = append(place.closed, renderedBy(e, n.Name))
			}
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.cluster, b.cluster) })
	return places
}

// exceptionsBeyond lists what one state of a namespace has and the other has not.
func exceptionsBeyond(with, without Namespace) []NetworkException {
	return slices.DeleteFunc(slices.Clone(with.Network), func(e NetworkException) bool {
		return slices.ContainsFunc(without.Network, func(other NetworkException) bool { return other.compare(e) == 0 })
	})
}

// count fills in how many objects are as approved, and gives how many are not.
// A namespace or an exception of which Argo CD knows nothing counts as one.
func (p place) count(a *Arrival, objects []SyncedObject) (left int) {
	for _, namespace := range p.given {
		known := false
		for _, object := range objects {
			if !object.in(namespace) {
				continue
			}
			known = known || object.Kind == "Namespace"
			a.Total++
			if object.ready() {
				a.Ready++
			}
		}
		if !known {
			left++
		}
	}
	for _, exception := range p.opened {
		i := slices.IndexFunc(objects, exception.is)
		if i < 0 {
			left++
			continue
		}
		a.Total++
		if objects[i].ready() {
			a.Ready++
		}
	}
	left += a.Total - a.Ready
	for _, object := range objects {
		if p.takes(object) {
			a.Total++
			left++
		}
	}
	return left
}

// takes says whether the object must be gone.
func (p place) takes(object SyncedObject) bool {
	return slices.ContainsFunc(p.taken, object.in) || slices.ContainsFunc(p.closed, func(r rendered) bool { return r.is(object) })
}

// concerns says whether the object is any of the request's.
func (p place) concerns(object SyncedObject) bool {
	return p.takes(object) || slices.ContainsFunc(p.given, object.in) || slices.ContainsFunc(p.opened, func(r rendered) bool { return r.is(object) })
}
