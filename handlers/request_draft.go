package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

const (
	discardPath = "/requests/drafts/discard"
	// paramDraft opens a form with what the person typed before and did not send.
	paramDraft = "draft"
)

// keepDraft keeps what was typed so far. A form that changes a request is not
// kept: what it asks for stands in the request. What cannot be kept is no reason
// to hold up the person.
func (p *Portal) keepDraft(c echo.Context, kind workflow.Kind, values url.Values) {
	if values.Get("request") != "" {
		return
	}
	ctx, actor := visit(c)
	err := p.Service.SaveFormDraft(ctx, actor, kind, values)
	if _, refused := workflow.AsProblem(err); refused {
		p.forgetDraft(c, kind) // an earlier one, which was shorter, would be offered as if it were all
	} else if err != nil {
		p.Log.ErrorContext(ctx, "keep a draft", "error", err)
	}
}

// forgetDraft forgets what was sent now.
func (p *Portal) forgetDraft(c echo.Context, kind workflow.Kind) {
	ctx, actor := visit(c)
	if err := p.Service.DiscardFormDraft(ctx, actor, kind); err != nil {
		p.Log.ErrorContext(ctx, "forget a draft", "error", err)
	}
}

// draftOf reads what the person typed before into a form of the kind; false where
// there is nothing.
func (p *Portal) draftOf(c echo.Context, kind workflow.Kind) (typedForm, workflow.FormDraft, bool) {
	ctx, actor := visit(c)
	draft, found, err := p.Service.DraftOf(ctx, actor, kind)
	if err != nil {
		p.Log.ErrorContext(ctx, "read a draft", "error", err)
	}
	if err != nil || !found {
		return nil, draft, false
	}
	typed, err := parseForm(kind, draft.Values)
	return typed, draft, err == nil
}

// offerDraft says on an empty form that the person typed something before.
func (p *Portal) offerDraft(c echo.Context, form *web.RequestForm) {
	kind := workflow.Kind(form.Kind)
	if len(c.QueryParams()) > 0 {
		return // the link fills it in
	}
	if _, draft, found := p.draftOf(c, kind); found {
		form.Draft = &web.DraftOffer{
			SavedAt: web.At(draft.SavedAt, p.Clock.Now()), Href: formPath(kind) + "?" + paramDraft + "=1",
			Action: discardPath, Kind: form.Kind,
		}
	}
}

// discardDraft forgets what the person typed, and leads to the empty form.
func (p *Portal) discardDraft(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	kind := workflow.Kind(values.Get(fieldKind))
	if _, err := parseForm(kind, nil); err != nil {
		return err
	}
	ctx, actor := visit(c)
	if err := p.Service.DiscardFormDraft(ctx, actor, kind); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, formPath(kind))
}
