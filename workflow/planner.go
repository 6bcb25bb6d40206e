package workflow

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Planner works out what a request would change. It changes nothing.
type Planner struct {
	Renderer  Renderer     // required
	Directory Directory    // required
	Analyzer  Analyzer     // nil: plans say what opens in the domain's own words, without a picture
	Accounts  Accounts     // nil: nobody can be looked up, so that only a tenant's own groups get access
	Policies  PolicyReader // nil: no other policy can be planned
	Impact    Impact       // nil: plans of another policy do not say what of the live objects it would refuse
}

// Proposal is what a plan is made of.
type Proposal struct {
	Request     int64 // the request's number; 0 for a preview
	Tenant      string
	Change      Change
	RequestedBy PersonID
	At          time.Time // the planning time; planning again passes the first plan's
}

// Plan applies the proposal to the approved state, has both sides rendered,
// picks the stages and computes the digest. What is wrong with the proposal
// comes back as a *Problem.
func (p Planner) Plan(ctx context.Context, state *ApprovedState, proposal Proposal) (Plan, error) {
	if change, isPolicy := proposal.Change.(PolicyChange); isPolicy {
		return p.planPolicy(ctx, state, proposal, change)
	}
	proposal, err := p.lookUp(ctx, state, proposal)
	if err != nil {
		return Plan{}, err
	}
	plan, err := p.applied(state, proposal)
	if err != nil {
		return Plan{}, err
	}
	if err := p.pickStages(ctx, state.Policy, proposal, &plan); err != nil {
		return Plan{}, err
	}
	plan.Summary = summarize(state.Policy, plan, proposal.Change)
	plan.Findings = append(plan.Findings, findings(state.Policy, plan, proposal.Change)...)
	if change, is := proposal.Change.(TenantChange); is {
		plan.Findings = append(plan.Findings, change.compared(state, plan, proposal.RequestedBy)...)
	}
	if err := p.analyze(state, proposal, &plan); err != nil {
		return Plan{}, err
	}
	plan.Digest = digestOf(proposal.Request, proposal.Change.Kind(), plan.Before.Name, plan)
	return plan, nil
}

// lookUp asks the directory for the people and groups that the change names.
func (p Planner) lookUp(ctx context.Context, state *ApprovedState, proposal Proposal) (Proposal, error) {
	change, names := proposal.Change.(lookedUp)
	tenancy, found := state.tenancyFor(proposal.Tenant, proposal.Change)
	if !names || !found {
		return proposal, nil
	}
	known, problems, err := change.lookUp(ctx, p.Accounts, tenancy)
	if err != nil {
		return proposal, Refuse(Unavailable, "The directory does not answer, so nobody can say whose people these are. Try again in a minute; nothing was stored.").Because(err)
	}
	if len(problems) > 0 {
		_, more := proposal.Change.Apply(state, tenancy, proposal.Request)
		more = slices.DeleteFunc(more, func(p FieldProblem) bool {
			return slices.ContainsFunc(problems, func(found FieldProblem) bool { return found.Field == p.Field })
		})
		return proposal, invalidFields(slices.Concat(problems, more, datesOf(proposal.Change, state.Policy, proposal.At)))
	}
	proposal.Change = known
	return proposal, nil
}

// applied applies the proposal to the tenancies that it changes. What is wrong
// with it comes back as a *Problem.
func (p Planner) applied(state *ApprovedState, proposal Proposal) (Plan, error) {
	before, found := state.tenancyFor(proposal.Tenant, proposal.Change)
	if !found {
		return Plan{}, noTenant(proposal.Tenant)
	}
	after, problems := proposal.Change.Apply(state, before, proposal.Request)
	if err := invalidFields(append(problems, datesOf(proposal.Change, state.Policy, proposal.At)...)); err != nil {
		return Plan{}, err
	}
	plan := Plan{Base: state.Commit, PlannedAt: proposal.At.UTC(), Renderer: p.Renderer.Version(), Before: before, After: after}
	if change, crosses := proposal.Change.(crossing); crosses {
		plan.Others = change.others(state, before, proposal.Request)
	}
	plan.Edits, plan.Images = editsOf(plan.sides()), state.Policy.imagesGiven(plan.sides())
	var err error
	plan.Files, err = renderSides(p.Renderer, state.Policy, plan.sides())
	return plan, err
}

