package gitops

import (
	"slices"
	"strings"

	"tenure.dev/k8s/manifest"
)

// Folders of the repository, with the slash at their end.
const (
	approvedDir = "approved/"
	clustersDir = "clusters/"
	argocdDir   = "argocd/"
	keysDir     = "keys/"
)

// guardedNames are the entries of the root that only Tenure writes, and those
// that change what a checkout of them holds (gitattributes(5), gitmodules(5)).
var guardedNames = []string{manifest.PolicyPath, "approved", "clusters", "argocd", "keys", ".gitattributes", ".gitmodules"}

// guarded says whether only Tenure may write the path.
func guarded(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains(guardedNames, first)
}

// tenantOf gives the tenant whose file a path is: approved/<tenant>.yaml,
// clusters/<cluster>/<tenant>/…, argocd/<tenant>.yaml. Empty when it is nobody's.
func tenantOf(path string) string {
	if tenant, ok := manifest.ApprovedTenant(path); ok {
		return tenant
	}
	if rest, under := strings.CutPrefix(path, argocdDir); under {
		tenant, isYAML := strings.CutSuffix(rest, ".yaml")
		if isYAML && !strings.Contains(tenant, "/") {
			return tenant
		}
		return ""
	}
	if rest, under := strings.CutPrefix(path, clustersDir); under {
		if parts := strings.Split(rest, "/"); len(parts) > 2 {
			return parts[1]
		}
	}
	return ""
}

func keyPath(fingerprint string) string { return keysDir + fingerprint + ".asc" }
