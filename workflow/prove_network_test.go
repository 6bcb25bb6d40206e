package workflow_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// approvals are those of an owner, the other tenant's owner, and security.
func approvals(people ...workflow.Approval) []workflow.Approval { return people }

var (
	byOlivia = workflow.Approval{Person: olivia.Person, Stage: workflow.RoleOwner}
	byLena   = workflow.Approval{Person: lena.Person, Stage: workflow.RolePeerOwner}
	bySam    = workflow.Approval{Person: sam.Person, Stage: workflow.RoleSecurity}
)

// excepted is the proof of a network exception that everybody needed agreed to.
func excepted(t testing.TB, change workflow.NetworkChange) workflow.Proof {
	t.Helper()
	state := connected()
	plan, err := planner().Plan(t.Context(), state, asked(change))
	if err != nil {
		t.Fatal(err)
	}
	by := approvals(byOlivia, bySam)
	if len(plan.Others) > 0 {
		by = approvals(byOlivia, byLena, bySam)
	}
	return proofOf(state, asked(change), plan, by...)
}

// here changes the tenancy of payments as it was committed, there that of logistics.
func here(change func(*workflow.Tenancy)) func(*workflow.Proof) bool {
	return always(func(p *workflow.Proof) { change(deeper(&p.After)) })
}

func there(change func(*workflow.Tenancy)) func(*workflow.Proof) bool {
	return func(p *workflow.Proof) bool {
		if len(p.Others) == 0 {
			return false
		}
		p.Others = slices.Clone(p.Others)
		change(deeper(&p.Others[0].After))
		return true
	}
}

// deeper makes a tenancy one that can be changed without the plan's.
func deeper(t *workflow.Tenancy) *workflow.Tenancy {
	t.Namespaces = slices.Clone(t.Namespaces)
	for i := range t.Namespaces {
		t.Namespaces[i].Network = slices.Clone(t.Namespaces[i].Network)
	}
	return t
}

// exceptionIn changes the exception of a namespace.
func exceptionIn(namespace string, change func(*workflow.NetworkException)) func(*workflow.Tenancy) {
	return func(t *workflow.Tenancy) {
		for i := range t.Namespaces {
			if n := &t.Namespaces[i]; n.Name == namespace && n.Cluster == "weu-1" {
				for j := range n.Network {
					change(&n.Network[j])
				}
			}
		}
	}
}

// namespaceOf changes a namespace of the tenancy.
func namespaceOf(name string, change func(*workflow.Namespace)) func(*workflow.Tenancy) {
	return func(t *workflow.Tenancy) {
		for i := range t.Namespaces {
			if t.Namespaces[i].Name == name {
				change(&t.Namespaces[i])
			}
		}
	}
}

