package manifest

import (
	"strings"
	"testing"
)

// What was approved once stays readable, whatever new policies are held to since.
func TestANewPolicyIsHeldToMoreThanThoseThatWereApproved(t *testing.T) {
	document := readTestdata(t, "policy.yaml")
	if _, err := DecodeNewPolicy(PolicyPath, document); err != nil {
		t.Fatalf("the policy that there is has problems: %v", err)
	}
	entry := func(text string) edit { return edit{"  reviews:\n", "  reviews:\n    - " + text + "\n"} }
	for name, test := range map[string]struct {
		edit edit
		want string // begins so
		says string
	}{
		"owners who decide tenants":    {entry("{kinds: [tenant], stages: [{owner: 1}, {admin: 1}]}"), "policy.yaml:42: spec.reviews[0].stages: ", "there is no stage of owners"},
		"nobody to replace it":         {entry("{kinds: [policy], stages: [{admin: 50}]}"), "policy.yaml:41: spec.reviews: ", "nobody could change this policy again"},
		"what nobody sees":             {edit{"  reviews:\n", "  # a\u2028\n  reviews:\n"}, "policy.yaml:41: ", "U+2028"},
		"what nobody sees, in escapes": {edit{"name: Sam Security", `name: "Sam\u202e Security"`}, "policy.yaml:47: spec.reviewers.security[0].name: ", "U+202E"},
	} {
		t.Run(name, func(t *testing.T) {
			data := test.edit.apply(t, document)
			if _, err := DecodePolicy(PolicyPath, data); err != nil {
				t.Errorf("it is no longer read: %v", err)
			}
			_, err := DecodeNewPolicy(PolicyPath, data)
			if found := DocumentErrors(err); len(found) != 1 || !strings.HasPrefix(found[0].Error(), test.want) || !strings.Contains(found[0].Message, test.says) {
				t.Errorf("it says %v", err)
			}
		})
	}
}
