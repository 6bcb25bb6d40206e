package admission

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// Judge gives the webhook's verdict on manifests that somebody holds in hand,
// as if each of their objects were created now.
type Judge struct {
	// Snapshot gives a cluster's snapshot, or nil. Required; Snapshots.Of.
	Snapshot func(cluster string) *Snapshot
	// Now is the clock: what was approved until then counts no longer. Required.
	Now func() time.Time
}

var _ workflow.Judge = Judge{}

// Judge gives a verdict for each object of the stream, in its order. A stream
// that cannot be read is a *workflow.Problem of kind Invalid, a cluster without
// a snapshot one of kind Unavailable.
func (j Judge) Judge(ctx context.Context, question workflow.Question) ([]workflow.Verdict, error) {
	snapshot := j.Snapshot(question.Cluster)
	if snapshot == nil {
		return nil, workflow.Refuse(workflow.Unavailable, fmt.Sprintf("Nothing has been verified for cluster %q, so nothing can be judged.", question.Cluster))
	}
	documents, err := splitStream(question.Manifest)
	if err != nil {
		return nil, err
	}
	if len(documents) == 0 {
		return nil, refuseManifest("There is no object in the manifest.")
	}
	roles, now := rolesOf(documents), j.Now()
	verdicts := make([]workflow.Verdict, 0, len(documents))
	for _, document := range documents {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		request, err := document.request()
		if err != nil {
			return nil, err
		}
		request.User, request.Groups, request.Roles, request.At = question.User, question.Groups, roles, now
		verdicts = append(verdicts, Evaluate(snapshot, request).Verdict)
	}
	return verdicts, nil
}

// refuseManifest is the answer to a manifest that nobody can judge.
func refuseManifest(format string, values ...any) *workflow.Problem {
	message := fmt.Sprintf(format, values...)
	problem := workflow.Refuse(workflow.Invalid, message)
	problem.Fields = []workflow.FieldProblem{{Field: "manifest", Message: message}}
	return problem
}

// request is the creation of the document's object.
func (d document) request() (Request, error) {
	version, err := schema.ParseGroupVersion(d.head.APIVersion)
	if err != nil {
		return Request{}, refuseManifest("Document %d: apiVersion %q is no API version.", d.position, printable(d.head.APIVersion))
	}
	request := Request{
		Operation: Create,
		Kind:      version.WithKind(d.head.Kind),
		Namespace: d.head.Metadata.Namespace,
		Name:      d.head.Metadata.Name,
		Object:    d.raw,
	}
	// kubectl would fill in the namespace of its context, which is not known here.
	if request.Namespace == "" && looksAtIn(request.Kind.GroupKind()) {
		return Request{}, refuseManifest("Document %d, %s: metadata.namespace is missing; say which namespace it is for.", d.position, request.display())
	}
	return request, nil
}

// looksAtIn says whether objects of a kind are judged by the namespace they are
// in: the kinds that an API server is told to ask about there.
func looksAtIn(kind schema.GroupKind) bool {
	return kind != namespaceKind && (isWorkload(kind) || isGoverned(kind) || hostKinds[kind] != nil)
}
