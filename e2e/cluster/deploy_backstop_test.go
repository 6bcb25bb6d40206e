package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// attempt is one write, made as a dry run unless it cannot be: admission judges
// those like any other.
type attempt struct {
	as     string
	args   string // kubectl's, separated by spaces
	input  string
	denies string // how the policy that denies it is called, or how that begins; empty when it is allowed
	says   string // of the denial
	or     string // another policy that denies it as well: the API server names one of the two, not always the same
}

// refusedAsExpected tells whether the API server's answer is the denial that was
// expected.
func (a attempt) refusedAsExpected(answer string) bool {
	by := func(policy string) bool { return strings.Contains(answer, "ValidatingAdmissionPolicy '"+policy) }
	return by(a.denies) && strings.Contains(answer, a.says) || a.or != "" && by(a.or)
}

func (a attempt) try(t *testing.T, c *Cluster) {
	t.Helper()
	args := strings.Fields(a.args)
	if !slices.Contains(args, "--raw") {
		args = append(args, "--dry-run=server")
	}
	if a.input != "" {
		args = append(args, "-f", "-")
	}
	_, err := c.KubectlInput(t.Context(), a.as, a.input, args...)
	var refusal *KubectlError
	switch {
	case a.denies == "" && err != nil:
		t.Errorf("%s: %v", a.as, err)
	case a.denies != "" && err == nil:
		t.Errorf("%s may kubectl %s", a.as, a.args)
	case a.denies != "" && (!errors.As(err, &refusal) || !a.refusedAsExpected(refusal.Stderr)):
		t.Errorf("%s is refused otherwise, want %s and %q: %v", a.as, a.denies, a.says, err)
	}
}

