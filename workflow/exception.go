package workflow

import (
	"cmp"
	"fmt"
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
	Ports     []FlowPort        `json:"ports"`          // at least one; sorted, without overlap
	Until     time.Time         `json:"until"`          // UTC, whole seconds; from then on it is not granted
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

// ObjectName is the name of the policy object that the exception is rendered to.
func (e NetworkException) ObjectName() string {
	return fmt.Sprintf("tenure-exception-%d-%s", e.Request, e.Direction)
}

// words say what the exception opens, "TCP 5432 to 10.20.0.0/16".
func (e NetworkException) words(namespace string) string {
	from, to := podsText(namespace, e.Pods), e.Peer().text()
	if e.Direction == Ingress {
		from, to = to, from
	}
	return fmt.Sprintf("%s from %s to %s", PortsText(e.Ports), from, to)
}

// compare orders exceptions by request, then direction.
func (e NetworkException) compare(other NetworkException) int {
	return cmp.Or(cmp.Compare(e.Request, other.Request), cmp.Compare(e.Direction, other.Direction))
}

// equal says whether two exceptions are the same, to the last field.
func (e NetworkException) equal(other NetworkException) bool { return encode(e) == encode(other) }

// mirror is the other end of an exception whose other side is a namespace, as
// the entry there has it. Namespace is where this end stands.
func (e NetworkException) mirror(namespace string) NetworkException {
	peer := e.Peer()
	far := &FlowPeer{Namespace: namespace, PodLabels: e.Pods}
	other := NetworkException{Direction: Egress, Pods: peer.PodLabels, To: far, Ports: e.Ports, Until: e.Until, Request: e.Request}
	if e.Direction == Egress {
		other.Direction, other.From, other.To = Ingress, far, nil
	}
	return other
}

// sortedNetwork lists the namespace's exceptions in the order of the document.
func (n Namespace) sortedNetwork() []NetworkException {
	return slices.SortedFunc(slices.Values(n.Network), NetworkException.compare)
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

// withException gives the tenancy with one exception more in a namespace of its own.
func (t Tenancy) withException(cluster, namespace string, exception NetworkException) Tenancy {
	return t.with(cluster, namespace, func(n *Namespace) {
		n.Network = append(slices.Clone(n.Network), exception)
		slices.SortFunc(n.Network, NetworkException.compare)
	})
}

// exceptionEnd is one end of what a request opened, with where it stands.
type exceptionEnd struct {
	NetworkException

	tenant    string
	namespace Namespace
}

// given lists the exceptions that the plan gives, of every tenancy that it
// changes, the tenant's own first.
func (p Plan) given() []exceptionEnd {
	var list []exceptionEnd
	for _, side := range p.sides() {
		for _, n := range side.After.sorted().Namespaces {
			before, _ := side.Before.Namespace(n.Cluster, n.Name)
			for _, e := range n.Network {
				if !slices.ContainsFunc(before.Network, e.equal) {
					list = append(list, exceptionEnd{e, side.After.Name, n})
				}
			}
		}
	}
	return list
}
