package admission

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

const startingPolicy = "../../cmd/tenure/devpolicy.yaml"

func TestAPolicyIsReadWithEveryProblemOnItsLine(t *testing.T) {
	data, err := os.ReadFile(startingPolicy)
	if err != nil {
		t.Fatal(err)
	}
	document := string(data)
	if _, problems := (PolicyReader{}).ReadPolicy(data); len(problems) > 0 {
		t.Fatalf("the policy that there is has problems: %+v", problems)
	}
	line := func(text string) int { return 1 + strings.Count(document[:strings.Index(document, text)], "\n") }
	for name, test := range map[string]struct {
		old, now string
		want     workflow.PolicyProblem // the message begins so
	}{
		"not YAML":                   {"apiVersion: tenure.dev/v1\n", "apiVersion: [tenure.dev/v1\n", workflow.PolicyProblem{Line: 1, Message: "not YAML"}},
		"a field nobody knows":       {"fallback: admin", "fallbakc: admin", workflow.PolicyProblem{Line: line("fallback:"), Field: "spec.fallbakc"}},
		"a value that is not":        {"fallback: admin", "fallback: owner", workflow.PolicyProblem{Line: line("fallback:"), Field: "spec.fallback", Message: `"owner" is not one of`}},
		"a rule that does not exist": {"pod-security: {mode: deny}", "pod-securtiy: {mode: deny}", workflow.PolicyProblem{Line: line("pod-security:"), Field: "spec.rules.pod-securtiy", Message: `there is no rule "pod-securtiy"`}},
		"a parameter of a rule":      {"mcr.microsoft.com/*", "https://mcr.microsoft.com", workflow.PolicyProblem{Line: line("trusted-registry"), Field: "spec.rules.trusted-registry.images[1]"}},
	} {
		t.Run(name, func(t *testing.T) {
			policy, problems := PolicyReader{}.ReadPolicy([]byte(strings.Replace(document, test.old, test.now, 1)))
			if len(problems) == 0 || len(policy.Clusters) > 0 {
				t.Fatalf("it reads %+v with %+v", policy, problems)
			}
			if p := problems[0]; p.Line != test.want.Line || p.Field != test.want.Field || !strings.HasPrefix(p.Message, test.want.Message) {
				t.Errorf("it says %+v, want %+v", p, test.want)
			}
		})
	}
}

func TestWhatNoSnapshotCanBeMadeOfIsAProblemOfItsCluster(t *testing.T) {
	data, err := os.ReadFile(startingPolicy)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := manifest.DecodePolicy(manifest.PolicyPath, data)
	if err != nil {
		t.Fatal(err)
	}
	cluster := policy.Clusters["neu-1"]
	cluster.Rules = map[string]workflow.RuleSetting{"pod-security": {Mode: "sometimes"}}
	policy.Clusters["neu-1"] = cluster
	problems := located(data, unenforceable(policy))
	if len(problems) != 1 || problems[0].Field != "spec.clusters.neu-1" || problems[0].Line == 0 || !strings.Contains(problems[0].Message, `there is no mode "sometimes"`) {
		t.Errorf("the problems are %+v", problems)
	}
}

// Where a thousand clusters and environments are all alike, each rule is compiled
// once; where some differ, once for each pair of settings.
func TestEachPairOfSettingsOfARuleIsCompiledOnce(t *testing.T) {
	compiled := map[string]int{}
	counting := Rule{Name: "counting", Default: workflow.RuleDeny, Compile: func(params json.RawMessage) (Check, []workflow.FieldProblem) {
		compiled[string(params)]++
		return Check{}, nil
	}}
	policy := workflow.Policy{Environments: map[string]workflow.Environment{}, Rules: map[string]workflow.RuleSetting{"counting": {Params: json.RawMessage(`{"all":1}`)}}}
	for i := range 1000 {
		policy.Environments[fmt.Sprint(i)] = workflow.Environment{}
	}
	policy.Environments["prod"] = workflow.Environment{Rules: map[string]workflow.RuleSetting{"counting": {Params: json.RawMessage(`{"prod":1}`)}}}
	pairs := settledPairs{policy: policy, rules: []Rule{counting}, known: map[settledPair]error{}}
	for range 1000 {
		if err := pairs.check(nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := pairs.check(map[string]workflow.RuleSetting{"counting": {Params: json.RawMessage(`{"neu":1}`)}}); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{`{"all":1}`: 1, `{"all":1,"prod":1}`: 1, `{"all":1,"neu":1}`: 1, `{"all":1,"neu":1,"prod":1}`: 1}
	if !maps.Equal(compiled, want) {
		t.Errorf("compiled were %v", compiled)
	}
}

// Of more problems than anybody reads, the rest are counted.
func TestProblemsBeyondThoseThatAnybodyReadsAreCounted(t *testing.T) {
	fields := make([]workflow.FieldProblem, maxLocated+7)
	problems := located([]byte("spec: {}\n"), fields)
	if len(problems) != maxLocated+1 || problems[maxLocated].Message != "there are 7 more problems" {
		t.Errorf("there are %d problems, the last is %+v", len(problems), problems[len(problems)-1])
	}
}

// An amount that takes hours to work out is refused as none.
func TestAPolicyWithAnAmountThatTakesLongIsRefusedOnItsLine(t *testing.T) {
	data, err := os.ReadFile(startingPolicy)
	if err != nil {
		t.Fatal(err)
	}
	document := string(data)
	for _, amount := range []string{`"1e-999999999"`, "1e-999999999", `" 1e-999999999 "`, strings.Repeat("9", 65)} {
		_, problems := PolicyReader{}.ReadPolicy([]byte(strings.Replace(document, `small: {cpu: "2"`, "small: {cpu: "+amount, 1)))
		line := 1 + strings.Count(document[:strings.Index(document, "small: {cpu")], "\n")
		if len(problems) != 1 || problems[0].Line != line || problems[0].Field != "spec.sizes.small.cpu" || !strings.Contains(problems[0].Message, "is not an amount such as") {
			t.Errorf("%s: the problems are %+v", amount, problems)
		}
	}
}

func FuzzReadPolicy(f *testing.F) {
	data, err := os.ReadFile(startingPolicy)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("a: [b\n"))
	f.Add([]byte("apiVersion: tenure.dev/v1\nkind: Policy\nmetadata: {name: platform}\nspec: {rules: {pod-security: {mode: deny, x: 1}}}\n"))
	f.Fuzz(func(t *testing.T, document []byte) {
		policy, problems := PolicyReader{}.ReadPolicy(document)
		if len(problems) > 0 {
			for _, p := range problems {
				if p.Message == "" || p.Line < 0 {
					t.Errorf("a problem without words: %+v", p)
				}
			}
			return
		}
		for name := range policy.Clusters {
			if _, err := NewSnapshot(&workflow.ApprovedState{Policy: policy}, name); err != nil {
				t.Errorf("what has no problems cannot be enforced: %v", err)
			}
		}
	})
}
