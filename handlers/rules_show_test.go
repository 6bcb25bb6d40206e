package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func (s *standIn) Rules(ctx context.Context, actor workflow.Actor) (workflow.RulesView, error) {
	if s.readErr != nil {
		return workflow.RulesView{}, s.readErr
	}
	return domain().Rules(ctx, actor)
}

// ruled is a policy with rules that differ from place to place.
func ruled() workflow.Policy {
	p := policy()
	p.Rules = map[string]workflow.RuleSetting{
		"trusted-registry": {Mode: workflow.RuleDeny, Params: []byte(`{"images":["contoso.azurecr.io/*","mcr.microsoft.com/dotnet/runtime"]}`)},
		"required-label": {Mode: workflow.RuleDeny, Params: []byte(`{"kinds":["Pod","Deployment"],"labels":[
			{"key":"environment","pattern":"^(dev|test|prod)$"},{"key":"team","pattern":"^[a-z]+$"},{"key":"app.kubernetes.io/name"}]}`)},
		"pod-security": {Mode: workflow.RuleDeny, Params: []byte(`{"version":"v1.30"}`)},
	}
	p.Environments["dev"] = workflow.Environment{PodSecurity: workflow.LevelBaseline, Rules: map[string]workflow.RuleSetting{"required-label": {Mode: workflow.RuleWarn}}}
	p.Sizes["small"] = workflow.Size{CPU: quantity("2"), Memory: quantity("8Gi"), Storage: quantity("20Gi"), Pods: 20, Objects: map[workflow.ObjectCount]int64{workflow.CountServices: 10}}
	p.Requests.Network.Refused = []workflow.AddressName{{CIDR: "10.240.0.0/16", Name: "the nodes of weu-1"}}
	p.Requests.Exemption.MaxDuration = workflow.Duration(7 * day)
	p.Requests.Access.Standing = []workflow.AccessRole{workflow.AccessView}
	p.Reviews = []workflow.ReviewRule{
		{Kinds: []workflow.Kind{workflow.KindNetwork}, Opens: []workflow.Opens{workflow.OpensInternet, workflow.OpensTenant}, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 2}}},
		{Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}},
	}
	p.Fallback = workflow.RoleAdmin
	return p
}

// ruledPage is the page of rules under a policy, as somebody sees it.
func ruledPage(t *testing.T, policy workflow.Policy, actor workflow.Actor) answer {
	t.Helper()
	service := &workflow.Service{
		Repository: approved{state: &workflow.ApprovedState{Commit: baseCommit, Policy: policy}}, Clock: stoppedClock{}, Log: slog.New(slog.DiscardHandler),
	}
	got := get(t, portal(service, actor), rulesPath)
	if got.status != http.StatusOK {
		t.Fatalf("status %d: %s", got.status, heading(got))
	}
	return got
}

// squeezed leaves out white space, which is in the styles between elements.
func squeezed(text string) string { return strings.Join(strings.Fields(text), "") }

func TestTheRulesPageSaysWhatARuleAsksForInWords(t *testing.T) {
	stranger := workflow.Actor{Person: person("aaaaaaaa-0000-4000-8000-000000000099", "New Colleague", "new@contoso.example")}
	got := ruledPage(t, ruled(), stranger)
	for rule, want := range map[string][]string{
		"trusted-registry": {"Refuses", "Trusted images", "contoso.azurecr.io/*", "everything beneath contoso.azurecr.io", "mcr.microsoft.com/dotnet/runtime", "To pass: Use an image", "Ask for an exemption from trusted-registry"},
		"required-label":   {"Labels on every Pod and Deployment, with the pods of all workloads", "environment dev, test or prod", "team a value that matches ^[a-z]+$", "app.kubernetes.io/name any value", "Prod and test Refuses", "Dev Warns"},
		"pod-security":     {"Refuses", "version: v1.30", "No exemption. The API server enforces the level as well"},
		"namespace":        {"Refuses", "No exemption."},
	} {
		card := squeezed(text(byID(got.page, "rule-"+rule)))
		for _, words := range want {
			if !strings.Contains(card, squeezed(words)) {
				t.Errorf("%s: %q does not say %q", rule, card, words)
			}
		}
	}
	if heading(got) != "9 rules for your workloads, and how to pass them" {
		t.Errorf("the heading is %q", heading(got))
	}
	if !strings.Contains(text(got.page), "neu-1 refuses nothing yet") {
		t.Error("it does not say that neu-1 only warns")
	}
	panel := func(id string) string { return squeezed(text(byID(got.page, id+"-title").Parent)) }
	for id, want := range map[string]string{
		"environments": "prod Pod security restricted",
		"clusters":     "weu-1 Refuses what breaks a rule; network policies by Cilium",
		"limits":       "Exemptions Up to 7 days",
		"refused":      "10.240.0.0/16 The nodes of weu-1",
		"reviews":      "Network requests that open the internet or another tenant 1 owner, then 2 of security Everything else 1 owner",
	} {
		if !strings.Contains(panel(id), squeezed(want)) {
			t.Errorf("%s: %q does not say %q", id, panel(id), want)
		}
	}
	if !strings.Contains(panel("limits"), squeezed("Access Up to 30 days; without an end as view")) {
		t.Errorf("limits: %q", panel("limits"))
	}
	if sizes := panel("sizes"); !strings.Contains(sizes, squeezed("small 2 8Gi 20Gi 20 10 services medium 8 32Gi 100Gi 60 large 16")) {
		t.Errorf("the sizes are %q", sizes)
	}
}

func TestOnlyARuleThatIsOnAndCanBeExemptedFromLinksToTheForm(t *testing.T) {
	links := func(policy workflow.Policy) (hrefs []string) {
		for n := range ruledPage(t, policy, dana).page.Descendants() {
			if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(attribute(n, "href"), "exemption") {
				hrefs = append(hrefs, attribute(n, "href"))
			}
		}
		return hrefs
	}
	want := "/requests/new/exemption?rule=trusted-registry /requests/new/exemption?rule=required-label"
	if got := strings.Join(links(ruled()), " "); got != want {
		t.Errorf("the links are %q, want %q", got, want)
	}
	if got := links(policy()); len(got) != 0 {
		t.Errorf("rules that are off link to %q", got)
	}
}

func TestTheRulesPageOfAPolicyThatCannotBeReadSaysSo(t *testing.T) {
	broken := policy()
	broken.Rules = map[string]workflow.RuleSetting{"pod-security": {Params: []byte(`[`)}}
	service := &workflow.Service{Repository: approved{state: &workflow.ApprovedState{Policy: broken}}, Clock: stoppedClock{}, Log: slog.New(slog.DiscardHandler)}
	if got := get(t, portal(service, dana), rulesPath); got.status != http.StatusInternalServerError {
		t.Errorf("status %d", got.status)
	}
	away := &standIn{readErr: errors.New("boom")}
	if got := get(t, portal(away, dana), rulesPath); got.status != http.StatusInternalServerError {
		t.Errorf("status %d", got.status)
	}
}
