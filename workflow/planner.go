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
	before, found := state.Tenancies[proposal.Tenant]
	if !found {
		return Plan{}, noTenant(proposal.Tenant)
	}
	after, problems := proposal.Change.Apply(state, before, proposal.Request)
	if err := invalidFields(problems); err != nil {
		return Plan{}, err
	}
	was, err := p.Renderer.Render(state.Policy, before)
	if err != nil {
		return Plan{}, fmt.Errorf("render %q as it is: %w", before.Name, err)
	}
	is, err := p.Renderer.Render(state.Policy, after)
	if err != nil {
		return Plan{}, fmt.Errorf("render %q as it would be: %w", after.Name, err)
	}
	plan := Plan{
		Base: state.Commit, PlannedAt: proposal.At.UTC(), Renderer: p.Renderer.Version(),
		Before: before, After: after,
		Edits: Edits(before, after), Files: compareFiles(was, is),
	}
	if err := p.pickStages(ctx, state.Policy, proposal, &plan); err != nil {
		return Plan{}, err
	}
	plan.Summary = summarize(plan)
	plan.Findings = append(plan.Findings, findings(plan)...)
	plan.Digest = digestOf(proposal.Request, proposal.Change.Kind(), before.Name, plan)
	return plan, nil
}

// pickStages takes the policy's stages and hands to the fallback what nobody
// but the requester could decide.
func (p Planner) pickStages(ctx context.Context, policy Policy, proposal Proposal, plan *Plan) error {
	stages, why := policy.stagesFor(proposal.Change.Kind(), plan.Environments())
	var unmet []Role
	for _, stage := range stages {
		enough, err := p.enough(ctx, policy, stage, plan.Before, proposal.RequestedBy)
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
		enough, err := p.enough(ctx, policy, stage, plan.Before, proposal.RequestedBy)
		if err != nil {
			return err
		}
		if !enough {
			plan.Findings = append(plan.Findings, Finding{SeverityDanger, "too few reviewers", fmt.Sprintf(
				"Too few people can decide this: %d needed as %s. The platform team must add reviewers before it can be approved.", stage.Needed, stage.Role)})
		}
	}
	return nil
}

// enough says whether enough people other than the requester can vote for the
// stage. Where nobody can know, it is taken to be so.
func (p Planner) enough(ctx context.Context, policy Policy, stage Stage, tenancy Tenancy, requester PersonID) (bool, error) {
	people, known, err := policy.canVote(ctx, p.Directory, stage.Role, tenancy)
	if err != nil {
		return false, Refuse(Unavailable, "The directory does not answer, so nobody can say who must review this. Try again in a minute; nothing was stored.").Because(err)
	}
	if !known {
		return true, nil
	}
	others := slices.DeleteFunc(slices.Clone(people), func(id PersonID) bool { return id == requester })
	return len(others) >= stage.Needed, nil
}

func noTenant(slug string) *Problem {
	return &Problem{Kind: Invalid, Message: "Choose the tenant that asks.",
		Fields: []FieldProblem{{Field: "tenant", Message: fmt.Sprintf("There is no tenant %q that you can ask for.", slug)}}}
}
