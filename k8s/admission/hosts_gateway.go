package admission

import (
	"encoding/json"
	"fmt"

	kjson "sigs.k8s.io/json"
)

// The groups of the Gateway API: what is settled, and what is being tried out.
const (
	gatewayGroup      = "gateway.networking.k8s.io"
	gatewayTrialGroup = "gateway.networking.x-k8s.io"
)

// parentRef is how an object of the Gateway API names a parent.
// https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
type parentRef struct {
	Group     *string `json:"group"`     // gatewayGroup where nothing is said
	Kind      *string `json:"kind"`      // Gateway where nothing is said
	Namespace *string `json:"namespace"` // the object's own where nothing is said
	Name      string  `json:"name"`
	Section   string  `json:"sectionName"`
	Port      int     `json:"port"`
}

func (r parentRef) parent(namespace string) parent {
	or := func(text *string, otherwise string) string {
		if text == nil {
			return otherwise
		}
		return *text
	}
	return parent{or(r.Group, gatewayGroup), or(r.Kind, "Gateway"), or(r.Namespace, namespace), r.Name, r.Section, r.Port}
}

// isService: traffic between pods, which no host leads to from outside.
func (p parent) isService() bool { return p.group == "" && p.kind == "Service" }

// isListening says whether hosts come in by the parent's listeners, which are
// judged themselves where they are in a tenant's namespace.
func (p parent) isListening() bool {
	switch p.group + "/" + p.kind {
	case gatewayGroup + "/Gateway", gatewayGroup + "/ListenerSet", gatewayTrialGroup + "/XListenerSet":
		return true
	}
	return false
}

// commonRoute is what every kind of route says of its parents.
type commonRoute struct {
	ParentRefs []parentRef `json:"parentRefs"`
	// Default takes the cluster's default Gateways besides: All or None.
	// https://gateway-api.sigs.k8s.io/geps/gep-3793/
	Default string `json:"useDefaultGateways"`
}

// defaultGateways is what a route without parents can take.
var defaultGateways = parent{group: gatewayGroup, kind: "default Gateways"}

// parents lists those that the route names, and behind them the default Gateways.
func (r commonRoute) parents(namespace string) []parent {
	var found []parent
	for _, ref := range r.ParentRefs {
		found = append(found, ref.parent(namespace))
	}
	if r.Default != "" && r.Default != "None" {
		found = append(found, defaultGateways)
	}
	return found
}

// routeServing: a route without hostnames takes all those of its Gateway. One whose
// parents are all Services is for traffic inside.
// https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec
func routeServing(raw []byte, namespace string) (serving, error) {
	var object struct {
		Spec struct {
			commonRoute
			Hostnames []string        `json:"hostnames"`
			Rules     json.RawMessage `json:"rules"`
		} `json:"spec"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return serving{}, err
	}
	found := serving{parents: object.Spec.parents(namespace)}
	does := string(object.Spec.Rules)
	for i, host := range object.Spec.Hostnames {
		found.hosts = append(found.hosts, servedHost{field: fmt.Sprintf("spec.hostnames[%d]", i), host: host, by: "spec.hostnames[]", does: does})
	}
	outside := len(found.parents) == 0
	for _, parent := range found.parents {
		outside = outside || !parent.isService()
	}
	if len(found.hosts) == 0 && outside {
		found.hosts = []servedHost{{field: "spec.hostnames", by: "spec.hostnames[]", does: does}}
	}
	return found, nil
}

// hostlessServing: a TCPRoute or UDPRoute names no hosts. It takes all that comes in
// by its parents, which is the namespace's own where the listeners are.
func hostlessServing(raw []byte, namespace string) (serving, error) {
	var object struct {
		Kind string      `json:"kind"`
		Spec commonRoute `json:"spec"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return serving{}, err
	}
	found := serving{parents: object.Spec.parents(namespace)}
	for i, parent := range found.parents {
		if parent.isService() || (parent.isListening() && parent.namespace == namespace) {
			continue
		}
		h := servedHost{field: fmt.Sprintf("spec.parentRefs[%d]", i), host: parent.namespace + "/" + parent.name, by: "spec.parentRefs[]"}
		if parent == defaultGateways {
			h.field, h.host = "spec.useDefaultGateways", object.Spec.Default
		}
		h.never = fmt.Sprintf("a %s names no hosts and takes all that a shared Gateway has on the port, whoever's host it is for; its parents may be Services, and Gateways and ListenerSets of %s.", object.Kind, namespace)
		found.hosts = append(found.hosts, h)
	}
	return found, nil
}

// listenerServing: a listener without a hostname takes every host. A Gateway is of a
// class, and a set of listeners adds them to a Gateway.
func listenerServing(raw []byte, namespace string) (serving, error) {
	var object struct {
		Spec struct {
			Class          string            `json:"gatewayClassName"`
			ParentRef      *parentRef        `json:"parentRef"`
			Infrastructure json.RawMessage   `json:"infrastructure"`
			Listeners      []json.RawMessage `json:"listeners"`
		} `json:"spec"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return serving{}, err
	}
	found := serving{parents: []parent{{group: gatewayGroup, kind: "GatewayClass", name: object.Spec.Class}}}
	if object.Spec.ParentRef != nil {
		found.parents = append(found.parents, object.Spec.ParentRef.parent(namespace))
	}
	for i, text := range object.Spec.Listeners {
		var listener struct {
			Hostname string `json:"hostname"`
		}
		if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &listener); err != nil {
			return serving{}, err
		}
		found.hosts = append(found.hosts, servedHost{
			field: fmt.Sprintf("spec.listeners[%d].hostname", i), host: listener.Hostname, by: "spec.listeners[].hostname",
			does: string(text) + string(object.Spec.Infrastructure),
		})
	}
	return found, nil
}
