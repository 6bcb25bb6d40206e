package workflow_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// dressed is equipped, with a namespace that was given something of every kind:
// payments-api has other lasting amounts by request 49, and by request 50 an
// increase, by 51 access that ends, by 52 access that stands, by 53 an exemption,
// by 54 a network exception.
func dressed() *workflow.ApprovedState {
	return having(func(n *workflow.Namespace) {
		n.Quota.CPU, n.Quota.Request = amount("2500m"), 49
		n.Quota.Raise = raised("3", secondEnd)
		n.Access = append(n.Access,
			workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: secondEnd, Request: 51},
			workflow.Access{Person: oscar.ID.Object, User: oscarAccount.User, Role: workflow.AccessView, Request: 52})
		n.Exemptions = []workflow.Exemption{exempted(secondEnd)}
		n.Exemptions[0].Request = 53
		n.Network = []workflow.NetworkException{egress(54, workflow.FlowPeer{CIDR: "10.20.0.0/16"}, 5432, secondEnd)}
	})
}

// entryGiven is the proof of a grant that an owner and security agreed to.
func entryGiven(t testing.TB, state *workflow.ApprovedState, change workflow.Change) workflow.Proof {
	t.Helper()
	plan, err := lookingUp(known()).Plan(t.Context(), state, asked(change))
	if err != nil {
		t.Fatal(err)
	}
	return proofOf(state, asked(change), plan, votes(plan.Stages)...)
}

// entryChanges are grants of each kind that are in order, over dressed.
func entryChanges() map[string]workflow.Change {
	return map[string]workflow.Change{
		"lasting amounts": quotaFor(nil),
		"fewer of them":   quotaFor(func(c *workflow.QuotaChange) { c.CPU, c.Pods = "1", "5" }),
		"an increase":     raiseFor(nil),
		"load balancers": raiseFor(func(c *workflow.QuotaChange) {
			c.Objects = map[workflow.ObjectCount]string{workflow.CountLoadBalancers: "1"}
		}),
		"a longer increase":   raiseFor(func(c *workflow.QuotaChange) { c.CPU = "3" }),
		"access":              accessFor(nil),
		"access for a person": forPerson(dana.ID.Object, nil),
		"longer access":       forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-10" }),
		"access for good":     forGroup(oncall, nil),
		"an exemption":        exemptionFor(func(c *workflow.ExemptionChange) { c.Value = "docker.io/library/redis:7.3" }),
		"a longer exemption":  exemptionFor(nil),
	}
}

func TestEachKindOfEntryThatWasPlannedAndApprovedIsProvedWithoutObjection(t *testing.T) {
	for name, change := range entryChanges() {
		proof := entryGiven(t, dressed(), change)
		if objections := workflow.ProveGrant(proof); len(objections) > 0 {
			t.Errorf("%s: it is objected to: %q", name, objections)
		}
		if len(workflow.ProveEnd(proof)) == 0 {
			t.Errorf("%s: it passes as an end", name)
		}
		proof.Policy.Environments = map[string]workflow.Environment{"prod": {PodSecurity: workflow.LevelRestricted}}
		if objections := workflow.ProveGrant(proof); len(objections) > 0 {
			t.Errorf("%s: where a newer policy would not give the namespace again it is objected to: %q", name, objections)
		}
		for _, kind := range append(workflow.Kinds(), "", "tenant") {
			if kind != proof.Message.Kind {
				proof.Message.Kind = kind
				objectsToMore(t, fmt.Sprintf("%s as a request of kind %q", name, kind), proof)
			}
			proof.Message.Kind = change.Kind()
		}
	}
}

// objectsToMore wants an objection that is about more than the digest, which
// whoever has the signing key can write.
func objectsToMore(t testing.TB, what string, proof workflow.Proof) {
	t.Helper()
	if objections := beyondDigest(workflow.ProveGrant(proof)); len(objections) == 0 {
		t.Errorf("%s goes unnoticed but for the digest", what)
	}
}

func beyondDigest(objections []string) []string {
	return slices.DeleteFunc(objections, func(o string) bool { return strings.Contains(o, "is not the change that was committed") })
}

// inAPI changes payments-api as it was committed.
func inAPI(change func(*workflow.Namespace)) func(*workflow.Tenancy) {
	return inPlace("payments-api", change)
}

