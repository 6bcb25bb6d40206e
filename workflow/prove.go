package workflow

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// GrantProof is what a commit of act grant is judged by: the approved state it
// was made on, what it changed, and what it says of itself.
type GrantProof struct {
	Policy  Policy // at the commit before
	Before  Tenancy
	After   Tenancy
	Files   []FileChange // every file the commit changed
	Message CommitMessage
}

// ProveGrant returns every objection to a grant, as sentences; none means
// that the change, the stages, the approvers and the digest fit together. It
// is the mirror of Planner.Plan, and needs nothing but the repository.
func ProveGrant(p GrantProof) []string {
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	m := p.Message
	if m.Request < 1 {
		object("it names no request")
	}
	if m.RequestedBy.ID.IsZero() {
		object("it does not say who asked")
	}
	given := p.After
	given.Namespaces = Plan{Before: p.Before, After: p.After}.added()
	for _, problem := range slices.Concat(p.After.Check(), p.Policy.Conforms(given), p.After.overCeiling()) {
		object("%s: %s", problem.Field, problem.Message)
	}
	edits := Edits(p.Before, p.After)
	objections = append(objections, proveEdits(m, p, edits)...)
	objections = append(objections, proveStages(p)...)
	objections = append(objections, proveApprovers(p.Policy, m)...)
	plan := Plan{Edits: edits, Files: p.Files, Stages: m.Stages, Renderer: m.Renderer, PlannedAt: m.PlannedAt}
	if digest := digestOf(m.Kind, p.After.Name, plan); digest != m.Plan {
		object("the plan that was approved (%s) is not the change that was committed (%s)", m.Plan, digest)
	}
	return objections
}

// proveEdits holds the change against what the kind of request can give, and
// every given entry against the request it names.
func proveEdits(m CommitMessage, p GrantProof, edits []Edit) []string {
	var objections []string
	if len(edits) == 0 {
		return []string{"it changes nothing of the tenancy"}
	}
	switch m.Kind {
	case KindNamespace:
		for _, edit := range edits {
			if edit.Before != "" || !strings.HasPrefix(edit.Entry, "namespace ") {
				objections = append(objections, fmt.Sprintf("a request of kind namespace only adds namespaces, yet %s changes", edit.Entry))
			}
		}
	default:
		objections = append(objections, fmt.Sprintf("there is no kind of request %q", m.Kind))
	}
	added := Plan{Before: p.Before, After: p.After}.added()
	if m.Kind == KindNamespace && len(added) > 1 {
		objections = append(objections, fmt.Sprintf("a request of kind namespace adds one namespace, not %d", len(added)))
	}
	for _, n := range added {
		if !strings.HasPrefix(n.Name, p.After.Name+"-") {
			objections = append(objections, fmt.Sprintf("the name of namespace %s/%s does not start with %q", n.Cluster, n.Name, p.After.Name+"-"))
		}
		if n.Request != m.Request || n.Quota.Request != m.Request || foreignAccess(n, m.Request) {
			objections = append(objections, fmt.Sprintf("namespace %s/%s names another request than %d", n.Cluster, n.Name, m.Request))
		}
	}
	return objections
}

func foreignAccess(n Namespace, request int64) bool {
	for _, access := range n.Access {
		if access.Request != request {
			return true
		}
	}
	return false
}

// proveStages holds the stages against the policy of the commit before.
func proveStages(p GrantProof) []string {
	var environments []string
	for _, n := range (Plan{Before: p.Before, After: p.After}).added() {
		environments = append(environments, n.Environment)
	}
	asked, _ := p.Policy.stagesFor(p.Message.Kind, environments)
	for _, possible := range p.Policy.possibleStages(asked) {
		if reflect.DeepEqual(possible, p.Message.Stages) {
			return nil
		}
	}
	return []string{fmt.Sprintf("its stages %s are not those of the policy, %s", StagesText(p.Message.Stages), StagesText(asked))}
}

// proveApprovers holds the approvals against the stages, and each approver
// against four eyes and the register of reviewers.
func proveApprovers(policy Policy, m CommitMessage) []string {
	var objections []string
	votes, seen := map[Role]int{}, map[PersonID]bool{}
	for _, approval := range m.ApprovedBy {
		id := approval.Person.ID
		switch {
		case id.IsZero():
			objections = append(objections, "an approval names nobody")
		case id == m.RequestedBy.ID:
			objections = append(objections, fmt.Sprintf("%s approved their own request", id))
		case !slices.ContainsFunc(m.Stages, func(s Stage) bool { return s.Role == approval.Stage }):
			objections = append(objections, fmt.Sprintf("%s approved as %s, which is not a stage", id, approval.Stage))
		case seen[id]:
			objections = append(objections, fmt.Sprintf("%s approved twice", id))
		case !policy.Registered(approval.Stage, id):
			objections = append(objections, fmt.Sprintf("%s is not in the register of %s reviewers", id, approval.Stage))
		default:
			votes[approval.Stage]++
		}
		seen[id] = true
	}
	for _, stage := range m.Stages {
		if votes[stage.Role] < stage.Needed {
			objections = append(objections, fmt.Sprintf("stage %s has %d of %d approvals", stage.Role, votes[stage.Role], stage.Needed))
		}
	}
	return objections
}

// StagesText writes stages as in the trailer: "owner=1 security=2", and
// "admin=1(owner)" for a fallback.
func StagesText(stages []Stage) string {
	texts := make([]string, len(stages))
	for i, s := range stages {
		texts[i] = fmt.Sprintf("%s=%d", s.Role, s.Needed)
		if s.InsteadOf != "" {
			texts[i] += "(" + string(s.InsteadOf) + ")"
		}
	}
	return strings.Join(texts, " ")
}
