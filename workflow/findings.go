package workflow

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

// added lists the namespaces that a plan gives.
func (p Plan) added() []Namespace { return missingFrom(p.Before, p.After) }

// removed lists the namespaces that a plan takes away.
func (p Plan) removed() []Namespace { return missingFrom(p.After, p.Before) }

// missingFrom lists the namespaces of one tenancy that the other does not have.
func missingFrom(without, with Tenancy) []Namespace {
	var missing []Namespace
	for _, n := range with.Namespaces {
		if _, has := without.Namespace(n.Cluster, n.Name); !has {
			missing = append(missing, n)
		}
	}
	return missing
}

// Environments names the environments of the namespaces that the plan gives or
// takes away, or of which it changes what they were given, at both ends; each
// once, sorted.
func (p Plan) Environments() []string {
	var names []string
	for _, n := range slices.Concat(p.added(), p.removed()) {
		names = append(names, n.Environment)
	}
	for _, side := range p.sides() {
		for _, n := range side.changed() {
			names = append(names, n.Environment)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// changed lists the namespaces that stay and are not as they were, as they are
// afterwards.
func (s OtherSide) changed() []Namespace {
	var changed []Namespace
	before := s.Before.sorted()
	for _, n := range s.After.sorted().Namespaces {
		if was, stays := before.Namespace(n.Cluster, n.Name); stays && encode(was) != encode(n) {
			changed = append(changed, n)
		}
	}
	return changed
}

// told is a Change that says in sentences what it does, beyond what can be told
// from the tenancy before and after.
type told interface {
	// tell gives the sentences and what a reviewer should not overlook.
	tell(plan Plan) ([]string, []Finding)
}

// toldBy is told for a Change of which only the policy tells what it means.
type toldBy interface {
	tellBy(policy Policy, plan Plan) ([]string, []Finding)
}

// tellOf asks a change what it does.
func tellOf(policy Policy, plan Plan, change Change) ([]string, []Finding) {
	switch change := change.(type) {
	case told:
		return change.tell(plan)
	case toldBy:
		return change.tellBy(policy, plan)
	}
	return nil, nil
}

// summarize says in sentences what will be.
func summarize(policy Policy, plan Plan, change Change) []string {
	lines, _ := tellOf(policy, plan, change)
	lines = append(lines, endings(plan.sides())...)
	lines = append(lines, plan.tellRemoval()...)
	for _, n := range plan.removed() {
		lines = append(lines,
			fmt.Sprintf("Removes namespace %s on %s with everything in it: workloads, volumes, secrets. This cannot be undone.", n.Name, n.Cluster),
			"What opens the network goes first, then access, the namespace last. The quota and the policies that hold it stay until it is gone.")
	}
	return lines
}

// findings lists what a reviewer of the plan should not overlook.
func findings(policy Policy, plan Plan, change Change) []Finding {
	_, found := tellOf(policy, plan, change)
	for _, n := range plan.removed() {
		if n.Environment == "prod" {
			found = append(found, Finding{Severity: SeverityDanger, Label: "removes production", Message: fmt.Sprintf("%s is a production namespace. Whatever runs in it ends.", n.Name)})
		}
		found = append(found, Finding{Severity: SeverityInfo, Label: "frees quota", Message: fmt.Sprintf(
			"Frees %s CPU, %s memory, %s storage and one namespace of %s's ceiling.", n.Quota.CPU.String(), n.Quota.Memory.String(), n.Quota.Storage.String(), plan.After.Name)})
	}
	before, after, ceiling := plan.Before.Given(), plan.After.Given(), plan.After.Ceiling
	for _, share := range []struct {
		what                 string
		before, after, limit resource.Quantity
	}{
		{"CPU", before.CPU, after.CPU, ceiling.CPU},
		{"memory", before.Memory, after.Memory, ceiling.Memory},
		{"storage", before.Storage, after.Storage, ceiling.Storage},
	} {
		if percent := percentOf(share.after, share.limit); percent > 50 && share.after.Cmp(share.before) > 0 {
			found = append(found, Finding{Severity: SeverityWarning, Label: fmt.Sprintf("%d%% of %s", percent, share.what), Message: fmt.Sprintf(
				"%s would hold %d%% of its ceiling in %s: %s of %s.", plan.After.Name, percent, share.what, share.after.String(), share.limit.String())})
		}
	}
	if len(found) == 0 && len(plan.added()) > 0 {
		found = append(found, Finding{Severity: SeverityInfo, Label: "nothing unusual", Message: "Nothing unusual: not production, level restricted, below half of the tenant's ceiling."})
	}
	return found
}

// percentOf gives the share of limit, in whole percent; 0 where there is no limit.
func percentOf(part, limit resource.Quantity) int64 {
	whole := limit.AsApproximateFloat64()
	if whole <= 0 {
		return 0
	}
	return int64(100 * part.AsApproximateFloat64() / whole)
}
