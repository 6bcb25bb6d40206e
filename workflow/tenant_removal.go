package workflow

import (
	"fmt"
	"strings"
)

// The removal of a tenant that has no namespace any more.

// applyTenant takes the whole tenancy away, of which nothing is left but its name.
func (c RemovalChange) applyTenant(tenancy Tenancy) (Tenancy, []FieldProblem) {
	var problems typedProblems
	if len(tenancy.Namespaces) > 0 {
		names := make([]string, len(tenancy.Namespaces))
		for i, n := range tenancy.Namespaces {
			names[i] = n.Name + " on " + n.Cluster
		}
		problems.add("tenant", fmt.Sprintf("%s still has namespaces: %s. A tenant goes only when it has none; have them removed first.", tenancy.Name, someOf(names)))
	}
	switch typed := strings.TrimSpace(c.Confirmation); typed {
	case tenancy.Name:
	case "":
		problems.add("confirmation", fmt.Sprintf("Type the tenant's name, %q, to confirm that it is to go.", tenancy.Name))
	default:
		problems.add("confirmation", fmt.Sprintf("%s is not the name of this tenant. Type %q.", shortened(typed), tenancy.Name))
	}
	problems.addReason("reason", c.Reason, "Say in a sentence why it can go. Reviewers read it first.")
	if len(problems) > 0 {
		return tenancy, problems
	}
	return Tenancy{Name: tenancy.Name}, nil
}

// removesTenant says whether the plan takes a whole tenancy away.
func (p Plan) removesTenant() bool { return !p.Before.none() && p.After.none() }

// tellRemoval says what goes with a tenant.
func (p Plan) tellRemoval() []string {
	if !p.removesTenant() {
		return nil
	}
	lines := []string{
		fmt.Sprintf("Removes the tenant %s: nobody can ask for anything in its name any more, and its place on %s goes.", p.Before.Name, allOf(p.Before.Clusters)),
		"It has no namespace, so nothing that runs is touched. Its name can be asked for again, by anybody.",
	}
	if len(p.Before.Repositories) > 0 {
		lines = append(lines, fmt.Sprintf("Its own Argo CD Applications may no longer read: %s.", allOf(p.Before.Repositories)))
	}
	return lines
}

// outlived ends a request for the changes of a tenant that is gone, and one for
// the removal of a tenant whose name was given again. Nil where it holds.
func (r Request) outlived(state *ApprovedState) Command {
	tenancy := state.Tenancies[r.Tenant]
	switch {
	case r.Plan.removesTenant() && !tenancy.none():
		return EndedCommand{Reason: fmt.Sprintf("%s was given again by request %d.", r.Tenant, tenancy.Request)}
	case r.Kind == KindTenant && !isNewTenant(r.Change) && (tenancy.none() || tenancy.Request != r.Plan.After.Request):
		return EndedCommand{Reason: fmt.Sprintf("The tenant %s was removed.", r.Tenant)}
	}
	return nil
}
