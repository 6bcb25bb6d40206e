package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func TestTheVerdictNamesRuleFieldValueAndWhatIsAllowed(t *testing.T) {
	service := furnished()
	got := post(t, portal(service, dana), "/try", url.Values{
		"cluster": {"weu-1"}, "user": {"dana"}, "groups": {"team-a, team-b\tsystem:authenticated"}, "manifest": {"kind: Pod\r\n"},
	})
	want := workflow.Question{Cluster: "weu-1", User: "dana", Groups: []string{"team-a", "team-b", "system:authenticated"}, Manifest: []byte("kind: Pod\n")}
	if diff := cmp.Diff(want, service.question); diff != "" {
		t.Errorf("question (-want +got):\n%s", diff)
	}
	for _, part := range []string{"Denied", "Allowed", "trusted-registry", "spec.containers[0].image", "docker.io/nginx", "registry docker.io is not trusted", "Rests on request 57 at commit 9d41c70b6a5f."} {
		if !strings.Contains(text(got.page), part) {
			t.Errorf("the verdict does not say %q", part)
		}
	}
}

func TestAManifestThatCannotBeReadKeepsWhatWasTyped(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		form url.Values
		says string
	}{
		"nothing pasted": {nil, url.Values{"user": {"dana"}, "cluster": {"weu-1"}}, "Paste a manifest"},
		"nobody applies": {nil, url.Values{"manifest": {"kind: Pod"}, "cluster": {"weu-1"}}, "Say who would apply it"},
		"no YAML":        {workflow.Refuse(workflow.Invalid, "line 3 is not YAML."), url.Values{"manifest": {"a: ["}, "user": {"dana"}, "cluster": {"weu-1"}}, "line 3 is not YAML."},
	} {
		t.Run(name, func(t *testing.T) {
			service := furnished()
			service.tryErr = test.err
			got := post(t, portal(service, dana), "/try", test.form)
			if got.status != http.StatusUnprocessableEntity || !strings.Contains(text(got.page), test.says) {
				t.Errorf("got %d without %q", got.status, test.says)
			}
			kept := formValues(got.page)
			for field := range test.form {
				if kept[field] != test.form.Get(field) {
					t.Errorf("%s: %q is in the form", field, kept[field])
				}
			}
		})
	}
}

func TestTheFormBeginsWithItsReaderAndTheirGroups(t *testing.T) {
	reader := dana
	reader.Groups = append([]string{"90ab0000-0000-4000-8000-000000000009"}, dana.Groups...)
	service := furnished()
	h := portal(service, reader)
	for path, as := range map[string]string{"/try": "person", "/try?example=privileged": "person", "/try?example=namespace": "gitops"} {
		kept := formValues(get(t, h, path).page)
		if kept["as"] != as || kept["user"] != reader.Username || kept["cluster"] != "neu-1" {
			t.Errorf("%s: the form has %v", path, kept)
		}
		form := url.Values{}
		for field, value := range kept {
			form.Set(field, value)
		}
		form.Set("as", "person")
		form.Set("manifest", "kind: Pod")
		post(t, h, "/try", form)
		if diff := cmp.Diff(reader.Groups, service.question.Groups); diff != "" || service.question.User != reader.Username {
			t.Errorf("%s: sent as it is, it asks for %q in (-want +got):\n%s", path, service.question.User, diff)
		}
	}
}

func TestTheGitOpsIdentityIsOneChoiceAway(t *testing.T) {
	service := furnished()
	got := post(t, portal(service, dana), "/try", url.Values{
		"cluster": {"weu-1"}, "as": {"gitops"}, "user": {"dana"}, "groups": {"team-a"}, "manifest": {"kind: Pod"},
	})
	if service.question.User != policy().GitOpsIdentity || service.question.Groups != nil {
		t.Errorf("asked as %q in %v", service.question.User, service.question.Groups)
	}
	if kept := formValues(got.page); kept["as"] != "gitops" || kept["user"] != "dana" || kept["groups"] != "team-a" {
		t.Errorf("the form has %v", kept)
	}
}

