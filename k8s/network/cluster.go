package network

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Cluster is a set of namespaces with their workloads and policies. It never
// changes; WithPolicies gives another that shares what it does not replace.
type Cluster struct {
	base    *index
	changed map[string]*space // stands before base
}

// space is one namespace.
type space struct {
	name      string
	labels    map[string]string // with kubernetes.io/metadata.name
	workloads []*group
	policies  []*policy // by name
}

// group is one workload; its variants are pods of one owner that differ in labels or
// ports.
type group struct {
	ref      Ref
	variants []Workload
}

// single says that the workload is one pod, so that a flow from it to itself never
// leaves the pod.
func (g *group) single() bool { return g.ref.Kind == kindPod && len(g.variants) == 1 }

// New takes the objects of a cluster. Namespaces, workloads and policies that cannot
// be, as an invalid policy, are errors, all of them told.
func New(objects Objects) (*Cluster, error) {
	spaces := map[string]*space{}
	var errs []error
	for _, n := range objects.Namespaces {
		if s := spaces[n.Name]; s != nil {
			errs = append(errs, fmt.Errorf("namespace %q is there twice", n.Name))
			continue
		}
		s, err := newSpace(n)
		if err != nil {
			errs = append(errs, err)
		}
		spaces[n.Name] = s
	}
	implied := func(name string) *space {
		s := spaces[name]
		if s == nil {
			var err error
			if s, err = newSpace(Namespace{Name: name}); err != nil {
				errs = append(errs, err)
			}
			spaces[name] = s
		}
		return s
	}
	for _, w := range objects.Workloads {
		if err := w.validate(); err != nil {
			errs = append(errs, err)
			continue
		}
		implied(w.Namespace).add(w)
	}
	policies := map[string][]*networkingv1.NetworkPolicy{}
	for _, source := range objects.Policies {
		if source == nil {
			errs = append(errs, errors.New("a NetworkPolicy is nil"))
			continue
		}
		policies[source.Namespace] = append(policies[source.Namespace], source)
	}
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		compiled, err := compileAll(name, policies[name])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		implied(name).policies = compiled
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Cluster{base: newIndex(spaces)}, nil
}

func newSpace(n Namespace) (*space, error) {
	s := &space{name: n.Name, labels: map[string]string{corev1.LabelMetadataName: n.Name}}
	if wrong := validation.IsDNS1123Label(n.Name); len(wrong) > 0 {
		return s, fmt.Errorf("namespace %q: %s", n.Name, wrong[0])
	}
	if own, set := n.Labels[corev1.LabelMetadataName]; set && own != n.Name {
		return s, fmt.Errorf("namespace %q: label %s is %q", n.Name, corev1.LabelMetadataName, own)
	}
	maps.Copy(s.labels, n.Labels)
	return s, nil
}

func (w Workload) validate() error {
	if w.Name == "" || w.Kind == "" {
		return fmt.Errorf("workload %q of namespace %q: name and kind are needed", w.Name, w.Namespace)
	}
	for _, port := range w.Ports {
		if port.Port < 1 || port.Port > maxPort || !slices.Contains(protocols[:], port.protocol()) {
			return fmt.Errorf("workload %q: container port %q: %s %d is not a port", w.Ref(), port.Name, port.protocol(), port.Port)
		}
	}
	return nil
}

func (s *space) add(w Workload) {
	at := slices.IndexFunc(s.workloads, func(g *group) bool { return g.ref == w.Ref() })
	if at < 0 {
		at = len(s.workloads)
		s.workloads = append(s.workloads, &group{ref: w.Ref()})
	}
	s.workloads[at].variants = append(s.workloads[at].variants, w)
}

// compileAll makes a namespace's policies ready; two of one name are an error.
func compileAll(namespace string, sources []*networkingv1.NetworkPolicy) ([]*policy, error) {
	policies := make([]*policy, 0, len(sources))
	names := map[string]bool{}
	var errs []error
	for _, source := range sources {
		p, err := compile(source, namespace)
		switch {
		case err != nil:
			errs = append(errs, err)
		case names[p.name]:
			errs = append(errs, fmt.Errorf("NetworkPolicy %q is there twice", p.String()))
		default:
			names[p.name] = true
			policies = append(policies, p)
		}
	}
	return policies, errors.Join(errs...)
}

// WithPolicies replaces the policies of one namespace, which need not exist yet, and
// shares all the rest. Each call keeps a list of what differs from the cluster that
// New made, so it is meant for the few namespaces of a request, not for all of them.
func (c *Cluster) WithPolicies(namespace string, policies ...*networkingv1.NetworkPolicy) (*Cluster, error) {
	compiled, err := compileAll(namespace, policies)
	if err != nil {
		return nil, err
	}
	before := c.space(namespace)
	if before == nil {
		if before, err = newSpace(Namespace{Name: namespace}); err != nil {
			return nil, err
		}
	}
	after := *before
	after.policies = compiled
	changed := maps.Clone(c.changed)
	if changed == nil {
		changed = map[string]*space{}
	}
	changed[namespace] = &after
	return &Cluster{base: c.base, changed: changed}, nil
}

// space finds a namespace, nil if there is none.
func (c *Cluster) space(name string) *space {
	if s := c.changed[name]; s != nil {
		return s
	}
	return c.base.spaces[name]
}
