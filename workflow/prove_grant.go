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
	given := p.After
	given.Namespaces = plan.added()
	var objections []string
	for _, problem := range slices.Concat(p.After.Check(), p.Policy.Conforms(given), p.After.overCeiling()) {
		objections = append(objections, problem.Field+": "+problem.Message)
	}
	return slices.Concat(objections, proveGiven(p.Message, plan), p.proveDecision())
}

// proveGiven holds the change against what the kind of request can give, and
// every given entry against the request it names.
func proveGiven(m CommitMessage, plan Plan) []string {
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	added := plan.added()
	switch m.Kind {
	case KindNamespace:
		for _, edit := range plan.Edits {
			if edit.Before != "" || !strings.HasPrefix(edit.Entry, namespaceEntry) {
				object("a request of kind namespace only adds namespaces, yet %s changes", edit.Entry)
			}
		}
		if len(added) > 1 {
			object("a request of kind namespace adds one namespace, not %d", len(added))
		}
	case KindRemoval:
		object("a request of kind removal gives nothing: its act is end")
	default:
		object("there is no kind of request %q", m.Kind)
	}
	for _, n := range added {
		if prefix := plan.After.Name + "-"; !strings.HasPrefix(n.Name, prefix) {
			object("the name of namespace %s/%s does not start with %q", n.Cluster, n.Name, prefix)
		}
		if n.Request != m.Request || n.Quota.Request != m.Request || foreignAccess(n, m.Request) {
			object("namespace %s/%s names another request than %d", n.Cluster, n.Name, m.Request)
		}
	}
	return objections
}

func foreignAccess(n Namespace, request int64) bool {
	return slices.ContainsFunc(n.Access, func(a Access) bool { return a.Request != request })
}
