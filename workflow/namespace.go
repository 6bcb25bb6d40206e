package workflow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// NamespaceChange asks for one namespace.
type NamespaceChange struct {
	Name        string        `json:"name"`
	Cluster     string        `json:"cluster"`
	Environment string        `json:"environment"`
	Size        string        `json:"size"`
	PodSecurity SecurityLevel `json:"podSecurity"`
	Purpose     string        `json:"purpose"`
}

// Kind is KindNamespace.
func (NamespaceChange) Kind() Kind { return KindNamespace }

// Title names the namespace and its cluster.
func (c NamespaceChange) Title() string { return "Namespace " + c.Name + " on " + c.Cluster }

// Why is what the namespace is for.
func (c NamespaceChange) Why() string { return strings.TrimSpace(c.Purpose) }

// Apply adds the namespace, with the quota of its size, edit access for the
// tenant's members and admin access for its owners.
func (c NamespaceChange) Apply(base *ApprovedState, tenancy Tenancy, request int64) (Tenancy, []FieldProblem) {
	problems := c.check(base, tenancy)
	if len(problems) > 0 {
		return tenancy, problems
	}
	size := base.Policy.Sizes[c.Size]
	granted := Namespace{
		Name: c.Name, Cluster: c.Cluster, Environment: c.Environment,
		PodSecurity: c.PodSecurity, Purpose: strings.TrimSpace(c.Purpose), Request: request,
		Quota:  size.quotaOf(request),
		Access: tenancy.usualAccess(request),
	}
	after := tenancy
	after.Namespaces = append(slices.Clone(tenancy.Namespaces), granted)
	slices.SortFunc(after.Namespaces, Namespace.compare)
	return after, after.overCeiling()
}

// usualAccess is what comes with a namespace: the tenant's members edit in it,
// and its owners administer it.
func (t Tenancy) usualAccess(request int64) []Access {
	return []Access{
		{Group: t.Members.Group, Role: AccessEdit, Request: request},
		{Group: t.Owners.Group, Role: AccessAdmin, Request: request},
	}
}

// checkAlone says of the name only what holds for every tenant.
func (c NamespaceChange) checkAlone(policy Policy) []FieldProblem {
	return c.check(&ApprovedState{Policy: policy}, Tenancy{})
}

// rivals refuses a name that another request asks for.
func (c NamespaceChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(NamespaceChange)
	return FieldProblem{Field: "name", Message: fmt.Sprintf("Request %d by %s already asks for %q on %s.", other.ID, other.RequestedBy.Name, c.Name, c.Cluster)},
		same && rival.Name == c.Name && rival.Cluster == c.Cluster
}

// check says what is wrong with each field as typed.
func (c NamespaceChange) check(base *ApprovedState, tenancy Tenancy) []FieldProblem {
	var problems []FieldProblem
	add := func(field, message string) {
		if message != "" {
			problems = append(problems, FieldProblem{Field: field, Message: message})
		}
	}
	policy := base.Policy
	add("name", c.checkName(base, tenancy))
	add("cluster", c.checkCluster(policy, tenancy))
	add("environment", checkChoice(c.Environment, "environment", slices.Collect(maps.Keys(policy.Environments))))
	add("size", checkChoice(c.Size, "size", slices.Collect(maps.Keys(policy.Sizes))))
	add("podSecurity", c.checkLevel(policy))
	purpose := strings.TrimSpace(c.Purpose)
	if purpose == "" {
		add("purpose", "Say in a sentence what the namespace is for. Reviewers read it first.")
	} else {
		add("purpose", checkText(purpose, maxPurpose, true))
	}
	return problems
}

