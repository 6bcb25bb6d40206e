package auth

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

// RefuseCrossSite refuses requests that change something and come from another
// site's page, by what browsers say in Sec-Fetch-Site and Origin (CSRF). It
// belongs before everything that handles forms.
func (a *Authenticator) RefuseCrossSite(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := a.crossOrigin.Check(c.Request()); err != nil {
			return workflow.Refuse(workflow.Forbidden,
				"This came from a page of another site, so nothing was done. Open Tenure itself and try there.").Because(err)
		}
		return next(c)
	}
}

// newCrossOrigin trusts the portal's own origin also where a proxy in front of
// it changes the Host header that Origin would be compared with.
func newCrossOrigin(baseURL string) (*http.CrossOriginProtection, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(baseURL); err != nil {
		return nil, fmt.Errorf("trust the origin %q: %w", baseURL, err)
	}
	return protection, nil
}
