package devprovider

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tenure.dev/workflow"
)

// client is the one application that may sign people in: the portal, a
// confidential client with one redirect URL and the code flow.
type client struct {
	redirectURL string
	loginURL    string // the page, up to the id of the request
	clock       workflow.Clock
}

var _ op.Client = client{}

// idTokenLifetime is that of Entra's ID tokens.
const idTokenLifetime = time.Hour

func (client) GetID() string                                                { return clientID }
func (c client) RedirectURIs() []string                                     { return []string{c.redirectURL} }
func (client) PostLogoutRedirectURIs() []string                             { return nil }
func (client) ApplicationType() op.ApplicationType                          { return op.ApplicationTypeWeb }
func (client) AuthMethod() oidc.AuthMethod                                  { return oidc.AuthMethodBasic }
func (client) ResponseTypes() []oidc.ResponseType                           { return []oidc.ResponseType{oidc.ResponseTypeCode} }
func (client) GrantTypes() []oidc.GrantType                                 { return []oidc.GrantType{oidc.GrantTypeCode} }
func (c client) LoginURL(request string) string                             { return c.loginURL + request }
func (client) AccessTokenType() op.AccessTokenType                          { return op.AccessTokenTypeBearer }
func (client) DevMode() bool                                                { return false }
func (client) IsScopeAllowed(string) bool                                   { return false }
func (client) IDTokenUserinfoClaimsAssertion() bool                         { return true }
func (client) ClockSkew() time.Duration                                     { return 0 }
func (client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return sameScopes }
func (client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return sameScopes }

// IDTokenLifetime is counted from the machine's time by the library, and ends by
// the provider's clock, whichever time that has.
func (c client) IDTokenLifetime() time.Duration {
	return time.Until(c.clock.Now().Add(idTokenLifetime))
}

func sameScopes(scopes []string) []string { return scopes }
