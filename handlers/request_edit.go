package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// editRequest shows the form with what was asked for, after changes were requested.
func (p *Portal) editRequest(c echo.Context) error {
	id, err := requestNumber(c)
	if err != nil {
		return err
	}
	ctx, actor := visit(c)
	dossier, err := p.Service.Dossier(ctx, actor, id)
	if err != nil {
		return err
	}
	if !mayEdit(dossier) {
		return workflow.Refuse(workflow.Conflict, "This request cannot be changed now: it is changed by the person who asked, after a reviewer asked for changes.")
	}
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	typed, ok := formOf(dossier.Request.Tenant, dossier.Request.Change)
	if !ok {
		return echo.ErrNotFound
	}
	form := p.formView(c, choices, p.lookedUp(c, typed), nil)
	form.Panel.Status = "The plan appears here as soon as you change something."
	return page(c, http.StatusOK, web.NewRequest(editForm(id)(c, typed, form)))
}

// resubmitRequest puts a changed request back into review.
func (p *Portal) resubmitRequest(c echo.Context) error {
	id, err := requestNumber(c)
	if err != nil {
		return err
	}
	values, err := sentValues(c)
	if err != nil {
		return badForm(err)
	}
	typed, err := sentForm(values)
	if err != nil {
		return err
	}
	typed = p.lookedUp(c, typed)
	ctx, actor := visit(c)
	request, err := p.Service.Resubmit(ctx, actor, id, typed.draft())
	if err != nil {
		return p.formAgain(c, typed, err, editForm(id))
	}
	return c.Redirect(http.StatusSeeOther, requestHref(request.ID))
}

// mayEdit says whether the reader may change what was asked for.
func mayEdit(dossier workflow.Dossier) bool {
	return dossier.MayEdit && dossier.Request.State == workflow.StateChangesRequested
}
