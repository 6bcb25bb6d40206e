package workflow

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Proof is what a commit that changes a tenancy is judged by: the approved
// state it was made on, what it changed, and what it says of itself.
type Proof struct {
	Policy  Policy // at the commit before
	Before  Tenancy
	After   Tenancy
	Others  []OtherSide        // the other tenants' tenancies that it changed, by slug
	Holders map[string]Tenancy // every tenancy at the commit before, by slug
	Files   []FileChange       // every file the commit changed
	Message CommitMessage
	// CommittedAt is when the commit says it was made, to the second.
	CommittedAt time.Time
}

// plan is the plan that the commit must have been approved for.
func (p Proof) plan() Plan {
	plan := Plan{
		Before: p.Before, After: p.After, Others: p.Others, Files: p.Files,
		Stages: p.Message.Stages, Renderer: p.Message.Renderer, PlannedAt: p.Message.PlannedAt,
	}
	plan.Edits, plan.Images = editsOf(plan.sides()), p.Policy.imagesGiven(plan.sides())
	return plan
}

// clockSkew is how far apart the clocks of a portal's replicas may be: one plans,
// and another may commit.
const clockSkew = 5 * time.Minute

// proveDecision holds who asked, the stages, the approvers and the digest
// against the change: what every act needs that rests on a request.
func (p Proof) proveDecision() []string {
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	m, plan := p.Message, p.plan()
	if m.Request < 1 {
		object("it names no request")
	}
	if m.RequestedBy.ID.IsZero() {
		object("it does not say who asked")
	}
	// Ends are held against the planning time, so a later one would buy a longer term.
	if m.PlannedAt.After(p.CommittedAt.Add(clockSkew)) {
		object("it was planned at %s, after it was committed at %s", instant(m.PlannedAt), instant(p.CommittedAt))
	}
	if len(plan.Edits) == 0 {
		object("it changes nothing of the tenancy")
	}
	objections = append(objections, p.Policy.proveStages(m, plan)...)
	objections = append(objections, p.Policy.proveApprovers(m)...)
	if digest := digestOf(m.Request, m.Kind, p.After.Name, plan); digest != m.Plan {
		object("the plan that was approved (%s) is not the change that was committed (%s)", m.Plan, digest)
	}
	return objections
}

// proveStages holds the stages against the policy of the commit before.
func (p Policy) proveStages(m CommitMessage, plan Plan) []string {
	asked, _ := p.stagesFor(m.Kind, plan)
	for _, possible := range p.possibleStages(asked) {
		if reflect.DeepEqual(possible, m.Stages) {
			return nil
		}
	}
	return []string{fmt.Sprintf("its stages %s are not those of the policy, %s", StagesText(m.Stages), StagesText(asked))}
}

// proveApprovers holds the approvals against the stages, and each approver
// against four eyes and the register of reviewers.
func (p Policy) proveApprovers(m CommitMessage) []string {
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
		case !p.Registered(approval.Stage, id):
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
