package admission

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// granting gives hosts to a namespace of another tenant.
func granting(hosts ...string) func(*workflow.ApprovedState) {
	return func(state *workflow.ApprovedState) { state.Tenancies["search"].Namespaces[0].Hosts = hosts }
}

// served is an Ingress of one legacy host, with a path and what else its spec has.
func served(t testing.TB, path, more string) tree {
	return entrance(t, "Ingress", `{rules: [{host: old.example.com, http: {paths: [{path: `+path+`}]}}]`+more+`}`)
}

// kept is one update of an object that served hosts nobody approved.
type kept struct {
	before, now tree
	allowed     bool
}

// What served a host before Tenure may be run, and serves the host no further.
func TestAHostThatNobodyApprovedIsKeptWhereItWas(t *testing.T) {
	snapshot := testSnapshot(t, hosting("a.example.com"))
	legacy := served(t, "/", "")
	const dns = "external-dns.alpha.kubernetes.io/hostname"
	route := func(spec string) tree { return entrance(t, "HTTPRoute", "{parentRefs: ["+spec+"]}") }
	for name, test := range map[string]kept{
		"other paths":                        {legacy, served(t, "/login", ""), true},
		"another annotation":                 {legacy, annotated(served(t, "/", ""), "nginx.ingress.kubernetes.io/rewrite-target", "/x"), true},
		"an approved host besides":           {legacy, served(t, "/", ", tls: [{hosts: [a.example.com]}]"), true},
		"another host":                       {legacy, entrance(t, "Ingress", `{rules: [{host: older.example.com}]}`), false},
		"a certificate for it":               {legacy, served(t, "/", ", tls: [{hosts: [old.example.com]}]"), false},
		"a record for it":                    {legacy, annotated(served(t, "/", ""), dns, "old.example.com"), false},
		"a record becomes a rule":            {annotated(entrance(t, "Ingress", `{rules: [{host: a.example.com}]}`), dns, "old.example.com"), legacy, false},
		"a record becomes an alias":          {annotated(served(t, "/", ""), "x.example.com/hostname", "old.example.com"), annotated(served(t, "/", ""), "x.example.com/server-alias", "old.example.com"), false},
		"a certificate becomes a rule":       {entrance(t, "Ingress", `{tls: [{hosts: [old.example.com]}]}`), legacy, false},
		"a default backend becomes a rule":   {entrance(t, "Ingress", `{defaultBackend: {}}`), entrance(t, "Ingress", `{rules: [{}]}`), false},
		"of another class":                   {served(t, "/", ", ingressClassName: inside"), served(t, "/", ", ingressClassName: public"), false},
		"of the default class":               {served(t, "/", ", ingressClassName: inside"), legacy, false},
		"no more of the default class":       {legacy, served(t, "/", ", ingressClassName: public"), false},
		"its class in the field for it":      {annotated(served(t, "/", ""), classAnnotation, "nginx"), served(t, "/", ", ingressClassName: nginx"), true},
		"another class by the annotation":    {served(t, "/", ", ingressClassName: nginx"), annotated(served(t, "/", ", ingressClassName: nginx"), classAnnotation, "public"), false},
		"one parent less":                    {route("{name: mine}, {name: public}"), route("{name: mine}"), true},
		"no parent":                          {route("{name: mine}"), route(""), true},
		"a parent where there was none":      {route(""), route("{name: mine}"), false},
		"another Gateway":                    {route("{name: mine}"), route("{name: public}"), false},
		"a Gateway of another namespace":     {route("{name: mine}"), route("{name: mine, namespace: gateways}"), false},
		"its own namespace by name":          {route("{name: mine}"), route("{name: mine, namespace: " + testSpace + ", kind: Gateway, group: " + gatewayGroup + "}"), true},
		"another kind of parent":             {route("{name: mine}"), route("{name: mine, kind: ListenerSet}"), false},
		"another group of parent":            {route("{name: mine}"), route("{name: mine, group: example.com}"), false},
		"other rules of one listener":        {route("{name: mine, sectionName: https, port: 443}"), entrance(t, "HTTPRoute", "{parentRefs: [{name: mine, sectionName: https, port: 443}], rules: [{}]}"), true},
		"its host, written otherwise":        {annotated(served(t, "/", ""), "x.example.com/server-alias", "A.example.com"), annotated(served(t, "/login", ""), "x.example.com/server-alias", "A.example.com"), true},
		"one listener of the Gateway":        {route("{name: mine}"), route("{name: mine, sectionName: https, port: 443}"), true},
		"all listeners of the Gateway":       {route("{name: mine, sectionName: https}"), route("{name: mine}"), false},
		"another listener":                   {route("{name: mine, sectionName: https}"), route("{name: mine, sectionName: http}"), false},
		"all ports of the Gateway":           {route("{name: mine, port: 443}"), route("{name: mine}"), false},
		"another port":                       {route("{name: mine, port: 443}"), route("{name: mine, port: 80}"), false},
		"the default Gateways":               {route("{name: mine}"), entrance(t, "HTTPRoute", "{parentRefs: [{name: mine}], useDefaultGateways: All}"), false},
		"one host of all those of a Gateway": {route("{name: mine}"), entrance(t, "HTTPRoute", "{parentRefs: [{name: mine}], hostnames: [old.example.com]}"), false},
		"another class of Gateway": {entrance(t, "Gateway", "{gatewayClassName: inside, listeners: [{name: a}]}"),
			entrance(t, "Gateway", "{gatewayClassName: public, listeners: [{name: a}]}"), false},
		"another port of a listener": {entrance(t, "Gateway", "{gatewayClassName: inside, listeners: [{name: a, port: 80}]}"),
			entrance(t, "Gateway", "{gatewayClassName: inside, listeners: [{name: a, port: 81}]}"), true},
		"listeners for another Gateway": {entrance(t, "ListenerSet", "{parentRef: {name: mine}, listeners: [{name: a}]}"),
			entrance(t, "ListenerSet", "{parentRef: {name: mine, namespace: gateways}, listeners: [{name: a}]}"), false},
		"a record for a Gateway's Service": {annotated(entrance(t, "Gateway", "{listeners: []}"), dns, "old.example.com"),
			entrance(t, "Gateway", "{infrastructure: {annotations: {"+dns+": old.example.com}}, listeners: []}"), false},
		"www. that was there": {annotated(served(t, "/", ""), "x.example.com/from-to-www-redirect", "true"), annotated(served(t, "/x", ""), "x.example.com/from-to-www-redirect", "true"), true},
		"www. before it":      {legacy, annotated(served(t, "/", ""), "x.example.com/from-to-www-redirect", "true"), false},
	} {
		t.Run(name, func(t *testing.T) { test.try(t, snapshot) })
	}
}

