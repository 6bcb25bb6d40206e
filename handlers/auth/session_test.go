package auth_test

import (
	"errors"
	"net/http"
	"net/http/cookiejar"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
)

func TestASessionEndsWhenItIsNotUsed(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), func(_ *portal, config *auth.Config) { config.IdleTimeout = time.Hour })
	browser := signedIn(t, portal)
	for range 3 { // each use keeps it
		portal.clock.advance(59 * time.Minute)
		expect(t, browser.open(portal.url+"/who"), http.StatusOK, danaID)
	}
	portal.clock.advance(time.Hour)
	expect(t, browser.open(portal.url+"/who"), http.StatusUnauthorized, "")
}

func TestASessionEndsAfterItsLifetimeHoweverMuchItIsUsed(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), func(_ *portal, config *auth.Config) { config.Lifetime = 2 * time.Hour })
	browser := signedIn(t, portal)
	for range 7 {
		portal.clock.advance(17 * time.Minute)
		expect(t, browser.open(portal.url+"/who"), http.StatusOK, danaID)
	}
	portal.clock.advance(2 * time.Minute)
	expect(t, browser.open(portal.url+"/who"), http.StatusUnauthorized, "")
}

// signedIn is a browser that has signed in and asks as htmx does, so that the
// end of its session shows as 401 and not as another sign-in.
func signedIn(t *testing.T, portal *portal) *browser {
	t.Helper()
	browser := newBrowser(t)
	browser.Transport = portal.transport
	expect(t, browser.open(portal.url+"/who"), http.StatusOK, danaID)
	browser.Transport = asHTMX{portal.transport}
	return browser
}

type asHTMX struct{ next http.RoundTripper }

func (h asHTMX) RoundTrip(request *http.Request) (*http.Response, error) {
	request.Header.Set("HX-Request", "true")
	if h.next == nil {
		h.next = http.DefaultTransport
	}
	return h.next.RoundTrip(request)
}

func TestSigningInChangesTheSessionSoThatAPlantedOneIsWorthNothing(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), nil)
	planted := signedIn(t, portal).cookie(portal.url, "tenure-session")
	attacker := newBrowser(t)
	attacker.Transport = asHTMX{}
	attacker.setCookie(portal.url, planted.Name, planted.Value)
	expect(t, attacker.open(portal.url+"/who"), http.StatusOK, danaID)

	victim := newBrowser(t)
	callback := forgedCallback(t, portal, victim)
	victim.setCookie(portal.url, planted.Name, planted.Value)
	expect(t, victim.open(callback), http.StatusOK, danaID)
	if got := victim.cookie(portal.url, "tenure-session"); got.Value == planted.Value {
		t.Error("the session has kept its token over the sign-in")
	}
	expect(t, attacker.open(portal.url+"/who"), http.StatusUnauthorized, "")
}

// forgedCallback signs in up to the callback.
func forgedCallback(t *testing.T, portal *portal, browser *browser) string {
	t.Helper()
	browser.stopAt("/auth/callback")
	callback, err := browser.open(portal.url + "/who").Location()
	if err != nil {
		t.Fatal(err)
	}
	browser.CheckRedirect = nil
	return callback.String()
}

func TestSigningOutEndsTheSessionForEveryCopyOfItsCookie(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), func(_ *portal, config *auth.Config) { config.SignedOut = "/signed-out" })
	browser := signedIn(t, portal)
	copied := browser.cookie(portal.url, "tenure-session")

	browser.Transport = nil
	browser.stopAt("/signed-out")
	got := browser.submit(portal.url+"/auth/logout", nil)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/signed-out" {
		t.Fatalf("signing out: status %d, to %q", got.StatusCode, got.Header.Get("Location"))
	}
	if browser.cookie(portal.url, "tenure-session") != nil {
		t.Error("the browser has kept the cookie")
	}
	thief := newBrowser(t)
	thief.Transport = asHTMX{}
	thief.setCookie(portal.url, copied.Name, copied.Value)
	expect(t, thief.open(portal.url+"/who"), http.StatusUnauthorized, "")
	expect(t, thief.submit(portal.url+"/auth/logout", nil), http.StatusNoContent, "")
}

// slowStore calls a hook between reading a session and writing it back.
type slowStore struct {
	scs.Store
	beforeCommit func()
	deleted      atomic.Bool
}

func (s *slowStore) Commit(token string, data []byte, expiry time.Time) error {
	if hook := s.beforeCommit; hook != nil {
		s.beforeCommit = nil
		hook()
	}
	return s.Store.Commit(token, data, expiry)
}

func (s *slowStore) Delete(token string) error {
	defer s.deleted.Store(true)
	return s.Store.Delete(token)
}

func TestSigningOutWinsOverARequestUnderWay(t *testing.T) {
	store := &slowStore{}
	portal := newForgedPortal(t, newForger(t), func(p *portal, config *auth.Config) {
		store.Store = p.store
		config.Sessions = store
	})
	browser := signedIn(t, portal)
	copied := browser.cookie(portal.url, "tenure-session")
	portal.clock.advance(20 * time.Second) // so that the next use is written down
	store.deleted.Store(false)

	var signingOut sync.WaitGroup
	store.beforeCommit = func() {
		signingOut.Go(func() { browser.submit(portal.url+"/auth/logout", nil) })
		// Give signing out every chance to come in between, which it must not.
		for range 100_000 {
			if store.deleted.Load() {
				return
			}
			runtime.Gosched()
		}
	}
	underWay := newBrowser(t)
	underWay.Transport = asHTMX{}
	underWay.setCookie(portal.url, copied.Name, copied.Value)
	expect(t, underWay.open(portal.url+"/who"), http.StatusOK, danaID)
	signingOut.Wait()
	if !store.deleted.Load() {
		t.Fatal("nobody signed out")
	}
	expect(t, underWay.open(portal.url+"/who"), http.StatusUnauthorized, "")
}

