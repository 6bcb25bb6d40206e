package analyzer

import (
	"slices"
	"time"

	networkingv1 "k8s.io/api/networking/v1"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// world is the approved state at one moment. Its namespaces are rendered when
// somebody looks at them.
type world struct {
	state    *workflow.ApprovedState
	replaced map[string]workflow.Tenancy // tenancies that stand instead of the state's
	at       time.Time                   // what has expired by then is left out
	places   map[spot]*place             // nil for a namespace that is no tenant's
}

// spot names a namespace.
type spot struct{ cluster, namespace string }

// place is a tenant's namespace as it is rendered.
type place struct {
	spot
	tenant      string
	environment string
	labels      map[string]string
	grants      []*grant
	policies    []*networkingv1.NetworkPolicy // all that are rendered
}

func newWorld(state *workflow.ApprovedState, at time.Time, instead ...workflow.Tenancy) *world {
	w := &world{state: state, at: at, replaced: make(map[string]workflow.Tenancy, len(instead)), places: map[spot]*place{}}
	for _, tenancy := range instead {
		w.replaced[tenancy.Name] = tenancy
	}
	return w
}

// later is the same state at another moment.
func (w *world) later(at time.Time) *world {
	return &world{state: w.state, at: at, replaced: w.replaced, places: map[spot]*place{}}
}

func (w *world) tenancy(name string) (workflow.Tenancy, bool) {
	if tenancy, replaced := w.replaced[name]; replaced {
		return tenancy, true
	}
	tenancy, found := w.state.Tenancies[name]
	return tenancy, found
}

// place renders a namespace; nil where no tenant has it.
func (w *world) place(at spot) (*place, error) {
	if known, seen := w.places[at]; seen {
		return known, nil
	}
	tenancy, namespace, found := w.owner(at)
	if !found {
		w.places[at] = nil
		return nil, nil
	}
	p, err := w.render(tenancy, namespace)
	if err != nil {
		return nil, err
	}
	w.places[at] = p
	return p, nil
}

// owner finds who has a namespace. Its name starts with the tenant's, so that
// as a rule only those few tenancies are looked at, however many there are.
func (w *world) owner(at spot) (workflow.Tenancy, workflow.Namespace, bool) {
	if w.platform(at.namespace) {
		return workflow.Tenancy{}, workflow.Namespace{}, false
	}
	for i, letter := range at.namespace {
		if letter != '-' {
			continue
		}
		if tenancy, known := w.tenancy(at.namespace[:i]); known {
			if namespace, found := tenancy.Namespace(at.cluster, at.namespace); found {
				return tenancy, namespace, true
			}
		}
	}
	for name := range w.state.Tenancies {
		tenancy, _ := w.tenancy(name)
		if namespace, found := tenancy.Namespace(at.cluster, at.namespace); found {
			return tenancy, namespace, true
		}
	}
	return workflow.Tenancy{}, workflow.Namespace{}, false
}

// platform says whether a namespace is the platform's: Tenure renders nothing
// into it, and what it lets through is not known.
func (w *world) platform(namespace string) bool {
	return slices.Contains(w.state.Policy.PlatformNamespaces, namespace)
}

func (w *world) render(tenancy workflow.Tenancy, namespace workflow.Namespace) (*place, error) {
	namespace.Network = slices.DeleteFunc(slices.Clone(namespace.Network), func(e workflow.NetworkException) bool { return e.Expired(w.at) })
	objects, err := manifest.Objects(w.state.Policy, tenancy, namespace)
	if err != nil {
		return nil, err
	}
	p := &place{spot: spot{namespace.Cluster, namespace.Name}, tenant: tenancy.Name, environment: namespace.Environment}
	return p, p.fill(w.state.Policy, namespace, objects)
}
