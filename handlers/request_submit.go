package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// submitRequest stores a new request and leads to its page.
func (p *Portal) submitRequest(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	ctx, actor := visit(c)
	typed := parseDraft(values)
	request, err := p.Service.Submit(ctx, actor, typed.draft())
	if err != nil {
		return p.formAgain(c, typed, err, newForm)
	}
	return c.Redirect(http.StatusSeeOther, requestHref(request.ID))
}

// formAgain shows the form again, with what was typed and what is wrong with
// it. An error that is about no field is passed on.
func (p *Portal) formAgain(c echo.Context, typed typedDraft, err error, words func(echo.Context, web.NamespaceForm) web.NamespaceForm) error {
	problem, refused := workflow.AsProblem(err)
	if !refused || (problem.Kind != workflow.Invalid && len(problem.Fields) == 0) {
		return err
	}
	ctx, actor := visit(c)
	choices, choicesErr := p.Service.Choices(ctx, actor)
	if choicesErr != nil {
		return choicesErr
	}
	form := formView(choices, typed, problem.Fields)
	form.Summary = web.Summarize(problem.Message, form.Fields()...)
	wrong := web.Count(int64(len(form.Summary.Items)), "field")
	if len(form.Summary.Items) > 1 {
		form.Summary.Message = "Nothing was sent yet: " + wrong + " to look at."
	}
	form.Panel.Status = "There is no plan yet: " + wrong + " to look at."
	form = words(c, form)
	form.Title = "Not sent yet: " + form.Heading
	return page(c, http.StatusUnprocessableEntity, web.NewNamespace(form))
}
