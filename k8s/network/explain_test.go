package network

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func shopTiers(t *testing.T) *Cluster {
	t.Helper()
	return readCluster(t, "testdata/cases/connectivity/shop-tiers/objects.yaml")
}

func TestExplainNamesTheRulesThatDecide(t *testing.T) {
	shop := func(name string) Endpoint { return Endpoint{Namespace: "shop", Workload: name} }
	outside := func(address string) Endpoint { return Endpoint{Address: netip.MustParseAddr(address)} }
	denied := &Side{Namespace: "shop", Policies: []string{"default-deny"}, Rules: []Rule{}}
	of := func(policy string, rules ...Rule) *Side {
		return &Side{Namespace: "shop", Allowed: len(rules) > 0, Policies: []string{"default-deny", policy}, Rules: append([]Rule{}, rules...)}
	}
	tests := map[string]struct {
		probe Probe
		want  Explanation
	}{
		"both ends let it through": {
			Probe{From: shop("web"), To: shop("api"), Port: 8080},
			Explanation{Allowed: true, Egress: of("web", Rule{"web", 0, 0}), Ingress: of("api", Rule{"api", 0, 0})},
		},
		"the other end does not": {
			Probe{From: shop("web"), To: shop("db"), Port: 5432},
			Explanation{Egress: of("web"), Ingress: of("db")},
		},
		"the second rule, to an address": {
			Probe{From: shop("api"), To: outside("10.20.1.1"), Port: 443},
			Explanation{Allowed: true, Egress: of("api", Rule{"api", 1, 0})},
		},
		"an exception of the block": {
			Probe{From: shop("api"), To: outside("10.20.7.1"), Port: 443},
			Explanation{Egress: of("api")},
		},
		"a named port": {
			Probe{From: outside("192.0.2.1"), To: shop("web"), Port: 8443},
			Explanation{Allowed: true, Ingress: of("web", Rule{"web", 0, 0})},
		},
		"a pod that does not exist yet": {
			Probe{From: shop("web"), To: Endpoint{Namespace: "shop", Labels: map[string]string{"app": "new"}}, Port: 8080},
			Explanation{Egress: of("web"), Ingress: denied},
		},
		"a namespace without policies": {
			Probe{From: Endpoint{Namespace: "elsewhere"}, To: shop("api"), Port: 8080},
			Explanation{Egress: &Side{Namespace: "elsewhere", Allowed: true, Policies: []string{}, Rules: []Rule{}}, Ingress: of("api")},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := shopTiers(t).Explain(test.probe)
			if err != nil {
				t.Fatal(err)
			}
			if difference := cmp.Diff(test.want, got); difference != "" {
				t.Error(difference)
			}
		})
	}
}

func TestAPodMayAlwaysTalkToItself(t *testing.T) {
	c, err := Read([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: lone, namespace: shop}\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}"))
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	lone := Endpoint{Namespace: "shop", Workload: "lone"}
	if e, err := cluster.Explain(Probe{From: lone, To: lone, Port: 1}); err != nil || !e.Allowed || !e.SamePod || e.Egress.Allowed {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestAProbeThatIsNoneIsRefused(t *testing.T) {
	web, address := Endpoint{Namespace: "shop", Workload: "web"}, Endpoint{Address: netip.MustParseAddr("192.0.2.1")}
	tests := map[string]struct {
		probe Probe
		want  string
	}{
		"port":                  {Probe{From: web, To: web}, "TCP 0"},
		"protocol":              {Probe{From: web, To: web, Protocol: "ICMP", Port: 1}, "ICMP"},
		"two addresses":         {Probe{From: address, To: address, Port: 1}, "one end must be a pod"},
		"no such workload":      {Probe{From: Endpoint{Namespace: "shop", Workload: "wbe"}, To: web, Port: 1}, `no workload "wbe"`},
		"no namespace":          {Probe{From: Endpoint{}, To: web, Port: 1}, `namespace ""`},
		"an address in a space": {Probe{From: Endpoint{Namespace: "shop", Address: address.Address}, To: web, Port: 1}, "outside the cluster"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if allowed, err := shopTiers(t).Allows(test.probe); err == nil || allowed || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, %v; want an error with %q", allowed, err, test.want)
			}
		})
	}
}
