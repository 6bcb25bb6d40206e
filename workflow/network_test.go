package workflow_test

import (
	"encoding/json"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// connected is a state in which payments has two namespaces on weu-1 and one on
// neu-1, where the engine is Calico, and logistics one on weu-1.
func connected() *workflow.ApprovedState {
	state, holder, other := approvedNow(), payments(), logistics()
	state.Policy.Requests.Network.Refused = []workflow.AddressName{
		{CIDR: "10.240.0.0/16", Name: "the nodes of weu-1"}, {CIDR: "20.50.1.7/32", Name: "the API server of weu-1"},
	}
	far, db := held("payments-far", 5), held("logistics-db", 6)
	far.Cluster = "neu-1"
	db.Purpose = "Where nobody else should look."
	holder.Namespaces = []workflow.Namespace{far, held("payments-api", 3), held("payments-web", 4)}
	for i := range holder.Namespaces {
		holder.Namespaces[i].Purpose = "What payments does."
	}
	other.Namespaces = []workflow.Namespace{db, held("logistics-secret", 6)}
	state.Tenancies = map[string]workflow.Tenancy{"payments": holder, "logistics": other}
	return state
}

// exceptionFor is a change that nothing is wrong with: from payments-api to a database.
func exceptionFor(change func(*workflow.NetworkChange)) workflow.NetworkChange {
	c := workflow.NetworkChange{
		Cluster: "weu-1", Namespace: "payments-api", Direction: workflow.Egress, Pods: "app=api",
		Peer: workflow.PeerCIDR, CIDR: "10.20.0.0/16", Ports: "TCP 5432", Until: "2026-05-01", Reason: "The ledger's database.",
	}
	if change != nil {
		change(&c)
	}
	return c
}

// toNamespace asks for a way into a namespace.
func toNamespace(name string) workflow.NetworkChange {
	return exceptionFor(func(c *workflow.NetworkChange) {
		c.Peer, c.CIDR, c.PeerNamespace, c.PeerPods = workflow.PeerNamespace, "", name, "app=db"
	})
}

// asked is Dana asking for payments.
func asked(change workflow.Change) workflow.Proposal { return proposal(change) }

func TestEverythingWrongInANetworkExceptionIsSaidBesideItsField(t *testing.T) {
	type change = func(*workflow.NetworkChange)
	cidr := func(cidr, except string) change {
		return func(c *workflow.NetworkChange) { c.CIDR, c.Except = cidr, except }
	}
	peer := func(choice workflow.PeerChoice, more change) change {
		return func(c *workflow.NetworkChange) {
			c.Peer, c.CIDR = choice, ""
			if more != nil {
				more(c)
			}
		}
	}
	to := func(namespace string) change {
		return peer(workflow.PeerNamespace, func(c *workflow.NetworkChange) { c.PeerNamespace = namespace })
	}
	name := func(fqdn string, more change) change {
		return peer(workflow.PeerFQDN, func(c *workflow.NetworkChange) {
			c.FQDN = fqdn
			if more != nil {
				more(c)
			}
		})
	}
	until := func(until string) change { return func(c *workflow.NetworkChange) { c.Until = until } }
	for what, test := range map[string]struct {
		change      change
		field, says string
	}{
		"nothing":                {nil, "", ""},
		"nothing of a name":      {name("api.example.com", nil), "", ""},
		"nothing of all pods":    {func(c *workflow.NetworkChange) { c.Pods = "" }, "", ""},
		"no cluster":             {func(c *workflow.NetworkChange) { c.Cluster = "" }, "cluster", "Choose the cluster: neu-1 or weu-1."},
		"another cluster":        {func(c *workflow.NetworkChange) { c.Cluster = "mars-1" }, "cluster", `There is no cluster "mars-1"; choose neu-1 or weu-1.`},
		"no namespace":           {func(c *workflow.NetworkChange) { c.Namespace = "" }, "namespace", "Choose the namespace: payments-api or payments-web."},
		"another's namespace":    {func(c *workflow.NetworkChange) { c.Namespace = "logistics-db" }, "namespace", `payments has no namespace "logistics-db" on weu-1; choose payments-api or payments-web.`},
		"one of another place":   {func(c *workflow.NetworkChange) { c.Namespace = "payments-far" }, "namespace", `no namespace "payments-far" on weu-1`},
		"no direction":           {func(c *workflow.NetworkChange) { c.Direction = "" }, "direction", "Choose the direction: egress or ingress."},
		"both directions":        {func(c *workflow.NetworkChange) { c.Direction = "both" }, "direction", `There is no direction "both"`},
		"labels":                 {func(c *workflow.NetworkChange) { c.Pods = "api" }, "pods", "write it as key=value"},
		"no other side":          {peer("", nil), "peer", "Choose the other side: cidr, fqdn, internet or namespace."},
		"another other side":     {peer("everybody", nil), "peer", `There is no other side "everybody"`},
		"what does not belong":   {func(c *workflow.NetworkChange) { c.PeerNamespace = "logistics-db" }, "peerNamespace", `This goes with the other side "namespace", and you chose "cidr".`},
		"a range that is left":   {peer(workflow.PeerInternet, func(c *workflow.NetworkChange) { c.Except = "10.0.0.0/8" }), "except", `and you chose "internet"`},
		"no peer namespace":      {to(""), "peerNamespace", "Write the name of the namespace on the other side, on weu-1."},
		"no name of one":         {to("Logistics"), "peerNamespace", "cannot be in a name"},
		"one that is not there":  {to("logistics-x"), "peerNamespace", `There is no namespace "logistics-x" of a tenant on weu-1.`},
		"one of another cluster": {to("payments-far"), "peerNamespace", `There is no namespace "payments-far" of a tenant on weu-1.`},
		"the platform's":         {to("kube-system"), "peerNamespace", `"kube-system" belongs to the platform, whose flows stand in policy.yaml.`},
		"a reserved one":         {to("istio-x"), "peerNamespace", "belongs to the platform"},
		"itself":                 {to("payments-api"), "peerNamespace", `"payments-api" is the namespace itself.`},
		"labels there":           {peer(workflow.PeerNamespace, func(c *workflow.NetworkChange) { c.PeerNamespace, c.PeerPods = "logistics-db", "=x" }), "peerPods", "is not the key"},
		"no range":               {cidr("", ""), "cidr", "Write the range of addresses"},
		"a range with host bits": {cidr("10.20.1.5/16", ""), "cidr", `Write "10.20.0.0/16" for the whole range`},
		"a range excepted":       {cidr("10.20.0.0/16", "10.30.0.0/24"), "except", `"10.30.0.0/24" does not lie inside 10.20.0.0/16`},
		"everything":             {cidr("0.0.0.0/0", ""), "cidr", `"0.0.0.0/0" is every address there is, and the policy lets nobody ask for that.`},
		"everything of IPv6":     {cidr("::/0", "::1, fe80::/10, fd00:ec2::254"), "cidr", `"::/0" is every address there is`},
		"the metadata by NAT64":  {cidr("64:ff9b::a9fe:a9fe/128", ""), "cidr", `lies in ::/8 (a range that embeds IPv4 addresses)`},
		"all of IPv4 by NAT64":   {cidr("64:ff9b::/96", ""), "cidr", "lies in ::/8"},
		"local NAT64":            {cidr("64:ff9b:1::/48", ""), "cidr", "lies in ::/8"},
		"the metadata by 6to4":   {cidr("2002:a9fe:a9fe::/48", ""), "cidr", "lies in 2002::/16"},
		"IPv4-compatible":        {cidr("::a9fe:a9fe/128", ""), "cidr", "lies in ::/8"},
		"IPv4-translated":        {cidr("::ffff:0:a9fe:a9fe/128", ""), "cidr", "lies in ::/8"},
		"around IPv4-mapped":     {cidr("::fffe:0:0/95", ""), "cidr", "lies in ::/8"},
		"half of the internet":   {cidr("128.0.0.0/1", ""), "cidr", `"128.0.0.0/1" is too much of the internet to be one range; a prefix of at least /8 is needed.`},
		"an eighth of IPv6":      {cidr("2000::/3", ""), "cidr", "a prefix of at least /16 is needed"},
		"every private IPv6":     {cidr("fc00::/7", "fd00:ec2::254"), "", ""},
		"the metadata service":   {cidr("169.254.169.254", ""), "cidr", `"169.254.169.254/32" lies in 169.254.0.0/16 (link-local addresses with the instance metadata service), which nobody may reach.`},
		"around the metadata":    {cidr("169.0.0.0/8", ""), "cidr", `"169.0.0.0/8" reaches 169.254.0.0/16 (link-local addresses with the instance metadata service), which nobody may. Except that range, or name a smaller one.`},
		"without the metadata":   {cidr("169.0.0.0/8", "169.254.0.0/16"), "", ""},
		"without most of it":     {cidr("169.0.0.0/8", "169.254.0.0/17"), "cidr", "reaches 169.254.0.0/16"},
		"without it in halves":   {cidr("169.0.0.0/8", "169.254.0.0/17, 169.254.128.0/17"), "", ""},
		"Azure's platform":       {cidr("168.63.0.0/16", ""), "cidr", "reaches 168.63.129.16/32 (Azure's platform)"},
		"the loopback":           {cidr("127.0.0.1", ""), "cidr", "the loopback addresses"},
		"the loopback of IPv6":   {cidr("::1", ""), "cidr", "lies in ::1/128"},
		"link-local of IPv6":     {cidr("fe80::/64", ""), "cidr", "lies in fe80::/10"},
		"metadata of IPv6":       {cidr("fd00::/8", ""), "cidr", "reaches fd00:ec2::254/128"},
		"the policy's nodes":     {cidr("10.240.7.0/24", ""), "cidr", `"10.240.7.0/24" lies in 10.240.0.0/16 (the nodes of weu-1), which nobody may reach.`},
		"the policy's server":    {cidr("20.50.0.0/16", ""), "cidr", "reaches 20.50.1.7/32 (the API server of weu-1)"},
		"a name":                 {name("api", nil), "fqdn", "is not a full DNS name"},
		"a name for ingress":     {name("api.example.com", func(c *workflow.NetworkChange) { c.Direction = workflow.Ingress }), "direction", `"ingress" does not go with a DNS name`},
		"a name elsewhere": {name("api.example.com", func(c *workflow.NetworkChange) { c.Cluster, c.Namespace = "neu-1", "payments-far" }), "peer",
			"A DNS name cannot be the other side on neu-1: its network engine is calico, and a NetworkPolicy knows addresses only."},
		"no ports":        {func(c *workflow.NetworkChange) { c.Ports = "" }, "ports", "At least one port is needed"},
		"a named port":    {func(c *workflow.NetworkChange) { c.Ports = "https" }, "ports", "is a named port, which cannot be asked for"},
		"no end":          {until(""), "until", "Say when it ends"},
		"a past end":      {until("2026-03-01"), "until", "2026-03-01 has passed. Choose a day from 2026-03-03 to 2026-05-31."},
		"today":           {until("2026-03-02"), "until", "2026-03-02 has passed."},
		"at once":         {until("2026-03-02T12:30:00Z"), "until", "2026-03-02T12:30:00Z is too soon"},
		"soon":            {until("2026-03-02T13:00:00Z"), "", ""},
		"the last day":    {until("2026-05-31"), "", ""},
		"the last moment": {until("2026-05-31T12:00:00Z"), "", ""},
		"too far off":     {until("2026-05-31T12:00:01Z"), "until", "is too far off: an exception lasts at most 90 days. The last day allowed is 2026-05-31."},
		"much too far":    {until("2126-05-31"), "until", "2126-05-31 is too far off"},
		"no reason":       {func(c *workflow.NetworkChange) { c.Reason = " " }, "reason", "Say in a sentence"},
		"a hidden reason": {func(c *workflow.NetworkChange) { c.Reason = "Just\u202eevil" }, "reason", "U+202E"},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := planner().Plan(t.Context(), connected(), asked(exceptionFor(test.change)))
			if test.field == "" {
				if err != nil {
					t.Errorf("it is refused: %+v", err)
				}
				return
			}
			saidOf(t, refused(t, err, workflow.Invalid).Fields, test.field, test.says)
		})
	}
}

