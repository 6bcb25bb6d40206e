package admission

import (
	"encoding/json"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Operation is what is done to an object, in the words of admission.k8s.io/v1.
type Operation string

// The operations that the API server asks about.
const (
	Create  Operation = "CREATE"
	Update  Operation = "UPDATE"
	Delete  Operation = "DELETE"
	Connect Operation = "CONNECT"
)

// Request is one write to judge: what of an AdmissionRequest matters here.
type Request struct {
	Operation   Operation
	Kind        schema.GroupVersionKind
	SubResource string // "status", "ephemeralcontainers", …; empty for the object itself
	Namespace   string // empty for cluster-scoped objects; for a Namespace, empty or its name
	Name        string // may be empty: generated names, and collections being deleted
	User        string // user name as the API server authenticated it
	Groups      []string
	Object      json.RawMessage // the object after the write; empty for DELETE
	OldObject   json.RawMessage // the object before it; empty for CREATE

	// TenantNamespace says that the API server knows the object's namespace to
	// carry a tenant's label, manifest.LabelTenant. False says nothing.
	TenantNamespace bool
	// Roles knows roles of the cluster by their rules; nil knows none.
	Roles Roles
	// Policies knows the NetworkPolicies that are in the cluster; nil knows none.
	Policies Policies
	// At is the moment of judging: what was approved until then is not approved
	// any more. Without one, whatever was approved for a time is over.
	At time.Time
}

// over says whether an end has come at the moment of judging. What has no end
// is never over.
func (r Request) over(until time.Time) bool {
	return !until.IsZero() && (r.At.IsZero() || !r.At.Before(until))
}
