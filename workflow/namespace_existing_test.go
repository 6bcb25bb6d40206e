package workflow_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// settling asks for other hosts, registries and another class for payments-web,
// with one thing about it changed.
func settling(change func(*workflow.NamespaceChange)) workflow.NamespaceChange {
	c := workflow.NamespaceChange{
		AskedNamespace: workflow.AskedNamespace{Name: "payments-web", Cluster: "weu-1", Hosts: []string{"web.example.com", "www.example.com"}},
		Classification: "confidential", Registries: []string{"docker-official"}, Purpose: "The shop.", Existing: true, Reason: "It goes live.",
	}
	if change != nil {
		change(&c)
	}
	return c
}

func TestWhatCanBeChangedOfANamespaceIsChangedAndNothingElse(t *testing.T) {
	state := catalogued()
	for name, test := range map[string]struct {
		change workflow.NamespaceChange
		want   func(*workflow.Namespace)
	}{
		"everything": {settling(nil), func(n *workflow.Namespace) {
			n.Hosts, n.Registries = []string{"web.example.com", "www.example.com"}, []string{"docker-official"}
			n.Classification, n.Purpose = "confidential", "The shop."
		}},
		"the purpose left as it is": {settling(func(c *workflow.NamespaceChange) { c.Purpose = "" }), func(n *workflow.Namespace) {
			n.Hosts, n.Registries, n.Classification = []string{"web.example.com", "www.example.com"}, []string{"docker-official"}, "confidential"
		}},
		"hosts and registries taken away": {settling(func(c *workflow.NamespaceChange) {
			c.Hosts, c.Registries, c.Purpose, c.Classification = nil, nil, "", "internal"
		}), func(n *workflow.Namespace) { n.Hosts, n.Registries = nil, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			after, problems := test.change.Apply(state, state.Tenancies["payments"], 7)
			saidOf(t, problems, "", "")
			want := catalogued().Tenancies["payments"]
			test.want(&want.Namespaces[0])
			same(t, "the tenancy afterwards", want, after)
			same(t, "the state it was applied to", catalogued(), state)
		})
	}
}

func TestEachFieldOfAChangeOfANamespaceHasItsMessage(t *testing.T) {
	for name, test := range map[string]struct {
		change      func(*workflow.NamespaceChange)
		field, says string
	}{
		"nothing wrong":         {nil, "", ""},
		"no namespace":          {func(c *workflow.NamespaceChange) { c.Name = "" }, "name", "Choose the namespace."},
		"one that there is not": {func(c *workflow.NamespaceChange) { c.Name = "payments-x" }, "name", `payments has no namespace "payments-x" on weu-1; choose payments-web.`},
		"another tenant's":      {func(c *workflow.NamespaceChange) { c.Name = "logistics-web" }, "name", `payments has no namespace "logistics-web" on weu-1; choose payments-web.`},
		"two namespaces":        {func(c *workflow.NamespaceChange) { c.Also = []workflow.AskedNamespace{{Name: "payments-x"}} }, "also", "A change is about one namespace."},
		"another environment":   {func(c *workflow.NamespaceChange) { c.Environment = "dev" }, "environment", "stays in its environment"},
		"another level":         {func(c *workflow.NamespaceChange) { c.PodSecurity = workflow.LevelBaseline }, "podSecurity", "keeps its pod security level"},
		"another size":          {func(c *workflow.NamespaceChange) { c.Size = "large" }, "size", "Ask for another quota instead"},
		"own numbers":           {func(c *workflow.NamespaceChange) { c.Pods = "3" }, "size", "Ask for another quota instead"},
		"access": {func(c *workflow.NamespaceChange) {
			c.Access = []workflow.AskedAccess{{Group: oncall, Role: workflow.AccessView}}
		}, "access", "Ask for access instead"},
		"a host wrong":           {func(c *workflow.NamespaceChange) { c.Hosts[1] = "x" }, "hosts[1]", "is not a full DNS name"},
		"another tenant's host":  {func(c *workflow.NamespaceChange) { c.Hosts[1] = "logistics.example.com" }, "hosts[1]", `"logistics.example.com" is taken. Choose another host.`},
		"the platform's host":    {func(c *workflow.NamespaceChange) { c.Hosts[0] = "status.example.com" }, "hosts[0]", "is reserved for the platform"},
		"too many hosts":         {func(c *workflow.NamespaceChange) { c.Hosts = slices.Repeat(c.Hosts, 11) }, "hosts", "22 hosts are named; at most 20 can be."},
		"no class":               {func(c *workflow.NamespaceChange) { c.Classification = "" }, "classification", "Choose the classification"},
		"a registry there isn't": {func(c *workflow.NamespaceChange) { c.Registries = []string{"x"} }, "registries[0]", `There is no registry "x"`},
		"a hidden purpose":       {func(c *workflow.NamespaceChange) { c.Purpose = "x\u200by" }, "purpose", "U+200B"},
		"no reason":              {func(c *workflow.NamespaceChange) { c.Reason = " " }, "reason", "Say in a sentence what the change is for."},
		"nothing changed": {func(c *workflow.NamespaceChange) {
			c.Hosts, c.Registries, c.Classification, c.Purpose = []string{"WEB.example.com"}, []string{"quay"}, "internal", " It is there. "
		}, "hosts", "payments-web has exactly these hosts, registries, classification and purpose already. Change at least one."},
	} {
		t.Run(name, func(t *testing.T) {
			state := catalogued()
			after, problems := settling(test.change).Apply(state, state.Tenancies["payments"], 7)
			saidOf(t, problems, test.field, test.says)
			if test.field != "" {
				same(t, "the tenancy", catalogued().Tenancies["payments"], after)
			}
		})
	}
}

