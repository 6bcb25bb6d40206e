package workflow_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// grantedThree is the proof of three namespaces with everything that they can be
// given, and settled the one of a change of a namespace.
func grantedThree(t testing.TB) workflow.Proof {
	t.Helper()
	return provedIn(t, catalogued(), threeOf(func(c *workflow.NamespaceChange) {
		c.Access = []workflow.AskedAccess{{Group: oncall, Role: workflow.AccessEdit}}
		own("1", "1Gi", "1Gi", "3")(&c.Also[0])
	}))
}

func settled(t testing.TB) workflow.Proof {
	t.Helper()
	return provedIn(t, catalogued(), settling(nil))
}

func provedIn(t testing.TB, state *workflow.ApprovedState, change workflow.Change) workflow.Proof {
	t.Helper()
	asked := proposal(change)
	plan, err := lookingUp(known()).Plan(t.Context(), state, asked)
	if err != nil {
		t.Fatal(err)
	}
	by := approvals(byOlivia, workflow.Approval{Person: sam.Person, Stage: workflow.RoleSecurity})
	if plan.Stages[1].Needed == 2 {
		by = append(by, workflow.Approval{Person: sofia.Person, Stage: workflow.RoleSecurity})
	}
	return proofOf(state, asked, plan, by...)
}

func TestTheFullerNamespacesAndTheirChangesAreProvedWithoutObjection(t *testing.T) {
	for name, proof := range map[string]workflow.Proof{"three": grantedThree(t), "a change": settled(t)} {
		if objections := workflow.ProveGrant(proof); len(objections) > 0 {
			t.Errorf("%s: it is objected to: %q", name, objections)
		}
	}
	full := catalogued()
	lowered := full.Tenancies["payments"]
	lowered.Ceiling.CPU = amount("1")
	full.Tenancies["payments"] = lowered
	if objections := workflow.ProveGrant(provedIn(t, full, settling(nil))); len(objections) > 0 {
		t.Errorf("hosts need room beneath the ceiling: %q", objections)
	}
}

func TestEachForgeryOfFullerNamespacesIsObjectedTo(t *testing.T) {
	access := func(change func(*workflow.Access)) func(*workflow.Proof) bool {
		return given(func(n *workflow.Namespace) {
			n.Access = slices.Clone(n.Access)
			change(&n.Access[2])
		})
	}
	for name, forgery := range map[string]forgery{
		"no class":                 {given(func(n *workflow.Namespace) { n.Classification = "" }), "does not say how confidential its data are"},
		"a class there is not":     {given(func(n *workflow.Namespace) { n.Classification = "x" }), `the policy has no class "x"; it has internal, confidential, secret`},
		"a registry there is not":  {given(func(n *workflow.Namespace) { n.Registries = []string{"ghcr"} }), `the policy's catalogue has no registry "ghcr"; it has docker-official, quay`},
		"another tenant's host":    {given(func(n *workflow.Namespace) { n.Hosts = []string{"logistics.example.com"} }), `"logistics.example.com" is taken`},
		"its own other one's host": {given(func(n *workflow.Namespace) { n.Hosts = []string{"web.example.com"} }), "is the host of"},
		"a reserved host":          {given(func(n *workflow.Namespace) { n.Hosts = []string{"status.example.com"} }), `"status.example.com" is reserved for the platform`},
		"a wildcard":               {given(func(n *workflow.Namespace) { n.Hosts = []string{"*.example.com"} }), "stands for many names"},
		"a host in capitals":       {given(func(n *workflow.Namespace) { n.Hosts = []string{"PAY.example.com"} }), `is written "pay.example.com"`},
		"a role for a time only":   {access(func(a *workflow.Access) { a.Role = workflow.AccessAdmin }), "the role is given for a time only"},
		"another tenant's group":   {access(func(a *workflow.Access) { a.Group = group(4) }), "the group is another tenant's"},
		"a person": {access(func(a *workflow.Access) {
			*a = workflow.Access{Person: dana.ID.Object, User: "dana@contoso.example", Role: workflow.AccessView, Request: 7}
		}), "which is a request of its own"},
		"access with an end":        {access(func(a *workflow.Access) { a.Until = thirdEnd }), "which is a request of its own"},
		"access of another request": {access(func(a *workflow.Access) { a.Request = 6 }), "names another request than 7"},
		"eleven groups": {given(func(n *workflow.Namespace) {
			n.Access = slices.Clone(n.Access)
			for i := range 10 {
				n.Access = append(n.Access, workflow.Access{Group: group(50 + i), Role: workflow.AccessView, Request: 7})
			}
		}), "comes with access for 11 groups; at most 10 can be"},
		"load balancers": {given(func(n *workflow.Namespace) {
			n.Quota.Objects = map[workflow.ObjectCount]int64{workflow.CountLoadBalancers: 50}
		}), "counts other objects than the policy's sizes do"},
		"no access of the members":        {given(func(n *workflow.Namespace) { n.Access = n.Access[1:] }), "that every namespace has"},
		"no purpose":                      {given(func(n *workflow.Namespace) { n.Purpose = "" }), `says with "" what it is for`},
		"settings of another there":       {elsewhere(func(n *workflow.Namespace) { n.Hosts = []string{"new.example.com"} }), "only adds namespaces, yet namespace weu-1/payments-web changes"},
		"registries of another there":     {elsewhere(func(n *workflow.Namespace) { n.Registries = nil }), "only adds namespaces, yet namespace weu-1/payments-web changes"},
		"one namespace of the three gone": {always(func(p *workflow.Proof) { p.After = p.After.Without("weu-1", "payments-api-dev") }), "is not the change that was committed"},
	} {
		t.Run(name, func(t *testing.T) {
			proof := grantedThree(t)
			if !forgery.forge(&proof) {
				t.Fatal("there was nothing to forge")
			}
			objects(t, workflow.ProveGrant(proof), forgery.says)
		})
	}
}

