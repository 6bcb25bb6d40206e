package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func filledExemption(changes url.Values) url.Values {
	form := url.Values{
		"kind": {"exemption"}, "namespace": {"payments/weu-1/payments-batch-dev"}, "rule": {"trusted-registry"}, "value": {"docker.io/library/redis:7.2"},
		"selector": {"app=legacy"}, "until": {"2026-12-01"}, "reason": {"Until it is copied."},
	}
	for name, values := range changes {
		form[name] = values
	}
	return form
}

func TestAnExemptionIsHandedToTheDomainAsTyped(t *testing.T) {
	service := furnished()
	if got := post(t, portal(service, dana), "/requests", filledExemption(nil)); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	want := workflow.Draft{Tenant: "payments", Change: workflow.ExemptionChange{
		Cluster: "weu-1", Namespace: "payments-batch-dev", Rule: "trusted-registry", Value: "docker.io/library/redis:7.2", Selector: "app=legacy",
		Until: "2026-12-01", Reason: "Until it is copied.",
	}}
	if diff := cmp.Diff(want, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
}

func TestADenialsLinkFillsInTheFormForAnExemption(t *testing.T) {
	link := workflow.ExemptionChange{Cluster: "weu-1", Namespace: "payments-batch-dev", Rule: "trusted-registry", Value: "docker.io/library/nginx:1.27", Selector: "app=web"}.Link("payments")
	got := get(t, portal(withOpen(), dana), link)
	want := map[string]string{
		"kind": "exemption", "namespace": "payments/weu-1/payments-batch-dev", "rule": "trusted-registry", "value": "docker.io/library/nginx:1.27",
		"selector": "app=web", "until": "2026-12-21", "reason": "",
	}
	if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if plan := text(byID(got.page, "plan")); !strings.Contains(plan, "Lets docker.io/library/nginx:1.27 past the rule trusted-registry") {
		t.Errorf("the plan is %q", plan)
	}
}

func TestEachRuleThatCanBeExemptedSaysWhatItMeansAndWhatToName(t *testing.T) {
	page := get(t, portal(withOpen(), dana), newExemptionPath).page
	for _, rule := range workflow.ExemptibleRules() {
		input := find(page, func(n *html.Node) bool { return attribute(n, "name") == "rule" && attribute(n, "value") == rule.Name })
		if input == nil || !strings.Contains(text(input.Parent), rule.Means) {
			t.Errorf("%s is not offered with what it means", rule.Name)
			continue
		}
		class := attribute(input, "class")[strings.LastIndex(attribute(input, "class"), " ")+1:]
		if find(page, func(n *html.Node) bool { return strings.Contains(attribute(n, "class"), "for-"+class) }) == nil {
			t.Errorf("nothing says what a value of %s is (%s)", rule.Name, class)
		}
	}
	if find(page, func(n *html.Node) bool { return attribute(n, "name") == "rule" && attribute(n, "value") == "governed" }) != nil {
		t.Error("a rule is offered that nobody can be exempted from")
	}
}

func TestARefusedExemptionKeepsWhatWasTyped(t *testing.T) {
	typed := filledExemption(url.Values{"rule": {"governed"}, "value": {"redis"}, "selector": {""}, "until": {"2027-12-01"}})
	got := post(t, portal(withOpen(), dana), "/requests", typed)
	if got.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", got.status)
	}
	for field, said := range map[string]string{"rule": "These objects are the approval itself.", "selector": "Name the pods", "until": "at most 30 days"} {
		if problem := text(byID(got.page, field+"-problem")); !strings.Contains(problem, said) {
			t.Errorf("%s: %q", field, problem)
		}
	}
	want := map[string]string{}
	for name := range typed {
		want[name] = typed.Get(name)
	}
	if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
		t.Errorf("form (-typed +kept):\n%s", diff)
	}
}
