package network

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// Namespace is a namespace as selectors see it.
type Namespace struct {
	Name string
	// Labels are those of the object. kubernetes.io/metadata.name is implied, as the
	// API server sets it; a value given here that differs from Name is an error.
	Labels map[string]string
}

// ContainerPort is a port that a container declares; named ports of a policy resolve
// through these. An empty Protocol means TCP, as in the API.
type ContainerPort struct {
	Name     string
	Protocol corev1.Protocol
	Port     int32
}

// Workload is a set of alike pods: a controller's pod template, or a pod without one.
// Two workloads may share namespace, name and kind when the pods of one owner differ
// in labels; their flows are then told together.
type Workload struct {
	Namespace, Name, Kind string
	Labels                map[string]string // of the pods
	Ports                 []ContainerPort
}

// Ref names a workload.
type Ref struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
}

// Ref gives the workload's name.
func (w Workload) Ref() Ref { return Ref{w.Namespace, w.Name, w.Kind} }

// String gives namespace/name[Kind].
func (r Ref) String() string { return r.Namespace + "/" + r.Name + "[" + r.Kind + "]" }

// Objects are the objects that decide about connectivity. Namespaces that only
// workloads or policies mention are implied, without labels of their own.
type Objects struct {
	Namespaces []Namespace
	Workloads  []Workload
	Policies   []*networkingv1.NetworkPolicy
}
