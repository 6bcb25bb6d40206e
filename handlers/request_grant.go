package handlers

import (
	"fmt"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showGrant adds to a request's page what only something with an end has: when
// that is, the ways to extend it and to end it now, and why the owners of another
// tenant are asked.
func showGrant(view *web.RequestView, dossier workflow.Dossier, actor workflow.Actor, now time.Time) {
	r := dossier.Request
	view.AgainHref = askAgainHref(dossier, actor)
	if r.Kind == workflow.KindRemoval {
		return
	}
	grants := grantsOf(r.Plan.After, r.ID)
	for _, g := range grants {
		if !g.Until.IsZero() && (r.State != workflow.StateEnded || g.Expired(now)) {
			view.Until, view.Ended = web.At(g.Until, now), g.Expired(now)
		}
	}
	switch r.State {
	case workflow.StateInReview:
		view.Why = whyAsked(r, actor)
	case workflow.StateCommitted, workflow.StateActive:
		if len(grants) == 0 || view.Ended {
			return
		}
		view.EndHref = endHref(r, dossier.Tenancy, actor)
		if _, possible := r.Plan.After.Extension(grants[0], dossier.Policy, now); possible && actor.Asks(dossier.Tenancy) {
			view.ExtendHref = extendHref(r.Kind, r.ID)
		}
	}
}

// askAgainHref leads to the form with what a request asked for that came to
// nothing or is over; empty for those who may not ask for its tenant.
func askAgainHref(dossier workflow.Dossier, actor workflow.Actor) string {
	r := dossier.Request
	if !asksAgain(dossier, actor) {
		return ""
	}
	switch r.State {
	case workflow.StateEnded, workflow.StateRejected, workflow.StateWithdrawn, workflow.StateLapsed:
		return againHref(r)
	}
	return ""
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

// endHref leads to the form that ends what a request gave now: in the
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
