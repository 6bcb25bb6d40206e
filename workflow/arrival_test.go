package workflow_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// argocd is an Argo CD whose words a test chooses.
type argocd struct {
	mu    sync.Mutex
	words map[string]workflow.SyncStatus // by tenant and cluster
}

func (a *argocd) Sync(tenant, cluster string) workflow.SyncStatus {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.words[tenant+" "+cluster]
}

func (a *argocd) Health() workflow.ArgoCDHealth { return workflow.ArgoCDHealth{Watched: true} }

// says has Argo CD say something of what payments has on weu-1.
func (a *argocd) says(status workflow.SyncStatus) {
	a.mu.Lock()
	defer a.mu.Unlock()
	status.Known, status.Application = true, "tenure-payments-weu-1"
	a.words = map[string]workflow.SyncStatus{"payments weu-1": status}
}

// apiIs are the objects of payments-api-dev and of a neighbour, of which the
// first is as the test says, and the neighbour's are Synced.
func apiIs(sync string) []workflow.SyncedObject {
	return []workflow.SyncedObject{
		{Kind: "Namespace", Name: "payments-api-dev", Sync: "Synced"},
		{Kind: "ResourceQuota", Namespace: "payments-api-dev", Name: "tenure", Sync: sync},
		{Kind: "Namespace", Name: "payments-web-dev", Sync: "Synced"},
		{Kind: "ResourceQuota", Namespace: "payments-web-dev", Name: "tenure", Sync: "Synced"},
	}
}

// synced is what Argo CD says when all is well at a revision.
func synced(revision string) workflow.SyncStatus {
	return workflow.SyncStatus{
		Sync: "Synced", Revision: revision, Objects: apiIs("Synced"),
		Operation: workflow.SyncOperation{Phase: workflow.SyncSucceeded, Revision: revision, Message: "successfully synced (all tasks run)"},
	}
}

// refusing is what Argo CD says while it tries again to sync a revision of
// which an object is refused.
func refusing(revision, namespace, message string) workflow.SyncStatus {
	return workflow.SyncStatus{
		Sync: "OutOfSync", Revision: revision, Objects: apiIs("OutOfSync"),
		Operation: workflow.SyncOperation{
			Phase: workflow.SyncRunning, Revision: revision, Retries: 2, Message: "one or more objects failed to apply",
			Failures: []workflow.SyncedObject{{Kind: "ResourceQuota", Namespace: namespace, Name: "tenure", Message: message}},
		},
	}
}

// changedBy gives a status with something else in it.
func changedBy(status workflow.SyncStatus, change func(*workflow.SyncStatus)) workflow.SyncStatus {
	change(&status)
	return status
}

// arrivalWorld is a world in which payments-api-dev was committed, between two
// other commits.
type arrivalWorld struct {
	*world
	id                    int64 // of its request
	before, commit, after string
}

func newArrivalWorld(t *testing.T) arrivalWorld {
	t.Helper()
	w, r := givenWorld(t)
	a := arrivalWorld{world: w, id: r.ID, before: w.git("rev-parse", "main^"), commit: w.request(r.ID).Commit}
	w.approved(named("payments-job-dev"))
	w.publish()
	a.after = w.git("rev-parse", "main")
	return a
}

// saying is what Argo CD says, and how far the request then is.
type saying struct {
	says workflow.SyncStatus
	want workflow.Arrival
}

func (w arrivalWorld) check(sayings map[string]saying) {
	compared := noon.Add(time.Minute)
	for name, test := range sayings {
		words := &argocd{}
		test.says.ComparedAt = compared
		words.says(test.says)
		w.service.ArgoCD = words
		test.want.Tenant, test.want.Cluster, test.want.Application, test.want.At = "payments", "weu-1", "tenure-payments-weu-1", compared
		same(w.T, name, []workflow.Arrival{test.want}, w.arrivals(w.id))
	}
}

