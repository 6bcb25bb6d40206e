package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"tenure.dev/workflow"
)

// Config is what an Authenticator needs to know.
type Config struct {
	Issuer       string   // required: the provider's issuer URL; for Entra https://login.microsoftonline.com/<tid>/v2.0
	ClientID     string   // required: the application (client) id
	ClientSecret Secret   // required
	BaseURL      string   // required: the portal's own URL as browsers see it, without a path
	Tenants      []string // required: the Entra tenant ids whose people may sign in

	APIAudience string // the audience of access tokens for the API: its application id, or its application id URI; empty: none are taken
	APIScope    string // the scope that a person's access token must have; DefaultAPIScope when empty

	AppRoles    map[string]workflow.Role // value of an Entra app role → role; DefaultAppRoles when nil
	Lifetime    time.Duration            // how long a session lasts at most; 8 hours when 0
	IdleTimeout time.Duration            // how long a session lasts unused; 1 hour when 0, at least a minute
	SignedOut   string                   // the path shown after signing out; "/" when empty

	Sessions scs.Store      // required: where sessions are kept
	Clock    workflow.Clock // required
	Log      *slog.Logger   // required
	Client   *http.Client   // for talking to the provider; nil for one that follows no redirects and gives up after 10 seconds
}

// The defaults of a session's life, and how long one sign-in may take.
const (
	defaultLifetime    = 8 * time.Hour
	defaultIdleTimeout = time.Hour
	attemptLifetime    = 10 * time.Minute
	providerTimeout    = 10 * time.Second
)

// DefaultAppRoles maps the values of the app roles that Tenure's Entra
// application declares to Tenure's roles.
func DefaultAppRoles() map[string]workflow.Role {
	return map[string]workflow.Role{
		"Tenure.Security": workflow.RoleSecurity,
		"Tenure.Admin":    workflow.RoleAdmin,
		"Tenure.Auditor":  workflow.RoleAuditor,
	}
}

// withDefaults fills in what was left out and brings ids to lower case.
func (c Config) withDefaults() Config {
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	if c.AppRoles == nil {
		c.AppRoles = DefaultAppRoles()
	}
	if c.APIScope == "" {
		c.APIScope = DefaultAPIScope
	}
	if c.Lifetime == 0 {
		c.Lifetime = defaultLifetime
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = defaultIdleTimeout
	}
	if c.SignedOut == "" {
		c.SignedOut = "/"
	}
	if c.Client == nil {
		c.Client = &http.Client{
			Timeout: providerTimeout,
			// A provider that redirects its token endpoint would be handed the
			// client secret's reach; there is no reason to follow.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	tenants := make([]string, len(c.Tenants))
	for i, tenant := range c.Tenants {
		tenants[i] = strings.ToLower(tenant)
	}
	c.Tenants = tenants
	return c
}

// check gives everything that is wrong with the configuration.
func (c Config) check() error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	if err := CheckURL(c.Issuer); err != nil {
		wrong("issuer %q: %w", c.Issuer, err)
	}
	if err := CheckURL(c.BaseURL); err != nil {
		wrong("base URL %q: %w", c.BaseURL, err)
	} else if base, _ := url.Parse(c.BaseURL); base.Path != "" || base.RawQuery != "" {
		wrong("base URL %q: it must be a scheme and a host only, such as https://tenure.example.com", c.BaseURL)
	}
	if c.ClientID == "" {
		wrong("the client id is missing")
	}
	if c.ClientSecret == "" {
		wrong("the client secret is missing")
	}
	if strings.ContainsFunc(c.APIScope, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r > '~' }) {
		wrong("API scope %q: it must be one scope, such as %s (RFC 6749 §3.3)", c.APIScope, DefaultAPIScope)
	}
	problems = append(problems, c.checkTenants()...)
	for _, value := range slices.Sorted(maps.Keys(c.AppRoles)) {
		switch c.AppRoles[value] {
		case workflow.RoleSecurity, workflow.RoleAdmin, workflow.RoleAuditor:
		default:
			wrong("app role %q: role %q cannot be given by an app role (security, admin, auditor)", value, c.AppRoles[value])
		}
	}
	if c.Lifetime < 0 || c.IdleTimeout < time.Minute {
		wrong("session lifetime %s, idle timeout %s: the lifetime must be positive and the idle timeout at least a minute", c.Lifetime, c.IdleTimeout)
	}
	if c.Sessions == nil || c.Clock == nil || c.Log == nil {
		wrong("a session store, a clock and a log are required")
	}
	return errors.Join(problems...)
}

// checkTenants checks the allowed tenants against each other and the issuer.
func (c Config) checkTenants() []error {
	var problems []error
	if len(c.Tenants) == 0 {
		problems = append(problems, errors.New("no Entra tenant is allowed to sign in: name at least one tenant id"))
	}
	for _, tenant := range c.Tenants {
		if !isUUID(tenant) {
			problems = append(problems, fmt.Errorf("tenant %q: it must be a tenant id (a UUID), not a domain name", tenant))
		}
	}
	if tenant := issuerTenant(c.Issuer); tenant != "" && !slices.Contains(c.Tenants, tenant) {
		problems = append(problems, fmt.Errorf("issuer %q: its tenant is not among those allowed to sign in", c.Issuer))
	}
	return problems
}

// CheckURL wants an absolute URL with https, or http on a loopback address.
func CheckURL(text string) error {
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("it is not a URL")
	case parsed.Host == "" || parsed.User != nil || parsed.Fragment != "":
		return errors.New("it must be an absolute URL without user and fragment")
	case parsed.Scheme == "https", parsed.Scheme == "http" && isLoopback(parsed.Hostname()):
		return nil
	}
	return errors.New("it must begin with https:// (http:// is for loopback addresses only)")
}

// isLoopback says whether a host names this machine.
func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// issuerTenant is the tenant id that an Entra issuer names in its path; empty
// when there is none.
func issuerTenant(issuer string) string {
	parsed, err := url.Parse(issuer)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(parsed.Path, "/"), "/")
	if first = strings.ToLower(first); isUUID(first) {
		return first
	}
	return ""
}

// isUUID accepts the lower-case 8-4-4-4-12 form only.
func isUUID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}
