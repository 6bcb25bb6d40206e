package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestALinkFillsInTheForm(t *testing.T) {
	for name, test := range map[string]struct {
		link url.Values
		want map[string]string
		plan bool
	}{
		"everything": {goodForm(), map[string]string{
			"tenant": "payments", "name": "payments-api-dev", "environment": "dev", "cluster": "weu-1", "size": "small",
			"podSecurity": "baseline", "purpose": "Development of the card payments API.",
		}, true},
		"what a denial knows": {url.Values{"cluster": {"neu-1"}, "name": {"payments-shadow"}}, map[string]string{
			"tenant": "payments", "name": "payments-shadow", "environment": "dev", "cluster": "neu-1", "size": "small", "podSecurity": "restricted", "purpose": "",
		}, true},
		"nothing":          {url.Values{}, map[string]string{"tenant": "payments", "name": "", "podSecurity": "restricted"}, false},
		"another's tenant": {url.Values{"tenant": {"logistics"}}, map[string]string{"tenant": "logistics"}, false},
		"hostile": {url.Values{"name": {"\"><script>alert(1)</script>"}, "size": {"\u202Elarge"}},
			map[string]string{"name": "\"><script>alert(1)</script>", "size": "\u202Elarge"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			service := furnished()
			got := get(t, portal(service, dana), "/requests/new/namespace?"+test.link.Encode())
			kept := formValues(got.page)
			for field, want := range test.want {
				if kept[field] != want {
					t.Errorf("%s: %q is in the form, want %q", field, kept[field], want)
				}
			}
			if shown := strings.Contains(got.body, "approved/payments.yaml"); shown != test.plan {
				t.Errorf("the plan is shown: %v, want %v", shown, test.plan)
			}
			if strings.Contains(got.body, "<script>alert") {
				t.Error("the link came through as markup")
			}
		})
	}
}

func TestALinkThatIsWrongSaysSoWithoutScolding(t *testing.T) {
	service := furnished()
	service.planErr = everythingWrong()
	got := get(t, portal(service, dana), "/requests/new/namespace?name=Bad")
	if got.status != http.StatusOK || text(byID(got.page, "name-problem")) == "" || text(byID(got.page, "purpose-problem")) != "" {
		t.Errorf("got %d; name: %q, purpose: %q", got.status, text(byID(got.page, "name-problem")), text(byID(got.page, "purpose-problem")))
	}
	if find(got.page, func(n *html.Node) bool { return attribute(n, "role") == "alert" }) != nil {
		t.Error("the page begins with an error summary, and nothing was sent")
	}
}
