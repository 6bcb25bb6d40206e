package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Grant is one entry of a namespace that a request gave on top of the namespace
// itself, and that can end before it: a network exception, access, an exemption
// from a rule, a temporary increase of the quota.
type Grant struct {
	Kind      Kind // of the request that gave it; KindQuota for a temporary increase
	Tenant    string
	Cluster   string
	Namespace string
	Request   int64
	Until     time.Time // from then on it is not granted; zero where it has no end
	Says      string    // what it gives, in a few words: "edit for group 6f1c…"

	key     string   // tells it apart among those of its kind in its namespace
	entry   string   // canonical JSON
	object  rendered // what it is rendered to; nothing for an exemption
	changes bool     // the object outlives the grant: it is the namespace's quota
}

// Expired says whether the grant is over at that moment.
func (g Grant) Expired(now time.Time) bool { return !g.Until.IsZero() && !now.Before(g.Until) }

// name is what the entry is called in a plan.
func (g Grant) name() string {
	return grantEntries[g.Kind] + g.Cluster + "/" + g.Namespace + " " + g.key
}

// grantEntries begin the names of grants in a plan, by kind.
var grantEntries = map[Kind]string{
	KindNetwork:   exceptionEntry,
	KindAccess:    "access ",
	KindExemption: "exemption ",
	KindQuota:     "quota increase ",
}

// isGrantEntry says whether an entry of a plan is a grant's.
func isGrantEntry(entry string) bool {
	for _, prefix := range grantEntries {
		if strings.HasPrefix(entry, prefix) {
			return true
		}
	}
	return false
}

// Grants lists what a namespace was given beyond itself, in the order of the
// document: network exceptions, access, exemptions, the temporary increase.
// Access that came with the namespace lives as long as it and is not among them.
func (n Namespace) Grants() []Grant {
	var grants []Grant
	add := func(g Grant, entry any) {
		g.Cluster, g.Namespace, g.entry = n.Cluster, n.Name, encode(entry)
		grants = append(grants, g)
	}
	for _, e := range n.sortedNetwork() {
		add(Grant{Kind: KindNetwork, Request: e.Request, Until: e.Until, Says: e.words(n.Name),
			key: fmt.Sprint(e.Request, " ", e.Direction), object: renderedBy(e, n.Name)}, e)
	}
	for _, a := range slices.SortedFunc(slices.Values(n.Access), Access.compare) {
		if a.Request != n.Request {
			add(Grant{Kind: KindAccess, Request: a.Request, Until: a.Until, Says: a.words(), key: a.key(), object: a.rendered(n.Name)}, a)
		}
	}
	for _, e := range slices.SortedFunc(slices.Values(n.Exemptions), Exemption.compare) {
		add(Grant{Kind: KindExemption, Request: e.Request, Until: e.Until, Says: e.words(), key: fmt.Sprint(e.Request)}, e)
	}
	if raise := n.Quota.Raise; raise != nil {
		add(Grant{Kind: KindQuota, Request: raise.Request, Until: raise.Until, Says: raise.words(n.Quota),
			key: "increase", object: renderedQuota(n.Name), changes: true}, raise)
	}
	return grants
}

// Grants lists what the tenancy's namespaces were given beyond themselves.
func (t Tenancy) Grants() []Grant {
	var grants []Grant
	for _, n := range t.sorted().Namespaces {
		for _, g := range n.Grants() {
			g.Tenant = t.Name
			grants = append(grants, g)
		}
	}
	return grants
}

// grantsOf lists what a request gave the tenancy's namespaces.
func (t Tenancy) grantsOf(request int64) []Grant {
	if !t.granted(request) {
		return nil
	}
	return slices.DeleteFunc(t.Grants(), func(g Grant) bool { return g.Request != request })
}

