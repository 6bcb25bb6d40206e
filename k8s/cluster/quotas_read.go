package cluster

import (
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"tenure.dev/workflow"
)

// readQuota reads the status of a ResourceQuota. counted is false while the
// cluster has not counted what every quota of Tenure's limits: a new one has an
// empty status for a moment.
func readQuota(source *unstructured.Unstructured) (heard heardQuota, counted bool, err error) {
	var quota corev1.ResourceQuota
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(map[string]any{"status": source.Object["status"]}, &quota); err != nil {
		return heardQuota{}, false, fmt.Errorf("decode its status: %w", err)
	}
	used, usedAll := sizeOf(quota.Status.Used, most)
	hard, hardAll := sizeOf(quota.Status.Hard, least)
	for kind := range used.Objects {
		if _, limited := hard.Objects[kind]; !limited {
			delete(used.Objects, kind) // it was limited before; nobody counts it any more
		}
	}
	return heardQuota{used: used, hard: hard}, usedAll && hardAll, nil
}

// sizeOf gives the amounts of a ResourceQuota's list in the terms of a grant, and
// whether all are there that every grant has. Requests and limits have the same
// cap; of two that differ, pick says which counts.
func sizeOf(amounts corev1.ResourceList, pick func(a, b apiresource.Quantity) apiresource.Quantity) (size workflow.Size, complete bool) {
	complete = true
	amount := func(names ...corev1.ResourceName) (found apiresource.Quantity) {
		missing := true
		for _, name := range names {
			one, has := amounts[name]
			switch {
			case !has:
			case missing:
				found, missing = one, false
			default:
				found = pick(found, one)
			}
		}
		complete = complete && !missing
		return found
	}
	size.CPU = amount(corev1.ResourceRequestsCPU, corev1.ResourceLimitsCPU)
	size.Memory = amount(corev1.ResourceRequestsMemory, corev1.ResourceLimitsMemory)
	size.Storage = amount(corev1.ResourceRequestsStorage)
	pods := amount(corev1.ResourcePods)
	size.Pods = pods.Value()
	for _, kind := range workflow.ObjectCounts() {
		if count, has := amounts[corev1.ResourceName(kind)]; has {
			if size.Objects == nil {
				size.Objects = map[workflow.ObjectCount]int64{}
			}
			size.Objects[kind] = count.Value()
		}
	}
	return size, complete
}

// most is what is in use: one more of either is refused when the greater one is
// at the cap.
func most(a, b apiresource.Quantity) apiresource.Quantity {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

// least is what the cluster holds to, should somebody have changed one cap past Tenure.
func least(a, b apiresource.Quantity) apiresource.Quantity {
	if a.Cmp(b) > 0 {
		return b
	}
	return a
}

// copied is a size that shares nothing with the one it was made from: a
// quantity notes its own text when it is written.
func copied(size workflow.Size) workflow.Size {
	return workflow.Size{
		CPU: size.CPU.DeepCopy(), Memory: size.Memory.DeepCopy(), Storage: size.Storage.DeepCopy(),
		Pods: size.Pods, Objects: maps.Clone(size.Objects),
	}
}
