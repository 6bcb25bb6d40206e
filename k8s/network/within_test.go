package network

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// policyOf reads a spec in YAML into a policy of the namespace shop.
func policyOf(t testing.TB, spec string) *networkingv1.NetworkPolicy {
	t.Helper()
	p := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "asked", Namespace: "shop"}}
	if err := yaml.UnmarshalStrict([]byte(spec), &p.Spec); err != nil {
		t.Fatalf("%s: %v", spec, err)
	}
	return p
}

func TestWithinNamesWhatIsNotGranted(t *testing.T) {
	api := "podSelector: {matchLabels: {app: api}}\n"
	tests := map[string]struct {
		granted []string
		policy  string
		want    string // the witness; "" for within
	}{
		"nothing is let through":        {policy: "podSelector: {}\npolicyTypes: [Ingress, Egress]"},
		"inside the namespace":          {policy: "podSelector: {}\ningress: [{from: [{podSelector: {}}]}]\negress: [{to: [{podSelector: {}}]}]"},
		"the namespace by its name":     {policy: "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]"},
		"rules of a type left out":      {policy: "podSelector: {}\npolicyTypes: [Ingress]\negress: [{}]"},
		"nobody can match the selector": {policy: "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: DoesNotExist}]}}]}]"},
		"an address": {
			policy: api + "egress: [{to: [{ipBlock: {cidr: 10.20.0.0/16}}], ports: [{port: 5432}]}]",
			want:   "TCP 5432 from pods app=api of this namespace to 10.20.0.0/16, for example 10.20.0.1",
		},
		"one address": {
			policy: api + "egress: [{to: [{ipBlock: {cidr: 10.20.0.7/32}}], ports: [{port: 53, protocol: UDP}]}]",
			want:   "UDP 53 from pods app=api of this namespace to 10.20.0.7/32",
		},
		"the half that is not granted": {
			granted: []string{api + "egress: [{to: [{ipBlock: {cidr: 10.20.0.0/17}}], ports: [{port: 5432}]}]"},
			policy:  api + "egress: [{to: [{ipBlock: {cidr: 10.20.0.0/16}}], ports: [{port: 5432}]}]",
			want:    "TCP 5432 from pods app=api of this namespace to 10.20.128.0/17, for example 10.20.128.1",
		},
		"two halves": {
			granted: []string{
				api + "egress: [{to: [{ipBlock: {cidr: 10.20.0.0/17}}], ports: [{port: 5432}]}]",
				"podSelector: {}\negress: [{to: [{ipBlock: {cidr: 10.20.128.0/17}}], ports: [{port: 5000, endPort: 6000}]}]",
			},
			policy: api + "egress: [{to: [{ipBlock: {cidr: 10.20.0.0/16}}], ports: [{port: 5432}]}]",
		},
		"more pods than granted": {
			granted: []string{api + "ingress: [{from: [{namespaceSelector: {matchLabels: {team: web}}}]}]"},
			policy:  "podSelector: {matchExpressions: [{key: app, operator: In, values: [api, admin]}]}\ningress: [{from: [{namespaceSelector: {matchLabels: {team: web}}}]}]",
			want:    "all ports from any pod in other namespaces team=web to pods app=admin of this namespace",
		},
		"pods parted by a label": {
			granted: []string{
				"podSelector: {matchExpressions: [{key: app, operator: Exists}]}\ningress: [{from: [{namespaceSelector: {}}]}]",
				"podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}\ningress: [{from: [{namespaceSelector: {}}]}]",
			},
			policy: "podSelector: {}\ningress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {role: web}}}]}]",
		},
		"every pod of the cluster": {
			policy: api + "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 8080, endPort: 8090}]}]",
			want:   "TCP 8080-8090 from any pod of any other namespace to pods app=api of this namespace",
		},
		"everybody": {
			granted: []string{api + "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: https}]}]"},
			policy:  api + "ingress: [{ports: [{port: https}]}]",
			want:    "TCP https from any address to pods app=api of this namespace, for example 0.0.0.1",
		},
		"a name is not its usual number": {
			granted: []string{api + "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 443}]}]"},
			policy:  api + "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: https}]}]",
			want:    "TCP https from any pod of any other namespace to pods app=api of this namespace",
		},
		"the name for fewer destinations": {
			granted: []string{"podSelector: {}\negress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}], ports: [{port: sql}]}]"},
			policy:  "podSelector: {}\negress: [{to: [{namespaceSelector: {}}], ports: [{port: sql}]}]",
			want:    "TCP sql from any pod of this namespace to pods app!=db of any other namespace",
		},
		"a name by all ports of its protocol": {
			granted: []string{api + "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 1, endPort: 1000}, {port: 1001, endPort: 65535}]}]"},
			policy:  api + "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: https}]}]",
		},
		"a name at addresses": {
			policy: api + "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: https}]}]",
			want:   "TCP https from pods app=api of this namespace to 10.0.0.0/8, for example 10.0.0.1" + namedAtAddressWhy,
		},
		"a name at addresses, granted as one": {
			granted: []string{api + "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: https}]}]"},
			policy:  api + "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: https}]}]",
			want:    "TCP https from pods app=api of this namespace to 10.0.0.0/8, for example 10.0.0.1" + namedAtAddressWhy,
		},
		"a name at addresses, some ports granted": {
			granted: []string{api + "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 1, endPort: 65534}]}]"},
			policy:  api + "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: https}]}]",
			want:    "TCP https from pods app=api of this namespace to 10.0.0.0/8, for example 10.0.0.1" + namedAtAddressWhy,
		},
		"a name at addresses, all ports granted": {
			granted: []string{api + "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 1, endPort: 65535}]}]"},
			policy:  api + "egress: [{to: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: https}]}]",
		},
		"another protocol": {
			granted: []string{api + "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 53}]}]"},
			policy:  api + "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 53}, {port: 53, protocol: SCTP}]}]",
			want:    "SCTP 53 from any pod of any other namespace to pods app=api of this namespace",
		},
		"IPv6": {
			granted: []string{api + "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"},
			policy:  api + "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: 2001:db8::/32, except: [2001:db8::/48]}}]}]",
			want:    "all ports from pods app=api of this namespace to 2001:db8:1::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, for example 2001:db8:1::1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var granted []*networkingv1.NetworkPolicy
			for i, spec := range test.granted {
				p := policyOf(t, spec)
				p.Name = fmt.Sprint("granted-", i)
				granted = append(granted, p)
			}
			grants, err := NewGrants(Namespace{Name: "shop", Labels: map[string]string{"team": "shop"}}, granted...)
			if err != nil {
				t.Fatal(err)
			}
			witness, within, err := grants.Within(policyOf(t, test.policy))
			switch {
			case err != nil:
				t.Fatal(err)
			case within != (test.want == ""):
				t.Errorf("within is %v, witness %q", within, witness)
			case !within && witness.String() != test.want:
				t.Errorf("witness\n%q, want\n%q", witness, test.want)
			}
		})
	}
}