func TestHowFarArgoCDHasComeWithARequest(t *testing.T) {
	w := newArrivalWorld(t)
	before, commit, after, foreign := w.before, w.commit, w.after, strings.Repeat("f", 40)
	w.check(map[string]saying{
		"it is synced at the commit":       {synced(commit), workflow.Arrival{Stage: workflow.ArrivalDone, Ready: 2, Total: 2, Revision: commit}},
		"it is synced at a later revision": {synced(after), workflow.Arrival{Stage: workflow.ArrivalDone, Ready: 2, Total: 2, Revision: after}},
		"nothing had to be synced since an earlier revision": {
			changedBy(synced(after), func(s *workflow.SyncStatus) { s.Operation.Revision = before }),
			workflow.Arrival{Stage: workflow.ArrivalDone, Ready: 2, Total: 2, Revision: after},
		},
		"there was no sync since Argo CD was installed": {
			changedBy(synced(after), func(s *workflow.SyncStatus) { s.Operation = workflow.SyncOperation{} }),
			workflow.Arrival{Stage: workflow.ArrivalDone, Ready: 2, Total: 2, Revision: after},
		},
		"an earlier revision is synced":             {synced(before), workflow.Arrival{Stage: workflow.ArrivalBehind, Ready: 2, Total: 2, Revision: before, Earlier: true}},
		"a revision that nobody verified is synced": {synced(foreign), workflow.Arrival{Stage: workflow.ArrivalBehind, Ready: 2, Total: 2, Revision: foreign, Foreign: true}},
		"no revision is named":                      {synced("main"), workflow.Arrival{Stage: workflow.ArrivalBehind, Ready: 2, Total: 2, Revision: "main"}},
		"the sync has just begun": {
			changedBy(synced(commit), func(s *workflow.SyncStatus) {
				s.Objects, s.Operation = apiIs("OutOfSync"), workflow.SyncOperation{Phase: workflow.SyncRunning, Revision: commit}
			}),
			workflow.Arrival{Stage: workflow.ArrivalUnderWay, Ready: 1, Total: 2, Revision: commit},
		},
		"all is there, and the sync is not over": {
			changedBy(synced(commit), func(s *workflow.SyncStatus) { s.Operation.Phase = workflow.SyncRunning }),
			workflow.Arrival{Stage: workflow.ArrivalUnderWay, Ready: 2, Total: 2, Revision: commit},
		},
		"all is there, and the sync is ended from outside": {
			changedBy(synced(commit), func(s *workflow.SyncStatus) { s.Operation.Phase, s.Operation.Retries = workflow.SyncTerminating, 3 }),
			workflow.Arrival{Stage: workflow.ArrivalUnderWay, Ready: 2, Total: 2, Revision: commit, Retries: 3},
		},
		"the sync is over, and an object is not yet seen to be synced": {
			changedBy(synced(commit), func(s *workflow.SyncStatus) { s.Objects = apiIs("OutOfSync") }),
			workflow.Arrival{Stage: workflow.ArrivalUnderWay, Ready: 1, Total: 2, Revision: commit},
		},
		"an object is missing": {
			changedBy(synced(commit), func(s *workflow.SyncStatus) { s.Objects[1].Health = workflow.HealthMissing }),
			workflow.Arrival{Stage: workflow.ArrivalUnderWay, Ready: 1, Total: 2, Revision: commit},
		},
		"the namespace itself is not among the objects": {
			changedBy(synced(commit), func(s *workflow.SyncStatus) { s.Objects = s.Objects[1:] }),
			workflow.Arrival{Stage: workflow.ArrivalUnderWay, Ready: 1, Total: 1, Revision: commit},
		},
		"Argo CD could not compare, and says nothing of why": {
			changedBy(synced(commit), func(s *workflow.SyncStatus) { s.Sync = workflow.SyncUnknown }),
			workflow.Arrival{Stage: workflow.ArrivalUnderWay, Ready: 2, Total: 2, Revision: commit},
		},
	})
}

