package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

func TestAPolicyIsCheckedFieldByField(t *testing.T) {
	type rules = map[string]workflow.RuleSetting
	cases := map[string]struct {
		policy workflow.Policy
		fields []string
	}{
		"nothing set":    {workflow.Policy{}, nil},
		"the test's own": {testPolicy(), nil},
		"an unknown rule": {workflow.Policy{Rules: rules{"image-color": {Mode: "deny"}}},
			[]string{"spec.rules.image-color"}},
		"an unknown parameter": {workflow.Policy{Rules: rules{"trusted-registry": setting("deny", `{"images":["a.io/*"],"image":"b"}`)}},
			[]string{"spec.rules.trusted-registry.image"}},
		"an unknown parameter deeper down": {workflow.Policy{Rules: rules{"required-label": setting("deny", `{"labels":[{"key":"a","regex":"b"}]}`)}},
			[]string{"spec.rules.required-label.labels[0].regex"}},
		"every pattern that means nothing": {workflow.Policy{Rules: rules{"trusted-registry": setting("deny", `{"images":["*","a.io/*","b.io/x*"]}`)}},
			[]string{"spec.rules.trusted-registry.images[0]", "spec.rules.trusted-registry.images[2]"}},
		"a parameter of another type": {workflow.Policy{Rules: rules{"trusted-registry": setting("deny", `{"images":"a.io/*"}`)}},
			[]string{"spec.rules.trusted-registry.images"}},
		"no parameter": {workflow.Policy{Rules: rules{"trusted-registry": {Mode: "deny"}, "required-label": {Mode: "warn"}}},
			[]string{"spec.rules.required-label.labels", "spec.rules.trusted-registry.images"}},
		"no parameter for a rule that is off": {workflow.Policy{Rules: rules{"trusted-registry": {Mode: "off"}}}, nil},
		"no mode":                             {workflow.Policy{Rules: rules{"pod-security": {}}}, []string{"spec.rules.pod-security.mode"}},
		"a mode that does not exist":          {workflow.Policy{Rules: rules{"pod-security": {Mode: "audit"}}}, []string{"spec.rules.pod-security.mode"}},
		"a rule that cannot be switched off": {workflow.Policy{Rules: rules{"namespace": {Mode: "off"}, "governed": {Mode: "warn"}}},
			[]string{"spec.rules.governed.mode", "spec.rules.namespace.mode"}},
		"whom cluster-admin is kept from": {workflow.Policy{Rules: rules{"rbac-cluster-admin": setting("", `{"subjects":"all"}`)}}, nil},
		"nobody that cluster-admin is kept from": {workflow.Policy{Rules: rules{"rbac-cluster-admin": setting("off", `{"subjects":"none"}`)}},
			[]string{"spec.rules.rbac-cluster-admin.mode", "spec.rules.rbac-cluster-admin.subjects"}},
		"a rule without parameters given one": {workflow.Policy{Rules: rules{"governed": setting("deny", `{"kinds":["Pod"]}`)}},
			[]string{"spec.rules.governed.kinds"}},
		"labels": {workflow.Policy{Rules: rules{"required-label": setting("deny", `{"kinds":["pods","Pod"],"labels":[{"key":"a b"},{"key":"a","pattern":"("}]}`)}},
			[]string{"spec.rules.required-label.kinds[0]", "spec.rules.required-label.labels[0].key", "spec.rules.required-label.labels[1].pattern"}},
		"a version of the standards that nobody knows": {workflow.Policy{Rules: rules{"pod-security": setting("deny", `{"version":"latest"}`)}},
			[]string{"spec.rules.pod-security.version"}},
		"an environment's overrides": {workflow.Policy{
			Rules:        rules{"trusted-registry": setting("deny", `{"images":["a.io/*"]}`)},
			Environments: map[string]workflow.Environment{"dev": {Rules: rules{"trusted-registry": {Mode: "warn"}, "nonsense": {}}}},
		}, []string{"spec.environments.dev.rules.nonsense"}},
		"a cluster's override of a rule that has no mode": {workflow.Policy{
			Clusters: map[string]workflow.Cluster{"weu-1": {Rules: rules{"trusted-registry": setting("", `{"images":["a.io/*"]}`)}}},
		}, []string{"spec.clusters.weu-1.rules.trusted-registry.mode"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var fields []string
			for _, problem := range CheckPolicy(c.policy) {
				fields = append(fields, problem.Field)
				if problem.Message == "" {
					t.Errorf("nothing is said of %s", problem.Field)
				}
			}
			if diff := cmp.Diff(c.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s\n%v", diff, CheckPolicy(c.policy))
			}
		})
	}
}

func TestAPolicyThatPassesTheCheckMakesASnapshot(t *testing.T) {
	state := testState()
	if problems := CheckPolicy(state.Policy); len(problems) > 0 {
		t.Fatal(problems)
	}
	for cluster := range state.Policy.Clusters {
		if _, err := NewSnapshot(state, cluster); err != nil {
			t.Error(err)
		}
	}
}