// exceptionForgeries are of an exception into another tenant's namespace.
var exceptionForgeries = map[string]forgery{
	"other ports here":         {here(exceptionIn("payments-api", func(e *workflow.NetworkException) { e.Ports = port(1) })), "is not the other end of"},
	"other ports there":        {there(exceptionIn("logistics-db", func(e *workflow.NetworkException) { e.Ports = port(1) })), "is not the other end of"},
	"a longer time here":       {here(exceptionIn("payments-api", func(e *workflow.NetworkException) { e.Until = e.Until.Add(time.Hour) })), "is not the other end of"},
	"a longer time there":      {there(exceptionIn("logistics-db", func(e *workflow.NetworkException) { e.Until = e.Until.Add(time.Hour) })), "is not the other end of"},
	"other pods there":         {there(exceptionIn("logistics-db", func(e *workflow.NetworkException) { e.Pods = nil })), "is not the other end of"},
	"other pods from there":    {there(exceptionIn("logistics-db", func(e *workflow.NetworkException) { e.From = &workflow.FlowPeer{Namespace: "payments-api"} })), "is not the other end of"},
	"from everywhere there":    {there(exceptionIn("logistics-db", func(e *workflow.NetworkException) { e.From = &workflow.FlowPeer{Internet: true} })), "is not the other end of"},
	"the same direction there": {there(exceptionIn("logistics-db", func(e *workflow.NetworkException) { e.Direction, e.To, e.From = workflow.Egress, e.From, nil })), "is not the other end of"},
	"another request here":     {here(exceptionIn("payments-api", func(e *workflow.NetworkException) { e.Request = 8 })), "names another request than 7"},
	"another request there":    {there(exceptionIn("logistics-db", func(e *workflow.NetworkException) { e.Request = 8 })), "names another request than 7"},
	"the end in another place": {there(moved("logistics-db", "logistics-secret")), "is not the other end of"},
	"no end here":              {here(namespaceOf("payments-api", func(n *workflow.Namespace) { n.Network = nil })), "payments has no end of the exception"},
	"no end there":             {there(namespaceOf("logistics-db", func(n *workflow.Namespace) { n.Network = nil })), "logistics has no end of the exception"},
	"the other end left out":   {always(func(p *workflow.Proof) { p.Others = nil }), "has no other end in logistics-db"},
	"an end more there":        {there(copied("logistics-db", "logistics-secret")), "one end or two, not 3"},
	"an end more here":         {here(copied("payments-api", "payments-web")), "one end or two, not 3"},
	"another namespace there":  {there(func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, held("logistics-new", 7)) }), "something else of logistics changes, namespace weu-1/logistics-new"},
	"another namespace here":   {here(func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, held("payments-new", 7)) }), "something else of payments changes, namespace weu-1/payments-new"},
	"a namespace fewer there":  {there(func(t *workflow.Tenancy) { *t = t.Without("weu-1", "logistics-secret") }), "something else of logistics changes"},
	"other owners there":       {there(func(t *workflow.Tenancy) { t.Owners.Group = group(9) }), "something else of logistics changes, owners"},
	"a higher ceiling here":    {here(func(t *workflow.Tenancy) { t.Ceiling.CPU = amount("640") }), "something else of payments changes, ceiling"},
	"a higher quota there":     {there(namespaceOf("logistics-db", func(n *workflow.Namespace) { n.Quota.CPU = amount("3") })), "something else of logistics changes, namespace weu-1/logistics-db"},
	"no approval by the peer":  {always(func(p *workflow.Proof) { p.Message.ApprovedBy = approvals(byOlivia, bySam) }), "stage peer-owner has 0 of 1 approvals"},
	"no stage of the peer": {always(func(p *workflow.Proof) {
		p.Message.Stages, p.Message.ApprovedBy = withoutPeer(p.Message.Stages), approvals(byOlivia, bySam)
	}), "are not those of the policy"},
	"two tenants asked": {func(p *workflow.Proof) bool {
		if len(p.Others) > 0 {
			p.Others = append(slices.Clone(p.Others), p.Others[0])
		}
		return len(p.Others) > 0
	}, "one end or two, not 3"},
	"the tenants exchanged":       {always(exchanged), "is not the change that was committed"},
	"a time that is over":         {both(func(e *workflow.NetworkException) { e.Until = noon.Add(-time.Hour) }), "has passed"},
	"a time that is too long":     {both(func(e *workflow.NetworkException) { e.Until = noon.Add(91 * 24 * time.Hour) }), "is too far off"},
	"no time":                     {both(func(e *workflow.NetworkException) { e.Until = time.Time{} }), "an end is needed"},
	"no ports":                    {both(func(e *workflow.NetworkException) { e.Ports = nil }), "at least one port is needed"},
	"a port that does not exist":  {both(func(e *workflow.NetworkException) { e.Ports = port(70000) }), "is not a port"},
	"a request of kind namespace": {always(func(p *workflow.Proof) { p.Message.Kind = workflow.KindNamespace }), "changes one tenancy, yet that of logistics changes, too"},
	"a request of kind removal":   {always(func(p *workflow.Proof) { p.Message.Kind = workflow.KindRemoval }), "gives nothing"},
	"it was there before":         {always(func(p *workflow.Proof) { p.Before = p.After }), "had an exception of request 7 before"},
}

func withoutPeer(stages []workflow.Stage) []workflow.Stage {
	return slices.DeleteFunc(slices.Clone(stages), func(s workflow.Stage) bool { return s.Role == workflow.RolePeerOwner })
}

// exchanged makes it the other tenant's request.
func exchanged(p *workflow.Proof) {
	if len(p.Others) > 0 {
		side := p.Others[0]
		p.Others = []workflow.OtherSide{{Before: p.Before, After: p.After}}
		p.Before, p.After = side.Before, side.After
	}
}

// both changes both ends alike.
func both(change func(*workflow.NetworkException)) func(*workflow.Proof) bool {
	return func(p *workflow.Proof) bool {
		here(exceptionIn("payments-api", change))(p)
		return there(exceptionIn("logistics-db", change))(p)
	}
}

func moved(from, to string) func(*workflow.Tenancy) {
	return func(t *workflow.Tenancy) {
		copied(from, to)(t)
		namespaceOf(from, func(n *workflow.Namespace) { n.Network = nil })(t)
	}
}

func copied(from, to string) func(*workflow.Tenancy) {
	return func(t *workflow.Tenancy) {
		var network []workflow.NetworkException
		namespaceOf(from, func(n *workflow.Namespace) { network = n.Network })(t)
		namespaceOf(to, func(n *workflow.Namespace) { n.Network = network })(t)
	}
}

