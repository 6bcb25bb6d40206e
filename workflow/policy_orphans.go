package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// orphans says what of the approved state would lose what it rests on under
// another policy: then admission could make no snapshot, or the manifests could
// not be rendered. What merely would not be given again is no orphan; the plan's
// findings name it.
func (s *ApprovedState) orphans(policy Policy) []PolicyProblem {
	return policy.orphans(s.Tenancies)
}

// orphans holds every tenancy against what the policy no longer has.
func (p Policy) orphans(tenancies map[string]Tenancy) []PolicyProblem {
	lost := orphanage{}
	for _, slug := range slices.Sorted(maps.Keys(tenancies)) {
		tenancy := tenancies[slug]
		for _, cluster := range tenancy.Clusters {
			has := slices.ContainsFunc(tenancy.Namespaces, func(n Namespace) bool { return n.Cluster == cluster })
			if _, known := p.Clusters[cluster]; !known && !has {
				lost.add("spec.clusters", fmt.Sprintf("the cluster %q", cluster), slug, "has its place there")
			}
		}
		if p.ArgoCD != nil && slices.ContainsFunc(tenancy.Repositories, func(r string) bool { return sameRepository(r, p.ArgoCD.Repository) }) {
			lost.claim("spec.argocd.repository", fmt.Sprintf("%q becomes the GitOps repository", p.ArgoCD.Repository), slug, "deploys from it")
		}
		for _, n := range tenancy.Namespaces {
			lost.namespace(p, slug, n)
		}
	}
	return lost.problems()
}

// namespace holds one namespace against the policy.
func (o *orphanage) namespace(p Policy, slug string, n Namespace) {
	place := n.Cluster + "/" + n.Name
	cluster, known := p.Clusters[n.Cluster]
	if !known {
		o.add("spec.clusters", fmt.Sprintf("the cluster %q", n.Cluster), slug, place)
	}
	if _, known := p.Environments[n.Environment]; !known {
		o.add("spec.environments", fmt.Sprintf("the environment %q", n.Environment), slug, place)
	}
	if n.Classification != "" && !slices.ContainsFunc(p.Classifications, func(c Classification) bool { return c.Name == n.Classification }) {
		o.add("spec.classifications", fmt.Sprintf("the classification %q", n.Classification), slug, place)
	}
	for _, registry := range n.Registries {
		if _, known := p.Registries[registry]; !known {
			o.add("spec.registries", fmt.Sprintf("the registry %q", registry), slug, place)
		}
	}
	if slices.Contains(p.PlatformNamespaces, n.Name) {
		o.claim("spec.platformNamespaces", fmt.Sprintf("%q becomes the platform's", n.Name), slug, place)
	}
	named := slices.ContainsFunc(n.Network, func(e NetworkException) bool { return e.Peer() != nil && e.Peer().FQDN != "" })
	if known && named && cluster.NetworkEngine != EngineCilium {
		o.claim("spec.clusters."+n.Cluster+".networkEngine",
			fmt.Sprintf("%q knows no DNS names, which exceptions on %s name", cluster.NetworkEngine, n.Cluster), slug, place)
	}
}

// orphanage collects who uses what another policy takes away.
type orphanage []orphan

// orphan is one thing that the policy takes away, with who uses it.
type orphan struct {
	field, what string
	users       []string
	more        int // users that are not named
}

// maxUsers is how many users of a thing a refusal names.
const maxUsers = 10

// add notes a user of something that the policy no longer has.
func (o *orphanage) add(field, what, tenant, use string) {
	o.claim(field, what+" is gone", tenant, use)
}

// claim notes a user of something that the policy takes for something else.
func (o *orphanage) claim(field, what, tenant, use string) {
	i := slices.IndexFunc(*o, func(known orphan) bool { return known.field == field && known.what == what })
	if i < 0 {
		*o = append(*o, orphan{field: field, what: what})
		i = len(*o) - 1
	}
	if len((*o)[i].users) == maxUsers {
		(*o)[i].more++
		return
	}
	(*o)[i].users = append((*o)[i].users, tenant+" ("+use+")")
}

// problems say it in sentences, in the order in which it was found.
func (o orphanage) problems() []PolicyProblem {
	var problems []PolicyProblem
	for _, lost := range o {
		users := strings.Join(lost.users, ", ")
		if lost.more > 0 {
			users += fmt.Sprintf(" and %d more", lost.more)
		}
		problems = append(problems, PolicyProblem{Field: lost.field, Message: fmt.Sprintf(
			"%s, and is in use by %s. Ask for the removal of what uses it first, or leave it in.", lost.what, users)})
	}
	return problems
}
