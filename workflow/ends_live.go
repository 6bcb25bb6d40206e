package workflow

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// ExpiredLive is a grant whose time came, or one end of it, that is not known to
// be gone from its cluster: an alarm until it is.
type ExpiredLive struct {
	Request   int64
	Kind      Kind   // of the request
	Tenant    string // whose namespace it is
	Cluster   string
	Namespace string
	Since     time.Time // its end
	Commit    string    // the commit that took it out of the approved state; empty while it is still in it
	Says      string    // what Argo CD says of it, or why the approved state still has it; a sentence
}

// lastPlaces lists where what the request opened may still be.
func (r Request) lastPlaces() []place {
	gone := r.Plan
	end := ending{grants: []int64{r.ID}}
	gone.After = end.from(r.Plan.After)
	gone.Before, gone.Others = r.Plan.After, nil
	for _, side := range r.Plan.Others {
		gone.Others = append(gone.Others, OtherSide{Before: side.After, After: end.from(side.After)})
	}
	places := gone.places()
	for i, p := range places {
		// What the end changes stays with its namespace, which may go after the end.
		places[i].eased, places[i].opened = p.opened, nil
	}
	return places
}

// gone gives the command for a request that ended once Argo CD has nothing of
// it left anywhere; nil before.
func (r Request) gone(argocd ArgoCD, includes func(revision, commit string) bool) Command {
	places := r.lastPlaces()
	if !r.Lingers || argocd == nil && len(places) > 0 {
		return nil
	}
	revision := r.EndCommit // where no cluster has anything of it, that is all there is
	for _, place := range places {
		arrival := place.arrival(argocd.Sync(place.tenant, place.cluster), r.EndCommit, includes)
		if arrival.Stage != ArrivalDone {
			return nil
		}
		revision = arrival.Revision
	}
	return GoneCommand{Revision: revision}
}

// live lists the ends of a request that lingers, as Argo CD has them now.
func (r Request) live(argocd ArgoCD, includes func(revision, commit string) bool) []ExpiredLive {
	until, _ := r.Plan.until(r.ID)
	var live []ExpiredLive
	for _, place := range r.lastPlaces() {
		status := argocd.Sync(place.tenant, place.cluster)
		arrival := place.arrival(status, r.EndCommit, includes)
		if arrival.Stage == ArrivalDone {
			continue
		}
		for _, object := range slices.Concat(place.closed, place.eased) {
			compared := includes(status.Revision, r.EndCommit) && status.Sync != SyncUnknown
			if compared && !place.leftOver(object, status.Objects) {
				continue // this end is gone, the other one is not
			}
			live = append(live, ExpiredLive{
				Request: r.ID, Kind: r.Kind, Tenant: place.tenant, Cluster: place.cluster, Namespace: object.namespace,
				Since: until, Commit: r.EndCommit, Says: arrival.leaving(),
			})
		}
	}
	return live
}

// leftOver says whether an object is still as it was before the end: there
// although it must be gone, or not yet as it must be from now on. Where nothing
// is left of its namespace, it went with that.
func (p place) leftOver(object rendered, objects []SyncedObject) bool {
	i := slices.IndexFunc(objects, object.is)
	if slices.Contains(p.closed, object) {
		return i >= 0
	}
	if i < 0 {
		return slices.ContainsFunc(objects, func(o SyncedObject) bool { return o.in(object.namespace) })
	}
	return !objects[i].ready()
}

// leaving says what an end waits for on its way out of a cluster.
func (a Arrival) leaving() string {
	away := ""
	if a.Away {
		away = " Argo CD's cluster does not answer, so this may be old."
	}
	switch a.Stage {
	case ArrivalTrouble:
		return a.Trouble() + away
	case ArrivalUnknown:
		return cmp.Or(a.Message, "Argo CD says nothing of it.") + away
	case ArrivalBehind:
		return cmp.Or(a.Message, "Argo CD has not come to the commit of its end.") + away
	}
	return "Argo CD has the commit of its end, and has not yet removed it." + away
}

// overdue lists the ends that the approved state still has although their time
// came: the commit of their end is on its way, or cannot be made.
func (s *ApprovedState) overdue(now time.Time, problem string) []ExpiredLive {
	var live []ExpiredLive
	for _, tenancy := range s.tenancies(func(Tenancy) bool { return true }) {
		over := false
		tenancy.terms(func(_ Kind, _ int64, until time.Time) { over = over || lastTerm{until: until}.over(now) })
		if !over {
			continue
		}
		for _, g := range tenancy.Grants() {
			if g.Expired(now) {
				live = append(live, ExpiredLive{
					Request: g.Request, Kind: g.Kind, Tenant: tenancy.Name, Cluster: g.Cluster, Namespace: g.Namespace, Since: g.Until,
					Says: cmp.Or(problem, "The commit of its end is about to be made."),
				})
			}
		}
	}
	return live
}

// expiredLive lists what is still live although its end came, the longest
// first. Where nobody watches Argo CD nothing is known of what was taken out of
// the approved state.
func (s *Service) expiredLive(ctx context.Context, problem string) ([]ExpiredLive, error) {
	var live []ExpiredLive
	if state, err := s.Repository.State(); err == nil {
		live = state.overdue(s.Clock.Now(), problem)
	}
	if s.ArgoCD != nil {
		lingering, err := s.Store.Requests(ctx, RequestFilter{Lingering: true})
		if err != nil {
			return live, err
		}
		for _, r := range lingering {
			live = append(live, r.live(s.ArgoCD, s.Repository.Includes)...)
		}
	}
	slices.SortStableFunc(live, func(a, b ExpiredLive) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Request, b.Request))
	})
	return live, nil
}
