package network

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
)

// Difference is what changed between two clusters.
type Difference struct {
	// Opened and Closed are flows that only one of the clusters lets through. With an
	// end that is Pods or Addresses they are the parts of it that were opened or
	// closed for the workload, on those ports.
	Opened []Flow `json:"opened"`
	Closed []Flow `json:"closed"`
	// Changed flows between two workloads exist before and after, on different ports.
	Changed []Change `json:"changed"`
	// Widened and Narrowed are what the policies of a namespace let through at their
	// own end for pods of which none need exist, as they are before any workload runs.
	Widened  []Allowance `json:"widened"`
	Narrowed []Allowance `json:"narrowed"`
}

// Change is a flow between the same ends on other ports.
type Change struct {
	From   End   `json:"from"`
	To     End   `json:"to"`
	Before Ports `json:"before"`
	After  Ports `json:"after"`
}

// Allowance is what a namespace's end lets through for some of its pods.
type Allowance struct {
	Namespace string    `json:"namespace"`
	Direction Direction `json:"direction"`
	Pods      LabelSet  `json:"pods"` // of the namespace
	Peer      End       `json:"peer"` // Pods or Addresses
	Ports     Ports     `json:"ports"`
}

// Empty says that nothing changed.
func (d Difference) Empty() bool {
	return len(d.Opened)+len(d.Closed)+len(d.Changed)+len(d.Widened)+len(d.Narrowed) == 0
}

// Diff tells what changed. It looks only at namespaces that differ, and at the
// workloads that what changed in these can reach; between clusters of which one was
// made by WithPolicies from the other, that does not grow with the cluster.
//
// Policies whose selectors overlap in too many ways (ErrTooComplex) are told whole in
// Widened and Narrowed; the flows between workloads are exact also then.
func Diff(before, after *Cluster) Difference {
	d := differ{before: before, after: after, pairs: map[[2]Ref]bool{}}
	for _, name := range differing(before, after) {
		d.namespace(name)
	}
	d.comparePairs()
	d.sort()
	return d.result
}

// differing gives the names of the namespaces that are not the same, ascending.
func differing(before, after *Cluster) []string {
	names := map[string]bool{}
	for _, changed := range []map[string]*space{before.changed, after.changed} {
		for name := range changed {
			names[name] = true
		}
	}
	if before.base != after.base {
		for _, c := range []*Cluster{before, after} {
			for _, name := range c.base.names {
				names[name] = true
			}
		}
	}
	maps.DeleteFunc(names, func(name string, _ bool) bool {
		b, a := before.space(name), after.space(name)
		return b == a || b != nil && a != nil && b.sameInventory(a) && b.samePolicies(a)
	})
	return slices.Sorted(maps.Keys(names))
}

// sameInventory says that labels and workloads are the same.
func (s *space) sameInventory(o *space) bool {
	same := func(a, b *group) bool {
		return a == b || a.ref == b.ref && equality.Semantic.DeepEqual(a.variants, b.variants)
	}
	return maps.Equal(s.labels, o.labels) && slices.EqualFunc(s.workloads, o.workloads, same)
}

func (s *space) samePolicies(o *space) bool {
	return slices.EqualFunc(s.policies, o.policies, func(a, b *policy) bool {
		return a == b || equality.Semantic.DeepEqual(a.source.Spec, b.source.Spec)
	})
}
