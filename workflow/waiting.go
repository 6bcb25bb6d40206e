package workflow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Something can be asked for a namespace that is itself still asked for: a
// quota, access, an exception. Its plan is made as if the namespace were
// approved as its request asks for it, and it is committed after that. Votes hold
// when the namespace comes as it was asked for then, and not otherwise.

// placed is a Change that is about one namespace of the tenant.
type placed interface {
	place() (cluster, namespace string)
}

func (c QuotaChange) place() (cluster, namespace string)     { return c.Cluster, c.Namespace }
func (c AccessChange) place() (cluster, namespace string)    { return c.Cluster, c.Namespace }
func (c ExemptionChange) place() (cluster, namespace string) { return c.Cluster, c.Namespace }
func (c NetworkChange) place() (cluster, namespace string)   { return c.Cluster, c.Namespace }

// Coming is a namespace that a request in review asks for, or that is approved
// and not committed yet.
type Coming struct {
	Tenant    string
	Namespace Namespace
	Request   int64
}

// comingStates are those in which a request's namespace may still come.
var comingStates = []State{StateInReview, StateChangesRequested, StateApproved, StateCommitted}

// coming lists the namespaces that requests of these tenants ask for and that
// the state does not have, the newest request first.
func (s *ApprovedState) coming(ctx context.Context, store Store, tenants []string) ([]Coming, error) {
	requests, err := store.Requests(ctx, RequestFilter{Tenants: tenants, Kinds: []Kind{KindNamespace}, States: []State{StateInReview, StateApproved}})
	if err != nil {
		return nil, err
	}
	var list []Coming
	for _, r := range requests {
		if s.current(r) {
			list = append(list, s.comes(r)...)
		}
	}
	return list, nil
}

// comes lists what a request asks for that the state does not have.
func (s *ApprovedState) comes(r Request) []Coming {
	var list []Coming
	for _, n := range r.Plan.added() {
		if _, there := s.Tenancies[r.Tenant].Namespace(n.Cluster, n.Name); !there {
			list = append(list, Coming{Tenant: r.Tenant, Namespace: n, Request: r.ID})
		}
	}
	return list
}

// awaitedPlace is a namespace that is still asked for, with all that its request
// brings: they come together.
type awaitedPlace struct {
	Coming

	together []Coming
}

// assuming gives the state as if what a request asks for were approved.
func (s *ApprovedState) assuming(c awaitedPlace) *ApprovedState {
	tenancy := s.Tenancies[c.Tenant]
	tenancy.Namespaces = slices.Clone(tenancy.Namespaces)
	for _, coming := range c.together {
		tenancy.Namespaces = append(tenancy.Namespaces, coming.Namespace)
	}
	slices.SortFunc(tenancy.Namespaces, Namespace.compare)
	assumed := *s
	assumed.Tenancies = maps.Clone(s.Tenancies)
	assumed.Tenancies[c.Tenant] = tenancy
	return &assumed
}

// awaited finds the namespace that a draft is about among those that are still
// asked for; false where it is approved, or nobody asks for it.
func (s *ApprovedState) awaited(ctx context.Context, store Store, draft Draft) (awaitedPlace, bool, error) {
	change, about := draft.Change.(placed)
	if !about {
		return awaitedPlace{}, false, nil
	}
	cluster, name := change.place()
	if _, there := s.Tenancies[draft.Tenant].Namespace(cluster, name); there || name == "" {
		return awaitedPlace{}, false, nil
	}
	list, err := s.coming(ctx, store, []string{draft.Tenant})
	if err != nil {
		return awaitedPlace{}, false, err
	}
	place, found := placeAmong(list, cluster, name)
	return place, found, nil
}

// placeAmong finds a namespace among those that are asked for, with what comes
// together with it.
func placeAmong(list []Coming, cluster, name string) (awaitedPlace, bool) {
	i := slices.IndexFunc(list, func(c Coming) bool { return c.Namespace.Cluster == cluster && c.Namespace.Name == name })
	if i < 0 {
		return awaitedPlace{}, false
	}
	together := slices.DeleteFunc(slices.Clone(list), func(c Coming) bool { return c.Request != list[i].Request })
	return awaitedPlace{list[i], together}, true
}

// waitFor says in the plan what it waits for.
func (p *Plan) waitFor(c Coming) {
	p.WaitsFor = c.Request
	p.Summary = append(p.Summary, fmt.Sprintf("Waits for request %d, which asks for the namespace: it is committed after that, and goes back if that comes to nothing.", c.Request))
	p.Findings = append(p.Findings, Finding{Severity: SeverityInfo, Label: "waits", Message: fmt.Sprintf(
		"%s is not approved yet: request %d asks for it.", c.Namespace.Name, c.Request), Href: fmt.Sprintf("/requests/%d", c.Request)})
}

// waiting is what a request waits for before it can be committed.
type waiting struct {
	awaitedPlace

	earlier Request // asks for the namespace
}