// checkName says what is wrong with the name; empty when nothing is.
func (c NamespaceChange) checkName(base *ApprovedState, tenancy Tenancy) string {
	if message := checkLabel(c.Name); message != "" {
		return message
	}
	if reserved := base.Policy.reservedBy(c.Name); reserved != "" {
		return fmt.Sprintf("%q is reserved for the platform (%s).", c.Name, reserved)
	}
	if tenancy.Name == "" {
		return "" // no tenant was chosen, and the rest depends on it
	}
	if prefix := tenancy.Name + "-"; !strings.HasPrefix(c.Name, prefix) || c.Name == prefix {
		return fmt.Sprintf("Names of this tenant's namespaces start with %q, for example %q.", prefix, prefix+"api-dev")
	}
	if owner, taken, found := base.NamespaceOwner(c.Cluster, c.Name); found {
		if owner.Name != tenancy.Name {
			return fmt.Sprintf("%q is taken on %s. Choose another name.", c.Name, c.Cluster)
		}
		return fmt.Sprintf("%q is taken on %s: your tenant has it since request %d. Choose another name.", c.Name, c.Cluster, taken.Request)
	}
	return ""
}

// checkCluster says what is wrong with the cluster; empty when nothing is.
func (c NamespaceChange) checkCluster(policy Policy, tenancy Tenancy) string {
	_, known := policy.Clusters[c.Cluster]
	switch {
	case tenancy.Name == "":
		return checkChoice(c.Cluster, "cluster", slices.Collect(maps.Keys(policy.Clusters))) // no tenant was chosen
	case known && !slices.Contains(tenancy.Clusters, c.Cluster):
		return fmt.Sprintf("%s has no place on %s; its clusters are %s. Ask the platform team.", tenancy.Name, c.Cluster, allOf(tenancy.Clusters))
	}
	return checkChoice(c.Cluster, "cluster", tenancy.Clusters)
}

// checkLevel says what is wrong with the pod security level.
func (c NamespaceChange) checkLevel(policy Policy) string {
	if message := checkChoice(string(c.PodSecurity), "pod security level", []string{string(LevelBaseline), string(LevelRestricted)}); message != "" {
		return message
	}
	environment, known := policy.Environments[c.Environment]
	if known && !c.PodSecurity.AtLeast(environment.PodSecurity) {
		return fmt.Sprintf("%q is too low for %s, which asks for %s.", c.PodSecurity, c.Environment, environment.PodSecurity)
	}
	return ""
}

// checkChoice says what is wrong with one of several given values.
func checkChoice(value, noun string, allowed []string) string {
	switch {
	case slices.Contains(allowed, value):
		return ""
	case value == "":
		return fmt.Sprintf("Choose the %s: %s.", noun, oneOf(allowed))
	}
	return fmt.Sprintf("There is no %s %q; choose %s.", noun, value, oneOf(allowed))
}

// compare orders namespaces by cluster, then name.
func (n Namespace) compare(other Namespace) int {
	if c := strings.Compare(n.Cluster, other.Cluster); c != 0 {
		return c
	}
	return strings.Compare(n.Name, other.Name)
}

// overCeiling says which of the tenant's ceilings its namespaces exceed
// together. The field is the form's size, where the person can change it.
func (t Tenancy) overCeiling() []FieldProblem {
	return t.overCeilingIn(nil, "Choose a smaller size, or ask the platform team for a higher ceiling.")
}

// overCeilingIn is overCeiling for a form with a field for each amount, and what
// the person can do there. An amount without a field of its own is the size's.
func (t Tenancy) overCeilingIn(fields map[string]string, advice string) []FieldProblem {
	var problems []FieldProblem
	given := t.Given()
	over := func(what, sum, most string) {
		problems = append(problems, FieldProblem{Field: cmp.Or(fields[what], "size"), Message: fmt.Sprintf(
			"With this %s would have %s %s in all; its ceiling is %s. %s", t.Name, sum, what, most, advice)})
	}
	if given.CPU.Cmp(t.Ceiling.CPU) > 0 {
		over("CPU", given.CPU.String(), t.Ceiling.CPU.String())
	}
	if given.Memory.Cmp(t.Ceiling.Memory) > 0 {
		over("memory", given.Memory.String(), t.Ceiling.Memory.String())
	}
	if given.Storage.Cmp(t.Ceiling.Storage) > 0 {
		over("storage", given.Storage.String(), t.Ceiling.Storage.String())
	}
	if given.Namespaces > t.Ceiling.Namespaces {
		over("namespaces", fmt.Sprint(given.Namespaces), fmt.Sprint(t.Ceiling.Namespaces))
	}
	return problems
}
