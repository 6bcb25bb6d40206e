package workflow

import (
	"context"
	"slices"
)

// People are those to whom access to a tenant's namespaces can be given, beside
// its members and owners as a whole.
type People struct {
	Known  bool             // false where Tenure was given no directory to look anybody up in
	People []Account        // the tenant's own, by name
	Groups []DirectoryGroup // whose names begin with the tenant's, its members and owners left out
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
