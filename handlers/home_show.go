package handlers

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showHome answers: what waits for me, and what became of what I asked?
func (p *Portal) showHome(c echo.Context) error {
	ctx, actor := visit(c)
	home, err := p.Service.Home(ctx, actor)
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	heading := homeHeading(home, actor)
	view := web.HomeView{
		Frame:   frame(c, web.SectionHome, heading),
		Heading: heading,
		Waiting: requestRows(home.Waiting, actor, now),
		Mine:    requestRows(home.Mine, actor, now),
		MayAsk:  slices.ContainsFunc(home.Tenants, actor.Asks),
	}
	if view.MayAsk || actor.HoldsAppRole(workflow.RoleAdmin) {
		view.KindsHref = "/requests/new"
	}
	switch {
	case view.MayAsk:
		view.NoMine = "You have not asked for anything yet. A namespace is the first thing a team needs."
	case isHomeless(home, actor):
		view.NoMine, view.FirstHref = noPlaceWhy, newTenantPath
	}
	withoutLost(view.Mine, home.Tenants)
	view.Ending = endingRows(home.Ending, home.Tenants, grantReader{mayAsk: true, policy: home.Policy, now: now, requests: home.Mine})
	for i := range view.Waiting {
		view.Waiting[i].State = reviewBadge
	}
	for _, tenancy := range home.Tenants {
		view.Tenants = append(view.Tenants, tenantCard(tenancy, actor))
	}
	return page(c, http.StatusOK, web.Home(view))
}

// homeHeading says the most pressing thing first.
func homeHeading(home workflow.Home, actor workflow.Actor) string {
	mine, failed := 0, 0
	for _, r := range home.Mine {
		switch r.State {
		case workflow.StateChangesRequested:
			mine++
		case workflow.StateFailed:
			failed++
		}
	}
	switch {
	case len(home.Waiting) == 1:
		return "1 request waits for your review"
	case len(home.Waiting) > 1:
		return fmt.Sprintf("%d requests wait for your review", len(home.Waiting))
	case mine == 1:
		return "1 of your requests needs a change"
	case mine > 1:
		return fmt.Sprintf("%d of your requests need a change", mine)
	case failed == 1:
		return "1 of your requests cannot reach its cluster"
	case failed > 1:
		return fmt.Sprintf("%d of your requests cannot reach their cluster", failed)
	}
	if isHomeless(home, actor) {
		return noPlaceYet
	}
	return "Nothing waits for you"
}

func tenantCard(tenancy workflow.Tenancy, actor workflow.Actor) web.TenantCard {
	card := web.TenantCard{
		Name:       tenantName(tenancy),
		Slug:       tenancy.Name,
		Href:       tenantHref(tenancy.Name),
		Namespaces: web.Count(int64(len(tenancy.Namespaces)), "namespace"),
		Meters:     meters(tenancy.Given(), tenancy.Ceiling)[:2],
	}
	switch {
	case actor.Holds(workflow.RoleOwner, tenancy):
		card.Role = "you are an owner"
	case actor.Holds(workflow.RoleMember, tenancy):
		card.Role = "you are a member"
	}
	return card
}
