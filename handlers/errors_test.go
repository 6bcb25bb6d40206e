package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

func TestEachKindOfProblemHasItsStatusAndShowsItsSentenceOnly(t *testing.T) {
	for kind, status := range map[workflow.ProblemKind]int{
		workflow.Invalid: 422, workflow.Forbidden: 403, workflow.NotFound: 404, workflow.Conflict: 409, workflow.Unavailable: 503,
	} {
		service := furnished()
		service.readErr = fmt.Errorf("read: %w", workflow.Refuse(kind, "The sentence for the person.").Because(errors.New("secret cause")))
		got := get(t, portal(service, dana), "/requests/57")
		if got.status != status || !strings.Contains(text(got.page), "The sentence for the person.") {
			t.Errorf("%s: got %d %q, want %d", kind, got.status, heading(got), status)
		}
		if strings.Contains(got.body, "secret cause") {
			t.Errorf("%s: the cause is on the page", kind)
		}
	}
}

func TestAnotherTenantsRequestIsNotFound(t *testing.T) {
	service := furnished()
	service.readErr = workflow.Refuse(workflow.NotFound, "There is no request 57, or it is none of yours.")
	got := get(t, portal(service, dana), "/requests/57")
	if got.status != http.StatusNotFound || strings.Contains(got.body, "payments-api-dev") {
		t.Errorf("got %d, and the page names what is not theirs: %v", got.status, strings.Contains(got.body, "payments-api-dev"))
	}
}

func TestAddressesWithoutARequestsNumberAreNotFound(t *testing.T) {
	h := portal(furnished(), dana)
	for _, path := range []string{"/requests/x", "/requests/0", "/requests/01", "/requests/+1", "/requests/-1", "/requests/99999999999999999999", "/requests/new/cluster", "/requests/57%2f..%2fedit"} {
		if got := get(t, h, path); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, got.status)
		}
	}
}

func TestAFaultShowsItsNumberAndNotItsCause(t *testing.T) {
	var log bytes.Buffer
	service := furnished()
	service.readErr = errors.New("dial tcp 10.0.0.7:5432: password authentication failed")
	e := echo.New()
	p := Portal{Service: service, SignIn: signedIn{dana}, Clock: stoppedClock{}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	p.Register(e)
	e.GET("/panic", func(echo.Context) error { panic("what broke") })
	for path, cause := range map[string]string{"/requests/57": "password authentication", "/panic": "what broke"} {
		log.Reset()
		got := get(t, e, path)
		id := got.header.Get("X-Request-Id")
		if got.status != http.StatusInternalServerError || id == "" || !strings.Contains(text(got.page), id) {
			t.Errorf("%s: got %d with the number %q", path, got.status, id)
		}
		if strings.Contains(got.body, cause) {
			t.Errorf("%s: the cause is on the page", path)
		}
		if !strings.Contains(log.String(), cause) || !strings.Contains(log.String(), id) {
			t.Errorf("%s: the log has not the cause with the number:\n%s", path, log.String())
		}
	}
}

func TestAClientDoesNotChooseTheNumberInTheLog(t *testing.T) {
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("X-Request-Id", "forged\nline")
	if got := send(t, portal(furnished(), dana), request); strings.Contains(got.header.Get("X-Request-Id"), "forged") {
		t.Errorf("the number is %q", got.header.Get("X-Request-Id"))
	}
}

// nobody keeps everybody out.
type nobody struct{ signedIn }

func (nobody) RequireSignIn(echo.HandlerFunc) echo.HandlerFunc {
	return func(echo.Context) error { return echo.NewHTTPError(http.StatusUnauthorized, "no") }
}

func TestEveryPageAsksForSignInAndStaticFilesDoNot(t *testing.T) {
	e := echo.New()
	p := Portal{Service: furnished(), SignIn: nobody{}, Clock: stoppedClock{}, Log: slog.New(slog.DiscardHandler)}
	p.Register(e)
	for _, route := range e.Routes() {
		if open := []string{staticRoute, faviconRoute, signedOutRoute}; slices.Contains(open, route.Path) || route.Method == echo.RouteNotFound {
			continue
		}
		path := strings.NewReplacer(":tenant", "payments", ":kind", "namespace", ":id", "57").Replace(route.Path)
		got := send(t, e, httptest.NewRequest(route.Method, path, nil))
		if got.status != http.StatusUnauthorized {
			t.Errorf("%s %s: status %d, want 401", route.Method, route.Path, got.status)
		}
	}
	if got := get(t, e, "/static/favicon.svg"); got.status != http.StatusOK {
		t.Errorf("a static file: status %d", got.status)
	}
}

func TestAHugeFormIsRefused(t *testing.T) {
	got := post(t, portal(furnished(), dana), "/try", url.Values{"manifest": {strings.Repeat("x", 3<<20)}})
	if got.status != http.StatusRequestEntityTooLarge || heading(got) != "That is too large" {
		t.Errorf("got %d %q", got.status, heading(got))
	}
}

func TestStaticFilesAreKeptForEverUnderTheirContentsAddress(t *testing.T) {
	h := portal(furnished(), dana)
	plain := get(t, h, "/static/favicon.svg")
	hash := strings.Trim(plain.header.Get("ETag"), `"`)
	if plain.status != 200 || plain.header.Get("Cache-Control") != "no-cache" || hash == "" {
		t.Errorf("got %d, %q, %q", plain.status, plain.header.Get("Cache-Control"), hash)
	}
	kept := get(t, h, "/static/favicon.svg?v="+hash)
	if want := "public, max-age=31536000, immutable"; kept.header.Get("Cache-Control") != want {
		t.Errorf("with its hash: %q, want %q", kept.header.Get("Cache-Control"), want)
	}
	for _, path := range []string{"/static/", "/static/no.css", "/static/../go.mod", "/static/build/"} {
		if got := get(t, h, path); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, got.status)
		}
	}
}
