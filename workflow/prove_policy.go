package workflow

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// PolicyProof is what a commit that replaces policy.yaml is judged by. That what
// follows from the new policy is what the commit holds is proved beside it.
type PolicyProof struct {
	Before, After Policy             // at the commit before, and as the commit has it
	Document      FileChange         // policy.yaml
	Holders       map[string]Tenancy // every tenancy at the commit before, by slug; the commit changes none
	Message       CommitMessage
	CommittedAt   time.Time // when the commit says it was made, to the second
}

// ProvePolicy returns every objection to another policy, as sentences; none
// means that the document, the stages, the approvers and the digest fit together,
// and that nothing of the approved state is orphaned. Who had to agree is judged by
// the policy before.
func ProvePolicy(p PolicyProof) []string {
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	m := p.Message
	plan := Plan{
		Files: []FileChange{p.Document}, Edits: PolicyEdits(p.Before, p.After), Policy: &PolicyEffect{},
		Stages: m.Stages, Renderer: m.Renderer, PlannedAt: m.PlannedAt,
	}
	if m.Kind != KindPolicy {
		object("a request of kind %q replaces no policy", m.Kind)
	}
	if m.Request < 1 {
		object("it names no request")
	}
	if m.RequestedBy.ID.IsZero() {
		object("it does not say who asked")
	}
	if m.PlannedAt.After(p.CommittedAt.Add(clockSkew)) {
		object("it was planned at %s, after it was committed at %s", instant(m.PlannedAt), instant(p.CommittedAt))
	}
	for _, orphan := range p.After.orphans(p.Holders) {
		object("%s", orphan)
	}
	objections = slices.Concat(objections, p.Before.provePolicyStages(m, plan), p.Before.proveApprovers(m))
	for _, approval := range m.ApprovedBy {
		if plan.registers(approval.Person.ID) {
			object("%s approved their own entry in the register of reviewers", approval.Person.ID)
		}
	}
	if digest := digestOf(m.Request, m.Kind, "", plan); digest != m.Plan {
		object("the plan that was approved (%s) is not the change that was committed (%s)", m.Plan, digest)
	}
	return objections
}

// provePolicyStages holds the stages against the policy of the commit before. Its
// registers say how many people could decide, so the stages are these and no
// others: the fallback stands in only where too few could. Whom the commit itself
// registers counts among them, although their vote does not: nobody takes a role's
// people out of a decision by registering them.
func (p Policy) provePolicyStages(m CommitMessage, plan Plan) []string {
	asked, _ := p.stagesFor(KindPolicy, plan)
	var unmet []Role
	for _, stage := range asked {
		if p.hasRegister(stage.Role) && p.deciders(stage.Role, m.RequestedBy.ID) < stage.Needed {
			unmet = append(unmet, stage.Role)
		}
	}
	if want := substitute(asked, unmet, p.Fallback); !reflect.DeepEqual(want, m.Stages) {
		return []string{fmt.Sprintf("its stages %s are not those of the policy before, %s", StagesText(m.Stages), StagesText(want))}
	}
	return nil
}

// deciders counts who is in a register, other than the requester.
func (p Policy) deciders(role Role, requester PersonID) int {
	count := 0
	for _, reviewer := range p.Reviewers[role] {
		if id, ok := ParsePersonID(reviewer.ID); ok && id != requester {
			count++
		}
	}
	return count
}