func (k kept) try(t *testing.T, snapshot *Snapshot) {
	t.Helper()
	if k.allowed {
		expectAllowed(t, snapshot, write(t, developer, k.before, k.now))
	} else {
		expectRefused(t, snapshot, write(t, developer, k.before, k.now), "ingress-host")
	}
	expectAllowed(t, snapshot, write(t, developer, k.before, k.before))
	expectAllowed(t, snapshot, write(t, developer, k.before, nil))
}

// Once another namespace has a host, who had it before takes none of its traffic.
func TestAHostThatAnotherNamespaceHasCanOnlyBeLeftOrTakenOut(t *testing.T) {
	snapshot := testSnapshot(t, hosting("a.example.com"), granting("old.example.com"))
	legacy := served(t, "/", "")
	const redirect = "nginx.ingress.kubernetes.io/permanent-redirect"
	two := func(more string) tree {
		return entrance(t, "Ingress", `{rules: [{host: old.example.com, http: {paths: []}}, {host: older.example.com}]`+more+`}`)
	}
	for name, test := range map[string]kept{
		"other paths":                     {legacy, served(t, "/login", ""), false},
		"the host twice":                  {legacy, entrance(t, "Ingress", `{rules: [{host: old.example.com, http: {paths: [{path: /}]}}, {host: old.example.com, http: {paths: [{path: /x}]}}]}`), false},
		"a redirect":                      {legacy, annotated(served(t, "/", ""), redirect, "https://evil.example.org"), false},
		"no redirect":                     {annotated(served(t, "/", ""), redirect, "https://a.example.com"), legacy, false},
		"what no controller reads":        {legacy, annotated(served(t, "/", ""), "example.com/note", "x"), true},
		"a note and an approved host":     {legacy, annotated(served(t, "/", ", tls: [{hosts: [a.example.com]}]"), "example.com/note", "x"), true},
		"another host taken out":          {two(""), entrance(t, "Ingress", `{rules: [{host: old.example.com, http: {paths: []}}]}`), true},
		"it is taken out":                 {two(""), entrance(t, "Ingress", `{rules: [{host: older.example.com, http: {paths: [{path: /x}]}}]}`), true},
		"paths of another host":           {two(""), entrance(t, "Ingress", `{rules: [{host: old.example.com, http: {paths: []}}, {host: older.example.com, http: {}}]}`), true},
		"a default backend":               {two(`, defaultBackend: {service: {name: a}}`), two(`, defaultBackend: {service: {name: b}}`), false},
		"another certificate":             {served(t, "/", `, tls: [{hosts: [old.example.com], secretName: a}]`), served(t, "/", `, tls: [{hosts: [old.example.com], secretName: b}]`), false},
		"its certificate is for one less": {served(t, "/", `, tls: [{hosts: [b.example.com, old.example.com]}]`), served(t, "/", `, tls: [{hosts: [old.example.com]}]`), true},
		"no certificate":                  {served(t, "/", `, tls: [{hosts: [old.example.com]}]`), legacy, true},
		"an alias, and other paths": {annotated(entrance(t, "Ingress", `{rules: [{host: a.example.com}]}`), "x.example.com/server-alias", "Old.example.com."),
			annotated(entrance(t, "Ingress", `{rules: [{host: a.example.com, http: {}}]}`), "x.example.com/server-alias", "Old.example.com."), false},
		"an alias less": {annotated(entrance(t, "Ingress", `{rules: [{host: a.example.com}]}`), "nginx.ingress.kubernetes.io/server-alias", "b.example.com, old.example.com"),
			annotated(entrance(t, "Ingress", `{rules: [{host: a.example.com}]}`), "nginx.ingress.kubernetes.io/server-alias", "old.example.com"), true},
		"a wildcard, and other paths": {entrance(t, "Ingress", `{rules: [{host: "*.example.com"}]}`), entrance(t, "Ingress", `{rules: [{host: "*.example.com", http: {}}]}`), true},
		"other rules of a route": {entrance(t, "HTTPRoute", `{hostnames: [old.example.com], rules: [{}]}`),
			entrance(t, "HTTPRoute", `{hostnames: [old.example.com], rules: [{}, {}]}`), false},
		"a hostname less": {entrance(t, "HTTPRoute", `{hostnames: [b.example.com, old.example.com], rules: [{}]}`),
			entrance(t, "HTTPRoute", `{hostnames: [old.example.com], rules: [{}]}`), true},
		"another certificate of a listener": {entrance(t, "Gateway", `{listeners: [{hostname: old.example.com, tls: {mode: Terminate}}]}`),
			entrance(t, "Gateway", `{listeners: [{hostname: old.example.com, tls: {mode: Passthrough}}]}`), false},
		"a listener less": {entrance(t, "Gateway", `{listeners: [{hostname: b.example.com}, {hostname: old.example.com}]}`),
			entrance(t, "Gateway", `{listeners: [{hostname: old.example.com}]}`), true},
		"other infrastructure of a Gateway": {entrance(t, "Gateway", `{listeners: [{hostname: old.example.com}]}`),
			entrance(t, "Gateway", `{infrastructure: {labels: {a: b}}, listeners: [{hostname: old.example.com}]}`), false},
	} {
		t.Run(name, func(t *testing.T) { test.try(t, snapshot) })
	}
	text := expectRefused(t, snapshot, write(t, developer, legacy, served(t, "/login", "")), "ingress-host")
	const want = `ingress-host: spec.rules[0].host "old.example.com": this host is approved for another namespace now; take it out of the object (approved for payments-api-prod are a.example.com). Ask for another host: https://tenure.contoso.example/`
	if !strings.HasPrefix(text, want) || strings.Contains(text, "search") || strings.Contains(text, "old.example.com&") || strings.HasSuffix(text, "hosts=old.example.com") {
		t.Errorf("it says %s", text)
	}
}

