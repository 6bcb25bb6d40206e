package workflow

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// place is what a request changes of one tenant's on one cluster: what one
// Application of Argo CD's brings there.
type place struct {
	tenant, cluster string
	leaves          bool       // the tenant leaves the cluster: its Application must be gone
	given           []string   // namespaces that must be there
	taken           []string   // namespaces that must be gone
	opened          []rendered // objects that must be there as approved, in namespaces that stay
	closed          []rendered // objects that must be gone, from namespaces that stay
	eased           []rendered // objects that must be as approved, or gone with their namespaces
}

// rendered names the object that a grant, or one of its ends, is rendered to.
// The zero value is none.
type rendered struct{ kind, namespace, name string }

// renderedBy is the object of an exception in a namespace. What enforces it is a
// NetworkPolicy, or one of Cilium's where it names a DNS name.
func renderedBy(e NetworkException, namespace string) rendered {
	kind := "NetworkPolicy"
	if peer := e.Peer(); peer != nil && peer.FQDN != "" {
		kind = "CiliumNetworkPolicy"
	}
	return rendered{kind, namespace, e.ObjectName()}
}

// renderedQuota is the object that holds a namespace to its quota.
func renderedQuota(namespace string) rendered { return rendered{"ResourceQuota", namespace, QuotaName} }

// is says whether the object is the grant's.
func (r rendered) is(object SyncedObject) bool {
	return object.Namespace == r.namespace && object.Name == r.name && object.Kind == r.kind
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
			opened, closed := n.changedObjects(before)
			if len(opened)+len(closed) > 0 {
				place := at(side.After.Name, n.Cluster)
				place.opened, place.closed = append(place.opened, opened...), append(place.closed, closed...)
			}
		}
	}
	if p.Policy != nil {
		for _, effect := range p.Policy.Tenants {
			for _, namespace := range effect.Namespaces {
				cluster, name, _ := strings.Cut(namespace, "/")
				place := at(effect.Tenant, cluster)
				place.given = append(place.given, name)
			}
		}
	}
	for _, cluster := range missingTexts(p.Before.Clusters, p.After.Clusters) {
		at(p.After.Name, cluster) // its Application must be there, though it brings nothing yet
	}
	for _, cluster := range missingTexts(p.After.Clusters, p.Before.Clusters) {
		at(p.After.Name, cluster).leaves = true
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.cluster, b.cluster) })
	return places
}

// changedObjects lists the objects of a namespace that stays which must be there
// as approved, and those that must be gone, compared with what it was before.
func (n Namespace) changedObjects(before Namespace) (opened, closed []rendered) {
	was, is := before.objects(), n.objects()
	for _, object := range slices.SortedFunc(maps.Keys(is), rendered.compare) {
		if was[object] != is[object] {
			opened = append(opened, object)
		}
	}
	for _, object := range slices.SortedFunc(maps.Keys(was), rendered.compare) {
		if _, stays := is[object]; !stays {
			closed = append(closed, object)
		}
	}
	return opened, closed
}

// objects are those that the namespace's entries are rendered to, with what they
// are made from.
func (n Namespace) objects() map[rendered]string {
	objects := map[rendered]string{
		{kind: "Namespace", name: n.Name}: encode([]string{n.Purpose, n.Classification}),
		renderedQuota(n.Name):             encode(n.Quota),
	}
	for _, e := range n.Network {
		objects[renderedBy(e, n.Name)] = encode(e)
	}
	for _, a := range n.Access {
		objects[a.rendered(n.Name)] = encode(a)
	}
	return objects
}

// compare orders objects by name, then kind.
func (r rendered) compare(other rendered) int {
	return cmp.Or(cmp.Compare(r.name, other.name), cmp.Compare(r.kind, other.kind))
}

// count fills in how many objects are as approved, and gives how many are not.
// A namespace or an object of which Argo CD knows nothing counts as one.
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
	for _, object := range p.opened {
		i := slices.IndexFunc(objects, object.is)
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
	for _, object := range p.eased {
		if p.leftOver(object, objects) {
			a.Total++
			left++
		}
	}
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
	return p.takes(object) || slices.ContainsFunc(p.given, object.in) || slices.ContainsFunc(slices.Concat(p.opened, p.eased), func(r rendered) bool { return r.is(object) })
}
