package workflow

import (
	"cmp"
	"slices"
	"time"
)

// Arrival is how far Argo CD has come with a request on one cluster.
type Arrival struct {
	Stage       ArrivalStage
	Cluster     string
	Tenant      string    // whose Application it is: the tenant's own, or the other one that the request reaches
	Application string    // Argo CD's, which brings it there
	Revision    string    // what Argo CD last compared the cluster with
	Earlier     bool      // Revision is known to come before the request's commit
	Foreign     bool      // Revision is a commit, and none of the verified history
	Ready       int       // objects of the request that are as approved; for a removal, none are
	Total       int       // objects of the request that Argo CD knows; for a removal, those that are left
	Object      string    // what the trouble is about, where Argo CD names one object
	Message     string    // Argo CD's words for the trouble or for why it does not come to the commit, or why nothing is known
	Retries     int64     // how often Argo CD tried again
	At          time.Time // when Argo CD last compared
	Away        bool      // all this may be old: Argo CD's cluster does not answer
}

// ArrivalStage says what a request waits for on its way to a cluster.
type ArrivalStage string

// The stages, those furthest from the cluster first.
const (
	ArrivalTrouble   ArrivalStage = "trouble"   // Argo CD cannot bring it there as it stands
	ArrivalUnwatched ArrivalStage = "unwatched" // Tenure was not told where Argo CD runs
	ArrivalUnknown   ArrivalStage = "unknown"   // Argo CD says nothing of the tenant there
	ArrivalBehind    ArrivalStage = "behind"    // Argo CD has not come to the commit
	ArrivalUnderWay  ArrivalStage = "under-way" // Argo CD has the commit, and is not done
	ArrivalDone      ArrivalStage = "done"
)

// Trouble is what keeps the request from the cluster, the object first; empty
// when nothing does.
func (a Arrival) Trouble() string {
	switch {
	case a.Stage != ArrivalTrouble:
		return ""
	case a.Object == "":
		return a.Message
	}
	return a.Object + ": " + a.Message
}

// arrivals says how far a committed request has come on each cluster that it
// changes. A nil argocd means that nobody watches.
func (r Request) arrivals(argocd ArgoCD, includes func(revision, commit string) bool) []Arrival {
	if r.Commit == "" {
		return nil
	}
	var arrivals []Arrival
	for _, place := range r.Plan.places() {
		if argocd == nil {
			arrivals = append(arrivals, Arrival{Stage: ArrivalUnwatched, Tenant: place.tenant, Cluster: place.cluster})
			continue
		}
		arrival := place.arrival(argocd.Sync(place.tenant, place.cluster), r.Commit, includes)
		if place.tenant != r.Tenant && r.Kind != KindPolicy { // who sees a policy sees everything
			arrival = place.withheld(arrival) // it is stored as the request's reason, too
		}
		arrivals = append(arrivals, arrival)
	}
	return arrivals
}

// arrival holds what Argo CD says against the commit. It is pure.
func (p place) arrival(status SyncStatus, commit string, includes func(revision, commit string) bool) Arrival {
	a := Arrival{Stage: ArrivalUnknown, Tenant: p.tenant, Cluster: p.cluster, Application: status.Application, Message: status.Why, Away: status.Away}
	if !status.Known {
		if p.leaves && status.Absent {
			a.Stage, a.Message = ArrivalDone, ""
		}
		return a
	}
	a.Revision, a.At = status.Revision, status.ComparedAt
	a.Message, a.Retries = "", status.Operation.Retries
	compared := includes(status.Revision, commit)
	applied := includes(status.Operation.Revision, commit)
	left := p.count(&a, status.Objects)
	switch {
	case p.leaves:
		a.Stage = ArrivalUnderWay // its folder may be gone already: what Argo CD says of that is no trouble
		for _, condition := range status.Conditions {
			if condition.Type == DeletionErrorReason {
				a.Stage, a.Message = ArrivalTrouble, condition.String()
			}
		}
	case compared && left == 0 && status.Sync != SyncUnknown && !(applied && status.Operation.underWay()):
		a.Stage = ArrivalDone
	case p.trouble(&a, status, compared, applied):
		a.Stage = ArrivalTrouble
	case compared:
		a.Stage = ArrivalUnderWay
	default:
		a.Stage, a.Earlier, a.Message = ArrivalBehind, includes(commit, status.Revision), status.passing()
		a.Foreign = isCommit(status.Revision) && !includes(status.Revision, status.Revision)
	}
	return a
}

// trouble finds what keeps the request from the cluster: a sync of its commit
// that did not go through, a condition under which Argo CD does nothing, or an
// object that is there and not well. Of several objects, the request's own are
// named first.
func (p place) trouble(a *Arrival, status SyncStatus, compared, applied bool) bool {
	if applied && status.Operation.failing() {
		a.Message = status.Operation.Message
		failures := status.Operation.Failures
		i := max(slices.IndexFunc(failures, p.concerns), 0)
		if len(failures) > 0 {
			a.Object, a.Message = failures[i].String(), cmp.Or(failures[i].Message, a.Message)
		}
		return true
	}
	for _, condition := range status.Conditions {
		if condition.Type == SyncErrorReason && !compared {
			continue // it is about a revision before the commit
		}
		if condition.passing() && !compared && !applied {
			continue // it says nothing of the commit
		}
		a.Message = condition.String()
		return true
	}
	for _, object := range status.Objects {
		if compared && object.Health == HealthDegraded && p.concerns(object) {
			a.Object, a.Message = object.String(), cmp.Or(object.Message, object.Health)
			return true
		}
	}
	return false
}

// underWay says whether the first try of a sync is not over yet. One that is
// retried has shown what it brings: the objects tell.
func (o SyncOperation) underWay() bool {
	return (o.Phase == SyncRunning && o.Retries == 0) || o.Phase == SyncTerminating
}

// failing says whether the sync did not go through. Argo CD retries without
// end, so a sync in trouble is mostly still Running.
func (o SyncOperation) failing() bool {
	switch o.Phase {
	case SyncFailed, SyncError:
		return true
	case SyncRunning:
		return o.Retries > 0 && (o.Message != "" || len(o.Failures) > 0)
	}
	return false
}

// Furthest is the arrival on the cluster that a request has furthest to go to:
// one in trouble before all others. False when it changes no cluster.
func Furthest(arrivals []Arrival) (Arrival, bool) {
	if len(arrivals) == 0 {
		return Arrival{}, false
	}
	order := []ArrivalStage{ArrivalTrouble, ArrivalUnwatched, ArrivalUnknown, ArrivalBehind, ArrivalUnderWay, ArrivalDone}
	return slices.MinFunc(arrivals, func(a, b Arrival) int {
		return cmp.Compare(slices.Index(order, a.Stage), slices.Index(order, b.Stage))
	}), true
}

// Trouble is what keeps the Application as a whole from its cluster, the object
// first where Argo CD names one; empty when nothing does.
func (s SyncStatus) Trouble() string {
	if !s.Known {
		return s.Why
	}
	var a Arrival
	if !(place{}).trouble(&a, s, true, true) {
		return ""
	}
	a.Stage = ArrivalTrouble
	return a.Trouble()
}
