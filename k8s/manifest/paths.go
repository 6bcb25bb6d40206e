package manifest

import "strings"

// PolicyPath is where the policy stands in the GitOps repository.
const PolicyPath = "policy.yaml"

const (
	approvedDir = "approved/"
	clustersDir = "clusters/"
)

// ApprovedPath is the path of a tenancy's document.
func ApprovedPath(tenant string) string { return approvedDir + tenant + ".yaml" }

// ApprovedTenant gives the slug that a path names, if it is the path of a
// tenancy's document.
func ApprovedTenant(path string) (tenant string, ok bool) {
	rest, under := strings.CutPrefix(path, approvedDir)
	tenant, yaml := strings.CutSuffix(rest, ".yaml")
	return tenant, under && yaml && checkLabel("tenant", tenant) == nil
}

// NamespaceDir is the folder of one namespace's manifests, with the slash at its end.
func NamespaceDir(cluster, tenant, namespace string) string {
	return TenantDir(cluster, tenant) + namespace + "/"
}

// TenantDir is the folder of a tenant's manifests for one cluster, with the
// slash at its end. One Argo CD Application syncs it.
func TenantDir(cluster, tenant string) string {
	return clustersDir + cluster + "/" + tenant + "/"
}