// pickStages takes the policy's stages and hands to the fallback what nobody
// but the requester could decide. Those whom the plan itself puts into a register
// must not vote on it, but do not make a stage unmet: else whoever asks could do
// away with a role's reviewers by registering all of them.
func (p Planner) pickStages(ctx context.Context, policy Policy, proposal Proposal, plan *Plan) error {
	stages, why := policy.stagesFor(proposal.Change.Kind(), *plan)
	reviewers := func(role Role) ([]PersonID, bool, error) {
		return p.reviewers(ctx, policy, role, *plan, proposal.RequestedBy)
	}
	unmet, err := unmetBy(stages, reviewers)
	if err != nil {
		return err
	}
	plan.Stages, plan.Because = substitute(stages, unmet, policy.Fallback), why
	for _, role := range unmet {
		if role != policy.Fallback {
			plan.Because += fmt.Sprintf(" Too few people other than the requester hold the role %s here, so %s decides instead.", role, policy.Fallback)
		}
	}
	if unmet, err = unmetBy(plan.Stages, reviewers); err != nil {
		return err
	}
	short, err := unmetBy(plan.Stages, func(role Role) ([]PersonID, bool, error) {
		return p.voters(ctx, policy, role, *plan, proposal.RequestedBy)
	})
	if err != nil {
		return err
	}
	var problems []FieldProblem
	for _, stage := range plan.Stages {
		switch {
		case !slices.Contains(short, stage.Role):
		case plan.Policy != nil && !slices.Contains(unmet, stage.Role):
			problems = append(problems, FieldProblem{Field: "document", Message: fmt.Sprintf(
				"This registers so many of %s that too few others are left to review it. Register them one after another.", stage.Role)})
		default:
			plan.Findings = append(plan.Findings, Finding{Severity: SeverityDanger, Label: "too few reviewers", Message: fmt.Sprintf(
				"Too few people can decide this: %d needed as %s. The platform team must add reviewers before it can be approved.", stage.Needed, stage.Role)})
		}
	}
	return invalidFields(problems)
}

// electorate lists who could vote for a stage; known is false where nobody can say.
type electorate func(Role) (people []PersonID, known bool, err error)

// unmetBy lists the roles of the stages for which there are too few people.
func unmetBy(stages []Stage, who electorate) (unmet []Role, err error) {
	for _, stage := range stages {
		enough, err := enough(who, stage, stages)
		if err != nil {
			return nil, err
		}
		if !enough {
			unmet = append(unmet, stage.Role)
		}
	}
	return unmet, nil
}

// enough says whether enough people can vote for the stage. Where nobody can know,
// it is taken to be so. Who owns both tenants that a plan is about has one vote, so
// that both stages together need as many people.
func enough(who electorate, stage Stage, stages []Stage) (bool, error) {
	people, known, err := who(stage.Role)
	if err != nil || !known || len(people) < stage.Needed {
		return !known && err == nil, err
	}
	i := slices.IndexFunc(stages, func(s Stage) bool { return s.Role == RoleOwner })
	if stage.Role != RolePeerOwner || i < 0 {
		return true, nil
	}
	owners, known, err := who(RoleOwner)
	if err != nil || !known || len(owners) < stages[i].Needed {
		return err == nil, err // the fallback votes for too few owners
	}
	both := slices.DeleteFunc(owners, func(id PersonID) bool { return slices.Contains(people, id) })
	return len(both)+len(people) >= stage.Needed+stages[i].Needed, nil
}

// voters lists who could vote for a stage: its reviewers without those whom the
// plan puts into a register or, as far as the directory knows, into a tenant. known
// is false where nobody can say.
func (p Planner) voters(ctx context.Context, policy Policy, stage Role, plan Plan, requester PersonID) (people []PersonID, known bool, err error) {
	people, known, err = p.reviewers(ctx, policy, stage, plan, requester)
	if err != nil || !known {
		return nil, false, err
	}
	enrolled, err := p.enrolled(ctx, plan)
	if err != nil {
		return nil, false, err
	}
	return slices.DeleteFunc(people, func(id PersonID) bool { return plan.registers(id) || slices.Contains(enrolled, id) }), true, nil
}

// enrolled lists who is in a group that the plan makes a tenant's.
func (p Planner) enrolled(ctx context.Context, plan Plan) (people []PersonID, err error) {
	for _, group := range []string{plan.After.Owners.Group, plan.After.Members.Group} {
		if group == "" || !plan.enrols(Actor{Groups: []string{group}}) {
			continue
		}
		members, _, err := p.Directory.Members(ctx, group)
		if err != nil {
			return nil, unansweredReviewers(err)
		}
		people = append(people, members...)
	}
	return people, nil
}

// reviewers lists who has a stage's role, other than the requester and those who
// gain access by the plan; known is false where nobody can say.
func (p Planner) reviewers(ctx context.Context, policy Policy, stage Role, plan Plan, requester PersonID) (people []PersonID, known bool, err error) {
	people, known, err = policy.canVote(ctx, p.Directory, stage, plan)
	if err != nil {
		return nil, false, unansweredReviewers(err)
	}
	return slices.DeleteFunc(slices.Clone(people), func(id PersonID) bool { return id == requester || plan.gains(id) }), known, nil
}

// unansweredReviewers says that the directory does not know who could vote.
func unansweredReviewers(err error) error {
	return Refuse(Unavailable, "The directory does not answer, so nobody can say who must review this. Try again in a minute; nothing was stored.").Because(err)
}

func noTenant(slug string) *Problem {
	return &Problem{Kind: Invalid, Message: "Choose the tenant that asks.",
		Fields: []FieldProblem{{Field: "tenant", Message: fmt.Sprintf("There is no tenant %q that you can ask for.", slug)}}}
}
