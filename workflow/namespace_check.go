package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// checkAlone says of the names only what holds for every tenant.
func (c NamespaceChange) checkAlone(policy Policy) []FieldProblem {
	if c.Existing {
		return c.checkExisting(policy)
	}
	return c.check(&ApprovedState{Policy: policy}, Tenancy{})
}

// check says what is wrong with each field as typed.
func (c NamespaceChange) check(base *ApprovedState, tenancy Tenancy) []FieldProblem {
	if len(c.Also) >= MaxNamespaces {
		return []FieldProblem{{Field: "also", Message: fmt.Sprintf("One request asks for at most %d namespaces, and this one asks for %d. Make two requests of it.", MaxNamespaces, 1+len(c.Also))}}
	}
	var problems typedProblems
	for i, part := range c.parts() {
		problems = append(problems, part.check(base, tenancy)...)
		problems = append(problems, part.checkBeside(c.parts()[:i])...)
	}
	purpose := strings.TrimSpace(c.Purpose)
	if purpose == "" {
		problems.add("purpose", "Say in a sentence what the namespace is for. Reviewers read it first.")
	} else {
		problems.add("purpose", checkText(purpose, maxPurpose, true))
	}
	return slices.Concat(problems, c.checkClass(base.Policy), c.checkRegistries(base.Policy), c.checkAccess(base, tenancy))
}

// check says what is wrong with the fields of one namespace.
func (p askedPart) check(base *ApprovedState, tenancy Tenancy) []FieldProblem {
	policy := base.Policy
	var problems typedProblems
	problems.add(p.prefix+"name", p.checkName(base, tenancy))
	problems.add(p.prefix+"cluster", p.checkCluster(policy, tenancy))
	problems.add(p.prefix+"environment", checkChoice(p.Environment, "environment", slices.Collect(maps.Keys(policy.Environments))))
	_, wrong := p.amounts(policy)
	problems = append(problems, wrong...)
	problems.add(p.prefix+"podSecurity", p.checkLevel(policy))
	return append(problems, p.checkHosts(base, tenancy)...)
}

// checkBeside holds a namespace against those that stand before it in the request.
func (p askedPart) checkBeside(earlier []askedPart) (problems typedProblems) {
	for _, other := range earlier {
		if p.Name != "" && p.Name == other.Name && p.Cluster == other.Cluster {
			problems.add(p.prefix+"name", fmt.Sprintf("%q on %s stands twice in this request.", p.Name, p.Cluster))
		}
		if field, host := p.rivalHost(other.AskedNamespace); field != "" {
			problems.add(field, fmt.Sprintf("%q stands twice on %s in this request. A host leads to one namespace of a cluster.", host, p.Cluster))
		}
	}
	return problems
}

// checkName says what is wrong with the name; empty when nothing is.
func (p askedPart) checkName(base *ApprovedState, tenancy Tenancy) string {
	if message := checkLabel(p.Name); message != "" {
		return message
	}
	if reserved := base.Policy.reservedBy(p.Name); reserved != "" {
		return fmt.Sprintf("%q is reserved for the platform (%s).", p.Name, reserved)
	}
	if tenancy.Name == "" {
		return "" // no tenant was chosen, and the rest depends on it
	}
	if prefix := tenancy.Name + "-"; !strings.HasPrefix(p.Name, prefix) || p.Name == prefix {
		return fmt.Sprintf("Names of this tenant's namespaces start with %q, for example %q.", prefix, prefix+"api-dev")
	}
	if owner, taken, found := base.NamespaceOwner(p.Cluster, p.Name); found {
		if owner.Name != tenancy.Name {
			return fmt.Sprintf("%q is taken on %s. Choose another name.", p.Name, p.Cluster)
		}
		return fmt.Sprintf("%q is taken on %s: your tenant has it since request %d. Choose another name.", p.Name, p.Cluster, taken.Request)
	}
	return ""
}

// checkCluster says what is wrong with the cluster; empty when nothing is.
func (p askedPart) checkCluster(policy Policy, tenancy Tenancy) string {
	_, known := policy.Clusters[p.Cluster]
	switch {
	case tenancy.Name == "":
		return checkChoice(p.Cluster, "cluster", slices.Collect(maps.Keys(policy.Clusters))) // no tenant was chosen
	case known && !slices.Contains(tenancy.Clusters, p.Cluster):
		return fmt.Sprintf("%s has no place on %s; its clusters are %s. Ask the platform team.", tenancy.Name, p.Cluster, allOf(tenancy.Clusters))
	}
	return checkChoice(p.Cluster, "cluster", tenancy.Clusters)
}

// checkLevel says what is wrong with the pod security level.
func (p askedPart) checkLevel(policy Policy) string {
	if message := checkChoice(string(p.PodSecurity), "pod security level", []string{string(LevelBaseline), string(LevelRestricted)}); message != "" {
		return message
	}
	environment, known := policy.Environments[p.Environment]
	if known && !p.PodSecurity.AtLeast(environment.PodSecurity) {
		return fmt.Sprintf("%q is too low for %s, which asks for %s.", p.PodSecurity, p.Environment, environment.PodSecurity)
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
