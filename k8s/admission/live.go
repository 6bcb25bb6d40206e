package admission

import (
	"encoding/json"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Live is an object of a cluster, as its API server gave it.
type Live struct {
	Kind      schema.GroupVersionKind
	Namespace string
	Name      string
	Object    json.RawMessage
}

// somebody stands for an ordinary user, who holds nothing of the cluster's own.
const somebody = "tenure:somebody"

// LooksAtLive says whether rules have anything to say of objects of a kind in
// tenants' namespaces that a tenant could have made.
func (s *Snapshot) LooksAtLive(kind schema.GroupKind) bool {
	if kind == namespaceKind {
		return false
	}
	if isWorkload(kind) || isGoverned(kind) {
		return true
	}
	for _, rules := range s.rules {
		for _, rule := range rules {
			if !rule.always && rule.LooksAt(kind) {
				return true
			}
		}
	}
	return false
}

// JudgeLive judges an object that is there already as if an ordinary user made it
// now. It is what becomes of the object when it is made again, and of the pods that
// its controller makes. judged is false for what is no tenant's business: what is in
// a namespace that nobody approved, what was rendered, what the control plane puts
// into every namespace.
func (s *Snapshot) JudgeLive(live Live, now time.Time) (decision Decision, judged bool) {
	request := Request{
		Operation: Create, Kind: live.Kind, Namespace: live.Namespace, Name: live.Name, User: somebody, Object: live.Object, At: now,
	}
	o := newObject(s, request)
	kind := live.Kind.GroupKind()
	if name, system := systemObjects[kind]; o.Grant == nil || o.rendered() != nil || (system && name == live.Name) {
		return Decision{}, false
	}
	return Evaluate(s, request), true
}
