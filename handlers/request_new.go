package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
)

// newRequest answers: what do I have to say, and what will happen then?
func (p *Portal) newRequest(c echo.Context) error {
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	typed, err := p.beginning(c, choices)
	if err != nil {
		return err
	}
	if len(choices.Tenants) == 0 && needsTenant(typed) {
		return needTenant(typed.heading())(c)
	}
	if showPlace := placeFirst(typed, choices); showPlace != nil {
		return showPlace(c)
	}
	planned := typed.chosen()
	typed = p.lookedUp(c, typed.start(choices, p.Clock.Now()))
	form := p.formView(c, choices, typed, nil)
	form.Panel.Status = "The plan appears here as soon as the form is filled in. Nothing is sent before you submit."
	if planned {
		if form, err = p.formWithPlan(c, choices, typed); err != nil {
			return err
		}
	}
	p.offerDraft(c, &form)
	return page(c, http.StatusOK, web.NewRequest(newForm(c, typed, form)))
}

// newForm adds the words for a new request.
func newForm(c echo.Context, typed typedForm, form web.RequestForm) web.RequestForm {
	form.Heading = typed.heading()
	form.Frame = frame(c, web.SectionNew, form.Heading)
	form.Lead = "Say what you need. What would change, and who decides, stands beside it."
	if form.Ending != nil {
		form.Lead = "Say why. What would end, and who decides, stands beside it. It stays as it is until they agree."
	}
	if form.Tenant != nil && form.Tenant.Settled() {
		form.Lead = "Change what is to be otherwise. What becomes of it, and who decides, stands beside it."
	}
	if form.Removal != nil || form.Leaving != nil {
		form.Lead = "Say why. What would be lost, and who decides, stands beside it. Nothing is removed before they agree."
	}
	if form.Policy != nil {
		form.Lead = "Change the text and say why. What it would do to everybody, and who decides, stands below it. The policy in force stays until they agree."
	}
	form.Action = "/requests"
	form.Submit = "Submit request"
	return form
}

// formWords adds a page's words to a form.
type formWords func(c echo.Context, typed typedForm, form web.RequestForm) web.RequestForm

// editForm adds the words for a request that is changed.
func editForm(id int64) formWords {
	return func(c echo.Context, _ typedForm, form web.RequestForm) web.RequestForm {
		form.Heading = "Change request " + number(id)
		form.Frame = frame(c, web.SectionNone, form.Heading)
		form.Lead = "Change what was asked for and submit it again. Every vote so far is void then, because it was on another plan."
		form.Back = web.Link{Text: "Request " + number(id), Href: requestHref(id)}
		form.Action = requestHref(id) + "/edit"
		form.Submit = "Submit again"
		form.Request = number(id)
		if form.Removal != nil {
			form.Removal.OtherHref = "" // the request stays with its namespace
		}
		if form.Network != nil {
			form.Network.SuggestHref = "" // what is needed is known
		}
		if form.Quota != nil {
			form.Quota.OtherHref = "" // as with a removal
		}
		return form
	}
}
