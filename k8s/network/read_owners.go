package network

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// owned is a workload with the name of its controller, itself if it has none.
type owned struct {
	Workload
	owner Ref
}

func (r *reader) add(w Workload, references []metav1.OwnerReference) {
	owner := w.Ref()
	for _, reference := range references {
		if reference.Controller == nil || !*reference.Controller || reference.Name == "" {
			continue
		}
		owner.Name = reference.Name
		if reference.Kind != "" {
			owner.Kind = reference.Kind
		}
	}
	r.read = append(r.read, owned{w, owner})
}

// finish puts pods under the name of the controller at the top, as far as the stream
// holds it: a Deployment's, not its ReplicaSet's. Those that are alike are one
// workload; those with labels of their own, as a pod's hash, stand beside the
// template's. The objects between say nothing more.
func (r *reader) finish() Objects {
	owners := map[Ref]Ref{}
	for _, w := range r.read {
		if w.Kind != kindPod {
			owners[w.Ref()] = w.owner
		}
	}
	known := map[Ref][]Workload{}
	for _, w := range r.read {
		if w.Kind != kindPod && w.owner != w.Ref() {
			if _, held := owners[w.owner]; held {
				continue
			}
		}
		top := w.Ref()
		if w.Kind == kindPod {
			top = w.owner
			for range owners { // no longer, should objects own each other in a circle
				next, held := owners[top]
				if _, further := owners[next]; !held || !further {
					break
				}
				top = next
			}
		}
		w.Name, w.Kind = top.Name, top.Kind
		if slices.ContainsFunc(known[top], w.alike) {
			continue
		}
		known[top] = append(known[top], w.Workload)
		r.objects.Workloads = append(r.objects.Workloads, w.Workload)
	}
	return r.objects
}

func (w Workload) alike(o Workload) bool {
	return maps.Equal(w.Labels, o.Labels) && slices.Equal(w.Ports, o.Ports)
}
