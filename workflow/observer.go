package workflow

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// Observer follows what was committed until it is live, and what is live until
// it ends. It decides from what Argo CD says and from the approved state, and
// remembers nothing that matters: after a restart it comes to the same. Several
// may run; each change is recorded once.
type Observer struct {
	Store      Store         // required
	Repository Repository    // required
	ArgoCD     ArgoCD        // nil where nobody watches Argo CD: then requests stay committed until they end
	Clock      Clock         // required
	Log        *slog.Logger  // required
	Poll       time.Duration // how often it looks without being woken; required
	// Patience is how long the same trouble must last before a request counts
	// as failed. Argo CD and the admission webhooks learn of a commit some
	// seconds apart, and a refusal in between heals by itself. Required.
	Patience time.Duration

	bell    bell
	judged  *ApprovedState    // the approved state at the last look
	again   map[int64]bool    // requests that could not be judged or stored then
	trouble map[int64]trouble // by request; only of those that are in trouble
}

// trouble is what a request was last seen to wait for, and since when.
type trouble struct {
	problem string
	since   time.Time
}

// Wake makes the observer look now. It never blocks.
func (o *Observer) Wake() { o.bell.ring() }

// Run observes until the context ends.
func (o *Observer) Run(ctx context.Context) {
	ticker := time.NewTicker(o.Poll)
	defer ticker.Stop()
	for {
		if err := o.ObserveAll(ctx); err != nil && ctx.Err() == nil {
			o.Log.ErrorContext(ctx, "look for what became live", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-o.bell.rung():
		}
	}
}

// ObserveAll looks once at every request that may change, the oldest first. One
// that cannot be stored does not hold up the others.
func (o *Observer) ObserveAll(ctx context.Context) error {
	state, err := o.Repository.State()
	if errors.Is(err, ErrNoState) {
		return nil // whatever was committed cannot be judged yet
	}
	if err != nil {
		return err
	}
	requests, err := o.due(ctx, state)
	if err != nil {
		return err
	}
	o.forget(requests)
	var failed error
	again := map[int64]bool{}
	for _, r := range requests {
		err := o.observe(ctx, state, r)
		if err != nil {
			again[r.ID] = true
		}
		switch {
		case errors.Is(err, ErrVersion):
			o.Wake() // another replica was a moment faster
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("request %d: %w", r.ID, err))
		}
	}
	o.judged, o.again = state, again
	return failed
}

// forget drops the trouble of requests that nobody waits for any more: another
// replica may have recorded what became of them.
func (o *Observer) forget(due []Request) {
	maps.DeleteFunc(o.trouble, func(id int64, _ trouble) bool {
		return !slices.ContainsFunc(due, func(r Request) bool { return r.ID == id })
	})
}

// due lists what may have changed since the last look, the oldest first: what
// is on its way to a cluster or out of it, where anybody watches, whatever can
// end of the tenants whose approved state has changed, and what could not be
// stored then.
func (o *Observer) due(ctx context.Context, state *ApprovedState) ([]Request, error) {
	var filters []RequestFilter
	ending := []State{StateActive}
	if o.ArgoCD != nil {
		filters = append(filters, RequestFilter{States: []State{StateCommitted, StateFailed}}, RequestFilter{Lingering: true})
	} else {
		ending = append(ending, StateCommitted, StateFailed)
		// An exemption is no object: it holds, and goes, as soon as a commit is verified.
		filters = append(filters,
			RequestFilter{States: []State{StateCommitted}, Kinds: []Kind{KindExemption, KindRemoval, KindPolicy, KindTenant}}, RequestFilter{Lingering: true, Kinds: []Kind{KindExemption}})
	}
	if o.judged != nil && !bytes.Equal(o.judged.PolicyDocument, state.PolicyDocument) {
		filters = append(filters, RequestFilter{States: ending, Kinds: []Kind{KindPolicy}})
	}
	if o.judged == nil {
		filters = append(filters, RequestFilter{States: ending})
	} else if tenants := state.changedSince(o.judged); len(tenants) > 0 {
		filters = append(filters, RequestFilter{States: ending, Tenants: tenants})
	}
	var due []Request
	for _, filter := range filters {
		requests, err := o.Store.Requests(ctx, filter)
		if err != nil {
			return nil, err
		}
		due = append(due, requests...)
	}
	for id := range o.again {
		r, err := o.Store.Request(ctx, id)
		if err != nil {
			return nil, err
		}
		listed := slices.ContainsFunc(due, func(other Request) bool { return other.ID == id })
		if !listed && slices.Contains(EndedCommand{}.from(), r.State) {
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b Request) int { return cmp.Compare(a.ID, b.ID) })
	return due, nil
}

// changedSince names the tenants whose tenancy is not what it was.
func (s *ApprovedState) changedSince(before *ApprovedState) []string {
	if s == before {
		return nil
	}
	names := maps.Clone(before.Tenancies)
	maps.Copy(names, s.Tenancies)
	var changed []string
	for name := range names {
		if len(Edits(before.Tenancies[name], s.Tenancies[name])) > 0 {
			changed = append(changed, name)
		}
	}
	return changed
}

