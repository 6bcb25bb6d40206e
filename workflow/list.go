package workflow

import (
	"context"
	"slices"
)

// Tenants lists the tenants that are the actor's business, by slug.
func (s *Service) Tenants(_ context.Context, actor Actor) ([]Tenancy, error) {
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	return state.tenancies(actor.Sees), nil
}

// Requests lists the requests that fit the filter and are the actor's business,
// as they may see them, newest first. Of the tenants that the filter names, those
// that are none of the actor's business have no requests. Its Reaching is not for
// the caller to say: it follows from the tenants.
func (s *Service) Requests(ctx context.Context, actor Actor, filter RequestFilter) ([]Request, error) {
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	all := actor.seesAll()
	if !all || filter.Tenants != nil {
		asked := filter.Tenants
		filter.Tenants, filter.Reaching = []string{}, []string{}
		for _, tenancy := range state.tenancies(actor.Sees) {
			if asked != nil && !slices.Contains(asked, tenancy.Name) {
				continue
			}
			filter.Tenants = append(filter.Tenants, tenancy.Name)
			if all || actor.Holds(RolePeerOwner, tenancy) {
				filter.Reaching = append(filter.Reaching, tenancy.Name)
			}
		}
		if len(filter.Tenants) == 0 {
			return nil, nil
		}
	}
	requests, err := s.Store.Requests(ctx, filter)
	if err != nil {
		return nil, storeFault(err)
	}
	return state.shownAll(requests, actor), nil
}
