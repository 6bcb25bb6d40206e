package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

// DefaultAPIScope is the scope that the access token of a person has, where the
// configuration names no other one.
const DefaultAPIScope = "Tenure.Use"

// PipelineRole is the value of the app role that the access token of a program
// must have, one that acts for itself and not for a person.
const PipelineRole = "Tenure.Pipeline"

// maxToken bounds an access token in bytes; Entra's with 200 groups have about 10 KiB.
const maxToken = 32 << 10

// Authenticate finds out who a request to the API comes from, and keeps the
// others out: by the access token that it brings, otherwise by the session, in
// which case it must not come from another site's page. A token that is refused
// is not made up for by a session.
func (a *Authenticator) Authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	bySession := a.Middleware(a.RefuseCrossSite(requireCaller(next)))
	return func(c echo.Context) error {
		c.Response().Header().Add(echo.HeaderVary, echo.HeaderAuthorization)
		credentials := c.Request().Header.Values(echo.HeaderAuthorization)
		if len(credentials) == 0 {
			return bySession(c)
		}
		actor, err := a.caller(c.Request().Context(), credentials)
		if err != nil {
			return answer(c, err)
		}
		c.Set(actorKey, actor)
		return next(c)
	}
}

// requireCaller refuses whoever does not say who they are.
func requireCaller(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if SignedIn(c) {
			return next(c)
		}
		return answer(c, &challenge{status: http.StatusUnauthorized,
			sentence: "You are not signed in, or your session has ended. Nothing was done. Sign in, or send an access token."})
	}
}

// caller reads who the Authorization header names (RFC 6750 §2.1).
func (a *Authenticator) caller(ctx context.Context, credentials []string) (workflow.Actor, error) {
	scheme, token, found := strings.Cut(strings.TrimSpace(credentials[0]), " ")
	token = strings.TrimSpace(token)
	switch {
	case len(credentials) > 1 || !strings.EqualFold(scheme, "Bearer") || !found || token == "":
		return workflow.Actor{}, &challenge{status: http.StatusBadRequest, code: "invalid_request",
			sentence: "The header Authorization is not one access token, written as: Bearer, a space, the token."}
	case a.config.APIAudience == "":
		return workflow.Actor{}, &challenge{status: http.StatusUnauthorized, code: "invalid_token",
			sentence: "This installation takes no access tokens: no audience is configured for its API. Sign in with a browser, or ask the platform team."}
	case len(token) > maxToken:
		return workflow.Actor{}, invalidToken(fmt.Errorf("an access token of %d bytes", len(token)))
	}
	return a.holder(ctx, token)
}

// holder verifies an access token and reads who it was given to.
func (a *Authenticator) holder(ctx context.Context, raw string) (workflow.Actor, error) {
	provider, err := a.connect(ctx)
	if err != nil {
		return workflow.Actor{}, err
	}
	token, err := provider.access.Verify(ctx, raw)
	if err != nil {
		return workflow.Actor{}, invalidToken(fmt.Errorf("verify the access token: %w", err))
	}
	if len(token.Audience) != 1 {
		return workflow.Actor{}, invalidToken(fmt.Errorf("the access token is meant for %d audiences", len(token.Audience)))
	}
	var payload json.RawMessage
	if err := token.Claims(&payload); err != nil {
		return workflow.Actor{}, invalidToken(fmt.Errorf("read the access token's claims: %w", err))
	}
	grant, err := readGrant(payload)
	if err != nil {
		return workflow.Actor{}, invalidToken(err)
	}
	if err := grant.check(a.config.APIScope); err != nil {
		return workflow.Actor{}, err
	}
	actor, err := a.claims.actor(payload)
	if err != nil {
		return workflow.Actor{}, err
	}
	if grant.application() {
		actor.Pipeline = true
		if grant.Name == "" {
			actor.Name = "Pipeline " + grant.client(actor.ID)
		}
	}
	return actor, nil
}

// grant is what an access token allows, and to whom it was given:
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
type grant struct {
	Scopes string   // separated by spaces; of a person's token only
	Roles  []string // app roles
	Kind   string   // claim idtyp, an optional one: app for an application's
	Object string
	Sub    string
	Client string // claim azp: the application that asked for the token
	Name   string
	Nonce  string
}

// readGrant reads what a verified token allows. What does not have the shape
// that Entra gives it is an error.
func readGrant(payload []byte) (grant, error) {
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(payload, &claims); err != nil {
		return grant{}, fmt.Errorf("claims: %w", err)
	}
	var g grant
	for name, into := range map[string]any{
		"scp": &g.Scopes, "roles": &g.Roles, "idtyp": &g.Kind, "oid": &g.Object, "sub": &g.Sub, "azp": &g.Client, "name": &g.Name, "nonce": &g.Nonce,
	} {
		if err := decodeClaim(claims, name, into); err != nil {
			return grant{}, err
		}
	}
	return g, nil
}

// application says whether the token was given to a program for itself. Without
// the claim idtyp it is one whose subject is the object id: a person's differs
// from one application to the next.
func (g grant) application() bool {
	return g.Scopes == "" && (g.Kind == "app" || (g.Kind == "" && g.Sub != "" && g.Sub == g.Object))
}

// client names the program that a pipeline is.
func (g grant) client(id workflow.PersonID) string {
	if client := strings.ToLower(g.Client); isUUID(client) {
		return client
	}
	return id.Object
}

// check refuses a token that is not for using the API.
func (g grant) check(scope string) error {
	switch {
	case g.Nonce != "":
		// An ID token has the nonce of its sign-in. Where the API and the portal are
		// one application, their audience does not tell them apart.
		return invalidToken(errors.New("the token has a nonce, as ID tokens do"))
	case g.Scopes != "" && g.Kind == "app":
		return invalidToken(errors.New("the token is an application's and has scopes"))
	case g.application() && !slices.Contains(g.Roles, PipelineRole):
		return &challenge{status: http.StatusForbidden, code: "insufficient_scope",
			sentence: "The access token is a program's and does not have the app role " + PipelineRole + ". Ask your directory administrator to assign it."}
	case !g.application() && !slices.Contains(strings.Fields(g.Scopes), scope):
		return &challenge{status: http.StatusForbidden, code: "insufficient_scope", scope: scope,
			sentence: "The access token does not have the scope " + scope + ". Ask for a token with it."}
	}
	return nil
}
