package workflow

import (
	"context"
	"fmt"
	"slices"
)

// foundGroups is what the directory says of a tenant's groups.
type foundGroups struct{ owners, members foundGroup }

// foundGroup is what the directory says of one group.
type foundGroup struct {
	known  bool // the directory was asked and has it
	name   string
	people []PersonID
}

// lookUp asks the directory for both groups. Those that the tenancy does not name
// yet must be there. Where nobody can be looked up, they are taken as typed.
func (c TenantChange) lookUp(ctx context.Context, accounts Accounts, tenancy Tenancy) (Change, []FieldProblem, error) {
	c.found = foundGroups{}
	if accounts == nil {
		return c, nil, nil
	}
	var problems typedProblems
	for _, g := range []struct {
		field, text string
		into        *foundGroup
	}{{"owners", c.Owners, &c.found.owners}, {"members", c.Members, &c.found.members}} {
		id, message := parseObjectID(g.text)
		if message != "" {
			continue // it has its own message
		}
		found, err := findGroup(ctx, accounts, id)
		if err != nil {
			return c, nil, err
		}
		if !found.known && !tenancy.names(id) {
			problems.add(g.field, fmt.Sprintf("The directory has no group %s.", id))
		}
		*g.into = found
	}
	return c, problems, nil
}

// findGroup asks the directory for the name of a group and who is in it.
func findGroup(ctx context.Context, accounts Accounts, id string) (found foundGroup, err error) {
	people, known, err := accounts.People(ctx, id)
	if err != nil || !known {
		return found, err
	}
	found.known = true
	for _, person := range people {
		found.people = append(found.people, person.ID)
	}
	groups, err := accounts.Groups(ctx, id)
	if i := slices.IndexFunc(groups, func(g DirectoryGroup) bool { return g.ID == id }); i >= 0 {
		found.name = showable(groups[i].Name)
	}
	return found, err
}

// words name a group: by the directory's name and its object id, or by the id
// alone, with how many people are in it where that is known.
func (g foundGroup) words(id string) string {
	switch {
	case !g.known:
		return "the group " + id
	case g.name == "":
		return fmt.Sprintf("the group %s (%s)", id, g.size())
	}
	return fmt.Sprintf("the group %q (%s, %s)", g.name, id, g.size())
}

func (g foundGroup) size() string {
	if len(g.people) == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", len(g.people))
}

// outsider finds that who asks is in none of the groups.
func (f foundGroups) outsider(requester PersonID) []Finding {
	if !f.owners.known || !f.members.known || slices.Contains(f.owners.people, requester) || slices.Contains(f.members.people, requester) {
		return nil
	}
	return []Finding{{Severity: SeverityWarning, Label: "outsider", Message: "Whoever asks is in none of the two groups, so it is asked for on behalf of others. Make sure that they want it."}}
}
