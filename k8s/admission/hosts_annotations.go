package admission

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	kjson "sigs.k8s.io/json"
)

// annotation is one that says which further hosts an object serves.
type annotation struct {
	field, value string
	read         readHosts
}

// readHosts gives the hosts that the value of an annotation adds to those of the
// rules. A sentence instead says that it adds what cannot be approved, and why.
type readHosts func(value string, rules []string) (hosts []string, never string)

// hostAnnotations add hosts. Those of controllers that let their prefix be chosen
// are known by the name behind it, the others by the whole key.
//
//   - ingress-nginx: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
//   - HAProxy Ingress: https://haproxy-ingress.github.io/docs/configuration/keys/
//   - Azure's Application Gateway: https://azure.github.io/application-gateway-kubernetes-ingress/annotations/
//   - Kong: https://developer.konghq.com/kubernetes-ingress-controller/reference/annotations/
//   - external-dns, which makes records for them: https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/
//   - cert-manager, which has certificates issued: https://cert-manager.io/docs/reference/annotations/
var hostAnnotations = map[string]readHosts{
	"*/server-alias":              listedHosts,
	"*/server-alias-regex":        hostPattern,
	"*/redirect-from":             listedHosts,
	"*/redirect-from-regex":       hostPattern,
	"*/from-to-www-redirect":      twinHosts,
	"*/hostname-extension":        listedHosts,
	"*/host-aliases":              listedHosts,
	"*/hostname":                  listedHosts,
	"*/internal-hostname":         listedHosts,
	"cert-manager.io/alt-names":   listedHosts,
	"cert-manager.io/common-name": listedHosts,
}

// hostsIn gives how an annotation says which further hosts are served; nil where it
// does not.
func hostsIn(key string) readHosts {
	if read := hostAnnotations[key]; read != nil {
		return read
	}
	prefix, name, found := strings.Cut(key, "/")
	switch {
	case !found:
		return nil
	case strings.HasSuffix(name, "-snippet"), strings.HasSuffix(name, "-snippets"):
		return rawConfiguration
	case strings.HasPrefix(name, "config-") && (prefix == "haproxy-ingress.github.io" || prefix == "ingress.kubernetes.io"):
		return rawConfiguration
	case strings.HasPrefix(name, "conditions.") && prefix == "alb.ingress.kubernetes.io":
		return rawConfiguration // among its conditions can be hosts
	}
	return hostAnnotations["*/"+name]
}

// listedHosts are separated by commas.
func listedHosts(value string, _ []string) (hosts []string, never string) {
	for name := range strings.SplitSeq(value, ",") {
		if name = strings.TrimSpace(name); name != "" {
			hosts = append(hosts, name)
		}
	}
	return hosts, ""
}

// twinHosts: each of the rules' hosts is served with www. before it and without.
func twinHosts(value string, rules []string) (hosts []string, never string) {
	if on, err := strconv.ParseBool(strings.TrimSpace(value)); err == nil && !on {
		return nil, ""
	}
	for _, host := range rules {
		if host == "" {
			continue
		}
		twin, long := strings.CutPrefix(host, "www.")
		if !long {
			twin = "www." + host
		}
		hosts = append(hosts, twin)
	}
	return hosts, ""
}

func hostPattern(value string, _ []string) (hosts []string, never string) {
	if strings.TrimSpace(value) == "" {
		return nil, ""
	}
	return []string{value}, "a pattern stands for any number of hosts, and each is approved by its own name; name them in rules."
}

func rawConfiguration(value string, _ []string) (hosts []string, never string) {
	if strings.TrimSpace(value) == "" {
		return nil, ""
	}
	return []string{value}, "what is written into a controller's configuration can serve any host, so it is never approved; say it in fields and annotations that mean one thing."
}

// hosts are those that the annotation adds.
func (a annotation) hosts(rules []servedHost) []servedHost {
	named := make([]string, len(rules))
	for i, rule := range rules {
		named[i] = rule.host
	}
	names, never := a.read(a.value, named)
	found := make([]servedHost, len(names))
	for i, name := range names {
		found[i] = servedHost{field: a.field, host: name, by: a.field, never: never}
	}
	return found
}

// annotated lists the annotations that add hosts: the object's own, and those that a
// Gateway has put on what is made for it, such as its Service.
// https://gateway-api.sigs.k8s.io/reference/spec/#gatewayinfrastructure
func (o *Object) annotated(own map[string]string, spec json.RawMessage) ([]annotation, error) {
	var gateway struct {
		Infrastructure struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"infrastructure"`
	}
	if o.Kind.Kind == "Gateway" && len(spec) > 0 {
		if err := kjson.UnmarshalCaseSensitivePreserveInts(spec, &gateway); err != nil {
			return nil, fmt.Errorf("decode infrastructure: %w", err)
		}
	}
	var found []annotation
	for _, place := range []struct {
		path    string
		entries map[string]string
	}{{"metadata", own}, {"spec.infrastructure", gateway.Infrastructure.Annotations}} {
		for _, key := range slices.Sorted(maps.Keys(place.entries)) {
			if read := hostsIn(key); read != nil {
				found = append(found, annotation{place.path + ".annotations[" + key + "]", place.entries[key], read})
			}
		}
	}
	return found, nil
}

// settingPrefixes are the controllers' whose annotations say what becomes of the
// traffic of an object: where it is redirected, which part of it is served.
var settingPrefixes = []string{
	"nginx.ingress.kubernetes.io", "nginx.org", "nginx.com", "haproxy-ingress.github.io", "haproxy.org",
	"appgw.ingress.kubernetes.io", "alb.ingress.kubernetes.io", "traefik.ingress.kubernetes.io", "konghq.com",
	"external-dns.kubernetes.io", "external-dns.alpha.kubernetes.io",
}

// isSetting says whether an annotation says what becomes of traffic, or which
// controller it comes from, and names no host.
func isSetting(key string) bool {
	prefix, _, _ := strings.Cut(key, "/")
	return hostsIn(key) == nil && (key == classAnnotation || slices.Contains(settingPrefixes, prefix))
}

func settingsAmong(annotations map[string]string) map[string]string {
	settings := map[string]string{}
	for key, value := range annotations {
		if isSetting(key) {
			settings[key] = value
		}
	}
	return settings
}
