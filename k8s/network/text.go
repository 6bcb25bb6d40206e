package network

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// String names the end in words.
func (e End) String() string {
	switch {
	case e.Workload != nil:
		return e.Workload.String()
	case e.Pods != nil:
		return e.Pods.String()
	}
	return addressText(e.Addresses)
}

// String says which pods, as in "pods app=api in namespace shop" or "any pod in any
// namespace".
func (p Pods) String() string {
	text := p.Pods.podText() + " in "
	if name := p.Namespaces.Name(); name != "" && len(p.Namespaces.keys) == 1 {
		return text + "namespace " + name
	}
	if p.Namespaces.All() {
		return text + "any namespace"
	}
	return text + "namespaces " + p.Namespaces.String()
}

// beside is String from inside a namespace, whose own pods are not meant.
func (p Pods) beside(namespace string) string {
	name := p.Namespaces.values(corev1.LabelMetadataName)
	if !name.others || !slices.Equal(name.list, []string{namespace}) {
		return p.String()
	}
	rest := p.Namespaces.without(corev1.LabelMetadataName)
	if rest.All() {
		return p.Pods.podText() + " of any other namespace"
	}
	return p.Pods.podText() + " in other namespaces " + rest.String()
}

func (s LabelSet) podText() string {
	if s.All() {
		return "any pod"
	}
	return "pods " + s.String()
}
