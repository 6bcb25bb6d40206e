package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

const redis = "docker.io/library/redis:7.2"

// exemptionFor is a change that nothing is wrong with.
func exemptionFor(change func(*workflow.ExemptionChange)) workflow.ExemptionChange {
	c := workflow.ExemptionChange{
		Cluster: "weu-1", Namespace: "payments-api", Rule: "trusted-registry", Value: redis, Selector: "app=legacy", Until: "2026-03-10",
		Reason: "Until it is rebuilt.",
	}
	if change != nil {
		change(&c)
	}
	return c
}

// exempted is what request 50 let through.
func exempted(until time.Time) workflow.Exemption {
	return workflow.Exemption{Rule: "trusted-registry", Value: redis, Selector: map[string]string{"app": "legacy"}, Until: until, Request: 50}
}

func TestEverythingWrongInARequestForAnExemptionIsSaidBesideItsField(t *testing.T) {
	type change = func(*workflow.ExemptionChange)
	type said = map[string]string
	rule := func(name string) change { return func(c *workflow.ExemptionChange) { c.Rule = name } }
	until := func(text string) change { return func(c *workflow.ExemptionChange) { c.Until = text } }
	selector := func(text string) change { return func(c *workflow.ExemptionChange) { c.Selector = text } }
	value := func(rule, text string) change {
		return func(c *workflow.ExemptionChange) { c.Rule, c.Value = rule, text }
	}
	for what, test := range map[string]struct {
		change change
		want   said
	}{
		"nothing":            {nil, nil},
		"nothing of a label": {value("required-label", "environment"), nil},
		"spaces around": {func(c *workflow.ExemptionChange) {
			c.Value, c.Selector, c.Until = " "+redis+" ", " tier=db,  app=legacy ", " 2026-03-10 "
		}, nil},
		"no namespace":                  {func(c *workflow.ExemptionChange) { c.Namespace = "" }, said{"namespace": "Choose the namespace: payments-api or payments-shop."}},
		"another tenant's":              {func(c *workflow.ExemptionChange) { c.Namespace = "logistics-db" }, said{"namespace": `payments has no namespace "logistics-db"`}},
		"another cluster":               {func(c *workflow.ExemptionChange) { c.Cluster = "mars-1" }, said{"namespace": `There is no cluster "mars-1"`}},
		"no rule":                       {rule(""), said{"rule": "Choose the rule: required-label or trusted-registry."}},
		"a rule that there is not":      {rule("everything"), said{"rule": `There is no rule "everything"; exemptions can be had from required-label or trusted-registry.`}},
		"the rule that rules":           {rule("governed"), said{"rule": "These objects are the approval itself."}},
		"the rule of namespaces":        {rule("namespace"), said{"rule": "It keeps tenants apart"}},
		"the highest role":              {rule("rbac-cluster-admin"), said{"rule": "With every right, nothing that was approved would hold."}},
		"the network":                   {rule("network-opening"), said{"rule": "Ask for a network exception instead"}},
		"what the API server does, too": {rule("pod-security"), said{"rule": "Ask for a namespace with a lower level instead"}},
		"no image":                      {value("trusted-registry", ""), said{"value": "Name one image in full"}},
		"every image":                   {value("trusted-registry", "docker.io/*"), said{"value": "stands for several images"}},
		"an image without a registry":   {value("trusted-registry", "redis:7.2"), said{"value": `did you mean "docker.io/library/redis:7.2"`}},
		"no label":                      {value("required-label", " "), said{"value": "Name the label"}},
		"a label that is none":          {value("required-label", "-=x"), said{"value": "is not the key of a label"}},
		"every pod":                     {selector(""), said{"selector": "Name the pods that it is for by their labels, such as app=legacy. An exemption is never for a whole namespace."}},
		"every pod, spaces":             {selector(" , ;"), said{"selector": "An exemption is never for a whole namespace."}},
		"a selector that is none":       {selector("legacy"), said{"selector": "write it as key=value"}},
		"not these pods":                {selector("app!=legacy"), said{"selector": "Only equality"}},
		"no end":                        {until(""), said{"until": "Say when it ends"}},
		"a past end":                    {until("2026-03-01"), said{"until": "2026-03-01 has passed."}},
		"an end at once":                {until("2026-03-02T12:30:00Z"), said{"until": "is too soon"}},
		"the last moment":               {until("2026-04-01T12:00:00Z"), nil},
		"too far off":                   {until("2026-04-01T12:00:01Z"), said{"until": "is too far off: an exemption lasts at most 30 days."}},
		"no reason":                     {func(c *workflow.ExemptionChange) { c.Reason = "" }, said{"reason": "Say in a sentence why it cannot keep to the rule now."}},
		"everything":                    {func(c *workflow.ExemptionChange) { *c = workflow.ExemptionChange{} }, said{"namespace": "", "rule": "", "selector": "", "until": "", "reason": ""}},
		"everything but the rule": {func(c *workflow.ExemptionChange) {
			*c = workflow.ExemptionChange{Rule: "trusted-registry", Until: "2020-01-01"}
		}, said{"namespace": "", "value": "", "selector": "", "until": "has passed", "reason": ""}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := planner().Plan(t.Context(), equipped(), asked(exemptionFor(test.change)))
			saidOnce(t, err, test.want)
		})
	}
}