func TestAnInvalidPolicyIsAnErrorWhateverIsGranted(t *testing.T) {
	tests := map[string]struct{ spec, want string }{
		"operator":                {"podSelector: {matchExpressions: [{key: app, operator: Like, values: [a]}]}", "spec.podSelector.matchExpressions[0].operator"},
		"In without values":       {"podSelector: {matchExpressions: [{key: app, operator: In}]}", "spec.podSelector.matchExpressions[0].values"},
		"Exists with values":      {"podSelector: {matchExpressions: [{key: app, operator: Exists, values: [a]}]}", "spec.podSelector.matchExpressions[0].values"},
		"label key":               {"podSelector: {matchLabels: {'a b': c}}", "spec.podSelector.matchLabels"},
		"label value":             {"podSelector: {matchLabels: {a: 'b c'}}", "spec.podSelector.matchLabels"},
		"policy type":             {"podSelector: {}\npolicyTypes: [Ingres]", "spec.policyTypes[0]"},
		"empty peer":              {"podSelector: {}\ningress: [{from: [{}]}]", "spec.ingress[0].from[0]"},
		"two kinds of peer":       {"podSelector: {}\ningress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]", "spec.ingress[0].from[0]"},
		"CIDR":                    {"podSelector: {}\negress: [{to: [{ipBlock: {cidr: 10.0.0.0}}]}]", "spec.egress[0].to[0].ipBlock.cidr"},
		"leading zeros":           {"podSelector: {}\negress: [{to: [{ipBlock: {cidr: 010.0.0.0/8}}]}]", "spec.egress[0].to[0].ipBlock.cidr"},
		"IPv4 as IPv6":            {"podSelector: {}\negress: [{to: [{ipBlock: {cidr: '::ffff:10.0.0.0/104'}}]}]", "spec.egress[0].to[0].ipBlock.cidr"},
		"except outside":          {"podSelector: {}\negress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]", "except[0]"},
		"except is the whole":     {"podSelector: {}\negress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]", "except[0]"},
		"protocol":                {"podSelector: {}\ningress: [{ports: [{protocol: ICMP}]}]", "spec.ingress[0].ports[0].protocol"},
		"port zero":               {"podSelector: {}\ningress: [{ports: [{port: 0}]}]", "spec.ingress[0].ports[0].port"},
		"port too high":           {"podSelector: {}\ningress: [{ports: [{port: 65536}]}]", "spec.ingress[0].ports[0].port"},
		"port name":               {"podSelector: {}\ningress: [{ports: [{port: 'a_b'}]}]", "spec.ingress[0].ports[0].port"},
		"range backwards":         {"podSelector: {}\ningress: [{ports: [{port: 90, endPort: 80}]}]", "spec.ingress[0].ports[0].endPort"},
		"range of a name":         {"podSelector: {}\ningress: [{ports: [{port: web, endPort: 80}]}]", "spec.ingress[0].ports[0].endPort"},
		"range without start":     {"podSelector: {}\ningress: [{ports: [{endPort: 80}]}]", "spec.ingress[0].ports[0].port"},
		"also where of no effect": {"podSelector: {}\npolicyTypes: [Ingress]\negress: [{ports: [{port: 0}]}]", "spec.egress[0].ports[0].port"},
	}
	everything := policyOf(t, "podSelector: {}\ningress: [{}]\negress: [{}]")
	grants, err := NewGrants(Namespace{Name: "shop"}, everything)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			policy := policyOf(t, test.spec)
			if _, within, err := grants.Within(policy); err == nil || within || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Within: %v, %v; want an error with %q", within, err, test.want)
			}
			if _, err := NewGrants(Namespace{Name: "shop"}, policy); err == nil {
				t.Error("NewGrants took it")
			}
			if _, err := New(Objects{Policies: []*networkingv1.NetworkPolicy{policy}}); err == nil || !strings.Contains(err.Error(), `"shop/asked"`) {
				t.Errorf("New: %v", err)
			}
		})
	}
}

