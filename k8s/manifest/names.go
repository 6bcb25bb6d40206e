package manifest

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"tenure.dev/workflow"
)

// Labels and annotations of what Tenure renders.
const (
	LabelTenant      = "tenure.dev/tenant"            // the tenant's slug; on every object
	LabelEnvironment = "tenure.dev/environment"       // on the Namespace
	LabelClass       = "tenure.dev/classification"    // on the Namespace, where its data have a class
	LabelManagedBy   = "app.kubernetes.io/managed-by" // always ManagedBy; on every object
	LabelCluster     = "tenure.dev/cluster"           // on the Application: the cluster's name in the policy
	ManagedBy        = "tenure"

	AnnotationPurpose = "tenure.dev/purpose" // on the Namespace: what it is for, in the asker's words
	AnnotationRequest = "tenure.dev/request" // the number of the request that gave the object
	AnnotationUntil   = "tenure.dev/until"   // on what was granted for a time: its end, RFC 3339 in UTC
	// AnnotationRaisedBy is on a ResourceQuota while a temporary increase holds:
	// the number of the request that gave it.
	AnnotationRaisedBy = "tenure.dev/raised-by"

	// AnnotationSyncWave orders what Argo CD applies in one sync, lowest first.
	AnnotationSyncWave = "argocd.argoproj.io/sync-wave"
	// AnnotationSyncOptions carries Prune=false on what must live exactly as long
	// as its namespace. Argo CD prunes wave by wave from the highest down and the
	// Namespace last, so that otherwise default-deny would be gone while pods of
	// the namespace still run. The namespace is deleted all the same, and from
	// Kubernetes 1.33 on its pods go first (KEP-5080), these objects after them.
	AnnotationSyncOptions = "argocd.argoproj.io/sync-options"
)

// PodSecurityVersion pins the Pod Security Standards to those of one Kubernetes
// minor version, so that upgrading a cluster changes no namespace's rules.
// Raising it changes what is rendered: bump the renderer's version too.
const PodSecurityVersion = "v1.37"

// ClusterRole is the aggregated ClusterRole that an access role is bound to.
func ClusterRole(role workflow.AccessRole) string { return "tenure:" + string(role) }

// checkLabel refuses a name that is not a DNS label (RFC 1123 §2.1). Names
// become parts of paths and of objects' names, so this is also what keeps a
// path inside its folder.
func checkLabel(what, name string) error {
	if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
		return fmt.Errorf("%s %q: %s", what, name, strings.Join(problems, "; "))
	}
	return nil
}
