package manifest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// resourceQuota caps what the namespace may use in all. While a temporary
// increase holds, it is the increased amounts, and from its end the lasting ones.
func (p place) resourceQuota() (granted, error) {
	quota := p.grant.Quota
	lasting, err := p.quotaOf(quota.Lasting())
	if err != nil || quota.Raise == nil {
		return granted{Typed: lasting}, err
	}
	object, err := p.raisedQuota(*quota.Raise)
	if err != nil {
		return granted{}, fmt.Errorf("quota increase of request %d: %w", quota.Raise.Request, err)
	}
	return granted{Typed: object, request: quota.Raise.Request, until: quota.Raise.Until.UTC(), then: lasting}, nil
}

// raisedQuota is the quota while the namespace's temporary increase holds. It
// says until when, and by which request beside that of the lasting amounts.
func (p place) raisedQuota(raise workflow.QuotaRaise) (*corev1.ResourceQuota, error) {
	switch {
	case raise.Request < 0: // 0 is a preview
		return nil, errors.New("no request has that number")
	case !isEnd(raise.Until):
		return nil, errors.New("its end is not a moment in whole seconds")
	}
	// Negative amounts of the increase itself vanish beside the lasting ones.
	if _, err := p.quotaOf(raise.Size()); err != nil {
		return nil, err
	}
	object, err := p.quotaOf(p.grant.Quota.Effective())
	if err != nil {
		return nil, err
	}
	object.Annotations[AnnotationUntil] = raise.Until.UTC().Format(time.RFC3339)
	if raise.Request != 0 {
		object.Annotations[AnnotationRaisedBy] = fmt.Sprint(raise.Request)
	}
	return object, nil
}

// quotaOf makes the quota of these amounts. Requests and limits have the same
// cap, so that a tenant cannot overcommit the nodes it shares. Node ports are 0,
// and load balancers unless they were given: traffic comes in through the
// platform's ingress. The API server counts all of this, also while Tenure is away.
func (p place) quotaOf(size workflow.Size) (*corev1.ResourceQuota, error) {
	hard := corev1.ResourceList{
		corev1.ResourceRequestsCPU:           size.CPU,
		corev1.ResourceLimitsCPU:             size.CPU,
		corev1.ResourceRequestsMemory:        size.Memory,
		corev1.ResourceLimitsMemory:          size.Memory,
		corev1.ResourceRequestsStorage:       size.Storage,
		corev1.ResourcePods:                  *resource.NewQuantity(size.Pods, resource.DecimalSI),
		corev1.ResourceServicesLoadBalancers: *resource.NewQuantity(0, resource.DecimalSI),
		corev1.ResourceServicesNodePorts:     *resource.NewQuantity(0, resource.DecimalSI),
	}
	for kind, count := range size.Objects {
		// Whatever else stood here could lift one of the caps above.
		if !slices.Contains(workflow.ObjectCounts(), kind) {
			return nil, fmt.Errorf("quota: %q is nothing that is counted", kind)
		}
		hard[corev1.ResourceName(kind)] = *resource.NewQuantity(count, resource.DecimalSI)
	}
	for name, amount := range hard {
		if amount.Sign() < 0 {
			return nil, fmt.Errorf("quota %s %q is negative", name, amount.String())
		}
	}
	quota := &corev1.ResourceQuota{
		TypeMeta:   typeMeta(corev1.SchemeGroupVersion, "ResourceQuota"),
		ObjectMeta: p.meta(workflow.QuotaName, waveQuota, p.grant.Quota.Request),
		Spec:       corev1.ResourceQuotaSpec{Hard: hard},
	}
	untilNamespaceGoes(quota)
	return quota, nil
}

// limitRange gives a container that asks for nothing the policy's defaults.
// With a ResourceQuota on limits, the API server would otherwise refuse it.
func (p place) limitRange(defaults workflow.ContainerDefaults) (Typed, error) {
	item := corev1.LimitRangeItem{
		Type:           corev1.LimitTypeContainer,
		Default:        corev1.ResourceList{},
		DefaultRequest: corev1.ResourceList{},
	}
	for _, d := range []struct {
		name           corev1.ResourceName
		request, limit resource.Quantity
	}{
		{corev1.ResourceCPU, defaults.Requests.CPU, defaults.Limits.CPU},
		{corev1.ResourceMemory, defaults.Requests.Memory, defaults.Limits.Memory},
	} {
		if err := addDefault(item, d.name, d.request, d.limit); err != nil {
			return nil, err
		}
	}
	return untilNamespaceGoes(&corev1.LimitRange{
		TypeMeta:   typeMeta(corev1.SchemeGroupVersion, "LimitRange"),
		ObjectMeta: p.meta(workflow.QuotaName, waveQuota, 0),
		Spec:       corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{item}},
	}), nil
}

// addDefault sets one resource's defaults. A limit of 0 is none. As the API
// server does, a request that is not given is the limit (SetDefaults_LimitRangeItem).
func addDefault(item corev1.LimitRangeItem, name corev1.ResourceName, request, limit resource.Quantity) error {
	if request.Sign() < 0 || limit.Sign() < 0 {
		return fmt.Errorf("containerDefaults: %s is negative", name)
	}
	if limit.Sign() > 0 {
		item.Default[name] = limit
		if request.Sign() == 0 {
			request = limit
		}
		if request.Cmp(limit) > 0 {
			return fmt.Errorf("containerDefaults: the request of %s %q is more than the limit %q", name, request.String(), limit.String())
		}
	}
	if request.Sign() > 0 {
		item.DefaultRequest[name] = request
	}
	return nil
}
