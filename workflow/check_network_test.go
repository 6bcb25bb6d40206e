package workflow_test

import (
	"testing"
	"time"

	"tenure.dev/workflow"
)

func TestEverythingWrongInWhatThePolicySaysOfTheNetworkIsSaid(t *testing.T) {
	limits := func(limits workflow.NetworkLimits) func(*workflow.Policy) {
		return func(p *workflow.Policy) { p.Requests.Network = limits }
	}
	refused := func(cidr, name string) func(*workflow.Policy) {
		return limits(workflow.NetworkLimits{Refused: []workflow.AddressName{{CIDR: cidr, Name: name}}})
	}
	peer := func(peer workflow.FlowPeer) func(*workflow.Policy) {
		return func(p *workflow.Policy) {
			p.PlatformFlows = []workflow.PlatformFlow{{Name: "x", Direction: workflow.Ingress, From: &peer}}
		}
	}
	expression := func(e workflow.SelectorRequirement) func(*workflow.Policy) {
		return peer(workflow.FlowPeer{NamespaceSelector: &workflow.Selector{MatchExpressions: []workflow.SelectorRequirement{e}}})
	}
	review := func(change func(*workflow.ReviewRule)) func(*workflow.Policy) {
		return func(p *workflow.Policy) { change(&p.Reviews[0]) }
	}
	any := &workflow.Selector{}
	const network, from, at = "spec.requests.network", "spec.platformFlows[0].from", "spec.platformFlows[0].from.namespaceSelector.matchExpressions[0]"
	for name, test := range map[string]struct {
		change      func(*workflow.Policy)
		field, says string
	}{
		"nothing": {limits(workflow.NetworkLimits{
			MaxDuration: workflow.Duration(24 * time.Hour), Wide: []string{"0.0.0.0/0", "::/0"},
			Refused: []workflow.AddressName{{CIDR: "10.240.0.0/16", Name: "the nodes"}, {CIDR: "2a01:111::/48", Name: "the API server"}},
		}), "", ""},
		"too short":               {limits(workflow.NetworkLimits{MaxDuration: workflow.Duration(time.Hour)}), network + ".maxDuration", "1h0m0s is too short"},
		"a time that is negative": {limits(workflow.NetworkLimits{MaxDuration: -1}), network + ".maxDuration", "is too short"},
		"a range with host bits":  {refused("10.240.0.1/16", "x"), network + ".refused[0].cidr", "is not an address range"},
		"one address":             {refused("10.240.0.1", "x"), network + ".refused[0].cidr", "is not an address range"},
		"IPv4 as IPv6":            {refused("::ffff:10.0.0.0/104", "x"), network + ".refused[0].cidr", "is not an address range"},
		"everything":              {refused("0.0.0.0/0", "x"), network + ".refused[0].cidr", "is every address there is"},
		"no name":                 {refused("10.240.0.0/16", " "), network + ".refused[0].name", "a name is needed"},
		"a hidden name":           {refused("10.240.0.0/16", "x\u200b"), network + ".refused[0].name", "U+200B"},
		"half of everything":      {limits(workflow.NetworkLimits{Wide: []string{"0.0.0.0/1"}}), network + ".wide[0]", `"0.0.0.0/1" is not one of 0.0.0.0/0 or ::/0`},
		"everything twice":        {limits(workflow.NetworkLimits{Wide: []string{"::/0", "::/0"}}), network + ".wide[1]", "stands twice"},

		"namespaces by label":        {peer(workflow.FlowPeer{NamespaceSelector: &workflow.Selector{MatchLabels: map[string]string{"a": "b"}}, PodSelector: any}), "", ""},
		"every namespace":            {peer(workflow.FlowPeer{NamespaceSelector: any}), "", ""},
		"pods of a namespace":        {peer(workflow.FlowPeer{Namespace: "monitoring", PodSelector: any}), "", ""},
		"the internet":               {peer(workflow.FlowPeer{Internet: true}), from, "are for exceptions that somebody asks for"},
		"a name of DNS":              {peer(workflow.FlowPeer{FQDN: "api.example.com"}), from, "are for exceptions"},
		"a namespace and a selector": {peer(workflow.FlowPeer{Namespace: "x", NamespaceSelector: any}), from, "and only one"},
		"pods of nowhere":            {peer(workflow.FlowPeer{PodSelector: any}), from, "either a namespace, a namespaceSelector or a cidr is needed"},
		"pods of addresses":          {peer(workflow.FlowPeer{CIDR: "10.0.0.0/8", PodSelector: any}), from + ".podSelector", "goes with a namespace only"},
		"pods in two ways":           {peer(workflow.FlowPeer{Namespace: "x", PodSelector: any, PodLabels: map[string]string{"a": "b"}}), from + ".podSelector", "never both"},
		"a label":                    {peer(workflow.FlowPeer{Namespace: "x", PodLabels: map[string]string{"a b": "c"}}), from + ".podLabels", `"a b" is not the key of a label`},
		"a selector's label":         {peer(workflow.FlowPeer{NamespaceSelector: &workflow.Selector{MatchLabels: map[string]string{"a": "b c"}}}), from + ".namespaceSelector.matchLabels", `"b c" is not the value of a label`},
		"an expression":              {expression(workflow.SelectorRequirement{Key: "a", Operator: "NotIn", Values: []string{"b", ""}}), "", ""},
		"an operator":                {expression(workflow.SelectorRequirement{Key: "a", Operator: "Gt", Values: []string{"1"}}), at + ".operator", `"Gt" is not one of DoesNotExist, Exists, In or NotIn`},
		"no values":                  {expression(workflow.SelectorRequirement{Key: "a", Operator: "In"}), at + ".values", "In and NotIn have values"},
		"values too many":            {expression(workflow.SelectorRequirement{Key: "a", Operator: "Exists", Values: []string{"x"}}), at + ".values", "Exists and DoesNotExist have none"},
		"an expression's key":        {expression(workflow.SelectorRequirement{Key: "/", Operator: "Exists"}), at + ".key", "is not the key of a label"},
		"an expression's value":      {expression(workflow.SelectorRequirement{Key: "a", Operator: "In", Values: []string{"b", "c d"}}), at + ".values[1]", "is not the value"},
		"what is opened":             {review(func(r *workflow.ReviewRule) { r.Opens = workflow.AllOpens() }), "", ""},
		"what cannot be opened":      {review(func(r *workflow.ReviewRule) { r.Opens = []workflow.Opens{"everything"} }), "spec.reviews[0].opens", `"everything" is not one of cidr, internet, namespace or tenant`},
		"what another kind would open": {review(func(r *workflow.ReviewRule) {
			r.Kinds, r.Opens = []workflow.Kind{workflow.KindRemoval}, workflow.AllOpens()
		}), "spec.reviews[0].opens", "only requests of kind network open anything"},
		"a last entry that opens":       {func(p *workflow.Policy) { p.Reviews[1].Opens = workflow.AllOpens() }, "spec.reviews", "no kinds, no environments, no opens"},
		"a stage of the other's owners": {review(func(r *workflow.ReviewRule) { r.Stages = []workflow.Stage{{Role: workflow.RolePeerOwner, Needed: 1}} }), "spec.reviews[0].stages[0]", `"peer-owner" is not one of admin, owner or security`},
		"a register of other owners":    {func(p *workflow.Policy) { p.Reviewers[workflow.RolePeerOwner] = registered(lena) }, "spec.reviewers.peer-owner", "is not one of"},
	} {
		t.Run(name, func(t *testing.T) {
			p := policy()
			test.change(&p)
			saidOf(t, p.Check(), test.field, test.says)
		})
	}
}

