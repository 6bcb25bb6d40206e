package workflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// placedPolicy has two environments on two clusters.
func placedPolicy() workflow.Policy {
	return workflow.Policy{
		Environments: map[string]workflow.Environment{"dev": {}, "prod": {}},
		Clusters:     map[string]workflow.Cluster{"weu-1": {}, "neu-1": {}},
		Rules:        map[string]workflow.RuleSetting{"trusted-registry": {Mode: workflow.RuleDeny, Params: []byte(`{"images":["a.io/*"]}`)}},
	}
}

func TestEachSettingOfARuleIsToldOnceWithWhereItHolds(t *testing.T) {
	in := func(p *workflow.Policy, environment string, set workflow.RuleSetting) {
		p.Environments[environment] = workflow.Environment{Rules: map[string]workflow.RuleSetting{"trusted-registry": set}}
	}
	on := func(p *workflow.Policy, cluster string, set workflow.RuleSetting) {
		p.Clusters[cluster] = workflow.Cluster{Rules: map[string]workflow.RuleSetting{"trusted-registry": set}}
	}
	warn, off := workflow.RuleSetting{Mode: workflow.RuleWarn}, workflow.RuleSetting{Mode: workflow.RuleOff}
	for name, test := range map[string]struct {
		change func(p *workflow.Policy)
		want   string
	}{
		"one for all":    {func(*workflow.Policy) {}, `deny {"images":["a.io/*"]}: everywhere`},
		"an environment": {func(p *workflow.Policy) { in(p, "dev", warn) }, `deny {"images":["a.io/*"]}: prod; warn {"images":["a.io/*"]}: dev`},
		"a cluster":      {func(p *workflow.Policy) { on(p, "neu-1", off) }, `deny {"images":["a.io/*"]}: everything on weu-1; off : everything on neu-1`},
		"a cluster over an environment": {func(p *workflow.Policy) { in(p, "dev", warn); on(p, "neu-1", off) },
			`off : everything on neu-1; deny {"images":["a.io/*"]}: prod on weu-1; warn {"images":["a.io/*"]}: dev on weu-1`},
		"other parameters": {func(p *workflow.Policy) { in(p, "prod", workflow.RuleSetting{Params: []byte(`{"images":["b.io/*"]}`)}) },
			`deny {"images":["a.io/*"]}: dev; deny {"images":["b.io/*"]}: prod`},
		"one corner": {func(p *workflow.Policy) {
			in(p, "dev", off)
			p.Environments["test"] = workflow.Environment{}
			p.Clusters["neu-1"] = workflow.Cluster{Rules: map[string]workflow.RuleSetting{"trusted-registry": {Params: []byte(`{"images":["b.io/*"]}`)}}}
		}, `deny {"images":["a.io/*"]}: prod on weu-1, test on weu-1; deny {"images":["b.io/*"]}: prod on neu-1, test on neu-1; off : dev`},
		"nothing but the default": {func(p *workflow.Policy) { p.Rules = nil }, `off : everywhere`},
		"nowhere to be":           {func(p *workflow.Policy) { p.Clusters = nil }, `deny {"images":["a.io/*"]}: everywhere`},
	} {
		policy := placedPolicy()
		test.change(&policy)
		var told []string
		for _, s := range ruleOf(t, rulesOf(t, policy), "trusted-registry").Settings {
			places := make([]string, len(s.Places))
			for i, place := range s.Places {
				places[i] = place.String()
			}
			told = append(told, fmt.Sprintf("%s %s: %s", s.Mode, s.Params, strings.Join(places, ", ")))
		}
		if got := strings.Join(told, "; "); got != test.want {
			t.Errorf("%s: told is\n%s, want\n%s", name, got, test.want)
		}
	}
}

func rulesOf(t *testing.T, policy workflow.Policy) workflow.RulesView {
	t.Helper()
	service := &workflow.Service{Repository: stateOnly{state: &workflow.ApprovedState{Policy: policy, Commit: "c"}}}
	view, err := service.Rules(t.Context(), workflow.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func ruleOf(t *testing.T, view workflow.RulesView, name string) workflow.RuleView {
	t.Helper()
	i := slices.IndexFunc(view.Rules, func(r workflow.RuleView) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("there is no rule %q", name)
	}
	return view.Rules[i]
}

// stateOnly is a repository of which only the approved state is asked.
type stateOnly struct {
	workflow.Repository
	state *workflow.ApprovedState
}

func (r stateOnly) State() (*workflow.ApprovedState, error) { return r.state, nil }

func TestARuleThatAlwaysHoldsRefusesWhateverIsSet(t *testing.T) {
	policy := placedPolicy()
	policy.Rules["governed"] = workflow.RuleSetting{Mode: workflow.RuleOff}
	policy.Clusters["neu-1"] = workflow.Cluster{Rules: map[string]workflow.RuleSetting{"governed": {Mode: workflow.RuleWarn}}}
	settings := ruleOf(t, rulesOf(t, policy), "governed").Settings
	if len(settings) != 1 || settings[0].Mode != workflow.RuleDeny {
		t.Errorf("the settings are %+v", settings)
	}
}

func TestTheRulesSayHowLongWhatIsAskedForMayLast(t *testing.T) {
	policy := placedPolicy()
	policy.Requests.Exemption.MaxDuration = workflow.Duration(72 * time.Hour)
	policy.Requests.Network.MaxDuration = workflow.Duration(48 * time.Hour)
	got := rulesOf(t, policy).Longest
	for kind, want := range map[workflow.Kind]time.Duration{
		workflow.KindNetwork: 48 * time.Hour, workflow.KindExemption: 72 * time.Hour,
		workflow.KindAccess: time.Duration(workflow.DefaultTerm), workflow.KindQuota: time.Duration(workflow.DefaultTerm),
	} {
		if got[kind] != want {
			t.Errorf("%s: %s, want %s", kind, got[kind], want)
		}
	}
}

func TestAnEntryOfTheReviewsSaysWhichRequestsItConcerns(t *testing.T) {
	for want, rule := range map[string]workflow.ReviewRule{
		"every request":                                                {},
		"every request in prod":                                        {Environments: []string{"prod"}},
		"every request that opens the internet":                        {Opens: []workflow.Opens{workflow.OpensInternet}},
		"network requests that open the internet or another tenant":    {Kinds: []workflow.Kind{workflow.KindNetwork}, Opens: []workflow.Opens{workflow.OpensInternet, workflow.OpensTenant}},
		"quota requests that stay within the tenant's ceiling":         {Kinds: []workflow.Kind{workflow.KindQuota}, Within: workflow.WithinCeiling},
		"quota requests that stay within half of the tenant's ceiling": {Kinds: []workflow.Kind{workflow.KindQuota}, Within: workflow.WithinHalf},
		"access and exemption requests in dev or test":                 {Kinds: []workflow.Kind{workflow.KindAccess, workflow.KindExemption}, Environments: []string{"test", "dev"}},
	} {
		if got := rule.Concerns(); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