// observe takes one request as far as it has come.
func (o *Observer) observe(ctx context.Context, state *ApprovedState, r Request) error {
	command, err := o.next(ctx, state, r)
	if err != nil || command == nil {
		return err
	}
	next, events, err := Decide(r, Actor{}, command, o.Clock.Now())
	if err != nil {
		return err
	}
	stored, err := o.Store.UpdateRequest(ctx, next, events)
	if err != nil {
		return err
	}
	delete(o.trouble, r.ID)
	for _, event := range events {
		o.Log.InfoContext(ctx, "request "+string(event.Type), "request", stored.ID, "tenant", stored.Tenant, "state", stored.State, "revision", event.Commit, "reason", event.Detail)
	}
	return nil
}

// next gives the command that takes the request on; nil when nothing changes.
func (o *Observer) next(ctx context.Context, state *ApprovedState, r Request) (Command, error) {
	if r.State == StateEnded {
		return r.gone(o.ArgoCD, o.Repository.Includes), nil
	}
	if ended, err := o.end(ctx, state, r); err != nil || ended != nil {
		return ended, err
	}
	if r.State == StateActive {
		return nil, nil
	}
	r = r.waitedFor(state)
	arrivals := r.arrivals(o.ArgoCD, o.Repository.Includes)
	last, arrived := Furthest(arrivals)
	if !arrived && len(r.Plan.places()) == 0 && o.Repository.Includes(state.Commit, r.Commit) {
		return ActiveCommand{Revision: state.Commit}, nil // no object changes: what is approved is what holds
	}
	if arrived && last.Stage == ArrivalDone {
		return ActiveCommand{Revision: cmp.Or(last.Revision, r.Commit)}, nil // what left a cluster was compared with nothing
	}
	problem := last.Trouble()
	if problem == "" || (r.State == StateFailed && r.Reason == problem) {
		if last.Stage != ArrivalUnknown { // that says nothing of whether the trouble is over
			delete(o.trouble, r.ID)
		}
		return nil, nil
	}
	if !o.lasts(r.ID, problem) {
		return nil, nil
	}
	return FailedCommand{Problem: problem, Revision: last.Revision}, nil
}

// lasts says whether the request has been in the same trouble for long enough.
func (o *Observer) lasts(id int64, problem string) bool {
	now := o.Clock.Now()
	if o.trouble[id].problem != problem {
		if o.trouble == nil {
			o.trouble = map[int64]trouble{}
		}
		o.trouble[id] = trouble{problem: problem, since: now}
	}
	return now.Sub(o.trouble[id].since) >= o.Patience
}

// end gives the command that ends a request of which the approved state, which
// includes its commit, has nothing any more: what it gave was taken away, or
// what it took away was given again. Nil while it holds.
func (o *Observer) end(ctx context.Context, state *ApprovedState, r Request) (Command, error) {
	if !o.Repository.Includes(state.Commit, r.Commit) {
		return nil, nil
	}
	if commit, found := o.Repository.Ended(r.ID); found && o.Repository.Includes(state.Commit, commit) {
		until, opened := r.Plan.until(r.ID)
		// A number that was given anew after a database was lost is another request's.
		if opened && o.Repository.Includes(commit, r.Commit) {
			return EndedCommand{Reason: endCame(until), Commit: commit}, nil
		}
	}
	if r.Kind == KindPolicy {
		return o.replaced(ctx, state, r)
	}
	if ended := r.outlived(state); ended != nil {
		return ended, nil
	}
	tenancy := state.Tenancies[r.Tenant]
	for _, n := range r.Plan.removed() {
		if again, found := tenancy.Namespace(n.Cluster, n.Name); found {
			return EndedCommand{Reason: fmt.Sprintf("%s was given again by request %d.", n.Name, again.Request)}, nil
		}
	}
	if over := r.settledOtherwise(tenancy); over != "" {
		return EndedCommand{Reason: over}, nil
	}
	if !r.Plan.After.gaveBy(r.ID) || tenancy.gaveBy(r.ID) {
		return nil, nil
	}
	filter := RequestFilter{States: []State{StateApproved, StateCommitted, StateFailed, StateActive}}
	if len(r.Plan.Others) == 0 {
		filter.Tenants = []string{r.Tenant} // nobody else can have taken it away
	}
	later, err := o.Store.Requests(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("look for what took it away: %w", err)
	}
	for _, other := range later { // the newest first; one whose commit is not recorded yet is still approved
		if other.Plan.takes(r.ID) {
			how := "Removed"
			if other.Kind == r.Kind {
				how = "Replaced"
			}
			return EndedCommand{Reason: fmt.Sprintf("%s by request %d.", how, other.ID)}, nil
		}
	}
	return EndedCommand{Reason: "It is no longer part of what is approved."}, nil
}

// gaveBy says whether the tenancy holds anything that the request gave.
func (t Tenancy) gaveBy(request int64) bool {
	gave := t.Request == request || slices.ContainsFunc(t.Namespaces, func(n Namespace) bool { return n.Request == request || n.Quota.Request == request })
	t.terms(func(_ Kind, by int64, _ time.Time) { gave = gave || by == request })
	return gave
}
