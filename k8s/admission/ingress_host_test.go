package admission

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// hosting has testSpace serve hosts, with what its form would be filled in with.
func hosting(hosts ...string) func(*workflow.ApprovedState) {
	return func(state *workflow.ApprovedState) {
		n := &state.Tenancies["payments"].Namespaces[1]
		n.Hosts, n.Classification, n.Registries = hosts, "confidential", []string{"quay"}
		state.Policy.Registries = map[string]workflow.Registry{"quay": {Images: []string{"quay.io/jetstack/*"}}}
	}
}

// entrance makes an object that serves hosts; the spec is YAML.
func entrance(t testing.TB, kind, spec string) tree {
	t.Helper()
	version := gatewayGroup + "/v1"
	switch kind {
	case "Ingress":
		version = "networking.k8s.io/v1"
	case "XListenerSet":
		version = gatewayTrialGroup + "/v1alpha1"
	}
	return fromYAML(t, "{apiVersion: "+version+", kind: "+kind+", metadata: {name: web, namespace: "+testSpace+", annotations: {}}, spec: "+spec+"}")
}

func annotated(object tree, key, value string) tree {
	set(object, value, "metadata", "annotations", key)
	return object
}

// entrances are objects that serve only a.example.com and b.example.com.
func entrances(t testing.TB) map[string]tree {
	return map[string]tree{
		"an Ingress":          entrance(t, "Ingress", `{rules: [{host: a.example.com}, {host: b.example.com}], tls: [{hosts: [a.example.com], secretName: x}, {secretName: y}]}`),
		"an Ingress by alias": annotated(entrance(t, "Ingress", `{rules: [{host: a.example.com}]}`), "nginx.ingress.kubernetes.io/server-alias", "b.example.com, a.example.com"),
		"an HTTPRoute":        entrance(t, "HTTPRoute", `{hostnames: [a.example.com, b.example.com], parentRefs: [{name: gateway}]}`),
		"a GRPCRoute":         entrance(t, "GRPCRoute", `{hostnames: [a.example.com]}`),
		"a TLSRoute":          entrance(t, "TLSRoute", `{hostnames: [b.example.com]}`),
		"a Gateway":           entrance(t, "Gateway", `{gatewayClassName: x, listeners: [{name: a, hostname: a.example.com, port: 443, protocol: HTTPS}, {name: b, hostname: b.example.com, port: 80, protocol: HTTP}]}`),
		"a ListenerSet":       entrance(t, "ListenerSet", `{parentRef: {name: public, namespace: gateways}, listeners: [{name: a, hostname: a.example.com}]}`),
		"an XListenerSet":     entrance(t, "XListenerSet", `{parentRef: {name: public, namespace: gateways}, listeners: [{name: a, hostname: a.example.com}]}`),
		"a route inside":      entrance(t, "HTTPRoute", `{parentRefs: [{group: "", kind: Service, name: api}], useDefaultGateways: None}`),
		"an Ingress with www": annotated(entrance(t, "Ingress", `{rules: [{host: www.a.example.com}], tls: [{hosts: [b.example.com]}]}`), "nginx.ingress.kubernetes.io/from-to-www-redirect", "true"),
		"a Gateway's Service": entrance(t, "Gateway", `{infrastructure: {annotations: {external-dns.alpha.kubernetes.io/hostname: b.example.com}}, listeners: [{hostname: a.example.com}]}`),
		"a certificate":       annotated(annotated(entrance(t, "Ingress", `{rules: [{host: a.example.com}]}`), "cert-manager.io/alt-names", "b.example.com"), "cert-manager.io/common-name", "a.example.com"),
	}
}

// listingAnnotations name further hosts.
var listingAnnotations = []string{
	"nginx.ingress.kubernetes.io/server-alias",
	"our-own-nginx.example.com/server-alias",
	"haproxy-ingress.github.io/server-alias",
	"haproxy-ingress.github.io/redirect-from",
	"appgw.ingress.kubernetes.io/hostname-extension",
	"konghq.com/host-aliases",
	"external-dns.alpha.kubernetes.io/hostname",
	"external-dns.alpha.kubernetes.io/internal-hostname",
	"external-dns.kubernetes.io/hostname",
	"our-own-dns.example.com/hostname",
	"cert-manager.io/alt-names",
	"cert-manager.io/common-name",
}

