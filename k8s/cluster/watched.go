package cluster

import (
	"fmt"
	"maps"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// owner is what controls an object.
type owner struct{ kind, name string }

// watchedObject is what is kept of an object's metadata.
type watchedObject struct {
	labels map[string]string
	owner  owner
}

// watchedObjects keeps the objects of one resource as a watch last told of them.
type watchedObjects struct {
	reflector *cache.Reflector
	heard     func()

	mu     sync.RWMutex
	known  map[string]map[string]watchedObject // by namespace, then name
	synced bool                                // all there are have been heard of
}

var _ cache.ReflectorStore = (*watchedObjects)(nil)

// Add remembers a new object.
func (o *watchedObjects) Add(object any) error { return o.Update(object) }

// Update remembers an object as it is now.
func (o *watchedObjects) Update(object any) error {
	meta, err := metadataOf(object)
	if err != nil {
		return err
	}
	o.mu.Lock()
	if o.known == nil {
		o.known = map[string]map[string]watchedObject{}
	}
	put(o.known, meta)
	o.mu.Unlock()
	o.heard()
	return nil
}

// Delete forgets an object.
func (o *watchedObjects) Delete(object any) error {
	meta, err := metadataOf(object)
	if err != nil {
		return err
	}
	o.mu.Lock()
	delete(o.known[meta.Namespace], meta.Name)
	if len(o.known[meta.Namespace]) == 0 {
		delete(o.known, meta.Namespace)
	}
	o.mu.Unlock()
	o.heard()
	return nil
}

// Replace remembers exactly these objects.
func (o *watchedObjects) Replace(objects []any, _ string) error {
	known := map[string]map[string]watchedObject{}
	for _, object := range objects {
		meta, err := metadataOf(object)
		if err != nil {
			return err
		}
		put(known, meta)
	}
	o.mu.Lock()
	o.known, o.synced = known, true
	o.mu.Unlock()
	o.heard()
	return nil
}

// Resync is of no meaning here.
func (*watchedObjects) Resync() error { return nil }

func (o *watchedObjects) listed() bool {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.synced
}

// in gives the objects of a namespace by name, and whether all are known.
func (o *watchedObjects) in(namespace string) (map[string]watchedObject, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return maps.Clone(o.known[namespace]), o.synced
}

// ownerOf gives what controls an object; nothing where that is not known.
func (o *watchedObjects) ownerOf(namespace, name string) owner {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.known[namespace][name].owner
}

func metadataOf(object any) (*metav1.PartialObjectMetadata, error) {
	meta, ok := object.(*metav1.PartialObjectMetadata)
	if !ok {
		return nil, fmt.Errorf("remember an object's metadata: got %T", object)
	}
	return meta, nil
}

// put keeps of an object what is asked for later. An owner's kind is any text
// that its writer chose.
func put(known map[string]map[string]watchedObject, meta *metav1.PartialObjectMetadata) {
	kept := watchedObject{labels: meta.Labels}
	if controller := metav1.GetControllerOfNoCopy(meta); controller != nil {
		kept.owner = owner{clean(controller.Kind), clean(controller.Name)}
	}
	if known[meta.Namespace] == nil {
		known[meta.Namespace] = map[string]watchedObject{}
	}
	known[meta.Namespace][meta.Name] = kept
}
