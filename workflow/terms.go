package workflow

import "time"

// terms tells by which request each grant of the tenancy's namespaces was given,
// and until when. It is what Grants lists, without its words: it is asked every
// second of every tenant.
func (t Tenancy) terms(each func(kind Kind, request int64, until time.Time)) {
	for _, n := range t.Namespaces {
		for _, e := range n.Network {
			each(KindNetwork, e.Request, e.Until)
		}
		for _, a := range n.Access {
			if a.Request != n.Request {
				each(KindAccess, a.Request, a.Until)
			}
		}
		for _, e := range n.Exemptions {
			each(KindExemption, e.Request, e.Until)
		}
		if raise := n.Quota.Raise; raise != nil {
			each(KindQuota, raise.Request, raise.Until)
		}
	}
}

// granted says whether a request gave the tenancy's namespaces anything beyond
// themselves.
func (t Tenancy) granted(request int64) (found bool) {
	t.terms(func(_ Kind, by int64, _ time.Time) { found = found || by == request })
	return found
}

// lastTerm is when what a request gave ends, and what it is.
type lastTerm struct {
	kind  Kind
	until time.Time // zero where something of it has no end
}

// lastTerms tells until when the last of what each request gave is granted.
func (s *ApprovedState) lastTerms() map[int64]lastTerm {
	last := map[int64]lastTerm{}
	for _, tenancy := range s.Tenancies {
		tenancy.terms(func(kind Kind, request int64, until time.Time) {
			known, found := last[request]
			if !found || until.IsZero() || (!known.until.IsZero() && until.After(known.until)) {
				last[request] = lastTerm{kind, until}
			}
		})
	}
	return last
}

// over says whether the term has come to its end.
func (t lastTerm) over(now time.Time) bool { return !t.until.IsZero() && !now.Before(t.until) }
