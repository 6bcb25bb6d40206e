package workflow

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"
)

// People are those to whom access to a tenant's namespaces can be given, beside
// its members and owners as a whole.
type People struct {
	Known  bool             // false where Tenure was given no directory to look anybody up in
	People []Account        // the tenant's own, by name
	Groups []DirectoryGroup // whose names begin with the tenant's, its members and owners left out
}

// Groups finds groups of the directory by object id, or by how their names begin,
// for whoever asks for a tenant: that may be anybody who is signed in. Less than
// two characters find nothing.
func (s *Service) Groups(ctx context.Context, _ Actor, text string) (People, error) {
	if s.Accounts == nil {
		return People{}, nil
	}
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) < 2 || checkVisible(text, maxUser, false) != "" {
		return People{Known: true}, nil
	}
	groups, err := s.Accounts.Groups(ctx, text)
	if err != nil {
		return People{}, Refuse(Unavailable, "The directory does not answer, so no group can be looked up. Try again in a minute, or type the object id.").Because(err)
	}
	return People{Known: true, Groups: groups}, nil
}

// People lists whom access to a tenant's namespaces can be given to, for those
// who may ask for that tenant.
func (s *Service) People(ctx context.Context, actor Actor, tenant string) (People, error) {
	state, err := s.state()
	if err != nil {
		return People{}, err
	}
	tenancy, found := state.Tenancies[tenant]
	if !found || !actor.Asks(tenancy) {
		return People{}, noTenant(tenant)
	}
	if s.Accounts == nil {
		return People{}, nil
	}
	people := People{Known: true}
	if people.People, err = peopleOf(ctx, s.Accounts, tenancy); err == nil {
		people.Groups, err = s.Accounts.Groups(ctx, tenancy.Name+"-")
	}
	if err != nil {
		return People{}, Refuse(Unavailable, "The directory does not answer, so nobody can be looked up. Try again in a minute.").Because(err)
	}
	people.Groups = slices.DeleteFunc(slices.Clone(people.Groups), func(g DirectoryGroup) bool {
		return g.ID == tenancy.Owners.Group || g.ID == tenancy.Members.Group
	})
	return people, nil
}
