package cluster

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// QuotasConfig says which cluster's ResourceQuotas are watched.
type QuotasConfig struct {
	Kubeconfig string         // path of the kubeconfig, or InCluster; required
	Cluster    string         // the cluster's name in the policy; required
	Clock      workflow.Clock // required
	Log        *slog.Logger   // required
	Changed    func()         // called after something new was heard; optional, must not block
}

// Quotas knows what the namespaces of one cluster use of their quotas, from one
// watch over the ResourceQuotas that Tenure rendered. It is safe for concurrent use.
type Quotas struct {
	config    QuotasConfig
	reflector *cache.Reflector

	mu      sync.RWMutex
	known   map[string]heardQuota // by namespace; without those that say nothing yet
	listed  bool                  // all there are have been heard of
	problem string                // why the watch does not hold; empty while it does
	lost    time.Time             // when the watch was lost, while it does not hold
}

// heardQuota is what a ResourceQuota says.
type heardQuota struct{ used, hard workflow.Size }

var (
	_ workflow.Usage       = (*Quotas)(nil)
	_ cache.ReflectorStore = (*Quotas)(nil)
)

// OpenQuotas reads the kubeconfig. It connects to nothing: a cluster that is away is
// no error.
func OpenQuotas(config QuotasConfig) (*Quotas, error) {
	client, err := dial(config.Kubeconfig)
	if err != nil {
		return nil, err
	}
	q := &Quotas{config: config, known: map[string]heardQuota{}}
	source := client.Resource(corev1.SchemeGroupVersion.WithResource("resourcequotas"))
	q.reflector = newReflector("quotas", "ResourceQuotas", q.listWatch(source), q)
	return q, nil
}

// Run watches until the context ends, through whatever becomes of the cluster.
func (q *Quotas) Run(ctx context.Context) { watchOn(ctx, q.reflector, q.config.Clock) }

// Used is what a namespace uses. Nothing is known of other clusters, before all
// there are have been heard of, nor of a quota that the cluster has not counted
// yet. What was heard goes on counting while the watch does not hold: At is now
// while it holds, since what stays the same is not told again, and then the moment
// it was lost. What is given is the caller's own.
func (q *Quotas) Used(cluster, namespace string) (workflow.QuotaUse, bool) {
	if cluster == "" || cluster != q.config.Cluster {
		return workflow.QuotaUse{}, false
	}
	q.mu.RLock()
	defer q.mu.RUnlock()
	heard, found := q.known[namespace]
	if !q.listed || !found {
		return workflow.QuotaUse{}, false
	}
	at := q.lost
	if q.problem == "" {
		at = q.config.Clock.Now()
	}
	return workflow.QuotaUse{Used: copied(heard.used), Hard: copied(heard.hard), At: at}, true
}

func (q *Quotas) listWatch(client dynamic.ResourceInterface) *cache.ListWatch {
	pick := func(options metav1.ListOptions) metav1.ListOptions {
		options.LabelSelector = manifest.LabelManagedBy + "=" + manifest.ManagedBy
		options.FieldSelector = "metadata.name=" + workflow.QuotaName
		return options
	}
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			list, err := client.List(ctx, pick(options))
			q.note(ctx, err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			watching, err := client.Watch(ctx, pick(options))
			q.note(ctx, err)
			return watching, err
		},
	}
}

// note remembers whether the cluster answers. A change is logged once.
func (q *Quotas) note(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	problem := ""
	if err != nil {
		problem = cmp.Or(clean(err.Error()), "no answer")
	}
	q.mu.Lock()
	before := q.problem
	q.problem = problem
	if problem != "" && before == "" {
		q.lost = q.config.Clock.Now()
	}
	q.mu.Unlock()
	switch {
	case problem == before:
		return
	case before == "":
		q.config.Log.WarnContext(ctx, "what the cluster's quotas are used for cannot be watched; what was heard last goes on counting", "error", err)
	case problem == "":
		q.config.Log.InfoContext(ctx, "watching the cluster's quotas")
	}
	q.heard()
}

func (q *Quotas) heard() {
	if q.config.Changed != nil {
		q.config.Changed()
	}
}

// Add remembers a new ResourceQuota.
func (q *Quotas) Add(object any) error { return q.Update(object) }

// Update remembers what a ResourceQuota says now.
func (q *Quotas) Update(object any) error {
	q.mu.Lock()
	q.remember(object)
	q.mu.Unlock()
	q.heard()
	return nil
}

// Delete forgets a ResourceQuota.
func (q *Quotas) Delete(object any) error {
	quota, ok := object.(*unstructured.Unstructured)
	if !ok {
		return fmt.Errorf("forget a ResourceQuota: got %T", object)
	}
	if quota.GetName() == workflow.QuotaName {
		q.mu.Lock()
		delete(q.known, quota.GetNamespace())
		q.mu.Unlock()
		q.heard()
	}
	return nil
}

// Replace remembers exactly these ResourceQuotas.
func (q *Quotas) Replace(objects []any, _ string) error {
	q.mu.Lock()
	q.known, q.listed = map[string]heardQuota{}, true
	for _, object := range objects {
		q.remember(object)
	}
	q.mu.Unlock()
	q.heard()
	return nil
}

// Resync is of no meaning here.
func (*Quotas) Resync() error { return nil }

// ours says whether a ResourceQuota is the one that was rendered into its
// namespace, whatever the API server was asked for.
func ours(quota *unstructured.Unstructured) bool {
	return quota.GetName() == workflow.QuotaName && quota.GetLabels()[manifest.LabelManagedBy] == manifest.ManagedBy
}

// remember keeps what a quota says, and nothing of one that says nothing: a page
// that shows nothing in use where nobody counted would invite to take it away.
func (q *Quotas) remember(object any) {
	source, ok := object.(*unstructured.Unstructured)
	if !ok || !ours(source) {
		return
	}
	namespace := source.GetNamespace()
	delete(q.known, namespace)
	heard, counted, err := readQuota(source)
	switch {
	case err != nil:
		q.config.Log.Error("what a ResourceQuota of the cluster says cannot be read", "namespace", namespace, "name", source.GetName(), "error", err)
	case counted:
		q.known[namespace] = heard
	}
}
