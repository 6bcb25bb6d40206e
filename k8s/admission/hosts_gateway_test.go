package admission

import (
	"encoding/json"
	"strings"
	"testing"
)

// A route without hosts takes all that comes in by its parents.
func TestARouteWithoutHostsTakesNothingOfASharedGateway(t *testing.T) {
	snapshot := testSnapshot(t, hosting("a.example.com"))
	for name, test := range map[string]struct {
		spec, field, value string // field is empty where it is let in
	}{
		"a Service":                      {`{parentRefs: [{group: "", kind: Service, name: api}]}`, "", ""},
		"a Service of another namespace": {`{parentRefs: [{group: "", kind: Service, name: api, namespace: search-dev}]}`, "", ""},
		"its own Gateway":                {`{parentRefs: [{name: mine}], useDefaultGateways: None}`, "", ""},
		"its own Gateway by name":        {`{parentRefs: [{name: mine, namespace: ` + testSpace + `, kind: Gateway}]}`, "", ""},
		"its own listeners":              {`{parentRefs: [{kind: ListenerSet, name: mine}, {group: gateway.networking.x-k8s.io, kind: XListenerSet, name: mine}]}`, "", ""},
		"no parent":                      {`{rules: []}`, "", ""},
		"a shared Gateway":               {`{parentRefs: [{name: mine}, {name: public, namespace: gateways}]}`, "spec.parentRefs[1]", "gateways/public"},
		"one port of a shared Gateway":   {`{parentRefs: [{name: public, namespace: gateways, port: 5432}]}`, "spec.parentRefs[0]", "gateways/public"},
		"shared listeners":               {`{parentRefs: [{kind: ListenerSet, name: public, namespace: gateways}]}`, "spec.parentRefs[0]", "gateways/public"},
		"another kind of parent":         {`{parentRefs: [{group: example.com, name: x}]}`, "spec.parentRefs[0]", testSpace + "/x"},
		"a Service of another group":     {`{parentRefs: [{kind: Service, name: x}]}`, "spec.parentRefs[0]", testSpace + "/x"},
		"the default Gateways":           {`{useDefaultGateways: All}`, "spec.useDefaultGateways", "All"},
	} {
		for _, kind := range []string{"TCPRoute", "UDPRoute"} {
			t.Run(kind+" of "+name, func(t *testing.T) {
				object := entrance(t, kind, test.spec)
				if test.field == "" {
					expectAllowed(t, snapshot, write(t, developer, nil, object))
					named := annotated(object, "external-dns.alpha.kubernetes.io/hostname", "b.example.com")
					expectRefused(t, snapshot, write(t, developer, nil, named), "ingress-host")
					return
				}
				text := expectRefused(t, snapshot, write(t, developer, nil, object), "ingress-host")
				want := "ingress-host: " + test.field + ` "` + test.value + `": a ` + kind + ` names no hosts and takes all that a shared Gateway has on the port`
				if !strings.HasPrefix(text, want) || strings.Contains(text, "Ask for") {
					t.Errorf("it says %s", text)
				}
				// One that was there can be run, and gets no other parent.
				other := clone(t, object)
				set(other, []any{tree{"name": "x"}}, "spec", "rules")
				expectAllowed(t, snapshot, write(t, developer, object, other))
				set(other, []any{tree{"name": "other", "namespace": "gateways"}}, "spec", "parentRefs")
				expectRefused(t, snapshot, write(t, developer, object, other), "ingress-host")
			})
		}
	}
}

// Without a namespace, nobody could say whose hosts they are.
func TestWhatServesHostsIsNotJudgedWithoutItsNamespace(t *testing.T) {
	for kind := range hostKinds {
		request := document{position: 1}
		request.head.APIVersion, request.head.Kind, request.head.Metadata.Name = kind.Group+"/v1", kind.Kind, "web"
		if _, err := request.request(); err == nil || !strings.Contains(err.Error(), "metadata.namespace is missing") {
			t.Errorf("%s: %v", kind, err)
		}
		request.head.Metadata.Namespace = testSpace
		if _, err := request.request(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// Whatever an object looks like, it serves nothing that was not approved, and leaving
// it as it is can be done.
func FuzzHosts(f *testing.F) {
	for _, object := range entrances(f) {
		f.Add(object["kind"] != "Ingress", string(encode(f, object)))
	}
	f.Add(true, `{"spec": {"parentRefs": [{"group": null, "port": 1e3}], "listeners": ["x", null], "hostnames": null}}`)
	f.Add(false, `{"metadata": {"annotations": {"/": "", "a/from-to-www-redirect": ""}}, "spec": {"rules": [null, {"host": "www."}], "defaultBackend": null}}`)
	snapshot := testSnapshot(f)
	f.Fuzz(func(t *testing.T, gateways bool, text string) {
		if !json.Valid([]byte(text)) {
			return
		}
		for kind := range hostKinds {
			if gateways != (kind.Group != "networking.k8s.io") {
				continue
			}
			request := Request{Operation: Create, Kind: kind.WithVersion("v1"), Namespace: testSpace, Name: "web", User: developer, Object: json.RawMessage(text), At: testTime}
			o := newObject(snapshot, request)
			served, err := o.serving(request.Object)
			if allowed := Evaluate(snapshot, request).Allowed; allowed != (err == nil && len(served.hosts) == 0) {
				t.Errorf("%s is let in: %v; it serves %v (%v)", kind, allowed, served.hosts, err)
			}
			request.Operation, request.OldObject = Update, request.Object
			if _, err := decodeFields(request.Object); err == nil && !Evaluate(snapshot, request).Allowed {
				t.Errorf("%s cannot be left as it is", kind)
			}
		}
	})
}