func TestAnExceptionThatWasPlannedAndApprovedIsProvedWithoutObjection(t *testing.T) {
	for name, change := range map[string]workflow.NetworkChange{
		"addresses":                exceptionFor(nil),
		"the internet":             exceptionFor(func(c *workflow.NetworkChange) { c.Peer, c.CIDR = workflow.PeerInternet, "" }),
		"a name":                   exceptionFor(func(c *workflow.NetworkChange) { c.Peer, c.CIDR, c.FQDN = workflow.PeerFQDN, "", "*.example.com" }),
		"the tenant's namespace":   toNamespace("payments-web"),
		"another tenant's":         toNamespace("logistics-db"),
		"coming in from another's": exceptionFor(func(c *workflow.NetworkChange) { *c = toNamespace("logistics-db"); c.Direction = workflow.Ingress }),
	} {
		if objections := workflow.ProveGrant(excepted(t, change)); len(objections) > 0 {
			t.Errorf("%s: it is objected to: %q", name, objections)
		}
	}
}

func TestAnExceptionIsGivenAlsoWhereANewerPolicyWouldNotGiveTheNamespaceAgain(t *testing.T) {
	proof := excepted(t, exceptionFor(nil))
	proof.Policy.Environments = map[string]workflow.Environment{"prod": {PodSecurity: workflow.LevelRestricted}}
	if objections := workflow.ProveGrant(proof); len(objections) > 0 {
		t.Errorf("it is objected to: %q", objections)
	}
}

func TestEachForgeryOfAnExceptionIsObjectedTo(t *testing.T) {
	for name, forgery := range exceptionForgeries {
		t.Run(name, func(t *testing.T) {
			proof := excepted(t, toNamespace("logistics-db"))
			if !forgery.forge(&proof) {
				t.Fatal("there was nothing to forge")
			}
			objects(t, workflow.ProveGrant(proof), forgery.says)
		})
	}
}

func TestEachForgeryOfAnExceptionToAddressesIsObjectedTo(t *testing.T) {
	to := func(peer workflow.FlowPeer) func(*workflow.Proof) bool {
		return here(exceptionIn("payments-api", func(e *workflow.NetworkException) { e.To = &peer }))
	}
	for name, forgery := range map[string]forgery{
		"another range":            {to(workflow.FlowPeer{CIDR: "10.21.0.0/16"}), "is not the change that was committed"},
		"the metadata service":     {to(workflow.FlowPeer{CIDR: "169.254.169.254/32"}), "which nobody may reach"},
		"what the policy refuses":  {to(workflow.FlowPeer{CIDR: "10.240.1.0/24"}), "(the nodes of weu-1)"},
		"everything":               {to(workflow.FlowPeer{CIDR: "0.0.0.0/0"}), "the policy lets nobody ask for that"},
		"a range with host bits":   {to(workflow.FlowPeer{CIDR: "10.20.0.1/16"}), "is not an address range"},
		"nothing":                  {to(workflow.FlowPeer{}), "only one"},
		"a range and the internet": {to(workflow.FlowPeer{CIDR: "10.20.0.0/16", Internet: true}), "only one"},
		"whatever has labels":      {to(workflow.FlowPeer{NamespaceSelector: &workflow.Selector{}}), "only one"},
		"a namespace":              {to(workflow.FlowPeer{Namespace: "payments-web"}), "has no other end in payments-web"},
		"a platform's namespace":   {to(workflow.FlowPeer{Namespace: "kube-system"}), `the namespace "kube-system" is the platform's`},
		"two ends":                 {here(func(t *workflow.Tenancy) { copied("payments-api", "payments-web")(t) }), "reaches addresses has one end, not 2"},
		"its stages as for another reach": {always(func(p *workflow.Proof) {
			p.Policy.Reviews = append([]workflow.ReviewRule{{Opens: []workflow.Opens{workflow.OpensCIDR}, Stages: []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 2}}}}, p.Policy.Reviews...)
		}), "are not those of the policy, security=2"},
		"another tenancy changes": {always(func(p *workflow.Proof) {
			other := p.Holders["logistics"]
			after := other
			after.DisplayName = "Mine now"
			p.Others = []workflow.OtherSide{{Before: other, After: after}}
		}), "logistics has no end of the exception"},
	} {
		t.Run(name, func(t *testing.T) {
			proof := excepted(t, exceptionFor(nil))
			if !forgery.forge(&proof) {
				t.Fatal("there was nothing to forge")
			}
			objects(t, workflow.ProveGrant(proof), forgery.says)
		})
	}
}

