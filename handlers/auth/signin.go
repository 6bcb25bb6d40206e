package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"

	"tenure.dev/workflow"
)

// login sends the person to the provider, or straight on when they are signed in.
func (a *Authenticator) login(c echo.Context) error {
	noStore(c)
	begun := newAttempt(c.QueryParam("next"), a.config.Clock.Now())
	if SignedIn(c) {
		return c.Redirect(http.StatusSeeOther, begun.Next)
	}
	provider, err := a.connect(c.Request().Context())
	if err != nil {
		return err
	}
	if err := a.cookies.keep(c, begun); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, provider.oauth.AuthCodeURL(begun.State,
		oidc.Nonce(begun.Nonce), oauth2.S256ChallengeOption(begun.Verifier)))
}

// callback is where the provider sends the person back to.
func (a *Authenticator) callback(c echo.Context) error {
	noStore(c)
	begun, err := a.cookies.take(c, c.QueryParam("state"), a.config.Clock.Now())
	if err != nil {
		return workflow.Refuse(workflow.Forbidden,
			"This sign-in was begun in another browser, was used already, or took longer than ten minutes. Open the page you wanted and sign in again.").Because(err)
	}
	if code := c.QueryParam("error"); code != "" {
		return providerRefused(code, c.QueryParam("error_description"))
	}
	actor, err := a.redeem(c.Request().Context(), c.QueryParam("code"), begun)
	if err != nil {
		return err
	}
	if err := a.sessions.begin(c, actor); err != nil {
		return workflow.Refuse(workflow.Unavailable,
			"You could not be signed in, because Tenure's database does not answer. Try again in a moment.").Because(err)
	}
	a.config.Log.InfoContext(c.Request().Context(), "signed in", "person", actor.ID.String())
	return c.Redirect(http.StatusSeeOther, begun.Next)
}

// redeem exchanges the code for an ID token, verifies it and reads who it is about.
func (a *Authenticator) redeem(ctx context.Context, code string, begun attempt) (workflow.Actor, error) {
	provider, err := a.connect(ctx)
	if err != nil {
		return workflow.Actor{}, err
	}
	tokens, err := provider.oauth.Exchange(oidc.ClientContext(ctx, a.config.Client), code, oauth2.VerifierOption(begun.Verifier))
	if err != nil {
		return workflow.Actor{}, exchangeProblem(err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return workflow.Actor{}, refuseToken("the provider's answer has no ID token")
	}
	token, err := provider.verifier.Verify(ctx, raw)
	if err != nil {
		return workflow.Actor{}, refuseToken("verify the ID token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(begun.Nonce)) != 1 {
		return workflow.Actor{}, refuseToken("the ID token's nonce is not the one that was sent")
	}
	// OpenID Connect Core 1.0 §3.1.3.7: a token that is also meant for others is
	// refused, since none of them is trusted.
	if len(token.Audience) != 1 {
		return workflow.Actor{}, refuseToken("the ID token is meant for %d audiences", len(token.Audience))
	}
	var payload json.RawMessage
	if err := token.Claims(&payload); err != nil {
		return workflow.Actor{}, refuseToken("read the ID token's claims: %w", err)
	}
	return a.claims.actor(payload)
}

// exchangeProblem tells a provider that is away from one that refuses. Of the
// provider's answer only the error's code and description are kept: the body
// is not for a log.
func exchangeProblem(err error) error {
	var refused *oauth2.RetrieveError
	var unreachable *url.Error
	switch {
	case errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError:
		return refuseToken("exchange the code: status %d: %w", refused.Response.StatusCode,
			shorten(fmt.Errorf("error %q: %q", refused.ErrorCode, refused.ErrorDescription)))
	case errors.As(err, &refused) && refused.Response != nil:
		return providerAway(fmt.Errorf("exchange the code: status %d, error %q", refused.Response.StatusCode, refused.ErrorCode))
	case errors.As(err, &unreachable):
		return providerAway(fmt.Errorf("exchange the code: %w", err))
	}
	return refuseToken("exchange the code: the provider's answer is not a token response")
}

// providerRefused says what the provider's error means to the person (RFC 6749
// §4.1.2.1). The description is the provider's and goes to the log only.
func providerRefused(code, description string) *workflow.Problem {
	cause := shorten(fmt.Errorf("the provider answered %q: %q", code, description))
	switch code {
	case "access_denied":
		return workflow.Refuse(workflow.Forbidden,
			"You were not signed in: it was cancelled, or your organisation has not given you access to Tenure. Ask your platform team if you should have it.").Because(cause)
	case "server_error", "temporarily_unavailable":
		return providerAway(cause)
	}
	return workflow.Refuse(workflow.Forbidden,
		"The identity provider did not sign you in. Start again; if it happens again, tell the platform team.").Because(cause)
}
