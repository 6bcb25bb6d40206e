package workflow

import (
	"context"
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
	requests, err := s.seen(ctx, actor, state, filter)
	return state.shownAll(requests, actor), err
}
