package cluster

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// application is the part of Argo CD's Application (argoproj.io/v1alpha1) that
// is read here. Whatever is missing stays empty; a field of another type makes
// the whole of it unreadable.
type application struct {
	Spec struct {
		Project string `json:"project"`
	} `json:"spec"`
	Status struct {
		Sync struct {
			Status   string `json:"status"`
			Revision string `json:"revision"`
		} `json:"sync"`
		Resources      []resource      `json:"resources"`
		Conditions     []condition     `json:"conditions"`
		OperationState *operationState `json:"operationState"`
		ReconciledAt   *metav1.Time    `json:"reconciledAt"`
	} `json:"status"`
}

type resource struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Status    string `json:"status"`
	HookPhase string `json:"hookPhase"` // of a sync's result only
	Message   string `json:"message"`   // of a sync's result only
	Health    *struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	} `json:"health"`
}

type condition struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

type operationState struct {
	Operation struct {
		Sync *struct {
			Revision string `json:"revision"`
		} `json:"sync"`
	} `json:"operation"`
	Phase      string       `json:"phase"`
	Message    string       `json:"message"`
	RetryCount int64        `json:"retryCount"`
	StartedAt  *metav1.Time `json:"startedAt"`
	FinishedAt *metav1.Time `json:"finishedAt"`
	SyncResult *struct {
		Revision  string     `json:"revision"`
		Resources []resource `json:"resources"`
	} `json:"syncResult"`
}

// decode reads an Application. It is ours when Tenure's renderer would have
// named it so: an Application that only carries the labels says nothing. With
// an error only its name, tenant and cluster are filled in.
func decode(object *unstructured.Unstructured, namespace string) (status workflow.SyncStatus, ours bool, err error) {
	labels := object.GetLabels()
	status = workflow.SyncStatus{
		Application: object.GetName(), Tenant: labels[manifest.LabelTenant], Cluster: labels[manifest.LabelCluster],
	}
	if status.Application != manifest.ApplicationName(status.Tenant, status.Cluster) || object.GetNamespace() != namespace {
		return status, false, nil
	}
	var read application
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &read); err != nil {
		return status, true, fmt.Errorf("decode Application %q: %w", status.Application, err)
	}
	if read.Spec.Project != manifest.SystemProject {
		return status, false, nil
	}
	status.Known = true
	status.Sync, status.Revision = clean(read.Status.Sync.Status), clean(read.Status.Sync.Revision)
	status.ComparedAt = instant(read.Status.ReconciledAt)
	for _, r := range read.Status.Resources {
		status.Objects = append(status.Objects, r.object())
	}
	for _, c := range read.Status.Conditions {
		if isError(c.Type) {
			status.Conditions = append(status.Conditions, workflow.SyncCondition{Type: clean(c.Type), Message: clean(c.Message)})
		}
	}
	if read.Status.OperationState != nil {
		status.Operation = read.Status.OperationState.operation(status.Revision)
	}
	return status, true, nil
}

// isError says whether a condition is one of the errors. The other conditions
// are warnings, which keep Argo CD from nothing.
func isError(kind string) bool { return strings.HasSuffix(kind, "Error") }

func (r resource) object() workflow.SyncedObject {
	object := workflow.SyncedObject{Kind: clean(r.Kind), Namespace: clean(r.Namespace), Name: clean(r.Name), Sync: clean(r.Status)}
	if r.Health != nil {
		object.Health, object.Message = clean(r.Health.Status), clean(r.Health.Message)
	}
	return object
}

// failed says whether a sync could not apply, prune or wait for the object.
func (r resource) failed() bool {
	return r.Status == "SyncFailed" || r.HookPhase == string(workflow.SyncFailed) || r.HookPhase == string(workflow.SyncError)
}

// operation reads a sync. Its revision is that of its result; where there is
// none yet it is the one that was asked for, or else what was compared last.
func (o operationState) operation(compared string) workflow.SyncOperation {
	operation := workflow.SyncOperation{
		Phase: workflow.SyncPhase(clean(o.Phase)), Retries: o.RetryCount, StartedAt: instant(o.StartedAt), Revision: compared,
	}
	if o.Operation.Sync != nil && o.Operation.Sync.Revision != "" {
		operation.Revision = clean(o.Operation.Sync.Revision)
	}
	if o.SyncResult != nil && o.SyncResult.Revision != "" {
		operation.Revision = clean(o.SyncResult.Revision)
	}
	if operation.Trying = operation.Phase == workflow.SyncRunning && o.FinishedAt == nil; operation.Trying {
		return operation // what it says meanwhile is about waiting, not about trouble
	}
	operation.Message = trouble(o.Message)
	if o.SyncResult != nil {
		for _, r := range o.SyncResult.Resources {
			if r.failed() {
				operation.Failures = append(operation.Failures, workflow.SyncedObject{
					Kind: clean(r.Kind), Namespace: clean(r.Namespace), Name: clean(r.Name), Message: trouble(r.Message),
				})
			}
		}
	}
	return operation
}

// carryOver keeps what the try before came to while a sync is tried again:
// until that has ended nothing else is known.
func carryOver(now, before workflow.SyncStatus) workflow.SyncStatus {
	if now.Operation.Trying && now.Operation.Retries > 0 && now.Operation.StartedAt.Equal(before.Operation.StartedAt) {
		now.Operation.Message, now.Operation.Failures = before.Operation.Message, before.Operation.Failures
		now.Operation.Revision = before.Operation.Revision
	}
	return now
}

func instant(t *metav1.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
