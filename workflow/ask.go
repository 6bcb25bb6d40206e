package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Choices lists what the form for a new request can offer the actor.
func (s *Service) Choices(ctx context.Context, actor Actor) (Choices, error) {
	state, err := s.state()
	if err != nil {
		return Choices{}, err
	}
	tenants := state.tenancies(actor.Asks)
	choices := Choices{Tenants: tenants, Changeable: state.tenancies(actor.Changes), Policy: state.Policy, Uses: s.uses(tenants)}
	if len(tenants) == 0 {
		return choices, nil
	}
	if choices.Coming, err = state.coming(ctx, s.Store, slugsOf(tenants)); err != nil {
		return Choices{}, storeFault(err)
	}
	return choices, nil
}

func slugsOf(tenancies []Tenancy) []string {
	slugs := make([]string, 0, len(tenancies))
	for _, tenancy := range tenancies {
		slugs = append(slugs, tenancy.Name)
	}
	return slugs
}

// tenancies lists those that fit, by slug.
func (s *ApprovedState) tenancies(fit func(Tenancy) bool) []Tenancy {
	var list []Tenancy
	for _, slug := range slices.Sorted(maps.Keys(s.Tenancies)) {
		if fit(s.Tenancies[slug]) {
			list = append(list, s.Tenancies[slug])
		}
	}
	return list
}

// Plan shows what a draft would change. Nothing is stored. What is wrong with
// the draft comes back as a *Problem of kind Invalid with its fields.
func (s *Service) Plan(ctx context.Context, actor Actor, draft Draft) (Plan, error) {
	state, err := s.state()
	if err != nil {
		return Plan{}, err
	}
	plan, err := s.plan(ctx, actor, state, draft, 0)
	return state.shownPlan(plan.abridged(), actor, false), err // who may ask sees what they ask for
}

// plan makes the plan of a draft for the request with this number, 0 for none yet.
func (s *Service) plan(ctx context.Context, actor Actor, state *ApprovedState, draft Draft, request int64) (Plan, error) {
	if draft.Change.Kind() == KindPolicy {
		return s.planPolicy(ctx, actor, state, draft, request)
	}
	tenancy, found := state.tenancyFor(draft.Tenant, draft.Change)
	if !found || !actor.mayAsk(tenancy, draft.Change) {
		// The person sees everything at once, and nothing of the tenancies that there are.
		refusal, err := s.noTenant(ctx, actor, state, draft.Tenant)
		if err != nil {
			return Plan{}, err
		}
		return Plan{}, refusal.with(draft.Change.checkAlone(state.Policy)).with(datesOf(draft.Change, state.Policy, s.Clock.Now()))
	}
	waits, waiting, err := state.awaited(ctx, s.Store, draft)
	if err != nil {
		return Plan{}, storeFault(err)
	}
	if waiting {
		state = state.assuming(waits)
	}
	plan, err := s.planner().Plan(ctx, state, Proposal{
		Request: request, Tenant: draft.Tenant, Change: draft.Change, RequestedBy: actor.ID, At: s.Clock.Now(),
	})
	if err != nil {
		return Plan{}, err
	}
	if waiting {
		plan.waitFor(waits.Coming)
	}
	if actor.Pipeline {
		plan.Findings = append(plan.Findings, byPipeline())
	}
	if len(plan.Others) == 0 { // the other tenant's people read the findings, too
		before, err := s.refusedBefore(ctx, actor, state, draft)
		if err != nil {
			return Plan{}, err
		}
		plan.Findings = append(plan.Findings, before...)
	}
	if err := s.tellOpen(ctx, state, draft, request, &plan); err != nil {
		return plan, err
	}
	if err := s.checkRivals(ctx, state, draft, request); err != nil {
		return plan, err
	}
	if err := s.checkUse(draft, plan); err != nil {
		return plan, err
	}
	return plan, s.checkLeaving(ctx, draft, plan)
}

// byPipeline is what reviewers of a pipeline's request should not overlook.
func byPipeline() Finding {
	return Finding{Severity: SeverityWarning, Label: "pipeline", Message: "A pipeline asks for this, and nobody can tell who runs it: whoever agrees may have asked for it themselves."}
}

// checkLeaving refuses a name whose namespace is still being removed.
func (s *Service) checkLeaving(ctx context.Context, draft Draft, plan Plan) error {
	left, found, err := leavingOf(ctx, s.Store, s.ArgoCD, plan)
	if err != nil {
		return storeFault(err)
	}
	if found {
		return invalidFields([]FieldProblem{left.refusal(draft)})
	}
	return nil
}

// with adds field problems.
func (p *Problem) with(fields []FieldProblem) *Problem {
	p.Fields = append(p.Fields, fields...)
	return p
}

// checkRivals refuses what another open request already asks for.
func (s *Service) checkRivals(ctx context.Context, state *ApprovedState, draft Draft, request int64) error {
	open, err := s.Store.Requests(ctx, RequestFilter{
		Tenants: []string{draft.Tenant}, Reaching: []string{draft.Tenant}, States: []State{StateDraft, StateInReview, StateApproved},
	})
	if err != nil {
		return storeFault(err)
	}
	for _, r := range open {
		counts := r.State != StateDraft && state.rivals(draft, r) || s.precedes(r, draft, request)
		if problem, found := draft.Change.rivals(r); found && r.ID != request && counts {
			return invalidFields([]FieldProblem{problem})
		}
	}
	return nil
}

