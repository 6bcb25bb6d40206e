package workflow

import (
	"context"
	"slices"
	"strings"
)

// Dossier reads one request with all that its page shows.
func (s *Service) Dossier(ctx context.Context, actor Actor, id int64) (Dossier, error) {
	request, state, err := s.load(ctx, actor, id)
	if err != nil {
		return Dossier{}, err
	}
	events, err := s.Store.Events(ctx, id)
	if err != nil {
		return Dossier{}, storeFault(err)
	}
	dossier := Dossier{Request: state.shown(request, actor), Events: state.shownEvents(request, events, actor), Tenancy: state.tenancyOf(request, actor), Policy: state.Policy}
	if request.State == StateInReview {
		dossier.Stage, dossier.WhyNot = state.mayReview(request, actor)
		dossier.MayReview = dossier.WhyNot == ""
	}
	if request.State == StateCommitted || request.State == StateFailed {
		dossier.Arrivals = state.shownArrivals(request, request.waitedFor(state).arrivals(s.ArgoCD, s.Repository.Includes), actor)
	}
	dossier.MayTalk = CommentCommand{Tenancies: state.Tenancies}.takesPart(request, actor)
	mine := request.RequestedBy.ID == actor.ID
	dossier.MayEdit = mine && slices.Contains(WithdrawCommand{}.from(), request.State)
	return dossier, nil
}

// mayReview gives the stage that the actor would vote on, or why not.
func (s *ApprovedState) mayReview(r Request, actor Actor) (stage Role, whyNot string) {
	stage, err := s.voting(r).mayVote(r, actor)
	if problem, refused := AsProblem(err); refused {
		return "", problem.Message
	}
	return stage, ""
}

// voting is a vote on the request, still without a ballot.
func (s *ApprovedState) voting(r Request) VoteCommand {
	return VoteCommand{Policy: s.Policy, Tenancy: s.Tenancies[r.Tenant], Peer: s.Tenancies[r.Plan.Peer()]}
}

// Queue lists what is in review and the actor's business: first what the actor
// may decide, the longest waiting first, then the rest.
func (s *Service) Queue(ctx context.Context, actor Actor) ([]QueueItem, error) {
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	inReview, err := s.seen(ctx, actor, state, RequestFilter{States: []State{StateInReview}})
	if err != nil {
		return nil, err
	}
	slices.Reverse(inReview) // oldest first
	var mine, others []QueueItem
	for _, r := range inReview {
		open, _ := r.OpenStage()
		item := QueueItem{Request: state.shown(r, actor), Open: open}
		_, item.WhyNot = state.mayReview(r, actor)
		if item.MayReview = item.WhyNot == ""; item.MayReview {
			mine = append(mine, item)
		} else {
			others = append(others, item)
		}
	}
	return append(mine, others...), nil
}

// seesAll says whether every tenant is the actor's business.
func (a Actor) seesAll() bool {
	return a.HoldsAppRole(RoleSecurity) || a.HoldsAppRole(RoleAdmin) || a.HoldsAppRole(RoleAuditor)
}

// recent is how many of a person's own requests the home page lists.
const recent = 20

// Home lists what waits for the actor and what became of what they asked.
func (s *Service) Home(ctx context.Context, actor Actor) (Home, error) {
	state, err := s.state()
	if err != nil {
		return Home{}, err
	}
	queue, err := s.Queue(ctx, actor)
	if err != nil {
		return Home{}, err
	}
	mine, err := s.seen(ctx, actor, state, RequestFilter{RequestedBy: actor.ID, Limit: recent})
	if err != nil {
		return Home{}, err
	}
	home := Home{Mine: state.shownAll(mine, actor), Tenants: state.tenancies(actor.Sees), Policy: state.Policy}
	for _, tenancy := range state.tenancies(actor.Asks) {
		home.Ending = append(home.Ending, tenancy.Ending(s.Clock.Now())...)
	}
	slices.SortStableFunc(home.Ending, func(a, b Grant) int { return a.Until.Compare(b.Until) })
	for _, item := range queue {
		if item.MayReview {
			home.Waiting = append(home.Waiting, item.Request)
		}
	}
	return home, nil
}

// Tenant reads what a tenant has, and its requests.
func (s *Service) Tenant(ctx context.Context, actor Actor, slug string) (TenantView, error) {
	state, err := s.state()
	if err != nil {
		return TenantView{}, err
	}
	tenancy, found := state.Tenancies[slug]
	if !found || !actor.Sees(tenancy) {
		return TenantView{}, Refuse(NotFound, "There is no such tenant, or it is none of yours.")
	}
	requests, err := s.about(ctx, actor, state, tenancy)
	if err != nil {
		return TenantView{}, err
	}
	files, err := s.filesOf(state, tenancy, func(path string) bool { return !strings.HasPrefix(path, "clusters/") })
	if err != nil {
		return TenantView{}, err
	}
	return TenantView{
		Tenancy: tenancy, Given: tenancy.Given(), Requests: requests, Files: files,
		MayAsk: actor.Asks(tenancy), MayChange: actor.Changes(tenancy), Commit: state.Commit, Policy: state.Policy,
	}, nil
}

// Try asks the webhook's code for its verdict. What is about a namespace of a
// tenant that is none of the actor's business stays hidden.
func (s *Service) Try(ctx context.Context, actor Actor, question Question) ([]Verdict, error) {
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	if message := checkChoice(question.Cluster, "cluster", clusterNames(state.Policy)); message != "" {
		return nil, invalidFields([]FieldProblem{{Field: "cluster", Message: message}})
	}
	verdicts, err := s.Judge.Judge(ctx, question)
	if err != nil {
		return nil, err
	}
	for i, verdict := range verdicts {
		if tenancy, approved := state.Tenancies[verdict.Tenant]; approved && !actor.Sees(tenancy) {
			verdicts[i] = Verdict{Object: verdict.Object, Violations: []Violation{{
				Rule: "namespace", Field: "metadata", Allowed: "this belongs to a tenant that is none of yours, so its verdict is not shown.",
			}}}
		}
	}
	return verdicts, nil
}

func clusterNames(p Policy) []string {
	names := make([]string, 0, len(p.Clusters))
	for name := range p.Clusters {
		names = append(names, name)
	}
	return names
}

// Health says how the parts are. It asks nothing of the network.
func (s *Service) Health(ctx context.Context) Health {
	health := Health{Repository: s.Repository.Health()}
	health.Outlived, health.OwnPolicies = s.ownPolicies()
	if s.ArgoCD != nil {
		health.ArgoCD = s.ArgoCD.Health()
	}
	if err := s.Store.Ping(ctx); err != nil {
		health.Database = "The database does not answer."
		s.Log.ErrorContext(ctx, "database does not answer", "error", err)
		return health
	}
	requests, err := s.Store.Requests(ctx, RequestFilter{States: []State{StateApproved, StateFailed}})
	if err != nil {
		health.Database = "The database answers, but its tables cannot be read."
		s.Log.ErrorContext(ctx, "read approved and failed requests", "error", err)
		return health
	}
	for _, r := range requests {
		switch {
		case r.State == StateFailed:
			health.Failed = append(health.Failed, r)
			continue
		case r.Attempt != nil && r.Attempt.Problem != "" && !r.Attempt.Waits:
			health.Deferred = append(health.Deferred, r)
		}
		health.Approved++
	}
	if health.Expired, err = s.expiredLive(ctx, health.Repository.Problem); err != nil {
		health.Database = "The database answers, but its tables cannot be read."
		s.Log.ErrorContext(ctx, "read what expired and is still live", "error", err)
	}
	return health
}