func TestWhatKeepsARequestFromItsCluster(t *testing.T) {
	w := newArrivalWorld(t)
	before, commit := w.before, w.commit
	w.check(map[string]saying{
		"one of its objects is refused": {
			refusing(commit, "payments-api-dev", "denied the request"),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 1, Total: 2, Revision: commit, Retries: 2, Object: "ResourceQuota payments-api-dev/tenure", Message: "denied the request"},
		},
		"a neighbour's object is refused, and its own wait behind that": {
			refusing(commit, "payments-web-dev", "denied the request"),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 1, Total: 2, Revision: commit, Retries: 2, Object: "ResourceQuota payments-web-dev/tenure", Message: "denied the request"},
		},
		"a neighbour's object is refused, and its own are all there": {
			changedBy(refusing(commit, "payments-web-dev", "denied the request"), func(s *workflow.SyncStatus) { s.Objects = apiIs("Synced") }),
			workflow.Arrival{Stage: workflow.ArrivalDone, Ready: 2, Total: 2, Revision: commit, Retries: 2},
		},
		"of several refused objects its own is named": {
			changedBy(refusing(commit, "payments-web-dev", "too wide"), func(s *workflow.SyncStatus) {
				s.Operation.Failures = append(s.Operation.Failures, workflow.SyncedObject{Kind: "ResourceQuota", Namespace: "payments-api-dev", Name: "tenure", Message: "not approved"})
			}),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 1, Total: 2, Revision: commit, Retries: 2, Object: "ResourceQuota payments-api-dev/tenure", Message: "not approved"},
		},
		"an earlier revision is refused, and Argo CD has not seen the commit": {
			refusing(before, "payments-web-dev", "denied the request"),
			workflow.Arrival{Stage: workflow.ArrivalBehind, Ready: 1, Total: 2, Revision: before, Retries: 2, Earlier: true},
		},
		"an earlier revision is refused, and Argo CD has seen the commit": {
			changedBy(refusing(before, "payments-web-dev", "denied the request"), func(s *workflow.SyncStatus) { s.Revision = commit }),
			workflow.Arrival{Stage: workflow.ArrivalUnderWay, Ready: 1, Total: 2, Revision: commit, Retries: 2},
		},
		"the sync was given up": {
			changedBy(refusing(commit, "payments-api-dev", ""), func(s *workflow.SyncStatus) { s.Operation.Phase, s.Operation.Retries = workflow.SyncFailed, 0 }),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 1, Total: 2, Revision: commit, Object: "ResourceQuota payments-api-dev/tenure", Message: "one or more objects failed to apply"},
		},
		"the sync failed before any object": {
			changedBy(refusing(commit, "payments-api-dev", ""), func(s *workflow.SyncStatus) {
				s.Operation = workflow.SyncOperation{Phase: workflow.SyncError, Revision: commit, Message: "no service account to impersonate"}
			}),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 1, Total: 2, Revision: commit, Message: "no service account to impersonate"},
		},
		"Argo CD cannot make manifests of the commit": {
			cannot(commit, "ComparisonError", "yaml: line 3"),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 2, Total: 2, Revision: commit, Message: "ComparisonError: yaml: line 3"},
		},
		"Argo CD cannot compare any more since it began to sync the commit": {
			changedBy(cannot("main", "ComparisonError", "yaml: line 3"), func(s *workflow.SyncStatus) { s.Operation.Revision = commit }),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 2, Total: 2, Revision: "main", Message: "ComparisonError: yaml: line 3"},
		},
		"the Application is wrong as it stands, whatever the commit": {
			cannot(before, "InvalidSpecError", "no project tenure"),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 2, Total: 2, Revision: before, Message: "InvalidSpecError: no project tenure"},
		},
		"a sync before the commit was given up": {
			changedBy(synced(before), func(s *workflow.SyncStatus) {
				s.Conditions = []workflow.SyncCondition{{Type: "SyncError", Message: "Failed last sync attempt"}}
			}),
			workflow.Arrival{Stage: workflow.ArrivalBehind, Ready: 2, Total: 2, Revision: before, Earlier: true},
		},
		"an object is not well": {
			changedBy(synced(commit), func(s *workflow.SyncStatus) {
				s.Objects[1].Health, s.Objects[1].Message = workflow.HealthDegraded, "over its quota"
			}),
			workflow.Arrival{Stage: workflow.ArrivalTrouble, Ready: 1, Total: 2, Revision: commit, Object: "ResourceQuota payments-api-dev/tenure", Message: "over its quota"},
		},
	})
}