// written gives the tenant's Namespace as it is, changed, for one of its subresources.
func written(t *testing.T, c *Cluster, change func(metadata, spec map[string]any)) string {
	t.Helper()
	var namespace map[string]any
	if err := json.Unmarshal([]byte(kubectl(t, c, "admin", "get", "namespace", "shop", "-o", "json")), &namespace); err != nil {
		t.Fatal(err)
	}
	change(namespace["metadata"].(map[string]any), namespace["spec"].(map[string]any))
	text, err := json.Marshal(namespace)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func backstopHolds(t *testing.T, c *Cluster) {
	withoutWebhook(t, c)
	defer func() { // for the tests after this one
		if err := c.Install(t.Context(), InstallOptions{Webhook: nobodysWebhook(t), CA: c.CA()}); err != nil {
			t.Error(err)
		}
	}()
	for name, attempts := range map[string]map[string]attempt{
		"governed objects": governedAttempts(), "quotas": quotaAttempts(), "tenants' own": ownAttempts(),
		"role bindings": bindingAttempts(), "namespaces": namespaceAttempts(), "subresources": subresourceAttempts(t, c),
		"tokens": tokenAttempts(t, c), "outside": gitOpsAttempts(), "Cilium's": ciliumAttempts(),
	} {
		t.Run(name, func(t *testing.T) {
			for _, name := range slices.Sorted(maps.Keys(attempts)) {
				t.Run(name, func(t *testing.T) { attempts[name].try(t, c) })
			}
		})
	}
	if used := kubectl(t, c, "admin", "-n", "shop", "get", "quota", "tenure", "-o", "jsonpath={.spec.hard.pods}"); used != "20" {
		t.Errorf("the quota became %s", used)
	}
}

const onlyGitOps = "only system:serviceaccount:argocd:gitops "

func governedAttempts() map[string]attempt {
	attempts := map[string]attempt{}
	for _, object := range []string{"resourcequota/tenure", "limitrange/tenure", "networkpolicy/tenure-default-deny", "serviceaccount/tenure-deployer", "rolebinding/tenure-edit-members"} {
		kind, name, _ := strings.Cut(object, "/")
		for what, args := range map[string]string{
			"annotates": "annotate " + object + " x=y",
			"labels":    "label " + object + " x=y",
			"unlabels":  "label " + object + " app.kubernetes.io/managed-by-",
			"relabels":  "label --overwrite " + object + " app.kubernetes.io/managed-by=me",
			"deletes":   "delete " + object,
			"owns":      `patch ` + object + ` --type=merge -p {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":"00000000-0000-4000-8000-000000000001"}]}}`,
		} {
			governed := attempt{as: "admin", args: "-n shop " + args, denies: "tenure-governed", says: `governed: metadata.name "` + name + `": ` + onlyGitOps + "writes the "}
			if kind == "networkpolicy" && (what == "unlabels" || what == "relabels") { // it would not be Tenure's any more
				governed.or = "tenure-network-opening"
			}
			attempts["the admin "+what+" "+object] = governed
		}
		attempts["the admin deletes every "+kind] = attempt{as: "admin", args: "-n shop delete --all " + kind, denies: "tenure-governed"}
		attempts["the namespace controller deletes "+object+" of a living namespace"] = attempt{as: "namespace-controller", args: "-n shop delete " + object, denies: "tenure-governed"}
		attempts["the admin puts a finalizer on "+object] = attempt{as: "admin", args: "-n shop patch " + object + ` --type=merge -p {"metadata":{"finalizers":["example.com/x"]}}`}
		attempts["the GitOps identity annotates "+object] = attempt{as: "gitops", args: "-n shop annotate " + object + " x=y"}
		attempts["with the glass broken "+object+" goes"] = attempt{as: "break-glass", args: "-n shop delete " + object}
	}
	return attempts
}

func quotaAttempts() map[string]attempt {
	const wider = `{apiVersion: v1, kind: ResourceQuota, metadata: {name: tenure, namespace: shop}, spec: {hard: {pods: "900"}}}`
	return map[string]attempt{
		"server-side apply by force":   {as: "admin", args: "apply --server-side --force-conflicts", input: wider, denies: "tenure-governed"},
		"replace":                      {as: "admin", args: "replace", input: wider, denies: "tenure-governed"},
		"a JSON patch":                 {as: "admin", args: `-n shop patch resourcequota tenure --type=json -p [{"op":"replace","path":"/spec/hard/pods","value":"900"}]`, denies: "tenure-governed"},
		"unlabelled in one write":      {as: "admin", args: `-n shop patch resourcequota tenure --type=merge -p {"metadata":{"labels":null},"spec":{"hard":{"pods":"900"}}}`, denies: "tenure-governed"},
		"a second one":                 {as: "admin", args: "create", input: strings.Replace(wider, "name: tenure", "name: mine", 1), denies: "tenure-governed"},
		"a generated name":             {as: "admin", args: "create", input: strings.Replace(wider, "name: tenure", "generateName: mine-", 1), denies: "tenure-governed"},
		"its status":                   {as: "admin", args: `-n shop patch resourcequota tenure --subresource=status --type=merge -p {"status":{"used":{"pods":"2"}}}`},
		"a write that changes nothing": {as: "admin", args: `-n shop patch resourcequota tenure --type=merge -p {"spec":{"hard":{"pods":"20"}}}`},
		"in a namespace of nobody":     {as: "admin", args: "-n default create quota mine --hard=pods=1"},
	}
}

// ownPolicy is a NetworkPolicy that a tenant could have, if anybody were asked.
const ownPolicy = `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: mine, namespace: shop}, spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}}`

func ownAttempts() map[string]attempt {
	ours := strings.Replace(ownPolicy, "metadata: {", "metadata: {labels: {app.kubernetes.io/managed-by: tenure}, ", 1)
	return map[string]attempt{
		"a NetworkPolicy":                  {as: "dana", args: "create", input: ownPolicy, denies: "tenure-network-opening"},
		"a NetworkPolicy of the admin's":   {as: "admin", args: "create", input: ownPolicy, denies: "tenure-network-opening"},
		"a NetworkPolicy is changed":       {as: "dana", args: `-n shop patch networkpolicy own --type=merge -p {"spec":{"ingress":[{}]}}`, denies: "tenure-network-opening"},
		"a NetworkPolicy is deleted":       {as: "dana", args: "-n shop delete networkpolicy own"},
		"a NetworkPolicy of nobody's":      {as: "admin", args: "create", input: strings.Replace(ownPolicy, "namespace: shop", "namespace: default", 1)},
		"a NetworkPolicy becomes as ours":  {as: "dana", args: "-n shop label networkpolicy own app.kubernetes.io/managed-by=tenure", denies: "tenure-"},
		"a NetworkPolicy named as ours":    {as: "dana", args: "create", input: strings.Replace(ownPolicy, "name: mine", "name: tenure-exception-61-egress", 1), denies: "tenure-governed", or: "tenure-network-opening"},
		"a NetworkPolicy in an emergency":  {as: "break-glass", args: "create", input: ownPolicy, denies: "tenure-network-opening", says: "no params found"},
		"one in an emergency, as if ours":  {as: "break-glass", args: "create", input: ours},
		"a NetworkPolicy rendered anew":    {as: "gitops", args: "create", input: strings.Replace(ours, "name: mine", "name: tenure-exception-61-egress", 1)},
		"a NetworkPolicy as if rendered":   {as: "dana", args: "create", input: ours, denies: "tenure-governed"},
		"a NetworkPolicy that is rendered": {as: "dana", args: "-n shop delete networkpolicy tenure-default-deny", denies: "tenure-governed"},
		"all NetworkPolicies":              {as: "dana", args: "-n shop delete networkpolicy --all", denies: "tenure-governed"},
		"a ServiceAccount":                 {as: "dana", args: "-n shop create serviceaccount mine"},
		"the deployer's account":           {as: "dana", args: "-n shop delete serviceaccount tenure-deployer", denies: "tenure-governed"},
		"a Deployment":                     {as: "dana", args: "-n shop create deployment mine --image=mcr.microsoft.com/pause"},
	}
}

// ciliumAttempts are writes of Cilium's policies, of which a tenant has none of its own.
func ciliumAttempts() map[string]attempt {
	const policy = `{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: tenure-exception-66-egress, namespace: shop,
  labels: {tenure.dev/tenant: payments, app.kubernetes.io/managed-by: tenure}}, spec: {endpointSelector: {}, egress: [{toFQDNs: [{matchName: api.example.com}]}]}}`
	in := func(namespace string) string {
		return strings.Replace(policy, "namespace: shop", "namespace: "+namespace, 1)
	}
	return map[string]attempt{
		"rendered":                       {as: "gitops", args: "create", input: policy},
		"by the admin":                   {as: "admin", args: "create", input: policy, denies: "tenure-governed"},
		"by the admin, as if its own":    {as: "admin", args: "create", input: `{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: mine, namespace: shop}, spec: {}}`, denies: "tenure-governed"},
		"with the glass broken":          {as: "break-glass", args: "create", input: policy},
		"rendered for nobody":            {as: "gitops", args: "create", input: in("default"), denies: "tenure-gitops'"},
		"rendered for the platform":      {as: "gitops", args: "create", input: in("kube-system"), denies: "tenure-gitops"},
		"by the admin, for the platform": {as: "admin", args: "create", input: in("kube-system")},
	}
}

// openingsAreJudged weakens the webhook's configuration, which then refuses
// nobody anything while the webhook is down.
func openingsAreJudged(t *testing.T, c *Cluster) {
	for name, weaker := range map[string]string{
		"it may be left out": `[{"op":"replace","path":"/webhooks/2/failurePolicy","value":"Ignore"},{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]`,
		"it is not asked":    `[{"op":"remove","path":"/webhooks/2"},{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			kubectl(t, c, "admin", "patch", "validatingwebhookconfiguration", "tenure", "--type=json", "-p", weaker)
			defer func() {
				if err := c.Install(t.Context(), InstallOptions{Webhook: nobodysWebhook(t), CA: c.CA()}); err != nil {
					t.Error(err)
				}
			}()
			refusal := `network-opening: metadata.name "mine": nobody judges what this NetworkPolicy opens.`
			eventually(t, func() error {
				_, err := c.KubectlInput(t.Context(), "dana", ownPolicy, "create", "--dry-run=server", "-f", "-")
				switch {
				case err == nil:
					return errors.New("it is let through")
				case !strings.Contains(err.Error(), refusal):
					return fmt.Errorf("it is refused otherwise: %w", err)
				}
				return nil
			})
			if _, err := c.KubectlInput(t.Context(), "break-glass", ownPolicy, "create", "--dry-run=server", "-f", "-"); err != nil {
				t.Errorf("with the glass broken: %v", err)
			}
		})
	}
}

func bindingAttempts() map[string]attempt {
	const bind = "-n shop create rolebinding mine --user=eve --clusterrole="
	return map[string]attempt{
		"view by the admin":                   {as: "admin", args: bind + "view", denies: "tenure-governed"},
		"tenure:view by the GitOps identity":  {as: "gitops", args: bind + "tenure:view"},
		"cluster-admin by the admin":          {as: "admin", args: bind + "cluster-admin", denies: "tenure-"},
		"cluster-admin by a mighty GitOps":    {as: "mighty-gitops", args: bind + "cluster-admin", denies: "tenure-cluster-admin", says: `rbac-cluster-admin: roleRef.name "cluster-admin"`},
		"cluster-admin with the glass broken": {as: "mighty-break-glass", args: bind + "cluster-admin", denies: "tenure-cluster-admin"},
		"cluster-admin elsewhere":             {as: "admin", args: strings.Replace(bind, "shop", "default", 1) + "cluster-admin"},
	}
}

func namespaceAttempts() map[string]attempt {
	const never = "is never allowed in a tenant's namespace."
	attempts := map[string]attempt{
		"another tenant":             {as: "admin", args: "label --overwrite namespace shop tenure.dev/tenant=search", denies: "tenure-namespaces", says: `namespace: metadata.labels[tenure.dev/tenant] "search": ` + onlyGitOps},
		"no tenant":                  {as: "admin", args: "label namespace shop tenure.dev/tenant-", denies: "tenure-namespaces"},
		"a label more of ours":       {as: "admin", args: "label namespace shop tenure.dev/more=x", denies: "tenure-namespaces"},
		"somebody else's":            {as: "admin", args: "label --overwrite namespace shop app.kubernetes.io/managed-by=helm", denies: "tenure-namespaces"},
		"no labels":                  {as: "admin", args: `patch namespace shop --type=merge -p {"metadata":{"labels":null}}`, denies: "tenure-namespaces"},
		"the name of the platform's": {as: "admin", args: `patch namespace shop --type=merge -p {"metadata":{"labels":{"kubernetes.io/metadata.name":"kube-system","tenure.dev/tenant":null}}}`, denies: "tenure-namespaces"},
		"weaker pod security":        {as: "admin", args: "label --overwrite namespace shop pod-security.kubernetes.io/enforce=privileged", denies: "tenure-namespaces"},
		"no pod security":            {as: "admin", args: "label namespace shop pod-security.kubernetes.io/enforce-", denies: "tenure-namespaces"},
		"deleted":                    {as: "admin", args: "delete namespace shop", denies: "tenure-namespaces", says: onlyGitOps + "deletes it"},
		"applied by force": {as: "admin", args: "apply --server-side --force-conflicts", input: `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {tenure.dev/tenant: search}}}`,
			denies: "tenure-namespaces"},
		"a new one with a tenant's label": {as: "admin", args: "create", input: `{apiVersion: v1, kind: Namespace, metadata: {generateName: x-, labels: {tenure.dev/tenant: search}}}`,
			denies: "tenure-namespaces"},
		"a new one as if the platform's": {as: "admin", args: "create", input: `{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {kubernetes.io/metadata.name: kube-system, tenure.dev/tenant: search}}}`,
			denies: "tenure-namespaces"},
		"one of nobody, exempted":           {as: "admin", args: "label namespace default control-plane=true pod-security.kubernetes.io/enforce=privileged"},
		"one of the platform":               {as: "admin", args: "label namespace kube-public control-plane=true"},
		"one of nobody, by GitOps":          {as: "gitops", args: "label namespace default tenure.dev/tenant=payments"},
		"exempted as it becomes a tenant's": {as: "gitops", args: "label namespace default tenure.dev/tenant=payments control-plane=true", denies: "tenure-namespaces", says: never},
		"annotated":                         {as: "admin", args: "annotate namespace shop team=x"},
		"deleted by the GitOps identity":    {as: "gitops", args: "delete namespace shop"},
	}
	for _, label := range []string{"control-plane", "kubernetes.azure.com/managedby", "kubernetes.azure.com/managed-by", "admission.gatekeeper.sh/ignore", "policy.open-cluster-management.io/ignore", "openpolicyagent.org/webhook"} {
		for _, as := range []string{"admin", "gitops"} {
			attempts["exempted by "+label+" by "+as] = attempt{as: as, args: "label namespace shop " + label + "=x", denies: "tenure-namespaces", says: never}
		}
	}
	return attempts
}

func subresourceAttempts(t *testing.T, c *Cluster) map[string]attempt {
	attempts := map[string]attempt{}
	labels := func(metadata map[string]any) map[string]any { return metadata["labels"].(map[string]any) }
	for _, subresource := range []string{"status", "finalize"} {
		args := "replace --raw /api/v1/namespaces/shop/" + subresource + "?dryRun=All"
		for name, change := range map[string]func(metadata, spec map[string]any){
			"no tenant":         func(m, _ map[string]any) { delete(labels(m), "tenure.dev/tenant") },
			"no labels":         func(m, _ map[string]any) { delete(m, "labels") },
			"the platform's":    func(m, _ map[string]any) { m["labels"] = map[string]any{"kubernetes.io/metadata.name": "kube-system"} },
			"weak pod security": func(m, _ map[string]any) { labels(m)["pod-security.kubernetes.io/enforce"] = "privileged" },
			"exempted":          func(m, _ map[string]any) { labels(m)["control-plane"] = "x" },
		} {
			attempts[name+" by "+subresource] = attempt{as: "admin", args: args, input: written(t, c, change), denies: "tenure-namespaces"}
		}
		attempts["nothing by "+subresource] = attempt{as: "admin", args: args, input: written(t, c, func(_, _ map[string]any) {})}
	}
	ended := written(t, c, func(_, spec map[string]any) { spec["finalizers"] = []string{} })
	finalize := "replace --raw /api/v1/namespaces/shop/finalize?dryRun=All"
	attempts["ended before it is empty"] = attempt{as: "admin", args: finalize, input: ended, denies: "tenure-namespaces", says: "only the namespace controller ends"}
	attempts["ended by the namespace controller"] = attempt{as: "namespace-controller", args: finalize, input: ended}
	return attempts
}
