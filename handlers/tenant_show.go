package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
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
	flows, err := p.Service.Connectivity(ctx, actor, tenant.Tenancy.Name, "", "")
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	view := tenantPage(tenant, actor, now)
	view.About = aboutTenant(tenant.Tenancy, p.groupNames(c, tenant.Tenancy.Owners.Group, tenant.Tenancy.Members.Group))
	view.Change, view.Leave = changeLinks(tenant, actor)
	view.Picture = pictureOf(flows, titleNow, seenBy(actor, tenant.Tenancy), now)
	view.Frame = frame(c, web.SectionNone, view.Heading)
	return page(c, http.StatusOK, web.Tenant(view))
}

func tenantPage(tenant workflow.TenantView, actor workflow.Actor, now time.Time) web.TenantPage {
	tenancy := tenant.Tenancy
	view := web.TenantPage{
		Heading: fmt.Sprintf("%s has %s", tenantName(tenancy), web.Count(int64(len(tenancy.Namespaces)), "namespace")),
		Slug:    tenancy.Name,
		Lead:    "What was approved for this tenant, and how much of its ceiling that is.",
		Meters:  meters(tenant.Given, tenancy.Ceiling),
		Files:   fileRows(tenant.Files),
		Commit:  tenant.Commit,
	}
	reader := grantReader{mayAsk: tenant.MayAsk, policy: tenant.Policy, now: now, requests: tenant.Requests}
	view.Ending = endingRows(tenancy.Ending(now), []workflow.Tenancy{tenancy}, reader)
	if tenant.MayAsk {
		of := "?" + url.Values{fieldTenant: {tenancy.Name}}.Encode()
		view.AskHref = "/requests/new/namespace" + of
		if len(tenancy.Namespaces) > 0 {
			view.OpenHref, view.MoreHref = newNetworkPath+of, "/requests/new"
		}
	}
	for _, namespace := range tenancy.Namespaces {
		row := namespaceRow(namespace)
		row.Removal = removalLink(tenant, namespace)
		view.Namespaces = append(view.Namespaces, row)
	}
	for _, r := range tenant.Requests {
		if r.State.Open() {
			view.Open = append(view.Open, requestRow(r, actor, now))
		} else {
			view.Closed = append(view.Closed, requestRow(r, actor, now))
		}
	}
	return view
}

func namespaceRow(n workflow.Namespace) web.NamespaceRow {
	now := n.Quota.Effective() // as it counts against the ceiling
	row := web.NamespaceRow{
		Name: n.Name, Href: namespaceHref(n.Cluster, n.Name), Cluster: n.Cluster, Environment: n.Environment, Level: string(n.PodSecurity),
		CPU: now.CPU.String(), Memory: now.Memory.String(), Storage: now.Storage.String(), Pods: fmt.Sprint(now.Pods), Purpose: n.Purpose,
	}
	row.Request = requestLink(n.Request)
	row.Grants = joined(countKinds(n.Grants()))
	row.Data = n.Classification
	if len(n.Hosts) > 0 {
		row.Hosts = "Hosts: " + strings.Join(n.Hosts, ", ")
	}
	if len(n.Registries) > 0 {
		row.Images = "Images also of " + joined(n.Registries)
	}
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
