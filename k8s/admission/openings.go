package admission

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"tenure.dev/k8s/manifest"
	"tenure.dev/k8s/network"
)

// openings are the NetworkPolicies that were approved for a namespace, made ready
// to compare others with. They are compiled when they are first asked for, and
// again whenever the time of another one is over.
type openings struct {
	own      network.Namespace
	policies []*manifest.Object // by their end; those without one last
	removed  []*manifest.Object // what was approved until a commit took it out; the last of these, oldest first
	compiled atomic.Pointer[compiledOpenings]
}

// maxRemoved is how many exceptions that were taken out of the approved state are
// remembered for a namespace.
const maxRemoved = 200

type compiledOpenings struct {
	over   int // how many of the policies were over
	grants *network.Grants
}

// newOpenings picks the NetworkPolicies out of the objects of a namespace.
func newOpenings(namespace string, objects map[manifest.Key]*manifest.Object) *openings {
	p := &openings{own: network.Namespace{Name: namespace}}
	for _, object := range objects {
		switch typed := object.Typed.(type) {
		case *networkingv1.NetworkPolicy:
			p.policies = append(p.policies, object)
		case *corev1.Namespace:
			p.own.Labels = typed.Labels
		}
	}
	slices.SortFunc(p.policies, byEnd)
	return p
}

// byEnd puts first what ends first, and last what does not end.
func byEnd(a, b *manifest.Object) int {
	switch {
	case a.Until.Equal(b.Until):
		return strings.Compare(a.Key.Name, b.Key.Name)
	case a.Until.IsZero():
		return 1
	case b.Until.IsZero():
		return -1
	}
	return a.Until.Compare(b.Until)
}

// live gives the policies whose time is not over, and how many others there are.
func (p *openings) live(r Request) (live []*manifest.Object, over int) {
	for over < len(p.policies) && r.over(p.policies[over].Until) {
		over++
	}
	return p.policies[over:], over
}

// at gives what is granted at the moment of judging: what is inside the namespace,
// and what the policies let through whose time is not over.
func (p *openings) at(r Request) (*network.Grants, error) {
	live, over := p.live(r)
	if known := p.compiled.Load(); known != nil && known.over == over {
		return known.grants, nil
	}
	grants, err := p.compile(live)
	if err != nil {
		return nil, err
	}
	p.compiled.Store(&compiledOpenings{over, grants})
	return grants, nil
}

// compile makes the grants of approved policies and of others beside them.
func (p *openings) compile(approved []*manifest.Object, others ...*networkingv1.NetworkPolicy) (*network.Grants, error) {
	policies := make([]*networkingv1.NetworkPolicy, 0, len(approved)+len(others))
	for _, object := range approved {
		policies = append(policies, typedPolicy(object))
	}
	grants, err := network.NewGrants(p.own, append(policies, others...)...)
	if err != nil {
		return nil, fmt.Errorf("read what is approved for namespace %q: %w", p.own.Name, err)
	}
	return grants, nil
}

// remember takes over from the openings before what was an exception there and is not
// approved any more.
func (p *openings) remember(before *openings) {
	for _, object := range slices.Concat(before.removed, before.policies) {
		again := slices.ContainsFunc(p.policies, func(now *manifest.Object) bool {
			return now.Key == object.Key && equality.Semantic.DeepEqual(typedPolicy(now).Spec, typedPolicy(object).Spec)
		})
		if object.Request != 0 && !again {
			p.removed = append(p.removed, object)
		}
	}
	p.removed = p.removed[max(0, len(p.removed)-maxRemoved):]
}

// over lists the exceptions that are known to have ended: those whose time is over,
// and those that were taken out of the approved state.
func (p *openings) over(r Request) []*manifest.Object {
	_, over := p.live(r)
	return slices.Concat(p.policies[:over], p.removed)
}

// ended gives what was granted with the exceptions that ended, all of that together;
// nil if none is known to have.
func (p *openings) ended(r Request) (*network.Grants, error) {
	over := p.over(r)
	if len(over) == 0 {
		return nil, nil
	}
	live, _ := p.live(r)
	return p.compile(slices.Concat(live, over))
}

// typedPolicy is the object as a NetworkPolicy; nil when it is none.
func typedPolicy(object *manifest.Object) *networkingv1.NetworkPolicy {
	policy, _ := object.Typed.(*networkingv1.NetworkPolicy)
	return policy
}