// cannot is what Argo CD says while it cannot compare, last at a revision.
func cannot(revision, kind, message string) workflow.SyncStatus {
	return changedBy(synced(revision), func(s *workflow.SyncStatus) {
		s.Sync, s.Conditions = workflow.SyncUnknown, []workflow.SyncCondition{{Type: kind, Message: message}}
	})
}

func TestArgoCDThatHasNotComeToTheCommitAndCannotCompareIsWaitedFor(t *testing.T) {
	w := newArrivalWorld(t)
	away := "rpc error: code = Unavailable desc = connection refused"
	w.check(map[string]saying{
		"its repo-server restarts": {
			cannot(w.before, "ComparisonError", away),
			workflow.Arrival{Stage: workflow.ArrivalBehind, Ready: 2, Total: 2, Revision: w.before, Earlier: true, Message: "ComparisonError: " + away},
		},
		"it does not reach the Git server": {
			cannot("main", "ComparisonError", away),
			workflow.Arrival{Stage: workflow.ArrivalBehind, Ready: 2, Total: 2, Revision: "main", Message: "ComparisonError: " + away},
		},
		"something of its own is away": {
			cannot("", "UnknownError", away),
			workflow.Arrival{Stage: workflow.ArrivalBehind, Ready: 2, Total: 2, Message: "UnknownError: " + away},
		},
	})

	words := &argocd{}
	words.says(cannot("main", "ComparisonError", away))
	o := w.observer(words)
	for range 3 {
		w.observe(o)
		w.clock.advance(syncPatience)
	}
	w.becomes(w.id, workflow.StateCommitted)
}

func TestWhatIsSaidWhereArgoCDSaysNothing(t *testing.T) {
	w, r := givenWorld(t)
	same(t, "where nobody watches", []workflow.Arrival{{Stage: workflow.ArrivalUnwatched, Tenant: "payments", Cluster: "weu-1"}}, w.arrivals(r.ID))
	w.service.ArgoCD = &argocd{words: map[string]workflow.SyncStatus{"payments weu-1": {Why: "It does not answer.", Away: true}}}
	same(t, "where nothing is known", []workflow.Arrival{{Stage: workflow.ArrivalUnknown, Tenant: "payments", Cluster: "weu-1", Message: "It does not answer.", Away: true}}, w.arrivals(r.ID))
	same(t, "before there is a commit", []workflow.Arrival(nil), w.arrivals(w.submit(named("payments-new-dev")).ID))
}

// arrivals are what the page of a request shows of Argo CD.
func (w *world) arrivals(id int64) []workflow.Arrival {
	w.Helper()
	dossier, err := w.service.Dossier(context.WithoutCancel(w.Context()), dana, id)
	if err != nil {
		w.Fatal(err)
	}
	return dossier.Arrivals
}

func TestOfSeveralClustersTheOneFurthestAwayCounts(t *testing.T) {
	if _, found := workflow.Furthest(nil); found {
		t.Error("a request that changes no cluster waits for one")
	}
	stages := []workflow.ArrivalStage{
		workflow.ArrivalTrouble, workflow.ArrivalUnwatched, workflow.ArrivalUnknown, workflow.ArrivalBehind, workflow.ArrivalUnderWay, workflow.ArrivalDone,
	}
	for i, stage := range stages {
		for _, later := range stages[i:] {
			got, _ := workflow.Furthest([]workflow.Arrival{{Stage: later}, {Stage: stage}})
			if got.Stage != stage {
				t.Errorf("of %s and %s it is %s", later, stage, got.Stage)
			}
		}
	}
}
