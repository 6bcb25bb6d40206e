package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Review stores the actor's vote. When the approved state has moved so that
// the plan is no longer what would be committed, the request goes back to
// review with a new plan, and the vote is refused.
func (s *Service) Review(ctx context.Context, actor Actor, id int64, ballot Ballot) (Request, error) {
	request, state, err := s.load(ctx, actor, id)
	if err != nil {
		return Request{}, err
	}
	command := state.voting(request)
	command.Ballot = ballot
	if request.State == StateInReview {
		// Who may not vote hears that, and does not set off a new plan.
		stage, err := command.mayVote(request, actor)
		if err != nil {
			return Request{}, err
		}
		if err := s.refuseStale(ctx, request, state); err != nil {
			return Request{}, err
		}
		if ballot.Vote == VoteApprove && ballot.Digest == request.Plan.Digest {
			if err := s.refuseNeeded(ctx, state, request, actor, stage); err != nil {
				return Request{}, err
			}
		}
	}
	voted, err := s.apply(ctx, request, actor, command)
	if err != nil {
		return Request{}, err
	}
	if voted.State == StateApproved && s.Approved != nil {
		s.Approved()
	}
	return state.shown(voted, actor), nil
}

// refuseStale plans again at the present state, and sends the request back
// when the outcome differs from what is under review.
func (s *Service) refuseStale(ctx context.Context, request Request, state *ApprovedState) error {
	stale := request.overdue(s.Clock.Now())
	if stale == nil {
		var err error
		if _, _, stale, err = s.planner().replanWaiting(ctx, s.Store, state, request); err != nil || stale == nil {
			return err
		}
	}
	if _, err := s.apply(ctx, request, Actor{}, *stale); err != nil {
		return err
	}
	return Refuse(Conflict, "Your vote was not counted. "+stale.Reason)
}

// replan plans a request again with its frozen planning time. It gives the
// command that sends the request back when the plan under review no longer holds.
func (p Planner) replan(ctx context.Context, state *ApprovedState, r Request) (Plan, *StaleCommand, error) {
	if tenancy, there := state.Tenancies[r.Tenant]; there && !isNewTenant(r.Change) && tenancy.Request != r.Plan.Before.Request {
		return Plan{}, &StaleCommand{Reason: fmt.Sprintf("The tenant %s that this was asked for was removed, and another one has its name by now.", r.Tenant)}, nil
	}
	proposal := Proposal{Request: r.ID, Tenant: r.Tenant, Change: r.Change, RequestedBy: r.RequestedBy.ID, At: r.Plan.PlannedAt}
	hasty := p
	hasty.Impact = nil // only a new plan for people asks the clusters
	plan, err := hasty.Plan(ctx, state, proposal)
	if problem, refused := AsProblem(err); refused && problem.Kind == Invalid {
		return plan, &StaleCommand{Reason: "What is asked for is no longer possible. " + r.whyNot(problem.Fields)}, nil
	}
	if err != nil {
		return plan, nil, err
	}
	if plan.Digest == r.Plan.Digest {
		return plan, r.withOtherOwners(plan), nil
	}
	p.lookAgain(ctx, state, proposal, &plan)
	return plan, &StaleCommand{Plan: &plan, Reason: fmt.Sprintf(
		"The approved state moved since the plan was made (now at commit %.10s), and the request would now change something else. All votes are void; the new plan needs to be reviewed.", state.Commit)}, nil
}

// withOtherOwners sends a request back whose change is as it was, but which other
// people decide by now: a tenancy named another group as its owners, or its name
// was given again. The digest covers neither where no manifest names the owners.
func (r Request) withOtherOwners(plan Plan) *StaleCommand {
	was, is := r.Plan.sides(), plan.sides()
	for i, stage := range []Role{RoleOwner, RolePeerOwner} {
		if !slices.ContainsFunc(plan.Stages, func(s Stage) bool { return s.Role == stage }) || i >= min(len(was), len(is)) {
			continue
		}
		before, now := was[i].Before, is[i].Before
		if before.Owners != now.Owners || before.Request != now.Request {
			return &StaleCommand{Plan: &plan, Reason: fmt.Sprintf(
				"The owners of %s are other people by now, who have to agree. All votes are void; the plan needs to be reviewed again.", now.Name)}
		}
	}
	return nil
}

// sharedFields are those whose messages tell nothing but the ends of a flow and
// the numbers of its requests, which the owners on both sides may know.
var sharedFields = []string{"peerNamespace", "ports", "until", "exception"}

// whyNot says what is wrong with a request, for all who see it. Where another
// tenant's owners do, they do not learn what else the asking tenant has, which a
// message may list. Who asked reads it on editing, when the form plans again.
func (r Request) whyNot(problems []FieldProblem) string {
	if len(r.Plan.Others) > 0 {
		problems = slices.Clone(problems)
		for i, p := range problems {
			if !slices.Contains(sharedFields, p.Field) {
				problems[i].Message = fmt.Sprintf("%s no longer has what it asked this for.", r.Tenant)
			}
		}
	}
	messages := make([]string, len(problems))
	for i, p := range problems {
		messages[i] = p.Message
	}
	return strings.Join(messages, " ")
}
