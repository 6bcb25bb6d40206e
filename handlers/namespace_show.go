package handlers

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showNamespace answers: what does it have, since when, until when, and what may
// it talk to?
func (p *Portal) showNamespace(c echo.Context) error {
	ctx, actor := visit(c)
	namespace, err := p.Service.Namespace(ctx, actor, c.Param("cluster"), c.Param("namespace"))
	if err != nil {
		return err
	}
	view := namespacePage(namespace, actor)
	view.Frame = frame(c, web.SectionNone, view.Heading)
	return page(c, http.StatusOK, web.Namespace(view))
}

func namespacePage(view workflow.NamespaceView, actor workflow.Actor) web.NamespacePage {
	n, tenancy, now := view.Namespace, view.Tenancy, view.Now
	shown := web.NamespacePage{
		Heading: n.Name + " has " + countOrNo(len(requestsOf(n)), "network exception"),
		Lead:    "What was approved for it, and what it may talk to. Everything else is closed.",
		Tenant:  web.Link{Text: tenantName(tenancy), Href: tenantHref(tenancy.Name)},
		Name:    n.Name, Cluster: n.Cluster,
		Facts: namespaceFacts(n), Quota: quotaFacts(n.Quota), Access: accessRows(n, tenancy),
		Picture: pictureOf(view.Connectivity, titleNow, seenBy(actor, tenancy), now),
		Removal: removalLink(workflow.TenantView{Tenancy: tenancy, Requests: view.Requests, MayAsk: view.MayAsk}, n),
		Commit:  view.Commit,
		Closed:  "Nothing but DNS and the platform's own flows may talk to this namespace, and it to nothing else.",
		Commands: []web.Command{
			{Words: "What lets traffic through", Line: "kubectl -n " + n.Name + " get networkpolicy"},
			{Words: "How full the quota is", Line: "kubectl -n " + n.Name + " describe resourcequota"},
		},
	}
	if view.MayAsk {
		shown.AskHref = networkHref(tenancy.Name, n.Cluster, n.Name)
	} else {
		shown.Closed += " The tenant's owners and members can ask for an exception."
	}
	for _, e := range n.Network {
		row := exceptionRow(e, now)
		if view.MayAsk && !row.Over {
			row.End = endLink(view.Requests, tenancy.Name, e.Request)
		}
		shown.Exceptions = append(shown.Exceptions, row)
	}
	for _, r := range view.Requests {
		if r.State.Open() {
			shown.Requests = append(shown.Requests, requestRow(r, actor, now))
		} else {
			shown.Earlier = append(shown.Earlier, requestRow(r, actor, now))
		}
	}
	return shown
}

// countOrNo writes a number with its noun, and no number for none.
func countOrNo(n int, noun string) string {
	if n == 0 {
		return "no " + noun
	}
	return web.Count(int64(n), noun)
}

// requestsOf names the requests that gave a namespace its exceptions, each once.
func requestsOf(n workflow.Namespace) map[int64]bool {
	requests := map[int64]bool{}
	for _, e := range n.Network {
		requests[e.Request] = true
	}
	return requests
}

func namespaceFacts(n workflow.Namespace) []web.Fact {
	facts := []web.Fact{
		{Term: "Cluster", Value: web.Link{Text: n.Cluster}},
		{Term: "Environment", Value: web.Link{Text: n.Environment}},
		{Term: "Pod security", Value: web.Link{Text: string(n.PodSecurity)}},
	}
	if n.Purpose != "" {
		facts = append(facts, web.Fact{Term: "Purpose", Value: web.Link{Text: n.Purpose}})
	}
	return append(facts, web.Fact{Term: "Given by", Value: requestLink(n.Request)})
}

func quotaFacts(q workflow.Quota) []web.Fact {
	return []web.Fact{
		{Term: "CPU", Value: web.Link{Text: q.CPU.String()}},
		{Term: "Memory", Value: web.Link{Text: q.Memory.String()}},
		{Term: "Storage", Value: web.Link{Text: q.Storage.String()}},
		{Term: "Pods", Value: web.Link{Text: fmt.Sprint(q.Pods)}},
		{Term: "Given by", Value: requestLink(q.Request)},
	}
}

func accessRows(n workflow.Namespace, tenancy workflow.Tenancy) []web.AccessRow {
	var rows []web.AccessRow
	for _, access := range n.Access {
		row := web.AccessRow{Role: string(access.Role), Group: access.Group, Request: requestLink(access.Request)}
		switch access.Group {
		case tenancy.Owners.Group:
			row.Who = "the owners of " + tenancy.Name
		case tenancy.Members.Group:
			row.Who = "the members of " + tenancy.Name
		}
		rows = append(rows, row)
	}
	return rows
}

func exceptionRow(e workflow.NetworkException, now time.Time) web.ExceptionRow {
	row := web.ExceptionRow{
		Direction: directionBadge(e.Direction), Pods: workflow.LabelsText(e.Pods), Ports: workflow.PortsText(e.Ports),
		Until: web.At(e.Until, now), Over: e.Expired(now), Request: requestLink(e.Request),
	}
	row.Other, row.Detail = peerWords(e.Peer())
	return row
}

// endLink leads to the open request that asks to end an exception, or to the
// form for one.
func endLink(requests []workflow.Request, tenant string, exception int64) web.Link {
	for _, r := range requests {
		if change, isRemoval := r.Change.(workflow.RemovalChange); isRemoval && r.State.Open() && change.Exception == exception {
			return web.Link{Text: "End asked for", Href: requestHref(r.ID)}
		}
	}
	return web.Link{Text: "End it…", Href: endingHref(tenant, exception)}
}
