package workflow

import (
	"context"
	"fmt"
	"slices"
)

// A request for a tenant is about a tenancy that there is not yet, and one for
// the removal of a tenant about one that there is not any more. Who may ask for
// them, and what they are planned on, is here.

// isNewTenant says whether a change asks for a tenant that there is not.
func isNewTenant(change Change) bool {
	c, is := change.(TenantChange)
	return is && !c.Existing
}

// tenancyFor is the tenancy that a change is about: the one that there is, or for
// a new tenant one that has nothing but its name.
func (s *ApprovedState) tenancyFor(tenant string, change Change) (Tenancy, bool) {
	if isNewTenant(change) {
		return Tenancy{Name: tenant}, true
	}
	tenancy, found := s.Tenancies[tenant]
	return tenancy, found
}

// Changes says whether the actor may ask for changes of a tenant itself, its
// ceiling or its groups, or for its removal: its own people, and admins.
func (a Actor) Changes(tenancy Tenancy) bool {
	return !tenancy.none() && (a.Asks(tenancy) || a.HoldsAppRole(RoleAdmin))
}

// mayAsk says whether the actor may ask for the change of the tenancy. Anybody
// who is signed in may ask for a new tenant.
func (a Actor) mayAsk(tenancy Tenancy, change Change) bool {
	switch c := change.(type) {
	case TenantChange:
		return !c.Existing || a.Changes(tenancy)
	case RemovalChange:
		if c.Tenant {
			return a.Changes(tenancy)
		}
	}
	return a.Asks(tenancy)
}

// noTenant says that the actor cannot ask for a tenant, and where they have asked
// for one of this name, that it is not there yet.
func (s *Service) noTenant(ctx context.Context, actor Actor, state *ApprovedState, slug string) (*Problem, error) {
	refusal := noTenant(slug)
	if _, there := state.Tenancies[slug]; there || slug == "" {
		return refusal, nil
	}
	open, err := s.Store.Requests(ctx, RequestFilter{
		Tenants: []string{slug}, Kinds: []Kind{KindTenant}, RequestedBy: actor.ID, States: []State{StateInReview, StateChangesRequested, StateApproved},
	})
	if err != nil {
		return nil, storeFault(err)
	}
	if i := slices.IndexFunc(open, func(r Request) bool { return isNewTenant(r.Change) }); i >= 0 {
		refusal.Fields[0].Message = fmt.Sprintf("The tenant %q is not there yet: request %d asks for it and is %s. Ask for this once it is committed.", slug, open[i].ID, open[i].State)
	}
	return refusal, nil
}

// tellOpen finds what else is asked for a tenant that is to be removed: with it
// that comes to nothing.
func (s *Service) tellOpen(ctx context.Context, state *ApprovedState, draft Draft, request int64, plan *Plan) error {
	if !plan.removesTenant() {
		return nil
	}
	open, err := s.Store.Requests(ctx, RequestFilter{Tenants: []string{draft.Tenant}, States: []State{StateInReview, StateChangesRequested, StateApproved}})
	if err != nil {
		return storeFault(err)
	}
	var numbers []int64
	for _, r := range open {
		if r.ID != request && state.current(r) {
			numbers = append(numbers, r.ID)
		}
	}
	if len(numbers) > 0 {
		plan.Findings = append(plan.Findings, Finding{Severity: SeverityWarning, Label: "open requests", Message: fmt.Sprintf(
			"What else is asked for %s comes to nothing with it: %s.", draft.Tenant, requestsText(numbers))})
	}
	return nil
}
