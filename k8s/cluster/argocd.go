package cluster

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// InCluster stands for the account of the pod that Tenure runs in, where a
// kubeconfig is asked for.
const InCluster = "in-cluster"

// Config says where Argo CD runs, and who wants to know.
type Config struct {
	Kubeconfig string         // path of the kubeconfig, or InCluster; required
	Namespace  string         // of Argo CD's Applications; required
	Clock      workflow.Clock // required
	Log        *slog.Logger   // required
	// Changed is called after Argo CD said something new, so that nobody has to
	// ask again and again. Optional; must not block.
	Changed func()
}

// ArgoCD is what Argo CD says of the tenants' manifests, kept up to date by one
// watch over its Applications. It is safe for concurrent use.
type ArgoCD struct {
	config    Config
	reflector *cache.Reflector
	memory    memory

	mu      sync.Mutex
	since   time.Time // since when the watch holds; zero while it does not
	problem string    // why it does not
}

var _ workflow.ArgoCD = (*ArgoCD)(nil)

// applications is the resource of Argo CD's Applications.
var applications = schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "applications"}

// Open reads the kubeconfig. It connects to nothing: a cluster that is away is
// no error, and Health says so once Run has asked.
func Open(config Config) (*ArgoCD, error) {
	client, err := dial(config.Kubeconfig)
	if err != nil {
		return nil, err
	}
	a := &ArgoCD{config: config}
	a.memory = memory{namespace: config.Namespace, clock: config.Clock, log: config.Log, changed: a.heard}
	source := client.Resource(applications).Namespace(config.Namespace)
	a.reflector = newReflector("argocd", "Applications", a.listWatch(source), &a.memory)
	return a, nil
}

// listWatch asks for the tenants' Applications, and notes whether it is answered.
func (a *ArgoCD) listWatch(client dynamic.ResourceInterface) *cache.ListWatch {
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.LabelSelector = manifest.LabelTenant
			list, err := client.List(ctx, options)
			a.note(ctx, err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.LabelSelector = manifest.LabelTenant
			watching, err := client.Watch(ctx, options)
			a.note(ctx, err)
			return watching, err
		},
	}
}

// note remembers whether the cluster answers. A change is told and logged once.
func (a *ArgoCD) note(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	problem := ""
	if err != nil {
		problem = cmp.Or(clean(err.Error()), "no answer")
	}
	a.mu.Lock()
	before, since := a.problem, a.since
	a.problem = problem
	switch {
	case problem != "":
		a.since = time.Time{}
	case since.IsZero():
		a.since = a.config.Clock.Now()
	}
	a.mu.Unlock()
	switch {
	case problem != "" && before == "":
		a.config.Log.WarnContext(ctx, "Argo CD cannot be watched; what it said last goes on counting", "error", err)
	case problem == "" && since.IsZero():
		a.config.Log.InfoContext(ctx, "watching Argo CD", "namespace", a.config.Namespace)
	}
	if problem != before {
		a.heard()
	}
}

// Run watches until the context ends, through whatever becomes of the cluster.
func (a *ArgoCD) Run(ctx context.Context) { watchOn(ctx, a.reflector, a.config.Clock) }

func (a *ArgoCD) heard() {
	if a.config.Changed != nil {
		a.config.Changed()
	}
}

// Sync is what Argo CD last said of a tenant's manifests on a cluster.
func (a *ArgoCD) Sync(tenant, cluster string) workflow.SyncStatus {
	health := a.watch()
	status, listed := a.memory.get(tenant, cluster)
	status.Away = health.Problem != ""
	switch {
	case status.Known || status.Why != "":
	case status.Away:
		status.Why = "The cluster that runs Argo CD does not answer at the moment. Tenure goes on asking."
	case !listed:
		status.Why = "Tenure has just begun to listen to Argo CD."
	default:
		status.Absent = true
		status.Why = fmt.Sprintf("Argo CD has no Application %q yet. It makes it from the repository; if that lasts, ask the platform admins.", manifest.ApplicationName(tenant, cluster))
	}
	return status
}

// Health tells how the watch is, and what is known.
func (a *ArgoCD) Health() workflow.ArgoCDHealth {
	health := a.watch()
	health.Applications, health.LastWord = a.memory.all()
	return health
}

func (a *ArgoCD) watch() workflow.ArgoCDHealth {
	a.mu.Lock()
	defer a.mu.Unlock()
	return workflow.ArgoCDHealth{Watched: true, Since: a.since, Problem: a.problem}
}
