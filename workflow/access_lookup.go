package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// lookUp holds the subject to the tenant's own people: a person must be in one
// of its groups, and so must everybody of another group. Where nobody can be
// looked up, only the tenant's own two groups can have access.
func (c AccessChange) lookUp(ctx context.Context, accounts Accounts, tenancy Tenancy) (Change, []FieldProblem, error) {
	c.found = foundSubject{}
	field, id := "group", c.Group
	switch c.Subject {
	case SubjectGroup:
	case SubjectPerson:
		field, id = "person", c.Person
	default:
		return c, nil, nil
	}
	id, message := parseObjectID(id)
	if message != "" {
		return c, nil, nil // it has its own message
	}
	if c.Subject == SubjectGroup && (id == tenancy.Owners.Group || id == tenancy.Members.Group) {
		return c, nil, nil
	}
	if accounts == nil {
		return c, []FieldProblem{{Field: field, Message: "Nobody can be looked up here: Tenure was not given access to the directory. Choose the tenant's members or owners."}}, nil
	}
	people, err := peopleOf(ctx, accounts, tenancy)
	if err != nil {
		return c, nil, err
	}
	if c.Subject == SubjectPerson {
		return c.person(people, id, tenancy)
	}
	return c.group(ctx, accounts, people, id, tenancy)
}

// ownPeople is what to do where access is asked for somebody else.
const ownPeople = "Access is for the tenant's own people; choose one of them, or a group that has nobody else."

// showable gives a name of the directory's where it can be shown and signed as
// it is; nothing where it reads as another.
func showable(name string) string {
	if checkText(name, maxUser, false) != "" {
		return ""
	}
	return name
}

// person finds the person among the tenant's people.
func (c AccessChange) person(people []Account, id string, tenancy Tenancy) (Change, []FieldProblem, error) {
	i := slices.IndexFunc(people, func(a Account) bool { return a.ID.Object == id })
	if i < 0 {
		return c, []FieldProblem{{Field: "person", Message: fmt.Sprintf("%s is in none of %s's groups. %s", id, tenancy.Name, ownPeople)}}, nil
	}
	if message := checkUser(people[i].User); message != "" {
		return c, []FieldProblem{{Field: "person", Message: message}}, nil
	}
	c.found = foundSubject{name: showable(people[i].Name), user: people[i].User}
	return c, nil, nil
}

// group wants everybody of the group to be among the tenant's people.
func (c AccessChange) group(ctx context.Context, accounts Accounts, people []Account, id string, tenancy Tenancy) (Change, []FieldProblem, error) {
	name, message, err := groupOf(ctx, accounts, people, id, tenancy)
	if err != nil {
		return c, nil, err
	}
	if message != "" {
		return c, []FieldProblem{{Field: "group", Message: message}}, nil
	}
	c.found.group = name
	return c, nil, nil
}

// groupOf finds the name of a group, all of whose people must be among the
// tenant's. The message says what is wrong; empty when nothing is.
func groupOf(ctx context.Context, accounts Accounts, people []Account, id string, tenancy Tenancy) (name, message string, err error) {
	in, known, err := accounts.People(ctx, id)
	if err != nil {
		return "", "", err
	}
	if !known {
		return "", fmt.Sprintf("The directory has no group %s.", id), nil
	}
	if len(in) == 0 { // hidden members and applications are not listed either
		return "", "This group has nobody in it, so that nobody can say whose people it is for. Add them first.", nil
	}
	for _, person := range in {
		if !slices.ContainsFunc(people, func(a Account) bool { return a.ID == person.ID }) {
			return "", fmt.Sprintf("Somebody in this group is in none of %s's groups. %s", tenancy.Name, ownPeople), nil
		}
	}
	groups, err := accounts.Groups(ctx, id)
	if err != nil {
		return "", "", err
	}
	if i := slices.IndexFunc(groups, func(g DirectoryGroup) bool { return g.ID == id }); i >= 0 {
		name = showable(groups[i].Name)
	}
	return name, "", nil
}

// peopleOf lists the people of a tenant: its owners and its members.
func peopleOf(ctx context.Context, accounts Accounts, tenancy Tenancy) ([]Account, error) {
	var people []Account
	for _, group := range []string{tenancy.Owners.Group, tenancy.Members.Group} {
		in, _, err := accounts.People(ctx, group)
		if err != nil {
			return nil, err
		}
		for _, person := range in {
			if !slices.ContainsFunc(people, func(a Account) bool { return a.ID == person.ID }) {
				people = append(people, person)
			}
		}
	}
	slices.SortFunc(people, func(a, b Account) int { return strings.Compare(a.Name+a.ID.Object, b.Name+b.ID.Object) })
	return people, nil
}

// checkUser says what keeps a text from being the user name of a person, as a
// RoleBinding has it. Names that begin with system: are the API server's own.
func checkUser(user string) string {
	switch {
	case user == "":
		return "The directory has no user name of this person, so that no cluster knows them."
	case strings.HasPrefix(user, "system:"), checkVisible(user, maxUser, false) != "", strings.TrimSpace(user) != user:
		return fmt.Sprintf("%q is not the user name of a person.", user)
	}
	return ""
}
