package devprovider

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tenure.dev/workflow"
)

// Directory answers who is in a group, and which groups there are, from the
// seeded people and groups.
type Directory struct {
	Tenant     string            // required: the tenant id of everybody
	Everybody  []Person          // required
	GroupNames map[string]string // the groups' names by object id
}

var (
	_ workflow.Directory = Directory{}
	_ workflow.Accounts  = Directory{}
)

// Members lists the seeded people of a group; always known.
func (d Directory) Members(_ context.Context, group string) ([]workflow.PersonID, bool, error) {
	var members []workflow.PersonID
	for _, person := range d.Everybody {
		if slices.Contains(person.Groups, group) {
			members = append(members, workflow.PersonID{Tenant: d.Tenant, Object: person.ObjectID})
		}
	}
	return members, true, nil
}

// People lists the seeded people of a group by name. known is false for a group
// that has neither a name nor people.
func (d Directory) People(_ context.Context, group string) (people []workflow.Account, known bool, err error) {
	for _, person := range d.Everybody {
		if slices.Contains(person.Groups, group) {
			people = append(people, workflow.Account{
				ID: workflow.PersonID{Tenant: d.Tenant, Object: person.ObjectID}, Name: person.Name, User: person.Username,
			})
		}
	}
	slices.SortFunc(people, func(a, b workflow.Account) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID.Object, b.ID.Object))
	})
	_, named := d.GroupNames[group]
	return people, named || len(people) > 0, nil
}

// mostGroups is how many groups a search gives.
const mostGroups = 20

// Groups finds a seeded group by its object id, or groups by the beginning of
// their name, in whichever case; at most 20, by name.
func (d Directory) Groups(_ context.Context, text string) ([]workflow.DirectoryGroup, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return nil, nil
	}
	var groups []workflow.DirectoryGroup
	for id, name := range d.GroupNames {
		if id == text || strings.HasPrefix(strings.ToLower(name), text) {
			groups = append(groups, workflow.DirectoryGroup{ID: id, Name: name})
		}
	}
	slices.SortFunc(groups, func(a, b workflow.DirectoryGroup) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return groups[:min(len(groups), mostGroups)], nil
}
