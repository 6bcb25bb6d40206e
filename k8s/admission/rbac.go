package admission

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	kjson "sigs.k8s.io/json"
)

// Roles knows what roles of the cluster allow. Admission also works without:
// a role is then known by its name alone.
type Roles interface {
	// Rules gives the rules of a Role, or of a ClusterRole where the namespace is
	// empty. Known is false for a role of which nothing is known.
	Rules(namespace, name string) (rules []rbacv1.PolicyRule, known bool)
}

// allVerbs are the verbs of the API server's own handlers. A role that has them
// on everything leaves nothing out.
var allVerbs = []string{"get", "list", "watch", "create", "update", "patch", "delete"}

// allEverything says whether rules together allow every verb on every resource
// of every API group.
func allEverything(rules []rbacv1.PolicyRule) bool {
	verbs := map[string]bool{}
	for _, rule := range rules {
		if !slices.Contains(rule.APIGroups, rbacv1.APIGroupAll) || !slices.Contains(rule.Resources, rbacv1.ResourceAll) || len(rule.ResourceNames) > 0 {
			continue
		}
		for _, verb := range rule.Verbs {
			verbs[verb] = true
		}
	}
	return verbs[rbacv1.VerbAll] || !slices.ContainsFunc(allVerbs, func(verb string) bool { return !verbs[verb] })
}

// The groups and users that the API server makes of service accounts.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
const (
	groupServiceAccounts = "system:serviceaccounts"
	userServiceAccount   = "system:serviceaccount:"
)

// everybody are the groups that people and accounts of every tenant are in.
var everybody = []string{"system:authenticated", "system:unauthenticated", groupServiceAccounts}

// tenantOf finds the tenant that a subject is of; all is true for one that
// every tenant is of. A single person is known to be of a tenant by access of their
// own alone. User names are compared in lower case: user principal names are the
// same in capitals.
func (s *Snapshot) tenantOf(subject rbacv1.Subject) (tenant string, all bool) {
	switch subject.Kind {
	case rbacv1.GroupKind:
		if slices.Contains(everybody, subject.Name) {
			return "", true
		}
		if tenant, found := s.groups[subject.Name]; found {
			return tenant, false
		}
	case rbacv1.UserKind:
		if tenant, found := s.people[strings.ToLower(subject.Name)]; found {
			return tenant, false
		}
	}
	if grant := s.grants[accountsNamespace(subject)]; grant != nil {
		return grant.Tenant, false
	}
	return "", false
}

// asker is the tenant that the person or account is of who asks; empty for anybody
// else.
func (o *Object) asker() string {
	if tenant, _ := o.Snapshot.tenantOf(rbacv1.Subject{Kind: rbacv1.UserKind, Name: o.User}); tenant != "" {
		return tenant
	}
	for _, group := range o.Groups {
		if tenant, _ := o.Snapshot.tenantOf(rbacv1.Subject{Kind: rbacv1.GroupKind, Name: group}); tenant != "" {
			return tenant
		}
	}
	return ""
}

// isPlatforms says whether a subject is one of the platform's service accounts.
func (s *Snapshot) isPlatforms(subject rbacv1.Subject) bool {
	return s.platform[accountsNamespace(subject)]
}

// accountsNamespace is the namespace of a service account, or of a group of
// them, in each way in which a subject can name it; empty for anybody else.
func accountsNamespace(subject rbacv1.Subject) string {
	switch subject.Kind {
	case rbacv1.ServiceAccountKind:
		return subject.Namespace
	case rbacv1.UserKind:
		if account, found := strings.CutPrefix(subject.Name, userServiceAccount); found {
			namespace, _, _ := strings.Cut(account, ":")
			return namespace
		}
	case rbacv1.GroupKind:
		if namespace, found := strings.CutPrefix(subject.Name, groupServiceAccounts+":"); found {
			return namespace
		}
	}
	return ""
}

// streamRoles are the roles among the objects of a stream, which bindings
// beside them are to: by namespace, empty for a ClusterRole, and name.
type streamRoles map[[2]string][]rbacv1.PolicyRule

// Rules gives the rules of a role of the stream.
func (r streamRoles) Rules(namespace, name string) ([]rbacv1.PolicyRule, bool) {
	rules, known := r[[2]string{namespace, name}]
	return rules, known
}

// rolesOf collects the roles of a stream. One that cannot be decoded is none;
// the API server would not take it either.
func rolesOf(documents []document) streamRoles {
	roles := streamRoles{}
	for _, d := range documents {
		group, _, _ := strings.Cut(d.head.APIVersion, "/")
		if group != rbacv1.GroupName || (d.head.Kind != "Role" && d.head.Kind != "ClusterRole") {
			continue
		}
		var role struct {
			Rules []rbacv1.PolicyRule `json:"rules"`
		}
		if err := kjson.UnmarshalCaseSensitivePreserveInts(d.raw, &role); err != nil {
			continue
		}
		namespace := d.head.Metadata.Namespace
		if d.head.Kind == "ClusterRole" {
			namespace = ""
		}
		roles[[2]string{namespace, d.head.Metadata.Name}] = role.Rules
	}
	return roles
}
