package admission

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation"

	"tenure.dev/workflow"
)

// maxLink is the longest path, with its query, that a denial leads to, in bytes.
// A form that would need a longer one is opened empty.
const maxLink = 600

// askFor is the sentence that ends a violation: where in the portal to ask.
func (s *Snapshot) askFor(what, path string) string {
	if s.policy.Portal == "" {
		return ""
	}
	if len(path) > maxLink {
		path, _, _ = strings.Cut(path, "?")
	}
	return "Ask for " + what + ": " + strings.TrimSuffix(s.policy.Portal, "/") + path
}

// filled is a text out of an object as a link fills it into a form; empty, so that
// it is left out, where nobody would type it: what is long, or cannot be seen.
func filled(text string) string {
	if len(text) > maxValue || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return text
}

// askExemption is where to ask for leave to break a rule: the form, filled in with
// what would have to be let through, and for which pods.
func (o *Object) askExemption(rule string, f finding) string {
	if o.Grant == nil {
		return o.askNamespace()
	}
	known := workflow.ExemptionChange{
		Cluster: o.Snapshot.Cluster, Namespace: o.Namespace, Rule: rule, Value: filled(f.value), Selector: selectorFor(f.labels),
	}
	return o.Snapshot.askFor("an exemption", known.Link(o.Grant.Tenant))
}

// selectorFor picks one label by which pods like these are known, as the form
// takes it: "app=web"; empty where they have none that says what they are.
func selectorFor(labels map[string]string) string {
	for _, key := range append([]string{"app.kubernetes.io/name", "app"}, slices.Sorted(maps.Keys(labels))...) {
		value, found := labels[key]
		if !found || isControllersLabel(key) || len(validation.IsQualifiedName(key)) > 0 || len(validation.IsValidLabelValue(value)) > 0 {
			continue
		}
		if pair := filled(workflow.LabelsTyped(map[string]string{key: value})); pair != "" {
			return pair
		}
	}
	return ""
}

// askLevel is where to ask for what fits, since no exemption helps: the API server
// enforces the level as well.
func (o *Object) askLevel() string {
	switch {
	case o.Grant == nil:
		return o.askNamespace()
	case o.Grant.PodSecurity == workflow.LevelBaseline:
		return o.Snapshot.askFor("help, as no tenant is given a lower level", o.namespacePage())
	}
	return o.Snapshot.askFor("a namespace with a lower level, where its environment allows one", o.namespacePage())
}

// namespacePage shows what the namespace has, and where each of it is asked for.
func (o *Object) namespacePage() string {
	return "/namespaces/" + url.PathEscape(o.Snapshot.Cluster) + "/" + url.PathEscape(o.Namespace)
}

// askChange is where to ask for a change of what was approved: the form for what
// the object is about. What is to go is ended on the namespace's page.
func (o *Object) askChange() string {
	switch kind := o.Kind.GroupKind(); {
	case o.Grant == nil:
		return o.askNamespace()
	case o.Operation == Delete:
		return o.Snapshot.askFor("the change", o.namespacePage())
	case kind == resourceQuotaKind:
		return o.askQuota()
	case kind == roleBindingKind:
		return o.askAccess()
	case kind == networkPolicyKind, isEnginePolicy(kind):
		return o.askNetwork(nil)
	}
	return o.Snapshot.askFor("the change", o.namespacePage())
}

// askNamespace is where to ask for the namespace that nobody approved: the
// form, with what is known filled in.
func (o *Object) askNamespace() string {
	known := url.Values{"cluster": {o.Snapshot.Cluster}}
	if name := filled(o.Namespace); name != "" {
		known.Set("name", name)
	}
	return o.Snapshot.askFor("a namespace", "/requests/new/namespace?"+known.Encode())
}