func TestAPlanForAChangeOfANamespaceSaysWhatChanges(t *testing.T) {
	change := settling(func(c *workflow.NamespaceChange) { c.Hosts, c.Classification = []string{"www.example.com"}, "secret" })
	state := catalogued()
	state.Tenancies["payments"].Namespaces[0].Environment = "prod"
	plan := planned(t, planner(), state, proposal(change))
	same(t, "the title", "Hosts and images of payments-web on weu-1", change.Title())
	same(t, "the summary", []string{
		"Lets the Ingresses and HTTPRoutes of payments-web on weu-1 serve www.example.com.",
		"No longer lets the Ingresses and HTTPRoutes of payments-web on weu-1 serve web.example.com: what is there goes on, and no new one may.",
		"No longer lets payments-web on weu-1 run images of quay: what runs goes on, and nothing new starts.",
		"Lets payments-web on weu-1 run images of docker-official: docker.io/library/*.",
		"Changes how confidential the data in payments-web on weu-1 are, from internal to secret.",
		`Changes what payments-web on weu-1 is for, from "It is there." to "The shop.".`,
	}, plan.Summary)
	var labels []string
	for _, f := range plan.Findings {
		labels = append(labels, f.Label)
	}
	same(t, "the findings", []string{"production", "hosts in production", "more images", "data secret"}, labels)
	same(t, "the stages", []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 2}}, plan.Stages)
	lower := planned(t, planner(), catalogued(), proposal(settling(func(c *workflow.NamespaceChange) { c.Classification = "internal" })))
	if slices.ContainsFunc(lower.Findings, func(f workflow.Finding) bool { return f.Label == "lower class" }) {
		t.Errorf("a class that stays is said to be lowered: %v", lower.Findings)
	}
	state.Tenancies["payments"].Namespaces[0].Classification = "secret"
	lower = planned(t, planner(), state, proposal(settling(nil)))
	if !slices.ContainsFunc(lower.Findings, func(f workflow.Finding) bool { return f.Label == "lower class" }) {
		t.Errorf("nothing is said of a class that is lowered: %v", lower.Findings)
	}
}

func TestALinkFillsInTheFormForAChange(t *testing.T) {
	link, err := url.Parse(settling(nil).Link("payments"))
	if err != nil {
		t.Fatal(err)
	}
	if link.Path != workflow.NamespaceFormPath {
		t.Errorf("it leads to %q", link.Path)
	}
	same(t, "the form", url.Values{
		"tenant": {"payments"}, "cluster": {"weu-1"}, "name": {"payments-web"}, "hosts": {"web.example.com", "www.example.com"}, "registries": {"docker-official"},
		"classification": {"confidential"}, "purpose": {"The shop."}, "reason": {"It goes live."}, "existing": {"true"},
	}, link.Query())
	if bare := (workflow.NamespaceChange{}).Link(""); bare != workflow.NamespaceFormPath+"?" {
		t.Errorf("with nothing to fill in it is %q", bare)
	}
}

func TestTwoOpenRequestsForOneNameOrHostAreRivals(t *testing.T) {
	other := func(change workflow.NamespaceChange) workflow.Request {
		return workflow.Request{ID: 3, RequestedBy: olivia.Person, Change: change}
	}
	for name, test := range map[string]struct {
		change, other workflow.NamespaceChange
		field, says   string
	}{
		"the same name":      {named("payments-a"), named("payments-a"), "name", `Request 3 by Olivia Owner already asks for "payments-a" on weu-1.`},
		"another name":       {named("payments-a"), named("payments-b"), "", ""},
		"on another cluster": {named("payments-a"), with(func(c *workflow.NamespaceChange) { c.Name, c.Cluster = "payments-a", "neu-1" }), "", ""},
		"among others there": {named("payments-api-test"), threeOf(nil), "name", "already asks for"},
		"among others here":  {threeOf(nil), named("payments-api-prod"), "also[1].name", "already asks for"},
		"the same host": {fuller(nil), fuller(func(c *workflow.NamespaceChange) {
			c.Name, c.Hosts = "payments-b", []string{"a.example.com", "PAY.example.com"}
		}), "hosts[0]", `already asks for the host "pay.example.com" on weu-1.`},
		"it elsewhere":            {fuller(nil), fuller(func(c *workflow.NamespaceChange) { c.Name, c.Cluster = "payments-b", "neu-1" }), "", ""},
		"two changes of one":      {settling(nil), settling(nil), "name", `Request 3 by Olivia Owner already asks to change "payments-web" on weu-1.`},
		"a host there is no such": {fuller(func(c *workflow.NamespaceChange) { c.Hosts = []string{""} }), fuller(func(c *workflow.NamespaceChange) { c.Name, c.Hosts = "payments-b", []string{""} }), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			problem, found := workflow.Rivals(test.change, other(test.other))
			if found != (test.field != "") || problem.Field != test.field && found || !strings.Contains(problem.Message, test.says) && found {
				t.Errorf("it says %v %+v, want of %s %q", found, problem, test.field, test.says)
			}
		})
	}
}