func TestAnExemptionIsGivenBesideWhatThereIsOrInPlaceOfOneThatEndsSooner(t *testing.T) {
	until := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		has    workflow.Exemption
		change workflow.ExemptionChange
		left   []int64
		want   map[string]string
	}{
		"a later end":        {exempted(until.Add(-time.Second)), exemptionFor(nil), []int64{7}, nil},
		"after what is over": {exempted(noon.Add(-time.Hour)), exemptionFor(nil), []int64{7}, nil},
		"the same end":       {exempted(until), exemptionFor(nil), nil, map[string]string{"until": "Request 50 lets exactly this through until 2026-03-10 already. Choose a later end."}},
		"a sooner end":       {exempted(until.Add(time.Second)), exemptionFor(nil), nil, map[string]string{"until": "until 2026-03-10T00:00:01Z already"}},
		"another value":      {exempted(until), exemptionFor(func(c *workflow.ExemptionChange) { c.Value = "docker.io/library/redis:7.3" }), []int64{7, 50}, nil},
		"other pods":         {exempted(until), exemptionFor(func(c *workflow.ExemptionChange) { c.Selector = "app=legacy, tier=db" }), []int64{7, 50}, nil},
		"another rule":       {exempted(until), exemptionFor(func(c *workflow.ExemptionChange) { c.Rule, c.Value = "required-label", "team" }), []int64{7, 50}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			state := having(func(n *workflow.Namespace) { n.Exemptions = []workflow.Exemption{test.has} })
			plan, err := planner().Plan(t.Context(), state, asked(test.change))
			saidOnce(t, err, test.want)
			if err != nil {
				return
			}
			var left []int64
			for _, e := range api(t, plan.After).Exemptions {
				left = append(left, e.Request)
			}
			same(t, "whose are there", test.left, left)
			if problems := plan.After.Check(); len(problems) > 0 {
				t.Errorf("the tenancy is not in order: %v", problems)
			}
			for _, f := range plan.Files {
				if strings.HasPrefix(f.Path, "clusters/") {
					t.Errorf("an exemption changes %s", f.Path)
				}
			}
			same(t, "what request 50 gave", []workflow.Exemption{test.has}, state.Tenancies["payments"].Namespaces[1].Exemptions)
		})
	}
}

func TestASentenceSaysWhatIsLetThroughForWhichPods(t *testing.T) {
	plan := planned(t, planner(), equipped(), asked(exemptionFor(func(c *workflow.ExemptionChange) {
		c.Namespace, c.Selector, c.Until = "payments-shop", "tier=db;app=legacy", "2026-03-30"
	})))
	same(t, "the summary", []string{
		"Lets docker.io/library/redis:7.2 past the rule trusted-registry in payments-shop on weu-1, for pods with the labels app=legacy, tier=db, until 30 Mar 2026 00:00 UTC.",
		"Nothing else passes: other values, other pods and other namespaces are held to the rule as before.",
	}, plan.Summary)
	var labels []string
	for _, f := range plan.Findings {
		labels = append(labels, string(f.Severity)+" "+f.Label)
	}
	same(t, "the findings", []string{"warning rule switched off", "info long duration", "warning production"}, labels)
}

