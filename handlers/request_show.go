package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showRequest answers: where is it, who has it, what exactly changes?
func (p *Portal) showRequest(c echo.Context) error {
	id, err := requestNumber(c)
	if err != nil {
		return err
	}
	ctx, actor := visit(c)
	dossier, err := p.Service.Dossier(ctx, actor, id)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, web.Request(p.requestPage(c, dossier)))
}

// requestPage presents a request with everything its reader may do.
func (p *Portal) requestPage(c echo.Context, dossier workflow.Dossier) web.RequestView {
	_, actor := visit(c)
	view := requestView(dossier, actor, p.Clock.Now())
	view.Frame = frame(c, web.SectionNone, waitsFor(dossier.Request)+" · "+view.Title)
	return view
}
