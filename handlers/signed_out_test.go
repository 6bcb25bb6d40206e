package handlers

import (
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func TestSignedOutIsSaidToEverybodyAndLeadsToSigningIn(t *testing.T) {
	e := echo.New()
	p := Portal{Service: furnished(), SignIn: nobody{}, Clock: stoppedClock{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	p.Register(e)
	got := get(t, e, "/signed-out")
	if got.status != http.StatusOK || heading(got) != "You are signed out" {
		t.Errorf("got %d %q", got.status, heading(got))
	}
	if find(got.page, func(n *html.Node) bool { return attribute(n, "href") == "/auth/login" && text(n) == "Sign in" }) == nil {
		t.Error("the page does not lead to signing in")
	}
	for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Cross-Origin-Opener-Policy"} {
		if got.header.Get(header) == "" {
			t.Errorf("the page has no %s", header)
		}
	}
}

func TestWhoIsStillSignedInIsNotToldOtherwise(t *testing.T) {
	got := get(t, portal(furnished(), dana), "/signed-out")
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
		t.Errorf("got %d to %q", got.status, got.header.Get("Location"))
	}
	if got := get(t, portal(furnished(), workflow.Actor{}), "/signed-out"); got.status != http.StatusOK {
		t.Errorf("nobody: got %d", got.status)
	}
}

func TestTheBrowsersOwnRequestForAnIconDoesNotBeginASignIn(t *testing.T) {
	e := echo.New()
	p := Portal{Service: furnished(), SignIn: nobody{}, Clock: stoppedClock{}, Log: slog.New(slog.DiscardHandler)}
	p.Register(e)
	icon := get(t, e, "/favicon.ico")
	if icon.status != http.StatusFound {
		t.Fatalf("got %d", icon.status)
	}
	if got := get(t, e, icon.header.Get("Location")); got.status != http.StatusOK || got.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%q: got %d, %q", icon.header.Get("Location"), got.status, got.header.Get("Content-Type"))
	}
}