func TestATamperedSessionCookieIsNobodys(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), nil)
	browser := signedIn(t, portal)
	cookie := browser.cookie(portal.url, "tenure-session")
	for _, value := range []string{
		cookie.Value[1:], cookie.Value + "A", strings.ToUpper(cookie.Value), "A" + cookie.Value[1:][:len(cookie.Value)-2] + "-",
		strings.Repeat("x", 3000), "' OR '1'='1",
	} {
		tampered := newBrowser(t)
		tampered.Jar, _ = cookiejar.New(nil)
		tampered.Transport = asHTMX{}
		tampered.setCookie(portal.url, cookie.Name, value)
		expect(t, tampered.open(portal.url+"/who"), http.StatusUnauthorized, "You are not signed in")
	}
}

func TestASessionOfAnotherProviderOrTenantIsNobodys(t *testing.T) {
	f := newForger(t)
	before := newForgedPortal(t, f, nil)
	cookie := signedIn(t, before).cookie(before.url, "tenure-session")
	sameStore := func(p *portal, config *auth.Config) { config.Sessions = before.store }
	for name, change := range map[string]func(config *auth.Config){
		"another issuer": func(config *auth.Config) { config.Issuer = "https://login.example" },
		"another tenant": func(config *auth.Config) { config.Tenants = []string{"11111111-aaaa-4bbb-8ccc-00000000000f"} },
	} {
		t.Run(name, func(t *testing.T) {
			after := newForgedPortal(t, f, func(p *portal, config *auth.Config) { sameStore(p, config); change(config) })
			browser := newBrowser(t)
			browser.Transport = asHTMX{}
			browser.setCookie(after.url, cookie.Name, cookie.Value)
			expect(t, browser.open(after.url+"/who"), http.StatusUnauthorized, "")
		})
		// What is refused is also forgotten, so begin anew.
		cookie = signedIn(t, before).cookie(before.url, "tenure-session")
	}
	t.Run("the same", func(t *testing.T) {
		restarted := newForgedPortal(t, f, sameStore)
		browser := newBrowser(t)
		browser.Transport = asHTMX{}
		browser.setCookie(restarted.url, cookie.Name, cookie.Value)
		expect(t, browser.open(restarted.url+"/who"), http.StatusOK, danaID)
	})
}

func TestASessionThatCannotBeDecodedIsNobodys(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), nil)
	cookie := signedIn(t, portal).cookie(portal.url, "tenure-session")
	stored, err := portal.store.(scs.IterableStore).All()
	if err != nil || len(stored) != 1 {
		t.Fatal(err, len(stored))
	}
	for token := range stored {
		if strings.Contains(token, cookie.Value) {
			t.Error("the store has the cookie's value: whoever reads the database could use it")
		}
		if err := portal.store.Commit(token, []byte("\x00 not a session"), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	browser := newBrowser(t)
	browser.setCookie(portal.url, cookie.Name, cookie.Value)
	expect(t, browser.open(portal.url+"/who"), http.StatusOK, danaID) // by signing in anew
}

// brokenStore is a session store whose database is away.
type brokenStore struct{}

func (brokenStore) Delete(string) error { return errors.New("database is away") }
func (brokenStore) Find(string) ([]byte, bool, error) {
	return nil, false, errors.New("database is away")
}
func (brokenStore) Commit(string, []byte, time.Time) error { return errors.New("database is away") }

func TestWithoutTheDatabaseNobodyIsSignedIn(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), func(_ *portal, config *auth.Config) { config.Sessions = brokenStore{} })
	browser := newBrowser(t)
	expect(t, browser.open(portal.url+"/who"), http.StatusServiceUnavailable, "You could not be signed in, because Tenure's database does not answer")
	browser.setCookie(portal.url, "tenure-session", "some-token")
	expect(t, browser.open(portal.url+"/who"), http.StatusServiceUnavailable, "Tenure cannot tell whether you are signed in")
	expect(t, browser.submit(portal.url+"/auth/logout", nil), http.StatusServiceUnavailable, "You are still signed in")
}

func TestCookiesOnHTTPSAreBoundToTheHost(t *testing.T) {
	portal := newPortal(t, func(p *portal, config *auth.Config, _ *echo.Echo) {
		f := newForger(t)
		p.clock.now = signedAt
		p.url = strings.Replace(p.url, "http://", "https://", 1)
		config.BaseURL, config.Issuer = p.url, f.server.URL
	})
	browser := newBrowser(t)
	browser.Transport = portal.transport
	browser.stopAt("/authorize")
	checkCookie(t, browser.open(portal.url+"/auth/login"), "__Host-tenure-signin-")
	browser.stopAt("/who")
	checkCookie(t, browser.open(portal.url+"/auth/login?next=/who"), "__Host-tenure-session")
}

func checkCookie(t *testing.T, got answer, prefix string) {
	t.Helper()
	for _, cookie := range got.Cookies() {
		if !strings.HasPrefix(cookie.Name, prefix) {
			continue
		}
		if !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
			t.Errorf("cookie %s", cookie)
		}
		return
	}
	t.Errorf("status %d of %s sets no cookie %s: %v", got.StatusCode, got.Request.URL, prefix, got.Header)
}
