package handlers

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// settledHref leads to the form for other hosts and images of a namespace.
func settledHref(tenant string, n workflow.Namespace) string {
	return workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: n.Name, Cluster: n.Cluster}, Existing: true}.Link(tenant)
}

// typedSettled is the form for what can be changed of a namespace that is there,
// as somebody typed it. Which one it is came with the link to the form.
type typedSettled struct {
	At             typedPlace
	Hosts          string // one a line
	Registries     []string
	Classification string
	Purpose        string
	Reason         string
	// Whole says that all of it stands here. A link names only what is to be
	// there beside what the namespace has.
	Whole bool
}

func parseSettled(values url.Values) typedSettled {
	return typedSettled{
		At:    typedPlace{typedLine(values, fieldTenant), typedLine(values, fieldCluster), typedLine(values, fieldName)},
		Hosts: typedLines(values, fieldHosts), Registries: typedAll(values, fieldRegistries), Classification: typedLine(values, fieldClassification),
		Purpose: typedText(values, fieldPurpose), Reason: typedText(values, fieldReason),
		Whole: values.Has(fieldKind), // forms name it, links have it in their path
	}
}

// settledForm is a request's change as it stands in the form.
func settledForm(tenant string, n workflow.NamespaceChange) typedSettled {
	return typedSettled{
		At: typedPlace{tenant, n.Cluster, n.Name}, Hosts: strings.Join(n.Hosts, "\n"), Registries: n.Registries, Classification: n.Classification,
		Purpose: n.Purpose, Reason: n.Reason, Whole: true,
	}
}

func (t typedSettled) draft() workflow.Draft {
	return workflow.Draft{Tenant: t.At.Tenant, Change: workflow.NamespaceChange{
		AskedNamespace: workflow.AskedNamespace{Name: t.At.Namespace, Cluster: t.At.Cluster, Hosts: entries(t.Hosts)},
		Existing:       true, Registries: t.Registries, Classification: t.Classification, Purpose: t.Purpose, Reason: t.Reason,
	}}
}

func (t typedSettled) chosen() bool { return t.At.Namespace != "" }

// ahead: the plan does not depend on the reason.
func (t typedSettled) ahead() (workflow.Draft, bool) {
	t.Reason = "Not said yet."
	return t.draft(), t.chosen()
}

// start completes the name of the namespace, and fills in what it has.
func (t typedSettled) start(choices workflow.Choices, _ time.Time) typedForm {
	t.At = t.At.completed(choices)
	_, n, found := t.At.in(choices)
	if t.Whole || !found {
		return t
	}
	hosts := slices.Clone(n.Hosts)
	for _, host := range entries(t.Hosts) {
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	t.Hosts = strings.Join(hosts, "\n")
	for _, name := range n.Registries {
		if !slices.Contains(t.Registries, name) {
			t.Registries = append(slices.Clone(t.Registries), name)
		}
	}
	if t.Classification == "" {
		t.Classification = n.Classification
	}
	if t.Purpose == "" {
		t.Purpose = n.Purpose
	}
	t.Whole = true
	return t
}

// untouched says whether the form asks for what the namespace has already.
func (t typedSettled) untouched(choices workflow.Choices) bool {
	_, n, found := t.At.in(choices)
	same := func(a, b []string) bool {
		return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
	}
	return found && same(entries(t.Hosts), n.Hosts) && same(t.Registries, n.Registries) && t.Classification == n.Classification && t.Purpose == n.Purpose
}

func (t typedSettled) heading() string {
	if t.At.Namespace == "" {
		return "Change the hosts and images of a namespace"
	}
	return "Change the hosts and images of " + t.At.Namespace
}

// fill puts the fields into the page's form.
func (t typedSettled) fill(form *web.RequestForm, choices workflow.Choices, _ time.Time) {
	sent := func(name, label, value string) web.Field {
		return web.Field{Name: name, Label: label, Value: value, Required: true}
	}
	fields := &web.SettledFields{
		Settled: []web.Field{
			sent(fieldTenant, "Tenant", t.At.Tenant), sent(fieldCluster, "Cluster", t.At.Cluster), sent(fieldName, "Namespace", t.At.Namespace),
			sent(fieldExisting, "Namespace", "true"),
		},
		Facts:          t.At.facts(choices),
		Hosts:          hostsField("", t.Hosts),
		Registries:     registriesField(t.Registries, choices.Policy),
		Classification: classificationField(t.Classification, choices.Policy),
		Purpose:        web.Field{Name: fieldPurpose, Label: "Purpose", Value: t.Purpose, Hint: "What it is for. Left empty, it stays as it is."},
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: t.Reason, Required: true,
			Hint: "What the change is for, in a sentence. Reviewers read it first."},
	}
	form.Settled = fields
}

// facts shows which namespace it is.
func (at typedPlace) facts(choices workflow.Choices) []web.Fact {
	plain := func(term, text string) web.Fact { return web.Fact{Term: term, Value: web.Link{Text: text}} }
	facts := []web.Fact{plain("Namespace", at.Namespace), plain("Cluster", at.Cluster)}
	tenancy, n, found := at.in(choices)
	if !found {
		return facts
	}
	facts[0].Value.Href = namespaceHref(n.Cluster, n.Name)
	return append(facts, plain("Environment", n.Environment), web.Fact{Term: "Tenant", Value: web.Link{Text: tenantName(tenancy), Href: tenantHref(tenancy.Name)}})
}
