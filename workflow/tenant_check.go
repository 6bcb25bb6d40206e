package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What a tenancy is held against beyond its own fields: the other tenants, and
// what its namespaces were given. The proof of a commit asks the same.

// checkNewSlug says what keeps a slug from being a new tenant's. That it is taken
// is said without telling whose it is.
func (s *ApprovedState) checkNewSlug(slug string) (problems typedProblems) {
	_, taken := s.Tenancies[slug]
	reserved := s.Policy.reservedBy(slug)
	if reserved == "" {
		reserved = s.Policy.reservedBy(slug + "-") // as the names of all its namespaces would be
	}
	like := func(other string) bool { return skeleton(other) == skeleton(slug) }
	switch message := checkSlug(slug); {
	case message != "":
		problems.add("tenant", asSentence(message))
	case taken:
		problems.add("tenant", fmt.Sprintf("%q is taken. Choose another name; for the tenant that has it, its people ask for a change.", slug))
	case reserved != "":
		problems.add("tenant", fmt.Sprintf("%q is reserved for the platform (%s).", slug, reserved))
	case slices.ContainsFunc(slices.Collect(maps.Keys(s.Tenancies)), like):
		problems.add("tenant", fmt.Sprintf("%q looks like the name of another tenant, so that one would be taken for the other. Choose another name.", slug))
	}
	return problems
}

// alike replaces what looks like something else in a slug, after the ASCII part
// of confusables.txt (Unicode UTS #39), and leaves hyphens out.
var alike = strings.NewReplacer("0", "o", "1", "l", "5", "s", "m", "rn", "w", "vv", "-", "")

// skeleton is the same for slugs that are easily taken for each other.
func skeleton(slug string) string { return alike.Replace(slug) }

// checkGroups refuses groups that the tenancy names newly and another one names
// already: admission takes whoever is in a group for one tenant's.
func (s *ApprovedState) checkGroups(before, after Tenancy) (problems typedProblems) {
	for _, g := range []struct{ field, group string }{{"owners", after.Owners.Group}, {"members", after.Members.Group}} {
		if g.group == "" || before.names(g.group) {
			continue
		}
		for slug, other := range s.Tenancies {
			if slug != before.Name && (other.names(g.group) || other.lets(g.group)) {
				problems.add(g.field, "This group is another tenant's already, and a group belongs to one tenant. Name another.")
				break
			}
		}
	}
	return problems
}

// names says whether the group is the tenancy's owners or members.
func (t Tenancy) names(group string) bool {
	return group != "" && (t.Owners.Group == group || t.Members.Group == group)
}

// lets says whether the group has access in one of the tenancy's namespaces.
func (t Tenancy) lets(group string) bool {
	return slices.ContainsFunc(t.Namespaces, func(n Namespace) bool {
		return slices.ContainsFunc(n.Access, func(a Access) bool { return a.Group == group })
	})
}

// belowGiven refuses a ceiling below what the tenant's namespaces were given,
// temporary increases included. Amounts that could not be read have their
// problem already.
func (t Tenancy) belowGiven(known []FieldProblem) (problems typedProblems) {
	given := t.Given()
	below := func(field, what, has, most string, less bool) {
		wrong := slices.ContainsFunc(known, func(p FieldProblem) bool { return p.Field == field })
		if less && !wrong {
			problems.add(field, fmt.Sprintf("%s is below what %s's namespaces have already: %s %s. Have some of it taken away first.", most, t.Name, has, what))
		}
	}
	below("cpu", "CPU", given.CPU.String(), t.Ceiling.CPU.String(), t.Ceiling.CPU.Cmp(given.CPU) < 0)
	below("memory", "memory", given.Memory.String(), t.Ceiling.Memory.String(), t.Ceiling.Memory.Cmp(given.Memory) < 0)
	below("storage", "storage", given.Storage.String(), t.Ceiling.Storage.String(), t.Ceiling.Storage.Cmp(given.Storage) < 0)
	below("namespaces", "namespaces", fmt.Sprint(given.Namespaces), fmt.Sprint(t.Ceiling.Namespaces), t.Ceiling.Namespaces < given.Namespaces)
	return problems
}

// givenUp refuses to give up clusters with namespaces on them.
func (c TenantChange) givenUp(after Tenancy) (problems typedProblems) {
	if len(after.Clusters) == 0 {
		return nil // it has its own message
	}
	on := map[string][]string{}
	for _, n := range after.Namespaces {
		if !slices.Contains(after.Clusters, n.Cluster) {
			on[n.Cluster] = append(on[n.Cluster], n.Name)
		}
	}
	for _, cluster := range slices.Sorted(maps.Keys(on)) {
		problems.add("clusters", fmt.Sprintf("%s has namespaces on %s: %s. Have them removed before the cluster is given up.", after.Name, cluster, someOf(on[cluster])))
	}
	return problems
}

// someOf is allOf for what may be many: the first ones, and how many more.
func someOf(names []string) string {
	const most = 5
	if len(names) <= most {
		return allOf(names)
	}
	return allOf(append(slices.Sorted(slices.Values(names))[:most:most], fmt.Sprintf("%d more", len(names)-most)))
}

// team checks what a team says of itself beyond its name. Pages make a link of
// the contact, so that it must be one that can be made into one.
func (c *checker) team(t Tenancy) {
	if t.Contact != "" {
		if contact, message := parseContact(t.Contact); message != "" {
			c.add("spec.contact", "%s", message)
		} else if contact != t.Contact {
			c.add("spec.contact", "%q has spaces around it", t.Contact)
		}
	}
	if message := checkVisible(t.CostCentre, maxCostCentre, false); message != "" {
		c.add("spec.costCentre", "%s", message)
	}
	if t.Request < 0 {
		c.add("spec.request", "a request's number is not negative")
	}
}
