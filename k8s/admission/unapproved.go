package admission

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// An approval can end while its namespace still lives: the commit that removes
// it is verified, and Argo CD has not taken the namespace away yet. What is in
// it goes on, and of what the API server asks about nothing is added: what it
// was given ended. The same holds for a namespace that got a tenant's label
// while nobody was asked. The API server asks about workloads and governed kinds
// (see registration.go) and what serves hosts, and not about Services, ConfigMaps,
// Secrets or claims for storage; the quota, which stays, is what bounds those.

// systemKinds are objects that the system creates beside what runs already, and
// that give nothing: reports, addresses, leases, tokens of accounts that are
// there, and evictions, which delete.
var systemKinds = map[schema.GroupKind]bool{
	{Kind: "Event"}:                                                   true,
	{Group: "events.k8s.io", Kind: "Event"}:                           true,
	{Kind: "Endpoints"}:                                               true,
	{Group: "discovery.k8s.io", Kind: "EndpointSlice"}:                true,
	{Group: "coordination.k8s.io", Kind: "Lease"}:                     true,
	{Group: "policy", Kind: "Eviction"}:                               true,
	{Group: "authentication.k8s.io", Kind: "TokenRequest"}:            true,
	{Group: "authorization.k8s.io", Kind: "LocalSubjectAccessReview"}: true,
}

// systemObjects are those that controllers put into every namespace.
var systemObjects = map[schema.GroupKind]string{
	{Kind: "ConfigMap"}: "kube-root-ca.crt",
	serviceAccountKind:  "default",
}

// judgeUnapprovedPlace judges what is not a Namespace itself by the namespace
// that it is in: where nobody approved that, nothing that is asked about is
// added or grows.
func (o *Object) judgeUnapprovedPlace() ([]workflow.Violation, error) {
	if o.Grant != nil || o.Namespace == "" || o.Operation == Delete {
		return nil, nil
	}
	kind := o.Kind.GroupKind()
	if name, found := systemObjects[kind]; systemKinds[kind] || (found && name == o.name()) {
		return nil, nil
	}
	if o.Operation == Update {
		if o.governs() {
			return nil, nil // the rule governed's
		}
		if shrinks, err := o.onlyShrinks(); err != nil || shrinks {
			return nil, err
		}
	}
	return []workflow.Violation{{
		Field: "metadata.namespace", Value: o.Namespace,
		Allowed: fmt.Sprintf("nobody approved this namespace on cluster %s; its approval ended or was never given, so what is in it can only shrink or be deleted.", o.Snapshot.Cluster),
		Ask:     o.askNamespace(),
	}}, nil
}

// onlyShrinks says whether an update leaves everything as it was, but for a
// workload's size, which gets no greater, and the books that controllers keep
// in its annotations and owners.
func (o *Object) onlyShrinks() (bool, error) {
	now, err := decodeFields(o.Object)
	if err != nil {
		return false, err
	}
	before, err := decodeFields(o.OldObject)
	if err != nil {
		return false, err
	}
	if isWorkload(o.Kind.GroupKind()) || o.SubResource == "scale" {
		if !before.shrinkTo(now) || !maps.Equal(securityAnnotations(before.annotations), securityAnnotations(now.annotations)) {
			return false, nil
		}
		now.annotations, now.owners = before.annotations, before.owners
	}
	_, same := before.sameAs(now, o.Kind.GroupKind())
	return same, nil
}

// shrinkTo says whether the size of a workload gets no greater, and then leaves
// it out of both. A ReplicaSet that names no number has one pod.
func (f fields) shrinkTo(now fields) bool {
	had, have := spec(f), spec(now)
	if have == nil {
		return true
	}
	if size(have["replicas"]) > size(had["replicas"]) || (had["suspend"] == true && have["suspend"] != true) {
		return false
	}
	for _, object := range []map[string]any{had, have} {
		delete(object, "replicas")
		delete(object, "suspend")
	}
	return true
}

// size reads a number of replicas. What is none is more than any.
func size(replicas any) int64 {
	if replicas == nil {
		return 1
	}
	number, err := strconv.ParseInt(fmt.Sprint(replicas), 10, 64)
	if err != nil {
		return math.MaxInt64
	}
	return number
}

// judgeLeftoverDeletion judges by the object itself what the GitOps identity
// takes away from a namespace whose approval ended. What limits goes with the
// namespace, so that nothing runs in it unlimited.
func (o *Object) judgeLeftoverDeletion() ([]workflow.Violation, error) {
	before, err := decodeFields(o.OldObject)
	if err != nil {
		return nil, err
	}
	if before.onlyGive(o.Kind.GroupKind()) {
		return nil, nil
	}
	return []workflow.Violation{{
		Field: "metadata.name", Value: o.name(),
		Allowed: fmt.Sprintf("this %s limits what still runs in the namespace; it goes when the namespace is deleted.", o.Kind.Kind),
	}}, nil
}

// onlyReaches says whether a CiliumNetworkPolicy is of the form of those that Tenure
// renders: rules of egress, and nothing that denies. It closes egress for its pods,
// too; default-deny, which stays until its namespace goes, goes on doing that.
func (f fields) onlyReaches() bool {
	rules, _ := spec(f)["egress"].([]any)
	for key := range spec(f) {
		if key != "egress" && key != "endpointSelector" {
			return false
		}
	}
	return len(rules) > 0
}

// onlyGive says whether a governed object grants something and limits nothing.
// What Tenure rendered to stay until its namespace goes says so itself; and a
// NetworkPolicy that names a direction without a rule closes it.
func (f fields) onlyGive(kind schema.GroupKind) bool {
	if strings.Contains(f.annotations[manifest.AnnotationSyncOptions], "Prune=false") {
		return false
	}
	switch {
	case kind.Kind == "RoleBinding", kind == serviceAccountKind:
		return true
	case kind == ciliumPolicyKind:
		return f.onlyReaches()
	case kind != networkPolicyKind:
		return false
	}
	directions, _ := spec(f)["policyTypes"].([]any)
	for _, direction := range directions {
		rules := "ingress"
		if direction == string(networkingv1.PolicyTypeEgress) {
			rules = "egress"
		}
		if spec(f)[rules] == nil {
			return false
		}
	}
	return len(directions) > 0
}
