package handlers

import (
	"cmp"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// makesTenant says whether a request asks for a tenant that there was not.
func makesTenant(r workflow.Request) bool {
	change, is := r.Change.(workflow.TenantChange)
	return is && !change.Existing
}

// endsTenant says whether a request asks for the removal of a tenant.
func endsTenant(r workflow.Request) bool {
	change, is := r.Change.(workflow.RemovalChange)
	return is && change.Tenant
}

// tenantHolds says what the commit of a request for a new tenant, or for the
// removal of one, came to; empty for any other request.
func tenantHolds(r workflow.Request) string {
	switch {
	case makesTenant(r):
		return "The tenant is there: its people can ask for namespaces."
	case endsTenant(r):
		return "The tenant is gone: nobody can ask for anything in its name."
	}
	return ""
}

// hasTenant says whether the tenant of a request can be there: one that is asked
// for is not there yet, one that was removed not any more, and some requests are
// about no tenant.
func hasTenant(r workflow.Request) bool {
	switch committed := r.Commit != ""; {
	case makesTenant(r):
		return committed && r.State != workflow.StateEnded
	case endsTenant(r):
		return !committed
	}
	return r.Tenant != ""
}

// tenantOf leads to the tenant of a request, for those whose business it is, as
// long as it is there.
func tenantOf(dossier workflow.Dossier, actor workflow.Actor) web.Link {
	r, t := dossier.Request, dossier.Tenancy
	if r.Tenant == "" || (hasTenant(r) && len(t.Clusters) > 0) { // every tenancy that is there has one
		return tenantLink(t, r.Tenant, actor)
	}
	name := ""
	if change, is := r.Change.(workflow.TenantChange); is {
		name = change.DisplayName
	}
	return web.Link{Text: cmp.Or(t.DisplayName, name, r.Tenant)}
}
