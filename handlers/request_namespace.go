package handlers

import (
	"net/url"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the fields that the form for a namespace has of its own.
const (
	fieldName        = "name"
	fieldEnvironment = "environment"
	fieldCluster     = "cluster"
	fieldSize        = "size"
	fieldPodSecurity = "podSecurity"
	fieldPurpose     = "purpose"
)

// typedNamespace is the form for a namespace as somebody typed it.
type typedNamespace struct {
	Tenant      string
	Name        string
	Environment string
	Cluster     string
	Size        string
	PodSecurity string
	Purpose     string
}

func parseNamespace(values url.Values) typedNamespace {
	return typedNamespace{
		Tenant:      typedLine(values, fieldTenant),
		Name:        typedLine(values, fieldName),
		Environment: typedLine(values, fieldEnvironment),
		Cluster:     typedLine(values, fieldCluster),
		Size:        typedLine(values, fieldSize),
		PodSecurity: typedLine(values, fieldPodSecurity),
		Purpose:     typedText(values, fieldPurpose),
	}
}

// namespaceForm is a request's change as it stands in the form.
func namespaceForm(tenant string, n workflow.NamespaceChange) typedNamespace {
	return typedNamespace{
		Tenant: tenant, Name: n.Name, Environment: n.Environment, Cluster: n.Cluster,
		Size: n.Size, PodSecurity: string(n.PodSecurity), Purpose: n.Purpose,
	}
}

func (t typedNamespace) draft() workflow.Draft {
	return workflow.Draft{Tenant: t.Tenant, Change: workflow.NamespaceChange{
		Name: t.Name, Cluster: t.Cluster, Environment: t.Environment, Size: t.Size,
		PodSecurity: workflow.SecurityLevel(t.PodSecurity), Purpose: t.Purpose,
	}}
}

func (t typedNamespace) chosen() bool { return t.Name != "" }

// ahead: everything that is typed stands in the plan.
func (t typedNamespace) ahead() (workflow.Draft, bool) { return workflow.Draft{}, false }

// start fills in what there is only one choice for, and the stricter of two
// levels. A link such as that of a denial has filled in the rest.
func (t typedNamespace) start(choices workflow.Choices, _ time.Time) typedForm {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&t.PodSecurity, string(workflow.LevelRestricted))
	if len(choices.Tenants) == 1 {
		fill(&t.Tenant, choices.Tenants[0].Name)
	}
	if clusters := placeOptions(choices, t.Tenant); len(clusters) == 1 {
		fill(&t.Cluster, clusters[0].Value)
	}
	if sizes := sizeOptions(choices.Policy); len(sizes) > 0 {
		fill(&t.Size, sizes[0].Value)
	}
	if environments := environmentOptions(choices.Policy); len(environments) > 0 {
		fill(&t.Environment, environments[0].Value)
	}
	return t
}

func (t typedNamespace) heading() string { return "Request a namespace" }

func (t typedNamespace) fill(form *web.RequestForm, choices workflow.Choices, _ time.Time) {
	list := func(options []web.Option, value string) []web.Option { return choose(options, value, true) }
	cards := func(options []web.Option, value string) []web.Option { return choose(options, value, false) }
	form.Namespace = &web.NamespaceFields{
		Tenant: web.Field{Name: fieldTenant, Label: "Tenant", Value: t.Tenant, Options: list(tenantOptions(choices.Tenants), t.Tenant)},
		Name:   web.Field{Name: fieldName, Label: "Name", Value: t.Name, Hint: nameHint(choices, t.Tenant)},
		Environment: web.Field{Name: fieldEnvironment, Label: "Environment", Value: t.Environment,
			Options: cards(environmentOptions(choices.Policy), t.Environment)},
		Cluster: web.Field{Name: fieldCluster, Label: "Cluster", Value: t.Cluster, Options: list(placeOptions(choices, t.Tenant), t.Cluster)},
		Size:    web.Field{Name: fieldSize, Label: "Size", Value: t.Size, Options: cards(sizeOptions(choices.Policy), t.Size)},
		PodSecurity: web.Field{Name: fieldPodSecurity, Label: "Pod security level", Value: t.PodSecurity,
			Options: cards(levelOptions(), t.PodSecurity)},
		Purpose: web.Field{Name: fieldPurpose, Label: "Purpose", Value: t.Purpose,
			Hint: "What it is for, in a sentence. Reviewers read it first."},
	}
	requireAll(form)
}
