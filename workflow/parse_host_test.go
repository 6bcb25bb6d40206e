package workflow_test

import (
	"regexp"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestAHostIsReadInLowerCaseAndAnythingElseIsAnswered(t *testing.T) {
	for text, test := range map[string]struct{ want, says string }{
		"api.example.com":               {want: "api.example.com"},
		" API.Example.com ":             {want: "api.example.com"},
		"api.example.com.":              {want: "api.example.com"},
		"a.b":                           {want: "a.b"},
		"xn--bcher-kva.example.com":     {want: "xn--bcher-kva.example.com"},
		"1.example.com":                 {want: "1.example.com"},
		"a--b.example.com":              {want: "a--b.example.com"},
		strings.Repeat("a", 63) + ".io": {want: strings.Repeat("a", 63) + ".io"},

		"":                                   {says: "Type the name of a host, such as api.example.com."},
		".":                                  {says: "Type the name of a host"},
		"https://api.example.com/v1":         {says: `"https://api.example.com/v1" is more than the name of a host; did you mean "api.example.com"?`},
		"api.example.com:8443":               {says: `did you mean "api.example.com"?`},
		"api.example.com/":                   {says: `did you mean "api.example.com"?`},
		"api.example.com?x=1":                {says: `did you mean "api.example.com"?`},
		"*.example.com":                      {says: `"*.example.com" stands for many names, and each host is approved by its own. Name them one by one.`},
		"a*.example.com":                     {says: "stands for many names"},
		"*":                                  {says: "stands for many names"},
		"localhost":                          {says: "is a name of the cluster or of the host itself"},
		"web.payments-api.svc":               {says: "is a name of the cluster"},
		"web.payments-api.svc.cluster.local": {says: "is a name of the cluster"},
		"api":                                {says: `"api" is not a full DNS name, such as api.example.com.`},
		"api..example.com":                   {says: "is not a full DNS name"},
		".example.com":                       {says: "is not a full DNS name"},
		"-api.example.com":                   {says: "is not a full DNS name"},
		"api-.example.com":                   {says: "is not a full DNS name"},
		"a_b.example.com":                    {says: "is not a full DNS name"},
		strings.Repeat("a", 64) + ".io":      {says: "is not a full DNS name"},
		"10.1.2.3":                           {says: `"10.1.2.3" is an address, not the name of a host.`},
		"api.10":                             {says: "is an address"},
		"fd00::1":                            {says: "is an address"},
		"a b.example.com":                    {says: "has a character that no name in DNS has"},
		"bücher.example.com":                 {says: "in a form that begins with xn--"},
		"аpi.example.com":                    {says: "mixes Latin letters with U+0430 CYRILLIC SMALL LETTER A"},
		"api\u200b.example.com":              {says: "has a character that no name in DNS has"},
		"api.example.com\x00":                {says: "has a character that no name in DNS has"},
		strings.Repeat("a.", 130) + "com":    {says: "The name has 263 characters; at most 253 are allowed."},
	} {
		got, message := workflow.ParseHost(text)
		says(t, text, message, test.says)
		if got != test.want {
			t.Errorf("%q is read as %q, want %q", text, got, test.want)
		}
	}
}

// hostName is RFC 1123 as Kubernetes words it (IsDNS1123Subdomain), which is what
// the API server takes for the host of an Ingress.
var hostName = regexp.MustCompile(`\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+\z`)

func FuzzParseHost(f *testing.F) {
	for _, text := range []string{"", "api.example.com", "https://API.example.com:8443/v1?x#y", "*.example.com", "10.1.2.3", "[::1]:80", "http://a.b:", "аpi.example.com", "a.b..", "xn--a.b", "://", "a.b:80:80", "http://http://a.b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		host, message := workflow.ParseHost(text)
		if (message == "") != hostName.MatchString(host) || len(host) > 253 {
			t.Fatalf("%q: read %q, says %q", text, host, message)
		}
		if again, _ := workflow.ParseHost(host); again != host {
			t.Fatalf("%q: read %q, and that is read %q", text, host, again)
		}
		for _, suggestion := range meant(message) {
			if again, wrong := workflow.ParseHost(suggestion); again != suggestion {
				t.Fatalf("%q: it suggests %q, of which it says %q", text, suggestion, wrong)
			}
		}
	})
}
