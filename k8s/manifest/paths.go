package manifest

import (
	"strings"

	"tenure.dev/workflow"
)

// PolicyPath is where the policy stands in the GitOps repository.
const PolicyPath = workflow.PolicyPath

const (
	approvedDir = "approved/"
	clustersDir = "clusters/"
	argocdDir   = "argocd/"
)

// placeholder is the file that keeps a tenant's folder on a cluster while there
// is no namespace in it. Git has no empty folders, and to Argo CD a source path
// that does not exist is an error, not a reason to prune.
const placeholder = ".gitkeep"

const placeholderText = "Keeps this folder: without it, Argo CD could not remove the last namespace.\n"

// ArgoCDPath is the path of a tenant's objects for Argo CD.
func ArgoCDPath(tenant string) string { return argocdDir + tenant + ".yaml" }

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
