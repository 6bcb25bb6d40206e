package manifest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// shop is testdata/exceptions, and its namespace with exceptions of every kind.
func shop(t testing.TB) (workflow.Policy, workflow.Tenancy, workflow.Namespace) {
	t.Helper()
	tenancy := tenancyOf(t, "exceptions/shop.yaml")
	web, found := tenancy.Namespace("weu-1", "shop-web")
	if !found {
		t.Fatal("there is no namespace shop-web")
	}
	return policyOf(t, "exceptions/policy.yaml"), tenancy, web
}

func TestEachExceptionIsOneObjectThatSaysWhoseAndUntilWhen(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		namespace := namespaces().Draw(t, "namespace")
		objects, err := Objects(policy, workflow.Tenancy{Name: "payments"}, namespace)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]Object{}
		for _, object := range objects {
			if strings.HasPrefix(object.Key.Name, "tenure-exception-") {
				found[object.Key.Name] = object
			} else if strings.HasSuffix(object.Key.Kind, "NetworkPolicy") && (object.Request != 0 || !object.Until.IsZero()) {
				t.Fatalf("%s is no exception's, of request %d until %s", object.Key, object.Request, object.Until)
			}
		}
		if len(found) != len(namespace.Network) {
			t.Fatalf("%d objects for %d exceptions", len(found), len(namespace.Network))
		}
		for _, e := range namespace.Network {
			checkException(t, found[fmt.Sprintf("tenure-exception-%d-%s", e.Request, e.Direction)], e)
		}
	})
}

func checkException(t *rapid.T, object Object, e workflow.NetworkException) {
	meta := object.Typed
	want := map[string]string{
		AnnotationRequest: fmt.Sprint(e.Request), AnnotationUntil: e.Until.Format("2006-01-02T15:04:05Z"), AnnotationSyncWave: "-20",
	}
	if diff := cmp.Diff(want, meta.GetAnnotations()); diff != "" {
		t.Fatalf("%s (-want +annotations):\n%s", object.Key, diff)
	}
	if object.Request != e.Request || !object.Until.Equal(e.Until) {
		t.Fatalf("%s is of request %d until %s", object.Key, object.Request, object.Until)
	}
	if object.Expired(e.Until.Add(-time.Nanosecond)) || !object.Expired(e.Until) {
		t.Fatalf("%s does not expire at %s", object.Key, e.Until)
	}
	if copied := object.Typed.DeepCopyObject(); !reflect.DeepEqual(copied, object.Typed) {
		t.Fatalf("its copy differs:\n%s", cmp.Diff(object.Typed, copied))
	}
	if peer := e.Peer(); peer.FQDN != "" {
		if object.Key.Group != "cilium.io" || object.Key.Kind != "CiliumNetworkPolicy" {
			t.Fatalf("%s is rendered as %s", peer.FQDN, object.Key)
		}
		return
	}
	policy := object.Typed.(*networkingv1.NetworkPolicy)
	if peerless(policy.Spec) || portless(policy.Spec) || len(policy.Spec.PolicyTypes) != 1 || !strings.EqualFold(string(policy.Spec.PolicyTypes[0]), string(e.Direction)) {
		t.Fatalf("%s opens more than it was given: %+v", object.Key, policy.Spec)
	}
	if diff := cmp.Diff(e.Pods, policy.Spec.PodSelector.MatchLabels); diff != "" || len(policy.Spec.PodSelector.MatchExpressions) > 0 {
		t.Fatalf("%s is for other pods:\n%s", object.Key, diff)
	}
}

// portless says whether a rule names no port, which NetworkPolicy takes for all.
func portless(spec networkingv1.NetworkPolicySpec) bool {
	for _, rule := range spec.Ingress {
		if len(rule.Ports) == 0 {
			return true
		}
	}
	for _, rule := range spec.Egress {
		if len(rule.Ports) == 0 {
			return true
		}
	}
	return false
}

func TestACopyOfACiliumPolicySharesNothingWithIt(t *testing.T) {
	policy, tenancy, web := shop(t)
	objects, err := Objects(policy, tenancy, web)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		original, ok := object.Typed.(*CiliumNetworkPolicy)
		if !ok {
			continue
		}
		before, err := object.Fields()
		if err != nil {
			t.Fatal(err)
		}
		copied := original.DeepCopyObject().(*CiliumNetworkPolicy)
		copied.Labels["a"] = "b"
		copied.Spec.EndpointSelector.MatchLabels = map[string]string{"a": "b"}
		copied.Spec.Egress[0].ToEndpoints[0].MatchLabels["a"] = "b"
		copied.Spec.Egress[0].ToPorts[0].Rules.DNS[0] = CiliumName{MatchPattern: "*"}
		copied.Spec.Egress[1].ToFQDNs[0].MatchName = "evil.example.com"
		copied.Spec.Egress[1].ToPorts[0].Ports[0].Port = "1"
		copied.Spec.Egress[0].ToPorts[0].Ports[0] = CiliumPort{}
		after, err := object.Fields()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("changing the copy changed the original:\n%s", diff)
		}
	}
}

