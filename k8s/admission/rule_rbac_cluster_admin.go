package admission

import (
	"encoding/json"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"

	"tenure.dev/workflow"
)

// rbacClusterAdminRule keeps the power over everything away from tenants: no
// RoleBinding in a tenant's namespace gives it to anybody, and no
// ClusterRoleBinding to anybody of a tenant. No exemption can be had from it.
var rbacClusterAdminRule = Rule{
	Name:    "rbac-cluster-admin",
	Default: workflow.RuleDeny,
	Always:  true,
	Compile: compileRBACClusterAdmin,
}

var (
	roleBindingKind        = schema.GroupKind{Group: rbacv1.GroupName, Kind: "RoleBinding"}
	clusterRoleBindingKind = schema.GroupKind{Group: rbacv1.GroupName, Kind: "ClusterRoleBinding"}
)

type rbacClusterAdminParams struct {
	// Subjects says to whom no ClusterRoleBinding may give everything: tenants,
	// or all but the platform's service accounts.
	Subjects string `json:"subjects"` // default: tenants
}

// What Subjects can be.
const (
	subjectsTenants = "tenants"
	subjectsAll     = "all"
)

func compileRBACClusterAdmin(raw json.RawMessage) (Check, []workflow.FieldProblem) {
	params := rbacClusterAdminParams{Subjects: subjectsTenants}
	if problems := decodeParams(raw, &params); len(problems) > 0 {
		return Check{}, problems
	}
	if params.Subjects != subjectsTenants && params.Subjects != subjectsAll {
		return Check{}, []workflow.FieldProblem{{Field: "subjects", Message: fmt.Sprintf("%q is neither %s nor %s", params.Subjects, subjectsTenants, subjectsAll)}}
	}
	return Check{
		LooksAt: func(kind schema.GroupKind) bool { return kind == roleBindingKind || kind == clusterRoleBindingKind },
		Judge:   params.judge,
	}, nil
}

// binding is what a RoleBinding and a ClusterRoleBinding have alike.
type binding struct {
	RoleRef  rbacv1.RoleRef   `json:"roleRef"`
	Subjects []rbacv1.Subject `json:"subjects"`
}

func (v *version) binding() (binding, error) {
	var b binding
	if len(v.raw) == 0 {
		return b, errNoObject
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(v.raw, &b); err != nil {
		return b, fmt.Errorf("decode binding: %w", err)
	}
	return b, nil
}

func (p rbacClusterAdminParams) judge(o *Object) ([]workflow.Violation, error) {
	if o.Operation == Delete {
		return nil, nil
	}
	now, err := o.now.binding()
	if err != nil {
		return nil, err
	}
	why := o.allowsEverything(now.RoleRef)
	if why == "" {
		return nil, nil
	}
	var had []rbacv1.Subject // a roleRef never changes, so they have the role
	if before, err := o.before.binding(); err == nil && before.RoleRef == now.RoleRef {
		had = before.Subjects
	}
	if o.Kind.GroupKind() == clusterRoleBindingKind {
		return p.clusterWide(o, now, had, why), nil
	}
	if o.Operation == Update && !slices.ContainsFunc(now.Subjects, func(s rbacv1.Subject) bool { return !slices.Contains(had, s) }) {
		return nil, nil
	}
	violation := workflow.Violation{
		Field: "roleRef.name", Value: now.RoleRef.Name,
		Allowed: why + ", and no exemption gives that in a tenant's namespace.",
	}
	if o.Grant != nil {
		violation.Ask = o.askAccess()
	}
	return []workflow.Violation{violation}, nil
}

// clusterWide names each subject that a ClusterRoleBinding may not give
// everything to.
func (p rbacClusterAdminParams) clusterWide(o *Object, now binding, had []rbacv1.Subject, why string) []workflow.Violation {
	var violations []workflow.Violation
	for i, subject := range now.Subjects {
		if slices.Contains(had, subject) {
			continue
		}
		violation := workflow.Violation{Field: fmt.Sprintf("subjects[%d].name", i), Value: subject.Name}
		switch tenant, everybody := o.Snapshot.tenantOf(subject); {
		case tenant != "":
			violation.Allowed = fmt.Sprintf("this %s is of tenant %s, and %s, on all of the cluster. No exemption gives that to a tenant.", subject.Kind, tenant, why)
			violation.Ask = o.Snapshot.askAccess(tenant)
		case everybody:
			violation.Allowed = fmt.Sprintf("every tenant is in this %s, and %s, on all of the cluster. No exemption gives that to a tenant.", subject.Kind, why)
		case p.Subjects == subjectsAll && !o.Snapshot.isPlatforms(subject):
			violation.Allowed = fmt.Sprintf("%s, on all of the cluster; only the platform's service accounts may have that.", why)
		default:
			continue
		}
		violations = append(violations, violation)
	}
	return violations
}

// allowsEverything says that, and of which role; empty when it does not, or
// when nothing is known of the role but a name that means nothing.
func (o *Object) allowsEverything(role rbacv1.RoleRef) string {
	if role.Kind == "ClusterRole" && role.Name == "cluster-admin" {
		return "ClusterRole cluster-admin allows everything"
	}
	if o.Roles == nil {
		return ""
	}
	namespace := ""
	if role.Kind == "Role" {
		namespace = o.Namespace
	}
	if rules, known := o.Roles.Rules(namespace, role.Name); known && allEverything(rules) {
		return role.Kind + " " + printable(role.Name) + " allows everything"
	}
	return ""
}
