package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A tenant's namespace with the account that its own Applications sync as, and
// its AppProject, both in the form of what Tenure renders
// (k8s/manifest/testdata/golden/argocd); then an Application of the tenant's own.
const tenantsApplication = `
apiVersion: v1
kind: Namespace
metadata: {name: shop-own, labels: {tenure.dev/tenant: shop}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: tenure-deployer, namespace: shop-own}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: tenure-edit-deployer, namespace: shop-own}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: tenure-deployer, namespace: shop-own}]
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: tenant-shop, namespace: argocd}
spec:
  sourceRepos: ["file://%[1]s"]
  destinations: [{server: https://kubernetes.default.svc, namespace: shop-own}]
  destinationServiceAccounts: [{server: https://kubernetes.default.svc, namespace: shop-own, defaultServiceAccount: "shop-own:tenure-deployer"}]
  namespaceResourceBlacklist: [{group: "", kind: ResourceQuota}]
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop-own, namespace: argocd}
spec:
  project: tenant-shop
  source: {repoURL: "file://%[1]s", path: ., targetRevision: main}
  destination: {server: https://kubernetes.default.svc, namespace: shop-own}
  syncPolicy: {automated: {prune: true, selfHeal: true}}
`

func TestATenantsOwnApplicationSyncsAsItsOwnAccountAndWritesNoQuota(t *testing.T) {
	c := sharedCluster(t)
	repository := t.TempDir()
	git(t, repository, "init", "--quiet", "--initial-branch=main")
	commit(t, repository, "hello")
	apply(t, c, fmt.Sprintf(tenantsApplication, repository))
	t.Cleanup(func() { // t's context is over by then
		for _, object := range []string{"application/shop-own", "appproject/tenant-shop"} {
			_ = exec.Command(c.KubectlAs("admin"), "-n", "argocd", "delete", object).Run()
		}
	})
	eventually(t, func() error {
		said, err := c.Kubectl(t.Context(), "admin", "-n", "shop-own", "get", "configmap", "greeting", "-o", "jsonpath={.data.word}")
		if err != nil || said != "hello" {
			return fmt.Errorf("the ConfigMap says %q: %w", said, err)
		}
		return nil
	})
	writers := map[string]bool{}
	for _, write := range writes(t, c, "shop-own", "configmaps") {
		if write.ImpersonatedUser != nil {
			writers[write.ImpersonatedUser.Username] = true
		}
	}
	if len(writers) != 1 || !writers["system:serviceaccount:shop-own:tenure-deployer"] {
		t.Errorf("it was written by %v", writers)
	}

	quota := "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: mine}\nspec: {hard: {pods: \"1000\"}}\n"
	if err := os.WriteFile(filepath.Join(repository, "quota.yaml"), []byte(quota), 0o600); err != nil {
		t.Fatal(err)
	}
	commit(t, repository, "quota")
	eventually(t, func() error {
		status, err := c.Kubectl(t.Context(), "admin", "-n", "argocd", "get", "application", "shop-own",
			"-o", "jsonpath={.status.operationState.phase} {.status.operationState.syncResult.resources[*].message}")
		if err != nil || !strings.Contains(status, "is not permitted in project tenant-shop") {
			return fmt.Errorf("the Application is %q: %w", status, err)
		}
		return nil
	})
	if quotas := kubectl(t, c, "admin", "-n", "shop-own", "get", "resourcequotas", "-o", "name"); strings.Contains(quotas, "mine") {
		t.Errorf("the quota was written: %s", quotas)
	}
}
