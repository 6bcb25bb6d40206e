package workflow

import (
	"fmt"
	"slices"
	"strings"
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
		return proveNamespace(p.Message, plan)
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
	}
	return []string{fmt.Sprintf("there is no kind of request %q", p.Message.Kind)}
}

// proveNamespace wants one namespace more, and every entry of it to name the
// request.
func proveNamespace(m CommitMessage, plan Plan) []string {
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	added := plan.added()
	for _, edit := range plan.Edits {
		if edit.Before != "" || edit.Tenant != "" || !strings.HasPrefix(edit.Entry, namespaceEntry) {
			object("a request of kind namespace only adds namespaces, yet %s changes", edit.Entry)
		}
	}
	if len(plan.Others) > 0 {
		object("a request of kind namespace changes one tenancy, yet that of %s changes, too", plan.Others[0].After.Name)
	}
	if len(added) > 1 {
		object("a request of kind namespace adds one namespace, not %d", len(added))
	}
	for _, n := range added {
		if prefix := plan.After.Name + "-"; !strings.HasPrefix(n.Name, prefix) {
			object("the name of namespace %s/%s does not start with %q", n.Cluster, n.Name, prefix)
		}
		if n.Request != m.Request || n.Quota.Request != m.Request || foreignAccess(n, m.Request) {
			object("namespace %s/%s names another request than %d", n.Cluster, n.Name, m.Request)
		}
		for _, a := range n.Access {
			if !slices.Contains(plan.After.usualAccess(m.Request), a) && a.Request == m.Request {
				object("namespace %s/%s comes with access, %s, which is a request of its own", n.Cluster, n.Name, a.words())
			}
		}
		for _, g := range n.Grants() {
			object("namespace %s/%s comes with an entry of kind %s, which is a request of its own", n.Cluster, n.Name, g.Kind)
		}
	}
	return objections
}

func foreignAccess(n Namespace, request int64) bool {
	return slices.ContainsFunc(n.Access, func(a Access) bool { return a.Request != request })
}