func TestCiliumGetsNoLongerListOfPortsThanItTakes(t *testing.T) {
	policy, tenancy, web := shop(t)
	web.Network = slices.DeleteFunc(web.Network, func(e workflow.NetworkException) bool { return e.Request != 66 })
	var want []string
	for port := range int32(81) {
		web.Network[0].Ports = append(web.Network[0].Ports, workflow.FlowPort{Protocol: "TCP", Port: 1000 + 2*port})
		want = append(want, fmt.Sprint(1000+2*port))
	}
	objects, err := Objects(policy, tenancy, web)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, list := range objects[len(objects)-1].Typed.(*CiliumNetworkPolicy).Spec.Egress[1].ToPorts {
		if len(list.Ports) > 40 {
			t.Errorf("a list of %d ports", len(list.Ports))
		}
		for _, port := range list.Ports {
			found = append(found, port.Port)
		}
	}
	if diff := cmp.Diff(append([]string{"443"}, want...), found); diff != "" {
		t.Error(diff)
	}
}

func TestTheInternetIsEveryPublicAddressThatTheEngineKnows(t *testing.T) {
	for engine, families := range map[workflow.NetworkEngine]int{
		workflow.EngineCilium: 2, workflow.EngineCalico: 2,
		workflow.EngineAzure: 1, // one IPv6 address, and Azure Network Policy Manager leaves out the whole policy
	} {
		policy, tenancy, web := shop(t)
		policy.Clusters["weu-1"] = workflow.Cluster{Server: "https://weu-1.example.com", NetworkEngine: engine}
		web.Network = slices.DeleteFunc(web.Network, func(e workflow.NetworkException) bool { return e.Request != 65 })
		objects, err := Objects(policy, tenancy, web)
		if err != nil {
			t.Fatal(err)
		}
		var found []workflow.FlowPeer
		for _, peer := range objects[len(objects)-1].Typed.(*networkingv1.NetworkPolicy).Spec.Egress[0].To {
			found = append(found, workflow.FlowPeer{CIDR: peer.IPBlock.CIDR, Except: peer.IPBlock.Except})
		}
		if diff := cmp.Diff(policy.InternetRanges()[:families], found); diff != "" {
			t.Errorf("on %s:\n%s", engine, diff)
		}
	}
}

