package network

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LabelSet is a set of label maps, of pods or of namespaces: for each key the values
// it may have, every other key being free. What one selector matches is one LabelSet;
// so is the intersection of two, and their difference is a few disjoint ones.
type LabelSet struct {
	keys       []labelKey // ascending; free keys are left out
	none       bool       // nothing is in
	namespaces bool       // of namespaces, which all carry their name as a label
	written    *metav1.LabelSelector
}

type labelKey struct {
	key    string
	values valueSet
}

// LabelValues is what a LabelSet says of one key: the value is one of Values or, with
// Except, any but those; Absent lets objects without the label in.
type LabelValues struct {
	Key    string   `json:"key"`
	Values []string `json:"values,omitempty"`
	Except bool     `json:"except,omitempty"`
	Absent bool     `json:"absent,omitempty"`
}

func everyPod() LabelSet       { return LabelSet{} }
func everyNamespace() LabelSet { return LabelSet{namespaces: true} }

// namespaceNamed holds the one namespace of that name.
func namespaceNamed(name string) LabelSet {
	return everyNamespace().with(corev1.LabelMetadataName, valueSet{list: []string{name}})
}

// All says that every pod, or every namespace, is in.
func (s LabelSet) All() bool { return !s.none && len(s.keys) == 0 }

// Matches says whether an object with these labels is in. Those of a namespace must
// hold its name.
func (s LabelSet) Matches(labels map[string]string) bool {
	if s.none {
		return false
	}
	for _, k := range s.keys {
		value, present := labels[k.key]
		if !k.values.has(value, present) {
			return false
		}
	}
	return true
}

// Selector gives the selector as a policy wrote it, nil for a set that was computed
// or that no selector describes (the namespace of the policy itself).
func (s LabelSet) Selector() *metav1.LabelSelector { return s.written }

// Values lists the conditions, by key.
func (s LabelSet) Values() []LabelValues {
	list := make([]LabelValues, len(s.keys))
	for i, k := range s.keys {
		list[i] = LabelValues{k.key, k.values.list, k.values.others, k.values.absent}
	}
	return list
}

// MarshalJSON writes the conditions as a list of LabelValues; an empty list is
// everything.
func (s LabelSet) MarshalJSON() ([]byte, error) { return json.Marshal(s.Values()) }

// String writes the set in the words of kubectl's selectors; "" for everything.
func (s LabelSet) String() string {
	if s.none {
		return "nothing"
	}
	parts := make([]string, len(s.keys))
	for i, k := range s.keys {
		values := k.values
		if s.namespaces && k.key == corev1.LabelMetadataName {
			values.absent = values.others // no namespace is without, so it goes without saying
		}
		parts[i] = values.text(k.key)
	}
	return strings.Join(parts, ", ")
}

// Name gives the one name that a set of namespaces holds, "" if it may be several.
func (s LabelSet) Name() string {
	if !s.namespaces || s.none {
		return ""
	}
	if v := s.values(corev1.LabelMetadataName); !v.others && len(v.list) == 1 {
		return v.list[0]
	}
	return ""
}

// without drops what the set says of one key.
func (s LabelSet) without(key string) LabelSet {
	s.keys = slices.DeleteFunc(slices.Clone(s.keys), func(k labelKey) bool { return k.key == key })
	return s
}

// Example gives one label map of the set.
func (s LabelSet) Example() map[string]string {
	labels := map[string]string{}
	if s.namespaces {
		labels[corev1.LabelMetadataName] = "other"
	}
	for _, k := range s.keys {
		if value, present := k.values.pick(); present {
			labels[k.key] = value
		}
	}
	return labels
}

// values are those that a key may have.
func (s LabelSet) values(key string) valueSet {
	at, found := slices.BinarySearchFunc(s.keys, key, compareKey)
	if found {
		return s.keys[at].values
	}
	return s.narrowed(key, anyValue)
}

// narrowed takes out what cannot be: a namespace without its name.
func (s LabelSet) narrowed(key string, values valueSet) valueSet {
	if s.namespaces && key == corev1.LabelMetadataName {
		values.absent = false
	}
	return values
}

// with intersects one key's values.
func (s LabelSet) with(key string, values valueSet) LabelSet {
	if s.none {
		return s
	}
	at, found := slices.BinarySearchFunc(s.keys, key, compareKey)
	values = s.narrowed(key, values)
	if found {
		values = s.keys[at].values.intersect(values)
	}
	switch {
	case values.empty():
		return LabelSet{none: true, namespaces: s.namespaces}
	case values.equal(s.narrowed(key, anyValue)):
		return s // a free key stays unlisted, so that equal sets look equal
	}
	result := LabelSet{namespaces: s.namespaces, keys: make([]labelKey, 0, len(s.keys)+1)}
	result.keys = append(result.keys, s.keys[:at]...)
	result.keys = append(result.keys, labelKey{key, values})
	if found {
		at++
	}
	result.keys = append(result.keys, s.keys[at:]...)
	return result
}

// withEach intersects the values of many keys; unlike with it copies the set once.
func (s LabelSet) withEach(given map[string]valueSet) LabelSet {
	if s.none || len(given) == 0 {
		return s
	}
	all := make(map[string]valueSet, len(s.keys)+len(given))
	for _, k := range s.keys {
		all[k.key] = k.values
	}
	for key, values := range given {
		values = s.narrowed(key, values)
		if known, found := all[key]; found {
			values = known.intersect(values)
		}
		if values.empty() {
			return LabelSet{none: true, namespaces: s.namespaces}
		}
		if !values.equal(s.narrowed(key, anyValue)) {
			all[key] = values
		}
	}
	result := LabelSet{namespaces: s.namespaces, keys: make([]labelKey, 0, len(all))}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		result.keys = append(result.keys, labelKey{key, all[key]})
	}
	return result
}

func compareKey(k labelKey, key string) int { return strings.Compare(k.key, key) }
