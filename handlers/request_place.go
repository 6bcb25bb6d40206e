package handlers

import (
	"net/url"
	"slices"
	"strings"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// typedPlace is the namespace that a form is about, as it was chosen.
type typedPlace struct{ Tenant, Cluster, Namespace string }

// parsePlace reads it. A form names tenant, cluster and namespace in one field; a
// link has them one by one.
func parsePlace(values url.Values) typedPlace {
	at := typedPlace{typedLine(values, fieldTenant), typedLine(values, fieldCluster), typedLine(values, fieldNamespace)}
	if parts := strings.SplitN(at.Namespace, "/", 3); len(parts) == 3 {
		return typedPlace{unescaped(parts[0]), unescaped(parts[1]), parts[2]}
	}
	return at
}

// unescaped undoes url.PathEscape, and leaves what was not escaped well.
func unescaped(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return strings.ToValidUTF8(plain, "\uFFFD")
	}
	return text
}

// value is the place as one value of the form.
func (at typedPlace) value() string {
	if at == (typedPlace{}) {
		return ""
	}
	return url.PathEscape(at.Tenant) + "/" + url.PathEscape(at.Cluster) + "/" + at.Namespace
}

// query is the place as a link has it.
func (at typedPlace) query() string {
	values := url.Values{}
	for name, value := range map[string]string{fieldTenant: at.Tenant, fieldCluster: at.Cluster, fieldNamespace: at.Namespace} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// in finds the namespace among those that the person may ask for.
func (at typedPlace) in(choices workflow.Choices) (workflow.Tenancy, workflow.Namespace, bool) {
	for _, tenancy := range choices.Places() {
		if n, found := tenancy.Namespace(at.Cluster, at.Namespace); found && tenancy.Name == at.Tenant {
			return tenancy, n, true
		}
	}
	return workflow.Tenancy{}, workflow.Namespace{}, false
}

// completed fills in the rest of the name of a namespace, where only one of those
// that the person may ask for fits.
func (at typedPlace) completed(choices workflow.Choices) typedPlace {
	fits := func(typed, name string) bool { return typed == "" || typed == name }
	var found []typedPlace
	for _, t := range choices.Places() {
		for _, n := range t.Namespaces {
			if fits(at.Tenant, t.Name) && fits(at.Cluster, n.Cluster) && fits(at.Namespace, n.Name) {
				found = append(found, typedPlace{t.Name, n.Cluster, n.Name})
			}
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return at
}

// field offers every namespace that the person may ask for, under its tenant
// where there are several, with the one that was chosen.
func (at typedPlace) field(choices workflow.Choices) web.Field {
	value := at.value()
	var options []web.Option
	for _, tenancy := range choices.Places() {
		for _, namespace := range tenancy.Namespaces {
			option := web.Option{
				Value: typedPlace{tenancy.Name, namespace.Cluster, namespace.Name}.value(),
				Label: namespace.Name + " on " + namespace.Cluster,
			}
			if request, waits := choices.Awaited(namespace.Cluster, namespace.Name); waits {
				option.Label += ", asked for by request " + number(request)
			}
			if len(choices.Tenants) > 1 {
				option.Group = tenantName(tenancy)
			}
			if !knowsNames(choices.Policy, namespace.Cluster) {
				option.Rules = withoutNames
			}
			options = append(options, option)
		}
	}
	options = choose(options, value, true)
	if last := &options[len(options)-1]; value != "" && last.Value == value && last.Detail != "" {
		last.Label = strings.Join(slices.DeleteFunc([]string{at.Namespace, at.Cluster, at.Tenant}, func(s string) bool { return s == "" }), ", ")
	}
	return web.Field{
		Name: fieldNamespace, Also: []string{fieldTenant, fieldCluster}, Label: "Namespace", Value: value, Required: true, Options: options,
	}
}