// opening are operators that have an object serve one host more, or every one: one
// for each field that says so.
func opening(object tree, host string) operators {
	found := operators{}
	for _, key := range listingAnnotations {
		found.add("annotation "+key, func(o tree) { annotated(o, key, host) })
		found.add("one more by annotation "+key, func(o tree) { annotated(o, key, "a.example.com,, "+host) })
	}
	switch object["kind"] {
	case "Ingress":
		found.add("a rule", func(o tree) {
			set(o, append(at(o, "spec", "rules").([]any), tree{"host": host}), "spec", "rules")
		})
		found.add("a rule's host", func(o tree) { set(at(o, "spec", "rules", 0).(tree), host, "host") })
		found.add("a rule without a host", func(o tree) { delete(at(o, "spec", "rules", 0).(tree), "host") })
		found.add("a rule of an empty host", func(o tree) { set(at(o, "spec", "rules", 0).(tree), "", "host") })
		found.add("a certificate", func(o tree) { set(o, []any{tree{"hosts": []any{"a.example.com", host}}}, "spec", "tls") })
		found.add("a default backend", func(o tree) { set(o, tree{"service": tree{"name": "x"}}, "spec", "defaultBackend") })
		found.add("an empty default backend", func(o tree) { set(o, tree{}, "spec", "defaultBackend") })
	case "Gateway", "ListenerSet", "XListenerSet":
		if object["kind"] == "Gateway" {
			found.add("an annotation of its Service", func(o tree) {
				set(o, tree{"annotations": tree{"external-dns.alpha.kubernetes.io/hostname": host}}, "spec", "infrastructure")
			})
		}
		found.add("a listener", func(o tree) {
			set(o, append(at(o, "spec", "listeners").([]any), tree{"hostname": host}), "spec", "listeners")
		})
		found.add("a listener's host", func(o tree) { set(at(o, "spec", "listeners", 0).(tree), host, "hostname") })
		found.add("a listener without a host", func(o tree) { delete(at(o, "spec", "listeners", 0).(tree), "hostname") })
	default:
		found.add("a hostname", func(o tree) { set(o, []any{"a.example.com", host}, "spec", "hostnames") })
		found.add("no hostnames", func(o tree) { delete(o["spec"].(tree), "hostnames"); delete(o["spec"].(tree), "parentRefs") })
		found.add("the default Gateways", func(o tree) {
			set(o, []any{tree{"group": "", "kind": "Service", "name": "api"}}, "spec", "parentRefs")
			set(o, "All", "spec", "useDefaultGateways")
			delete(o["spec"].(tree), "hostnames")
		})
		found.add("a Gateway besides", func(o tree) {
			set(o, []any{tree{"group": "", "kind": "Service", "name": "api"}, tree{"name": "gateway"}}, "spec", "parentRefs")
			delete(o["spec"].(tree), "hostnames")
		})
		found.add("another kind of parent", func(o tree) {
			set(o, []any{tree{"group": "", "kind": "Service2", "name": "api"}}, "spec", "parentRefs")
			delete(o["spec"].(tree), "hostnames")
		})
		found.add("a Service of another group", func(o tree) {
			set(o, []any{tree{"group": "example.com", "kind": "Service", "name": "api"}}, "spec", "parentRefs")
			delete(o["spec"].(tree), "hostnames")
		})
		found.add("a Service of no group", func(o tree) {
			set(o, []any{tree{"kind": "Service", "name": "api"}}, "spec", "parentRefs")
			delete(o["spec"].(tree), "hostnames")
		})
	}
	return found
}

