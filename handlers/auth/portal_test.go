package auth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
	"tenure.dev/handlers/auth/devprovider"
	"tenure.dev/workflow"
)

const (
	tenantID = "11111111-aaaa-4bbb-8ccc-000000000001"
	danaID   = "22222222-aaaa-4bbb-8ccc-000000000001"
	samID    = "22222222-aaaa-4bbb-8ccc-000000000002"
	groupID  = "33333333-aaaa-4bbb-8ccc-000000000001"
	ownersID = "33333333-aaaa-4bbb-8ccc-000000000002"
)

var people = []devprovider.Person{
	{Name: "Dana Developer", Username: "dana@contoso.example", ObjectID: danaID, Groups: []string{ownersID, groupID}, Note: "Member of payments."},
	{Name: "Sam Security", Username: "sam@contoso.example", ObjectID: samID, Roles: []string{"Tenure.Security", "Other.Role"}, Note: "Reviews for security."},
}

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// journal is a log that a test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(data []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(data)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// portal is a portal of two pages with real sign-in, on a real listener.
type portal struct {
	auth    *auth.Authenticator
	url     string
	clock   *clock
	log     *journal
	store   scs.Store
	changes int // how often POST /change was let through
	// transport trusts the portal's certificate, where it is on https.
	transport http.RoundTripper
}

// newPortal starts a portal; the setting may change its configuration, given its URL.
func newPortal(t *testing.T, setting func(p *portal, config *auth.Config, e *echo.Echo)) *portal {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	p := &portal{
		url:   "http://" + server.Listener.Addr().String(),
		clock: &clock{now: time.Now()}, // op stamps its tokens by the machine's clock
		log:   &journal{},
		store: memstore.NewWithCleanupInterval(0),
	}
	e := echo.New()
	config := auth.Config{
		BaseURL: p.url, ClientID: "tenure", ClientSecret: "the client's secret",
		Tenants: []string{tenantID}, Sessions: p.store, Clock: p.clock,
		Log: slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	setting(p, &config, e)
	authenticator, err := auth.New(config)
	if err != nil {
		t.Fatal(err)
	}
	p.auth = authenticator
	p.routes(e, config.Log)
	server.Config.Handler = e
	if strings.HasPrefix(config.BaseURL, "https://") {
		server.StartTLS()
		p.transport = server.Client().Transport
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return p
}

func (p *portal) routes(e *echo.Echo, log *slog.Logger) {
	e.HTTPErrorHandler = func(err error, c echo.Context) { showProblem(err, c, log) }
	e.Use(p.auth.RefuseCrossSite)
	p.auth.Register(e)
	pages := e.Group("", p.auth.Middleware, p.auth.RequireSignIn)
	pages.GET("/who", func(c echo.Context) error { return c.JSON(http.StatusOK, auth.Actor(c)) })
	pages.GET("/requests/:id", func(c echo.Context) error { return c.String(http.StatusOK, "request "+c.Param("id")) })
	pages.POST("/change", func(c echo.Context) error {
		p.changes++
		return c.NoContent(http.StatusNoContent)
	})
	e.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "home") })
}

// showProblem stands for the portal's one renderer of errors.
func showProblem(err error, c echo.Context, log *slog.Logger) {
	status, message := http.StatusInternalServerError, "fault"
	var httpError *echo.HTTPError
	if problem, ok := workflow.AsProblem(err); ok {
		status = map[workflow.ProblemKind]int{workflow.Forbidden: 403, workflow.Unavailable: 503}[problem.Kind]
		message = problem.Message
	} else if errors.As(err, &httpError) {
		status, message = httpError.Code, httpError.Message.(string)
	}
	log.Error("problem", "status", status, "error", err)
	_ = c.String(status, message)
}

// newDevPortal is a portal with the development provider on its own listener.
func newDevPortal(t *testing.T, also func(config *auth.Config)) *portal {
	t.Helper()
	return newPortal(t, func(p *portal, config *auth.Config, e *echo.Echo) {
		provider, err := devprovider.New(devprovider.Config{
			Issuer: p.url + "/dev/oidc", RedirectURL: p.url + "/auth/callback",
			Tenant: tenantID, People: people, Clock: p.clock, Log: config.Log,
		})
		if err != nil {
			t.Fatal(err)
		}
		e.Any("/dev/oidc/*", echo.WrapHandler(provider.Handler()))
		config.Issuer = p.url + "/dev/oidc"
		config.ClientID, config.ClientSecret = provider.ClientID(), provider.ClientSecret()
		if also != nil {
			also(config)
		}
	})
}

// browser keeps cookies and follows redirects, and remembers every page's text.
type browser struct {
	*http.Client
	t     *testing.T
	pages strings.Builder
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{Client: &http.Client{Jar: jar}, t: t}
}

// answer is a response whose body was read.
type answer struct {
	*http.Response
	text string
}

func (b *browser) send(request *http.Request) answer {
	b.t.Helper()
	response, err := b.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if response.StatusCode < 300 || response.StatusCode >= 400 { // a redirect is no page
		b.pages.Write(body)
	}
	return answer{response, string(body)}
}

func (b *browser) open(address string) answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.send(request)
}

func (b *browser) submit(address string, form url.Values) answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(request)
}

// stopAt makes the browser show a redirect to such a path instead of following it.
func (b *browser) stopAt(path string) {
	b.CheckRedirect = func(request *http.Request, _ []*http.Request) error {
		if request.URL.Path == path {
			return http.ErrUseLastResponse
		}
		return nil
	}
}

var requestField = regexp.MustCompile(`name="request" value="([A-Z0-9]+)"`)

// pick answers the development provider's page.
func (b *browser) pick(at answer, field, value string) answer {
	b.t.Helper()
	found := requestField.FindStringSubmatch(at.text)
	if found == nil {
		b.t.Fatalf("%s is not the page to pick a person:\n%s", at.Request.URL, at.text)
	}
	return b.submit(at.Request.URL.String(), url.Values{"request": {found[1]}, field: {value}})
}

// signIn opens a page of a portal with the development provider and signs in on the way.
func (b *browser) signIn(address, objectID string) answer {
	b.t.Helper()
	return b.pick(b.open(address), "person", objectID)
}

// cookie is the browser's cookie whose name begins so; nil when there is none.
func (b *browser) cookie(address, prefix string) *http.Cookie {
	b.t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, cookie := range b.Jar.Cookies(parsed) {
		if strings.HasPrefix(cookie.Name, prefix) {
			return cookie
		}
	}
	return nil
}

func (b *browser) setCookie(address, name, value string) {
	b.t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Jar.SetCookies(parsed, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// expect checks an answer's status and that its text holds a sentence.
func expect(t *testing.T, got answer, status int, sentence string) {
	t.Helper()
	if got.StatusCode != status || !strings.Contains(got.text, sentence) {
		t.Fatalf("%s %s: status %d, text %q; want %d with %q", got.Request.Method, got.Request.URL.Path, got.StatusCode, got.text, status, sentence)
	}
}
