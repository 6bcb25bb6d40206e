package workflow

import (
	"slices"
	"strings"
)

// PersonID identifies a person by Entra tenant and object id (the claims tid
// and oid), the only pair that Entra promises never to reassign. It is never
// an e-mail address or a user name.
type PersonID struct {
	Tenant string `json:"tid"`
	Object string `json:"oid"`
}

// String writes the id as tid/oid, the form used in commit trailers and
// policy.yaml; nobody is the empty text.
func (id PersonID) String() string {
	if id.IsZero() {
		return ""
	}
	return id.Tenant + "/" + id.Object
}

// IsZero says whether no person is named.
func (id PersonID) IsZero() bool { return id.Tenant == "" && id.Object == "" }

// ParsePersonID reads tid/oid, both of them UUIDs as Entra writes them.
func ParsePersonID(text string) (PersonID, bool) {
	tenant, object, found := strings.Cut(text, "/")
	if !found || !isUUID(tenant) || !isUUID(object) {
		return PersonID{}, false
	}
	return PersonID{Tenant: tenant, Object: object}, true
}

// isUUID accepts the lower-case 8-4-4-4-12 form of RFC 9562 §4.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
		default:
			return false
		}
	}
	return true
}

// Person is somebody as pages and commits name them. Name and Username are for
// reading only; decisions rest on ID.
type Person struct {
	ID       PersonID `json:"id"`
	Name     string   `json:"name"`
	Username string   `json:"username,omitempty"`
}

// Role is what somebody may do.
type Role string

// The roles. Member and Owner are held in one tenant, by membership of its
// Entra groups; the other three are Entra app roles and hold everywhere.
const (
	RoleMember   Role = "member"
	RoleOwner    Role = "owner"
	RoleSecurity Role = "security"
	RoleAdmin    Role = "admin"
	RoleAuditor  Role = "auditor"
	// RolePeerOwner is held by the owners of the other tenant whose namespace a
	// request reaches, in that request only. It stands in no policy: the planner
	// puts its stage in.
	RolePeerOwner Role = "peer-owner"
)

// Roles lists every role there is.
func Roles() []Role {
	return []Role{RoleMember, RoleOwner, RoleSecurity, RoleAdmin, RoleAuditor}
}

// Actor is a signed-in person with what their token says they hold now.
type Actor struct {
	Person
	Groups []string // Entra group object ids
	Roles  []Role   // Entra app roles; never member or owner
	// Pipeline says that this is no person but a program, which asks and reads as
	// its groups and roles have it, and never reviews: four eyes are people's.
	Pipeline bool `json:",omitempty"`
}

// Holds says whether the actor holds the role in the given tenant.
func (a Actor) Holds(role Role, tenancy Tenancy) bool {
	switch role {
	case RoleMember:
		return tenancy.Members.Group != "" && slices.Contains(a.Groups, tenancy.Members.Group)
	case RoleOwner, RolePeerOwner: // a peer-owner in the other tenant, which the caller passes
		return tenancy.Owners.Group != "" && slices.Contains(a.Groups, tenancy.Owners.Group)
	default:
		return a.HoldsAppRole(role)
	}
}

// HoldsAppRole says whether the actor holds one of the roles that need no
// tenant. Nobody holds another role so, whatever their token says.
func (a Actor) HoldsAppRole(role Role) bool {
	switch role {
	case RoleSecurity, RoleAdmin, RoleAuditor:
		return slices.Contains(a.Roles, role)
	}
	return false
}

// Sees says whether the tenant is any of the actor's business: its own people,
// and those whose task is every tenant.
func (a Actor) Sees(tenancy Tenancy) bool {
	return slices.ContainsFunc(Roles(), func(role Role) bool { return a.Holds(role, tenancy) })
}

// Asks says whether the actor may ask for something in the tenant's name.
func (a Actor) Asks(tenancy Tenancy) bool {
	return a.Holds(RoleMember, tenancy) || a.Holds(RoleOwner, tenancy)
}
