package workflow

import (
	"strings"
	"time"
)

// AccessRole names one of the aggregated ClusterRoles that a binding may give.
type AccessRole string

// The roles that somebody can have in a namespace. None of them may write RBAC,
// quotas, limits or network policies that Tenure rendered.
const (
	AccessView  AccessRole = "view"
	AccessEdit  AccessRole = "edit"
	AccessAdmin AccessRole = "admin"
)

// AccessRoles lists the roles, the least first.
func AccessRoles() []AccessRole { return []AccessRole{AccessView, AccessEdit, AccessAdmin} }

// Access binds an Entra group, or one person, to a role in a namespace.
type Access struct {
	Group  string     `json:"group,omitempty"`  // object id; empty for a person
	Person string     `json:"person,omitempty"` // object id of a person; empty for a group
	User   string     `json:"user,omitempty"`   // the person's user name, as the API server knows it
	Role   AccessRole `json:"role"`
	Until  time.Time  `json:"until,omitzero"` // UTC, whole seconds; from then on it is not granted. Zero: standing
	// Request is the request that gave it: the namespace's own, or one for access.
	Request int64 `json:"request"`
}

// Subject is the object id of the group or person.
func (a Access) Subject() string { return a.Group + a.Person }

// Expired says whether the access is no longer granted at that moment.
func (a Access) Expired(now time.Time) bool { return !a.Until.IsZero() && !now.Before(a.Until) }

// ObjectName is the name of the RoleBinding that the access is rendered to. The
// role is part of it because a binding's roleRef cannot change: another role is
// another binding.
func (a Access) ObjectName() string {
	short := strings.TrimRight(a.Subject()[:min(len(a.Subject()), accessPrefix)], "-")
	if a.Person != "" {
		return "tenure-" + string(a.Role) + "-person-" + short
	}
	return "tenure-" + string(a.Role) + "-" + short
}

// rendered is the object that the access is rendered to.
func (a Access) rendered(namespace string) rendered {
	return rendered{"RoleBinding", namespace, a.ObjectName()}
}

// words say what the access gives: "edit for the group 6f1c…".
func (a Access) words() string {
	if a.Person != "" {
		return string(a.Role) + " for " + a.User
	}
	return string(a.Role) + " for the group " + a.Group
}

// key tells the access of a namespace apart: a subject has each role once.
func (a Access) key() string {
	kind := "group"
	if a.Person != "" {
		kind = "person"
	}
	return kind + " " + a.Subject() + " " + string(a.Role)
}

// ofOthers says whether the group is one of another tenant's own and none of
// this tenant's.
func (a Access) ofOthers(tenancies map[string]Tenancy, own Tenancy) bool {
	if a.Group == "" || a.Group == own.Owners.Group || a.Group == own.Members.Group {
		return false
	}
	for slug, other := range tenancies {
		if slug != own.Name && (a.Group == other.Owners.Group || a.Group == other.Members.Group) {
			return true
		}
	}
	return false
}

// compare orders access by group, then role, persons last.
func (a Access) compare(other Access) int { return strings.Compare(a.order(), other.order()) }

func (a Access) order() string {
	if a.Person != "" {
		return "person " + a.Person + " " + string(a.Role)
	}
	return a.Group + " " + string(a.Role)
}