func inPlace(name string, change func(*workflow.Namespace)) func(*workflow.Tenancy) {
	return namespaceOf(name, func(n *workflow.Namespace) {
		if raise := n.Quota.Raise; raise != nil {
			own := *raise
			n.Quota.Raise = &own
		}
		n.Access, n.Exemptions, n.Network = slices.Clone(n.Access), slices.Clone(n.Exemptions), slices.Clone(n.Network)
		change(n)
	})
}

// smuggled are the ways in which a commit of any of the kinds does more than it
// was asked for. None of them touches what request 7 gives.
var smuggled = map[string]func(*workflow.Tenancy){
	"another namespace's quota":                        inPlace("payments-shop", func(n *workflow.Namespace) { n.Quota.CPU = amount("3") }),
	"another namespace's quota, in the request's name": inPlace("payments-shop", func(n *workflow.Namespace) { n.Quota.CPU, n.Quota.Request = amount("3"), 7 }),
	"another namespace's increase":                     inPlace("payments-shop", func(n *workflow.Namespace) { n.Quota.Raise = raised("3", thirdEnd); n.Quota.Raise.Request = 7 }),
	"another namespace's access": inPlace("payments-shop", func(n *workflow.Namespace) {
		n.Access = append(n.Access, workflow.Access{Group: oncall, Role: workflow.AccessView, Request: 7})
	}),
	"another namespace's exemption": inPlace("payments-shop", func(n *workflow.Namespace) {
		n.Exemptions = []workflow.Exemption{{Rule: "required-label", Value: "x", Selector: map[string]string{"a": "b"}, Until: thirdEnd, Request: 7}}
	}),
	"access of somebody, too": inAPI(func(n *workflow.Namespace) {
		n.Access = append(n.Access, workflow.Access{Person: liam.ID.Object, User: "liam@contoso.example", Role: workflow.AccessView, Until: thirdEnd, Request: 7})
	}),
	"access by another request, too": inAPI(func(n *workflow.Namespace) {
		n.Access = append(n.Access, workflow.Access{Group: mixed, Role: workflow.AccessView, Until: thirdEnd, Request: 8})
	}),
	"an exemption, too": inAPI(func(n *workflow.Namespace) {
		n.Exemptions = append(n.Exemptions, workflow.Exemption{Rule: "required-label", Value: "x", Selector: map[string]string{"a": "b"}, Until: thirdEnd, Request: 8})
	}),
	"a network exception, too": inAPI(func(n *workflow.Namespace) {
		n.Network = append(n.Network, egress(7, workflow.FlowPeer{CIDR: "10.21.0.0/16"}, 443, thirdEnd))
	}),
	"the network exception lasts longer": inAPI(func(n *workflow.Namespace) {
		for i := range n.Network {
			n.Network[i].Until = thirdEnd
		}
	}),
	"the network exception goes":      inAPI(func(n *workflow.Namespace) { n.Network = nil }),
	"standing access goes":            inAPI(func(n *workflow.Namespace) { n.Access = without52(n.Access) }),
	"standing access is of another":   accessOf(oscar.ID.Object, func(a *workflow.Access) { a.Person, a.User = liam.ID.Object, "liam@contoso.example" }),
	"the user name of somebody":       accessOf(oscar.ID.Object, func(a *workflow.Access) { a.User = "liam@contoso.example" }),
	"the namespace's own access":      accessOf(group(1), func(a *workflow.Access) { a.Group = group(9) }),
	"the role of the namespace's own": accessOf(group(2), func(a *workflow.Access) { a.Role = workflow.AccessAdmin }),
	"a lower level":                   inAPI(func(n *workflow.Namespace) { n.PodSecurity = workflow.LevelBaseline }),
	"another environment":             inAPI(func(n *workflow.Namespace) { n.Environment = "prod" }),
	"another purpose":                 inAPI(func(n *workflow.Namespace) { n.Purpose = "Something else." }),
	"another cluster":                 inAPI(func(n *workflow.Namespace) { n.Cluster = "neu-1" }),
	"another request gave it":         inAPI(func(n *workflow.Namespace) { n.Request = 7 }),
	"a namespace more":                func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, held("payments-more", 7)) },
	"a namespace fewer":               func(t *workflow.Tenancy) { *t = t.Without("neu-1", "payments-far") },
	"other owners":                    func(t *workflow.Tenancy) { t.Owners.Group = group(9) },
	"other members":                   func(t *workflow.Tenancy) { t.Members.Group = group(9) },
	"a higher ceiling":                func(t *workflow.Tenancy) { t.Ceiling.CPU = amount("64") },
	"another place":                   func(t *workflow.Tenancy) { t.Clusters = append(slices.Clone(t.Clusters), "sea-1") },
	"another repository":              func(t *workflow.Tenancy) { t.Repositories = []string{"https://git.example.com/x"} },
	"another name":                    func(t *workflow.Tenancy) { t.DisplayName = "Payments" },
}

