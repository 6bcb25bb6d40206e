package workflow

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// clusters checks where a tenant may have namespaces, and that it has them
// nowhere else. A cluster can so be given up only after its namespaces are.
func (c *checker) clusters(t Tenancy) {
	if len(t.Clusters) == 0 {
		c.add("spec.clusters", "at least one cluster is needed, such as [weu-1]: a tenant has its namespaces there")
		return
	}
	for i, name := range t.Clusters {
		field := fmt.Sprintf("spec.clusters[%d]", i)
		if message := checkLabel(name); message != "" {
			c.add(field, "%q: %s", name, message)
		} else if slices.Contains(t.Clusters[:i], name) {
			c.add(field, "%q stands twice", name)
		}
	}
	for i, n := range t.Namespaces {
		// A name that is no name at all has its own problem.
		if checkLabel(n.Cluster) == "" && !slices.Contains(t.Clusters, n.Cluster) {
			c.add(fmt.Sprintf("spec.namespaces[%d].cluster", i),
				"%q is not among the tenant's clusters (%s); a cluster goes after its last namespace", n.Cluster, allOf(t.Clusters))
		}
	}
}

// places checks the tenancy's clusters and repositories against the policy.
func (c *checker) places(p Policy, t Tenancy) {
	for i, name := range t.Clusters {
		if _, known := p.Clusters[name]; !known {
			c.add(fmt.Sprintf("spec.clusters[%d]", i), "the policy has no cluster %q; it has %s", name, allOf(slices.Collect(maps.Keys(p.Clusters))))
		}
	}
	if p.ArgoCD == nil {
		return
	}
	for i, location := range t.Repositories {
		if sameRepository(location, p.ArgoCD.Repository) {
			c.add(fmt.Sprintf("spec.repositories[%d]", i), "%q is the GitOps repository; no tenant reads there what the others were given", location)
		}
	}
}

// distinctClusters refuses clusters whose Applications could not be told apart:
// tenant a on cluster b-c and tenant a-b on cluster c would both have the
// Application tenure-a-b-c. It refuses one server under two names as well:
// whatever two tenants were given under them would be one and the same.
func (c *checker) distinctClusters(clusters map[string]Cluster) {
	servers := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(clusters)) {
		server := strings.TrimSuffix(clusters[name].Server, "/")
		if other, taken := servers[server]; taken && server != "" {
			c.add("spec.clusters."+name+".server", "%q is the server of %s already", clusters[name].Server, other)
		}
		servers[server] = name
		for end := range name[:min(len(name), maxCluster)] { // a longer one is no name anyway
			other := name[end+1:]
			if _, known := clusters[other]; known && name[end] == '-' {
				c.add("spec.clusters."+name, "the name ends in that of another cluster, %q, so that the Applications of two tenants could have one name; choose another", other)
			}
		}
	}
}

// argocd checks where Argo CD is, and what it reads.
func (c *checker) argocd(p Policy) {
	argocd := p.ArgoCD.WithDefaults()
	if message := checkRepository(argocd.Repository, true); message != "" {
		c.add("spec.argocd.repository", "%s", message)
	}
	if !plainRevision.MatchString(argocd.Revision) || strings.Contains(argocd.Revision, "..") {
		c.add("spec.argocd.revision", "%q is not the name of a branch, such as main", argocd.Revision)
	}
	if message := checkLabel(argocd.Namespace); message != "" {
		c.add("spec.argocd.namespace", "%q: %s", argocd.Namespace, message)
	} else if !slices.Contains(p.PlatformNamespaces, argocd.Namespace) {
		c.add("spec.argocd.namespace", "%q must also be among the platformNamespaces, so that no tenant can have it", argocd.Namespace)
	}
}

// plainRevision is the name of a branch as everybody writes it (a part of
// git-check-ref-format(1)). It cannot be taken for an option of git.
var plainRevision = regexp.MustCompile(`\A[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}\z`)