func TestAnExceptionThatCannotBeRenderedSafelyIsAnError(t *testing.T) {
	type exception = workflow.NetworkException
	to := func(peer workflow.FlowPeer) func(*exception) { return func(e *exception) { e.To = &peer } }
	for name, test := range map[string]struct {
		change func(*exception)
		want   string
	}{
		"no peer, which opens all":            {func(e *exception) { e.To = nil }, `"to" and nowhere else`},
		"a peer that says nothing":            {to(workflow.FlowPeer{}), "either a namespace or a cidr"},
		"a namespace and a range":             {to(workflow.FlowPeer{Namespace: "a", CIDR: "10.0.0.0/8"}), "either a namespace or a cidr"},
		"a peer on both sides":                {func(e *exception) { e.From = e.To }, `"to" and nowhere else`},
		"a peer on the wrong side":            {func(e *exception) { e.From, e.To = e.To, nil }, `"to" and nowhere else`},
		"pod labels alone":                    {to(workflow.FlowPeer{PodLabels: map[string]string{"app": "api"}}), "either a namespace or a cidr"},
		"a namespace that is no label":        {to(workflow.FlowPeer{Namespace: "*"}), `"*"`},
		"namespaces by their labels":          {to(workflow.FlowPeer{NamespaceSelector: &workflow.Selector{}}), "selectors are for the platform's flows"},
		"pods by a selector":                  {to(workflow.FlowPeer{Namespace: "a", PodSelector: &workflow.Selector{}}), "selectors are for the platform's flows"},
		"an exception outside its range":      {to(workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"11.0.0.0/16"}}), `"11.0.0.0/16"`},
		"an exception as large as its range":  {to(workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"10.0.0.0/8"}}), `"10.0.0.0/8"`},
		"an IPv6 exception of an IPv4 range":  {to(workflow.FlowPeer{CIDR: "0.0.0.0/0", Except: []string{"fe80::/10"}}), `"fe80::/10"`},
		"IPv4 written as IPv6":                {to(workflow.FlowPeer{CIDR: "::ffff:10.0.0.0/104"}), `"::ffff:10.0.0.0/104"`},
		"half an address":                     {to(workflow.FlowPeer{CIDR: "10.0.0.1/8"}), `"10.0.0.1/8"`},
		"the internet and a range":            {to(workflow.FlowPeer{Internet: true, CIDR: "10.0.0.0/8"}), "peer of its own"},
		"the internet with exceptions":        {to(workflow.FlowPeer{Internet: true, Except: []string{"10.0.0.0/8"}}), "peer of its own"},
		"the internet's pods":                 {to(workflow.FlowPeer{Internet: true, PodLabels: map[string]string{"app": "api"}}), "peer of its own"},
		"labels that are no labels":           {func(e *exception) { e.Pods = map[string]string{"a b": "c"} }, `pods: selector.matchLabels: Invalid value: "a b"`},
		"a label's value that is none":        {func(e *exception) { e.Pods = map[string]string{"a": "b c"} }, `pods: selector.matchLabels: Invalid value: "b c"`},
		"no ports, which opens all":           {func(e *exception) { e.Ports = nil }, "names no port"},
		"port 0":                              {func(e *exception) { e.Ports[0].Port = 0 }, "port 0"},
		"no direction":                        {func(e *exception) { e.Direction = "" }, "no direction"},
		"no request":                          {func(e *exception) { e.Request = -1 }, "no request has"},
		"no end":                              {func(e *exception) { e.Until = time.Time{} }, "its end"},
		"an end that cannot be written":       {func(e *exception) { e.Until = e.Until.Add(time.Millisecond) }, "its end"},
		"a DNS name that is a pattern":        {to(workflow.FlowPeer{FQDN: "*"}), `"*"`},
		"a DNS name with a pattern in it":     {to(workflow.FlowPeer{FQDN: "a*.example.com"}), `"a*.example.com"`},
		"a DNS name with a pattern twice":     {to(workflow.FlowPeer{FQDN: "*.*.example.com"}), `"*.*.example.com"`},
		"every name at every depth":           {to(workflow.FlowPeer{FQDN: "**.example.com"}), `"**.example.com"`},
		"every name below a top-level domain": {to(workflow.FlowPeer{FQDN: "*.com"}), `"*.com"`},
		"a DNS name that is none":             {to(workflow.FlowPeer{FQDN: "Example.com\n"}), `"Example.com\n"`},
		"a DNS name and a range":              {to(workflow.FlowPeer{FQDN: "api.example.com", CIDR: "10.0.0.0/8"}), "peer of its own"},
		"a DNS name and the internet":         {to(workflow.FlowPeer{FQDN: "api.example.com", Internet: true}), "peer of its own"},
		"a DNS name on both sides":            {func(e *exception) { e.To = &workflow.FlowPeer{FQDN: "api.example.com"}; e.From = e.To }, `"to" of an egress`},
		"from a DNS name": {func(e *exception) {
			e.Direction, e.From, e.To = workflow.Ingress, &workflow.FlowPeer{FQDN: "api.example.com"}, nil
		}, `"to" of an egress`},
		"to a DNS name through port 65536": {func(e *exception) { e.To, e.Ports[0].Port = &workflow.FlowPeer{FQDN: "api.example.com"}, 65536 }, "port 65536"},
		"labels for a DNS name that are none": {func(e *exception) {
			e.To, e.Pods = &workflow.FlowPeer{FQDN: "api.example.com"}, map[string]string{"": "c"}
		}, "pods: [selector.matchLabels"},
	} {
		t.Run(name, func(t *testing.T) {
			policy, tenancy, web := shop(t)
			exception := web.Network[0]
			test.change(&exception)
			web.Network = []workflow.NetworkException{exception}
			objects, err := Objects(policy, tenancy, web)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "network exception of request") {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if objects != nil {
				t.Errorf("%d objects beside the error", len(objects))
			}
		})
	}
}

func TestOnlyCiliumKnowsDNSNames(t *testing.T) {
	for _, engine := range []workflow.NetworkEngine{workflow.EngineAzure, workflow.EngineCalico, "", "weave"} {
		policy, tenancy, web := shop(t)
		policy.Clusters["weu-1"] = workflow.Cluster{Server: "https://weu-1.example.com", NetworkEngine: engine}
		if _, err := Objects(policy, tenancy, web); err == nil || !strings.Contains(err.Error(), `"weu-1" enforces with "`+string(engine)+`"`) {
			t.Errorf("on %q: %v", engine, err)
		}
	}
	policy, tenancy, web := shop(t)
	delete(policy.Clusters, "weu-1")
	if _, err := Objects(policy, tenancy, web); err == nil {
		t.Error("rendered for a cluster that the policy does not know")
	}
}