// accessOf changes what somebody has in payments-api by another request than 7.
func accessOf(subject string, change func(*workflow.Access)) func(*workflow.Tenancy) {
	return inAPI(func(n *workflow.Namespace) {
		for i := range n.Access {
			if n.Access[i].Subject() == subject && n.Access[i].Request != 7 {
				change(&n.Access[i])
			}
		}
	})
}

func without52(list []workflow.Access) []workflow.Access {
	return slices.DeleteFunc(slices.Clone(list), func(a workflow.Access) bool { return a.Request == 52 })
}

func TestWhateverAGrantDoesBesideItsEntryIsObjectedTo(t *testing.T) {
	for what, change := range entryChanges() {
		for name, smuggle := range smuggled {
			proof := entryGiven(t, dressed(), change)
			here(smuggle)(&proof)
			objectsToMore(t, what+" with "+name, proof)
		}
		proof := entryGiven(t, dressed(), change)
		here(smuggled["another namespace's quota"])(&proof)
		objects(t, workflow.ProveGrant(proof), "changes one namespace, not 2")
		proof = entryGiven(t, dressed(), change)
		other := proof.Holders["logistics"]
		after := other
		after.DisplayName = "Mine now"
		proof.Others = []workflow.OtherSide{{Before: other, After: after}}
		objects(t, workflow.ProveGrant(proof), "changes one tenancy, yet that of logistics changes, too")
		proof = entryGiven(t, dressed(), change)
		proof.After = proof.Before
		objects(t, workflow.ProveGrant(proof), "changes one namespace, not 0")
		proof = entryGiven(t, dressed(), change)
		proof.Message.Request = 8
		objectsToMore(t, what+" by another request", proof)
	}
}

