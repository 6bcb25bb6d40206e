package admission

import (
	"strings"
	"testing"
)

// Whatever is written into a controller's configuration can serve any host.
func TestWhatCanServeAnyHostIsNeverApproved(t *testing.T) {
	snapshot := testSnapshot(t, hosting("a.example.com"))
	object := entrance(t, "Ingress", `{rules: [{host: a.example.com}]}`)
	const raw = "what is written into a controller's configuration can serve any host"
	for key, says := range map[string]string{
		"nginx.ingress.kubernetes.io/server-snippet":            raw,
		"nginx.ingress.kubernetes.io/configuration-snippet":     raw,
		"nginx.ingress.kubernetes.io/stream-snippet":            raw,
		"nginx.ingress.kubernetes.io/auth-snippet":              raw,
		"our-own-nginx.example.com/server-snippet":              raw,
		"nginx.org/server-snippets":                             raw,
		"nginx.org/location-snippets":                           raw,
		"haproxy.org/backend-config-snippet":                    raw,
		"haproxy-ingress.github.io/config-backend":              raw,
		"ingress.kubernetes.io/config-proxy":                    raw,
		"alb.ingress.kubernetes.io/conditions.web":              raw,
		"haproxy-ingress.github.io/server-alias-regex":          "a pattern stands for any number of hosts",
		"haproxy-ingress.github.io/redirect-from-regex":         "a pattern stands for any number of hosts",
		"nginx.ingress.kubernetes.io/rewrite-target":            "",
		"example.com/config-hash":                               "",
		"example.com/conditions.web":                            "",
		"snippet":                                               "",
		"hostname":                                              "",
		"nginx.ingress.kubernetes.io/enable-snippet-somewhere":  "",
		"alb.ingress.kubernetes.io/actions.web":                 "",
		"cert-manager.io/cluster-issuer":                        "",
		"external-dns.alpha.kubernetes.io/target":               "",
		"haproxy-ingress.github.io/backend-protocol":            "",
		"nginx.ingress.kubernetes.io/from-to-www-redirect-code": "",
	} {
		t.Run(key, func(t *testing.T) {
			if says == "" {
				expectAllowed(t, snapshot, write(t, developer, nil, annotated(clone(t, object), key, "b.example.com")))
				return
			}
			with := annotated(clone(t, object), key, "a.example.com")
			for _, before := range []tree{nil, object, annotated(clone(t, object), key, "b.example.com")} {
				text := expectRefused(t, snapshot, write(t, developer, before, with), "ingress-host")
				if want := "ingress-host: metadata.annotations[" + key + `] "a.example.com": ` + says; !strings.HasPrefix(text, want) || strings.Contains(text, "Ask for") {
					t.Errorf("it says %s", text)
				}
			}
			expectAllowed(t, snapshot, write(t, developer, with, object))
			changed := annotated(entrance(t, "Ingress", `{rules: [{host: a.example.com, http: {}}]}`), key, "a.example.com")
			expectAllowed(t, snapshot, write(t, developer, with, changed))
			expectAllowed(t, snapshot, write(t, developer, nil, annotated(clone(t, object), key, " ")))
		})
	}
}

func TestARedirectFromWWWServesTheTwinOfEachHost(t *testing.T) {
	const key = "nginx.ingress.kubernetes.io/from-to-www-redirect"
	for name, test := range map[string]struct {
		approved, host, value string
		allowed               bool
	}{
		"with www.":               {"a.example.com", "a.example.com", "true", false},
		"without www.":            {"www.a.example.com", "www.a.example.com", "true", false},
		"both, asked for with":    {"a.example.com www.a.example.com", "a.example.com", "true", true},
		"both, asked for without": {"a.example.com www.a.example.com", "www.a.example.com", "1", true},
		"off":                     {"a.example.com", "a.example.com", "false", true},
		"off, in short":           {"a.example.com", "a.example.com", "0", true},
		"neither on nor off":      {"a.example.com", "a.example.com", "yes", false},
	} {
		t.Run(name, func(t *testing.T) {
			object := annotated(entrance(t, "Ingress", "{rules: [{host: "+test.host+"}]}"), key, test.value)
			snapshot := testSnapshot(t, hosting(strings.Fields(test.approved)...))
			if test.allowed {
				expectAllowed(t, snapshot, write(t, developer, nil, object))
				return
			}
			expectRefused(t, snapshot, write(t, developer, nil, object), "ingress-host")
		})
	}
}
