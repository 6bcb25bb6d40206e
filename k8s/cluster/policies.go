package cluster

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"

	"tenure.dev/k8s/admission"
	"tenure.dev/workflow"
)

// PoliciesConfig says which cluster's NetworkPolicies are watched.
type PoliciesConfig struct {
	Kubeconfig string         // path of the kubeconfig, or InCluster; required
	Clock      workflow.Clock // required
	Log        *slog.Logger   // required
	Changed    func()         // called after something new was heard; optional, must not block
}

// Policies are the NetworkPolicies that are in the cluster, of every namespace, kept
// up to date by one watch. Of each it keeps which pods it selects in which
// direction; what it lets through is kept of those alone that are not Tenure's, see
// All. It is safe for concurrent use.
type Policies struct {
	config    PoliciesConfig
	reflector *cache.Reflector

	mu      sync.RWMutex
	known   map[string]map[string]keptPolicy // by namespace and name
	listed  bool                             // all there are have been heard of
	problem string                           // why the watch does not hold; empty while it does
}

var (
	_ admission.Policies   = (*Policies)(nil)
	_ cache.ReflectorStore = (*Policies)(nil)
)

// OpenPolicies reads the kubeconfig. It connects to nothing: a cluster that is away
// is no error.
func OpenPolicies(config PoliciesConfig) (*Policies, error) {
	client, err := dial(config.Kubeconfig)
	if err != nil {
		return nil, err
	}
	p := &Policies{config: config, known: map[string]map[string]keptPolicy{}}
	source := client.Resource(networkingv1.SchemeGroupVersion.WithResource("networkpolicies"))
	p.reflector = newReflector("networkpolicies", "NetworkPolicies", p.listWatch(source), p)
	return p, nil
}

// Run watches until the context ends, through whatever becomes of the cluster.
func (p *Policies) Run(ctx context.Context) { watchOn(ctx, p.reflector, p.config.Clock) }

// NetworkPolicies lists those of a namespace, without their rules. Nothing is known
// before all there are have been heard of, nor while the watch does not hold: a
// namespace may have got its policies meanwhile.
func (p *Policies) NetworkPolicies(namespace string) (policies []*networkingv1.NetworkPolicy, known bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if !p.listed || p.problem != "" {
		return nil, false
	}
	for _, kept := range p.known[namespace] {
		if kept.selects != nil {
			policies = append(policies, kept.selects)
		}
	}
	return policies, true
}

func (p *Policies) listWatch(client dynamic.ResourceInterface) *cache.ListWatch {
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			list, err := client.List(ctx, options)
			p.note(ctx, err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			watching, err := client.Watch(ctx, options)
			p.note(ctx, err)
			return watching, err
		},
	}
}

// note remembers whether the cluster answers. A change is logged once.
func (p *Policies) note(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	problem := ""
	if err != nil {
		problem = cmp.Or(clean(err.Error()), "no answer")
	}
	p.mu.Lock()
	before := p.problem
	p.problem = problem
	p.mu.Unlock()
	switch {
	case problem == before:
		return
	case before == "":
		p.config.Log.WarnContext(ctx, "the cluster's NetworkPolicies cannot be watched; pods are judged by those that are approved", "error", err)
	case problem == "":
		p.config.Log.InfoContext(ctx, "watching the cluster's NetworkPolicies")
	}
	p.heard()
}

func (p *Policies) heard() {
	if p.config.Changed != nil {
		p.config.Changed()
	}
}

// Add remembers a new NetworkPolicy.
func (p *Policies) Add(object any) error { return p.Update(object) }

// Update remembers a NetworkPolicy as it is now.
func (p *Policies) Update(object any) error {
	p.mu.Lock()
	p.remember(object)
	p.mu.Unlock()
	p.heard()
	return nil
}

// Delete forgets a NetworkPolicy.
func (p *Policies) Delete(object any) error {
	policy, ok := object.(*unstructured.Unstructured)
	if !ok {
		return fmt.Errorf("forget a NetworkPolicy: got %T", object)
	}
	p.mu.Lock()
	p.forget(policy.GetNamespace(), policy.GetName())
	p.mu.Unlock()
	p.heard()
	return nil
}

// Replace remembers exactly these NetworkPolicies.
func (p *Policies) Replace(objects []any, _ string) error {
	p.mu.Lock()
	p.known, p.listed = map[string]map[string]keptPolicy{}, true
	for _, object := range objects {
		p.remember(object)
	}
	p.mu.Unlock()
	p.heard()
	return nil
}

// Resync is of no meaning here.
func (*Policies) Resync() error { return nil }

// remember keeps what is asked of a policy later. One that cannot be read selects
// nobody: pods are then refused rather than let in unpoliced.
func (p *Policies) remember(object any) {
	source, ok := object.(*unstructured.Unstructured)
	if !ok {
		return
	}
	namespace, name := source.GetNamespace(), source.GetName()
	kept, err := keep(source)
	if err != nil {
		p.config.Log.Error("a NetworkPolicy of the cluster cannot be read", "namespace", namespace, "name", name, "error", err)
	}
	if p.known[namespace] == nil {
		p.known[namespace] = map[string]keptPolicy{}
	}
	p.known[namespace][name] = kept
}

func (p *Policies) forget(namespace, name string) {
	delete(p.known[namespace], name)
	if len(p.known[namespace]) == 0 {
		delete(p.known, namespace)
	}
}
