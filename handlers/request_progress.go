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
// request is being committed; anybody else is led to the page.
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
	if c.QueryParam("since") == number(dossier.Request.Version) {
		return c.NoContent(http.StatusNoContent)
	}
	c.Response().Header().Set(fragmentHeader, "1")
	replanned := !isApproved(dossier.Request.State)
	return page(c, http.StatusOK, web.RequestProgress(p.requestPage(c, dossier), replanned))
}

// followView keeps the page of a request up to date while Tenure commits it.
func followView(r workflow.Request) *web.FollowView {
	if r.State != workflow.StateApproved {
		return nil
	}
	return &web.FollowView{
		ProgressHref: fmt.Sprintf("%s/progress?since=%d", requestHref(r.ID), r.Version),
		ReloadHref:   requestHref(r.ID),
	}
}
