package auth_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
	"tenure.dev/handlers/auth/devprovider"
	"tenure.dev/workflow"
)

// newDevAPI is a portal with the development provider and one page of the API.
func newDevAPI(t *testing.T, audience string) *portal {
	t.Helper()
	program := devprovider.Person{Name: "pipeline", Username: "payments-pipeline", ObjectID: pipelineID, Groups: []string{groupID}, Roles: []string{auth.PipelineRole}}
	p := newPortal(t, func(p *portal, config *auth.Config, e *echo.Echo) {
		provider, err := devprovider.New(devprovider.Config{
			Issuer: p.url + "/dev/oidc", RedirectURL: p.url + "/auth/callback", Tenant: tenantID, People: people,
			Programs: []devprovider.Person{program}, APIAudience: audience, Clock: p.clock, Log: config.Log,
		})
		if err != nil {
			t.Fatal(err)
		}
		e.Any("/dev/oidc/*", echo.WrapHandler(provider.Handler()))
		config.Issuer, config.APIAudience = p.url+"/dev/oidc", audience
		config.ClientID, config.ClientSecret = provider.ClientID(), provider.ClientSecret()
		e.GET("/api", func(c echo.Context) error {
			return p.auth.Authenticate(func(c echo.Context) error { return c.JSON(http.StatusOK, auth.Actor(c)) })(c)
		})
	})
	return p
}

func TestTheDevelopmentProviderGivesAccessTokensForTheAPI(t *testing.T) {
	p := newDevAPI(t, "api://tenure")
	for username, pipeline := range map[string]bool{"dana@contoso.example": false, "payments-pipeline": true} {
		got := newBrowser(t).submit(p.url+"/dev/oidc/access-token", url.Values{"username": {username}})
		var tokens struct {
			Token   string `json:"access_token"`
			Kind    string `json:"token_type"`
			Expires int    `json:"expires_in"`
		}
		if err := json.Unmarshal([]byte(got.text), &tokens); err != nil || tokens.Kind != "Bearer" || tokens.Expires != 3600 || got.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s gets %s (%v)", username, got.text, err)
		}
		who := ask(t, "GET", p.url+"/api", "Authorization", "Bearer "+tokens.Token)
		var actor workflow.Actor
		if err := json.Unmarshal([]byte(who.text), &actor); err != nil || actor.Pipeline != pipeline || len(actor.Groups) == 0 {
			t.Errorf("%s is %s (%v)", username, who.text, err)
		}
		expect(t, ask(t, "POST", p.url+"/change", "Authorization", "Bearer "+tokens.Token), http.StatusUnauthorized, "") // pages take sessions only
		if strings.Contains(p.log.String(), tokens.Token) {
			t.Error("the token is in the log")
		}
	}
}

func TestTheDevelopmentProviderGivesNobodyElseAToken(t *testing.T) {
	p := newDevAPI(t, "api://tenure")
	for _, username := range []string{"", "nobody@contoso.example", "DANA@contoso.example"} {
		expect(t, newBrowser(t).submit(p.url+"/dev/oidc/access-token", url.Values{"username": {username}}), http.StatusBadRequest, "names nobody")
	}
	expect(t, ask(t, "GET", p.url+"/dev/oidc/access-token?username=dana@contoso.example"), http.StatusMethodNotAllowed, "")
	expect(t, ask(t, "POST", p.url+"/dev/oidc/access-token", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden, "")
	expect(t, newBrowser(t).submit(newDevAPI(t, "").url+"/dev/oidc/access-token", url.Values{"username": {"dana@contoso.example"}}), http.StatusNotFound, "")
}
