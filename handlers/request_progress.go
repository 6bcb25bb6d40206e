package handlers

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showProgress gives the parts of a request's page that changed since the
// version that the page shows, or nothing. A page's script asks while the
// request is on its way; anybody else is led to the page.
func (p *Portal) showProgress(c echo.Context) error {
	id, err := requestNumber(c)
	if err != nil {
		return err
	}
	if !isFragment(c) {
		return c.Redirect(http.StatusSeeOther, requestHref(id))
	}
	ctx, actor := visit(c)
	dossier, err := p.Service.Dossier(ctx, actor, id)
	if err != nil {
		return err
	}
	view := p.requestPage(c, dossier)
	if c.QueryParam("since") == progressMark(dossier.Request, view) {
		return c.NoContent(http.StatusNoContent)
	}
	c.Response().Header().Set(fragmentHeader, "1")
	replanned := !isApproved(dossier.Request.State)
	return page(c, http.StatusOK, web.RequestProgress(view, replanned))
}

// followView keeps the page of a request up to date while Tenure commits it,
// and while Argo CD brings it to its cluster, where anybody watches that.
func followView(dossier workflow.Dossier, view web.RequestView) *web.FollowView {
	r := dossier.Request
	arrival, _ := workflow.Furthest(dossier.Arrivals)
	switch r.State {
	case workflow.StateApproved:
	case workflow.StateCommitted, workflow.StateFailed:
		if arrival.Stage == "" || arrival.Stage == workflow.ArrivalUnwatched {
			return nil
		}
	default:
		return nil
	}
	return &web.FollowView{
		ProgressHref: fmt.Sprintf("%s/progress?since=%s", requestHref(r.ID), progressMark(r, view)),
		ReloadHref:   requestHref(r.ID),
	}
}
