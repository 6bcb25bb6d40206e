package handlers

import (
	"slices"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The titles of pictures.
const (
	titleNow  = "What may talk to what, now"
	titlePlan = "What may talk to what"
)

// pictureOf presents what may talk to what; nil where nothing may. It leads to
// the namespaces of the tenants that are its reader's business.
func pictureOf(connectivity *workflow.Connectivity, title string, sees func(tenant string) bool, now time.Time) *web.Picture {
	if connectivity == nil || len(connectivity.Flows) == 0 {
		return nil
	}
	picture := web.Picture{Title: title}
	clusters := map[string]bool{}
	for _, end := range connectivity.Ends {
		if end.Cluster != "" {
			clusters[end.Cluster] = true
		}
	}
	for _, end := range connectivity.Ends {
		picture.Ends = append(picture.Ends, pictureEnd(end, len(clusters) > 1, sees))
	}
	for _, flow := range connectivity.Flows {
		picture.Flows = append(picture.Flows, pictureFlow(flow, now))
	}
	return &picture
}

// pictureEnd presents an end; where the picture is about several clusters, the
// namespaces' names alone would not tell them apart.
func pictureEnd(end workflow.FlowEnd, several bool, sees func(tenant string) bool) web.PictureEnd {
	view := web.PictureEnd{
		ID: end.ID, Kind: web.EndKind(end.Kind), Group: end.Namespace, Other: end.Other, Label: end.Label, Detail: end.Workloads,
	}
	if several && end.Namespace != "" {
		view.Group += " on " + end.Cluster
	}
	switch {
	case end.Kind == workflow.EndPlatform:
		view.GroupNote = "the platform's"
	case end.Other && end.Tenant != "":
		view.GroupNote = "tenant " + end.Tenant
	case end.Other:
		view.GroupNote = "another tenant's"
	}
	if end.Kind == workflow.EndPods && end.Tenant != "" && sees(end.Tenant) {
		view.Href = namespaceHref(end.Cluster, end.Namespace)
	}
	return view
}

// seenBy says which tenants are a person's business, of these and, for people
// whose task is every tenant, of all.
func seenBy(actor workflow.Actor, tenancies ...workflow.Tenancy) func(tenant string) bool {
	return func(tenant string) bool {
		return len(actor.Roles) > 0 || slices.ContainsFunc(tenancies, func(t workflow.Tenancy) bool { return t.Name == tenant && actor.Sees(t) })
	}
}

// planTenancies lists the tenancies that a plan changes, as they would be.
func planTenancies(plan workflow.Plan) []workflow.Tenancy {
	tenancies := []workflow.Tenancy{plan.After}
	for _, other := range plan.Others {
		tenancies = append(tenancies, other.After)
	}
	return tenancies
}

func pictureFlow(flow workflow.Flow, now time.Time) web.PictureFlow {
	view := web.PictureFlow{
		From: flow.From, To: flow.To, Ports: flow.Ports, Change: web.FlowChange(flow.Change), OneSided: flow.OneSided,
		// The flow of a plan that has no number yet has none either, but it changes.
		Platform: flow.Request == 0 && flow.Change == workflow.FlowStays,
		Because:  flow.Because, Until: web.At(flow.Until, now),
	}
	if flow.Request != 0 {
		view.Href = requestHref(flow.Request)
	}
	return view
}
