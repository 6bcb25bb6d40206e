package admission

import (
	"net/url"
	"strings"
)

// askFor is the sentence that ends a violation: where in the portal to ask.
func (s *Snapshot) askFor(what, path string) string {
	if s.policy.Portal == "" {
		return ""
	}
	return "Ask for " + what + ": " + strings.TrimSuffix(s.policy.Portal, "/") + path
}

// askExemption is where to ask for leave to break a rule. The tenant's page is
// where everything of a namespace is asked for.
func (o *Object) askExemption() string {
	if o.Grant == nil {
		return o.askNamespace()
	}
	return o.Snapshot.askFor("an exemption", "/tenants/"+o.Grant.Tenant)
}

// askChange is where to ask for a change of what was approved.
func (o *Object) askChange() string {
	if o.Grant == nil {
		return o.askNamespace()
	}
	return o.Snapshot.askFor("the change", "/tenants/"+o.Grant.Tenant)
}

// askNamespace is where to ask for the namespace that nobody approved: the
// form, with what is known filled in.
func (o *Object) askNamespace() string {
	known := url.Values{"cluster": {o.Snapshot.Cluster}}
	if o.Namespace != "" {
		known.Set("name", o.Namespace)
	}
	return o.Snapshot.askFor("a namespace", "/requests/new/namespace?"+known.Encode())
}

// askAccess is where to ask for access that can be given.
func (s *Snapshot) askAccess(tenant string) string {
	return s.askFor("access to a namespace", "/tenants/"+tenant)
}
