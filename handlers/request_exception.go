package handlers

import (
	"fmt"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showException adds to a request's page what only a network exception has: its
// end, the way to end it now, and why the other tenant's owners are asked.
func showException(view *web.RequestView, dossier workflow.Dossier, actor workflow.Actor, now time.Time) {
	r := dossier.Request
	if r.Kind != workflow.KindNetwork {
		return
	}
	ends := exceptionsOf(r.Plan.After, r.ID)
	if len(ends) > 0 && (r.State != workflow.StateEnded || ends[0].Expired(now)) {
		view.Until, view.Ended = web.At(ends[0].Until, now), ends[0].Expired(now)
	}
	switch r.State {
	case workflow.StateInReview:
		view.Why = whyAsked(r, actor)
	case workflow.StateCommitted, workflow.StateActive:
		if !view.Ended {
			view.EndHref = endHref(r, dossier.Tenancy, actor)
		}
	}
}

// whyAsked says to an owner of the other tenant what of theirs is reached; empty
// for everybody else.
func whyAsked(r workflow.Request, actor workflow.Actor) string {
	for _, other := range r.Plan.Others {
		if !actor.Holds(workflow.RoleOwner, other.After) {
			continue
		}
		for _, e := range exceptionsOf(other.After, r.ID) {
			if e.Direction == workflow.Ingress {
				return fmt.Sprintf("This reaches %s, which is yours.", e.namespace)
			}
			return fmt.Sprintf("This lets %s, which is yours, call %s.", e.namespace, r.Tenant)
		}
	}
	return ""
}

// endHref leads to the form that ends the exception of a request now: in the
// name of the tenant at either end, since both ends close together.
func endHref(r workflow.Request, tenancy workflow.Tenancy, actor workflow.Actor) string {
	if actor.Asks(tenancy) {
		return endingHref(r.Tenant, r.ID)
	}
	for _, other := range r.Plan.Others {
		if actor.Asks(other.After) {
			return endingHref(other.After.Name, r.ID)
		}
	}
	return ""
}