func TestANameThatTheClustersEngineDoesNotKnowIsObjectedTo(t *testing.T) {
	proof := excepted(t, exceptionFor(func(c *workflow.NetworkChange) { c.Peer, c.CIDR, c.FQDN = workflow.PeerFQDN, "", "api.example.com" }))
	proof.Policy.Clusters = maps.Clone(proof.Policy.Clusters)
	cluster := proof.Policy.Clusters["weu-1"]
	cluster.NetworkEngine = workflow.EngineAzure
	proof.Policy.Clusters["weu-1"] = cluster
	objects(t, workflow.ProveGrant(proof), "needs the network engine cilium, and weu-1 has azure")
}

func TestANamespaceThatComesWithAnExceptionIsObjectedTo(t *testing.T) {
	proof := granted(t)
	given(func(n *workflow.Namespace) {
		n.Network = []workflow.NetworkException{egress(7, workflow.FlowPeer{CIDR: "10.20.0.0/16"}, 5432, noon.Add(48*time.Hour))}
	})(&proof)
	objects(t, workflow.ProveGrant(proof), "comes with an entry of kind network")
}

func TestAnyExceptionThatIsPlannedAndApprovedProvesAndNoneOfItsForgeriesDoes(t *testing.T) {
	forgeries := slices.Sorted(maps.Keys(exceptionForgeries))
	rapid.Check(t, func(rt *rapid.T) {
		change := drawException(rt)
		plan, err := planner().Plan(rt.Context(), connected(), asked(change))
		if err != nil {
			return // what was typed cannot be asked for
		}
		by := approvals(byOlivia, bySam)
		if len(plan.Others) > 0 {
			by = approvals(byOlivia, byLena, bySam)
		}
		proof := proofOf(connected(), asked(change), plan, by...)
		if objections := workflow.ProveGrant(proof); len(objections) > 0 {
			rt.Fatalf("what was planned and approved is objected to: %q", objections)
		}
		name := rapid.SampledFrom(forgeries).Draw(rt, "forgery")
		before := proof
		exceptionForgeries[name].forge(&proof)
		if !slices.Equal(digestable(before), digestable(proof)) && len(workflow.ProveGrant(proof)) == 0 {
			rt.Fatalf("%s goes unnoticed", name)
		}
	})
}

// digestable is what a proof holds, to see whether a forgery changed anything.
func digestable(p workflow.Proof) []string {
	texts := []string{workflow.StagesText(p.Message.Stages), string(p.Message.Kind), p.After.Name}
	for _, a := range p.Message.ApprovedBy {
		texts = append(texts, a.Person.ID.String())
	}
	for _, side := range append([]workflow.OtherSide{{Before: p.Before, After: p.After}}, p.Others...) {
		for _, edit := range workflow.Edits(side.Before, side.After) {
			texts = append(texts, side.After.Name, edit.Entry, edit.Before, edit.After)
		}
	}
	return texts
}

// drawException types into the form for a network exception.
func drawException(t *rapid.T) workflow.NetworkChange {
	from := func(label string, options ...string) string { return rapid.SampledFrom(options).Draw(t, label) }
	c := workflow.NetworkChange{
		Cluster: from("cluster", "weu-1", "weu-1", "neu-1"), Namespace: from("namespace", "payments-api", "payments-web", "payments-far"),
		Direction: workflow.FlowDirection(from("direction", "egress", "ingress")), Pods: from("pods", "", "app=api", "tier=web, app=api"),
		Peer:  workflow.PeerChoice(from("peer", "namespace", "namespace", "internet", "cidr", "fqdn")),
		Ports: from("ports", "5432", "UDP 53, TCP 53", "TCP 8000-8100, 8050-8200", "SCTP 1-65535"),
		Until: from("until", "2026-03-04", "2026-05-31", "2026-03-02T13:00:00Z"), Reason: "It is needed.",
	}
	switch c.Peer {
	case workflow.PeerNamespace:
		c.PeerNamespace, c.PeerPods = from("there", "logistics-db", "logistics-secret", "payments-web", "payments-api"), from("pods there", "", "app=db")
	case workflow.PeerCIDR:
		c.CIDR = from("range", "10.20.0.0/16", "20.60.0.0/16", "10.0.0.0/7", "fd00:20::/64", "169.0.0.0/8")
		c.Except = from("except", "", "10.240.0.0/16", "169.254.0.0/16", "fd00:20::7")
	case workflow.PeerFQDN:
		c.FQDN = from("name", "api.example.com", "*.example.com")
	}
	return c
}