func TestOnlyApprovedHostsAreServed(t *testing.T) {
	snapshot := testSnapshot(t, hosting("a.example.com", "b.example.com", "www.a.example.com"))
	none := testSnapshot(t)
	for name, object := range entrances(t) {
		t.Run(name, func(t *testing.T) {
			for _, user := range append(everybodyElse, gitOps) {
				expectAllowed(t, snapshot, write(t, user, nil, object))
			}
			if name != "a route inside" {
				expectRefused(t, none, write(t, developer, nil, object), "ingress-host")
			}
			for _, host := range []string{"c.example.com", "*.example.com", "A.example.com", "a.example.com.", "a.example.com.evil.io", "x.a.example.com", "~^.*$"} {
				for what := range opening(object, host) {
					wider := opening(object, host).on(t, object, what)
					for _, user := range append(everybodyElse, gitOps) {
						expectRefused(t, snapshot, write(t, user, nil, wider), "ingress-host")
						expectRefused(t, snapshot, write(t, user, object, wider), "ingress-host")
					}
				}
			}
		})
	}
	elsewhere := entrance(t, "Ingress", `{rules: [{host: a.example.com}]}`)
	set(elsewhere, "search-dev", "metadata", "namespace")
	expectRefused(t, snapshot, write(t, developer, nil, elsewhere), "ingress-host")
}

// What served a host before Tenure, or before the host was taken away, goes on and
// can be narrowed; nothing more can be added to it.
func TestWhatServesAHostGoesOnServingIt(t *testing.T) {
	snapshot := testSnapshot(t, hosting("a.example.com"))
	for name, object := range entrances(t) {
		for what := range opening(object, "old.example.com") {
			old := opening(object, "old.example.com").on(t, object, what)
			t.Run(name+" with "+what, func(t *testing.T) {
				expectAllowed(t, snapshot, write(t, developer, old, old))
				touched := annotated(clone(t, old), "note", "x")
				expectAllowed(t, snapshot, write(t, developer, old, touched))
				more := annotated(clone(t, old), "external-dns.alpha.kubernetes.io/hostname", "new.example.com")
				expectRefused(t, snapshot, write(t, developer, old, more), "ingress-host")
				expectAllowed(t, snapshot, write(t, developer, old, nil))
				unreadable := clone(t, old)
				unreadable["spec"] = "x"
				if !decisionOf(t, snapshot, old).Allowed {
					expectRefused(t, snapshot, write(t, developer, unreadable, old), "ingress-host")
				}
				expectRefused(t, snapshot, write(t, developer, old, unreadable), "ingress-host")
			})
		}
	}
}

func decisionOf(t testing.TB, snapshot *Snapshot, object tree) Decision {
	return Evaluate(snapshot, write(t, developer, nil, object))
}

