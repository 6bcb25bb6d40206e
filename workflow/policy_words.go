package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// policyDifference says in sentences how one policy differs from another: what
// widens, what narrows, and what of it a reviewer should not overlook.
type policyDifference struct {
	before, after Policy
	state         *ApprovedState // what was approved, whose entries it may no longer allow
	requester     PersonID

	lines []string
	found []Finding
}

// sections of a policy, in the order in which they are told: first who decides,
// then what is enforced, then what can be asked for.
func (d *policyDifference) sections() map[string]func() {
	return map[string]func(){
		"reviewers": d.reviewers, "reviews": d.reviews, "fallback": d.fallback,
		"clusters": d.clusters, "environments": d.environments, "rules": d.rules,
		"platformNamespaces": d.platformNamespaces, "platformFlows": d.platformFlows, "requests": d.limits,
		"sizes": d.sizes, "containerDefaults": d.containerDefaults, "registries": d.registries, "classifications": d.classifications,
		"reservedNames": d.reservedNames, "reservedHosts": d.reservedHosts,
		"gitopsIdentity": d.gitopsIdentity, "argocd": d.argocd, "portal": d.portal,
	}
}

// sectionOrder is the order of the sections. Rules are told together with where
// else they can be set.
var sectionOrder = []string{
	"reviewers", "reviews", "fallback", "clusters", "environments", "rules", "platformNamespaces", "platformFlows", "requests",
	"sizes", "containerDefaults", "registries", "classifications", "reservedNames", "reservedHosts", "gitopsIdentity", "argocd", "portal",
}

// tell goes over every section. What none of them knows is named at least.
func (d *policyDifference) tell(edits []Edit) {
	sections := d.sections()
	for _, name := range sectionOrder {
		sections[name]()
	}
	for _, edit := range edits {
		section, _, _ := strings.Cut(strings.TrimPrefix(edit.Entry, policyEntry), ".")
		if _, known := sections[section]; !known {
			d.say("Changes %s.", strings.TrimPrefix(edit.Entry, policyEntry))
		}
	}
	if len(edits) == 0 {
		d.say("Changes only how the policy is written: comments, order, spacing. It says the same as before.")
		d.find(SeverityInfo, "says the same", "What the policy means stays as it is.")
	}
	d.notGivenAgain()
}

// say adds a sentence.
func (d *policyDifference) say(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// find adds a finding.
func (d *policyDifference) find(severity Severity, label, format string, args ...any) {
	d.found = append(d.found, Finding{Severity: severity, Label: label, Message: fmt.Sprintf(format, args...)})
}

// warn adds a sentence that is a finding as well.
func (d *policyDifference) warn(severity Severity, label, format string, args ...any) {
	d.say(format, args...)
	d.find(severity, label, format, args...)
}

// differing lists the names of the entries that are not the same in both, sorted.
func differing[V any](before, after map[string]V) []string {
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(names)), func(name string) bool {
		was, had := before[name]
		is, has := after[name]
		return had == has && encode(was) == encode(is)
	})
}

// gained lists what is in the second list only.
func gained[T comparable](before, after []T) []T {
	return slices.DeleteFunc(slices.Clone(after), func(v T) bool { return slices.Contains(before, v) })
}

// gravely is the severity of something that matters more in production.
func gravely(production bool) Severity {
	if production {
		return SeverityDanger
	}
	return SeverityWarning
}

// isProduction says whether an environment is the one that people depend on.
func isProduction(environment string) bool { return environment == "prod" }

// longer tells that something may last for another time than before.
func (d *policyDifference) longer(what string, before, after time.Duration) {
	switch {
	case after > before:
		d.warn(SeverityWarning, "lasts longer", "%s may last up to %s instead of %s.", what, daysText(after), daysText(before))
	case after < before:
		d.say("%s may last up to %s only, instead of %s. What was given keeps its end.", what, daysText(after), daysText(before))
	}
}