func TestEveryProblemIsSaidAtOnceInTheOrderOfTheForm(t *testing.T) {
	nothing := workflow.NetworkChange{Direction: "x", Pods: "x", Ports: "x", Until: "x", Reason: "\u200b"}
	_, err := planner().Plan(t.Context(), connected(), asked(nothing))
	var fields []string
	for _, f := range refused(t, err, workflow.Invalid).Fields {
		fields = append(fields, f.Field)
	}
	same(t, "the fields", []string{"cluster", "direction", "pods", "peer", "ports", "until", "reason"}, fields)
}

func TestWhoMayNotAskSeesWhatIsWrongAndNothingOfAnyTenant(t *testing.T) {
	w := newWorldOf(t, connected().Tenancies["payments"], connected().Tenancies["logistics"])
	change := toNamespace("logistics-db")
	change.Ports, change.Until, change.Cluster = "https", "2020-01-01", "mars-1"
	_, err := w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "logistics", Change: change})
	var fields []string
	for _, f := range refused(t, err, workflow.Invalid).Fields {
		fields = append(fields, f.Field)
	}
	same(t, "the fields", []string{"tenant", "cluster", "ports", "until"}, fields)
}

func TestEverythingCanBeAskedForAsARangeWhereThePolicyListsIt(t *testing.T) {
	state := connected()
	state.Policy.Requests.Network.Wide = []string{"0.0.0.0/0"}
	whole := exceptionFor(func(c *workflow.NetworkChange) { c.CIDR = "0.0.0.0/0" })
	_, err := planner().Plan(t.Context(), state, asked(whole))
	saidOf(t, refused(t, err, workflow.Invalid).Fields, "cidr", "reaches 169.254.0.0/16")
	whole.Except = "169.254.0.0/16, 168.63.129.16, 127.0.0.0/8, 10.240.0.0/16, 20.50.1.7"
	if _, err := planner().Plan(t.Context(), state, asked(whole)); err != nil {
		t.Errorf("with all that is refused excepted it is refused: %v", err)
	}
}