func TestAPolicyOfAnotherNamespaceIsNotJudged(t *testing.T) {
	grants, err := NewGrants(Namespace{Name: "bank"})
	if err != nil {
		t.Fatal(err)
	}
	if _, within, err := grants.Within(policyOf(t, "podSelector: {}")); err == nil || within {
		t.Errorf("within is %v, %v", within, err)
	}
}

// TestAPolicyThatIsHardToJudgeIsRefused: each grant parts what is asked for by two
// keys, so that the parts double, and only two together hold each of them.
func TestAPolicyThatIsHardToJudgeIsRefused(t *testing.T) {
	peer := "\ningress: [{from: [{namespaceSelector: {}}]}]"
	specs := []string{}
	for i := range 40 {
		specs = append(specs, fmt.Sprintf("podSelector: {matchLabels: {a%d: x, b%d: x}}%s", i, i, peer))
	}
	for _, operator := range []string{"Exists", "DoesNotExist"} {
		specs = append(specs, "podSelector: {matchExpressions: [{key: c, operator: "+operator+"}]}"+peer)
	}
	asked := policyOf(t, "podSelector: {}"+peer)
	within := func(specs []string) (Witness, bool, error) {
		var granted []*networkingv1.NetworkPolicy
		for _, spec := range specs {
			granted = append(granted, policyOf(t, spec))
		}
		grants, err := NewGrants(Namespace{Name: "shop"}, granted...)
		if err != nil {
			t.Fatal(err)
		}
		return grants.Within(asked)
	}
	if _, ok, err := within(specs); ok || !errors.Is(err, ErrTooComplex) {
		t.Errorf("within is %v, %v; want %v", ok, err, ErrTooComplex)
	}
	if _, ok, err := within(specs[:40]); ok || err != nil {
		t.Errorf("a witness is easily found, but within is %v, %v", ok, err)
	}
	if _, ok, err := within(specs[40:]); !ok || err != nil {
		t.Errorf("the two alone hold it, but within is %v, %v", ok, err)
	}
}
