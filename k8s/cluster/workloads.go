package cluster

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/cache"

	"tenure.dev/workflow"
)

// WorkloadsConfig says which cluster's workloads are listened to.
type WorkloadsConfig struct {
	Kubeconfig string         // path of the kubeconfig, or InCluster; required
	Cluster    func() string  // the cluster's name in the policy as it is now; empty while the policy names it not; required
	Clock      workflow.Clock // required
	Log        *slog.Logger   // required
	// Changed is called after something was heard. Optional; must not block.
	Changed func()
}

// Workloads knows what runs on one cluster, from watches over the metadata of
// its pods and of what owns them. It is safe for concurrent use.
type Workloads struct {
	config WorkloadsConfig
	pods   watchedObjects
	owners map[string]*watchedObjects // what stands between pods and their workload, by kind
}

var _ workflow.Workloads = (*Workloads)(nil)

// livePods leaves out the pods that have ended and hold no address any more.
const livePods = "status.phase!=Succeeded,status.phase!=Failed"

// OpenWorkloads reads the kubeconfig. It connects to nothing.
func OpenWorkloads(config WorkloadsConfig) (*Workloads, error) {
	clientConfig, err := restConfig(config.Kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := metadata.NewForConfig(clientConfig)
	if err != nil {
		return nil, fmt.Errorf("make a client of the kubeconfig %q: %w", config.Kubeconfig, err)
	}
	w := &Workloads{config: config, owners: map[string]*watchedObjects{"ReplicaSet": {}, "Job": {}}}
	w.watch(&w.pods, client, schema.GroupVersionResource{Version: "v1", Resource: "pods"}, livePods)
	w.watch(w.owners["ReplicaSet"], client, schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "replicasets"}, "")
	w.watch(w.owners["Job"], client, schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}, "")
	return w, nil
}

func (w *Workloads) watch(objects *watchedObjects, client metadata.Interface, resource schema.GroupVersionResource, fields string) {
	objects.heard = func() {
		if w.config.Changed != nil {
			w.config.Changed()
		}
	}
	all := client.Resource(resource)
	note := w.noteOf(resource.Resource)
	objects.reflector = newReflectorOf(&metav1.PartialObjectMetadata{}, "workloads", resource.Resource, &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = fields
			list, err := all.List(ctx, options)
			note(ctx, err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = fields
			watching, err := all.Watch(ctx, options)
			note(ctx, err)
			return watching, err
		},
	}, objects)
}

// noteOf logs once that a resource cannot be watched, and once that it can again.
func (w *Workloads) noteOf(resource string) func(context.Context, error) {
	var mu sync.Mutex
	problem := ""
	return func(ctx context.Context, err error) {
		if ctx.Err() != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		before := problem
		problem = ""
		if err != nil {
			problem = cmp.Or(clean(err.Error()), "no answer")
		}
		switch {
		case problem != "" && before == "":
			w.config.Log.WarnContext(ctx, "what runs on the cluster cannot be watched; what was heard last goes on counting", "resource", resource, "error", err)
		case problem == "" && before != "":
			w.config.Log.InfoContext(ctx, "what runs on the cluster is watched again", "resource", resource)
		}
	}
}

// Run watches until the context ends, through whatever becomes of the cluster.
func (w *Workloads) Run(ctx context.Context) {
	var watches sync.WaitGroup
	for _, objects := range append(slices.Collect(maps.Values(w.owners)), &w.pods) {
		watches.Go(func() { watchOn(ctx, objects.reflector, w.config.Clock) })
	}
	watches.Wait()
}

// In lists what runs in a namespace, by kind, name and labels; pods of one owner
// that differ in labels are told apart. known is false for other clusters, and
// until all there is has been heard of.
func (w *Workloads) In(cluster, namespace string) ([]workflow.Workload, bool) {
	if cluster == "" || cluster != w.config.Cluster() {
		return nil, false
	}
	for _, owners := range w.owners {
		if !owners.listed() {
			return nil, false
		}
	}
	pods, listed := w.pods.in(namespace)
	if !listed {
		return nil, false
	}
	found := map[string]*workflow.Workload{}
	for name, pod := range pods {
		owner := w.workload(namespace, name, pod)
		id := strings.Join([]string{owner.kind, owner.name, labelText(pod.labels)}, "\n")
		if found[id] == nil {
			found[id] = &workflow.Workload{Kind: owner.kind, Name: owner.name, Labels: maps.Clone(pod.labels)}
		}
		found[id].Pods++
	}
	workloads := make([]workflow.Workload, 0, len(found))
	for _, id := range slices.Sorted(maps.Keys(found)) {
		workloads = append(workloads, *found[id])
	}
	return workloads, true
}

// workload follows a pod's controllers up to the one that people know it by.
func (w *Workloads) workload(namespace, name string, pod watchedObject) owner {
	top := pod.owner
	if top.kind == "" {
		return owner{"Pod", name}
	}
	if between, has := w.owners[top.kind]; has {
		if over := between.ownerOf(namespace, top.name); over.kind != "" {
			return over
		}
	}
	return top
}

// labelText writes labels in one order.
func labelText(labels map[string]string) string {
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		text.WriteString(key + "=" + labels[key] + ",")
	}
	return text.String()
}
