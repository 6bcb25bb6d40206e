package admission

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// What deploy/ has to tell an API server, so that it asks about everything that
// is judged here. Tests hold the two together.

// GovernedKinds are the kinds that only the GitOps identity writes, or of which
// it alone writes what Tenure rendered; in no order.
func GovernedKinds() []schema.GroupKind {
	kinds := make([]schema.GroupKind, 0, len(governedKinds))
	for kind := range governedKinds {
		kinds = append(kinds, kind)
	}
	return kinds
}

// WorkloadKinds are the kinds that hold pods, in the version in which they are
// judged; in no order.
func WorkloadKinds() []schema.GroupVersionKind {
	kinds := make([]schema.GroupVersionKind, 0, len(workloads))
	for kind, version := range workloads {
		kinds = append(kinds, kind.WithVersion(version))
	}
	return kinds
}

// HostKinds are the kinds that are judged by the hosts that they serve; in no order.
func HostKinds() []schema.GroupKind { return slices.Collect(maps.Keys(hostKinds)) }

// ClusterPolicyKinds are the network policies for pods of any namespace, which no
// tenant's role reaches; in no order. The API server need not ask about them.
func ClusterPolicyKinds() []schema.GroupKind {
	return slices.Collect(maps.Keys(clusterPolicyKinds))
}

// SwitchOffLabels are the labels of a Namespace by which the platform's own
// guards look away, and that no tenant's namespace gets.
func SwitchOffLabels() []string { return slices.Clone(switchOffLabels) }
