package admission

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tenure.dev/workflow"
)

func TestTheRulebookIsAboutTheRulesThatThereAre(t *testing.T) {
	told := map[string]workflow.RuleInfo{}
	for _, info := range workflow.Rulebook() {
		if _, twice := told[info.Name]; twice {
			t.Errorf("%s stands twice in the rulebook", info.Name)
		}
		told[info.Name] = info
		if info.Family == "" || info.Means == "" || info.Keep == "" || (info.Exempts == "") == (info.NoExempt == "") {
			t.Errorf("%s: something is not said: %+v", info.Name, info)
		}
		if info.Always && info.Exempts != "" {
			t.Errorf("%s always holds, and yet can be exempted from", info.Name)
		}
	}
	for _, rule := range Rules() {
		info, found := told[rule.Name]
		if !found {
			t.Errorf("the rulebook does not know %s", rule.Name)
			continue
		}
		if info.Default != rule.Default || info.Always != rule.Always {
			t.Errorf("%s: the rulebook says mode %s, always %t; the rule is %s, %t", rule.Name, info.Default, info.Always, rule.Default, rule.Always)
		}
		delete(told, rule.Name)
	}
	for name := range told {
		t.Errorf("the rulebook has %s, which is no rule", name)
	}
	for _, never := range []string{"governed", "namespace", "rbac-cluster-admin"} {
		if slices.ContainsFunc(workflow.ExemptibleRules(), func(r workflow.RuleInfo) bool { return r.Name == never }) {
			t.Errorf("%s can be exempted from", never)
		}
	}
}

// randomRules sets some rules, some of them only in part.
func randomRules(random *rand.Rand) map[string]workflow.RuleSetting {
	rules := map[string]workflow.RuleSetting{}
	for _, rule := range Rules() {
		if random.IntN(2) == 0 {
			continue
		}
		modes := []workflow.RuleMode{"", workflow.RuleOff, workflow.RuleWarn, workflow.RuleDeny}
		set := workflow.RuleSetting{Mode: modes[random.IntN(len(modes))]}
		switch random.IntN(3) {
		case 0:
			set.Params = fmt.Appendf(nil, `{"a":%d}`, random.IntN(5))
		case 1:
			set.Params = fmt.Appendf(nil, `{"a":%d,"b":[%d, 2]}`, random.IntN(5), random.IntN(5))
		}
		rules[rule.Name] = set
	}
	return rules
}

func TestTheRulesPageSettlesModesAndParametersAsAdmissionDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 8))
	for range 300 {
		policy := workflow.Policy{
			Rules:        randomRules(random),
			Environments: map[string]workflow.Environment{"dev": {Rules: randomRules(random)}, "prod": {}},
			Clusters:     map[string]workflow.Cluster{"weu-1": {Rules: randomRules(random)}, "neu-1": {}},
		}
		for environment := range policy.Environments {
			for cluster := range policy.Clusters {
				settled := layers{policy.Rules, policy.Environments[environment].Rules, policy.Clusters[cluster].Rules}
				for _, rule := range Rules() {
					want, _, err := settled.settle(rule.Name)
					if err != nil {
						t.Fatal(err)
					}
					got, err := policy.SettledRule(environment, cluster, rule.Name)
					if err != nil || string(got.Params) != string(want.Params) || got.Mode != rule.mode(want) {
						t.Fatalf("%s in %s on %s of %+v: the page says %s %s, admission %s %s (%v)",
							rule.Name, environment, cluster, policy, got.Mode, got.Params, rule.mode(want), want.Params, err)
					}
				}
			}
		}
	}
}

func TestTheRulesPageSaysTheModesThatAreEnforced(t *testing.T) {
	policy := testPolicy()
	policy.Environments["dev"] = workflow.Environment{PodSecurity: workflow.LevelBaseline, Rules: map[string]workflow.RuleSetting{
		"trusted-registry": {Mode: workflow.RuleWarn}, "pod-security": {Mode: workflow.RuleOff}, "network-required": {Mode: workflow.RuleWarn},
	}}
	policy.Clusters["neu-1"] = workflow.Cluster{Rules: map[string]workflow.RuleSetting{"required-label": {Mode: workflow.RuleOff}}}
	for name, environment := range policy.Environments {
		for on, cluster := range policy.Clusters {
			active, err := layers{policy.Rules, environment.Rules, cluster.Rules}.activate()
			if err != nil {
				t.Fatal(err)
			}
			for _, rule := range Rules() {
				want := workflow.RuleOff
				if i := slices.IndexFunc(active, func(a activeRule) bool { return a.name == rule.Name }); i >= 0 {
					want = active[i].mode
				}
				if got, err := policy.SettledRule(name, on, rule.Name); got.Mode != want || err != nil {
					t.Errorf("%s in %s on %s: the page says %s, enforced is %s (%v)", rule.Name, name, on, got.Mode, want, err)
				}
			}
		}
	}
}

// mode is what activate makes of a rule's settled mode.
func (r Rule) mode(settled workflow.RuleSetting) workflow.RuleMode {
	switch {
	case r.Always:
		return workflow.RuleDeny
	case settled.Mode == "":
		return r.Default
	}
	return settled.Mode
}
