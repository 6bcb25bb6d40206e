package workflow

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
)

// planPolicy makes the plan of a draft for another policy. Nobody but an admin
// asks for one; an admin's pipeline may, as for anything else, and reviewers are
// told so.
func (s *Service) planPolicy(ctx context.Context, actor Actor, state *ApprovedState, draft Draft, request int64) (Plan, error) {
	if err := asksPolicy(actor); err != nil {
		return Plan{}, err
	}
	if draft.Tenant != "" {
		return Plan{}, invalidFields([]FieldProblem{{Field: "tenant", Message: fmt.Sprintf("The policy is of no tenant. Leave %s out.", shortened(draft.Tenant))}})
	}
	plan, err := s.planner().Plan(ctx, state, Proposal{Request: request, Change: draft.Change, RequestedBy: actor.ID, At: s.Clock.Now()})
	if err != nil {
		return Plan{}, err
	}
	if actor.Pipeline {
		plan.Findings = append(plan.Findings, byPipeline())
	}
	before, err := s.refusedBefore(ctx, actor, state, draft)
	if err != nil {
		return Plan{}, err
	}
	plan.Findings = append(plan.Findings, before...)
	return plan, s.checkRivals(ctx, state, draft, request)
}

// lookAgain has a new plan of another policy say what it would refuse.
func (p Planner) lookAgain(ctx context.Context, state *ApprovedState, proposal Proposal, plan *Plan) {
	change, isPolicy := proposal.Change.(PolicyChange)
	if !isPolicy || p.Impact == nil {
		return
	}
	document, policy, problems, err := change.read(p.Policies, state)
	if err == nil && len(problems) == 0 { // it was planned a moment ago
		p.look(ctx, state, state.under(policy, document), plan)
	}
}

// under gives the state as it would be with another policy.
func (s *ApprovedState) under(policy Policy, document []byte) *ApprovedState {
	return &ApprovedState{Commit: s.Commit, Policy: policy, PolicyDocument: document, Tenancies: s.Tenancies}
}

// replaced gives the command that ends a request for a policy after which
// another one was committed; nil while it is in force.
func (o *Observer) replaced(ctx context.Context, state *ApprovedState, r Request) (Command, error) {
	change, isPolicy := r.Change.(PolicyChange)
	if !isPolicy || bytes.Equal(policyDocument(change.Document), state.PolicyDocument) {
		return nil, nil
	}
	later, err := o.Store.Requests(ctx, RequestFilter{Kinds: []Kind{KindPolicy}, States: []State{StateApproved, StateCommitted, StateFailed, StateActive}})
	if err != nil {
		return nil, fmt.Errorf("look for what replaced it: %w", err)
	}
	for _, other := range later { // one whose commit is not recorded yet is still approved
		if change, isPolicy := other.Change.(PolicyChange); isPolicy && bytes.Equal(policyDocument(change.Document), state.PolicyDocument) {
			return EndedCommand{Reason: fmt.Sprintf("Replaced by request %d.", other.ID)}, nil
		}
	}
	return EndedCommand{Reason: "Another policy is in force."}, nil
}

// waitedFor gives the request as it is waited for: of what another policy
// changes, only the namespaces that are still approved. One that was removed
// since then never comes.
func (r Request) waitedFor(state *ApprovedState) Request {
	if r.Plan.Policy == nil {
		return r
	}
	effect := PolicyEffect{}
	for _, t := range r.Plan.Policy.Tenants {
		t.Namespaces = slices.DeleteFunc(slices.Clone(t.Namespaces), func(place string) bool {
			cluster, name, _ := strings.Cut(place, "/")
			_, there := state.Tenancies[t.Tenant].Namespace(cluster, name)
			return !there
		})
		effect.Tenants = append(effect.Tenants, t)
	}
	r.Plan.Policy = &effect
	return r
}