func TestEverythingWrongInAnExceptionOfADocumentIsSaid(t *testing.T) {
	type change = func(*workflow.NetworkException)
	to := func(peer workflow.FlowPeer) change { return func(e *workflow.NetworkException) { e.To = &peer } }
	ports := func(ports ...workflow.FlowPort) change {
		return func(e *workflow.NetworkException) { e.Ports = ports }
	}
	until := func(until time.Time) change { return func(e *workflow.NetworkException) { e.Until = until } }
	const at = "spec.namespaces[0].network[0]"
	for name, test := range map[string]struct {
		change      change
		field, says string
	}{
		"nothing":                    {func(*workflow.NetworkException) {}, "", ""},
		"nothing of the internet":    {to(workflow.FlowPeer{Internet: true}), "", ""},
		"nothing of a name":          {to(workflow.FlowPeer{FQDN: "*.example.com"}), "", ""},
		"nothing of a namespace":     {to(workflow.FlowPeer{Namespace: "logistics-db", PodLabels: map[string]string{"app": "db"}}), "", ""},
		"no direction":               {func(e *workflow.NetworkException) { e.Direction, e.From, e.To = "", e.To, nil }, at + ".direction", "is not one of egress or ingress"},
		"no other side":              {func(e *workflow.NetworkException) { e.To = nil }, at + ".to", "the other side is needed"},
		"another side as well":       {func(e *workflow.NetworkException) { e.From = e.To }, at, "never both"},
		"two of them":                {to(workflow.FlowPeer{CIDR: "10.20.0.0/16", Internet: true}), at + ".to", "and only one"},
		"a selector":                 {to(workflow.FlowPeer{Namespace: "x", PodSelector: &workflow.Selector{}}), at + ".to", "selectors are for platform flows"},
		"labels of addresses":        {to(workflow.FlowPeer{CIDR: "10.20.0.0/16", PodLabels: map[string]string{"a": "b"}}), at + ".to.podLabels", "go with a namespace only"},
		"labels there":               {to(workflow.FlowPeer{Namespace: "x", PodLabels: map[string]string{"a": "/"}}), at + ".to.podLabels", "is not the value"},
		"labels here":                {func(e *workflow.NetworkException) { e.Pods = map[string]string{"": "x"} }, at + ".pods", "is not the key"},
		"a namespace":                {to(workflow.FlowPeer{Namespace: "X"}), at + ".to.namespace", "cannot be in a name"},
		"the namespace itself":       {to(workflow.FlowPeer{Namespace: "payments-api"}), at + ".to.namespace", "is the namespace itself"},
		"a range with host bits":     {to(workflow.FlowPeer{CIDR: "10.20.0.1/16"}), at + ".to.cidr", "is not an address range"},
		"a range in other words":     {to(workflow.FlowPeer{CIDR: "FD00::/64"}), at + ".to.cidr", "is not an address range"},
		"IPv4 as IPv6":               {to(workflow.FlowPeer{CIDR: "::ffff:10.0.0.0/104"}), at + ".to.cidr", "is not an address range"},
		"what is excepted elsewhere": {to(workflow.FlowPeer{CIDR: "10.20.0.0/16", Except: []string{"10.21.0.0/24"}}), at + ".to.except[0]", "inside 10.20.0.0/16"},
		"what is excepted of names":  {to(workflow.FlowPeer{FQDN: "api.example.com", Except: []string{"10.21.0.0/24"}}), at + ".to.except", "go with a cidr only"},
		"a name":                     {to(workflow.FlowPeer{FQDN: "api"}), at + ".to.fqdn", "is not a full DNS name"},
		"a name in capitals":         {to(workflow.FlowPeer{FQDN: "API.example.com"}), at + ".to.fqdn", `"API.example.com" is written "api.example.com"`},
		"a name that comes in": {func(e *workflow.NetworkException) {
			e.Direction, e.To, e.From = workflow.Ingress, nil, &workflow.FlowPeer{FQDN: "api.example.com"}
		}, at + ".from.fqdn", "goes with egress only"},
		"no ports":           {ports(), at + ".ports", "at least one port"},
		"port 0":             {ports(workflow.FlowPort{Protocol: "TCP"}), at + ".ports[0].port", "0 is not a port"},
		"a protocol":         {ports(workflow.FlowPort{Protocol: "ICMP", Port: 8}), at + ".ports[0].protocol", `"ICMP" is not one of`},
		"ports out of order": {ports(workflow.FlowPort{Protocol: "UDP", Port: 53}, workflow.FlowPort{Protocol: "TCP", Port: 53}), at + ".ports", "TCP 53, UDP 53"},
		"ports that overlap": {ports(workflow.FlowPort{Protocol: "TCP", Port: 53, EndPort: 60}, workflow.FlowPort{Protocol: "TCP", Port: 60}), at + ".ports", "TCP 53-60"},
		"a range of one":     {ports(workflow.FlowPort{Protocol: "TCP", Port: 53, EndPort: 53}), at + ".ports", "without overlap: TCP 53"},
		"no end":             {until(time.Time{}), at + ".until", "an end is needed"},
		"an end in a zone":   {until(noon.In(time.FixedZone("CET", 3600))), at + ".until", "is not an instant in UTC"},
		"an end too exact":   {until(noon.Add(time.Millisecond)), at + ".until", "to the second"},
		"no request":         {func(e *workflow.NetworkException) { e.Request = 0 }, at + ".request", "is needed"},
	} {
		t.Run(name, func(t *testing.T) {
			e := egress(61, workflow.FlowPeer{CIDR: "10.20.0.0/16"}, 5432, noon)
			test.change(&e)
			holder := payments()
			holder.Namespaces = []workflow.Namespace{held("payments-api", 3)}
			holder.Namespaces[0].Network = []workflow.NetworkException{e}
			saidOf(t, holder.Check(), test.field, test.says)
		})
	}
}

