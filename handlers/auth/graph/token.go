package graph

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"
)

// access is the access token that was got last.
type access struct {
	mu    sync.Mutex
	token string
	until time.Time // from then on another one is got

	looks singleflight.Group
}

// renewal is how long before its end a token is not used any more, so that none
// ends on its way to Graph. Entra's hold for an hour or more.
const renewal = 5 * time.Minute

// token gives an access token for Graph, by client credentials (RFC 6749
// section 4.4). The client authenticates in the header (section 2.3.1).
func (c *Client) token(ctx context.Context) (string, error) {
	c.access.mu.Lock()
	token, until := c.access.token, c.access.until
	c.access.mu.Unlock()
	if token != "" && c.config.Clock.Now().Before(until) {
		return token, nil
	}
	got, err, _ := c.access.looks.Do("", func() (any, error) { return c.newToken(ctx) })
	if err != nil {
		return "", err
	}
	return got.(string), nil
}

func (c *Client) newToken(ctx context.Context) (string, error) {
	credentials := clientcredentials.Config{
		ClientID: c.config.ClientID, ClientSecret: c.config.ClientSecret.Reveal(),
		TokenURL: c.config.TokenURL, AuthStyle: oauth2.AuthStyleInHeader,
		// All that the application was permitted: https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope
		Scopes: []string{c.base.Scheme + "://" + c.base.Host + "/.default"},
	}
	began := c.config.Clock.Now()
	token, err := credentials.Token(context.WithValue(ctx, oauth2.HTTPClient, c.config.Client))
	if err != nil {
		return "", fmt.Errorf("get an access token for Graph from %q: %w", c.config.TokenURL, withoutBody(err))
	}
	holds := time.Duration(0) // where nothing is said it is used once
	if !token.Expiry.IsZero() {
		holds = time.Until(token.Expiry) // the library counts from the machine's time
	}
	c.access.mu.Lock()
	defer c.access.mu.Unlock()
	c.access.token, c.access.until = token.AccessToken, began.Add(holds-min(renewal, holds/2))
	return token.AccessToken, nil
}

// forgetToken has another token got, unless that happened already.
func (c *Client) forgetToken(refused string) {
	c.access.mu.Lock()
	defer c.access.mu.Unlock()
	if c.access.token == refused {
		c.access.token = ""
	}
}

// entraCode is how Entra numbers its errors: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
var entraCode = regexp.MustCompile(`\bAADSTS[0-9]{1,10}\b`)

// withoutBody keeps of a refused token what names the trouble. The answer's body
// is any text, and may repeat what was sent.
func withoutBody(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return withoutAddress(err)
	}
	text := "it was refused"
	if refused.Response != nil {
		text = fmt.Sprintf("it answered %d", refused.Response.StatusCode)
	}
	for _, code := range []string{codeOf(refused.ErrorCode), entraCode.FindString(refused.ErrorDescription)} {
		if code != "" {
			text += " " + code
		}
	}
	return errors.New(text)
}
