package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showTenant answers: what do we have, and how full is it?
func (p *Portal) showTenant(c echo.Context) error {
	ctx, actor := visit(c)
	tenant, err := p.Service.Tenant(ctx, actor, c.Param("tenant"))
	if err != nil {
		return err
	}
	view := tenantPage(tenant, p.Clock.Now())
	view.Frame = frame(c, web.SectionNone, view.Heading)
	return page(c, http.StatusOK, web.Tenant(view))
}

func tenantPage(tenant workflow.TenantView, now time.Time) web.TenantPage {
	tenancy := tenant.Tenancy
	view := web.TenantPage{
		Heading: fmt.Sprintf("%s has %s", tenantName(tenancy), web.Count(int64(len(tenancy.Namespaces)), "namespace")),
		Slug:    tenancy.Name,
		Lead:    "What was approved for this tenant, and how much of its ceiling that is.",
		Meters:  meters(tenant.Given, tenancy.Ceiling),
		Commit:  tenant.Commit,
	}
	if tenant.MayAsk {
		view.AskHref = "/requests/new/namespace?" + url.Values{"tenant": {tenancy.Name}}.Encode()
	}
	for _, namespace := range tenancy.Namespaces {
		row := namespaceRow(namespace)
		row.Removal = removalLink(tenant, namespace)
		view.Namespaces = append(view.Namespaces, row)
	}
	for _, r := range tenant.Requests {
		if r.State.Open() {
			view.Open = append(view.Open, requestRow(r, now))
		} else {
			view.Closed = append(view.Closed, requestRow(r, now))
		}
	}
	return view
}

func namespaceRow(n workflow.Namespace) web.NamespaceRow {
	row := web.NamespaceRow{
		Name: n.Name, Cluster: n.Cluster, Environment: n.Environment, Level: string(n.PodSecurity),
		CPU: n.Quota.CPU.String(), Memory: n.Quota.Memory.String(), Storage: n.Quota.Storage.String(),
		Pods: fmt.Sprint(n.Quota.Pods), Purpose: n.Purpose,
	}
	row.Request = requestLink(n.Request)
	return row
}

// removalLink leads to the open request that asks to remove a namespace, or to
// the form for one.
func removalLink(tenant workflow.TenantView, n workflow.Namespace) web.Link {
	for _, r := range tenant.Requests {
		if change, isRemoval := r.Change.(workflow.RemovalChange); isRemoval && r.State.Open() && change.Cluster == n.Cluster && change.Namespace == n.Name {
			return web.Link{Text: "Removal asked for", Href: requestHref(r.ID)}
		}
	}
	if !tenant.MayAsk {
		return web.Link{}
	}
	return web.Link{Text: "Remove…", Href: removalHref(tenant.Tenancy.Name, n)}
}

// requestLink leads to the request that gave something; what the first commit
// gave has none.
func requestLink(id int64) web.Link {
	if id == 0 {
		return web.Link{Text: "the first commit"}
	}
	return web.Link{Text: fmt.Sprintf("Request %d", id), Href: requestHref(id)}
}
