package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
	"tenure.dev/web"
)

// signedOutRoute is where signing out leads to; everybody may open it.
const signedOutRoute = "/signed-out"

// showSignedOut answers: am I signed out? Whoever is not, is led home.
func (p *Portal) showSignedOut(c echo.Context) error {
	if auth.SignedIn(c) {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	view := web.SignedOutView{
		Heading:    "You are signed out",
		Lead:       "Tenure has forgotten this browser. Your organisation's own sign-in may still be open: on a computer that others use, close the browser too.",
		SignInHref: "/auth/login",
	}
	view.Frame = frame(c, web.SectionNone, view.Heading)
	return page(c, http.StatusOK, web.SignedOut(view))
}
