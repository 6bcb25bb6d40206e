package workflow

import "time"

// Connectivity is what may talk to what: for a plan, before and after; for a
// page, now. Ends are the boxes of the picture, flows its arrows.
type Connectivity struct {
	Ends  []FlowEnd `json:"ends"`
	Flows []Flow    `json:"flows"`
}

// EndKind is what stands at one end of a flow.
type EndKind string

// The kinds of end.
const (
	EndPods      EndKind = "pods"      // pods of one namespace, by their labels
	EndPlatform  EndKind = "platform"  // a namespace of the platform
	EndCluster   EndKind = "cluster"   // pods of namespaces that are not named: by labels, or every one
	EndInternet  EndKind = "internet"  // every public address
	EndAddresses EndKind = "addresses" // one range of addresses
	EndName      EndKind = "fqdn"      // addresses by their DNS name
)

// FlowEnd is one end of flows: pods, or addresses outside the cluster.
type FlowEnd struct {
	ID        string   `json:"id"` // names the end within the connectivity
	Kind      EndKind  `json:"kind"`
	Cluster   string   `json:"cluster,omitempty"`
	Namespace string   `json:"namespace,omitempty"`
	Tenant    string   `json:"tenant,omitempty"`    // whose namespace it is
	Other     bool     `json:"other,omitempty"`     // it belongs to another tenant than the one whose page or plan this is
	Label     string   `json:"label"`               // "app=api", "every pod", "10.20.0.0/16", "the internet"
	Workloads []string `json:"workloads,omitempty"` // "Deployment api": what is there now, where the cluster tells
}

// FlowChange is what a plan does to a flow.
type FlowChange string

// The changes of a flow.
const (
	FlowStays  FlowChange = ""
	FlowOpened FlowChange = "opened"
	FlowClosed FlowChange = "closed"
)

// Flow is traffic that is let through, from one end to the other.
type Flow struct {
	From     string     `json:"from"`  // FlowEnd.ID
	To       string     `json:"to"`    // FlowEnd.ID
	Ports    string     `json:"ports"` // "TCP 5432", "TCP 8000-8100, UDP 53", "every port"
	Change   FlowChange `json:"change,omitempty"`
	OneSided string     `json:"oneSided,omitempty"` // which end does not let it through, in words; empty when both do
	Request  int64      `json:"request,omitempty"`  // the request that gave it; 0 for the platform's
	Until    time.Time  `json:"until,omitzero"`
	Because  string     `json:"because"` // what lets it through: "request 61", "platform flow monitoring"
}

// NetworkReport is what an analyzer says of a change.
type NetworkReport struct {
	Connectivity Connectivity
	Sentences    []string  // what opens and what closes, for people: "Opens TCP 5432 from … to … until 1 Feb 2027."
	Findings     []Finding // what a reviewer should not overlook
	Redundant    []int64   // requests whose exceptions already allow all that the change gives, for as long; 0 for the platform's flows; none while it opens anything
	Notes        []string  // what the cluster's network engine does differently for this very change
}

// Analyzer says what manifests let through on the network, by the same
// evaluator that admission uses.
type Analyzer interface {
	// Change compares the approved state with the one in which these tenancies
	// stand instead of theirs. At is the planning time: what has expired by then
	// lets nothing through.
	Change(state *ApprovedState, tenant string, after []Tenancy, at time.Time) (NetworkReport, error)
	// Now is what the namespaces of a tenant let through; those of one cluster and
	// name, where namespace is not empty.
	Now(state *ApprovedState, tenant, cluster, namespace string, at time.Time) (Connectivity, error)
}

// Workload is something that runs in a namespace, as a cluster tells.
type Workload struct {
	Kind   string // Deployment, StatefulSet, …; Pod where nothing owns it
	Name   string
	Labels map[string]string // of its pods
	Pods   int
}

// Workloads knows what runs now. It is read from what the cluster last said, and
// never waits for the network.
type Workloads interface {
	// In lists what runs in a namespace. known is false where nothing can be said.
	In(cluster, namespace string) (workloads []Workload, known bool)
}
