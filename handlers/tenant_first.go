package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// What people are told who are in no tenant's groups.
const (
	noPlaceYet = "Your team has no place here yet"
	noPlaceWhy = "You are in no tenant's groups. Ask for a tenant for your team; once it is approved, you can ask for namespaces in its name. If your team has one already, a platform admin can tell you which group to join."
)

// tenantKind leads to the form for a tenant.
func tenantKind() web.KindCard {
	return web.KindCard{Title: "A tenant", Href: newTenantPath, Icon: web.IconPeople,
		Words: "A place for a team that has none yet: its groups, the clusters it may use, and the most it may be given."}
}

// firstTenant is the choice of kinds for somebody who is in no tenant's groups.
func firstTenant(c echo.Context, actor workflow.Actor) web.KindChoice {
	view := web.KindChoice{Heading: noPlaceYet, Lead: noPlaceWhy, Kinds: append([]web.KindCard{tenantKind()}, policyKind(actor)...)}
	if len(actor.Roles) > 0 { // they have a task here
		view.Heading, view.Lead = "What do you need?", "You are in no tenant's groups, so this is what you can ask for."
	}
	view.Frame = frame(c, web.SectionNew, view.Heading)
	return view
}

// needsTenant says whether only the people of a tenant can ask for this.
func needsTenant(typed typedForm) bool {
	if _, leaving := typed.(typedLeaving); leaving {
		return false // an admin may ask for it, too
	}
	kind := typed.draft().Change.Kind()
	return kind != workflow.KindTenant && kind != workflow.KindPolicy
}

// needTenant answers those who want something in a tenant's name and are in no
// tenant's groups.
func needTenant(heading string) func(echo.Context) error {
	return func(c echo.Context) error {
		view := web.NamespaceChoice{
			Heading: heading, Lead: "This is always asked for in the name of a tenant.",
			Empty: noPlaceWhy, Instead: web.Link{Text: "Ask for a tenant", Href: newTenantPath},
		}
		view.Frame = frame(c, web.SectionNew, view.Heading)
		return page(c, http.StatusForbidden, web.ChooseNamespace(view))
	}
}

// isHomeless says whether somebody is in no tenant's groups, has no task beside,
// and has not asked for a tenant.
func isHomeless(home workflow.Home, actor workflow.Actor) bool {
	return len(home.Tenants) == 0 && len(actor.Roles) == 0 && !slices.ContainsFunc(home.Mine, func(r workflow.Request) bool { return makesTenant(r) && r.State.Open() })
}

// withoutLost takes the links to tenants off that there are no longer.
func withoutLost(rows []web.RequestRow, tenants []workflow.Tenancy) {
	for i := range rows {
		there := slices.ContainsFunc(tenants, func(t workflow.Tenancy) bool { return tenantHref(t.Name) == rows[i].Tenant.Href })
		if !there && strings.HasPrefix(rows[i].Tenant.Href, tenantHref("")) {
			rows[i].Tenant.Href = ""
		}
	}
}
