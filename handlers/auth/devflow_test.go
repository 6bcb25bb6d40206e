package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

func TestSigningInThroughTheDevelopmentProviderGivesTheActor(t *testing.T) {
	portal := newDevPortal(t, nil)
	for objectID, want := range map[string]workflow.Actor{
		danaID: {
			Person: workflow.Person{ID: workflow.PersonID{Tenant: tenantID, Object: danaID}, Name: "Dana Developer", Username: "dana@contoso.example"},
			Groups: []string{groupID, ownersID},
		},
		samID: {
			Person: workflow.Person{ID: workflow.PersonID{Tenant: tenantID, Object: samID}, Name: "Sam Security", Username: "sam@contoso.example"},
			Roles:  []workflow.Role{workflow.RoleSecurity},
		},
	} {
		got := newBrowser(t).signIn(portal.url+"/who", objectID)
		expect(t, got, http.StatusOK, objectID)
		var actor workflow.Actor
		if err := json.Unmarshal([]byte(got.text), &actor); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, actor); diff != "" {
			t.Errorf("actor (-want +got):\n%s", diff)
		}
	}
	if !strings.Contains(portal.log.String(), `msg="signed in" person=`+tenantID+"/"+danaID) {
		t.Errorf("the log does not say who signed in:\n%s", portal.log)
	}
}

func TestSigningInReturnsToThePageThatWasWanted(t *testing.T) {
	portal := newDevPortal(t, nil)
	browser := newBrowser(t)
	got := browser.signIn(portal.url+"/requests/42?tab=diff", danaID)
	expect(t, got, http.StatusOK, "request 42")
	if got.Request.URL.RequestURI() != "/requests/42?tab=diff" {
		t.Errorf("came back to %s", got.Request.URL)
	}
	got = browser.open(portal.url + "/auth/login?next=/requests/7")
	expect(t, got, http.StatusOK, "request 7")
	got = browser.open(portal.url + "/auth/login?next=//evil.example/x")
	expect(t, got, http.StatusOK, "home")
}

func TestSeveralTabsCanSignInAtOnce(t *testing.T) {
	portal := newDevPortal(t, nil)
	browser := newBrowser(t)
	first := browser.open(portal.url + "/requests/1")
	second := browser.open(portal.url + "/requests/2")
	expect(t, browser.pick(first, "person", danaID), http.StatusOK, "request 1")
	expect(t, browser.pick(second, "person", danaID), http.StatusOK, "request 2")
}

func TestSignInsThatAreBegunAndNotEndedDoNotPileUp(t *testing.T) {
	portal := newDevPortal(t, nil)
	browser := newBrowser(t)
	for range 12 {
		browser.open(portal.url + "/who")
	}
	address, _ := url.Parse(portal.url)
	if kept := len(browser.Jar.Cookies(address)); kept > 5 {
		t.Errorf("the browser keeps %d cookies", kept)
	}
	expect(t, browser.signIn(portal.url+"/who", danaID), http.StatusOK, danaID)
}

func TestCancellingAtTheProviderSaysThatNobodyIsSignedIn(t *testing.T) {
	portal := newDevPortal(t, nil)
	browser := newBrowser(t)
	got := browser.pick(browser.open(portal.url+"/who"), "cancel", "yes")
	expect(t, got, http.StatusForbidden, "You were not signed in: it was cancelled")
	if browser.cookie(portal.url, "tenure-session") != nil {
		t.Error("there is a session all the same")
	}
}

// backFromProvider signs in up to the callback, which is left to the test.
func backFromProvider(t *testing.T, portal *portal, browser *browser) *url.URL {
	t.Helper()
	browser.stopAt("/auth/callback")
	got := browser.signIn(portal.url+"/who", danaID)
	callback, err := got.Location()
	if err != nil || callback.Path != "/auth/callback" {
		t.Fatalf("not on the way back: %s %v", callback, err)
	}
	browser.CheckRedirect = nil
	return callback
}

// rewrite changes the sign-in that the browser has begun.
func rewrite(t *testing.T, portal *portal, browser *browser, change func(attempt map[string]any)) {
	t.Helper()
	cookie := browser.cookie(portal.url, "tenure-signin-")
	data, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		t.Fatal(err)
	}
	var attempt map[string]any
	if err := json.Unmarshal(data, &attempt); err != nil {
		t.Fatal(err)
	}
	change(attempt)
	if data, err = json.Marshal(attempt); err != nil {
		t.Fatal(err)
	}
	browser.setCookie(portal.url, cookie.Name, base64.RawURLEncoding.EncodeToString(data))
}

const (
	notBegunHere = "This sign-in was begun in another browser"
	notVerified  = "could not be verified, so you were not signed in"
)

