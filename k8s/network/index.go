package network

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// index finds namespaces by name and by label.
type index struct {
	spaces  map[string]*space
	names   []string // ascending
	byLabel map[label][]string
}

type label struct{ key, value string }

func newIndex(spaces map[string]*space) *index {
	x := &index{spaces: spaces, names: slices.Sorted(maps.Keys(spaces)), byLabel: map[label][]string{}}
	for _, name := range x.names {
		for key, value := range spaces[name].labels {
			if key != corev1.LabelMetadataName { // spaces has it
				x.byLabel[label{key, value}] = append(x.byLabel[label{key, value}], name)
			}
		}
	}
	return x
}

// matching gives the names of the namespaces that are in the set, ascending. It looks
// only at those that have one value of the set's narrowest label. A namespace that only
// WithPolicies brought may be left out, since it has no workloads to be found.
func (c *Cluster) matching(set LabelSet) []string {
	var found []string
	for _, name := range c.candidates(set) {
		if s := c.space(name); s != nil && set.Matches(s.labels) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (c *Cluster) candidates(set LabelSet) []string {
	if set.none {
		return nil
	}
	if name := set.values(corev1.LabelMetadataName); !name.others {
		return name.list
	}
	best, found := c.base.names, false
	for _, k := range set.keys {
		if k.values.others || k.values.absent {
			continue
		}
		var names []string
		for _, value := range k.values.list {
			names = append(names, c.base.byLabel[label{k.key, value}]...)
		}
		if !found || len(names) < len(best) {
			best, found = names, true
		}
	}
	return best
}

// allNames gives the names of all namespaces, ascending.
func (c *Cluster) allNames() []string {
	return c.matching(everyNamespace())
}
