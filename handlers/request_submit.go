package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// submitRequest stores a new request and leads to its page.
func (p *Portal) submitRequest(c echo.Context) error {
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
	request, err := p.Service.Submit(ctx, actor, typed.draft())
	if err != nil {
		return p.formAgain(c, typed, err, newForm)
	}
	p.forgetDraft(c, request.Kind)
	return c.Redirect(http.StatusSeeOther, requestHref(request.ID))
}

// formAgain shows the form again, with what was typed and what is wrong with
// it. An error that is about no field is passed on.
func (p *Portal) formAgain(c echo.Context, typed typedForm, err error, words formWords) error {
	problem, refused := workflow.AsProblem(err)
	if !refused || (problem.Kind != workflow.Invalid && len(problem.Fields) == 0) {
		return err
	}
	ctx, actor := visit(c)
	choices, choicesErr := p.Service.Choices(ctx, actor)
	if choicesErr != nil {
		return choicesErr
	}
	plan, more := p.planAhead(c, typed)
	form := p.formView(c, choices, typed, append(slices.Clone(problem.Fields), more...))
	form.Summary = form.Summarize(problem.Message)
	wrong := web.Count(int64(len(form.Summary.Items)), "field")
	if len(form.Summary.Items) > 1 {
		form.Summary.Message = "Nothing was sent yet: " + wrong + " to look at."
	}
	form.Panel.Missing = capitalize(wrong) + " to look at."
	form.Panel.Status = "There is no plan yet: " + wrong + " to look at."
	p.addPlan(&form.Panel, plan, actor)
	form = words(c, typed, form)
	form.Title = "Not sent yet: " + form.Heading
	return page(c, http.StatusUnprocessableEntity, web.NewRequest(form))
}
