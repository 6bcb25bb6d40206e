package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

// DefaultURL is Microsoft Graph of the global cloud. The national clouds have their
// own: https://learn.microsoft.com/graph/deployments
const DefaultURL = "https://graph.microsoft.com"

// Config is what a Client needs to know.
type Config struct {
	URL          string         // required: Graph's own, without a path; DefaultURL but in national clouds
	TokenURL     string         // required: the token endpoint of the Entra tenant
	Tenant       string         // required: the Entra tenant id of everybody that Graph lists
	ClientID     string         // required: the application (client) id
	ClientSecret auth.Secret    // required
	Clock        workflow.Clock // required
	Client       *http.Client   // nil for one that follows no redirects and gives up after 10 seconds

	// Wait waits before another try, and gives the context's error when that ends
	// first. Nil for a timer.
	Wait func(ctx context.Context, pause time.Duration) error
}

// Client answers from Microsoft Graph. It is safe for concurrent use.
type Client struct {
	config Config
	base   *url.URL
	memory memory
	access access

	mu        sync.Mutex
	notBefore time.Time // until then Graph does not want to be asked
}

var (
	_ workflow.Directory = (*Client)(nil)
	_ workflow.Accounts  = (*Client)(nil)
)

// askTimeout bounds one try, in which Graph sends a page.
const askTimeout = 10 * time.Second

// New checks the configuration, and says everything that is wrong with it at
// once. It connects to nothing.
func New(config Config) (*Client, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	base, err := url.Parse(config.URL)
	if err != nil {
		return nil, fmt.Errorf("read the URL of Graph: %w", err)
	}
	config.Tenant = strings.ToLower(config.Tenant)
	if config.Client == nil {
		config.Client = &http.Client{
			Timeout: askTimeout,
			// Whoever redirects would be sent the secret, or an access token.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	if config.Wait == nil {
		config.Wait = wait
	}
	return &Client{
		config: config, base: base,
		memory: memory{clock: config.Clock, known: map[string]remembered{}, looks: &singleflight.Group{}},
	}, nil
}

// check gives everything that is wrong with the configuration.
func (c Config) check() error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if err := auth.CheckURL(c.URL); err != nil {
		wrong("URL of Graph %q: %w", c.URL, err)
	} else if base, _ := url.Parse(c.URL); strings.Trim(base.Path, "/") != "" || base.RawQuery != "" {
		wrong("URL of Graph %q: it must be a scheme and a host only, such as %s", c.URL, DefaultURL)
	}
	if err := auth.CheckURL(c.TokenURL); err != nil {
		wrong("token endpoint %q: %w", c.TokenURL, err)
	}
	if !isObjectID(strings.ToLower(c.Tenant)) {
		wrong("tenant %q: it must be a tenant id (a UUID)", c.Tenant)
	}
	if c.ClientID == "" || c.ClientSecret == "" {
		wrong("the client id and the client secret of an application that may ask Graph are required")
	}
	if c.Clock == nil {
		wrong("a clock is required")
	}
	return errors.Join(problems...)
}

// isObjectID accepts the lower-case 8-4-4-4-12 form only.
func isObjectID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}

func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
