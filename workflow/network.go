package workflow

import "strings"

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

// Kind is KindNetwork.
func (NetworkChange) Kind() Kind { return KindNetwork }

// Title names the direction and the namespace.
func (c NetworkChange) Title() string {
	return "Network exception: " + string(c.Direction) + " of " + c.Namespace + " on " + c.Cluster
}

// Why is the reason that was given.
func (c NetworkChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply adds the exception at both of its ends.
func (c NetworkChange) Apply(_ *ApprovedState, tenancy Tenancy, _ int64) (Tenancy, []FieldProblem) {
	return tenancy, []FieldProblem{{Field: "namespace", Message: "Network exceptions cannot be asked for yet."}}
}

func (c NetworkChange) checkAlone(Policy) []FieldProblem { return nil }

func (c NetworkChange) rivals(Request) (FieldProblem, bool) { return FieldProblem{}, false }