// submitting is longer than it takes from a request's number to its review. What
// a fault left as a draft counts no longer than that.
const submitting = time.Minute

// precedes says whether somebody is just submitting a request for the tenant that
// came before this one: of two that are sent at once the first is taken.
func (s *Service) precedes(r Request, draft Draft, request int64) bool {
	return r.State == StateDraft && r.ID < request && r.Tenant == draft.Tenant && s.Clock.Now().Sub(r.CreatedAt) < submitting
}

// Submit stores the draft as a request and puts it into review. A draft that
// cannot be planned stores nothing; one that cannot be any more, because another
// came first at the same moment, is withdrawn.
func (s *Service) Submit(ctx context.Context, actor Actor, draft Draft) (Request, error) {
	state, err := s.state()
	if err != nil {
		return Request{}, err
	}
	hasty := *s
	hasty.Impact = nil // the plan that is stored asks the clusters
	if _, err := hasty.plan(ctx, actor, state, draft, 0); err != nil {
		return Request{}, err
	}
	if err := s.checkOpen(ctx, actor); err != nil {
		return Request{}, err
	}
	now := s.Clock.Now().UTC()
	// The grants in the plan name the request, so it needs its number first.
	drafted := Event{Type: EventDrafted, At: now, By: actor.Person, To: StateDraft}
	request, err := s.Store.CreateRequest(ctx, Request{
		Kind: draft.Change.Kind(), Tenant: draft.Tenant, Change: draft.Change, State: StateDraft,
		RequestedBy: actor.Person, CreatedAt: now, UpdatedAt: now,
	}, []Event{drafted})
	if err != nil {
		return Request{}, storeFault(err)
	}
	submitted, err := s.submit(ctx, actor, state, request, draft)
	if err != nil {
		return Request{}, s.retracted(ctx, actor, request, err)
	}
	return submitted, nil
}

// retracted takes a request back that could not be put into review once it had its
// number, such as the second of two that were sent at once. It gives the cause.
func (s *Service) retracted(ctx context.Context, actor Actor, request Request, cause error) error {
	reason := "It was never put into review."
	if problem, refused := AsProblem(cause); refused && len(problem.Fields) > 0 {
		reason += " " + problem.Fields[0].Message
	}
	// Whoever asked may have gone by now; what they left does not stay.
	if _, err := s.apply(context.WithoutCancel(ctx), request, actor, WithdrawCommand{Reason: reason}); err != nil {
		s.Log.ErrorContext(ctx, "take a request back that could not be submitted", "request", request.ID, "error", err)
	}
	return cause
}

// maxOpen is how many open requests one person may have.
const maxOpen = 100

// checkOpen refuses more open requests than anybody could keep in view.
func (s *Service) checkOpen(ctx context.Context, actor Actor) error {
	open, err := s.Store.Requests(ctx, RequestFilter{
		RequestedBy: actor.ID, States: []State{StateDraft, StateInReview, StateChangesRequested, StateApproved}, Limit: maxOpen,
	})
	if err != nil {
		return storeFault(err)
	}
	if len(open) >= maxOpen {
		return Refuse(Conflict, fmt.Sprintf("You have %d open requests, which is the most that one person can have. Nothing was stored. Withdraw those you no longer need, or wait until some are decided.", maxOpen))
	}
	return nil
}

// Resubmit puts an edited request back into review. Every vote so far is void.
func (s *Service) Resubmit(ctx context.Context, actor Actor, id int64, draft Draft) (Request, error) {
	request, state, err := s.load(ctx, actor, id)
	if err != nil {
		return Request{}, err
	}
	if actor.ID != request.RequestedBy.ID {
		return Request{}, onlyRequester("submit")
	}
	if kind := draft.Change.Kind(); kind != request.Kind {
		return Request{}, Refuse(Invalid, fmt.Sprintf("This request is of kind %s and stays so. Make a new request for a %s.", request.Kind, kind))
	}
	if draft.Tenant != request.Tenant {
		return Request{}, invalidFields([]FieldProblem{{Field: "tenant", Message: fmt.Sprintf(
			"This request is for %s and stays with it. Make a new request for another tenant.", request.Tenant)}})
	}
	if draft.Version != 0 && draft.Version != request.Version {
		return Request{}, Refuse(Conflict, fmt.Sprintf("What was sent edits version %d of this request, which has version %d by now. Nothing was stored; look at it again.", draft.Version, request.Version))
	}
	return s.submit(ctx, actor, state, request, draft)
}

func (s *Service) submit(ctx context.Context, actor Actor, state *ApprovedState, request Request, draft Draft) (Request, error) {
	plan, err := s.plan(ctx, actor, state, draft, request.ID)
	if err != nil {
		return Request{}, err
	}
	return s.applyShown(ctx, state, request, actor, SubmitCommand{Change: draft.Change, Plan: plan})
}

// Withdraw takes a request of the actor's back.
func (s *Service) Withdraw(ctx context.Context, actor Actor, id int64, reason string) (Request, error) {
	request, state, err := s.load(ctx, actor, id)
	if err != nil {
		return Request{}, err
	}
	if message := checkText(reason, maxReason, true); message != "" {
		return Request{}, invalidFields([]FieldProblem{{Field: "reason", Message: message}})
	}
	return s.applyShown(ctx, state, request, actor, WithdrawCommand{Reason: reason})
}