// wait is why a publication is put off.
func (w waiting) wait() *Problem {
	return Refuse(Conflict, fmt.Sprintf("It waits for request %d, which asks for the namespace %q and is %s. It is committed after that.", w.earlier.ID, w.Namespace.Name, w.earlier.State)).Because(errWaits)
}

// errWaits is why a publication is put off although nothing is wrong.
var errWaits = errors.New("it waits for another request")

// replanWaiting is replan for a request that may wait for the namespace that it
// is about. What it waits for is given where the namespace has not come yet.
func (p Planner) replanWaiting(ctx context.Context, store Store, state *ApprovedState, r Request) (Plan, *waiting, *StaleCommand, error) {
	wait, stale, err := r.waits(ctx, store, state)
	if err != nil || stale != nil {
		return Plan{}, nil, stale, err
	}
	if wait == nil {
		plan, stale, err := p.replan(ctx, state, r)
		if n, there := r.awaitedIn(state); err == nil && stale == nil && there && r.assumedOtherwise(n) {
			stale = r.otherNamespace(&plan, n)
		}
		return plan, nil, stale, err
	}
	plan, stale, err := p.replan(ctx, state.assuming(wait.awaitedPlace), r)
	if err == nil && stale == nil && r.assumedOtherwise(wait.Namespace) {
		stale = r.otherNamespace(&plan, wait.Namespace)
	}
	if stale != nil && stale.Plan != nil {
		stale.Plan.waitFor(wait.Coming)
	}
	return plan, wait, stale, err
}

// assumedOtherwise says whether the request was planned for another namespace of
// the name: the votes are on what was said of it, its level and its environment.
func (r Request) assumedOtherwise(n Namespace) bool {
	before, found := r.Plan.Before.Namespace(n.Cluster, n.Name)
	return !found || before.itself() != n.itself()
}

// itself is what a namespace was given as when it was given.
func (n Namespace) itself() string {
	n = n.ordered()
	n.Network, n.Exemptions, n.Quota = nil, nil, Quota{}
	n.Access = without(n.Access, func(a Access) bool { return a.Request != n.Request })
	slices.SortFunc(n.Access, Access.compare)
	return encode(n)
}

// otherNamespace sends a request back whose namespace is not the one that it was
// planned for.
func (r Request) otherNamespace(plan *Plan, n Namespace) *StaleCommand {
	return &StaleCommand{Plan: plan, Reason: fmt.Sprintf(
		"Request %d asks for another namespace %q now than when this was planned. All votes are void; the new plan needs to be reviewed.", r.Plan.WaitsFor, n.Name)}
}

// awaitedIn finds the namespace that a request waited for, once it is there.
func (r Request) awaitedIn(state *ApprovedState) (Namespace, bool) {
	change, about := r.Change.(placed)
	if r.Plan.WaitsFor == 0 || !about {
		return Namespace{}, false
	}
	cluster, name := change.place()
	return state.Tenancies[r.Tenant].Namespace(cluster, name)
}

// waits says what a request waits for; nil where the namespace is there or was
// never waited for. It is sent back where what it waits for comes to nothing.
func (r Request) waits(ctx context.Context, store Store, state *ApprovedState) (*waiting, *StaleCommand, error) {
	change, about := r.Change.(placed)
	if r.Plan.WaitsFor == 0 || !about {
		return nil, nil, nil
	}
	cluster, name := change.place()
	if _, there := state.Tenancies[r.Tenant].Namespace(cluster, name); there {
		return nil, nil, nil
	}
	earlier, err := store.Request(ctx, r.Plan.WaitsFor)
	if err != nil && !errors.Is(err, ErrNoRequest) {
		return nil, nil, fmt.Errorf("look for what it waits for: %w", err)
	}
	if err == nil && slices.Contains(comingStates, earlier.State) {
		if place, found := placeAmong(state.comes(earlier), cluster, name); found {
			return &waiting{place, earlier}, nil, nil
		}
	}
	became := "no longer asks for it"
	if err == nil && !slices.Contains(comingStates, earlier.State) {
		became = "is " + string(earlier.State)
	}
	return nil, &StaleCommand{Reason: fmt.Sprintf("It waited for the namespace %q, and request %d %s.", name, r.Plan.WaitsFor, became)}, nil
}

// Places lists the tenants with the namespaces that they have and those that they
// have asked for: what can be asked for is for either.
func (c Choices) Places() []Tenancy {
	places := slices.Clone(c.Tenants)
	for i, tenancy := range places {
		for _, coming := range c.Coming {
			if coming.Tenant == tenancy.Name {
				places[i].Namespaces = append(slices.Clone(places[i].Namespaces), coming.Namespace)
			}
		}
	}
	return places
}

// Awaited is the request that asks for a namespace which is not there yet; false
// for one that is there.
func (c Choices) Awaited(cluster, namespace string) (request int64, waits bool) {
	i := slices.IndexFunc(c.Coming, func(coming Coming) bool {
		return coming.Namespace.Cluster == cluster && coming.Namespace.Name == namespace
	})
	if i < 0 {
		return 0, false
	}
	return c.Coming[i].Request, true
}