func TestADenialOfAHostSaysWhichAreApprovedAndLeadsToTheForm(t *testing.T) {
	for name, test := range map[string]struct {
		approved []string
		object   tree
		says     string
		hosts    []string
	}{
		"a host": {[]string{"a.example.com"}, entrance(t, "Ingress", `{rules: [{host: shop.example.com}]}`),
			`ingress-host: spec.rules[0].host "shop.example.com": this host was not approved (approved for payments-api-prod are a.example.com). Ask for the host: `, []string{"shop.example.com"}},
		"the first host": {nil, entrance(t, "HTTPRoute", `{hostnames: [shop.example.com]}`),
			`ingress-host: spec.hostnames[0] "shop.example.com": this host was not approved (none is approved for payments-api-prod). Ask for the host: `, []string{"shop.example.com"}},
		"no host": {[]string{"a.example.com"}, entrance(t, "Ingress", `{rules: [{http: {}}]}`),
			`ingress-host: spec.rules[0].host: what names no host serves every host; name those that it is for (approved for payments-api-prod are a.example.com). Ask for the host: `, nil},
		"a wildcard": {[]string{"a.example.com"}, entrance(t, "Gateway", `{listeners: [{hostname: "*.example.com"}]}`),
			`ingress-host: spec.listeners[0].hostname "*.example.com": it stands for many hosts, and each is approved by its own name (approved for payments-api-prod are a.example.com). Ask for the host: `, nil},
	} {
		t.Run(name, func(t *testing.T) {
			decision := Evaluate(testSnapshot(t, hosting(test.approved...)), write(t, developer, nil, test.object))
			text, link, _ := strings.Cut(DenialText(decision.Violations), "https://tenure.contoso.example")
			if text != test.says {
				t.Errorf("it says %s", text)
			}
			address, err := url.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			want := url.Values{
				"tenant": {"payments"}, "cluster": {testCluster}, "name": {testSpace}, "existing": {"true"},
			}
			if test.hosts != nil {
				want["hosts"] = test.hosts
			}
			if diff := cmp.Diff(want, address.Query()); address.Path != workflow.NamespaceFormPath || diff != "" {
				t.Errorf("it leads to %s with (-want +got)\n%s", address.Path, diff)
			}
		})
	}
	many := make([]string, 20)
	for i := range many {
		many[i] = "{host: " + strings.Repeat("a", 50) + string(rune('a'+i)) + ".example.com}"
	}
	decision := decisionOf(t, testSnapshot(t), entrance(t, "Ingress", "{rules: ["+strings.Join(many, ", ")+"]}"))
	if ask := decision.Violations[0].Ask; !strings.HasSuffix(ask, "/namespaces/weu-1/payments-api-prod") {
		t.Errorf("with a form too long for a link it asks at %q", ask)
	}
}

// What is asked for by the link is what lets the object through.
func TestTheFilledInFormForAHostLetsThroughWhatWasDenied(t *testing.T) {
	state := testState()
	hosting("a.example.com")(state)
	state.Policy.Classifications = []workflow.Classification{{Name: "internal"}, {Name: "confidential"}}
	request := write(t, developer, nil, entrance(t, "Ingress", `{rules: [{host: shop.example.com}, {host: a.example.com}], tls: [{hosts: [www.example.com]}]}`))
	snapshot, err := NewSnapshot(state, testCluster)
	if err != nil {
		t.Fatal(err)
	}
	_, link, _ := strings.Cut(Evaluate(snapshot, request).Violations[0].Ask, ": ")
	address, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	form := address.Query()
	change := workflow.NamespaceChange{
		AskedNamespace: workflow.AskedNamespace{Name: form.Get("name"), Cluster: form.Get("cluster"), Hosts: append(form["hosts"], "a.example.com")},
		Classification: "confidential", Registries: []string{"quay"}, Existing: form.Get("existing") == "true", Reason: "It goes live.",
	}
	tenancy, problems := change.Apply(state, state.Tenancies[form.Get("tenant")], 90)
	if len(problems) > 0 {
		t.Fatalf("the form refuses what it was filled in with: %v", problems)
	}
	state.Tenancies["payments"] = tenancy
	if snapshot, err = NewSnapshot(state, testCluster); err != nil {
		t.Fatal(err)
	}
	expectAllowed(t, snapshot, request)
}

func TestAWarningSnapshotOnlyWarnsOfHosts(t *testing.T) {
	object := entrance(t, "Ingress", `{rules: [{host: shop.example.com}]}`)
	for mode, allowed := range map[workflow.RuleMode]bool{workflow.RuleOff: true, workflow.RuleWarn: true, workflow.RuleDeny: false} {
		snapshot := testSnapshot(t, func(state *workflow.ApprovedState) {
			state.Policy.Rules = maps.Clone(state.Policy.Rules)
			state.Policy.Rules["ingress-host"] = setting(mode, "")
		})
		decision := decisionOf(t, snapshot, object)
		if decision.Allowed != allowed || (len(decision.Warnings) > 0) != (mode == workflow.RuleWarn) {
			t.Errorf("mode %s: allowed is %v, the warnings are %v", mode, decision.Allowed, decision.Warnings)
		}
	}
}

