package cluster

import "testing"

// tokenAttempts are the ways to a token for the account that Argo CD impersonates.
func tokenAttempts(t *testing.T, c *Cluster) map[string]attempt {
	t.Helper()
	const secret = `apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: mine, namespace: shop, annotations: {kubernetes.io/service-account.name: `
	const denied, says = "tenure-deployer", "Argo CD impersonates this account; nobody gets a token for it."
	apply(t, c, `{apiVersion: v1, kind: ServiceAccount, metadata: {name: tenure-deployer, namespace: default}}`)
	apply(t, c, secret+"default}}\n")
	kubectl(t, c, "admin", "-n", "shop", "create", "secret", "generic", "plain", "--from-literal=a=b")
	ask := func(namespace, account string) string {
		return "create --raw /api/v1/namespaces/" + namespace + "/serviceaccounts/" + account + "/token"
	}
	const request = `{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}`
	attempts := map[string]attempt{
		"one for the tenant's own account": {as: "admin", args: ask("shop", "default"), input: request},
		"one for an account of nobody's":   {as: "admin", args: ask("default", "tenure-deployer"), input: request},
		"a Secret for it":                  {as: "dana", args: "create", input: secret + "tenure-deployer}}", denies: denied, says: says},
		"a Secret for it, by the admin":    {as: "admin", args: "create", input: secret + "tenure-deployer}}", denies: denied, says: says},
		"a Secret becomes one for it":      {as: "dana", args: "-n shop annotate --overwrite secret mine kubernetes.io/service-account.name=tenure-deployer", denies: denied, says: says},
		"a Secret of the tenant's":         {as: "dana", args: "-n shop create secret generic other --from-literal=a=b"},
		"a Secret that only says so":       {as: "dana", args: "-n shop annotate secret plain kubernetes.io/service-account.name=tenure-deployer"},
	}
	for _, as := range []string{"admin", "mighty-gitops", "mighty-break-glass"} {
		attempts["one for it, by "+as] = attempt{as: as, args: ask("shop", "tenure-deployer"), input: request, denies: denied, says: says}
	}
	return attempts
}

// gitOpsAttempts are writes by the GitOps identity outside of tenants' namespaces.
func gitOpsAttempts() map[string]attempt {
	const outside, platform = "in namespaces with the label tenure.dev/tenant only", "in the platform's namespaces"
	attempts := map[string]attempt{
		"a namespace without a tenant":        {as: "gitops", args: "create namespace nobodys", denies: "tenure-gitops", says: "namespaces with the label tenure.dev/tenant only"},
		"a label on a namespace of nobody's":  {as: "gitops", args: "label namespace default x=y", denies: "tenure-gitops", says: "namespaces with the label tenure.dev/tenant only"},
		"a namespace of nobody's is deleted":  {as: "mighty-gitops", args: "delete namespace kube-node-lease", denies: "tenure-gitops"},
		"a role for the whole cluster":        {as: "mighty-gitops", args: "create clusterrolebinding mine --clusterrole=view --user=eve", denies: "tenure-gitops", says: outside},
		"a Secret of the platform's":          {as: "mighty-gitops", args: "-n tenure-system create secret generic mine", denies: "tenure-gitops"},
		"a namespace of the platform's, ours": {as: "gitops", args: "label namespace kube-system tenure.dev/tenant=payments", denies: "tenure-gitops-platform", says: platform},
		"a namespace of a tenant's":           {as: "gitops", args: "create", input: `{apiVersion: v1, kind: Namespace, metadata: {name: more, labels: {tenure.dev/tenant: payments}}}`},
		"a kind that is not Tenure's":         {as: "mighty-gitops", args: "-n default create deployment mine --image=mcr.microsoft.com/pause"},
	}
	for namespace, denies := range map[string]string{"kube-system": "tenure-gitops", "argocd": "tenure-gitops", "default": "tenure-gitops'"} {
		const bind = " create rolebinding mine --user=eve --clusterrole=tenure:admin"
		attempts["a role in "+namespace] = attempt{as: "gitops", args: "-n " + namespace + bind, denies: denies}
		attempts["an account in "+namespace] = attempt{as: "gitops", args: "-n " + namespace + " create serviceaccount mine", denies: denies}
	}
	return attempts
}