func TestARequestHasOneExceptionADirectionInANamespace(t *testing.T) {
	holder := payments()
	holder.Namespaces = []workflow.Namespace{held("payments-api", 3)}
	one := egress(61, workflow.FlowPeer{CIDR: "10.20.0.0/16"}, 5432, noon)
	holder.Namespaces[0].Network = []workflow.NetworkException{one, ingress(61, "payments-web", 80, noon), egress(62, *one.To, 1, noon)}
	saidOf(t, holder.Check(), "", "")
	holder.Namespaces[0].Network = append(holder.Namespaces[0].Network, egress(61, *one.To, 1, noon))
	saidOf(t, holder.Check(), "spec.namespaces[0].network[3]", "request 61 has an exception for egress here already")
}

func TestExceptionsThatThePolicyDoesNotGiveDoNotConform(t *testing.T) {
	for name, test := range map[string]struct {
		cluster string
		peer    workflow.FlowPeer
		says    string
	}{
		"a range":               {"weu-1", workflow.FlowPeer{CIDR: "10.20.0.0/16"}, ""},
		"the internet":          {"weu-1", workflow.FlowPeer{Internet: true}, ""},
		"a name":                {"weu-1", workflow.FlowPeer{FQDN: "api.example.com"}, ""},
		"a name without Cilium": {"neu-1", workflow.FlowPeer{FQDN: "api.example.com"}, "needs the network engine cilium, and neu-1 has calico"},
		"a refused range":       {"weu-1", workflow.FlowPeer{CIDR: "10.240.0.0/17"}, "(the nodes of weu-1)"},
		"the metadata service":  {"weu-1", workflow.FlowPeer{CIDR: "169.254.0.0/16"}, "which nobody may reach"},
		"everything":            {"weu-1", workflow.FlowPeer{CIDR: "::/0"}, "the policy lets nobody ask for that"},
		"the platform":          {"weu-1", workflow.FlowPeer{Namespace: "argocd"}, `"argocd" is the platform's`},
	} {
		state := connected()
		holder := payments()
		n := held("payments-api", 3)
		n.Cluster = test.cluster
		n.Network = []workflow.NetworkException{egress(61, test.peer, 5432, noon)}
		holder.Namespaces = []workflow.Namespace{n}
		field := "spec.namespaces[0].network[0]"
		if test.says == "" {
			field = ""
		}
		t.Run(name, func(t *testing.T) { saidOf(t, state.Policy.Conforms(holder), field, test.says) })
	}
}
