package workflow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AccessChange asks for a role in a namespace, for a group or for one person of
// the tenant. It holds what was typed, as it was typed.
type AccessChange struct {
	Cluster   string        `json:"cluster"`
	Namespace string        `json:"namespace"`
	Subject   SubjectChoice `json:"subject"`
	Group     string        `json:"group,omitempty"`  // object id, where the subject is another group
	Person    string        `json:"person,omitempty"` // object id, where the subject is a person
	Role      AccessRole    `json:"role"`
	Until     string        `json:"until,omitempty"` // empty: standing
	Reason    string        `json:"reason"`

	// found is what the directory says of the subject. It is looked up for every
	// plan, never taken from what was sent.
	found foundSubject
}

// SubjectChoice is whom access is for.
type SubjectChoice string

// The subjects that can be chosen.
const (
	SubjectMembers SubjectChoice = "members" // the tenant's members group
	SubjectOwners  SubjectChoice = "owners"  // the tenant's owners group
	SubjectGroup   SubjectChoice = "group"   // another group, all of whose people are of the tenant
	SubjectPerson  SubjectChoice = "person"  // a member or owner of the tenant
)

// foundSubject is what the directory says of a subject.
type foundSubject struct {
	name, user string // of a person
	group      string // the group's name
}

var (
	_ dated    = AccessChange{}
	_ lookedUp = AccessChange{}
)

// lookedUp is a Change that names people or groups, which the directory must
// know as the tenant's.
type lookedUp interface {
	// lookUp asks the directory, nil where there is none, and gives the change with
	// what it says. What is wrong comes back as field problems; an error means that
	// the directory does not answer.
	lookUp(ctx context.Context, accounts Accounts, tenancy Tenancy) (Change, []FieldProblem, error)
}

// AccessFormPath is the portal's form for access. Denials lead to it, filled in
// with the place.
const AccessFormPath = "/requests/new/access"

// Link leads to the form with all of this filled in, as a path with a query
// whose names are those of the form's fields. What is empty is left out.
func (c AccessChange) Link(tenant string) string {
	return formLink(AccessFormPath, map[string]string{
		"tenant": tenant, "cluster": c.Cluster, "namespace": c.Namespace, "subject": string(c.Subject), "group": c.Group,
		"person": c.Person, "role": string(c.Role), "until": c.Until, "reason": c.Reason,
	})
}

// Kind is KindAccess.
func (AccessChange) Kind() Kind { return KindAccess }

// Title names the role and the namespace.
func (c AccessChange) Title() string {
	if strings.TrimSpace(c.Until) != "" {
		return "Temporary access (" + string(c.Role) + ") to " + c.Namespace + " on " + c.Cluster
	}
	return "Access (" + string(c.Role) + ") to " + c.Namespace + " on " + c.Cluster
}