func TestEachForgeryOfAChangeOfANamespaceIsObjectedTo(t *testing.T) {
	for name, forgery := range map[string]forgery{
		"its quota":       {elsewhere(func(n *workflow.Namespace) { n.Quota.CPU = amount("3") }), "changes its own entry, yet something else of payments changes"},
		"its level":       {elsewhere(func(n *workflow.Namespace) { n.PodSecurity = workflow.LevelBaseline }), "yet something else of payments changes"},
		"its environment": {elsewhere(func(n *workflow.Namespace) { n.Environment = "prod" }), "yet something else of payments changes"},
		"its request":     {elsewhere(func(n *workflow.Namespace) { n.Request = 7 }), "yet something else of payments changes"},
		"access": {elsewhere(func(n *workflow.Namespace) {
			n.Access = []workflow.Access{{Group: oncall, Role: workflow.AccessEdit, Request: 4}}
		}), "yet something else of payments changes"},
		"an exemption":           {elsewhere(func(n *workflow.Namespace) { n.Exemptions = []workflow.Exemption{exempted(thirdEnd)} }), "yet something else of payments changes"},
		"the ceiling":            {afterwards(func(t *workflow.Tenancy) { t.Ceiling.CPU = amount("640") }), "yet something else of payments changes"},
		"a namespace more":       {afterwards(func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, held("payments-more", 7)) }), "only adds namespaces, yet namespace weu-1/payments-web changes"},
		"the namespace gone":     {afterwards(func(t *workflow.Tenancy) { *t = t.Without("weu-1", "payments-web") }), "only adds namespaces, yet namespace weu-1/payments-web changes"},
		"no class":               {elsewhere(func(n *workflow.Namespace) { n.Classification = "" }), "does not say how confidential its data are"},
		"a class there is not":   {elsewhere(func(n *workflow.Namespace) { n.Classification = "x" }), `the policy has no class "x"`},
		"a registry there isn't": {elsewhere(func(n *workflow.Namespace) { n.Registries = []string{"ghcr"} }), `no registry "ghcr"`},
		"another tenant's host":  {elsewhere(func(n *workflow.Namespace) { n.Hosts = []string{"logistics.example.com"} }), "is taken"},
		"a reserved host":        {elsewhere(func(n *workflow.Namespace) { n.Hosts = []string{"a.platform.example.com"} }), "is reserved for the platform"},
		"other hosts":            {elsewhere(func(n *workflow.Namespace) { n.Hosts = []string{"other.example.com"} }), "is not the change that was committed"},
		"a stage dropped":        {always(func(p *workflow.Proof) { p.Message.Stages = p.Message.Stages[:1] }), "are not those of the policy"},
		"no approvals":           {always(func(p *workflow.Proof) { p.Message.ApprovedBy = nil }), "approvals"},
	} {
		t.Run(name, func(t *testing.T) {
			proof := settled(t)
			if !forgery.forge(&proof) {
				t.Fatal("there was nothing to forge")
			}
			objects(t, workflow.ProveGrant(proof), forgery.says)
		})
	}
}

