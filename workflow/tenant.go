package workflow

import (
	"cmp"
	"slices"
	"strings"
)

// TenantChange asks for a tenant, or for other ceilings, clusters, groups and
// so on for one that there is. The request's Tenant is its slug. It holds what was
// typed, as it was typed.
type TenantChange struct {
	DisplayName  string   `json:"displayName"`
	Owners       string   `json:"owners"`  // Entra object id of the owners' group
	Members      string   `json:"members"` // Entra object id of the members' group
	Contact      string   `json:"contact"`
	CostCentre   string   `json:"costCentre"`
	CPU          string   `json:"cpu"` // this and the following are the ceiling
	Memory       string   `json:"memory"`
	Storage      string   `json:"storage"`
	Namespaces   string   `json:"namespaces"`
	Clusters     []string `json:"clusters"`
	Repositories []string `json:"repositories,omitempty"` // URLs of the team's deploy repositories
	Reason       string   `json:"reason"`
	// Existing says that it is about a tenant that there is, so that a new team is
	// never mistaken for another of the same name.
	Existing bool `json:"existing,omitempty"`

	// found is what the directory says of the groups. It is looked up for every
	// plan, never taken from what was sent.
	found foundGroups
}

var (
	_ lookedUp = TenantChange{}
	_ told     = TenantChange{}
)

// TenantFormPath is the portal's form for a tenant.
const TenantFormPath = "/requests/new/tenant"

// Kind is KindTenant.
func (TenantChange) Kind() Kind { return KindTenant }

// Title names the team.
func (c TenantChange) Title() string {
	if c.Existing {
		return "Change of tenant " + strings.TrimSpace(c.DisplayName)
	}
	return "Tenant " + strings.TrimSpace(c.DisplayName)
}

// Why is the reason that was given.
func (c TenantChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply gives the tenancy as asked for: a new one without namespaces, or the one
// that there is with the same namespaces.
func (c TenantChange) Apply(base *ApprovedState, tenancy Tenancy, request int64) (Tenancy, []FieldProblem) {
	after, problems := c.read(base.Policy)
	after.Name, after.Namespaces, after.Request = tenancy.Name, tenancy.Namespaces, tenancy.Request
	if !c.Existing {
		after.Request = request
		problems = append(problems, base.checkNewSlug(tenancy.Name)...)
	}
	problems = append(problems, base.checkGroups(tenancy, after)...)
	problems = append(problems, after.belowGiven(problems)...)
	problems = append(problems, c.givenUp(after)...)
	if len(problems) == 0 && c.Existing && after.equal(tenancy) {
		problems.add("reason", "Nothing of "+tenancy.Name+" would change: everything is as it is already.")
	}
	if len(problems) > 0 {
		return tenancy, inTenantOrder(problems)
	}
	return after, nil
}

// checkAlone says nothing of the slug, nor of what the tenant has.
func (c TenantChange) checkAlone(policy Policy) []FieldProblem {
	_, problems := c.read(policy)
	return problems
}

// rivals refuses two requests for one slug, and two for changes of one tenant:
// the later one would undo the earlier. Of whoever else asks for a tenant that
// there is not yet, nothing is said.
func (c TenantChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(TenantChange)
	problem := FieldProblem{Field: "tenant", Message: "Somebody has asked for a tenant of this name already. Choose another name, or ask the platform team."}
	if c.Existing {
		problem.Message = "Request " + requestNumber(other.ID) + " by " + other.RequestedBy.Name + " already asks for changes of this tenant. Wait until it is decided, or have it withdrawn."
	}
	return problem, same && rival.Existing == c.Existing
}

// tenantFields are the fields of a tenant in the order of its form.
var tenantFields = []string{
	"tenant", "displayName", "owners", "members", "contact", "costCentre", "cpu", "memory", "storage", "namespaces", "clusters", "repositories", "reason",
}

// inTenantOrder sorts problems as the form has its fields.
func inTenantOrder(problems []FieldProblem) []FieldProblem {
	place := func(p FieldProblem) int {
		field, _, _ := strings.Cut(p.Field, "[")
		return slices.Index(tenantFields, field)
	}
	slices.SortStableFunc(problems, func(a, b FieldProblem) int { return cmp.Compare(place(a), place(b)) })
	return problems
}