// In a namespace that nobody approved, what serves hosts can only stay as it is.
func TestNothingServesHostsFromANamespaceThatNobodyApproved(t *testing.T) {
	snapshot := testSnapshot(t, func(state *workflow.ApprovedState) { state.Tenancies = nil })
	for name, object := range entrances(t) {
		ask := func(before, now tree) Request {
			request := write(t, developer, before, now)
			request.TenantNamespace = true
			return request
		}
		expectRefused(t, snapshot, ask(nil, object), "namespace")
		expectAllowed(t, snapshot, ask(object, object))
		expectAllowed(t, snapshot, ask(object, nil))
		for what := range opening(object, "c.example.com") {
			if decision := Evaluate(snapshot, ask(object, opening(object, "c.example.com").on(t, object, what))); decision.Allowed {
				t.Errorf("%s with %s is let in", name, what)
			}
		}
	}
}

func TestARegistryOfTheCatalogueIsTrustedWhereItWasApproved(t *testing.T) {
	catalogue := func(names ...string) func(*workflow.ApprovedState) {
		return func(state *workflow.ApprovedState) {
			state.Policy.Registries = map[string]workflow.Registry{
				"docker-official": {Images: []string{"docker.io/library/*"}}, "quay": {Images: []string{"quay.io/jetstack/*", "quay.io/argoproj/argocd"}},
			}
			state.Tenancies["payments"].Namespaces[1].Registries = names
		}
	}
	for name, test := range map[string]struct {
		approved []string
		image    string
		says     string
	}{
		"nothing approved":                {nil, "nginx:1", "registry docker.io is not trusted (contoso.azurecr.io/*). The policy's catalogue of registries has it as docker-official, which this namespace can ask for."},
		"approved":                        {[]string{"docker-official"}, "nginx:1", ""},
		"one of two":                      {[]string{"docker-official"}, "quay.io/jetstack/cert-manager:1", "registry quay.io is not trusted (contoso.azurecr.io/*, docker.io/library/*). The policy's catalogue of registries has it as quay"},
		"both":                            {[]string{"docker-official", "quay"}, "quay.io/jetstack/cert-manager:1", ""},
		"beside what it holds":            {[]string{"quay"}, "quay.io/argoproj/argocd-image-updater:1", "not all of registry quay.io is trusted (contoso.azurecr.io/*, quay.io/jetstack/*, quay.io/argoproj/argocd)."},
		"of another folder":               {[]string{"docker-official"}, "bitnami/nginx:1", "not all of registry docker.io is trusted"},
		"what everybody may":              {[]string{"docker-official"}, goodImage, ""},
		"one that the policy has no more": {[]string{"gone"}, "nginx:1", "is not trusted"},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := testSnapshot(t, catalogue(test.approved...))
			for _, kind := range kindNames() {
				request := write(t, developer, nil, workload(kind, goodLabels, podSpec(test.image)))
				if test.says == "" {
					expectAllowed(t, snapshot, request)
				} else if text := expectRefused(t, snapshot, request, "trusted-registry"); !strings.Contains(text, test.says) {
					t.Errorf("it says %s", text)
				}
			}
			dev := workload(podKind, goodLabels, podSpec("nginx:1"))
			set(dev, "payments-api-dev", "metadata", "namespace")
			expectRefused(t, snapshot, write(t, developer, nil, dev), "trusted-registry")
		})
	}
}

func TestACatalogueThatMeansNothingIsRefused(t *testing.T) {
	policy := testPolicy()
	policy.Registries = map[string]workflow.Registry{"b": {Images: []string{"quay.io/a/*", "*"}}, "a": {Images: []string{"UPPER"}}}
	var fields []string
	for _, problem := range CheckPolicy(policy) {
		fields = append(fields, problem.Field)
	}
	if want := []string{"spec.registries.a.images[0]", "spec.registries.b.images[1]"}; !slices.Equal(fields, want) {
		t.Errorf("it has problems with %v, want %v", fields, want)
	}
	state := testState()
	state.Policy = policy
	if _, err := NewSnapshot(state, testCluster); err == nil || !strings.Contains(err.Error(), "registry ") {
		t.Errorf("a snapshot is made of it: %v", err)
	}
}
