package admission

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// grantedUntil is when the exceptions of exceptionState end.
var grantedUntil = testTime.Add(24 * time.Hour)

// exceptionState gives testSpace exceptions: request 61 to a database, for the pods
// app=api, and request 73 from the web pods of another tenant.
func exceptionState(state *workflow.ApprovedState) {
	state.Tenancies["payments"].Namespaces[1].Network = []workflow.NetworkException{{
		Direction: workflow.Egress, Pods: map[string]string{"app": "api"}, Request: 61, Until: grantedUntil,
		To:    &workflow.FlowPeer{CIDR: "10.20.0.0/16", Except: []string{"10.20.1.0/24"}},
		Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 5432, EndPort: 5434}},
	}, {
		Direction: workflow.Ingress, Request: 73, Until: grantedUntil.Add(time.Hour),
		From:  &workflow.FlowPeer{Namespace: "search-dev", PodLabels: map[string]string{"app": "web"}},
		Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 8080}},
	}}
}

// ownPolicy is a NetworkPolicy of the tenant's own.
func ownPolicy(t testing.TB, spec string) tree {
	t.Helper()
	return fromYAML(t, "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: mine, namespace: payments-api-prod}, spec: "+spec+"}")
}

func TestATenantsNetworkPolicyOpensItsNamespaceAndWhatWasApproved(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	for name, spec := range map[string]string{
		"nothing":                           "{podSelector: {}}",
		"everything inside":                 "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}], egress: [{to: [{podSelector: {}}]}]}",
		"inside, by the namespace's name":   "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: payments-api-prod}}}]}]}",
		"DNS":                               "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}]}]}",
		"a platform flow":                   "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}}], ports: [{port: 8080}]}]}",
		"an exception":                      "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.0.0/16, except: [10.20.1.0/24]}}], ports: [{port: 5432, endPort: 5434}]}]}",
		"part of an exception":              "{podSelector: {matchLabels: {app: api, tier: db}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.2.0/24}}], ports: [{port: 5433}]}]}",
		"another tenant's, as approved":     "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: search-dev}}, podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]}",
		"a rule of a direction not policed": "{podSelector: {}, policyTypes: [Ingress], egress: [{}]}",
	} {
		t.Run(name, func(t *testing.T) {
			for _, user := range append(everybodyElse, gitOps) {
				expectAllowed(t, snapshot, asked(write(t, user, nil, ownPolicy(t, spec))))
			}
			expectAllowed(t, snapshot, write(t, developer, ownPolicy(t, "{podSelector: {}}"), ownPolicy(t, spec)))
		})
	}
}

// opened is what a denial says of one part. No value is any.
type opened struct{ field, value, query string }

