package handlers

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the fields that the form for a namespace has of its own.
const (
	fieldName           = "name"
	fieldEnvironment    = "environment"
	fieldCluster        = "cluster"
	fieldSize           = "size"
	fieldPodSecurity    = "podSecurity"
	fieldPurpose        = "purpose"
	fieldClassification = "classification"
	fieldHosts          = "hosts"
	fieldRegistries     = "registries"
	fieldAlso           = "also"
	fieldAccess         = "access"
)

// typedNamespace is the form for a namespace, or for several of one service, as
// somebody typed it.
type typedNamespace struct {
	Tenant         string
	Asked          []typedAsked // the first, which is always there, and those beside it
	Purpose        string
	Classification string
	Registries     []string
	Access         []workflow.AskedAccess
	Fresh          string // the field or button that takes the focus; may be empty

	People workflow.People // whose groups the form suggests
}

// typedAsked is one of the namespaces. Its numbers are kept for the form also
// where a size is chosen, in case somebody switches back.
type typedAsked struct {
	workflow.AskedNamespace        // without hosts
	HostLines               string // the hosts as typed, one a line
}

func parseNamespace(values url.Values) typedNamespace {
	typed := typedNamespace{
		Tenant:         typedLine(values, fieldTenant),
		Asked:          []typedAsked{parseAsked(values, "")},
		Purpose:        typedText(values, fieldPurpose),
		Classification: typedLine(values, fieldClassification),
		Registries:     typedAll(values, fieldRegistries),
	}
	for _, row := range rowsOf(values, fieldAlso) {
		typed.Asked = append(typed.Asked, parseAsked(values, row))
	}
	for _, row := range rowsOf(values, fieldAccess) {
		typed.Access = append(typed.Access, workflow.AskedAccess{
			Group: typedLine(values, row+fieldGroup), Role: workflow.AccessRole(typedLine(values, row+fieldRole)),
		})
	}
	return typed.arranged(typedLine(values, fieldRows))
}

// parseAsked reads one namespace, whose fields' names begin with a prefix.
func parseAsked(values url.Values, prefix string) typedAsked {
	line := func(name string) string { return typedLine(values, prefix+name) }
	return typedAsked{
		AskedNamespace: workflow.AskedNamespace{
			Name: line(fieldName), Cluster: line(fieldCluster), Environment: line(fieldEnvironment),
			Size: line(fieldSize), CPU: line(fieldCPU), Memory: line(fieldMemory), Storage: line(fieldStorage), Pods: line(fieldPods),
			PodSecurity: workflow.SecurityLevel(line(fieldPodSecurity)),
		},
		HostLines: typedLines(values, prefix+fieldHosts),
	}
}

// namespaceForm is a request's change as it stands in the form.
func namespaceForm(tenant string, n workflow.NamespaceChange) typedNamespace {
	typed := typedNamespace{
		Tenant: tenant, Purpose: n.Purpose, Classification: n.Classification, Registries: n.Registries, Access: n.Access,
	}
	for _, asked := range append([]workflow.AskedNamespace{n.AskedNamespace}, n.Also...) {
		lines := strings.Join(asked.Hosts, "\n")
		asked.Hosts = nil
		typed.Asked = append(typed.Asked, typedAsked{asked, lines})
	}
	return typed
}

// draft leaves out the numbers of those that have a size.
func (t typedNamespace) draft() workflow.Draft {
	change := workflow.NamespaceChange{
		AskedNamespace: t.Asked[0].asked(),
		Purpose:        t.Purpose, Classification: t.Classification, Registries: t.Registries, Access: t.Access,
	}
	for _, other := range t.Asked[1:] {
		change.Also = append(change.Also, other.asked())
	}
	return workflow.Draft{Tenant: t.Tenant, Change: change}
}

func (t typedAsked) asked() workflow.AskedNamespace {
	asked := t.AskedNamespace
	asked.Hosts = entries(t.HostLines)
	if asked.Size != workflow.OwnSize {
		asked.CPU, asked.Memory, asked.Storage, asked.Pods = "", "", "", ""
	}
	return asked
}

// entries splits what was typed as a list: one a line, or with commas or spaces
// between.
func entries(text string) []string {
	return append([]string(nil), strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\t ,;", r) })...)
}

func (t typedNamespace) chosen() bool { return t.Asked[0].Name != "" }

// ahead: everything that is typed stands in the plan.
func (t typedNamespace) ahead() (workflow.Draft, bool) { return workflow.Draft{}, false }

// start fills in what there is only one choice for, and the level of pod security
// that is right for most. A link such as that of a denial has filled in the rest.
func (t typedNamespace) start(choices workflow.Choices, _ time.Time) typedForm {
	if t.Tenant == "" && len(choices.Tenants) == 1 {
		t.Tenant = choices.Tenants[0].Name
	}
	t.Asked = slices.Clone(t.Asked)
	for i := range t.Asked {
		t.Asked[i].complete(t.Tenant, t.Asked[0], choices)
	}
	return t
}

// complete fills in what is empty. A further namespace has the first one's level
// where its environment allows that; otherwise it is the stricter of the two.
func (t *typedAsked) complete(tenant string, first typedAsked, choices workflow.Choices) {
	fill := func(field *string, options []web.Option, found bool) {
		if *field == "" && found {
			*field = options[0].Value
		}
	}
	clusters, sizes, environments := placeOptions(choices, tenant), sizeOptions(choices.Policy), environmentOptions(choices.Policy)
	fill(&t.Cluster, clusters, len(clusters) == 1)
	fill(&t.Size, sizes, len(sizes) > 0)
	fill(&t.Environment, environments, len(environments) > 0)
	if t.PodSecurity == "" {
		t.PodSecurity = workflow.LevelRestricted
		if floor, known := choices.Policy.Environments[t.Environment]; known && first.PodSecurity.AtLeast(floor.PodSecurity) {
			t.PodSecurity = first.PodSecurity
		}
	}
}

func (t typedNamespace) heading() string {
	if len(t.Asked) > 1 {
		return "Request namespaces"
	}
	return "Request a namespace"
}