// Why is the reason that was given.
func (c AccessChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply adds the access, in place of an earlier one of the same subject and role.
func (c AccessChange) Apply(base *ApprovedState, tenancy Tenancy, request int64) (Tenancy, []FieldProblem) {
	access, problems := c.read(base.Policy, tenancy)
	n, found := tenancy.Namespace(c.Cluster, c.Namespace)
	if !found {
		problems.add("namespace", tenancy.checkPlace(c.Cluster, c.Namespace))
	} else if len(problems) == 0 {
		problems.add(c.against(n, access))
	}
	if c.Subject == SubjectGroup && access.ofOthers(base.Tenancies, tenancy) {
		problems.add("group", "It is a group of another tenant, whose people come and go without this one. "+ownPeople)
	}
	if len(problems) > 0 {
		return tenancy, problems
	}
	access.Request = request
	return tenancy.with(c.Cluster, c.Namespace, func(n *Namespace) {
		n.Access = append(without(n.Access, func(a Access) bool { return a.key() == access.key() }), access)
		slices.SortFunc(n.Access, Access.compare)
	}), nil
}

// checkAlone says of the namespace only that it must be chosen.
func (c AccessChange) checkAlone(policy Policy) []FieldProblem {
	_, problems := c.read(policy, Tenancy{})
	if c.Namespace == "" {
		problems.add("namespace", needNamespace)
	}
	return problems
}

// checkDates holds the end against the planning time.
func (c AccessChange) checkDates(policy Policy, at time.Time) []FieldProblem {
	return checkTerm(c.Until, at, policy.Requests.Access.term())
}

// rivals refuses what another request asks for, to whatever end.
func (c AccessChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(AccessChange)
	return FieldProblem{Field: "subject", Message: fmt.Sprintf("Request %d by %s already asks for this role for the same subject.", other.ID, other.RequestedBy.Name)},
		same && rival.Cluster == c.Cluster && rival.Namespace == c.Namespace && rival.Role == c.Role && rival.whom(other.Plan.After) == c.whom(other.Plan.After)
}

// whom tells subjects apart. A group of the tenant's own is the same one by
// whichever choice it was named.
func (c AccessChange) whom(tenancy Tenancy) string {
	switch c.Subject {
	case SubjectMembers:
		return cmp.Or(tenancy.Members.Group, string(SubjectMembers))
	case SubjectOwners:
		return cmp.Or(tenancy.Owners.Group, string(SubjectOwners))
	case SubjectGroup:
		return strings.ToLower(strings.TrimSpace(c.Group))
	}
	return "person " + strings.ToLower(strings.TrimSpace(c.Person))
}

// read reads every field as typed. The access is complete, but for its request,
// where nothing is wrong. Without a tenancy it says nothing of whose the subject is.
func (c AccessChange) read(policy Policy, tenancy Tenancy) (access Access, problems typedProblems) {
	access.Role = c.Role
	problems.add("role", checkChoice(string(c.Role), "role", roleNames()))
	choices := []string{string(SubjectMembers), string(SubjectOwners), string(SubjectGroup), string(SubjectPerson)}
	problems.add("subject", checkChoice(string(c.Subject), "subject", choices))
	var message string
	switch c.Subject {
	case SubjectMembers:
		access.Group = tenancy.Members.Group
	case SubjectOwners:
		access.Group = tenancy.Owners.Group
	case SubjectGroup:
		access.Group, message = parseObjectID(c.Group)
		problems.add("group", message)
	case SubjectPerson:
		access.Person, message = parseObjectID(c.Person)
		problems.add("person", message)
		access.User = c.found.user
	}
	if strings.TrimSpace(c.Until) == "" {
		problems.add("until", policy.Requests.Access.checkStanding(c.Role))
	} else {
		access.Until, message = parseUntil(c.Until)
		problems.add("until", message)
	}
	problems.addReason("reason", c.Reason, "Say in a sentence what the access is for. Reviewers read it first.")
	return access, problems
}

// against holds the access against what the namespace has already. It gives the
// field that a message is about.
func (c AccessChange) against(n Namespace, access Access) (field, message string) {
	for _, has := range n.Access {
		switch {
		case has.key() != access.key() && has.ObjectName() == access.ObjectName():
			return "subject", fmt.Sprintf("Somebody else has the role %s here, with an object id that starts alike, so that both would have one RoleBinding. Choose another group or person.", access.Role)
		case has.key() != access.key():
			continue
		case has.Until.IsZero():
			return "subject", fmt.Sprintf("It has the role %s in %s already, without an end, since request %d.", has.Role, n.Name, has.Request)
		case !access.Until.IsZero() && !access.Until.After(has.Until):
			return "until", fmt.Sprintf("It has the role %s in %s until %s already, by request %d. Choose a later end.", has.Role, n.Name, untilText(has.Until), has.Request)
		}
	}
	return "", ""
}

// checkStanding refuses access without an end for roles that have one always.
func (l AccessLimits) checkStanding(role AccessRole) string {
	if len(l.Standing) == 0 || slices.Contains(l.Standing, role) || !slices.Contains(AccessRoles(), role) {
		return ""
	}
	return fmt.Sprintf("The role %s is given for a time only: choose an end, at most %s off.", role, daysText(l.term().longest))
}

func roleNames() []string {
	var names []string
	for _, role := range AccessRoles() {
		names = append(names, string(role))
	}
	return names
}