func TestTheClusterIsRememberedWhereThereStillIsOne(t *testing.T) {
	service := furnished()
	h := portal(service, dana)
	answered := post(t, h, "/try", url.Values{"cluster": {"weu-1"}, "user": {"dana"}, "manifest": {"kind: Pod"}})
	cookie, err := http.ParseSetCookie(answered.header.Get("Set-Cookie"))
	if err != nil || !cookie.HttpOnly || cookie.Path != "/try" {
		t.Fatalf("the cookie is %v, %v", cookie, err)
	}
	again := func() string {
		request := httptest.NewRequest(http.MethodGet, "/try", nil)
		request.AddCookie(cookie)
		return formValues(send(t, h, request).page)["cluster"]
	}
	if got := again(); got != "weu-1" {
		t.Errorf("the form has %q", got)
	}
	delete(service.choices.Policy.Clusters, "weu-1")
	if got := again(); got != "neu-1" {
		t.Errorf("without that cluster the form has %q", got)
	}
}

func TestAllowedIsNotTakenForApproved(t *testing.T) {
	const nobodys = "No tenant holds this namespace on neu-1, so no tenant's rules were applied."
	for name, test := range map[string]struct {
		verdict workflow.Verdict
		says    string // empty: no caution
	}{
		"in nobody's namespace":     {workflow.Verdict{Object: "Pod payments-api-dev/web", Allowed: true}, nobodys},
		"a namespace of nobody":     {workflow.Verdict{Object: "Namespace kube-system", Allowed: true}, nobodys},
		"in no namespace":           {workflow.Verdict{Object: "ClusterRole reader", Allowed: true}, "It names no namespace, so no tenant's rules were applied."},
		"in a tenant's namespace":   {workflow.Verdict{Object: "Pod payments-api-dev/web", Allowed: true, Tenant: "payments", Request: 42}, ""},
		"given by the first commit": {workflow.Verdict{Object: "Pod payments-api-dev/web", Allowed: true, Tenant: "payments"}, ""},
		"refused, and nobody's yet": {workflow.Verdict{Object: "Namespace payments-shadow"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			service := furnished()
			service.verdict = []workflow.Verdict{test.verdict}
			got := post(t, portal(service, dana), "/try", url.Values{"cluster": {"neu-1"}, "user": {"dana"}, "manifest": {"kind: Pod"}})
			caution := find(got.page, func(n *html.Node) bool { return strings.HasPrefix(attribute(n, "class"), "caution") })
			if text(caution) != test.says {
				t.Errorf("the page says %q, want %q", text(caution), test.says)
			}
			pill := find(got.page, func(n *html.Node) bool { return strings.HasPrefix(attribute(n, "class"), "pill") })
			if good := strings.Contains(attribute(pill, "class"), "tone-good"); good != (test.verdict.Allowed && test.says == "") {
				t.Errorf("the colour of approval: %v", good)
			}
		})
	}
}

func TestADenialsLinkLeadsToWhereToAsk(t *testing.T) {
	for ask, want := range map[string][2]string{
		"Ask for a namespace: https://tenure.example/requests/new/namespace": {"Ask for a namespace", "https://tenure.example/requests/new/namespace"},
		"https://tenure.example/rules":                                       {"Where to ask", "https://tenure.example/rules"},
		"Ask the platform team.":                                             {"Ask the platform team.", ""},
		"javascript:alert(1)":                                                {"javascript:alert(1)", ""},
		"See https://tenure.example and then wait":                           {"See https://tenure.example and then wait", ""},
	} {
		if words, href := askLink(ask); words != want[0] || href != want[1] {
			t.Errorf("%q: %q leads to %q", ask, words, href)
		}
	}
}

func TestAnExampleThatNeedsANamespaceIsInOneOfTheReaders(t *testing.T) {
	kept := formValues(get(t, portal(furnished(), dana), "/try?example=policy-open").page)
	if kept["cluster"] != "weu-1" || !strings.Contains(kept["manifest"], "namespace: payments-api-prod\n") {
		t.Errorf("it is on %q:\n%s", kept["cluster"], kept["manifest"])
	}
	service := furnished()
	service.choices.Tenants = nil
	if kept := formValues(get(t, portal(service, sam), "/try?example=policy-open").page); kept["cluster"] != "neu-1" {
		t.Errorf("to people without a namespace it is on %q", kept["cluster"])
	}
}
