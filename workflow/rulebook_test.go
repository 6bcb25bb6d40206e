package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestWhatAnExemptionLetsThroughIsReadAsItsRuleSays(t *testing.T) {
	for name, test := range map[string]struct{ rule, value, want, says string }{
		"an image":                   {"trusted-registry", " docker.io/library/redis:7.2 ", "docker.io/library/redis:7.2", ""},
		"an image not in full":       {"trusted-registry", "redis", "", "does not say which registry"},
		"a label for an image":       {"trusted-registry", "app=legacy", "", "does not say which registry"},
		"a missing label":            {"required-label", "environment", "environment", ""},
		"a missing label, prefixed":  {"required-label", " app.kubernetes.io/name", "app.kubernetes.io/name", ""},
		"a label with its value":     {"required-label", "environment=demo", "environment=demo", ""},
		"a label with no value":      {"required-label", "environment=", "environment=", ""},
		"nothing":                    {"required-label", " ", "", "Name the label"},
		"no key":                     {"required-label", "=demo", "", `"" is not the key of a label`},
		"no label value":             {"required-label", "environment=a b", "", `"a b" is not the value of a label`},
		"an image for a label":       {"required-label", "docker.io/library/redis:7.2", "", "is not the key of a label"},
		"a rule that is always on":   {"governed", "x", "", `There is no exemption from "governed". These objects are the approval itself.`},
		"what the API server checks": {"pod-security", "x", "", `There is no exemption from "pod-security".`},
		"a rule that is none":        {"trusted-registries", "x", "", `There is no rule "trusted-registries"; choose trusted-registry or required-label.`},
		"no rule":                    {"", "x", "", `There is no rule ""`},
	} {
		got, message := workflow.CheckExemptionValue(test.rule, test.value)
		says(t, name, message, test.says)
		if got != test.want {
			t.Errorf("%s: read %q, want %q", name, got, test.want)
		}
	}
}

func TestTheRulebookSpeaksInSentences(t *testing.T) {
	for _, info := range workflow.Rulebook() {
		for _, sentence := range []string{info.Means, info.Keep, info.NoExempt} {
			if sentence != "" && (!strings.HasSuffix(sentence, ".") || strings.ToUpper(sentence[:1]) != sentence[:1]) {
				t.Errorf("%s: %q is no sentence", info.Name, sentence)
			}
		}
	}
	names := func(r workflow.RuleInfo) string { return r.Name }
	var exemptible []string
	for _, info := range workflow.ExemptibleRules() {
		exemptible = append(exemptible, names(info))
	}
	if !slices.Equal(exemptible, []string{"trusted-registry", "required-label"}) {
		t.Errorf("exemptible are %q", exemptible)
	}
}

func FuzzCheckExemptionValue(f *testing.F) {
	for _, value := range []string{"environment", "environment=demo", "a/b=c=d", "=", "docker.io/library/redis:7.2"} {
		f.Add("required-label", value)
		f.Add("trusted-registry", value)
	}
	f.Add("governed", "x")
	f.Fuzz(func(t *testing.T, rule, value string) {
		got, message := workflow.CheckExemptionValue(rule, value)
		if (got == "") != (message != "") {
			t.Fatalf("%q %q: read %q, says %q", rule, value, got, message)
		}
		if again, message := workflow.CheckExemptionValue(rule, got); got != "" && (again != got || message != "") {
			t.Fatalf("%q %q: read %q, and again %q (%s)", rule, value, got, again, message)
		}
	})
}