func TestWhatDoesNotBelongToTheSignInIsRefused(t *testing.T) {
	portal := newDevPortal(t, nil)
	other := func(key string) func(map[string]any) {
		return func(attempt map[string]any) { attempt[key] = strings.Repeat("A", len(attempt[key].(string))) }
	}
	cases := map[string]struct {
		prepare  func(t *testing.T, browser *browser, callback *url.URL)
		sentence string
		cause    string
	}{
		"another state": {
			func(_ *testing.T, _ *browser, callback *url.URL) {
				setQuery(callback, "state", strings.Repeat("A", 26))
			},
			notBegunHere, "no sign-in with this state",
		},
		"no state": {
			func(_ *testing.T, _ *browser, callback *url.URL) { setQuery(callback, "state", "") },
			notBegunHere, "no sign-in with this state",
		},
		"a cookie of another state": {
			func(t *testing.T, browser *browser, _ *url.URL) { rewrite(t, portal, browser, other("state")) },
			notBegunHere, "no sign-in with this state",
		},
		"another nonce": {
			func(t *testing.T, browser *browser, _ *url.URL) { rewrite(t, portal, browser, other("nonce")) },
			notVerified, "nonce is not the one that was sent",
		},
		"another PKCE verifier": {
			func(t *testing.T, browser *browser, _ *url.URL) { rewrite(t, portal, browser, other("verifier")) },
			notVerified, "invalid code_verifier",
		},
		"an invented code": {
			func(_ *testing.T, _ *browser, callback *url.URL) { setQuery(callback, "code", "invented") },
			notVerified, "invalid code",
		},
		"an error invented by another site": {
			func(_ *testing.T, _ *browser, callback *url.URL) {
				callback.RawQuery = "error=access_denied&error_description=Call+555-1234"
			},
			notBegunHere, "no sign-in with this state",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			browser := newBrowser(t)
			callback := backFromProvider(t, portal, browser)
			test.prepare(t, browser, callback)
			expect(t, browser.open(callback.String()), http.StatusForbidden, test.sentence)
			if browser.cookie(portal.url, "tenure-session") != nil {
				t.Error("there is a session all the same")
			}
			if !strings.Contains(portal.log.String(), test.cause) {
				t.Errorf("the log does not say %q", test.cause)
			}
		})
	}
}

func setQuery(address *url.URL, key, value string) {
	query := address.Query()
	query.Set(key, value)
	address.RawQuery = query.Encode()
}

func TestACodeIsGoodForOneTime(t *testing.T) {
	portal := newDevPortal(t, nil)
	browser := newBrowser(t)
	callback := backFromProvider(t, portal, browser)
	begun := browser.cookie(portal.url, "tenure-signin-")
	expect(t, browser.open(callback.String()), http.StatusOK, danaID)
	expect(t, browser.open(callback.String()), http.StatusForbidden, notBegunHere)

	// Somebody who kept the cookie too gets no further than the provider.
	thief := newBrowser(t)
	thief.setCookie(portal.url, begun.Name, begun.Value)
	expect(t, thief.open(callback.String()), http.StatusForbidden, notVerified)
}

func TestASignInThatTookTooLongIsRefused(t *testing.T) {
	portal := newDevPortal(t, nil)
	browser := newBrowser(t)
	callback := backFromProvider(t, portal, browser)
	portal.clock.advance(11 * time.Minute)
	expect(t, browser.open(callback.String()), http.StatusForbidden, notBegunHere)
}

// spy keeps what the portal and the provider say to each other.
type spy struct {
	secrets []string
}

var tokenField = regexp.MustCompile(`"(?:id|access)_token":"([^"]+)"`)

func (s *spy) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		s.secrets = append(s.secrets, form.Get("code"), form.Get("code_verifier"))
		request.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	for _, found := range tokenField.FindAllStringSubmatch(string(body), -1) {
		s.secrets = append(s.secrets, found[1])
	}
	response.Body = io.NopCloser(strings.NewReader(string(body)))
	return response, nil
}

func TestNoTokenOrSecretReachesTheLogOrAPage(t *testing.T) {
	seen := &spy{}
	portal := newDevPortal(t, func(config *auth.Config) {
		config.Client = &http.Client{Transport: seen}
		config.Log.Info("configuration", "sign-in", *config)
		seen.secrets = append(seen.secrets, config.ClientSecret.Reveal())
	})
	browser := newBrowser(t)
	callback := backFromProvider(t, portal, browser)
	expect(t, browser.open(callback.String()), http.StatusOK, danaID)
	seen.secrets = append(seen.secrets, browser.cookie(portal.url, "tenure-session").Value)
	// A refused sign-in logs its cause.
	callback = backFromProvider(t, portal, newBrowser(t))
	browser.open(callback.String())
	refused := newBrowser(t)
	callback = backFromProvider(t, portal, refused)
	rewrite(t, portal, refused, func(attempt map[string]any) { attempt["verifier"] = strings.Repeat("v", 43) })
	refused.open(callback.String())

	if len(seen.secrets) < 7 {
		t.Fatalf("the test saw only %d secrets", len(seen.secrets))
	}
	for _, secret := range seen.secrets {
		if secret == "" {
			t.Error("a secret is empty")
			continue
		}
		for where, text := range map[string]string{"log": portal.log.String(), "pages": browser.pages.String() + refused.pages.String()} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in the %s", secret, where)
			}
		}
	}
}
