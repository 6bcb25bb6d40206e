package devprovider

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/op"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

// Config is what a Provider needs to know.
type Config struct {
	Issuer      string         // required: URL on a loopback address; its path is where Handler is mounted
	RedirectURL string         // required: the one address that people are sent back to
	Tenant      string         // required: the claim tid of everybody, a UUID in lower case
	People      []Person       // required
	Programs    []Person       // pipelines, which get access tokens and cannot sign in; their Username is what they are asked for by
	APIAudience string         // the audience of access tokens; empty where none are given out
	Stylesheets []string       // paths of the portal's style sheets, such as /static/app.css
	Clock       workflow.Clock // required
	Log         *slog.Logger   // required
}

// Provider is the development OpenID provider. Make it with New.
type Provider struct {
	config  Config
	path    string // of the issuer
	storage *storage
	op      *op.Provider
}

// clientID is the application id of the portal, in the form of Entra's.
const clientID = "7e4e0c5e-0000-4000-8000-00007e4e0de5"

// New makes a provider with a signing key and a client secret of its own. It
// refuses an issuer or a redirect URL that is not on a loopback address:
// whoever reaches the provider can be anybody.
func New(config Config) (*Provider, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("configuration of the development identity provider: %w", err)
	}
	issuer, err := url.Parse(config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("issuer %q: %w", config.Issuer, err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	p := &Provider{config: config, path: issuer.Path}
	p.storage = newStorage(config, key, p.path+"/sign-in?request=")

	settings := &op.Config{CodeMethodS256: true, SupportedScopes: []string{"openid", "profile"}}
	if _, err := rand.Read(settings.CryptoKey[:]); err != nil {
		return nil, fmt.Errorf("make a key for codes: %w", err)
	}
	p.op, err = op.NewProvider(settings, p.storage, op.StaticIssuer(config.Issuer),
		op.WithAllowInsecure(), // http, on loopback only
		op.WithCustomTokenEndpoint(op.NewEndpoint("token")),
		op.WithCORSOptions(nil), // no other site's script has business here
		op.WithLogger(config.Log),
	)
	if err != nil {
		return nil, fmt.Errorf("make the provider: %w", err)
	}
	return p, nil
}

// ClientID is the client id that the portal signs in with.
func (p *Provider) ClientID() string { return clientID }

// ClientSecret is the client secret that the portal signs in with, another one at each start.
func (p *Provider) ClientSecret() auth.Secret { return p.storage.secret }

// Handler serves the provider below the issuer's path. Of what op can do, only
// what signing in needs can be reached.
func (p *Provider) Handler() http.Handler {
	protocol := http.StripPrefix(p.path, p.op)
	mux := http.NewServeMux()
	for _, pattern := range []string{
		"GET " + p.path + "/.well-known/openid-configuration",
		"GET " + p.path + "/keys",
		"GET " + p.path + "/authorize",
		"GET " + p.path + "/authorize/callback",
	} {
		mux.Handle(pattern, protocol)
	}
	mux.Handle("POST "+p.path+"/token", wellFormed(protocol))
	mux.HandleFunc("GET "+p.path+"/sign-in", p.choose)
	mux.HandleFunc("POST "+p.path+"/sign-in", p.chosen)
	if p.config.APIAudience != "" {
		mux.HandleFunc("POST "+p.path+accessTokenPath, p.giveAccess)
	}
	return http.NewCrossOriginProtection().Handler(limitBody(mux))
}

// limitBody keeps forms to what a form can be, in bytes.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		next.ServeHTTP(w, r)
	})
}

// wellFormed answers requests that op's token endpoint (v3.46.0) would go on
// with after having refused them.
func wellFormed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseForm()
		if id, secret, found := r.BasicAuth(); found && err == nil {
			_, idErr := url.QueryUnescape(id)
			_, secretErr := url.QueryUnescape(secret)
			err = errors.Join(idErr, secretErr)
		}
		if err != nil {
			http.Error(w, "The request cannot be read.", http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// check gives everything that is wrong with the configuration.
func (c Config) check() error {
	problems := []error{
		checkLoopback("issuer", c.Issuer),
		checkLoopback("redirect URL", c.RedirectURL),
		checkPeople(c.People),
	}
	if len(c.Programs) > 0 {
		problems = append(problems, checkPeople(append(slices.Clone(c.People), c.Programs...)))
	}
	if !isUUID(c.Tenant) {
		problems = append(problems, fmt.Errorf("tenant %q must be a UUID in lower case", c.Tenant))
	}
	if c.Clock == nil || c.Log == nil {
		problems = append(problems, errors.New("a clock and a log are required"))
	}
	return errors.Join(problems...)
}

// checkLoopback wants a URL with a path on this machine.
func checkLoopback(what, text string) error {
	parsed, err := url.Parse(text)
	if err != nil || !slices.Contains([]string{"http", "https"}, parsed.Scheme) ||
		len(parsed.Path) < 2 || parsed.Path[len(parsed.Path)-1] == '/' || parsed.RawQuery != "" || parsed.Fragment != "" {
		return fmt.Errorf("%s %q must be a URL with a path, without a slash at its end", what, text)
	}
	if host := parsed.Hostname(); host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("%s %q: the development identity provider asks for no password, so it works on loopback addresses only (127.0.0.1, [::1], localhost)", what, text)
	}
	return nil
}
