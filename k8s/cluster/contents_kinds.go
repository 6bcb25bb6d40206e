package cluster

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
)

// passing are the kinds that the control plane keeps by itself: reports, addresses,
// leases, older revisions of workloads, the room that storage has. Nobody misses them.
var passing = map[schema.GroupKind]bool{
	{Kind: "Event"}:                                       true,
	{Group: "events.k8s.io", Kind: "Event"}:               true,
	{Kind: "Endpoints"}:                                   true,
	{Group: "discovery.k8s.io", Kind: "EndpointSlice"}:    true,
	{Group: "coordination.k8s.io", Kind: "Lease"}:         true,
	{Group: "apps", Kind: "ControllerRevision"}:           true,
	{Group: "storage.k8s.io", Kind: "CSIStorageCapacity"}: true,
}

// holdsData are the kinds whose data are lost with them.
var holdsData = map[schema.GroupKind]bool{
	{Kind: "PersistentVolumeClaim"}: true,
	{Kind: "Secret"}:                true,
	{Group: "snapshot.storage.k8s.io", Kind: "VolumeSnapshot"}: true,
}

// isMeasured says whether an API group's objects are measurements of others, such as
// those of metrics.k8s.io.
func isMeasured(group string) bool {
	return group == "metrics.k8s.io" || strings.HasSuffix(group, ".metrics.k8s.io")
}

// leftOut says whether an object is nothing that a person put into the namespace.
func leftOut(kind schema.GroupKind, object *metav1.PartialObjectMetadata) bool {
	switch {
	case kind == schema.GroupKind{Kind: "ConfigMap"} && object.Name == "kube-root-ca.crt":
		return true
	case kind == schema.GroupKind{Kind: "ServiceAccount"} && object.Name == "default":
		return true
	case kind == schema.GroupKind{Kind: "Secret"} && object.Annotations[corev1.ServiceAccountNameKey] != "":
		return true // a token, which the account's end ends
	}
	return isRendered(kind, object)
}

// isRendered says whether Tenure put the object there. Of these kinds nobody else
// may use its label or its names, but for ServiceAccounts, where only one is its own.
func isRendered(kind schema.GroupKind, object *metav1.PartialObjectMetadata) bool {
	switch {
	case kind == schema.GroupKind{Kind: "ServiceAccount"}:
		return object.Name == manifest.DeployerAccount
	case !slices.Contains(admission.GovernedKinds(), kind):
		return false
	}
	return object.Labels[manifest.LabelManagedBy] == manifest.ManagedBy || object.Name == manifest.ManagedBy || strings.HasPrefix(object.Name, manifest.ManagedBy+"-")
}
