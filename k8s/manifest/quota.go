package manifest

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// quotaName is the name of a namespace's ResourceQuota and of its LimitRange.
const quotaName = "tenure"

// resourceQuota caps what the namespace may use in all. Requests and limits
// have the same cap, so that a tenant cannot overcommit the nodes it shares.
// Node ports and load balancers are 0: traffic comes in through the platform's
// ingress. The API server counts all of this, also while Tenure is away.
func (p place) resourceQuota() (Typed, error) {
	quota := p.grant.Quota
	hard := corev1.ResourceList{
		corev1.ResourceRequestsCPU:           quota.CPU,
		corev1.ResourceLimitsCPU:             quota.CPU,
		corev1.ResourceRequestsMemory:        quota.Memory,
		corev1.ResourceLimitsMemory:          quota.Memory,
		corev1.ResourceRequestsStorage:       quota.Storage,
		corev1.ResourcePods:                  *resource.NewQuantity(quota.Pods, resource.DecimalSI),
		corev1.ResourceServicesLoadBalancers: *resource.NewQuantity(0, resource.DecimalSI),
		corev1.ResourceServicesNodePorts:     *resource.NewQuantity(0, resource.DecimalSI),
	}
	for name, amount := range hard {
		if amount.Sign() < 0 {
			return nil, fmt.Errorf("quota %s %q is negative", name, amount.String())
		}
	}
	return untilNamespaceGoes(&corev1.ResourceQuota{
		TypeMeta:   typeMeta(corev1.SchemeGroupVersion, "ResourceQuota"),
		ObjectMeta: p.meta(quotaName, waveQuota, quota.Request),
		Spec:       corev1.ResourceQuotaSpec{Hard: hard},
	}), nil
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
		ObjectMeta: p.meta(quotaName, waveQuota, 0),
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
