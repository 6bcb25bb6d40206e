package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tenure.dev/workflow"
)

// retryDiscovery is how long a failed look at the provider is remembered, so
// that a provider that is away is not asked by everybody at once.
const retryDiscovery = 2 * time.Second

// connection is the way to the provider, once it was found.
type connection struct {
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
	access   *oidc.IDTokenVerifier // of access tokens for the API
}

// discovery remembers what the last look at the provider gave.
type discovery struct {
	mu      sync.Mutex
	found   *connection
	failure error
	retryAt time.Time
}

// remembered gives the connection, or the failure while it is still fresh.
func (d *discovery) remembered(now time.Time) (*connection, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.found != nil {
		return d.found, nil
	}
	if d.failure != nil && now.Before(d.retryAt) {
		return nil, d.failure
	}
	return nil, nil
}

func (d *discovery) remember(found *connection, failure error, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.found, d.failure, d.retryAt = found, failure, now.Add(retryDiscovery)
}

// connect finds the provider by its discovery document, or gives what was found
// before. A failure is a problem of kind Unavailable, and the next call tries again.
func (a *Authenticator) connect(ctx context.Context) (*connection, error) {
	if found, err := a.discovered.remembered(a.config.Clock.Now()); found != nil || err != nil {
		return found, err
	}
	// The look is shared, so it must not end with the request that began it.
	look := a.discovering.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerTimeout)
		defer cancel()
		found, err := a.discover(ctx)
		a.discovered.remember(found, err, a.config.Clock.Now())
		return found, err
	})
	select {
	case result := <-look:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*connection), nil
	case <-ctx.Done():
		return nil, providerAway(ctx.Err())
	}
}

func (a *Authenticator) discover(ctx context.Context) (*connection, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, a.config.Client), a.config.Issuer)
	if err != nil {
		return nil, providerAway(fmt.Errorf("discover the provider %q: %w", a.config.Issuer, shorten(err)))
	}
	endpoint := provider.Endpoint()
	// Without this, oauth2 finds out the style by sending the code a second time.
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	for _, address := range []string{endpoint.AuthURL, endpoint.TokenURL} {
		if err := CheckURL(address); err != nil {
			return nil, providerAway(fmt.Errorf("endpoint %q of provider %q: %w", address, a.config.Issuer, err))
		}
	}
	return &connection{
		oauth: oauth2.Config{
			ClientID: a.config.ClientID, ClientSecret: a.config.ClientSecret.Reveal(),
			Endpoint: endpoint, RedirectURL: a.redirectURL(),
			// Entra puts oid, name and preferred_username into the ID token for profile.
			Scopes: []string{oidc.ScopeOpenID, "profile"},
		},
		verifier: a.verifier(provider, a.config.ClientID),
		access:   a.verifier(provider, a.config.APIAudience),
	}, nil
}

// verifier verifies tokens of the provider for one audience.
func (a *Authenticator) verifier(provider *oidc.Provider, audience string) *oidc.IDTokenVerifier {
	return provider.Verifier(&oidc.Config{
		ClientID: audience,
		// Entra signs with RS256 and nothing else.
		SupportedSigningAlgs: []string{oidc.RS256},
		Now:                  a.config.Clock.Now,
	})
}

func providerAway(cause error) *workflow.Problem {
	return workflow.Refuse(workflow.Unavailable,
		"Signing in is not possible at the moment, because the identity provider does not answer. Try again in a minute.").Because(cause)
}

// shorten keeps an error page that a proxy sent instead of the provider's answer out of the log.
func shorten(err error) error {
	const most = 300
	if text := err.Error(); len(text) > most {
		return errors.New(text[:most] + " …")
	}
	return err
}
