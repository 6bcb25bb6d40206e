package auth

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

// actorKey is where Middleware leaves the actor in echo's context.
const actorKey = "tenure.dev/handlers/auth.actor"

// loginPath is where signing in begins.
const loginPath = "/auth/login"

// Middleware finds out who is signed in, for Actor and RequireSignIn. When the
// session cannot be read nobody gets further: the problem is of kind Unavailable.
func (a *Authenticator) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Add(echo.HeaderVary, "Cookie")
		found, ok, err := a.sessions.current(c)
		if err != nil {
			return workflow.Refuse(workflow.Unavailable,
				"Tenure cannot tell whether you are signed in, because its database does not answer. Try again in a moment.").Because(err)
		}
		if ok {
			c.Set(actorKey, found.Actor)
		}
		return next(c)
	}
}

// Actor is who is signed in: the zero actor, who holds nothing, when nobody is.
func Actor(c echo.Context) workflow.Actor {
	actor, _ := c.Get(actorKey).(workflow.Actor)
	return actor
}

// SignedIn says whether somebody is signed in.
func SignedIn(c echo.Context) bool { return !Actor(c).ID.IsZero() }

// RequireSignIn lets only signed-in people through. It comes after Middleware.
// A page that is opened leads to signing in and back; anything else is answered
// 401, with the way to sign in as HX-Redirect where htmx asked.
func (a *Authenticator) RequireSignIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		if SignedIn(c) {
			return next(c)
		}
		request := c.Request()
		switch {
		case request.Header.Get("HX-Request") == "true":
			c.Response().Header().Set("HX-Redirect", loginURL(a.pageBehind(request)))
		case request.Method == http.MethodGet, request.Method == http.MethodHead:
			return c.Redirect(http.StatusSeeOther, loginURL(request.URL.RequestURI()))
		}
		return echo.NewHTTPError(http.StatusUnauthorized, "You are not signed in, or your session has ended. Nothing was done. Sign in and try again.")
	}
}

// pageBehind is the page on which htmx made a request, when it is one of ours.
func (a *Authenticator) pageBehind(request *http.Request) string {
	page, err := url.Parse(request.Header.Get("HX-Current-URL"))
	if err != nil || page.Scheme+"://"+page.Host != a.config.BaseURL {
		return "/"
	}
	return page.RequestURI()
}

// loginURL is the path that signs in and comes back to the given one.
func loginURL(next string) string {
	if next = localPath(next); next == "/" {
		return loginPath
	}
	return loginPath + "?" + url.Values{"next": {next}}.Encode()
}