// Whatever is asked for of the fuller form, what was planned proves, and the
// document that comes of it is well-formed and conforms.
func TestAnyFullerNamespaceThatIsPlannedProves(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		state := catalogued()
		change := drawFuller(rt)
		asked := proposal(change)
		plan, err := lookingUp(known()).Plan(t.Context(), state, asked)
		if err != nil {
			return // it does not fit together
		}
		if problems := append(plan.After.Check(), state.Policy.Conforms(plan.After)...); len(problems) > 0 {
			rt.Fatalf("the document would be refused: %v", problems)
		}
		by := approvals(byOlivia, workflow.Approval{Person: sam.Person, Stage: workflow.RoleSecurity}, workflow.Approval{Person: sofia.Person, Stage: workflow.RoleSecurity})
		if objections := workflow.ProveGrant(proofOf(state, asked, plan, by...)); len(objections) > 0 {
			rt.Fatalf("it is objected to: %q", objections)
		}
	})
}

// drawFuller asks for one to three namespaces, or for a change of one.
func drawFuller(t *rapid.T) workflow.NamespaceChange {
	hosts := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a.example.com", "b.example.com", "web.example.com", "C.example.com", "logistics.example.com"}), 0, 3, rapid.ID[string])
	change := fuller(func(c *workflow.NamespaceChange) {
		c.Classification = rapid.SampledFrom([]string{"internal", "secret"}).Draw(t, "class")
		c.Registries = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"quay", "docker-official"}), 0, 2, rapid.ID[string]).Draw(t, "registries")
		for _, role := range rapid.SliceOfNDistinct(rapid.SampledFrom([]workflow.AccessRole{workflow.AccessView, workflow.AccessEdit}), 0, 2, rapid.ID[workflow.AccessRole]).Draw(t, "roles") {
			c.Access = append(c.Access, workflow.AskedAccess{Group: oncall, Role: role})
		}
	})
	part := func(name string) workflow.AskedNamespace {
		n := workflow.AskedNamespace{
			Name: name, Cluster: rapid.SampledFrom([]string{"weu-1", "neu-1"}).Draw(t, "cluster"), PodSecurity: workflow.LevelRestricted, Size: "small",
			Environment: rapid.SampledFrom([]string{"dev", "prod"}).Draw(t, "environment"), Hosts: hosts.Draw(t, "hosts"),
		}
		if rapid.Bool().Draw(t, "own numbers") {
			own("500m", "1.5Gi", "0", "12")(&n)
		}
		return n
	}
	if rapid.IntRange(0, 3).Draw(t, "existing") == 0 {
		return settling(func(c *workflow.NamespaceChange) {
			c.Classification, c.Registries, c.Hosts = change.Classification, change.Registries, hosts.Draw(t, "hosts")
		})
	}
	change.AskedNamespace = part("payments-one")
	for _, name := range []string{"payments-two", "payments-three"}[:rapid.IntRange(0, 2).Draw(t, "more")] {
		change.Also = append(change.Also, part(name))
	}
	return change
}
