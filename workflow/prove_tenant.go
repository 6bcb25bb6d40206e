package workflow

import "fmt"

// proveTenant wants a new tenancy without namespaces, or the one that there was
// with the same namespaces, of the same request.
func (p Proof) proveTenant(plan Plan) []string {
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	before, after := plan.Before, plan.After
	if len(plan.Others) > 0 {
		object("a request of kind tenant changes one tenancy, yet that of %s changes, too", plan.Others[0].After.Name)
	}
	if after.none() {
		object("a request of kind tenant takes no tenancy away: that is an end")
	}
	state := ApprovedState{Policy: p.Policy, Tenancies: p.Holders}
	problems := state.checkGroups(before, after)
	if after.Owners.Group == after.Members.Group {
		object("the group %s has both the owners and the members", after.Owners.Group)
	}
	switch {
	case before.none():
		if _, there := p.Holders[after.Name]; !there {
			problems = append(problems, state.checkNewSlug(after.Name)...)
		} else {
			object("there is a tenancy of %q already", after.Name)
		}
		if len(after.Namespaces) > 0 {
			object("a new tenant comes with %d namespaces, each of which is a request of its own", len(after.Namespaces))
		}
		if after.Request != p.Message.Request {
			object("the tenancy names request %d, and is given by request %d", after.Request, p.Message.Request)
		}
	default:
		want := after
		want.Namespaces, want.Request = before.Namespaces, before.Request
		if !want.equal(after) {
			object("a request of kind tenant changes nothing of its namespaces, nor who gave the tenant, yet something of that changes")
		}
		if held, there := p.Holders[after.Name]; !there || !held.equal(before) {
			object("there was no such tenancy of %q before", after.Name)
		}
	}
	for _, problem := range problems {
		object("%s: %s", problem.Field, problem.Message)
	}
	return objections
}
