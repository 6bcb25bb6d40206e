package admission

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"
)

// servedHost is a host that an object serves, with the field that says so. The
// empty one is every host.
type servedHost struct {
	field, host string
	by          string // the field, whichever entry of its lists: "spec.rules[].host"
	does        string // what becomes of the traffic there, to compare with
	// never says why this is no host that could be approved; host is then what
	// stands there instead. Empty for a host.
	never string
}

// serving is how one side of a write serves hosts.
type serving struct {
	hosts    []servedHost
	parents  []parent          // what brings it the traffic
	settings map[string]string // the annotations that say what becomes of all of it
}

// parent is what brings traffic to an object: a Gateway, or part of one, or what
// stands behind the name of a class.
type parent struct {
	group, kind, namespace, name string
	section                      string // of a Gateway; empty for all of it
	port                         int    // of a Gateway; 0 for all of them
}

// brings says whether everything that comes by another parent comes by this one.
func (p parent) brings(other parent) bool {
	if p.section == "" {
		other.section = ""
	}
	if p.port == 0 {
		other.port = 0
	}
	return p == other
}

// keeps says whether a host is served no further than before: in the same field,
// and from nowhere else. untouched asks that the same becomes of its traffic, too.
func (s serving) keeps(h servedHost, before serving, untouched bool) bool {
	if untouched && !maps.Equal(s.settings, before.settings) {
		return false
	}
	for _, p := range s.parents {
		if !slices.ContainsFunc(before.parents, func(b parent) bool { return b.brings(p) }) {
			return false
		}
	}
	return slices.ContainsFunc(before.hosts, func(b servedHost) bool {
		return b.by == h.by && b.host == h.host && (!untouched || b.does == h.does)
	})
}

// hostKinds are the kinds that bring traffic in from outside by the name of a
// host, or without one, and how each says which. All versions of a kind say it
// alike. Which namespace the object is in is what it names no namespace for.
var hostKinds = map[schema.GroupKind]func(raw []byte, namespace string) (serving, error){
	{Group: "networking.k8s.io", Kind: "Ingress"}:    ingressServing,
	{Group: gatewayGroup, Kind: "HTTPRoute"}:         routeServing,
	{Group: gatewayGroup, Kind: "GRPCRoute"}:         routeServing,
	{Group: gatewayGroup, Kind: "TLSRoute"}:          routeServing,
	{Group: gatewayGroup, Kind: "TCPRoute"}:          hostlessServing,
	{Group: gatewayGroup, Kind: "UDPRoute"}:          hostlessServing,
	{Group: gatewayGroup, Kind: "Gateway"}:           listenerServing,
	{Group: gatewayGroup, Kind: "ListenerSet"}:       listenerServing,
	{Group: gatewayTrialGroup, Kind: "XListenerSet"}: listenerServing,
}

// serving reads how one side of the write serves hosts.
func (o *Object) serving(raw []byte) (serving, error) {
	if len(raw) == 0 {
		return serving{}, errNoObject
	}
	found, err := hostKinds[o.Kind.GroupKind()](raw, o.Namespace)
	if err != nil {
		return serving{}, fmt.Errorf("decode %s: %w", o.Kind.Kind, err)
	}
	var object struct {
		Metadata Meta            `json:"metadata"`
		Spec     json.RawMessage `json:"spec"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return serving{}, fmt.Errorf("decode metadata: %w", err)
	}
	annotated, err := o.annotated(object.Metadata.Annotations, object.Spec)
	if err != nil {
		return serving{}, err
	}
	rules := slices.DeleteFunc(slices.Clone(found.hosts), func(h servedHost) bool { return h.by != ruleHost })
	for _, place := range annotated {
		for _, h := range place.hosts(rules) {
			h.does = string(object.Spec) // all that the object does, it does for these
			found.hosts = append(found.hosts, h)
		}
	}
	found.settings = settingsAmong(object.Metadata.Annotations)
	return found, nil
}

// leavesHosts says whether an update leaves alone all that says how hosts are
// served, readable or not: it is about finalizers, owners and the like.
func (o *Object) leavesHosts() bool {
	now, err := decodeFields(o.Object)
	if err != nil {
		return false
	}
	before, err := decodeFields(o.OldObject)
	if err != nil || !equal(now.body, before.body) {
		return false
	}
	_, same := sameTexts(before.annotations, now.annotations, func(key string) bool { return hostsIn(key) == nil && !isSetting(key) })
	return same
}

const (
	ruleHost        = "spec.rules[].host"
	classAnnotation = "kubernetes.io/ingress.class"
)

// ingressServing: the rules' hosts, and those of the certificates. A rule without a
// host, and the default backend, serve every host. An Ingress of no class is the
// default class's.
// https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource
func ingressServing(raw []byte, _ string) (serving, error) {
	var object struct {
		Metadata Meta `json:"metadata"`
		Spec     struct {
			Class          string            `json:"ingressClassName"`
			DefaultBackend json.RawMessage   `json:"defaultBackend"`
			Rules          []json.RawMessage `json:"rules"`
			TLS            []struct {
				Hosts  []string        `json:"hosts"`
				Secret json.RawMessage `json:"secretName"`
			} `json:"tls"`
		} `json:"spec"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return serving{}, err
	}
	found := serving{parents: ingressClasses(object.Spec.Class, object.Metadata.Annotations[classAnnotation])}
	fallback := string(present(object.Spec.DefaultBackend))
	if fallback != "" {
		found.hosts = append(found.hosts, servedHost{field: "spec.defaultBackend", by: "spec.defaultBackend", does: fallback})
	}
	for i, text := range object.Spec.Rules {
		var rule struct {
			Host string `json:"host"`
		}
		if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &rule); err != nil {
			return serving{}, err
		}
		// Where no path of a rule fits, its host leads to the default backend.
		found.hosts = append(found.hosts, servedHost{field: fmt.Sprintf("spec.rules[%d].host", i), host: rule.Host, by: ruleHost, does: string(text) + fallback})
	}
	for i, certificate := range object.Spec.TLS {
		for j, host := range certificate.Hosts {
			found.hosts = append(found.hosts, servedHost{field: fmt.Sprintf("spec.tls[%d].hosts[%d]", i, j), host: host, by: "spec.tls[].hosts[]", does: string(certificate.Secret)})
		}
	}
	return found, nil
}

// ingressClasses are the classes that an Ingress names, in its field or as it was
// done before there was one.
func ingressClasses(names ...string) []parent {
	var classes []parent
	for _, name := range names {
		if name != "" {
			classes = append(classes, parent{kind: "IngressClass", name: name})
		}
	}
	if classes == nil {
		classes = []parent{{kind: "IngressClass"}}
	}
	return classes
}

// bareHost is a host as DNS compares it.
func bareHost(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }
