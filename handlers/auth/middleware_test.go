package auth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"tenure.dev/handlers/auth"
)

func TestRefusalOfPeopleWhoAreNotSignedIn(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), nil)
	for name, test := range map[string]struct {
		method, path string
		header       map[string]string
		status       int
		location     string
		htmx         string
	}{
		"a page is opened":              {method: "GET", path: "/requests/42?tab=diff", status: 303, location: "/auth/login?next=%2Frequests%2F42%3Ftab%3Ddiff"},
		"only its head":                 {method: "HEAD", path: "/requests/42", status: 303, location: "/auth/login?next=%2Frequests%2F42"},
		"a path that looks like a host": {method: "GET", path: "//evil.example/requests/1", status: 303, location: "/auth/login"},
		"a form is sent":                {method: "POST", path: "/change", status: 401},
		"htmx asks": {
			method: "GET", path: "/who", status: 401, htmx: "/auth/login?next=%2Frequests%2F42",
			header: map[string]string{"HX-Request": "true", "HX-Current-URL": portal.url + "/requests/42"},
		},
		"htmx sends": {
			method: "POST", path: "/change", status: 401, htmx: "/auth/login",
			header: map[string]string{"HX-Request": "true", "HX-Current-URL": "https://evil.example/requests/42"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			browser := newBrowser(t)
			browser.stopAt("/auth/login")
			request, err := http.NewRequestWithContext(context.Background(), test.method, portal.url+test.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			for key, value := range test.header {
				request.Header.Set(key, value)
			}
			got := browser.send(request)
			if got.StatusCode != test.status || got.Header.Get("Location") != test.location || got.Header.Get("HX-Redirect") != test.htmx {
				t.Errorf("status %d, Location %q, HX-Redirect %q", got.StatusCode, got.Header.Get("Location"), got.Header.Get("HX-Redirect"))
			}
		})
	}
	if portal.changes != 0 {
		t.Error("something was changed all the same")
	}
}

func TestPagesOfSignedInPeopleAreNotKeptByCaches(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), nil)
	got := newBrowser(t).open(portal.url + "/who")
	if got.Header.Get("Cache-Control") != "no-store" || !strings.Contains(strings.Join(got.Header.Values("Vary"), ","), "Cookie") {
		t.Errorf("header %v", got.Header)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), nil)
	browser := signedIn(t, portal)
	browser.Transport = nil
	for name, test := range map[string]struct {
		header map[string]string
		status int
	}{
		"the portal's own page":          {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": portal.url}, 204},
		"an older browser, own page":     {map[string]string{"Origin": portal.url}, 204},
		"no browser":                     {nil, 204},
		"another site":                   {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		"another site of the same owner": {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://blog.example.com"}, 403},
		"an older browser, another site": {map[string]string{"Origin": "https://evil.example"}, 403},
		"a sandboxed frame":              {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403},
		"another port":                   {map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/change", "/auth/logout"} {
				request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, portal.url+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				for key, value := range test.header {
					request.Header.Set(key, value)
				}
				if path == "/auth/logout" && test.status != 403 {
					continue // it would end the session of the other cases
				}
				if got := browser.send(request); got.StatusCode != test.status {
					t.Errorf("POST %s: status %d, want %d", path, got.StatusCode, test.status)
				}
			}
		})
	}
	if portal.changes != 3 {
		t.Errorf("%d changes were let through, want 3", portal.changes)
	}
}

func TestNobodyHoldsNothing(t *testing.T) {
	portal := newForgedPortal(t, newForger(t), nil)
	expect(t, newBrowser(t).open(portal.url+"/"), http.StatusOK, "home")
	members, known, err := auth.NoDirectory{}.Members(context.Background(), groupID)
	if members != nil || known || err != nil {
		t.Errorf("a directory that is not there says %v, %v, %v", members, known, err)
	}
}
