package gitops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// hostilePolicies are policies that do more than was decided, or that somebody
// else decided. The decree is in order as it is.
var hostilePolicies = map[string]struct {
	do   func(n *native, state *workflow.ApprovedState, g *grant)
	path string
	says string
}{
	"it changes a tenancy as well": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write(paymentsDocument, strings.Replace(n.read(paymentsDocument), "cpu: \"64\"", "cpu: \"640\"", 1))
	}, paymentsDocument, "which changes no tenancy"},
	"it adds a tenancy": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("approved/evil.yaml", strings.ReplaceAll(n.read("approved/search.yaml"), "search", "evil"))
	}, "approved/evil.yaml", "which changes no tenancy"},
	"it removes a tenancy": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.git("rm", "-q", "approved/search.yaml")
	}, "approved/search.yaml", "which changes no tenancy"},
	"it leaves a manifest as it was": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		if err := os.Remove(filepath.Join(n.dir, flowOf(g, "payments"))); err != nil {
			n.Fatal(err)
		}
	}, "clusters/weu-1/payments/payments-api-dev/", "is missing or old"},
	"it leaves every manifest as it was": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		for _, f := range g.files {
			if f.Path == manifest.PolicyPath {
				n.write(f.Path, string(f.After))
			}
		}
	}, "clusters/weu-1/search/search-dev/", "is missing or old"},
	"it changes one byte of a manifest": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write(flowOf(g, "payments"), strings.Replace(n.read(flowOf(g, "payments")), "monitoring", "monitorinG", 1))
	}, "clusters/weu-1/payments/payments-api-dev/", "is not what renderer " + manifest.RendererVersion + " makes of the tenancy"},
	"it changes a manifest that does not follow from it": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write(paymentsManifest, strings.Replace(n.read(paymentsManifest), "limits.cpu: \"2\"", "limits.cpu: \"9\"", 1))
	}, paymentsManifest, "is not what renderer"},
	"it adds a manifest": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("clusters/weu-1/payments/payments-api-dev/99-backdoor.yaml", "a: b\n")
	}, "clusters/weu-1/payments/payments-api-dev/99-backdoor.yaml", "does not follow from the tenancy"},
	"it changes a manifest, and nothing that manifests follow from": {func(n *native, state *workflow.ApprovedState, g *grant) {
		*g = decree(n, state, 45, strings.Replace(string(readPolicy(n)), "pods: 20", "pods: 21", 1))
		n.apply(g.files)
		n.write(paymentsManifest, strings.Replace(n.read(paymentsManifest), "limits.cpu: \"2\"", "limits.cpu: \"9\"", 1))
	}, paymentsManifest, "is not what renderer"},
	"it adds a manifest, and nothing that manifests follow from": {func(n *native, state *workflow.ApprovedState, g *grant) {
		*g = decree(n, state, 45, strings.Replace(string(readPolicy(n)), "pods: 20", "pods: 21", 1))
		n.apply(g.files)
		n.write("clusters/weu-1/search/search-dev/99-backdoor.yaml", "a: b\n")
	}, "clusters/weu-1/search/search-dev/99-backdoor.yaml", "does not follow from the tenancy"},
	"it adds a folder of nobody's": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("clusters/weu-1/evil/evil-dev/00-namespace.yaml", "a: b\n")
	}, "clusters/weu-1/evil/evil-dev/00-namespace.yaml", "follows from no tenancy"},
	"it signs a key in": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		key := n.generate("Mallory")
		n.write(keyPath(key), n.run("", "gpg", "--armor", "--export", key))
	}, "keys/", "follows from no tenancy"},
	"it changes a tenant's project": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write(paymentsArgoCD, strings.Replace(n.read(paymentsArgoCD), "  sourceRepos:\n", "  sourceRepos:\n  - \"*\"\n", 1))
	}, paymentsArgoCD, "is not what renderer"},
	"another document": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("policy.yaml", strings.Replace(n.read("policy.yaml"), "mode: deny", "mode: off", 1))
	}, "policy.yaml", "is not the change that was committed"},
	"another comment": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("policy.yaml", n.read("policy.yaml")+"# Approved by everybody.\n")
	}, "policy.yaml", "is not the change that was committed"},
	"no policy at all": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.git("rm", "-q", "-f", "policy.yaml")
	}, "policy.yaml", "does not replace policy.yaml"},
	"the policy as it was": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.git("checkout", "-q", "HEAD", "--", "policy.yaml")
	}, "clusters/weu-1/payments/", "does not replace policy.yaml"},
	"a policy that does not parse": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("policy.yaml", strings.Replace(n.read("policy.yaml"), "  fallback: admin", "  fallback: nobody", 1))
	}, "policy.yaml", "spec.fallback"},
	"a link in place of the policy": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		if err := os.Remove(filepath.Join(n.dir, "policy.yaml")); err != nil {
			n.Fatal(err)
		}
		if err := os.Symlink("approved/payments.yaml", filepath.Join(n.dir, "policy.yaml")); err != nil {
			n.Fatal(err)
		}
	}, "policy.yaml", "is not a plain file"},
	"a grant that replaces the policy": {func(n *native, state *workflow.ApprovedState, g *grant) {
		policy := g.files
		*g = plan(n, state, "payments", "payments-web-dev", 50)
		n.apply(g.files)
		n.apply(policy)
	}, "policy.yaml", "whose file it is not"},
	"it calls itself a grant": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.Act = workflow.ActGrant
	}, "policy.yaml", "is of act grant and changes no tenancy"},
	"it is of another kind": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.Kind = workflow.KindNetwork
	}, "policy.yaml", `a request of kind "network" replaces no policy`},
	"a grant that calls itself a policy": {func(n *native, state *workflow.ApprovedState, g *grant) {
		*g = plan(n, state, "payments", "payments-web-dev", 50)
		n.apply(g.files)
		g.message.Act = workflow.ActPolicy
	}, paymentsDocument, "which changes no tenancy"},
	"a request that was fulfilled before": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.Request = 42
	}, "policy.yaml", "fulfilled already"},
	"a vote of somebody whom it puts into the register": {func(n *native, state *workflow.ApprovedState, g *grant) {
		*g = decree(n, state, 45, withSecurity(n, 9))
		n.apply(g.files)
		g.message.ApprovedBy[1].Person = person(9, "Nina New")
	}, "policy.yaml", "is not in the register of security reviewers"},
	"a vote of somebody for their own second register": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("policy.yaml", strings.Replace(n.read("policy.yaml"), "admin: [", "admin: [{id: 11111111-1111-4111-8111-111111111111/aaaaaaaa-0000-4000-8000-000000000003, name: Sam Security}, ", 1))
	}, "policy.yaml", "approved their own entry in the register of reviewers"},
	"stages that the new policy asks for": {func(n *native, state *workflow.ApprovedState, g *grant) {
		*g = decree(n, state, 45, strings.Replace(monitored(n), "  reviews:\n", "  reviews:\n    - {kinds: [policy], stages: [{admin: 1}]}\n", 1))
		n.apply(g.files)
		g.message.Stages, g.message.ApprovedBy = g.message.Stages[:1], g.message.ApprovedBy[:1]
	}, "policy.yaml", "are not those of the policy before, admin=1 security=1"},
	"the requester's own approval": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.RequestedBy = ada
	}, "policy.yaml", "approved their own request"},
	"it drops a cluster that is in use": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("policy.yaml", strings.ReplaceAll(n.read("policy.yaml"), "weu-1", "weu-2"))
	}, "policy.yaml", `the cluster "weu-1" is gone, and is in use by payments (weu-1/payments-api-dev), search (weu-1/search-dev)`},
	"it takes a tenant's namespace for the platform": {func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("policy.yaml", strings.Replace(n.read("policy.yaml"), "platformNamespaces: [", "platformNamespaces: [search-dev, ", 1))
	}, "policy.yaml", `"search-dev" becomes the platform's, and is in use by search`},
}

