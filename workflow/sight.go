package workflow

import (
	"cmp"
	"context"
	"slices"
)

// Who sees which requests. A slug can be given again after its tenant was
// removed, and whoever has it then sees nothing of what the earlier tenant asked
// for. Who asked for a tenant sees that although it is not there yet, and what
// somebody asked for a tenant that is gone stays theirs to see.

// current says whether a request is about the tenant that has its slug now, and
// not about an earlier or another one that is wished for.
func (s *ApprovedState) current(r Request) bool {
	tenancy, there := s.Tenancies[r.Tenant]
	if isNewTenant(r.Change) {
		return there && tenancy.Request == r.ID
	}
	return there && tenancy.Request == r.Plan.Before.Request
}

// owns says whether a request is the actor's own although they may see nothing
// of the tenant that it is about, because it is not there.
func (s *ApprovedState) owns(actor Actor, r Request) bool {
	return r.Tenant != "" && !actor.ID.IsZero() && r.RequestedBy.ID == actor.ID && (isNewTenant(r.Change) || !s.current(r))
}

// sees says whether the request is any of the actor's business.
func (s *ApprovedState) sees(actor Actor, r Request) bool {
	if actor.seesAll() || s.owns(actor, r) || s.current(r) && actor.Sees(s.Tenancies[r.Tenant]) {
		return true
	}
	peer := r.Plan.Peer()
	return peer != "" && actor.Holds(RolePeerOwner, s.Tenancies[peer]) && s.reaches(r, peer)
}

// rivals says whether what a request asks for can be a draft's rival at all: it
// is about the same tenant as the draft, and not about an earlier one of its name.
func (s *ApprovedState) rivals(draft Draft, r Request) bool {
	switch {
	case draft.Tenant == "", isNewTenant(draft.Change):
		return true
	case r.Tenant == draft.Tenant:
		return s.current(r)
	}
	return s.reaches(r, draft.Tenant)
}

// reaches says whether a request reaches into the tenant that has the slug now.
func (s *ApprovedState) reaches(r Request, slug string) bool {
	return slices.ContainsFunc(r.Plan.Others, func(side OtherSide) bool {
		return side.After.Name == slug && side.Before.Request == s.Tenancies[slug].Request
	})
}

// hidesOwn says whether the tenant that a request is about is none of the actor's
// business, who sees the request for another tenant's sake.
func (s *ApprovedState) hidesOwn(r Request, actor Actor) bool {
	return !actor.seesAll() && !s.owns(actor, r) && (!s.current(r) || s.hides(r.Tenant, actor))
}

// tenancyOf is the tenancy of a request as it is now, as far as the actor may see
// it: nothing but the name where there is none, or where it is another tenant's by
// now.
func (s *ApprovedState) tenancyOf(r Request, actor Actor) Tenancy {
	tenancy := s.Tenancies[r.Tenant]
	switch {
	case !s.current(r):
		return Tenancy{Name: r.Tenant}
	case s.hidesOwn(r, actor):
		return Tenancy{Name: tenancy.Name, DisplayName: tenancy.DisplayName}
	}
	return tenancy
}

// seen lists the requests that fit the filter and are the actor's business,
// newest first. Its Tenants are those that the caller names, nil for all; its
// Reaching follows from them.
func (s *Service) seen(ctx context.Context, actor Actor, state *ApprovedState, filter RequestFilter) ([]Request, error) {
	if actor.seesAll() && filter.Tenants == nil {
		return s.listed(ctx, filter, nil)
	}
	sees := func(r Request) bool { return state.sees(actor, r) }
	if filter.RequestedBy == actor.ID && !actor.ID.IsZero() {
		return s.listed(ctx, filter, sees)
	}
	asked := filter.Tenants
	own := filter
	own.Reaching = nil
	filter.Tenants, filter.Reaching = []string{}, []string{}
	for _, tenancy := range state.tenancies(actor.Sees) {
		if asked != nil && !slices.Contains(asked, tenancy.Name) {
			continue
		}
		filter.Tenants = append(filter.Tenants, tenancy.Name)
		if actor.seesAll() || actor.Holds(RolePeerOwner, tenancy) {
			filter.Reaching = append(filter.Reaching, tenancy.Name)
		}
	}
	if actor.seesAll() {
		filter.Tenants = asked // also of tenants that are not there
	}
	var tenants []Request
	var err error
	if len(filter.Tenants) > 0 { // an empty filter would mean all tenants
		if tenants, err = s.listed(ctx, filter, sees); err != nil {
			return nil, err
		}
	}
	if actor.seesAll() || !own.RequestedBy.IsZero() {
		return tenants, nil
	}
	own.RequestedBy = actor.ID
	mine, err := s.listed(ctx, own, sees)
	if err != nil {
		return nil, err
	}
	return merged(tenants, mine, filter.Limit), nil
}

// listed reads the requests that fit the filter and are to be kept; a nil keep
// keeps all. It goes on where some were left out, so that a limit is one of what
// is kept.
func (s *Service) listed(ctx context.Context, filter RequestFilter, keep func(Request) bool) ([]Request, error) {
	var kept []Request
	for {
		page, err := s.Store.Requests(ctx, filter)
		if err != nil {
			return nil, storeFault(err)
		}
		for _, r := range page {
			if keep == nil || keep(r) {
				kept = append(kept, r)
			}
		}
		if filter.Limit == 0 || len(page) < filter.Limit || len(kept) >= filter.Limit {
			return newestOf(kept, filter.Limit), nil
		}
		filter.Before = page[len(page)-1].ID
	}
}

// merged makes one list of two, newest first, with each request once.
func merged(a, b []Request, limit int) []Request {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(x, y Request) int { return cmp.Compare(y.ID, x.ID) })
	return newestOf(slices.CompactFunc(all, func(x, y Request) bool { return x.ID == y.ID }), limit)
}

// newestOf gives the first requests; a limit of 0 is none.
func newestOf(requests []Request, limit int) []Request {
	if limit > 0 && len(requests) > limit {
		return requests[:limit]
	}
	return requests
}
