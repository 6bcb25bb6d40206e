package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
)

// arrangePath is where a form is sent by a button that adds something to it that
// there can be several of, or takes it out.
const arrangePath = "/requests/form"

// arrangeForm shows the form with one more or one less, and with the plan of what
// was typed. Nothing is stored but the draft.
func (p *Portal) arrangeForm(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	typed, err := sentForm(values)
	if err != nil {
		return err
	}
	p.keepDraft(c, typed.draft().Change.Kind(), values)
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	typed = typed.start(choices, p.Clock.Now())
	if isFragment(c) {
		typed = p.withSuggestions(c, typed) // they are part of what is replaced
	}
	form, err := p.formWithPlan(c, choices, typed)
	if err != nil {
		return err
	}
	if isFragment(c) {
		c.Response().Header().Set(fragmentHeader, "1")
		return page(c, http.StatusOK, web.RowsFragment(form))
	}
	return page(c, http.StatusOK, web.NewRequest(previewWords(values.Get("request"))(c, typed, form)))
}