// entryForgeries are what each kind can have wrong within its own entry.
var entryForgeries = map[string]struct {
	change workflow.Change
	forge  func(*workflow.Proof)
	says   string
}{
	"lasting amounts over the ceiling":           {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Memory = amount("64Gi") }), "its ceiling is 48Gi"},
	"lasting amounts over it with the increase":  {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.CPU = amount("64") }), "its ceiling is 12"},
	"lasting amounts below nothing":              {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Pods = -1 }), "is negative"},
	"lasting amounts that count what is not":     {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Objects = map[workflow.ObjectCount]int64{"x": 1} }), "is nothing that a quota counts"},
	"lasting amounts of another request":         {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Request = 49 }), "something else of payments changes"},
	"lasting amounts with another increase":      {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.CPU = amount("4500m") }), "something else of payments changes"},
	"lasting amounts with a longer increase":     {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.Until = thirdEnd }), "something else of payments changes"},
	"lasting amounts without the increase":       {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise = nil }), "something else of payments changes"},
	"lasting amounts that come with an increase": {quotaFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.Request = 7 }), "something else of payments changes"},

	"an increase over the ceiling":            {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.CPU = amount("9") }), "its ceiling is 12"},
	"an increase that lowers something":       {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.Memory = amount("7Gi") }), "a temporary increase lowers nothing"},
	"an increase that limits something":       {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.Objects = map[workflow.ObjectCount]int64{"secrets": 9} }), "a temporary increase lowers nothing"},
	"an increase that lowers what lasts":      {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.CPU = amount("2") }), "something else of payments changes"},
	"an increase that raises what lasts":      {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.CPU = amount("4") }), "something else of payments changes"},
	"an increase in the name of what lasts":   {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Request = 7 }), "something else of payments changes"},
	"an increase for too long":                {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.Until = noon.Add(30*24*time.Hour + time.Second) }), "until: 2026-04-01T12:00:01Z is too far off"},
	"an increase that is over":                {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.Until = noon }), "has passed"},
	"an increase for good":                    {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.Until = time.Time{} }), "an end is needed"},
	"an increase of another request":          {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Quota.Raise.Request = 50 }), "something else of payments changes"},
	"an increase for longer than the policy":  {raiseFor(nil), func(p *workflow.Proof) { p.Policy.Requests.Quota.MaxDuration = workflow.Duration(24 * time.Hour) }, "lasts at most 1 day"},
	"an increase, and the namespace's number": {raiseFor(nil), inEntry(func(n *workflow.Namespace) { n.Request = 7 }), "something else of payments changes"},

	"access that may not stand": {forGroup(oncall, nil), func(p *workflow.Proof) {
		p.Policy.Requests.Access.Standing = []workflow.AccessRole{workflow.AccessView}
	}, "until: The role edit is given for a time only"},
	"access for too long":        {forGroup(oncall, nil), entry7(func(a *workflow.Access) { a.Until = noon.Add(31 * 24 * time.Hour) }), "is too far off: access with an end"},
	"access that is over":        {forGroup(oncall, nil), entry7(func(a *workflow.Access) { a.Until = noon.Add(-time.Hour) }), "has passed"},
	"access that ends sooner":    {forGroup(oncall, nil), entry7(func(a *workflow.Access) { a.Until = secondEnd.Add(-time.Second) }), "it takes the place of the access of request 51, which lasts longer"},
	"access that ends as it did": {forGroup(oncall, nil), entry7(func(a *workflow.Access) { a.Until = secondEnd }), "it takes the place of the access of request 51, which lasts longer"},
	"access that takes a standing one's place": {forGroup(oncall, nil), inEntry(func(n *workflow.Namespace) {
		n.Access = slices.DeleteFunc(n.Access, func(a workflow.Access) bool { return a.Request == 52 || a.Request == 7 })
		n.Access = append(n.Access, workflow.Access{Person: oscar.ID.Object, User: oscarAccount.User, Role: workflow.AccessView, Until: thirdEnd, Request: 7},
			workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: secondEnd, Request: 51})
	}), "it takes the place of the access of request 52, which lasts longer"},
	"access as the highest role":     {forGroup(oncall, nil), entry7(func(a *workflow.Access) { a.Role = "cluster-admin" }), `"cluster-admin" is not one of`},
	"access for another tenant":      {forGroup(oncall, nil), entry7(func(a *workflow.Access) { a.Group = group(4) }), "the group " + group(4) + " is another tenant's"},
	"access for another's owners":    {forGroup(oncall, nil), entry7(func(a *workflow.Access) { a.Group = group(3) }), "is another tenant's"},
	"access for the API server":      {forPerson(dana.ID.Object, nil), entry7(func(a *workflow.Access) { a.User = "system:masters" }), "is not the user name of a person"},
	"access for nobody":              {forPerson(dana.ID.Object, nil), entry7(func(a *workflow.Access) { a.Person = "" }), "a group or a person is needed"},
	"access for a group and one":     {forPerson(dana.ID.Object, nil), entry7(func(a *workflow.Access) { a.Group = oncall }), "only one of them"},
	"access of another request":      {forPerson(dana.ID.Object, nil), entry7(func(a *workflow.Access) { a.Request = 8 }), "it gives no access by request 7"},
	"access of the namespace itself": {forPerson(dana.ID.Object, nil), entry7(func(a *workflow.Access) { a.Until, a.Request = time.Time{}, 30 }), "it gives no access by request 7"},
	"access beside the shorter one": {forGroup(oncall, nil), inEntry(func(n *workflow.Namespace) {
		n.Access = append(n.Access, workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: secondEnd, Request: 51})
	}), "has the role edit already"},
	"access in the namespace's name": {forPerson(dana.ID.Object, nil), func(p *workflow.Proof) {
		for _, t := range []*workflow.Tenancy{&p.Before, &p.After} {
			deeper(t)
			namespaceOf("payments-api", func(n *workflow.Namespace) { n.Request = 7 })(t)
		}
	}, "it gives no access by request 7"},

	"an exemption for too long":             {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Until = noon.Add(31 * 24 * time.Hour) }), "is too far off: an exemption"},
	"an exemption that is over":             {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Until = noon }), "has passed"},
	"an exemption for good":                 {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Until = time.Time{} }), "an end is needed"},
	"an exemption for every pod":            {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Selector = nil }), "the labels of the pods that it is for are needed"},
	"an exemption from what rules":          {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Rule = "governed" }), "There is no exemption from"},
	"an exemption for every image":          {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Value = "*" }), "stands for several images"},
	"an exemption of another request":       {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Request = 8 }), "it gives no exemption by request 7"},
	"an exemption that ends sooner":         {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Until = secondEnd.Add(-time.Second) }), "the exemption of request 53, which lasts longer"},
	"an exemption that ends as it did":      {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Until = secondEnd }), "the exemption of request 53, which lasts longer"},
	"an exemption of another value instead": {exemptionFor(nil), exemption7(func(e *workflow.Exemption) { e.Value += "1" }), "something else of payments changes"},
	"an exemption of two values": {exemptionFor(nil), inEntry(func(n *workflow.Namespace) {
		second := n.Exemptions[0]
		second.Value += "1"
		n.Exemptions = append(n.Exemptions, second)
	}), "request 7 has an exemption here already"},
}

