package network

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
)

// Probe is one concrete flow: the first packet of a connection, from one end to a
// port of the other.
type Probe struct {
	From, To Endpoint
	Protocol corev1.Protocol // TCP if empty
	Port     int32           // of To, 1 to 65535
}

// Endpoint is a pod or an address outside the cluster. A pod is that of a workload of
// the cluster, or one of the given labels, which need not exist.
type Endpoint struct {
	Namespace string
	Workload  string // its name; Kind tells two of the same name apart
	Kind      string
	// Labels and Ports are those of a pod, when Workload is empty.
	Labels map[string]string
	Ports  []ContainerPort
	// NamespaceLabels are those of a namespace that the cluster does not have.
	NamespaceLabels map[string]string

	Address netip.Addr // with nothing else set
}
