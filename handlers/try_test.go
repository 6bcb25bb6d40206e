package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	for _, part := range []string{"Denied", "Allowed", "trusted-registry", "spec.containers[0].image", "docker.io/nginx", "registry docker.io is not trusted", "Request 57"} {
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

func TestAnExampleFillsInTheForm(t *testing.T) {
	kept := formValues(get(t, portal(furnished(), dana), "/try?example=privileged").page)
	if !strings.Contains(kept["manifest"], "privileged: true") || kept["user"] != dana.Username {
		t.Errorf("the form has %v", kept)
	}
}