// inEntry changes payments-api as it was committed.
func inEntry(change func(*workflow.Namespace)) func(*workflow.Proof) {
	return func(p *workflow.Proof) { here(inAPI(change))(p) }
}

// entry7 changes the access that request 7 gave, exemption7 the exemption.
func entry7(change func(*workflow.Access)) func(*workflow.Proof) {
	return inEntry(func(n *workflow.Namespace) {
		for i := range n.Access {
			if n.Access[i].Request == 7 {
				change(&n.Access[i])
				return
			}
		}
	})
}

func exemption7(change func(*workflow.Exemption)) func(*workflow.Proof) {
	return inEntry(func(n *workflow.Namespace) {
		for i := range n.Exemptions {
			if n.Exemptions[i].Request == 7 {
				change(&n.Exemptions[i])
				return
			}
		}
	})
}

func TestEachForgeryOfAnEntryIsObjectedTo(t *testing.T) {
	for name, forgery := range entryForgeries {
		t.Run(name, func(t *testing.T) {
			proof := entryGiven(t, dressed(), forgery.change)
			forgery.forge(&proof)
			objects(t, workflow.ProveGrant(proof), forgery.says)
		})
	}
}

func TestAnEntryNeedsTheVotesOfItsEnvironmentAndBound(t *testing.T) {
	for name, test := range map[string]struct {
		state  *workflow.ApprovedState
		change workflow.Change
		says   string
	}{
		"production": {equipped(), forGroup(oncall, func(c *workflow.AccessChange) { c.Namespace = "payments-shop" }), "are not those of the policy, owner=1 security=2"},
		"the bound":  {bounded(), quotaFor(nil), "are not those of the policy, security=1"},
	} {
		proof := entryGiven(t, test.state, test.change)
		proof.Message.Stages = []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}
		proof.Message.ApprovedBy = approvals(byOlivia)
		t.Run(name, func(t *testing.T) { objects(t, workflow.ProveGrant(proof), test.says) })
	}
}

// A namespace comes with the access of its tenant's two groups and of other groups,
// and with nothing else.
func TestANamespaceThatComesWithAnyEntryOfAnotherKindIsObjectedTo(t *testing.T) {
	access := func(a workflow.Access) func(*workflow.Namespace) {
		return func(n *workflow.Namespace) { n.Access = append(slices.Clone(n.Access), a) }
	}
	for name, test := range map[string]struct {
		change func(*workflow.Namespace)
		says   string
	}{
		"a person's access": {access(workflow.Access{Person: dana.ID.Object, User: "dana@contoso.example", Role: workflow.AccessView, Request: 7}), "comes with access, view for dana@contoso.example"},
		"another tenant's":  {access(workflow.Access{Group: group(3), Role: workflow.AccessView, Request: 7}), "the group is another tenant's"},
		"another role":      {access(workflow.Access{Group: group(2), Role: workflow.AccessAdmin, Request: 7}), "comes with access, admin for the group " + group(2)},
		"access that ends":  {access(workflow.Access{Group: oncall, Role: workflow.AccessView, Until: thirdEnd, Request: 7}), "comes with access, view"},
		"access by another": {access(workflow.Access{Group: oncall, Role: workflow.AccessView, Request: 6}), "names another request than 7"},
		"an exemption": {func(n *workflow.Namespace) {
			e := exempted(thirdEnd)
			e.Request = 7
			n.Exemptions = []workflow.Exemption{e}
		}, "comes with an entry of kind exemption"},
		"an increase":           {func(n *workflow.Namespace) { n.Quota.Raise = raised("2", thirdEnd); n.Quota.Raise.Request = 7 }, "comes with an entry of kind quota"},
		"an increase of others": {func(n *workflow.Namespace) { n.Quota.Raise = raised("2", thirdEnd) }, "comes with an entry of kind quota"},
	} {
		t.Run(name, func(t *testing.T) {
			proof := granted(t)
			given(test.change)(&proof)
			objects(t, workflow.ProveGrant(proof), test.says)
		})
	}
}