func TestTheSameExemptionIsNotAskedForTwice(t *testing.T) {
	w := equippedWorld(t)
	first := w.submit(exemptionFor(nil))
	for name, test := range map[string]struct {
		change workflow.ExemptionChange
		again  bool
	}{
		"another end":   {exemptionFor(func(c *workflow.ExemptionChange) { c.Until, c.Value = "2026-03-20", redis+" " }), true},
		"another value": {exemptionFor(func(c *workflow.ExemptionChange) { c.Value = "docker.io/library/redis:7.3" }), false},
		"other pods":    {exemptionFor(func(c *workflow.ExemptionChange) { c.Selector = "app=other" }), false},
		"elsewhere":     {exemptionFor(func(c *workflow.ExemptionChange) { c.Namespace = "payments-shop" }), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.service.Plan(t.Context(), dana, asks(test.change))
			want := map[string]string{"value": "Request " + number(first.ID) + " by Dana Developer already asks for this exemption."}
			if !test.again {
				want = nil
			}
			saidOnce(t, err, want)
		})
	}
}

func TestWhatIsWrongWithGrantsInADocumentIsSaidWithItsField(t *testing.T) {
	exemption := func(change func(*workflow.Exemption)) func(*workflow.Namespace) {
		return func(n *workflow.Namespace) {
			e := exempted(secondEnd)
			change(&e)
			n.Exemptions = []workflow.Exemption{e}
		}
	}
	access := func(a workflow.Access) func(*workflow.Namespace) {
		return func(n *workflow.Namespace) { n.Access = append(slices.Clone(n.Access), a) }
	}
	raise := func(change func(*workflow.QuotaRaise)) func(*workflow.Namespace) {
		return func(n *workflow.Namespace) {
			n.Quota.Raise = raised("4", secondEnd)
			change(n.Quota.Raise)
		}
	}
	const at = "spec.namespaces[1]"
	for name, test := range map[string]struct {
		change      func(*workflow.Namespace)
		field, says string
	}{
		"an exemption":                    {exemption(func(*workflow.Exemption) {}), "", ""},
		"a rule that nobody is exempt of": {exemption(func(e *workflow.Exemption) { e.Rule = "governed" }), at + ".exemptions[0]", "There is no exemption"},
		"a rule that there is not":        {exemption(func(e *workflow.Exemption) { e.Rule = "x" }), at + ".exemptions[0]", "There is no rule"},
		"a value in another form":         {exemption(func(e *workflow.Exemption) { e.Value = " " + redis }), at + ".exemptions[0].value", "is written"},
		"no selector":                     {exemption(func(e *workflow.Exemption) { e.Selector = nil }), at + ".exemptions[0].selector", "are needed"},
		"a selector that is none":         {exemption(func(e *workflow.Exemption) { e.Selector = map[string]string{"-": "x"} }), at + ".exemptions[0].selector", "is not the key"},
		"an exemption for good":           {exemption(func(e *workflow.Exemption) { e.Until = time.Time{} }), at + ".exemptions[0].until", "an end is needed"},
		"parts of a second":               {exemption(func(e *workflow.Exemption) { e.Until = e.Until.Add(1) }), at + ".exemptions[0].until", "is not an instant in UTC, to the second"},
		"another zone":                    {exemption(func(e *workflow.Exemption) { e.Until = e.Until.In(time.FixedZone("x", 3600)) }), at + ".exemptions[0].until", "is not an instant in UTC"},
		"by no request":                   {exemption(func(e *workflow.Exemption) { e.Request = 0 }), at + ".exemptions[0].request", "is needed"},
		"the same twice": {func(n *workflow.Namespace) {
			n.Exemptions = []workflow.Exemption{exempted(secondEnd), exempted(thirdEnd)}
			n.Exemptions[1].Request = 51
		}, at + ".exemptions[1]", "the same is let through already"},
		"two of one request": {func(n *workflow.Namespace) {
			n.Exemptions = []workflow.Exemption{exempted(secondEnd), exempted(secondEnd)}
			n.Exemptions[1].Value += "1"
		}, at + ".exemptions[1].request", "request 50 has an exemption here already"},
		"access":                          {access(workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: secondEnd, Request: 50}), "", ""},
		"access of a person":              {access(workflow.Access{Person: dana.ID.Object, User: "dana@x.example", Role: workflow.AccessEdit, Until: secondEnd, Request: 50}), "", ""},
		"for a group and a person":        {access(workflow.Access{Group: oncall, Person: dana.ID.Object, User: "dana@x.example", Role: workflow.AccessEdit, Request: 50}), at + ".access[2]", "only one of them"},
		"for nobody":                      {access(workflow.Access{Role: workflow.AccessEdit, Request: 50}), at + ".access[2]", "a group or a person is needed"},
		"for the API server":              {access(workflow.Access{Person: dana.ID.Object, User: "system:admin", Role: workflow.AccessEdit, Request: 50}), at + ".access[2].user", "is not the user name of a person"},
		"for a person without a name":     {access(workflow.Access{Person: dana.ID.Object, Role: workflow.AccessEdit, Request: 50}), at + ".access[2].user", "no user name"},
		"for a name alone":                {access(workflow.Access{Group: oncall, User: "dana@x.example", Role: workflow.AccessEdit, Request: 50}), at + ".access[2].user", "goes with a person only"},
		"for an id that is none":          {access(workflow.Access{Person: "dana", User: "dana@x.example", Role: workflow.AccessEdit, Request: 50}), at + ".access[2].person", "is not an Entra object id"},
		"for a group by name":             {access(workflow.Access{Group: "system:masters", Role: workflow.AccessEdit, Request: 50}), at + ".access[2].group", "is not an Entra object id"},
		"twice":                           {access(workflow.Access{Group: group(2), Role: workflow.AccessEdit, Request: 50}), at + ".access[2]", "has the role edit already"},
		"that ends within a second":       {access(workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: secondEnd.Add(1), Request: 50}), at + ".access[2].until", "to the second"},
		"that ends with its namespace":    {access(workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: secondEnd, Request: 30}), at + ".access[2].request", "access with an end has a request of its own"},
		"that ends, and nobody asked for": {access(workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: secondEnd}), at + ".access[2].request", "access with an end has a request of its own"},
		"of a request below none":         {access(workflow.Access{Group: oncall, Role: workflow.AccessEdit, Request: -1}), at + ".access[2].request", "is not negative"},
		"an increase":                     {raise(func(*workflow.QuotaRaise) {}), "", ""},
		"an increase for good":            {raise(func(r *workflow.QuotaRaise) { r.Until = time.Time{} }), at + ".quota.raise.until", "an end is needed"},
		"an increase by nobody":           {raise(func(r *workflow.QuotaRaise) { r.Request = 0 }), at + ".quota.raise.request", "is needed"},
		"a negative increase":             {raise(func(r *workflow.QuotaRaise) { r.Memory = amount("-1") }), at + ".quota.raise.memory", "is negative"},
		"an increase of what is not":      {raise(func(r *workflow.QuotaRaise) { r.Objects = map[workflow.ObjectCount]int64{"x": 1} }), at + ".quota.raise.objects", "is nothing that a quota counts"},
		"fewer than no pods":              {func(n *workflow.Namespace) { n.Quota.Pods = -1 }, at + ".quota.pods", "-1 is negative"},
		"fewer than no services":          {func(n *workflow.Namespace) { n.Quota.Objects = map[workflow.ObjectCount]int64{"services": -1} }, at + ".quota.objects.services", "-1 is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			saidOf(t, having(test.change).Tenancies["payments"].Check(), test.field, test.says)
		})
	}
}
