package workflow

import (
	"cmp"
	"slices"
	"time"
)

// NetworkException is one approved exception to the default-deny of a
// namespace, in one direction. A flow between two namespaces of tenants has one
// at each end, with the same request: egress here, ingress there. They are
// given together and end together.
type NetworkException struct {
	Direction FlowDirection     `json:"direction"`      // as seen from this namespace's pods
	Pods      map[string]string `json:"pods,omitempty"` // labels of this namespace's pods it is for; none means every pod
	From      *FlowPeer         `json:"from,omitempty"` // the other side, for ingress
	To        *FlowPeer         `json:"to,omitempty"`   // the other side, for egress
	Ports     []FlowPort        `json:"ports"`          // at least one
	Until     time.Time         `json:"until"`          // UTC; from then on it is not granted
	Request   int64             `json:"request"`        // the request that gave it
}

// Peer is the other side of the exception; nil where it names none.
func (e NetworkException) Peer() *FlowPeer {
	if e.Direction == Egress {
		return e.To
	}
	return e.From
}

// Expired says whether the exception is no longer granted at that moment.
func (e NetworkException) Expired(now time.Time) bool { return !now.Before(e.Until) }

// compare orders exceptions by request, then direction: both ends of a flow
// inside one namespace are two entries.
func (e NetworkException) compare(other NetworkException) int {
	if c := cmp.Compare(e.Request, other.Request); c != 0 {
		return c
	}
	return cmp.Compare(e.Direction, other.Direction)
}

// exceptions lists what the tenancy's namespaces were given by a request.
func (t Tenancy) exceptions(request int64) []NetworkException {
	var found []NetworkException
	for _, n := range t.Namespaces {
		for _, e := range n.Network {
			if e.Request == request {
				found = append(found, e)
			}
		}
	}
	return found
}

// WithoutException gives the tenancy without what a request opened.
func (t Tenancy) WithoutException(request int64) Tenancy {
	t.Namespaces = slices.Clone(t.Namespaces)
	for i, n := range t.Namespaces {
		kept := slices.DeleteFunc(slices.Clone(n.Network), func(e NetworkException) bool { return e.Request == request })
		if len(kept) == 0 {
			kept = nil
		}
		t.Namespaces[i].Network = kept
	}
	return t
}
