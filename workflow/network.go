package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// NetworkChange asks for an exception to the default-deny of a namespace. It
// holds what was typed, as it was typed.
type NetworkChange struct {
	Cluster       string        `json:"cluster"`
	Namespace     string        `json:"namespace"`
	Direction     FlowDirection `json:"direction"`
	Pods          string        `json:"pods"`                    // labels, "app=api, tier=web"; empty: every pod
	Peer          PeerChoice    `json:"peer"`                    // what the other side is
	PeerNamespace string        `json:"peerNamespace,omitempty"` // of any tenant, on the same cluster
	PeerPods      string        `json:"peerPods,omitempty"`      // labels there; empty: every pod
	CIDR          string        `json:"cidr,omitempty"`
	Except        string        `json:"except,omitempty"` // ranges inside the CIDR, separated by commas or spaces
	FQDN          string        `json:"fqdn,omitempty"`
	Ports         string        `json:"ports"` // "TCP 5432, TCP 8000-8100"
	Until         string        `json:"until"` // a date, "2027-02-01" (its first moment in UTC), or RFC 3339
	Reason        string        `json:"reason"`
}

// PeerChoice is what the other side of an exception is.
type PeerChoice string

// The other sides that can be asked for.
const (
	PeerNamespace PeerChoice = "namespace"
	PeerInternet  PeerChoice = "internet"
	PeerCIDR      PeerChoice = "cidr"
	PeerFQDN      PeerChoice = "fqdn" // where the cluster's network engine is Cilium
)

var (
	_ crossing = NetworkChange{}
	_ dated    = NetworkChange{}
)

// Kind is KindNetwork.
func (NetworkChange) Kind() Kind { return KindNetwork }

// Title names both sides, from the one that opens the connections to the other.
func (c NetworkChange) Title() string {
	from, to := c.Namespace, c.otherSide()
	if c.Direction == Ingress {
		from, to = to, from
	}
	return "Network exception: " + from + " to " + to + " on " + c.Cluster
}

// otherSide names the other side in a word, as it was typed.
func (c NetworkChange) otherSide() string {
	switch c.Peer {
	case PeerInternet:
		return "the internet"
	case PeerCIDR:
		return c.CIDR
	case PeerFQDN:
		return c.FQDN
	}
	return c.PeerNamespace
}

// Why is the reason that was given.
func (c NetworkChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply adds the exception, and its other end where that is a namespace of the
// same tenant. The end in another tenant's namespace is what others gives.
func (c NetworkChange) Apply(base *ApprovedState, tenancy Tenancy, request int64) (Tenancy, []FieldProblem) {
	exception, problems := c.check(base.Policy)
	problems = append(problems, c.checkPlaces(base, tenancy)...)
	if len(problems) > 0 {
		return tenancy, inFormOrder(problems)
	}
	exception.Request = request
	after := tenancy.withException(c.Cluster, c.Namespace, exception)
	if _, own := tenancy.Namespace(c.Cluster, c.PeerNamespace); own && c.Peer == PeerNamespace {
		after = after.withException(c.Cluster, c.PeerNamespace, exception.mirror(c.Namespace))
	}
	return after, nil
}

// others adds the other end of the exception to the tenancy of the tenant that
// it reaches.
func (c NetworkChange) others(base *ApprovedState, tenancy Tenancy, request int64) []OtherSide {
	if c.Peer != PeerNamespace {
		return nil
	}
	peer, _, found := base.NamespaceOwner(c.Cluster, c.PeerNamespace)
	if !found || peer.Name == tenancy.Name {
		return nil
	}
	exception, _ := c.check(base.Policy)
	exception.Request = request
	return []OtherSide{{Before: peer, After: peer.withException(c.Cluster, c.PeerNamespace, exception.mirror(c.Namespace))}}
}

// checkAlone says of the namespaces only that they must be chosen.
func (c NetworkChange) checkAlone(policy Policy) []FieldProblem {
	_, problems := c.check(policy)
	problems = append(problems, FieldProblem{Field: "cluster", Message: checkChoice(c.Cluster, "cluster", clusterNames(policy))})
	return inFormOrder(slices.DeleteFunc(problems, func(p FieldProblem) bool { return p.Message == "" }))
}

// checkDates holds the end against the planning time.
func (c NetworkChange) checkDates(policy Policy, at time.Time) []FieldProblem {
	return checkTerm(c.Until, at, policy.Requests.Network.term())
}

// rivals refuses what another request asks for, to whatever end.
func (c NetworkChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(NetworkChange)
	return FieldProblem{Field: "ports", Message: fmt.Sprintf("Request %d by %s already asks for this.", other.ID, other.RequestedBy.Name)},
		same && rival.Cluster == c.Cluster && rival.Namespace == c.Namespace && rival.flow() == c.flow()
}

// flow is what the change opens, in a form that can be compared.
func (c NetworkChange) flow() string {
	exception, _ := c.check(Policy{})
	exception.Until = time.Time{}
	return encode(exception)
}

// networkFields are the fields of a network exception in the order of its form.
var networkFields = []string{
	"tenant", "cluster", "namespace", "direction", "pods", "peer", "peerNamespace", "peerPods",
	"cidr", "except", "fqdn", "ports", "until", "reason",
}

// inFormOrder sorts problems as the form has its fields.
func inFormOrder(problems []FieldProblem) []FieldProblem {
	slices.SortStableFunc(problems, func(a, b FieldProblem) int {
		return slices.Index(networkFields, a.Field) - slices.Index(networkFields, b.Field)
	})
	return problems
}
