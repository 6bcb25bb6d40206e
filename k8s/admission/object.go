package admission

import (
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/json"

	"tenure.dev/k8s/manifest"
)

// Object is what rules judge: the request, where it stands in the approved
// state, and its JSON, of which each part is decoded when a rule first asks.
type Object struct {
	Request
	Snapshot *Snapshot
	Grant    *Grant // the approved namespace it is in or, for a Namespace, that it is; nil when nobody approved it

	now, before version
}

// version is the object at one side of the write.
type version struct {
	raw  []byte
	meta *Meta
	pods []Pod
	err  error
	done bool // pods and err are set
}

// Meta is the part of an object's metadata that rules look at. Leaving out the
// rest keeps managedFields, often half of an object, from being decoded.
type Meta struct {
	Name         string            `json:"name"`
	GenerateName string            `json:"generateName"`
	Namespace    string            `json:"namespace"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
}

// errNoObject is for a write that comes without the object it is about.
var errNoObject = errors.New("the request has no object")

// newObject places a request in the snapshot.
func newObject(snapshot *Snapshot, request Request) *Object {
	o := &Object{Request: request, Snapshot: snapshot}
	o.now.raw, o.before.raw = request.Object, request.OldObject
	if o.isNamespace() {
		o.Namespace = o.name()
	}
	o.Grant = snapshot.grants[o.Namespace]
	return o
}

// name finds the name also where the request has none: generated names are in
// the new object, those of a collection being deleted in the old one.
func (o *Object) name() string {
	if o.Name != "" {
		return o.Name
	}
	for _, v := range []*version{&o.now, &o.before} {
		if meta, err := v.metadata(); err == nil && meta.Name != "" {
			o.Name = meta.Name
			break
		}
	}
	return o.Name
}

func (o *Object) isNamespace() bool { return o.Kind.GroupKind() == namespaceKind }

// key identifies the object among the approved ones.
func (o *Object) key() manifest.Key {
	key := manifest.Key{Group: o.Kind.Group, Kind: o.Kind.Kind, Namespace: o.Namespace, Name: o.name()}
	if o.isNamespace() {
		key.Namespace = ""
	}
	return key
}

// approved gives the object as it was approved, or nil. What was approved for a
// time that is over is not approved any more: then a quota is the lasting one, and
// anything else is nothing.
func (o *Object) approved() *manifest.Object {
	object := o.rendered()
	if object == nil || !o.over(object.Until) {
		return object
	}
	return object.Then
}

// rendered gives the object as it was rendered, whether or not its time is over.
func (o *Object) rendered() *manifest.Object {
	if o.Grant == nil || !isGoverned(o.Kind.GroupKind()) {
		return nil
	}
	return o.Grant.objects[o.key()]
}

// byGitOps says whether the GitOps identity asks.
func (o *Object) byGitOps() bool {
	identity := o.Snapshot.policy.GitOpsIdentity
	return identity != "" && o.User == identity
}

// Meta decodes the metadata of the object after the write.
func (o *Object) Meta() (*Meta, error) { return o.now.metadata() }

// OldMeta decodes the metadata of the object before the write.
func (o *Object) OldMeta() (*Meta, error) { return o.before.metadata() }

// Pods gives the pod or pod templates of the object after the write.
func (o *Object) Pods() ([]Pod, error) { return o.now.workload(o.Kind) }

// OldPods gives the pod or pod templates of the object before the write.
func (o *Object) OldPods() ([]Pod, error) { return o.before.workload(o.Kind) }

func (v *version) metadata() (*Meta, error) {
	if v.meta != nil {
		return v.meta, nil
	}
	if len(v.raw) == 0 {
		return nil, errNoObject
	}
	var object struct {
		Metadata Meta `json:"metadata"`
	}
	if err := json.UnmarshalCaseSensitivePreserveInts(v.raw, &object); err != nil {
		return nil, fmt.Errorf("decode metadata: %w", err)
	}
	v.meta = &object.Metadata
	return v.meta, nil
}

func (v *version) workload(kind schema.GroupVersionKind) ([]Pod, error) {
	if !v.done {
		v.done = true
		if len(v.raw) == 0 {
			v.err = errNoObject
		} else {
			v.pods, v.meta, v.err = decodeWorkload(kind, v.raw)
		}
	}
	return v.pods, v.err
}

// objectMeta is the metadata in the form that pod-security-admission takes.
func (m Meta) objectMeta() *metav1.ObjectMeta {
	return &metav1.ObjectMeta{Name: m.Name, Namespace: m.Namespace, Labels: m.Labels, Annotations: m.Annotations}
}
