package workflow

import (
	"fmt"
	"slices"
)

// ProveGrant returns every objection to a grant, as sentences; none means
// that the change, the stages, the approvers and the digest fit together. It
// is the mirror of Planner.Plan, and needs nothing but the repository.
func ProveGrant(p Proof) []string {
	plan := p.plan()
	problems := p.After.Check()
	switch p.Message.Kind {
	case KindNetwork, KindAccess, KindExemption: // given also where a newer policy would not give the namespace again
	case KindQuota:
		problems = append(problems, p.After.overCeiling()...)
	case KindNamespace:
		problems = append(problems, p.conformsNew(plan)...)
	default:
		given := p.After
		given.Namespaces = plan.added()
		problems = slices.Concat(problems, p.Policy.Conforms(given), p.After.overCeiling())
	}
	var objections []string
	for _, problem := range problems {
		objections = append(objections, problem.Field+": "+problem.Message)
	}
	for _, side := range p.Others {
		for _, problem := range side.After.Check() {
			objections = append(objections, side.After.Name+": "+problem.Field+": "+problem.Message)
		}
	}
	return slices.Concat(objections, p.proveGiven(plan), p.proveDecision())
}

// proveGiven holds the change against what the kind of request can give.
func (p Proof) proveGiven(plan Plan) []string {
	switch p.Message.Kind {
	case KindNamespace:
		return p.proveNamespace(plan)
	case KindTenant:
		return p.proveTenant(plan)
	case KindNetwork:
		return p.proveException(plan)
	case KindQuota:
		return p.proveQuota(plan)
	case KindAccess:
		return p.proveAccess(plan)
	case KindExemption:
		return p.proveExemption(plan)
	case KindRemoval:
		return []string{"a request of kind removal gives nothing: its act is end"}
	case KindPolicy:
		return []string{"a request of kind policy gives no tenant anything: its act is policy"}
	}
	return []string{fmt.Sprintf("there is no kind of request %q", p.Message.Kind)}
}
