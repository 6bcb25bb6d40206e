package workflow

import (
	"context"
	"fmt"
	"slices"
)

// access reads the roles that were asked for beside the usual ones, as typed.
func (c NamespaceChange) access() (given []Access, problems typedProblems) {
	for i, asked := range c.Access {
		id, message := parseObjectID(asked.Group)
		problems.add(fmt.Sprintf("access[%d].group", i), message)
		problems.add(fmt.Sprintf("access[%d].role", i), checkChoice(string(asked.Role), "role", roleNames()))
		given = append(given, Access{Group: id, Role: asked.Role})
	}
	return given, problems
}

// checkAccess says what is wrong with the roles that were asked for: whose
// groups these are is for lookUp to say.
func (c NamespaceChange) checkAccess(base *ApprovedState, tenancy Tenancy) []FieldProblem {
	if len(c.Access) > maxAskedAccess {
		return []FieldProblem{{Field: "access", Message: fmt.Sprintf("%d groups are named; at most %d can be. Ask for the others once the namespace is there.", len(c.Access), maxAskedAccess)}}
	}
	given, problems := c.access()
	bound := map[string]int{} // by the name of the RoleBinding
	for i, access := range given {
		if access.Group == "" {
			continue
		}
		field := fmt.Sprintf("access[%d].group", i)
		first, twice := bound[access.ObjectName()]
		switch {
		case access.Group == tenancy.Members.Group || access.Group == tenancy.Owners.Group:
			problems.add(field, "The tenant's members edit in its namespaces and its owners administer them, without being named here.")
		case access.ofOthers(base.Tenancies, tenancy):
			problems.add(field, "It is a group of another tenant, whose people come and go without this one. "+ownPeople)
		case twice && given[first].Group == access.Group:
			problems.add(field, fmt.Sprintf("The group stands twice with the role %s.", access.Role))
		case twice || tenancy.bindsAs(access):
			problems.add(field, fmt.Sprintf("Another group has an object id that starts alike, so that both would have one RoleBinding for the role %s. Choose another group.", access.Role))
		default:
			bound[access.ObjectName()] = i
		}
		problems.add(fmt.Sprintf("access[%d].role", i), base.Policy.Requests.Access.mustStand(access.Role))
	}
	return problems
}

// bindsAs says whether what comes with a namespace has a RoleBinding of the
// access's name.
func (t Tenancy) bindsAs(access Access) bool {
	return t.Name != "" && slices.ContainsFunc(t.usualAccess(0), func(usual Access) bool { return usual.ObjectName() == access.ObjectName() })
}

// mustStand refuses roles that are given for a time only: what comes with a
// namespace has no end.
func (l AccessLimits) mustStand(role AccessRole) string {
	if l.checkStanding(role) == "" {
		return ""
	}
	return fmt.Sprintf("The role %s is given for a time only, and what comes with a namespace has no end. Ask for it by itself once the namespace is there.", role)
}

// foundNamespaces is a NamespaceChange with what the directory says of the
// groups that it names.
type foundNamespaces struct {
	NamespaceChange

	names map[string]string // of groups, by object id
}

var _ lookedUp = NamespaceChange{}

// lookUp wants everybody of each group to be among the tenant's people.
func (c NamespaceChange) lookUp(ctx context.Context, accounts Accounts, tenancy Tenancy) (Change, []FieldProblem, error) {
	given, _ := c.access()
	if len(given) == 0 || len(given) > maxAskedAccess || c.Existing {
		return c, nil, nil
	}
	if accounts == nil {
		return c, []FieldProblem{{Field: "access[0].group", Message: "Nobody can be looked up here: Tenure was not given access to the directory. Leave this empty; the tenant's members and owners have access."}}, nil
	}
	people, err := peopleOf(ctx, accounts, tenancy)
	if err != nil {
		return c, nil, err
	}
	var problems typedProblems
	found := foundNamespaces{c, map[string]string{}}
	for i, access := range given {
		if access.Group == "" || access.Group == tenancy.Members.Group || access.Group == tenancy.Owners.Group {
			continue // it has its own message
		}
		name, message, err := groupOf(ctx, accounts, people, access.Group, tenancy)
		if err != nil {
			return c, nil, err
		}
		problems.add(fmt.Sprintf("access[%d].group", i), message)
		found.names[access.Group] = name
	}
	return found, problems, nil
}
