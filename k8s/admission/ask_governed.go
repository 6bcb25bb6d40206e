package admission

import (
	"fmt"
	"regexp"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

var resourceQuotaKind = schema.GroupKind{Kind: "ResourceQuota"}

// askQuota is where to ask for other amounts: the form, filled in with those that
// the ResourceQuota would have had, where they can be read.
func (o *Object) askQuota() string {
	known := workflow.QuotaChange{Cluster: o.Snapshot.Cluster, Namespace: o.Namespace}
	if now, err := decodeFields(o.Object); err == nil {
		hard := object(spec(now)["hard"])
		known.CPU = greatest(hard, corev1.ResourceLimitsCPU, corev1.ResourceRequestsCPU, corev1.ResourceCPU)
		known.Memory = greatest(hard, corev1.ResourceLimitsMemory, corev1.ResourceRequestsMemory, corev1.ResourceMemory)
		known.Storage = greatest(hard, corev1.ResourceRequestsStorage)
		known.Pods = count(hard, corev1.ResourcePods)
		known.Objects = map[workflow.ObjectCount]string{}
		for _, kind := range workflow.ObjectCounts() {
			known.Objects[kind] = count(hard, corev1.ResourceName(kind))
		}
		if known.Objects[workflow.CountLoadBalancers] == "0" {
			delete(known.Objects, workflow.CountLoadBalancers) // as where nothing is said of them
		}
	}
	return o.Snapshot.askFor("the quota", known.Link(o.Grant.Tenant))
}

// greatest is the greatest of the amounts that stand under some names: a namespace
// is given one amount for requests and limits alike. Empty where none can be read.
func greatest(hard map[string]any, names ...corev1.ResourceName) string {
	var most *resource.Quantity
	for _, name := range names {
		if amount := amountOf(hard, name); amount != nil && (most == nil || amount.Cmp(*most) > 0) {
			most = amount
		}
	}
	if most == nil {
		return ""
	}
	return filled(most.String())
}

// count is a whole number of objects; empty where it is none.
func count(hard map[string]any, name corev1.ResourceName) string {
	if amount := amountOf(hard, name); amount != nil {
		if number, whole := amount.AsInt64(); whole {
			return fmt.Sprint(number)
		}
	}
	return ""
}

// amountOf reads one amount of a ResourceQuota; nil where there is none.
func amountOf(hard map[string]any, name corev1.ResourceName) *resource.Quantity {
	value, found := hard[string(name)]
	if !found {
		return nil
	}
	amount, err := workflow.ParseQuantity(filled(fmt.Sprint(value)))
	if err != nil {
		return nil
	}
	return &amount
}

// objectID is an Entra object id.
var objectID = regexp.MustCompile(`\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z`)

// askAccess is where to ask for access to the namespace: the form, filled in with
// what a RoleBinding would have given, where access can give that.
func (o *Object) askAccess() string {
	known := workflow.AccessChange{Cluster: o.Snapshot.Cluster, Namespace: o.Namespace}
	if now, err := o.now.binding(); err == nil {
		for _, role := range workflow.AccessRoles() {
			if now.RoleRef.Kind == "ClusterRole" && (now.RoleRef.Name == manifest.ClusterRole(role) || now.RoleRef.Name == string(role)) {
				known.Role = role
			}
		}
		if len(now.Subjects) == 1 {
			setSubject(&known, now.Subjects[0])
		}
	}
	return o.Snapshot.askFor("access", known.Link(o.Grant.Tenant))
}

// setSubject fills in whom a binding was for. Who is named otherwise than by an
// object id has to be found in the form.
func setSubject(known *workflow.AccessChange, subject rbacv1.Subject) {
	id := ""
	if objectID.MatchString(subject.Name) {
		id = subject.Name
	}
	switch subject.Kind {
	case rbacv1.GroupKind:
		known.Subject, known.Group = workflow.SubjectGroup, id
	case rbacv1.UserKind:
		known.Subject, known.Person = workflow.SubjectPerson, id
	}
}

// askAccess is where somebody of a tenant asks for access that can be given: to a
// namespace, which is still to be chosen.
func (s *Snapshot) askAccess(tenant string) string {
	return s.askFor("access to a namespace", workflow.AccessChange{Cluster: s.Cluster}.Link(tenant))
}
