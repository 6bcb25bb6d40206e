package manifest

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// Key identifies an object on one cluster. The version is not part of it: the
// API server may be asked for the same object in several.
type Key struct {
	Group     string // empty for the core group
	Kind      string
	Namespace string // empty for a Namespace
	Name      string
}

// String writes the key for people: "NetworkPolicy payments-api-dev/tenure-default-deny".
func (k Key) String() string {
	if k.Namespace == "" {
		return k.Kind + " " + k.Name
	}
	return k.Kind + " " + k.Namespace + "/" + k.Name
}

// Typed is a Kubernetes object of one of the Go types of k8s.io/api, or a
// *CiliumNetworkPolicy, with its TypeMeta set.
type Typed interface {
	runtime.Object
	metav1.Object
}

// Object is one governed object as it was approved.
type Object struct {
	Key   Key
	Path  string // its file in the GitOps repository
	Typed Typed  // shared: callers that change it work on a copy

	// Request is the request that gave the network exception, the access or the
	// temporary increase which the object renders; 0 in a preview, and for what
	// is part of every namespace.
	Request int64
	// Until is the moment from which it is not granted any more (UTC); zero for
	// what has no end of its own.
	Until time.Time
	// Then is what the object is from Until on: the quota without its increase.
	// Nil where there is no such object then.
	Then *Object
}

// Expired says whether the object was granted for a time that is over.
func (o Object) Expired(now time.Time) bool { return !o.Until.IsZero() && !now.Before(o.Until) }

// Fields gives the object as plain JSON values (map[string]any, []any, string,
// json.Number, bool), exactly as its file has it.
func (o Object) Fields() (map[string]any, error) {
	tree, err := o.tree()
	if err != nil {
		return nil, err
	}
	return tree.plain(), nil
}

// Objects gives every object of one namespace of a tenancy, in the order in
// which they are to be applied. The error names what in the policy or the
// tenancy cannot be rendered.
func Objects(policy workflow.Policy, tenancy workflow.Tenancy, namespace workflow.Namespace) ([]Object, error) {
	if err := checkNames(tenancy, namespace); err != nil {
		return nil, err
	}
	at := place{tenant: tenancy.Name, grant: namespace, deploys: len(tenancy.Repositories) > 0}
	typed, err := at.namespaceObjects(policy)
	if err != nil {
		return nil, fmt.Errorf("namespace %q on cluster %q: %w", namespace.Name, namespace.Cluster, err)
	}
	objects := make([]Object, len(typed))
	seen := make(map[Key]bool, len(typed))
	for i, t := range typed {
		object := Object{Key: keyOf(t.Typed), Typed: t.Typed, Request: t.request, Until: t.until}
		object.Path = NamespaceDir(namespace.Cluster, tenancy.Name, namespace.Name) + fileName(object.Key)
		if t.then != nil {
			object.Then = &Object{Key: object.Key, Path: object.Path, Typed: t.then}
		}
		if seen[object.Key] {
			return nil, fmt.Errorf("namespace %q on cluster %q: %s would exist twice", namespace.Name, namespace.Cluster, object.Key)
		}
		seen[object.Key] = true
		objects[i] = object
	}
	return objects, nil
}

// checkNames refuses names that cannot be parts of paths and of objects.
func checkNames(tenancy workflow.Tenancy, namespace workflow.Namespace) error {
	for _, name := range []struct{ what, value string }{
		{"tenant", tenancy.Name}, {"cluster", namespace.Cluster},
		{"namespace", namespace.Name}, {"environment", namespace.Environment},
	} {
		if err := checkLabel(name.what, name.value); err != nil {
			return err
		}
	}
	if namespace.Classification == "" {
		return nil
	}
	return checkLabel("classification", namespace.Classification)
}

// place is the namespace that objects are made for.
type place struct {
	tenant  string
	grant   workflow.Namespace
	deploys bool // the tenant has Applications of its own
}

// namespaceObjects makes the objects in the order of their sync waves.
func (p place) namespaceObjects(policy workflow.Policy) ([]granted, error) {
	namespace, err := p.namespace()
	if err != nil {
		return nil, err
	}
	quota, err := p.resourceQuota()
	if err != nil {
		return nil, err
	}
	limits, err := p.limitRange(policy.ContainerDefaults)
	if err != nil {
		return nil, err
	}
	bindings, err := p.roleBindings()
	if err != nil {
		return nil, err
	}
	policies, err := p.networkPolicies(policy.PlatformFlows)
	if err != nil {
		return nil, err
	}
	exceptions, err := p.exceptions(policy)
	if err != nil {
		return nil, err
	}
	objects := []granted{{Typed: namespace}, quota, {Typed: limits}}
	if p.deploys {
		objects = append(objects, granted{Typed: p.deployer()})
	}
	objects = append(objects, bindings...)
	for _, policy := range policies {
		objects = append(objects, granted{Typed: policy})
	}
	return append(objects, exceptions...), nil
}

// granted is an object with the request that gave it, and for how long: zero for
// as long as its namespace.
type granted struct {
	Typed
	request int64
	until   time.Time
	then    Typed // what it is afterwards; nil for nothing
}

// isEnd says whether a moment can be the end of a grant: one in whole seconds,
// as documents and annotations have it.
func isEnd(until time.Time) bool { return !until.IsZero() && until.Equal(until.Truncate(time.Second)) }

// meta is the metadata of an object of the namespace. A request of 0 is nobody's.
func (p place) meta(name, wave string, request int64) metav1.ObjectMeta {
	meta := metav1.ObjectMeta{
		Name:        name,
		Namespace:   p.grant.Name,
		Labels:      map[string]string{LabelManagedBy: ManagedBy, LabelTenant: p.tenant},
		Annotations: map[string]string{AnnotationSyncWave: wave},
	}
	if request != 0 {
		meta.Annotations[AnnotationRequest] = fmt.Sprint(request)
	}
	return meta
}

// keyOf reads the key from an object whose TypeMeta is set.
func keyOf(object Typed) Key {
	gvk := object.GetObjectKind().GroupVersionKind()
	return Key{Group: gvk.Group, Kind: gvk.Kind, Namespace: object.GetNamespace(), Name: object.GetName()}
}

// fileOrder sorts a folder's files by the order in which they are applied.
var fileOrder = map[string]string{
	"Namespace":      "00",
	"ResourceQuota":  "10",
	"LimitRange":     "11",
	"ServiceAccount": "15",
	"RoleBinding":    "20",
	"NetworkPolicy":  "30",

	"CiliumNetworkPolicy": "30",
}

// fileName is the object's file in its namespace's folder: its place in the
// order, its kind, and its name where there may be several of the kind.
func fileName(key Key) string {
	name := fileOrder[key.Kind] + "-" + strings.ToLower(key.Kind)
	switch key.Kind {
	case "ServiceAccount", "RoleBinding", "NetworkPolicy", "CiliumNetworkPolicy":
		name += "-" + strings.TrimPrefix(key.Name, namePrefix)
	}
	return name + ".yaml"
}

// tree is the object as its file has it: keys sorted, without the status and
// the empty fields that only the API server fills.
func (o Object) tree() (mapping, error) {
	tree, err := treeOf(o.Typed)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", o.Key, err)
	}
	return tree.withoutServerFields().sorted(), nil
}

// typeMeta names the type of an object.
func typeMeta(version schema.GroupVersion, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: version.String(), Kind: kind}
}