func TestADenialNamesTheFieldTheFlowAndTheRequestThatAsksForIt(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	for name, c := range map[string]struct {
		spec string
		want []opened
	}{
		"everybody, both ways": {"{podSelector: {}, ingress: [{}], egress: [{}]}", []opened{
			{"spec.ingress[0].from", "", "direction=ingress"},
			{"spec.egress[0].to", "", "direction=egress"},
		}},
		"the internet": {"{podSelector: {matchLabels: {app: api}}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]}", []opened{
			{"spec.egress[0].to[0]", "TCP 443 from pods app=api of this namespace to 0.0.0.0-20.190.127.255, 20.190.192.0-255.255.255.255, for example 0.0.0.1", "direction=egress&peer=internet&pods=app=api&ports=TCP 443"},
		}},
		"a range, beside what is approved": {"{podSelector: {}, egress: [{to: [{podSelector: {}}]}, {to: [{ipBlock: {cidr: 20.190.128.0/18}}, {ipBlock: {cidr: 10.30.0.0/16, except: [10.30.1.0/24, 10.30.2.0/24]}}], ports: [{port: 443}]}]}", []opened{
			{"spec.egress[1].to[1]", "TCP 443 from any pod of this namespace to 10.30.0.0/24, 10.30.3.0-10.30.255.255, for example 10.30.0.1", "direction=egress&peer=cidr&cidr=10.30.0.0/16&except=10.30.1.0/24, 10.30.2.0/24&ports=TCP 443"},
		}},
		"what an exception leaves out": {"{podSelector: {matchLabels: {app: api}}, egress: [{to: [{ipBlock: {cidr: 10.20.0.0/16}}], ports: [{port: 5432}]}]}", []opened{
			{"spec.egress[0].to[0]", "TCP 5432 from pods app=api of this namespace to 10.20.1.0/24, for example 10.20.1.1", "direction=egress&peer=cidr&cidr=10.20.0.0/16&pods=app=api&ports=TCP 5432"},
		}},
		"one port more": {"{podSelector: {matchLabels: {app: api}}, egress: [{to: [{ipBlock: {cidr: 10.20.2.0/24}}], ports: [{port: 5432}, {port: 5434, endPort: 5440}]}]}", []opened{
			{"spec.egress[0].ports[1]", "TCP 5435-5440 from pods app=api of this namespace to 10.20.2.0/24, for example 10.20.2.1", "direction=egress&peer=cidr&cidr=10.20.2.0/24&pods=app=api&ports=TCP 5434-5440"},
		}},
		"every port": {"{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.2.0/24}}]}]}", []opened{
			{"spec.egress[0].ports", "", "direction=egress&peer=cidr&cidr=10.20.2.0/24&pods=app=api"},
		}},
		"more pods": {"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.2.0/24}}], ports: [{port: 5432}]}]}", []opened{
			{"spec.podSelector", "TCP 5432 from pods app!=api of this namespace to 10.20.2.0/24, for example 10.20.2.1", "direction=egress&peer=cidr&cidr=10.20.2.0/24&ports=TCP 5432"},
		}},
		"another tenant's other pods": {"{podSelector: {matchLabels: {app: api}, matchExpressions: [{key: tier, operator: In, values: [web]}]}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: search-dev}}, podSelector: {matchLabels: {app: api}}}], ports: [{port: 8080}]}]}", []opened{
			{"spec.ingress[0].from[0]", "", "direction=ingress&peer=namespace&peerNamespace=search-dev&peerPods=app=api&pods=app=api, tier=web&ports=TCP 8080"},
		}},
		"every namespace of a tenant": {"{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {tenure.dev/tenant: payments}}}], ports: [{port: http}, {protocol: UDP, port: 53}]}]}", []opened{
			{"spec.ingress[0].from[0]", "", "direction=ingress&peer=namespace&ports=UDP 53"},
		}},
		"pods that no request can name": {"{podSelector: {matchExpressions: [{key: app, operator: In, values: [api, web]}]}, ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [a]}]}}]}]}", []opened{
			{"spec.ingress[0].from[0]", "", "direction=ingress&peer=namespace"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			decision := Evaluate(snapshot, asked(write(t, developer, nil, ownPolicy(t, c.spec))))
			var got []opened
			for i, v := range decision.Violations {
				ask, link, _ := strings.Cut(v.Ask, ": ")
				parsed, err := url.Parse(link)
				if err != nil || v.Rule != "network-opening" || ask != "Ask for a network exception" || parsed.Path != "/requests/new/network" {
					t.Errorf("%+v: %v", v, err)
					continue
				}
				want := url.Values{"cluster": {testCluster}, "namespace": {testSpace}}
				for _, pair := range strings.Split(c.want[min(i, len(c.want)-1)].query, "&") {
					key, value, _ := strings.Cut(pair, "=")
					want.Set(key, value)
				}
				if diff := cmp.Diff(want, parsed.Query()); diff != "" {
					t.Errorf("%s asks for something else:\n%s", v.Field, diff)
				}
				got = append(got, opened{v.Field, v.Value, c.want[min(i, len(c.want)-1)].query})
			}
			for i := range c.want {
				if c.want[i].value == "" && i < len(got) {
					c.want[i].value = got[i].value
				}
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(opened{})); diff != "" || decision.Allowed {
				t.Errorf("allowed is %v:\n%s", decision.Allowed, diff)
			}
		})
	}
}

func TestTheDenialOfAnOpeningReadsAsOneSentence(t *testing.T) {
	want := `network-opening: spec.egress[0].to[0] "TCP 5432 from pods app=web of this namespace to 10.40.0.0/16, for example 10.40.0.1": ` +
		`a NetworkPolicy here may open the namespace to itself, to DNS and to the platform's flows, and what was approved by request 61, 73. ` +
		`Ask for a network exception: https://tenure.contoso.example/requests/new/network?cidr=10.40.0.0%2F16&cluster=weu-1&direction=egress&namespace=payments-api-prod&peer=cidr&pods=app%3Dweb&ports=TCP+5432`
	request := write(t, developer, nil, ownPolicy(t, "{podSelector: {matchLabels: {app: web}}, egress: [{to: [{ipBlock: {cidr: 10.40.0.0/16}}], ports: [{port: 5432}]}]}"))
	if text := expectRefused(t, testSnapshot(t, exceptionState), request, "network-opening"); text != want {
		t.Errorf("the denial is\n%s\nnot\n%s", text, want)
	}
}

func TestAPolicyThatIsTooWideAlreadyMayBeNarrowedAndLeftAlone(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	wide := ownPolicy(t, "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}]}")
	labelled := clone(t, wide)
	set(labelled, tree{"team": "a"}, "metadata", "labels")
	expectAllowed(t, snapshot, asked(write(t, developer, wide, labelled)))
	for spec, allowed := range map[string]bool{
		"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/9}}], ports: [{port: 443}]}]}":                                                              true,
		"{podSelector: {matchLabels: {app: x}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}]}":                                         true,
		"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: 20.190.128.0/18}}], ports: [{port: 443}]}]}":                          true,
		"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 444}]}]}":                                                              false,
		"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/7}}], ports: [{port: 443}]}]}":                                                              false,
		"{podSelector: {}, policyTypes: [Egress, Ingress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}": false,
	} {
		if got := Evaluate(snapshot, asked(write(t, developer, wide, ownPolicy(t, spec)))).Allowed; got != allowed {
			t.Errorf("%s: allowed is %v", spec, got)
		}
	}
	expectAllowed(t, snapshot, asked(write(t, developer, wide, nil)))
	expectAllowed(t, snapshot, write(t, developer, wide, nil))
}

func TestAPolicyThatCannotBeReadOpensNothing(t *testing.T) {
	snapshot := testSnapshot(t)
	for name, spec := range map[string]string{
		"a field not known yet":         "{podSelector: {}, action: Allow}",
		"a field of a peer":             "{podSelector: {}, ingress: [{from: [{podSelector: {}, serviceSelector: {}}]}]}",
		"a range that is none":          "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]}",
		"a peer that is nobody":         "{podSelector: {}, ingress: [{from: [{}]}]}",
		"an operator that is none":      "{podSelector: {matchExpressions: [{key: a, operator: Like, values: [b]}]}}",
		"a direction that is none":      "{podSelector: {}, policyTypes: [Both]}",
		"a spec that is none":           "[]",
		"ports that are none":           "{podSelector: {}, ingress: [{ports: [{port: 1000000}]}]}",
		"everybody, written as nothing": "{podSelector: {}, ingress: [null]}",
	} {
		t.Run(name, func(t *testing.T) {
			policy := ownPolicy(t, spec)
			expectRefused(t, snapshot, asked(write(t, developer, nil, policy)), "network-opening")
			expectRefused(t, snapshot, asked(write(t, developer, ownPolicy(t, "{podSelector: {}}"), policy)), "network-opening")
			labelled := clone(t, policy)
			set(labelled, tree{"team": "a"}, "metadata", "labels")
			expectAllowed(t, snapshot, asked(write(t, developer, policy, labelled)))
		})
	}
	old := ownPolicy(t, "{podSelector: {}}")
	old["apiVersion"] = "networking.k8s.io/v1beta1"
	expectRefused(t, snapshot, write(t, developer, nil, old), "network-opening")
}

func TestWhatClaimsToBeTenuresIsNotATenantsOwn(t *testing.T) {
	snapshot := testSnapshot(t)
	policy := ownPolicy(t, "{podSelector: {}}")
	for _, label := range []string{"tenure.dev/tenant", "app.kubernetes.io/managed-by"} {
		claiming := clone(t, policy)
		set(claiming, tree{label: "tenure"}, "metadata", "labels")
		for _, request := range []Request{write(t, developer, nil, claiming), write(t, developer, policy, claiming), write(t, developer, claiming, policy), write(t, developer, claiming, nil)} {
			expectRefused(t, snapshot, asked(request), "governed")
		}
	}
	nameless := write(t, developer, policy, nil)
	nameless.Name, nameless.OldObject = "", nil // any of them could be meant
	expectRefused(t, snapshot, nameless, "governed")
}

func TestPoliciesOfOneNetworkEngineAreRefusedFromTenants(t *testing.T) {
	snapshot := testSnapshot(t)
	for _, kind := range []string{
		"cilium.io/v2 CiliumNetworkPolicy", "projectcalico.org/v3 NetworkPolicy", "crd.projectcalico.org/v1 NetworkPolicy",
		"projectcalico.org/v3 StagedNetworkPolicy", "projectcalico.org/v3 StagedKubernetesNetworkPolicy", "crd.projectcalico.org/v1 StagedNetworkPolicy",
	} {
		version, name, _ := strings.Cut(kind, " ")
		policy := tree{"apiVersion": version, "kind": name, "metadata": tree{"name": "mine", "namespace": testSpace}, "spec": tree{}}
		changed := clone(t, policy)
		set(changed, tree{"order": 1}, "spec")
		for _, user := range append(everybodyElse, gitOps) {
			text := expectRefused(t, snapshot, asked(write(t, user, nil, policy)), "network-opening")
			if want := `kind "` + name + `": what a ` + name + " of "; !strings.Contains(text, want) || !strings.Contains(text, "a tenant's own policies are NetworkPolicies of networking.k8s.io.") {
				t.Errorf("the denial does not say %q:\n%s", want, text)
			}
			expectRefused(t, snapshot, asked(write(t, user, policy, changed)), "network-opening")
			expectAllowed(t, snapshot, asked(write(t, user, changed, changed)))
		}
		// It might deny something, so that it goes as what is governed goes.
		expectRefused(t, snapshot, asked(write(t, developer, policy, nil)), "governed")
		expectAllowed(t, snapshot, asked(write(t, gitOps, policy, nil)))
		set(policy, "legacy", "metadata", "namespace")
		expectAllowed(t, snapshot, write(t, developer, nil, policy))
		expectRefused(t, snapshot, asked(write(t, developer, nil, policy)), "namespace")
	}
}

func TestPoliciesForAllOfTheClusterAreThePlatforms(t *testing.T) {
	snapshot := testSnapshot(t, func(state *workflow.ApprovedState) {
		tenancy := state.Tenancies["payments"]
		tenancy.Owners.Group = "6f1c0000-0000-4000-8000-00000000000f"
		state.Tenancies["payments"] = tenancy
	})
	for kind := range clusterPolicyKinds {
		policy := tree{"apiVersion": kind.Group + "/v1", "kind": kind.Kind, "metadata": tree{"name": "wide"}, "spec": tree{}}
		for _, request := range []Request{write(t, clusterAdmin, nil, policy), write(t, "system:serviceaccount:kube-system:operator", nil, policy), write(t, developer, policy, nil)} {
			expectAllowed(t, snapshot, request)
		}
		theirs := write(t, developer, nil, policy)
		theirs.Groups = []string{"system:authenticated", "6f1c0000-0000-4000-8000-00000000000f"}
		if text := expectRefused(t, snapshot, theirs, "network-opening"); !strings.Contains(text, "is about pods of other namespaces than those of tenant payments, so only the platform writes it.") {
			t.Errorf("the denial is\n%s", text)
		}
		expectRefused(t, snapshot, write(t, "system:serviceaccount:payments-api-prod:default", policy, nil), "network-opening")
	}
}

func TestALongPolicyIsNotComparedWithItself(t *testing.T) {
	snapshot := testSnapshot(t)
	wide := ownPolicy(t, "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}")
	narrower := ownPolicy(t, "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/9}}]}]}")
	expectAllowed(t, snapshot, write(t, developer, wide, narrower))
	for _, policy := range []tree{wide, narrower} {
		set(policy, tree{"a": strings.Repeat("x", maxNarrowed/2)}, "metadata", "annotations")
	}
	expectRefused(t, snapshot, write(t, developer, wide, narrower), "network-opening")
}

func TestADenialOfManyOpeningsIsNotEndless(t *testing.T) {
	var peers []any
	for range 3 * maxWide {
		peers = append(peers, tree{"ipBlock": tree{"cidr": "10.0.0.0/8"}})
	}
	policy := ownPolicy(t, "{podSelector: {}}")
	set(policy, []any{tree{"to": peers}}, "spec", "egress")
	if decision := Evaluate(testSnapshot(t), write(t, developer, nil, policy)); decision.Allowed || len(decision.Violations) != maxWide {
		t.Errorf("allowed is %v with %d violations", decision.Allowed, len(decision.Violations))
	}
}
