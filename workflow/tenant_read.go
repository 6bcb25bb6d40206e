package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Bounds of what one tenant has.
const (
	maxRepositories     = 50
	maxNamedClusters    = 100
	maxTenantNamespaces = 10_000 // far beyond what one cluster is tested with
)

// read reads every field as typed. The tenancy is complete, but for its name, its
// request and its namespaces, where nothing is wrong.
func (c TenantChange) read(policy Policy) (tenancy Tenancy, problems typedProblems) {
	line := func(field, text string, parse func(string) (string, string)) string {
		value, message := parse(text)
		problems.add(field, message)
		return value
	}
	amount := func(field, text string, unit QuantityUnit) resource.Quantity {
		value, message := parseQuantity(text, unit)
		problems.add(field, message)
		return value
	}
	tenancy.DisplayName = line("displayName", c.DisplayName, parseTeamName)
	tenancy.Owners.Group = line("owners", c.Owners, parseObjectID)
	tenancy.Members.Group = line("members", c.Members, parseObjectID)
	if tenancy.Owners.Group != "" && tenancy.Owners.Group == tenancy.Members.Group {
		problems.add("members", "This is the owners' group. Members and owners are two groups: whoever asks is in one, and owners agree to it. Name another.")
	}
	tenancy.Contact = line("contact", c.Contact, parseContact)
	tenancy.CostCentre = line("costCentre", c.CostCentre, parseCostCentre)
	tenancy.Ceiling = Ceiling{
		CPU: amount("cpu", c.CPU, UnitCPU), Memory: amount("memory", c.Memory, UnitMemory), Storage: amount("storage", c.Storage, UnitStorage),
	}
	count, message := parseCount(c.Namespaces)
	if message == "" && (count < 1 || count > maxTenantNamespaces) {
		message = fmt.Sprintf("%d: a tenant may have from 1 to %d namespaces.", count, maxTenantNamespaces)
	}
	problems.add("namespaces", message)
	tenancy.Ceiling.Namespaces = count
	tenancy.Clusters = c.readClusters(policy, &problems)
	tenancy.Repositories = c.readRepositories(policy, &problems)
	problems.addReason("reason", c.Reason, "Say in a sentence what the team does here, or why this changes. Reviewers read it first.")
	return tenancy, problems
}

// readClusters reads where the tenant may have namespaces.
func (c TenantChange) readClusters(policy Policy, problems *typedProblems) []string {
	if len(c.Clusters) > maxNamedClusters {
		problems.add("clusters", fmt.Sprintf("These are %d clusters; at most %d can be named.", len(c.Clusters), maxNamedClusters))
		return nil
	}
	var clusters []string
	for _, name := range c.Clusters {
		name = strings.TrimSpace(name)
		if message := checkChoice(name, "cluster", slices.Collect(maps.Keys(policy.Clusters))); message != "" {
			problems.add("clusters", message)
			return nil
		}
		clusters = append(clusters, name)
	}
	if len(clusters) == 0 {
		problems.add("clusters", fmt.Sprintf("Choose where the team may have namespaces, at least one of %s.", allOf(slices.Collect(maps.Keys(policy.Clusters)))))
	}
	slices.Sort(clusters)
	return slices.Compact(clusters)
}

// readRepositories reads what the tenant's own Argo CD Applications may read.
// Lines without anything are none.
func (c TenantChange) readRepositories(policy Policy, problems *typedProblems) []string {
	// Before they are compared with each other, so that a million do no work.
	if len(c.Repositories) > maxRepositories {
		problems.add("repositories", fmt.Sprintf("These are %d repositories; at most %d are allowed.", len(c.Repositories), maxRepositories))
		return nil
	}
	var locations []string
	for i, location := range c.Repositories {
		field := fmt.Sprintf("repositories[%d]", i)
		location = strings.TrimSpace(location)
		same := func(other string) bool { return sameRepository(location, other) }
		switch message := checkRepository(location, false); {
		case location == "":
		case message != "":
			problems.add(field, asSentence(message))
		case slices.ContainsFunc(locations, same):
			problems.add(field, fmt.Sprintf("%q stands twice.", location))
		case policy.ArgoCD != nil && same(policy.ArgoCD.Repository):
			problems.add(field, fmt.Sprintf("%q is the GitOps repository; no tenant reads there what the others were given.", location))
		default:
			locations = append(locations, location)
		}
	}
	slices.Sort(locations)
	return locations
}

// asSentence makes a sentence of what is said of a document's field.
func asSentence(message string) string {
	first, size := utf8.DecodeRuneInString(message)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(message[size:], ".") + "."
}

func requestNumber(id int64) string { return strconv.FormatInt(id, 10) }
