package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"tenure.dev/handlers/auth"
	"tenure.dev/handlers/auth/devprovider"
)

func TestProductionSignsInAtTheIssuerThatIsConfigured(t *testing.T) {
	const tenant = "11111111-1111-4111-8111-111111111111"
	s, err := parsed(t, "--data", t.TempDir(), "--base-url", "https://tenure.example.com", "--repository", "https://git.example.com/gitops",
		"--cluster", "weu-1", "--trust", strings.Repeat("AB", 20), "--issuer", "https://login.microsoftonline.com/"+tenant+"/v2.0",
		"--client-id", "the-portal", "--client-secret", "hunter2", "--entra-tenants", tenant)
	if err != nil {
		t.Fatal(err)
	}
	p := &portal{settings: s, log: silent, clock: systemClock{}}
	if err := p.prepareDevelopment(t.Context()); err != nil {
		t.Fatal(err)
	}
	config := p.identity.config
	if config.Issuer != s.Issuer || config.ClientID != "the-portal" || config.ClientSecret.Reveal() != "hunter2" || len(config.Tenants) != 1 || config.Tenants[0] != tenant {
		t.Errorf("people sign in by %+v", config)
	}
	if p.identity.provider != nil {
		t.Error("the provider of development is there")
	}
	if _, ok := p.identity.directory.(auth.NoDirectory); !ok {
		t.Errorf("the directory of development is asked: %T", p.identity.directory)
	}
	if p.identity.accounts != nil {
		t.Errorf("people are looked up in %T", p.identity.accounts)
	}
}

// elsewhere is an OpenID provider that is not part of the portal, and that can
// be away.
type elsewhere struct {
	*httptest.Server
	away     atomic.Bool
	provider *devprovider.Provider
}

// newElsewhere sends people back to the portal at the URL.
func newElsewhere(t testing.TB, portal string) *elsewhere {
	t.Helper()
	e := &elsewhere{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.away.Load() {
			panic(http.ErrAbortHandler) // the connection is dropped without an answer
		}
		e.provider.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(e.Close)
	var err error
	e.provider, err = devprovider.New(devprovider.Config{
		Issuer: e.URL + "/" + devTenant, RedirectURL: portal + "/auth/callback", Tenant: devTenant, People: devPeople, Clock: systemClock{}, Log: silent,
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// ingress takes TLS off and passes on to the portal, once that is known.
func ingress(t testing.TB, portal *atomic.Pointer[url.URL]) *httptest.Server {
	t.Helper()
	server := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(portal.Load()) }})
	t.Cleanup(server.Close)
	return server
}

func TestInProductionTheProviderMayComeLater(t *testing.T) {
	p := newPlatform(t)
	p.init().want(t, 0, "", "")
	var behind atomic.Pointer[url.URL]
	front := ingress(t, &behind)
	provider := newElsewhere(t, front.URL)
	provider.away.Store(true)
	t.Setenv("TENURE_CLIENT_SECRET", provider.provider.ClientSecret().Reveal())

	// The trusted key comes from tenure.env, where init pinned it.
	r := begin(t, settings{Data: p.data, Repository: p.remote}, func(ctx context.Context, r *running) error {
		return run(ctx, []string{"tenure", "serve", "--data", p.data, "--listen", "127.0.0.1:0", "--webhook-listen", "127.0.0.1:0",
			"--base-url", front.URL, "--repository", p.remote, "--cluster", "weu-1", "--issuer", provider.URL + "/" + devTenant,
			"--client-id", provider.provider.ClientID(), "--entra-tenants", devTenant}, strings.NewReader(""), &r.out, &r.log)
	})
	behind.Store(&url.URL{Scheme: "http", Host: r.portal})

	for path, want := range map[string]int{"/livez": http.StatusOK, "/readyz": http.StatusServiceUnavailable} {
		if status, text := r.get(path); status != want {
			t.Errorf("%s answers %d %q, want %d", path, status, text, want)
		}
	}
	ada := newBrowser(t, front.URL, front.Client().Transport)
	ada.open("/").want(t, http.StatusServiceUnavailable, "Signing in is not possible at the moment, because the identity provider does not answer.")
	eventually(t, "the log says what is lacking", func() bool { return strings.Contains(r.log.String(), `msg="not ready" error="sign-in: `) })
	if r.validate(strings.Replace(shadowNamespace, "NAME", "payments-shadow", 1)).AuditAnnotations["commit"] != head(t, p.remote) {
		t.Error("the webhook does not judge meanwhile")
	}

	provider.away.Store(false)
	eventually(t, "it is ready", func() bool {
		status, _ := r.get("/readyz")
		return status == http.StatusOK
	})
	ada.signIn("Ada Admin", "/health").want(t, http.StatusOK, "Tenure is well", "Ada Admin")
	ada.open(devIssuerPath+"/.well-known/openid-configuration").want(t, http.StatusNotFound)
	if r.out.String() != "" {
		t.Errorf("production is welcomed like development:\n%s", r.out.String())
	}
	if strings.Contains(r.log.String(), provider.provider.ClientSecret().Reveal()) {
		t.Error("the log shows the client secret")
	}
	if err := r.end(); err != nil {
		t.Errorf("ending is an error: %v", err)
	}
}

func TestProductionNeedsTheSigningKeyThatInitMade(t *testing.T) {
	got := tenure(t, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--webhook-listen", "127.0.0.1:0", "--base-url", "https://tenure.example.com",
		"--repository", "https://git.example.com/gitops", "--cluster", "weu-1", "--trust", strings.Repeat("AB", 20), "--issuer", "https://login.example.com",
		"--client-id", "x", "--client-secret", "x", "--entra-tenants", devTenant)
	got.want(t, 2, "", "signing-key.asc\"; tenure init makes one")
}
