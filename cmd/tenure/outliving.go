package main

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/cluster"
	"tenure.dev/workflow"
)

const (
	// outlivingPeriod is how late it may be seen that an exception ended by its time.
	outlivingPeriod = time.Minute
	// outlivingPause gathers what comes at once, such as a cluster's first list.
	outlivingPause = time.Second
)

// outliving looks again and again for tenants' own NetworkPolicies that let through
// more than is approved: they copied an exception, and stayed when it ended.
// Admission judges writes, and nobody writes them then.
type outliving struct {
	cluster  string                             // by its name in the policy; required
	policies func() (cluster.OwnPolicies, bool) // required
	snapshot func() *admission.Snapshot         // required
	tenants  func() map[string]string           // the tenant of each approved namespace of the cluster; required
	clock    workflow.Clock                     // required
	log      *slog.Logger                       // required
	woken    chan struct{}                      // of capacity 1; required

	mu    sync.Mutex
	found []admission.Outlived // at the last look that could tell
	known bool                 // the last look could tell
}

var (
	_ workflow.Outliving   = (*outliving)(nil)
	_ prometheus.Collector = (*outliving)(nil)
)

// watchPolicies opens the watch over the cluster's NetworkPolicies and what is made of it.
func (e *enforcer) watchPolicies(holder *admission.Holder) (err error) {
	o := &outliving{
		cluster: e.settings.Cluster, snapshot: holder.Load, tenants: e.tenants, clock: e.clock, log: e.log, woken: make(chan struct{}, 1),
	}
	e.policies, err = cluster.OpenPolicies(cluster.PoliciesConfig{Kubeconfig: e.settings.ClusterKubeconfig, Clock: e.clock, Log: e.log, Changed: o.wake})
	if err != nil {
		return err
	}
	o.policies, e.outliving = e.policies.All, o
	return e.metrics.Register(o)
}

// tenants gives the tenant of each namespace that is approved for the cluster.
func (e *enforcer) tenants() map[string]string {
	state, err := e.repository.State()
	if err != nil {
		return nil
	}
	tenants := map[string]string{}
	for slug, tenancy := range state.Tenancies {
		for _, namespace := range tenancy.Namespaces {
			if namespace.Cluster == e.settings.Cluster {
				tenants[namespace.Name] = slug
			}
		}
	}
	return tenants
}

// wake has it look soon. It does not block.
func (o *outliving) wake() {
	select {
	case o.woken <- struct{}{}:
	default: // it is awake already
	}
}

// run looks until the context ends: in its period, and soon after it was woken.
func (o *outliving) run(ctx context.Context) {
	ticker := time.NewTicker(outlivingPeriod)
	defer ticker.Stop()
	for {
		o.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			continue
		case <-o.woken:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(outlivingPause):
		}
		select {
		case <-o.woken: // the look that comes sees that too
		default:
		}
	}
}

// look compares what is live with what is approved now. What comes and what goes is
// logged once; while nothing can be told, neither.
func (o *outliving) look(ctx context.Context) {
	own, known := o.policies()
	snapshot := o.snapshot()
	known = known && snapshot != nil
	var found []admission.Outlived
	if known {
		found = append(snapshot.Outliving(own.Policies, o.clock.Now()), o.unjudged(own.Unjudged)...)
		slices.SortFunc(found, func(a, b admission.Outlived) int {
			return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
		})
	}
	o.mu.Lock()
	before := o.found
	o.known = known
	if known {
		o.found = found
	}
	o.mu.Unlock()
	if !known {
		return
	}
	for _, policy := range missing(found, before) {
		o.log.WarnContext(ctx, "a tenant's own NetworkPolicy lets through more than is approved; it is for the tenant to narrow or delete it", outlivedAttributes(policy)...)
	}
	for _, policy := range missing(before, found) {
		o.log.InfoContext(ctx, "a tenant's own NetworkPolicy no longer lets through more than is approved", outlivedAttributes(policy)...)
	}
}

// unjudged lists those that nobody can judge in tenants' namespaces: one of them may
// outlive anything. Those of the platform are its own affair.
func (o *outliving) unjudged(policies []cluster.UnjudgedPolicy) []admission.Outlived {
	if len(policies) == 0 {
		return nil
	}
	tenants, found := o.tenants(), []admission.Outlived(nil)
	for _, policy := range policies {
		if tenant := tenants[policy.Namespace]; tenant != "" {
			found = append(found, admission.Outlived{Tenant: tenant, Namespace: policy.Namespace, Name: policy.Name, Witness: policy.Why})
		}
	}
	return found
}

// byPolicy finds each by its namespace and name.
func byPolicy(policies []admission.Outlived) map[[2]string]admission.Outlived {
	found := make(map[[2]string]admission.Outlived, len(policies))
	for _, policy := range policies {
		found[[2]string{policy.Namespace, policy.Name}] = policy
	}
	return found
}

// missing lists the policies of the first list that the second does not have.
func missing(these, in []admission.Outlived) []admission.Outlived {
	has := byPolicy(in)
	return slices.DeleteFunc(slices.Clone(these), func(policy admission.Outlived) bool {
		_, found := has[[2]string{policy.Namespace, policy.Name}]
		return found
	})
}

func outlivedAttributes(policy admission.Outlived) []any {
	return []any{"request", policy.Request, "tenant", policy.Tenant, "namespace", policy.Namespace, "name", policy.Name, "witness", policy.Witness}
}

// Cluster is the one whose policies are watched.
func (o *outliving) Cluster() string { return o.cluster }

// Outliving lists what the last look found. While nothing can be told, it lists what
// was found before.
func (o *outliving) Outliving() (policies []workflow.OutlivedPolicy, known bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, policy := range o.found {
		policies = append(policies, workflow.OutlivedPolicy{
			Tenant: policy.Tenant, Cluster: o.cluster, Namespace: policy.Namespace, Name: policy.Name, Opens: policy.Witness, Request: policy.Request,
		})
	}
	return policies, o.known
}

var outlivingMetric = prometheus.NewDesc("tenure_networkpolicies_outliving",
	"Tenants' own NetworkPolicies that let through more than is approved for their namespaces, or cannot be judged; absent while the cluster's policies are not known.", nil, nil)

// Describe names the metric.
func (*outliving) Describe(to chan<- *prometheus.Desc) { to <- outlivingMetric }

// Collect gives nothing while nothing can be told.
func (o *outliving) Collect(to chan<- prometheus.Metric) {
	if policies, known := o.Outliving(); known {
		to <- prometheus.MustNewConstMetric(outlivingMetric, prometheus.GaugeValue, float64(len(policies)))
	}
}
