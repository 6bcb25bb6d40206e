package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser keeps cookies and follows redirects.
type browser struct {
	testing.TB
	client *http.Client
	portal string // its URL
}

// newBrowser is for a portal; the transport is the default one when nil.
func newBrowser(t testing.TB, portal string, transport http.RoundTripper) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: transport, Timeout: patience}
	t.Cleanup(client.CloseIdleConnections)
	return &browser{t, client, portal}
}

// page is an answer that was read.
type page struct {
	status  int
	address *url.URL
	text    string
}

func (b *browser) send(method, address string, form url.Values) page {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		request.Header.Set("Origin", b.portal)
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return page{response.StatusCode, response.Request.URL, html.UnescapeString(string(text))}
}

func (b *browser) open(path string) page {
	b.Helper()
	return b.send(http.MethodGet, b.portal+path, nil)
}

func (b *browser) submit(path string, form url.Values) page {
	b.Helper()
	return b.send(http.MethodPost, b.portal+path, form)
}

// want checks the status, and that the page's text holds the texts.
func (p page) want(t testing.TB, status int, texts ...string) page {
	t.Helper()
	for _, text := range append(texts, "") {
		if p.status != status || !strings.Contains(p.text, text) {
			t.Fatalf("%s: status %d, want %d with %q:\n%s", p.address, p.status, status, text, p.text)
		}
	}
	return p
}

// hidden reads a hidden field of a page's form.
func (p page) hidden(t testing.TB, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(p.text)
	if found == nil {
		t.Fatalf("%s has no field %q:\n%s", p.address, name, p.text)
	}
	return found[1]
}

// signIn signs a person in by the development provider, on the way to a page.
func (b *browser) signIn(name, path string) page {
	b.Helper()
	choice := b.open(path).want(b, http.StatusOK, name)
	return b.send(http.MethodPost, choice.address.String(), url.Values{
		"request": {choice.hidden(b, "request")}, "person": {person(b, name).ID.Object},
	})
}

// ask asks for a namespace of payments and gives the request's path.
func (b *browser) ask(namespace string) (path string) {
	b.Helper()
	return b.submit("/requests", url.Values{
		"tenant": {"payments"}, "name": {namespace}, "cluster": {devCluster}, "environment": {"dev"},
		"size": {"small"}, "podSecurity": {"baseline"}, "purpose": {"Try things out"},
	}).want(b, http.StatusOK, namespace).address.Path
}

// approve votes for a request.
func (b *browser) approve(path string) {
	b.Helper()
	digest := b.open(path).want(b, http.StatusOK).hidden(b, "digest")
	b.submit(path+"/review", url.Values{"vote": {"approve"}, "digest": {digest}}).want(b, http.StatusOK)
}
