package workflow

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Planner works out what a request would change. It changes nothing.
type Planner struct {
	Renderer  Renderer  // required
	Directory Directory // required
	Analyzer  Analyzer  // nil: plans say what opens in the domain's own words, without a picture
	Accounts  Accounts  // nil: nobody can be looked up, so that only a tenant's own groups get access
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
	plan.Summary = summarize(plan, proposal.Change)
	plan.Findings = append(plan.Findings, findings(plan, proposal.Change)...)
	if err := p.analyze(state, proposal, &plan); err != nil {
		return Plan{}, err
	}
	plan.Digest = digestOf(proposal.Request, proposal.Change.Kind(), plan.Before.Name, plan)
	return plan, nil
}

// lookUp asks the directory for the people and groups that the change names.
func (p Planner) lookUp(ctx context.Context, state *ApprovedState, proposal Proposal) (Proposal, error) {
	change, names := proposal.Change.(lookedUp)
	tenancy, found := state.Tenancies[proposal.Tenant]
	if !names || !found {
		return proposal, nil
	}
	known, problems, err := change.lookUp(ctx, p.Accounts, tenancy)
	if err != nil {
		return proposal, Refuse(Unavailable, "The directory does not answer, so nobody can say whose people these are. Try again in a minute; nothing was stored.").Because(err)
	}
	if len(problems) > 0 {
		_, more := proposal.Change.Apply(state, tenancy, proposal.Request)
		more = slices.DeleteFunc(more, func(p FieldProblem) bool { return p.Field == problems[0].Field })
		return proposal, invalidFields(slices.Concat(problems, more, datesOf(proposal.Change, state.Policy, proposal.At)))
	}
	proposal.Change = known
	return proposal, nil
}

// applied applies the proposal to the tenancies that it changes. What is wrong
// with it comes back as a *Problem.
func (p Planner) applied(state *ApprovedState, proposal Proposal) (Plan, error) {
	before, found := state.Tenancies[proposal.Tenant]
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
	plan.Edits = editsOf(plan.sides())
	var err error
	plan.Files, err = renderSides(p.Renderer, state.Policy, plan.sides())
	return plan, err
}

// pickStages takes the policy's stages and hands to the fallback what nobody
// but the requester could decide.
func (p Planner) pickStages(ctx context.Context, policy Policy, proposal Proposal, plan *Plan) error {
	stages, why := policy.stagesFor(proposal.Change.Kind(), *plan)
	var unmet []Role
	for _, stage := range stages {
		enough, err := p.enough(ctx, policy, stage, stages, *plan, proposal.RequestedBy)
		if err != nil {
			return err
		}
		if !enough {
			unmet = append(unmet, stage.Role)
		}
	}
	plan.Stages, plan.Because = substitute(stages, unmet, policy.Fallback), why
	for _, role := range unmet {
		if role != policy.Fallback {
			plan.Because += fmt.Sprintf(" Too few people other than the requester hold the role %s here, so %s decides instead.", role, policy.Fallback)
		}
	}
	for _, stage := range plan.Stages {
		enough, err := p.enough(ctx, policy, stage, plan.Stages, *plan, proposal.RequestedBy)
		if err != nil {
			return err
		}
		if !enough {
			plan.Findings = append(plan.Findings, Finding{Severity: SeverityDanger, Label: "too few reviewers", Message: fmt.Sprintf(
				"Too few people can decide this: %d needed as %s. The platform team must add reviewers before it can be approved.", stage.Needed, stage.Role)})
		}
	}
	return nil
}

// enough says whether enough people other than the requester can vote for the
// stage. Where nobody can know, it is taken to be so. Who owns both tenants that
// a plan is about has one vote, so that both stages together need as many people.
func (p Planner) enough(ctx context.Context, policy Policy, stage Stage, stages []Stage, plan Plan, requester PersonID) (bool, error) {
	people, known, err := p.voters(ctx, policy, stage.Role, plan, requester)
	if err != nil || !known || len(people) < stage.Needed {
		return !known && err == nil, err
	}
	i := slices.IndexFunc(stages, func(s Stage) bool { return s.Role == RoleOwner })
	if stage.Role != RolePeerOwner || i < 0 {
		return true, nil
	}
	owners, known, err := p.voters(ctx, policy, RoleOwner, plan, requester)
	if err != nil || !known || len(owners) < stages[i].Needed {
		return err == nil, err // the fallback votes for too few owners
	}
	both := slices.DeleteFunc(owners, func(id PersonID) bool { return slices.Contains(people, id) })
	return len(both)+len(people) >= stage.Needed+stages[i].Needed, nil
}

// voters lists who could vote for a stage, other than the requester and those
// who gain by it; known is
// false where nobody can say.
func (p Planner) voters(ctx context.Context, policy Policy, stage Role, plan Plan, requester PersonID) (people []PersonID, known bool, err error) {
	people, known, err = policy.canVote(ctx, p.Directory, stage, plan)
	if err != nil {
		return nil, false, Refuse(Unavailable, "The directory does not answer, so nobody can say who must review this. Try again in a minute; nothing was stored.").Because(err)
	}
	return slices.DeleteFunc(slices.Clone(people), func(id PersonID) bool { return id == requester || plan.gains(id) }), known, nil
}

func noTenant(slug string) *Problem {
	return &Problem{Kind: Invalid, Message: "Choose the tenant that asks.",
		Fields: []FieldProblem{{Field: "tenant", Message: fmt.Sprintf("There is no tenant %q that you can ask for.", slug)}}}
}
