package workflow

import (
	"encoding/hex"
	"time"
)

// SyncStatus is what Argo CD says of one tenant's manifests on one cluster: the
// status of the Application that syncs them. The words are Argo CD's own.
type SyncStatus struct {
	Known       bool   // false: there is nothing that Argo CD said; Why says why
	Why         string // a sentence, where Known is false
	Absent      bool   // Argo CD is listened to, and has no such Application
	Away        bool   // what is known may be old: Argo CD's cluster does not answer
	Application string
	Tenant      string
	Cluster     string
	Sync        string          // Synced, OutOfSync or Unknown: the Application as a whole
	Revision    string          // the commit that the cluster was last compared with
	Operation   SyncOperation   // the last sync, or the one under way
	Conditions  []SyncCondition // errors only
	Objects     []SyncedObject
	ComparedAt  time.Time // when Argo CD last compared; zero when it never did
	ObservedAt  time.Time // when Tenure was told
}

// SyncOperation is one sync with all its retries.
type SyncOperation struct {
	Phase     SyncPhase
	Revision  string // the commit it brings to the cluster
	Message   string
	Retries   int64 // how often it was tried again
	Trying    bool  // a try is under way; Message and Failures are those of the try before
	StartedAt time.Time
	Failures  []SyncedObject // the objects that could not be applied or pruned, with Argo CD's messages
}

// SyncPhase is where a sync is.
type SyncPhase string

// The phases of Argo CD's operations. A sync that is retried stays Running.
const (
	SyncRunning     SyncPhase = "Running"
	SyncTerminating SyncPhase = "Terminating"
	SyncSucceeded   SyncPhase = "Succeeded"
	SyncFailed      SyncPhase = "Failed"
	SyncError       SyncPhase = "Error"
)

// What Argo CD says of one object, as far as decisions rest on it.
const (
	SyncUnknown     = "Unknown" // of an Application: it could not be compared, and its objects are not to be relied on
	ObjectSynced    = "Synced"
	HealthDegraded  = "Degraded"
	HealthMissing   = "Missing"
	SyncErrorReason = "SyncError" // a condition: automatic sync of a revision was given up

	ComparisonErrorReason = "ComparisonError" // a condition: the manifests could not be read or compared
	DeletionErrorReason   = "DeletionError"   // a condition: the Application cannot be deleted
	UnknownErrorReason    = "UnknownError"    // a condition: something of Argo CD's own was away
)

// SyncCondition is something that keeps Argo CD from doing its work.
type SyncCondition struct {
	Type    string // ComparisonError, InvalidSpecError, SyncError, UnknownError, …
	Message string
}

// String is the condition as Argo CD's own page shows it.
func (c SyncCondition) String() string { return c.Type + ": " + c.Message }

// passing says whether the condition may heal by itself. Argo CD could not
// compare, as while its repo-server restarts or the Git server is away; an
// Application that is wrong as it stands has other conditions.
func (c SyncCondition) passing() bool {
	return c.Type == ComparisonErrorReason || c.Type == UnknownErrorReason
}

// passing is the first condition that may heal by itself; empty when there is none.
func (s SyncStatus) passing() string {
	for _, condition := range s.Conditions {
		if condition.passing() {
			return condition.String()
		}
	}
	return ""
}

// isCommit says whether Argo CD's revision names a commit. It names a branch
// where it could not find out its head.
func isCommit(revision string) bool {
	_, err := hex.DecodeString(revision)
	return err == nil && len(revision) == 40
}

// SyncedObject is one object as Argo CD sees it.
type SyncedObject struct {
	Kind      string
	Namespace string // empty for objects of the cluster
	Name      string
	Sync      string // Synced, OutOfSync or Unknown; empty for a failure
	Health    string // Healthy, Progressing, Degraded, Missing, …; empty where Argo CD has no opinion
	Message   string
}

// String names the object as kubectl users do: "ResourceQuota payments-api-dev/tenure".
func (o SyncedObject) String() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// in says whether the object is a namespace, or stands in it.
func (o SyncedObject) in(namespace string) bool {
	if o.Namespace == "" {
		return o.Kind == "Namespace" && o.Name == namespace
	}
	return o.Namespace == namespace
}

// ready says whether the object is in the cluster as approved.
func (o SyncedObject) ready() bool {
	return o.Sync == ObjectSynced && o.Health != HealthDegraded && o.Health != HealthMissing
}