func TestAnExceptionGivenTwiceIsAnError(t *testing.T) {
	policy, tenancy, web := shop(t)
	web.Network = append(web.Network, web.Network[0])
	if _, err := Objects(policy, tenancy, web); err == nil || !strings.Contains(err.Error(), "tenure-exception-61-egress would exist twice") {
		t.Errorf("error %v", err)
	}
}

func TestNetworkExceptionsWithAnythingWrongAreRefusedNamingLineAndField(t *testing.T) {
	for name, test := range map[string]struct {
		edit edit
		want string
	}{
		"an unknown field":              {edit{"        - direction: egress\n          pods: {app: web, tier: front}", "        - direction: egress\n          podz: {app: web, tier: front}"}, "approved/shop.yaml:20: spec.namespaces[0].network[0].podz: there is no such field; there are direction, pods, from, to, ports, until, request"},
		"an unknown field of a peer":    {edit{"to: {internet: true}", "to: {internet: true, world: true}"}, "approved/shop.yaml:45: spec.namespaces[0].network[4].to.world: there is no such field"},
		"an end that is a date":         {edit{"until: 2026-12-24T17:30:00Z", "until: 2026-12-24"}, `approved/shop.yaml:29: spec.namespaces[0].network[1].until: "2026-12-24" is not a moment in UTC such as 2027-02-01T00:00:00Z`},
		"an end elsewhere in the world": {edit{"until: 2026-12-24T17:30:00Z", "until: 2026-12-24T17:30:00+01:00"}, `approved/shop.yaml:29: spec.namespaces[0].network[1].until: "2026-12-24T17:30:00+01:00" is not a moment in UTC`},
		"an end in fractions":           {edit{"until: 2026-12-24T17:30:00Z", "until: 2026-12-24T17:30:00.5Z"}, `approved/shop.yaml:29: spec.namespaces[0].network[1].until: "2026-12-24T17:30:00.5Z" is not a moment in UTC`},
		"an end that is a number":       {edit{"until: 2026-12-24T17:30:00Z", "until: 1798133400"}, `approved/shop.yaml:29: spec.namespaces[0].network[1].until: "1798133400" is not a moment in UTC`},
		"an internet that is a text":    {edit{"to: {internet: true}", "to: {internet: \"true\"}"}, `approved/shop.yaml:45: spec.namespaces[0].network[4].to.internet: "true": string is not allowed here`},
		"a named port":                  {edit{"port: 36412", "port: diameter"}, `approved/shop.yaml:34: spec.namespaces[0].network[2].ports[0].port: "diameter" is not a whole number of 32 bits`},
	} {
		t.Run(name, func(t *testing.T) {
			data := test.edit.apply(t, readTestdata(t, "exceptions/shop.yaml"))
			_, err := DecodeTenancy("approved/shop.yaml", data)
			var first *DocumentError
			if !errors.As(err, &first) || !strings.HasPrefix(first.Error(), test.want) {
				t.Errorf("error %v\nwant  %s", err, test.want)
			}
		})
	}
}

func TestWhatAPolicySaysOfTheNetworkIsRefusedNamingLineAndField(t *testing.T) {
	for name, test := range map[string]struct {
		edit edit
		want string
	}{
		"a selector's unknown field":  {edit{"operator: DoesNotExist}", "operator: DoesNotExist, value: x}"}, "policy.yaml:22: spec.platformFlows[1].from.namespaceSelector.matchExpressions[0].value: there is no such field; there are key, operator, values"},
		"a duration in days":          {edit{"maxDuration: 2160h", "maxDuration: 90d"}, `policy.yaml:38: spec.requests.network.maxDuration: "90d" is not a duration such as 2160h`},
		"a duration that is a number": {edit{"maxDuration: 2160h", "maxDuration: 2160"}, `policy.yaml:38: spec.requests.network.maxDuration: "2160" is not a duration such as 2160h`},
		"limits of an unknown kind":   {edit{"    network:\n", "    networks:\n"}, `policy.yaml:37: spec.requests.networks: there is no such field; there are network`},
		"an unknown field of a range": {edit{"name: the nodes of weu-1}", "title: the nodes of weu-1}"}, `policy.yaml:41: spec.requests.network.refused[1].title: there is no such field; there are cidr, name`},
	} {
		t.Run(name, func(t *testing.T) {
			data := test.edit.apply(t, readTestdata(t, "exceptions/policy.yaml"))
			_, err := DecodePolicy("policy.yaml", data)
			var first *DocumentError
			if !errors.As(err, &first) || !strings.HasPrefix(first.Error(), test.want) {
				t.Errorf("error %v\nwant  %s", err, test.want)
			}
		})
	}
}
