package auth

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/singleflight"

	"tenure.dev/workflow"
)

// Authenticator signs people in and says who they are. Make it with New.
type Authenticator struct {
	config      Config
	cookies     cookies
	sessions    *sessions
	claims      claimReader
	crossOrigin *http.CrossOriginProtection

	discovering singleflight.Group
	discovered  discovery
}

// New checks the configuration, all problems at once, and makes an
// Authenticator. It does not ask the provider for anything: that happens when
// it is first needed, so that a provider on the portal's own listener works.
func New(config Config) (*Authenticator, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("configuration of sign-in: %w", err)
	}
	crossOrigin, err := newCrossOrigin(config.BaseURL)
	if err != nil {
		return nil, err
	}
	names := cookies{}
	if strings.HasPrefix(config.BaseURL, "https://") {
		// RFC 6265bis §4.1.3.2: only this host, over TLS, can set such a cookie.
		names = cookies{prefix: "__Host-", secure: true}
	}
	return &Authenticator{
		config:      config,
		cookies:     names,
		sessions:    newSessions(config, names),
		claims:      claimReader{tenants: config.Tenants, issuerTenant: issuerTenant(config.Issuer), appRoles: config.AppRoles},
		crossOrigin: crossOrigin,
	}, nil
}

// Register adds the routes of signing in and out.
func (a *Authenticator) Register(e *echo.Echo) {
	e.GET(loginPath, a.login, a.Middleware)
	e.GET("/auth/callback", a.callback)
	e.POST("/auth/logout", a.logout, a.RefuseCrossSite)
}

// Ready says whether people can sign in: nil, or a problem of kind Unavailable
// when the provider has not been found yet.
func (a *Authenticator) Ready(ctx context.Context) error {
	_, err := a.connect(ctx)
	return err
}

// redirectURL is where the provider sends people back to.
func (a *Authenticator) redirectURL() string { return a.config.BaseURL + "/auth/callback" }

// logout ends the session.
func (a *Authenticator) logout(c echo.Context) error {
	noStore(c)
	if err := a.sessions.end(c); err != nil {
		return workflow.Refuse(workflow.Unavailable,
			"You are still signed in, because Tenure's database does not answer. Try again in a moment.").Because(err)
	}
	if c.Request().Header.Get("HX-Request") == "true" {
		c.Response().Header().Set("HX-Redirect", a.config.SignedOut)
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, a.config.SignedOut)
}

// noStore keeps answers of the sign-in out of every cache.
func noStore(c echo.Context) {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
}
