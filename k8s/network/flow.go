package network

import "go4.org/netipx"

// Direction says which side of a policy decides: Ingress or Egress.
type Direction string

// The directions, with the words of policyTypes.
const (
	Ingress Direction = "Ingress"
	Egress  Direction = "Egress"
)

// Flow is what may pass from one end to the other. Between two workloads both ends
// let it through; where an end is Pods, only the other end was asked.
type Flow struct {
	From  End   `json:"from"`
	To    End   `json:"to"`
	Ports Ports `json:"ports"`
}

// End is one end of a flow: exactly one of its fields is set.
type End struct {
	// Workload is one that exists.
	Workload *Ref `json:"workload,omitempty"`
	// Pods are any pods with such labels, whether or not some exist.
	Pods *Pods `json:"pods,omitempty"`
	// Addresses are outside the cluster; ascending, disjoint, IPv4 before IPv6.
	Addresses []netipx.IPRange `json:"addresses,omitempty"`
}

// Pods describes pods by the labels of their namespace and by their own.
type Pods struct {
	Namespaces LabelSet `json:"namespaces"`
	Pods       LabelSet `json:"pods"`
}