// Whatever people ask for, what was planned and approved proves, and nothing
// beside it gets through with it, also where the digest was written anew.
func TestAnyEntryThatIsPlannedAndApprovedProvesAndNothingBesideItDoes(t *testing.T) {
	names := slices.Sorted(maps.Keys(smuggled))
	rapid.Check(t, func(rt *rapid.T) {
		state := equipped()
		if rapid.Bool().Draw(rt, "dressed") {
			state = dressed()
		}
		change := drawEntry(rt)
		plan, err := lookingUp(known()).Plan(rt.Context(), state, asked(change))
		if err != nil {
			return // what was typed cannot be asked for
		}
		proof := proofOf(state, asked(change), plan, votes(plan.Stages)...)
		if objections := workflow.ProveGrant(proof); len(objections) > 0 {
			rt.Fatalf("what was planned and approved is objected to: %q", objections)
		}
		if problems := append(plan.After.Check(), state.Policy.Conforms(plan.After)...); len(problems) > 0 {
			rt.Fatalf("what was planned is not in order: %v", problems)
		}
		if len(plan.Environments()) != 1 || len(plan.Edits) == 0 {
			rt.Fatalf("it changes %v in %v", plan.Edits, plan.Environments())
		}
		name := rapid.SampledFrom(names).Draw(rt, "smuggled")
		before := encoded(proof.After)
		here(smuggled[name])(&proof)
		if encoded(proof.After) != before && len(beyondDigest(workflow.ProveGrant(proof))) == 0 {
			rt.Fatalf("%s goes unnoticed", name)
		}
	})
}

func encoded(t workflow.Tenancy) string {
	return fmt.Sprintf("%+v", workflow.Edits(workflow.Tenancy{}, t))
}

// drawEntry types into one of the forms.
func drawEntry(t *rapid.T) workflow.Change {
	from := func(label string, options ...string) string { return rapid.SampledFrom(options).Draw(t, label) }
	place := from("place", "weu-1 payments-api", "weu-1 payments-api", "neu-1 payments-far")
	cluster, namespace, _ := strings.Cut(place, " ")
	until := from("until", "", "2026-03-04T11:59:59Z", "2026-03-10", "2026-04-01T12:00:00Z")
	switch from("kind", "quota", "access", "exemption") {
	case "quota":
		c := quotaFor(func(c *workflow.QuotaChange) {
			c.Cluster, c.Namespace, c.Until = cluster, namespace, until
			c.CPU, c.Memory, c.Storage = from("cpu", "2", "2000m", "2500m", "4", "500m"), from("memory", "8Gi", "8192Mi", "9Gi"), from("storage", "20Gi", "0", "21Gi")
			c.Pods, c.Objects = from("pods", "20", "25", "0"), map[workflow.ObjectCount]string{}
		})
		for _, kind := range workflow.ObjectCounts() {
			c.Objects[kind] = from(string(kind), "", "", "0", "5")
		}
		return c
	case "access":
		return accessFor(func(c *workflow.AccessChange) {
			c.Cluster, c.Namespace, c.Until = cluster, namespace, until
			c.Subject = workflow.SubjectChoice(from("subject", "members", "owners", "group", "person"))
			c.Group, c.Person = from("group", oncall, mixed, group(1)), from("person", dana.ID.Object, oscar.ID.Object, liam.ID.Object)
			c.Role = workflow.AccessRole(from("role", "view", "edit", "admin"))
		})
	}
	return exemptionFor(func(c *workflow.ExemptionChange) {
		c.Cluster, c.Namespace, c.Until = cluster, namespace, until
		c.Rule = from("rule", "trusted-registry", "required-label")
		c.Value = from("value", redis, "docker.io/library/redis:7.3", "team", "team=x")
		c.Selector = from("selector", "app=legacy", "app=legacy tier=db", "")
	})
}
