package handlers

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

// The names of a form's query parameters that name a request to begin from.
const (
	paramFrom   = "from"
	paramExtend = "extend"
)

// formPath is the form for a kind of request.
func formPath(kind workflow.Kind) string { return "/requests/new/" + string(kind) }

// againHref leads to the form with what a request asked for.
func againHref(r workflow.Request) string {
	return formPath(r.Kind) + "?" + paramFrom + "=" + number(r.ID)
}

// extendHref leads to the form with what a request gave, and a later end.
func extendHref(kind workflow.Kind, request int64) string {
	return formPath(kind) + "?" + paramExtend + "=" + number(request)
}

// beginning is the form that a link opens: with the fields that it names, with
// what an earlier request asked for, or with what one gave and a later end.
func (p *Portal) beginning(c echo.Context, choices workflow.Choices) (typedForm, error) {
	kind := workflow.Kind(c.Param("kind"))
	typed, err := parseForm(kind, c.QueryParams())
	if err != nil {
		return nil, err
	}
	if c.QueryParam(paramDraft) != "" {
		if draft, _, found := p.draftOf(c, kind); found {
			return draft, nil
		}
	}
	if id := c.QueryParam(paramExtend); id != "" {
		return p.extension(c, choices, kind, id)
	}
	if id := c.QueryParam(paramFrom); id != "" {
		return p.again(c, choices, kind, id)
	}
	return typed, nil
}

// again is the form with what a request asked for, without an end that has passed.
func (p *Portal) again(c echo.Context, choices workflow.Choices, kind workflow.Kind, id string) (typedForm, error) {
	request, err := p.earlier(c, id)
	if err != nil {
		return nil, err
	}
	typed, known := formOf(request.Tenant, p.withoutPast(request.Change))
	if !known || request.Kind != kind || !mayBegin(choices, request) {
		return nil, nothingToBeginFrom()
	}
	return typed, nil
}

// mayBegin says whether the person may ask for what a request asked for.
func mayBegin(choices workflow.Choices, r workflow.Request) bool {
	if r.Kind == workflow.KindTenant {
		return makesTenant(r) || asksFor(workflow.Choices{Tenants: choices.Changeable}, r.Tenant)
	}
	return asksFor(choices, r.Tenant)
}

// asksAgain says whether the actor may ask again for what a request asked for.
func asksAgain(dossier workflow.Dossier, actor workflow.Actor) bool {
	r := dossier.Request
	switch r.Kind {
	case workflow.KindRemoval:
		return false
	case workflow.KindTenant:
		return actor.Changes(dossier.Tenancy) || makesTenant(r) && r.RequestedBy.ID == actor.ID && r.Commit == ""
	}
	return actor.Asks(dossier.Tenancy)
}

// extension is the form with what a request gave, a later end, and the reason
// that was given then.
func (p *Portal) extension(c echo.Context, choices workflow.Choices, kind workflow.Kind, id string) (typedForm, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, nothingToBeginFrom()
	}
	for _, tenancy := range choices.Tenants {
		for _, grant := range grantsOf(tenancy, number) {
			change, possible := tenancy.Extension(grant, choices.Policy, p.Clock.Now())
			if !possible || grant.Kind != kind {
				continue
			}
			reason := ""
			if request, err := p.earlier(c, id); err == nil {
				reason = request.Change.Why()
			}
			typed, _ := formOf(tenancy.Name, withReason(change, reason))
			return typed, nil
		}
	}
	return nil, workflow.Refuse(workflow.NotFound, "There is nothing of this request that you could extend now. It may have ended already, or last as long as the policy allows.")
}

// earlier reads a request that a form begins from.
func (p *Portal) earlier(c echo.Context, id string) (workflow.Request, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return workflow.Request{}, nothingToBeginFrom()
	}
	ctx, actor := visit(c)
	dossier, err := p.Service.Dossier(ctx, actor, number)
	return dossier.Request, err
}

func nothingToBeginFrom() error {
	return workflow.Refuse(workflow.NotFound, "There is no such request to begin from, or it is none of yours.")
}

// asksFor says whether the person may ask for a tenant.
func asksFor(choices workflow.Choices, tenant string) bool {
	for _, tenancy := range choices.Tenants {
		if tenancy.Name == tenant {
			return true
		}
	}
	return false
}

// withoutPast leaves out an end that has passed, and that something was confirmed.
func (p *Portal) withoutPast(change workflow.Change) workflow.Change {
	now := p.Clock.Now()
	switch c := change.(type) {
	case workflow.NetworkChange:
		c.Until = ahead(c.Until, now)
		return c
	case workflow.QuotaChange:
		c.Until, c.Confirmed = aheadAnyway(c.Until, now), false
		return c
	case workflow.AccessChange:
		c.Until = aheadAnyway(c.Until, now)
		return c
	case workflow.ExemptionChange:
		c.Until = ahead(c.Until, now)
		return c
	}
	return change
}

// ahead is an end as it was typed, where it is still to come.
func ahead(until string, now time.Time) string {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, until); err == nil && !at.After(now) {
			return ""
		}
	}
	return until
}

// aheadAnyway is an end as it was typed, or one in a week where that has passed:
// what had an end is not to become lasting because nobody looked.
func aheadAnyway(until string, now time.Time) string {
	if until == "" || ahead(until, now) != "" {
		return until
	}
	return now.Add(7 * day).UTC().Format(time.DateOnly)
}

// withReason gives a change with a reason.
func withReason(change workflow.Change, reason string) workflow.Change {
	switch c := change.(type) {
	case workflow.NetworkChange:
		c.Reason = reason
		return c
	case workflow.QuotaChange:
		c.Reason = reason
		return c
	case workflow.AccessChange:
		c.Reason = reason
		return c
	case workflow.ExemptionChange:
		c.Reason = reason
		return c
	}
	return change
}
