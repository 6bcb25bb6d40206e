package auth

import (
	"net/url"
	"strings"
	"testing"
)

func TestOnlyPathsOfThePortalAreReturnedTo(t *testing.T) {
	for next, want := range map[string]string{
		"/":                              "/",
		"/queue":                         "/queue",
		"/requests/42?tab=diff&x=%2F%2F": "/requests/42?tab=diff&x=%2F%2F",
		"/tenants/payments/":             "/tenants/payments/",
		"/requests/42#files":             "/requests/42#files",
		"/try?q=a//b":                    "/try?q=a//b",
		"/n%C3%A9e":                      "/n%C3%A9e",

		"":                              "/",
		"queue":                         "/",
		"https://evil.example/":         "/",
		"//evil.example":                "/",
		"///evil.example":               "/",
		`/\evil.example`:                "/",
		`\/evil.example`:                "/",
		`/queue\..\..\evil`:             "/",
		"/\t/evil.example":              "/",
		"/\n/evil.example":              "/",
		"\t//evil.example":              "/",
		" //evil.example":               "/",
		"/queue\r\nSet-Cookie: a=b":     "/",
		"/.//evil.example":              "/",
		"/..//evil.example":             "/",
		"/a/..//evil.example":           "/",
		"/%2f/evil.example":             "/",
		"/%5cevil.example":              "/",
		"/%2e%2e//evil.example":         "/",
		`/queue?x=\evil`:                "/",
		"javascript:alert(1)":           "/",
		"/%zz":                          "/",
		"/\x00":                         "/",
		"/\x7f":                         "/",
		"/née":                          "/",
		"/auth/logout":                  "/",
		"/auth/login?next=/queue":       "/",
		"/" + strings.Repeat("a", 2048): "/",
		"/" + strings.Repeat(`"`, 2000): "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("localPath(%q) = %q, want %q", next, got, want)
		}
	}
}

// FuzzLocalPath reads the result as a browser does (WHATWG URL: tabs and line
// breaks vanish, backslashes are slashes) and wants to stay on the portal.
func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/queue?x=1#y", "//evil", `/\evil`, "/\t/evil", "/%2f/evil", "/.//evil", "https:evil", "/auth/login", "/a;b/../c//"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://tenure.example.com/auth/callback")
	if err != nil {
		f.Fatal(err)
	}
	browser := strings.NewReplacer("\t", "", "\r", "", "\n", "", `\`, "/")
	f.Fuzz(func(t *testing.T, next string) {
		got := localPath(next)
		read := browser.Replace(got)
		if read != got || !strings.HasPrefix(read, "/") || strings.HasPrefix(read, "//") {
			t.Fatalf("localPath(%q) = %q", next, got)
		}
		reference, err := url.Parse(got)
		if err != nil {
			t.Fatalf("localPath(%q) = %q: %v", next, got, err)
		}
		if to := base.ResolveReference(reference); to.Scheme != "https" || to.Host != "tenure.example.com" || strings.HasPrefix(to.Path, "//") {
			t.Fatalf("localPath(%q) = %q leads to %s", next, got, to)
		}
		if again := localPath(got); again != got {
			t.Fatalf("localPath(%q) = %q, and of that %q", next, got, again)
		}
	})
}
