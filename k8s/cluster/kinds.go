package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	apidiscovery "k8s.io/api/apidiscovery/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	kjson "sigs.k8s.io/json"
)

// listable is a kind whose objects live in namespaces and can be listed.
type listable struct {
	kind schema.GroupVersionKind
	name string // in the API server's paths, such as deployments
}

func (r listable) of() schema.GroupVersionResource { return r.kind.GroupVersion().WithResource(r.name) }

// discoveryType is how all that an API server serves is asked for at once (KEP-3352,
// in Kubernetes from 1.30 on).
const discoveryType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// resources discovers by a client the namespaced kinds that can be listed, each in the version
// that the API server prefers, by kind. unknown are the API groups of which it does
// not know what is in them, because a server of their own does not answer it.
func (l *Live) resources(ctx context.Context, client rest.Interface) (found []listable, unknown []string, err error) {
	known := map[schema.GroupResource]bool{}
	for _, path := range []string{"/api", "/apis"} {
		body, err := client.Get().AbsPath(path).SetHeader("Accept", discoveryType).Do(ctx).Raw()
		if err != nil {
			return nil, nil, fmt.Errorf("ask cluster %q for its kinds: %w", l.config.Cluster, err)
		}
		var served apidiscovery.APIGroupDiscoveryList
		if err := kjson.UnmarshalCaseSensitivePreserveInts(body, &served); err != nil {
			return nil, nil, fmt.Errorf("decode the kinds of cluster %q: %w", l.config.Cluster, err)
		}
		if served.Kind != "APIGroupDiscoveryList" {
			return nil, nil, fmt.Errorf("ask cluster %q for its kinds: it answers with %q; Kubernetes 1.30 is the oldest that is understood", l.config.Cluster, clean(served.Kind))
		}
		for _, group := range served.Items {
			for _, version := range group.Versions {
				if version.Freshness == apidiscovery.DiscoveryFreshnessStale && len(version.Resources) == 0 {
					unknown = append(unknown, clean(group.Name))
				}
				for _, r := range version.Resources {
					id := schema.GroupResource{Group: group.Name, Resource: r.Resource}
					if r.ResponseKind == nil || r.Scope != apidiscovery.ScopeNamespace || !slices.Contains(r.Verbs, "list") || known[id] {
						continue
					}
					known[id] = true
					kind := schema.GroupVersionKind{Group: group.Name, Version: version.Version, Kind: r.ResponseKind.Kind}
					found = append(found, listable{kind, r.Resource})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b listable) int {
		return cmp.Or(cmp.Compare(a.kind.Kind, b.kind.Kind), cmp.Compare(a.kind.Group, b.kind.Group))
	})
	slices.Sort(unknown)
	return found, slices.Compact(unknown), nil
}

// unknownGroup says to a person why nothing is known of an API group.
const unknownGroup = "The cluster does not know at the moment what kinds there are."
