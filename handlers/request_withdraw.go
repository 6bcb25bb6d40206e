package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// withdrawRequest takes a request back and leads to it.
func (p *Portal) withdrawRequest(c echo.Context) error {
	id, err := requestNumber(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	ctx, actor := visit(c)
	reason := typedText(values, "reason")
	_, err = p.Service.Withdraw(ctx, actor, id, reason)
	if problem, refused := workflow.AsProblem(err); refused && problem.Kind == workflow.Invalid {
		return p.withdrawAgain(c, id, reason, problem)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, requestHref(id))
}

// withdrawAgain shows the request with what is wrong with the reason.
func (p *Portal) withdrawAgain(c echo.Context, id int64, reason string, problem *workflow.Problem) error {
	ctx, actor := visit(c)
	dossier, err := p.Service.Dossier(ctx, actor, id)
	if err != nil {
		return err
	}
	view := p.requestPage(c, dossier)
	if view.Withdraw == nil {
		return problem
	}
	view.Withdraw.Open = true
	view.Withdraw.Reason.Value = reason
	view.Withdraw.Reason.Problem = fieldMessage(problem, view.Withdraw.Reason.Name)
	return page(c, http.StatusUnprocessableEntity, web.Request(view))
}
