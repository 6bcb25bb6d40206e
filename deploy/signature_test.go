package deploy_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestArgoCDAppliesOnlyWhatIsSignedWithTheTrustedKey(t *testing.T) {
	overlay, err := os.ReadFile("overlays/example/kustomization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	trust := regexp.MustCompile(`TENURE_TRUST=(\w+)`).FindSubmatch(overlay)
	if trust == nil {
		t.Fatal("the example pins no key")
	}
	projects := 0
	for _, f := range read(t, "argocd") {
		if f.object.GetKind() != "AppProject" {
			continue
		}
		projects++
		policies, _, err := unstructured.NestedSlice(f.object.Object, "spec", "sourceIntegrity", "git", "policies")
		if err != nil || len(policies) != 1 { // two that match are an error to Argo CD
			t.Errorf("%s has %d policies of source integrity: %v", f.path, len(policies), err)
			continue
		}
		policy, _ := policies[0].(map[string]any)
		mode, _, _ := unstructured.NestedString(policy, "gpg", "mode")
		keys, _, _ := unstructured.NestedStringSlice(policy, "gpg", "keys")
		if repos, _, _ := unstructured.NestedSlice(policy, "repos"); len(repos) != 1 || repos[0].(map[string]any)["url"] != "*" {
			t.Errorf("%s verifies %v, not every repository", f.path, repos)
		}
		if mode != "head" || !slices.Equal(keys, []string{string(trust[1])}) {
			t.Errorf("%s verifies %q with the keys %q", f.path, mode, keys)
		}
	}
	if projects != 2 {
		t.Errorf("there are %d projects", projects)
	}
}
