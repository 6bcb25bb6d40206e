package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// NamespaceView is what a namespace's page shows.
type NamespaceView struct {
	Tenancy      Tenancy // whose namespace it is
	Namespace    Namespace
	Requests     []Request // those about it that the actor may see: the open ones first, then newest first
	Connectivity *Connectivity
	Used         *QuotaUse // what is in use; nil where that is not known
	Files        []File    // its manifests, and the tenancy's document before them, as they are in the repository
	Policy       Policy
	MayAsk       bool
	Now          time.Time // what Connectivity holds at; an exception that has expired by then is not granted any more
	Commit       string    // the verified commit that the page shows
}

// Namespace reads what a namespace has, its network exceptions among it, and
// the requests about it. Connectivity is nil where nothing can be said.
func (s *Service) Namespace(ctx context.Context, actor Actor, cluster, name string) (NamespaceView, error) {
	state, err := s.state()
	if err != nil {
		return NamespaceView{}, err
	}
	tenancy, namespace, found := state.NamespaceOwner(cluster, name)
	if !found || !actor.Sees(tenancy) {
		return NamespaceView{}, Refuse(NotFound, "There is no such namespace, or it is none of yours.")
	}
	namespace.Network = namespace.sortedNetwork()
	requests, err := s.about(ctx, actor, state, tenancy)
	if err != nil {
		return NamespaceView{}, err
	}
	view := NamespaceView{
		Tenancy: tenancy, Namespace: namespace, Policy: state.Policy, MayAsk: actor.Asks(tenancy), Now: s.Clock.Now().UTC(), Commit: state.Commit,
		Requests: slices.DeleteFunc(requests, func(r Request) bool { return !r.concerns(cluster, name) }),
	}
	if use, known := s.used(cluster, name); known {
		view.Used = &use
	}
	manifests := "clusters/" + cluster + "/" + tenancy.Name + "/" + name + "/"
	view.Files, err = s.filesOf(state, tenancy, func(path string) bool {
		return path == "approved/"+tenancy.Name+".yaml" || strings.HasPrefix(path, manifests)
	})
	if err != nil {
		return NamespaceView{}, err
	}
	view.Connectivity, err = s.connectivity(state, actor, tenancy.Name, cluster, name)
	return view, err
}

// filesOf renders what the repository has of a tenant, and gives the files whose
// paths are wanted.
func (s *Service) filesOf(state *ApprovedState, tenancy Tenancy, wanted func(path string) bool) ([]File, error) {
	files, err := s.Renderer.Render(state.Policy, tenancy)
	if err != nil {
		return nil, fmt.Errorf("render %q as it is: %w", tenancy.Name, err)
	}
	return slices.DeleteFunc(files, func(f File) bool { return !wanted(f.Path) }), nil
}

// Connectivity is what may talk to what now: of a tenant, or of one of its
// namespaces on a cluster. Nil where nothing can be said.
func (s *Service) Connectivity(_ context.Context, actor Actor, tenant, cluster, namespace string) (*Connectivity, error) {
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	tenancy, found := state.Tenancies[tenant]
	if !found || !actor.Sees(tenancy) {
		return nil, Refuse(NotFound, "There is no such tenant, or it is none of yours.")
	}
	if _, own := tenancy.Namespace(cluster, namespace); namespace != "" && !own {
		return nil, Refuse(NotFound, "There is no such namespace, or it is none of yours.")
	}
	return s.connectivity(state, actor, tenant, cluster, namespace)
}

func (s *Service) connectivity(state *ApprovedState, actor Actor, tenant, cluster, namespace string) (*Connectivity, error) {
	if s.Analyzer == nil {
		return nil, nil
	}
	now, err := s.Analyzer.Now(state, tenant, cluster, namespace, s.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("say what may talk to what in %q: %w", tenant, err)
	}
	shown := state.shownConnectivity(now, actor)
	return &shown, nil
}

// about lists the requests of a tenant, and those of others that reach into its
// namespaces, as the actor may see them: the open ones first, then newest first.
func (s *Service) about(ctx context.Context, actor Actor, state *ApprovedState, tenancy Tenancy) ([]Request, error) {
	filter := RequestFilter{Tenants: []string{tenancy.Name}}
	if actor.seesAll() || actor.Holds(RoleOwner, tenancy) {
		filter.Reaching = filter.Tenants
	}
	requests, err := s.listed(ctx, filter, func(r Request) bool { return state.sees(actor, r) })
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(requests, func(a, b Request) int {
		switch {
		case a.State.Open() == b.State.Open():
			return 0
		case a.State.Open():
			return -1
		}
		return 1
	})
	return state.shownAll(requests, actor), nil
}

// concerns says whether the request is about a namespace: it gives or removes
// it, or changes what it was given.
func (r Request) concerns(cluster, name string) bool {
	switch c := r.Change.(type) {
	case NamespaceChange:
		return slices.ContainsFunc(c.parts(), func(p askedPart) bool { return p.Cluster == cluster && p.Name == name })
	case NetworkChange:
		return c.Cluster == cluster && (c.Namespace == name || c.PeerNamespace == name)
	case QuotaChange:
		return c.Cluster == cluster && c.Namespace == name
	case AccessChange:
		return c.Cluster == cluster && c.Namespace == name
	case ExemptionChange:
		return c.Cluster == cluster && c.Namespace == name
	case RemovalChange:
		if c.Exception == 0 && c.Cluster == cluster && c.Namespace == name {
			return true
		}
	}
	return slices.ContainsFunc(r.Plan.sides(), func(side OtherSide) bool {
		before, _ := side.Before.Namespace(cluster, name)
		after, _ := side.After.Namespace(cluster, name)
		_, is := side.After.Namespace(cluster, name)
		return is && len(grantsBeyond(before, after))+len(grantsBeyond(after, before)) > 0
	})
}