// WithoutGrants gives the tenancy without what a request gave its namespaces
// beyond themselves.
func (t Tenancy) WithoutGrants(request int64) Tenancy {
	if !t.granted(request) {
		return t
	}
	t.Namespaces = slices.Clone(t.Namespaces)
	for i, n := range t.Namespaces {
		n.Network = without(n.Network, func(e NetworkException) bool { return e.Request == request })
		n.Access = without(n.Access, func(a Access) bool { return a.Request == request && n.Request != request })
		n.Exemptions = without(n.Exemptions, func(e Exemption) bool { return e.Request == request })
		if n.Quota.Raise != nil && n.Quota.Raise.Request == request {
			n.Quota.Raise = nil
		}
		t.Namespaces[i] = n
	}
	return t
}

// without gives the entries that do not go; nil when none is left, as in the
// document.
func without[E any](entries []E, goes func(E) bool) []E {
	kept := slices.DeleteFunc(slices.Clone(entries), goes)
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// with gives the tenancy with a namespace of its own changed.
func (t Tenancy) with(cluster, namespace string, change func(*Namespace)) Tenancy {
	t.Namespaces = slices.Clone(t.Namespaces)
	for i := range t.Namespaces {
		if n := &t.Namespaces[i]; n.Cluster == cluster && n.Name == namespace {
			change(n)
		}
	}
	return t
}

// grantsBeyond lists the grants that one state of a namespace has and the other
// has not, or has otherwise.
func grantsBeyond(with, without Namespace) []Grant {
	there := without.Grants()
	return slices.DeleteFunc(with.Grants(), func(g Grant) bool {
		return slices.ContainsFunc(there, func(other Grant) bool { return other.name() == g.name() && other.entry == g.entry })
	})
}

// closed lists the requests whose grants the plan takes out of namespaces that
// stay, sorted. A grant that is there afterwards by another request was
// replaced, which closes it, too.
func (p Plan) closed() []int64 { return p.closedOf("") }

// closedOf is closed for the grants of one kind; empty for all.
func (p Plan) closedOf(kind Kind) []int64 {
	var requests []int64
	for _, side := range p.sides() {
		for _, before := range side.Before.Namespaces {
			after, stays := side.After.Namespace(before.Cluster, before.Name)
			if !stays {
				continue
			}
			left := after.Grants()
			for _, g := range before.Grants() {
				kept := slices.ContainsFunc(left, func(other Grant) bool { return other.name() == g.name() && other.Request == g.Request })
				if !kept && (kind == "" || kind == g.Kind) {
					requests = append(requests, g.Request)
				}
			}
		}
	}
	slices.Sort(requests)
	return slices.Compact(requests)
}

// revoked lists the access that the plan takes out of namespaces that stay, and
// that nobody has afterwards, by whichever request it was given.
func (p Plan) revoked() []revokedAccess {
	var gone []revokedAccess
	for _, before := range p.Before.sorted().Namespaces {
		after, stays := p.After.Namespace(before.Cluster, before.Name)
		if !stays {
			continue
		}
		for _, a := range before.Access {
			if !slices.ContainsFunc(after.Access, func(other Access) bool { return other.key() == a.key() }) {
				gone = append(gone, revokedAccess{before.Cluster, before.Name, a.key()})
			}
		}
	}
	return gone
}

// revokedAccess is one entry of a namespace's access that goes.
type revokedAccess struct{ cluster, namespace, key string }

// from gives a tenancy without the entry.
func (r revokedAccess) from(t Tenancy) Tenancy {
	return t.with(r.cluster, r.namespace, func(n *Namespace) {
		n.Access = without(n.Access, func(a Access) bool { return a.key() == r.key })
	})
}

// until is when the last of what the request gave by this plan expires; false
// where it gives nothing that ends.
func (p Plan) until(request int64) (last time.Time, found bool) {
	for _, side := range p.sides() {
		for _, g := range side.After.grantsOf(request) {
			found = found || !g.Until.IsZero()
			if g.Until.After(last) {
				last = g.Until
			}
		}
	}
	return last, found
}

// noun is what a grant of the kind is called in sentences.
func (g Grant) noun() string { return grantNouns[g.Kind] }

var grantNouns = map[Kind]string{
	KindNetwork:   "network exception",
	KindAccess:    "access",
	KindExemption: "exemption",
	KindQuota:     "quota increase",
}