func TestAHostIsTakenByWhoeverElseCanServeIt(t *testing.T) {
	for name, test := range map[string]struct {
		change func(state *workflow.ApprovedState)
		taken  bool
	}{
		"nobody":                             {func(*workflow.ApprovedState) {}, false},
		"the namespace itself":               {hosting("old.example.com"), false},
		"another tenant":                     {granting("old.example.com"), true},
		"another tenant, of another name":    {granting("very.old.example.com", "example.com"), false},
		"another tenant, on another cluster": {func(s *workflow.ApprovedState) { granting("old.example.com")(s); onCluster(s, "search", 0, "neu-1") }, true},
		"another namespace": {func(s *workflow.ApprovedState) {
			s.Tenancies["payments"].Namespaces[0].Hosts = []string{"old.example.com"}
		}, true},
		"another namespace, on another cluster": {func(s *workflow.ApprovedState) {
			s.Tenancies["payments"].Namespaces[0].Hosts = []string{"old.example.com"}
			onCluster(s, "payments", 0, "neu-1")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			request := write(t, developer, served(t, "/", ""), served(t, "/login", ""))
			if got := Evaluate(testSnapshot(t, test.change), request).Allowed; got == test.taken {
				t.Errorf("other paths are let in: %v", got)
			}
		})
	}
	// A snapshot that takes over the tenants that did not change knows it as well.
	state := testState()
	before, err := NewSnapshot(state, testCluster)
	if err != nil {
		t.Fatal(err)
	}
	granting("old.example.com")(state)
	for range 2 {
		if before, err = before.Next(state); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, before, write(t, developer, served(t, "/", ""), served(t, "/login", "")), "ingress-host")
	}
}

