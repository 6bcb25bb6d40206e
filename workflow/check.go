package workflow

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

// accessPrefix is how much of a group's id stands in the name of its RoleBinding.
const accessPrefix = 13

// checker collects what is wrong with a document of the repository.
type checker []FieldProblem

func (c *checker) add(field, format string, args ...any) {
	*c = append(*c, FieldProblem{Field: field, Message: fmt.Sprintf(format, args...)})
}

// oneOf adds a problem unless the value is one of those allowed.
func (c *checker) oneOf(field, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(field, "%q is not one of %s", value, oneOf(allowed))
	}
}

// Check says everything that is wrong with the tenancy on its own, with fields
// named as in the document (spec.namespaces[0].name). A tenancy that another
// policy made wrong is still well-formed; Conforms judges against a policy.
func (t Tenancy) Check() []FieldProblem {
	var c checker
	if message := checkSlug(t.Name); message != "" {
		c.add("metadata.name", "%s", message)
	}
	if message := checkVisible(t.DisplayName, maxPurpose, false); message != "" {
		c.add("spec.displayName", "%s", message)
	}
	c.team(t)
	if !isUUID(t.Owners.Group) {
		c.add("spec.owners.group", "%q is not an Entra object id (a lower-case UUID)", t.Owners.Group)
	}
	if !isUUID(t.Members.Group) {
		c.add("spec.members.group", "%q is not an Entra object id (a lower-case UUID)", t.Members.Group)
	}
	c.amount("spec.ceiling.cpu", t.Ceiling.CPU)
	c.amount("spec.ceiling.memory", t.Ceiling.Memory)
	c.amount("spec.ceiling.storage", t.Ceiling.Storage)
	if t.Ceiling.Namespaces < 0 {
		c.add("spec.ceiling.namespaces", "%d is negative", t.Ceiling.Namespaces)
	}
	c.clusters(t)
	c.repositories(t.Repositories)
	c.hosts(t)
	seen := map[string]bool{}
	for i, n := range t.Namespaces {
		field := fmt.Sprintf("spec.namespaces[%d]", i)
		if key := n.Cluster + "/" + n.Name; seen[key] {
			c.add(field+".name", "%q stands twice on cluster %s", n.Name, n.Cluster)
		} else {
			seen[key] = true
		}
		c.namespace(field, n)
	}
	return c
}

func (c *checker) namespace(field string, n Namespace) {
	if message := checkLabel(n.Name); message != "" {
		c.add(field+".name", "%q: %s", n.Name, message)
	}
	if message := checkLabel(n.Cluster); message != "" {
		c.add(field+".cluster", "%q: %s", n.Cluster, message)
	}
	if message := checkLabel(n.Environment); message != "" {
		c.add(field+".environment", "%q: %s", n.Environment, message)
	}
	c.oneOf(field+".podSecurity", string(n.PodSecurity), string(LevelBaseline), string(LevelRestricted))
	if message := checkVisible(n.Purpose, maxPurpose, true); message != "" {
		c.add(field+".purpose", "%s", message)
	}
	if n.Request < 0 || n.Quota.Request < 0 {
		c.add(field+".request", "a request's number is not negative")
	}
	c.quota(field+".quota", n.Quota)
	c.access(field, n)
	c.network(field, n)
	c.exemptions(field, n)
	c.settings(field, n)
}

func (c *checker) amount(field string, q resource.Quantity) {
	if q.Sign() < 0 {
		c.add(field, "%q is negative", q.String())
	}
}

// Conforms says where the tenancy breaks the policy: an unknown cluster or
// environment, a level below its environment's, more than its ceiling, the
// GitOps repository itself among the repositories, an exception that nobody gets.
func (p Policy) Conforms(t Tenancy) []FieldProblem {
	var c checker
	c.places(p, t)
	for i, n := range t.Namespaces {
		field := fmt.Sprintf("spec.namespaces[%d]", i)
		if _, known := p.Clusters[n.Cluster]; !known {
			c.add(field+".cluster", "the policy has no cluster %q", n.Cluster)
		}
		environment, known := p.Environments[n.Environment]
		if !known {
			c.add(field+".environment", "the policy has no environment %q", n.Environment)
		} else if !n.PodSecurity.AtLeast(environment.PodSecurity) {
			c.add(field+".podSecurity", "%q is below what %s asks for, %s", n.PodSecurity, n.Environment, environment.PodSecurity)
		}
		if reserved := p.reservedBy(n.Name); reserved != "" {
			c.add(field+".name", "%q is reserved for the platform (%s)", n.Name, reserved)
		}
		c.conformingNetwork(field, p, n)
		c.conformingSettings(field, p, n)
	}
	for _, problem := range t.overCeiling() {
		c.add("spec.ceiling", "%s", problem.Message)
	}
	return c
}
