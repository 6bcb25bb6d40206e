package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure.dev/workflow"
)

// The names of the fields that the form for a tenant has of its own.
const (
	fieldExisting     = "existing" // that it is about one that there is; the form for a namespace has it, too
	fieldDisplayName  = "displayName"
	fieldOwners       = "owners"
	fieldMembers      = "members"
	fieldContact      = "contact"
	fieldCostCentre   = "costCentre"
	fieldNamespaces   = "namespaces"
	fieldClusters     = "clusters"
	fieldRepositories = "repositories"

	pickedGroup = ".pick" // after the name of a field: the group that was picked for it
)

const newTenantPath = "/requests/new/tenant"

// changeTenantHref leads to the form that changes a tenant.
func changeTenantHref(slug string) string {
	return newTenantPath + "?" + url.Values{fieldTenant: {slug}}.Encode()
}

// typedTenant is the form for a tenant as somebody typed it. Groups may be typed
// by their name: which one that is, is looked up.
type typedTenant struct {
	Slug   string
	Change workflow.TenantChange

	Owners, Members foundGroup
}

func parseTenant(values url.Values) typedTenant {
	group := func(field string) string {
		if picked := typedLine(values, field+pickedGroup); picked != "" {
			return picked
		}
		return typedLine(values, field)
	}
	return typedTenant{Slug: typedLine(values, fieldTenant), Change: workflow.TenantChange{
		DisplayName: typedLine(values, fieldDisplayName), Owners: group(fieldOwners), Members: group(fieldMembers),
		Contact: typedLine(values, fieldContact), CostCentre: typedLine(values, fieldCostCentre),
		CPU: typedLine(values, fieldCPU), Memory: typedLine(values, fieldMemory), Storage: typedLine(values, fieldStorage),
		Namespaces: typedLine(values, fieldNamespaces), Clusters: distinct(values, fieldClusters, strings.Fields),
		Repositories: distinct(values, fieldRepositories, linesOf), Reason: typedText(values, fieldReason),
		Existing: typedLine(values, fieldExisting) != "",
	}}
}

// distinct reads a field that holds several values, or is sent several times,
// without those that are there already. It reads no more than mostTyped values,
// which is beyond what any list may hold.
func distinct(values url.Values, name string, split func(string) []string) []string {
	var list []string
	for _, value := range values[name][:min(len(values[name]), mostTyped)] {
		for _, entry := range split(typedText(url.Values{name: {value}}, name)) {
			if len(list) < mostTyped && !slices.Contains(list, entry) {
				list = append(list, entry)
			}
		}
	}
	return list
}

// linesOf splits a text of one value a line.
func linesOf(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// tenantForm is a request's change as it stands in the form.
func tenantForm(tenant string, c workflow.TenantChange) typedTenant {
	return typedTenant{Slug: tenant, Change: c}
}

// draft has the groups by their object ids, where they were found.
func (t typedTenant) draft() workflow.Draft {
	c := t.Change
	c.Owners, c.Members = t.Owners.idOr(c.Owners), t.Members.idOr(c.Members)
	return workflow.Draft{Tenant: t.Slug, Change: c}
}

func (t typedTenant) chosen() bool { return t.Slug != "" }

// ahead: the plan does not depend on the reason.
func (t typedTenant) ahead() (workflow.Draft, bool) {
	c := t.Change
	for _, needed := range []string{t.Slug, c.DisplayName, c.Owners, c.Members, c.Contact, c.CostCentre, c.CPU, c.Memory, c.Storage, c.Namespaces, strings.Join(c.Clusters, "")} {
		if needed == "" {
			return workflow.Draft{}, false
		}
	}
	t.Change.Reason = "Not said yet."
	return t.draft(), true
}

// start fills in what a tenant has that the link names, or for a new one what
// there is only one choice for. A form that was filled in already keeps what was
// cleared in it.
func (t typedTenant) start(choices workflow.Choices, _ time.Time) typedForm {
	bare := t.Change.DisplayName+t.Change.Owners+t.Change.Members == "" // the whole form is sent with them
	if tenancy, found := t.present(choices); found && bare {
		return t.completed(tenancy)
	}
	if t.Change.Existing {
		return t
	}
	if clusters := clusterOptions(choices.Policy); len(clusters) == 1 && len(t.Change.Clusters) == 0 {
		t.Change.Clusters = []string{clusters[0].Value}
	}
	return t
}

// present finds the tenant that is to change, among those that the person may
// ask to change.
func (t typedTenant) present(choices workflow.Choices) (workflow.Tenancy, bool) {
	i := slices.IndexFunc(choices.Changeable, func(tenancy workflow.Tenancy) bool { return tenancy.Name == t.Slug })
	if i < 0 {
		return workflow.Tenancy{}, false
	}
	return choices.Changeable[i], true
}

// completed fills in what the tenant has where nothing was typed.
func (t typedTenant) completed(tenancy workflow.Tenancy) typedTenant {
	has, c := tenantChangeOf(tenancy), &t.Change
	c.Existing = true
	for field, value := range map[*string]string{
		&c.DisplayName: has.DisplayName, &c.Owners: has.Owners, &c.Members: has.Members, &c.Contact: has.Contact, &c.CostCentre: has.CostCentre,
		&c.CPU: has.CPU, &c.Memory: has.Memory, &c.Storage: has.Storage, &c.Namespaces: has.Namespaces,
	} {
		if *field == "" {
			*field = value
		}
	}
	if len(c.Clusters) == 0 {
		c.Clusters = has.Clusters
	}
	if len(c.Repositories) == 0 {
		c.Repositories = has.Repositories
	}
	return t
}

// untouched says whether the form asks for what the tenant has already.
func (t typedTenant) untouched(choices workflow.Choices) bool {
	tenancy, found := t.present(choices)
	if !found || !t.Change.Existing {
		return false
	}
	has, c := tenantChangeOf(tenancy), t.draft().Change.(workflow.TenantChange)
	same := slices.Equal(slices.Sorted(slices.Values(has.Clusters)), slices.Sorted(slices.Values(c.Clusters))) &&
		slices.Equal(slices.Sorted(slices.Values(has.Repositories)), slices.Sorted(slices.Values(c.Repositories)))
	return same && has.DisplayName == c.DisplayName && has.Owners == c.Owners && has.Members == c.Members && has.Contact == c.Contact &&
		has.CostCentre == c.CostCentre && has.CPU == c.CPU && has.Memory == c.Memory && has.Storage == c.Storage && has.Namespaces == c.Namespaces
}

func (t typedTenant) heading() string {
	if t.Change.Existing {
		return "Request a change of tenant " + t.Slug
	}
	return "Request a tenant for your team"
}

// tenantChangeOf is a change that leaves a tenant as it is.
func tenantChangeOf(t workflow.Tenancy) workflow.TenantChange {
	return workflow.TenantChange{
		DisplayName: t.DisplayName, Owners: t.Owners.Group, Members: t.Members.Group, Contact: t.Contact, CostCentre: t.CostCentre,
		CPU: t.Ceiling.CPU.String(), Memory: t.Ceiling.Memory.String(), Storage: t.Ceiling.Storage.String(),
		Namespaces: strconv.FormatInt(t.Ceiling.Namespaces, 10), Clusters: t.Clusters, Repositories: t.Repositories, Existing: true,
	}
}