// flowOf is the file of the new flow in a tenant's namespace.
func flowOf(g *grant, tenant string) string {
	for _, f := range g.files {
		if tenantOf(f.Path) == tenant {
			return f.Path
		}
	}
	return ""
}

// withSecurity is the policy with one more in the register of security.
func withSecurity(t testing.TB, n int) string {
	return strings.Replace(monitored(t), "security: [", "security: [{id: "+person(n, "").ID.String()+", name: Nina New}, ", 1)
}

func TestAPolicyThatDoesMoreThanWasDecidedIsRefused(t *testing.T) {
	for name, hostile := range hostilePolicies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.open()
			w.commit(r, "payments", "payments-api-dev", 42)
			w.commit(r, "search", "search-dev", 43)
			served := w.state(r)
			n := newNative(t, w.remote)
			g := decree(t, served, 45, monitored(t))
			hostile.do(n, served, &g)
			commit := n.commit(n.steal(w.key), text(t, g.message))

			report := w.verify()
			if !objected(report, commit, attack{path: hostile.path, says: hostile.says}) {
				t.Errorf("no objection to %s names %q and says %q: %v", commit, hostile.path, hostile.says, report.Objections)
			}
			if err := r.Refresh(t.Context()); err == nil || w.state(r).Commit != served.Commit {
				t.Errorf("refresh says %v, and %s is served", err, w.state(r).Commit)
			}
			w.decide(r, 45, monitored(t)) // what was decided goes through after it
			state := w.state(w.open())
			if len(state.Policy.PlatformFlows) != 2 || state.Policy.Rules["trusted-registry"].Mode != workflow.RuleDeny || len(state.Tenancies) != 2 {
				t.Error("afterwards something else is in force than what was decided")
			}
		})
	}
}
