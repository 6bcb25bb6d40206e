package workflow

import (
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Size is what a namespace may use in all, requests and limits alike. The
// policy has ready-made ones.
type Size struct {
	CPU     resource.Quantity     `json:"cpu"`
	Memory  resource.Quantity     `json:"memory"`
	Storage resource.Quantity     `json:"storage"` // sum over PersistentVolumeClaims
	Pods    int64                 `json:"pods"`
	Objects map[ObjectCount]int64 `json:"objects,omitempty"` // the most there may be of a kind; what is not named is not counted
}

// QuotaName is the name of the ResourceQuota, and of the LimitRange, of a
// tenant's namespace.
const QuotaName = "tenure"

// ObjectCount is a kind of object that a quota can count, as ResourceQuota
// names it (https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota).
type ObjectCount string

// The objects that can be counted. Of load balancers there may be none where
// nothing is said; node ports are never given.
const (
	CountServices      ObjectCount = "services"
	CountLoadBalancers ObjectCount = "services.loadbalancers"
	CountClaims        ObjectCount = "persistentvolumeclaims"
	CountConfigMaps    ObjectCount = "configmaps"
	CountSecrets       ObjectCount = "secrets"
	CountDeployments   ObjectCount = "count/deployments.apps"
	CountStatefulSets  ObjectCount = "count/statefulsets.apps"
	CountJobs          ObjectCount = "count/jobs.batch"
	CountCronJobs      ObjectCount = "count/cronjobs.batch"
	CountIngresses     ObjectCount = "count/ingresses.networking.k8s.io"
)

// ObjectCounts lists what can be counted, in the order of forms and pages.
func ObjectCounts() []ObjectCount {
	return []ObjectCount{
		CountServices, CountLoadBalancers, CountClaims, CountConfigMaps, CountSecrets,
		CountDeployments, CountStatefulSets, CountJobs, CountCronJobs, CountIngresses,
	}
}

// Quota is what a namespace was given: lasting amounts, and perhaps a temporary
// increase.
type Quota struct {
	CPU     resource.Quantity     `json:"cpu"`
	Memory  resource.Quantity     `json:"memory"`
	Storage resource.Quantity     `json:"storage"`
	Pods    int64                 `json:"pods"`
	Objects map[ObjectCount]int64 `json:"objects,omitempty"`
	Request int64                 `json:"request"` // the request that gave the lasting amounts
	Raise   *QuotaRaise           `json:"raise,omitempty"`
}

// QuotaRaise is a temporary increase, in the amounts that hold until its end.
// An amount below the lasting one changes nothing.
type QuotaRaise struct {
	CPU     resource.Quantity     `json:"cpu"`
	Memory  resource.Quantity     `json:"memory"`
	Storage resource.Quantity     `json:"storage"`
	Pods    int64                 `json:"pods"`
	Objects map[ObjectCount]int64 `json:"objects,omitempty"`
	Until   time.Time             `json:"until"`   // UTC, whole seconds; from then on it is not granted
	Request int64                 `json:"request"` // the request that gave it
}

// Lasting is what the namespace may use without the temporary increase.
func (q Quota) Lasting() Size {
	return Size{CPU: q.CPU, Memory: q.Memory, Storage: q.Storage, Pods: q.Pods, Objects: q.Objects}
}

// Size is what the temporary increase says the namespace may use.
func (r QuotaRaise) Size() Size {
	return Size{CPU: r.CPU, Memory: r.Memory, Storage: r.Storage, Pods: r.Pods, Objects: r.Objects}
}

// Effective is what the namespace may use while its temporary increase holds:
// of each amount the greater one.
func (q Quota) Effective() Size {
	if q.Raise == nil {
		return q.Lasting()
	}
	return q.Lasting().most(q.Raise.Size())
}

// At is what the namespace may use at a moment.
func (q Quota) At(now time.Time) Size {
	if q.Raise != nil && now.Before(q.Raise.Until) {
		return q.Effective()
	}
	return q.Lasting()
}

// most takes the greater one of each amount. An object that one side does not
// count is not limited; load balancers there are none of.
func (s Size) most(other Size) Size {
	larger := func(a, b resource.Quantity) resource.Quantity {
		if a.Cmp(b) >= 0 {
			return a
		}
		return b
	}
	most := Size{
		CPU: larger(s.CPU, other.CPU), Memory: larger(s.Memory, other.Memory), Storage: larger(s.Storage, other.Storage),
		Pods: max(s.Pods, other.Pods), Objects: maps.Clone(s.Objects),
	}
	maps.DeleteFunc(most.Objects, func(kind ObjectCount, _ int64) bool {
		_, both := other.Objects[kind]
		return !both && kind != CountLoadBalancers
	})
	for kind, count := range other.Objects {
		if _, both := s.Objects[kind]; both || kind == CountLoadBalancers {
			if most.Objects == nil {
				most.Objects = map[ObjectCount]int64{}
			}
			most.Objects[kind] = max(count, s.Objects[kind])
		}
	}
	return most
}

// equal says whether two sizes are the same amounts, however they are written.
func (s Size) equal(other Size) bool { return len(s.changes(other)) == 0 }

// quotaOf is a quota of these amounts, given by a request.
func (s Size) quotaOf(request int64) Quota {
	return Quota{CPU: s.CPU, Memory: s.Memory, Storage: s.Storage, Pods: s.Pods, Objects: s.Objects, Request: request}
}

// known says whether the objects can be counted.
func (k ObjectCount) known() bool { return slices.Contains(ObjectCounts(), k) }