func TestThePolicySaysHowLongAnExceptionLasts(t *testing.T) {
	state := connected()
	state.Policy.Requests.Network.MaxDuration = workflow.Duration(24 * time.Hour)
	_, err := planner().Plan(t.Context(), state, asked(exceptionFor(nil)))
	saidOf(t, refused(t, err, workflow.Invalid).Fields, "until", "lasts at most 1 day. The last day allowed is 2026-03-03.")
}

// documented gives a tenancy's exceptions as the document has them.
func documented(t *testing.T, tenancy workflow.Tenancy) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, n := range tenancy.Namespaces {
		if len(n.Network) == 0 {
			continue
		}
		data, err := json.Marshal(n.Network)
		if err != nil {
			t.Fatal(err)
		}
		found[n.Name] = string(data)
	}
	return found
}

func TestAnExceptionIsGivenAtEachOfItsEnds(t *testing.T) {
	const rest = `"ports":[{"protocol":"TCP","port":5432}],"until":"2026-05-01T00:00:00Z","request":7}]`
	type entries = map[string]string
	for name, test := range map[string]struct {
		change             workflow.NetworkChange
		payments, logistic entries
	}{
		"a range": {
			exceptionFor(func(c *workflow.NetworkChange) { c.Except = "10.20.9.0/24 10.20.1.0/24" }),
			entries{"payments-api": `[{"direction":"egress","pods":{"app":"api"},"to":{"cidr":"10.20.0.0/16","except":["10.20.1.0/24","10.20.9.0/24"]},` + rest}, entries{},
		},
		"the internet, coming in": {
			exceptionFor(func(c *workflow.NetworkChange) {
				c.Direction, c.Peer, c.CIDR, c.Pods = workflow.Ingress, workflow.PeerInternet, "", ""
			}),
			entries{"payments-api": `[{"direction":"ingress","from":{"internet":true},` + rest}, entries{},
		},
		"a name": {
			exceptionFor(func(c *workflow.NetworkChange) { c.Peer, c.CIDR, c.FQDN = workflow.PeerFQDN, "", "*.Example.com." }),
			entries{"payments-api": `[{"direction":"egress","pods":{"app":"api"},"to":{"fqdn":"*.example.com"},` + rest}, entries{},
		},
		"a namespace of the same tenant": {
			toNamespace("payments-web"),
			entries{
				"payments-api": `[{"direction":"egress","pods":{"app":"api"},"to":{"namespace":"payments-web","podLabels":{"app":"db"}},` + rest,
				"payments-web": `[{"direction":"ingress","pods":{"app":"db"},"from":{"namespace":"payments-api","podLabels":{"app":"api"}},` + rest,
			}, entries{},
		},
		"a namespace of another tenant": {
			toNamespace("logistics-db"),
			entries{"payments-api": `[{"direction":"egress","pods":{"app":"api"},"to":{"namespace":"logistics-db","podLabels":{"app":"db"}},` + rest},
			entries{"logistics-db": `[{"direction":"ingress","pods":{"app":"db"},"from":{"namespace":"payments-api","podLabels":{"app":"api"}},` + rest},
		},
		"every pod of it, coming in": {
			exceptionFor(func(c *workflow.NetworkChange) {
				c.Direction, c.Peer, c.CIDR, c.PeerNamespace, c.Pods = workflow.Ingress, workflow.PeerNamespace, "", "logistics-db", ""
			}),
			entries{"payments-api": `[{"direction":"ingress","from":{"namespace":"logistics-db"},` + rest},
			entries{"logistics-db": `[{"direction":"egress","to":{"namespace":"payments-api"},` + rest},
		},
	} {
		t.Run(name, func(t *testing.T) {
			state := connected()
			plan := planned(t, planner(), state, asked(test.change))
			same(t, "payments", test.payments, documented(t, plan.After))
			other := entries{}
			for _, side := range plan.Others {
				same(t, "the other tenancy as it was", state.Tenancies["logistics"], side.Before)
				other = documented(t, side.After)
			}
			same(t, "logistics", test.logistic, other)
			for _, side := range append(plan.Others, workflow.OtherSide{After: plan.After}) {
				if problems := append(side.After.Check(), state.Policy.Conforms(side.After)...); len(problems) > 0 {
					t.Errorf("the tenancy is not in order: %v", problems)
				}
			}
			if len(plan.Files) < 2 {
				t.Errorf("the plan has %d files", len(plan.Files))
			}
		})
	}
}