func onCluster(state *workflow.ApprovedState, tenant string, index int, cluster string) {
	state.Tenancies[tenant].Namespaces[index].Cluster = cluster
}

// Controllers keep their books on whatever there is, and nothing keeps an object that
// is being deleted.
func TestAnUpdateThatLeavesHostsAloneIsLetIn(t *testing.T) {
	snapshot := testSnapshot(t, hosting("a.example.com"), granting("old.example.com"))
	for name, object := range map[string]tree{
		"a host of another":     served(t, "/", ""),
		"a snippet":             annotated(served(t, "/", ""), "nginx.ingress.kubernetes.io/server-snippet", "x"),
		"a route without hosts": entrance(t, "TCPRoute", `{parentRefs: [{name: public, namespace: gateways}]}`),
		"what cannot be read":   entrance(t, "Ingress", `{rules: x}`),
	} {
		t.Run(name, func(t *testing.T) {
			before, now := clone(t, object), clone(t, object)
			set(before, []any{"example.com/keep"}, "metadata", "finalizers")
			set(now, "2026-07-01T12:00:00Z", "metadata", "deletionTimestamp")
			set(now, tree{"app": "x"}, "metadata", "labels")
			set(now, tree{"loadBalancer": tree{}}, "status")
			expectAllowed(t, snapshot, write(t, developer, before, now))
			expectAllowed(t, snapshot, write(t, developer, before, annotated(now, "example.com/note", "x")))
			expectRefused(t, snapshot, write(t, developer, before, annotated(clone(t, now), "x.example.com/server-alias", "b.example.com")), "ingress-host")
			expectRefused(t, snapshot, write(t, developer, nil, object), "ingress-host")
		})
	}
	request := write(t, developer, served(t, "/", ""), served(t, "/", ""))
	request.OldObject = nil
	expectRefused(t, snapshot, request, "ingress-host")
}