func TestASentenceSaysWhatOpens(t *testing.T) {
	for change, want := range map[*workflow.NetworkChange]string{
		ptr(exceptionFor(nil)): "Opens TCP 5432 from payments-api (app=api) to 10.20.0.0/16 on weu-1, until 1 May 2026 00:00 UTC.",
		ptr(exceptionFor(func(c *workflow.NetworkChange) {
			c.Direction, c.Peer, c.CIDR, c.Pods, c.Ports = workflow.Ingress, workflow.PeerInternet, "", "", "443, UDP 443"
		})): "Opens TCP 443, UDP 443 from the internet to payments-api on weu-1, until 1 May 2026 00:00 UTC.",
		ptr(toNamespace("logistics-db")): "Opens TCP 5432 from payments-api (app=api) to logistics-db (app=db) on weu-1, until 1 May 2026 00:00 UTC.",
	} {
		same(t, "the summary", []string{want}, planned(t, planner(), connected(), asked(*change)).Summary)
	}
}

func ptr[T any](value T) *T { return &value }

func TestTheSameCannotBeAskedForTwice(t *testing.T) {
	w := newWorldOf(t, connected().Tenancies["payments"], connected().Tenancies["logistics"])
	first := w.submit(exceptionFor(nil))
	again := exceptionFor(func(c *workflow.NetworkChange) { c.Ports, c.Until, c.Reason = "5432/tcp", "2026-04-01", "Once more." })
	_, err := w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: again})
	saidOf(t, refused(t, err, workflow.Invalid).Fields, "ports", "Request "+number(first.ID)+" by Dana Developer already asks for this.")
	again.Ports = "5433"
	if _, err := w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: again}); err != nil {
		t.Errorf("another port is refused: %v", err)
	}
}
