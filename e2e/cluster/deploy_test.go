package cluster

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A tenant's namespace as Tenure would render it, and what is in it.
const tenantNamespace = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {tenure.dev/tenant: payments, tenure.dev/environment: dev, app.kubernetes.io/managed-by: tenure, pod-security.kubernetes.io/enforce: baseline}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: tenure, namespace: shop, labels: {tenure.dev/tenant: payments, app.kubernetes.io/managed-by: tenure}}
spec: {hard: {pods: "20", requests.cpu: "2"}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: tenure, namespace: shop, labels: {tenure.dev/tenant: payments, app.kubernetes.io/managed-by: tenure}}
spec: {limits: [{type: Container, default: {cpu: "1"}, defaultRequest: {cpu: 100m}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: tenure-default-deny, namespace: shop, labels: {tenure.dev/tenant: payments, app.kubernetes.io/managed-by: tenure}}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: own, namespace: shop}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: tenure-deployer, namespace: shop, labels: {tenure.dev/tenant: payments, app.kubernetes.io/managed-by: tenure}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: tenure-edit-members, namespace: shop, labels: {tenure.dev/tenant: payments, app.kubernetes.io/managed-by: tenure}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "tenure:edit"}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: ` + PaymentsMembers + `}]
`

// ciliumKind makes the API server know Cilium's policies, without what is in them.
const ciliumKind = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ciliumnetworkpolicies.cilium.io}
spec:
  group: cilium.io
  scope: Namespaced
  names: {kind: CiliumNetworkPolicy, plural: ciliumnetworkpolicies}
  versions:
    - {name: v2, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`

// nobodysWebhook is an address where nothing answers.
func nobodysWebhook(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "https://" + listener.Addr().String()
}

// guarded is a control plane with a tenant's namespace that was there before
// Tenure's guards, and with a webhook that does not answer.
func guarded(t *testing.T) *Cluster {
	t.Helper()
	c := start(t, t.TempDir())
	for _, identity := range []Identity{
		{Name: "break-glass", User: "tenure:break-glass", Groups: []string{"tenure:break-glass"}},
		{Name: "mighty-break-glass", User: "tenure:break-glass", Groups: []string{"tenure:break-glass", "system:masters"}},
		{Name: "mighty-gitops", User: "system:serviceaccount:argocd:gitops", Groups: []string{"system:masters"}},
		ServiceAccount("namespace-controller", "kube-system", "namespace-controller"),
	} {
		if _, err := c.AddIdentity(identity); err != nil {
			t.Fatal(err)
		}
	}
	apply(t, c, ciliumKind)
	kubectl(t, c, "admin", "wait", "--for=condition=Established", "crd/ciliumnetworkpolicies.cilium.io", "--timeout=90s")
	apply(t, c, tenantNamespace)
	kubectl(t, c, "admin", "-n", "shop", "create", "deployment", "web", "--image=mcr.microsoft.com/pause", "--replicas=2")
	eventually(t, func() error { return pods(t, c, 2) })
	if err := c.Install(t.Context(), InstallOptions{Webhook: nobodysWebhook(t), CA: c.CA()}); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheGuardsOfADeployedTenure(t *testing.T) {
	c := guarded(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *Cluster)
	}{
		{"the API server's controller fills in the tenants' roles", rolesAreFilledIn},
		{"breaking the glass warns and is audited", breakingTheGlass},
		{"the backstop holds without the webhook", backstopHolds},
		{"nobody writes a NetworkPolicy that nobody must judge", openingsAreJudged},
		{"the system goes on while the webhook is down", systemGoesOn}, // ends the tenant's namespace
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, c) })
	}
}

// pods checks how many pods the tenant's namespace has.
func pods(t *testing.T, c *Cluster, want int) error {
	t.Helper()
	names := strings.Fields(kubectl(t, c, "admin", "-n", "shop", "get", "pods", "-o", "name"))
	if len(names) != want {
		return fmt.Errorf("there are %d pods, not %d", len(names), want)
	}
	return nil
}

// withoutWebhook deletes the webhook configuration and waits until the API
// server asks nobody any more.
func withoutWebhook(t *testing.T, c *Cluster) {
	t.Helper()
	kubectl(t, c, "admin", "delete", "validatingwebhookconfiguration", "tenure")
	eventually(t, func() error {
		_, err := c.Kubectl(t.Context(), "admin", "create", "namespace", "nobodys", "--dry-run=server")
		return err
	})
}

func systemGoesOn(t *testing.T, c *Cluster) {
	if text := refused(t, c, "dana", "-n", "shop", "create", "deployment", "more", "--image=mcr.microsoft.com/pause"); !strings.Contains(text, `failed calling webhook "workloads.tenure.dev"`) {
		t.Errorf("a new Deployment is refused otherwise: %s", text)
	}
	if text := refused(t, c, "gitops", "-n", "shop", "annotate", "quota", "tenure", "x=y"); !strings.Contains(text, `failed calling webhook "governed`) {
		t.Errorf("a governed object is refused otherwise: %s", text)
	}
	if _, err := c.KubectlInput(t.Context(), "dana", ownPolicy, "create", "-f", "-"); err == nil || !strings.Contains(err.Error(), `failed calling webhook "governed`) {
		t.Errorf("a tenant's own NetworkPolicy is not refused for want of the webhook: %v", err)
	}
	kubectl(t, c, "dana", "-n", "shop", "create", "configmap", "settings")
	kubectl(t, c, "admin", "create", "clusterrolebinding", "viewers", "--clusterrole=view", "--user=eve")
	kubectl(t, c, "admin", "create", "clusterrolebinding", "add-on", "--clusterrole=cluster-admin", "--serviceaccount=kube-system:add-on")
	if text := refused(t, c, "admin", "create", "clusterrolebinding", "everybody", "--clusterrole=cluster-admin", "--group=system:authenticated"); !strings.Contains(text, `failed calling webhook "governed.tenure.dev"`) {
		t.Errorf("everybody as cluster-admin is refused otherwise: %s", text)
	}

	kubectl(t, c, "dana", "-n", "shop", "scale", "deployment", "web", "--replicas=1")
	eventually(t, func() error { return pods(t, c, 1) })
	eventually(t, func() error { return used(t, c, "1") })
	kubectl(t, c, "dana", "-n", "shop", "scale", "deployment", "web", "--replicas=3")
	eventually(t, func() error {
		events := kubectl(t, c, "admin", "-n", "shop", "get", "events", "-o", "jsonpath={range .items[?(@.reason=='FailedCreate')]}{.message}{end}")
		if !strings.Contains(events, `failed calling webhook "workloads.tenure.dev"`) {
			return fmt.Errorf("the ReplicaSet's pods are refused otherwise: %q", events)
		}
		return nil
	})
	if err := pods(t, c, 1); err != nil {
		t.Errorf("a pod that nobody judged: %v", err)
	}

	kubectl(t, c, "break-glass", "create", "namespace", "fresh")
	eventually(t, func() error {
		_, err := c.Kubectl(t.Context(), "admin", "-n", "fresh", "get", "serviceaccount/default", "configmap/kube-root-ca.crt")
		return err
	})
	kubectl(t, c, "break-glass", "delete", "namespace", "shop", "--timeout=90s")
	if err := c.Install(t.Context(), InstallOptions{Webhook: nobodysWebhook(t), CA: c.CA()}); err != nil {
		t.Errorf("Tenure cannot be installed again while it is down: %v", err)
	}
}

// used checks how many pods the quota counts.
func used(t *testing.T, c *Cluster, want string) error {
	t.Helper()
	if have := kubectl(t, c, "admin", "-n", "shop", "get", "quota", "tenure", "-o", "jsonpath={.status.used.pods}"); have != want {
		return fmt.Errorf("the quota counts %s pods, not %s", have, want)
	}
	return nil
}

func breakingTheGlass(t *testing.T, c *Cluster) {
	args := []string{"--as=tenure:break-glass", "--as-group=tenure:break-glass", "--as-user-extra=reason=INC-4711",
		"-n", "shop", "patch", "resourcequota", "tenure", "--type=merge", "-p", `{"spec":{"hard":{"pods":"30"}}}`}
	if text := refused(t, c, "olivia", args...); !strings.Contains(text, "cannot impersonate") {
		t.Errorf("whoever does not hold the role is refused otherwise: %s", text)
	}
	kubectl(t, c, "admin", "create", "clusterrolebinding", "inc-4711", "--clusterrole=tenure:break-glass", "--user=olivia@contoso.example")
	eventually(t, func() error {
		_, err := c.Kubectl(t.Context(), "olivia", append([]string{"--warnings-as-errors"}, args...)...)
		var warned *KubectlError
		if !errors.As(err, &warned) || !strings.Contains(warned.Stderr, "Warning: Validation failed for ValidatingAdmissionPolicy 'tenure-break-glass'") {
			return fmt.Errorf("it does not warn: %w", err)
		}
		return nil
	})
	if hard := kubectl(t, c, "admin", "-n", "shop", "get", "quota", "tenure", "-o", "jsonpath={.spec.hard.pods}"); hard != "30" {
		t.Errorf("the quota is still %s", hard)
	}
	kubectl(t, c, "break-glass", "-n", "shop", "patch", "resourcequota", "tenure", "--type=merge", "-p", `{"spec":{"hard":{"pods":"20"}}}`)
	eventually(t, func() error {
		text, err := os.ReadFile(c.AuditLog())
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, `"tenure-break-glass/write":"UPDATE ResourceQuota shop/tenure as tenure:break-glass"`) &&
				strings.Contains(line, `"username":"olivia@contoso.example"`) && strings.Contains(line, "INC-4711") {
				return nil
			}
		}
		return errors.New("the audit log does not tell")
	})
	for _, group := range []string{"system:masters", "platform-admins"} {
		if text := refused(t, c, "olivia", "--as=tenure:break-glass", "--as-group="+group, "get", "namespaces"); !strings.Contains(text, "cannot impersonate") {
			t.Errorf("the role reaches the group %s: %s", group, text)
		}
	}
}

func rolesAreFilledIn(t *testing.T, c *Cluster) {
	can := func(role, verb, resource string) error {
		resource, subresource, _ := strings.Cut(resource, "/")
		answer, err := c.Kubectl(t.Context(), "admin", "auth", "can-i", verb, resource, "--subresource="+subresource, "-n", "roles", "--as=someone", "--as-group="+role)
		if strings.HasPrefix(answer, "no") {
			return errors.New(role + " may not " + verb + " " + resource)
		}
		return err
	}
	kubectl(t, c, "break-glass", "create", "namespace", "roles")
	for _, role := range []string{"tenure:view", "tenure:edit", "tenure:admin"} {
		kubectl(t, c, "break-glass", "-n", "roles", "create", "rolebinding", strings.ReplaceAll(role, ":", "-"), "--clusterrole="+role, "--group="+role)
	}
	for _, allowed := range [][3]string{
		{"tenure:view", "list", "pods"}, {"tenure:view", "get", "rolebindings.rbac.authorization.k8s.io"},
		{"tenure:edit", "create", "deployments.apps"}, {"tenure:edit", "create", "pods/exec"}, {"tenure:edit", "delete", "networkpolicies.networking.k8s.io"},
		{"tenure:admin", "patch", "pods/ephemeralcontainers"}, {"tenure:admin", "create", "deployments.apps"},
		{"tenure:view", "list", "ciliumnetworkpolicies.cilium.io"}, {"tenure:edit", "create", "networkpolicies.networking.k8s.io"},
	} {
		eventually(t, func() error { return can(allowed[0], allowed[1], allowed[2]) })
	}
	for _, refused := range [][3]string{
		{"tenure:view", "get", "secrets"}, {"tenure:view", "create", "pods"}, {"tenure:edit", "patch", "pods/ephemeralcontainers"},
		{"tenure:admin", "create", "rolebindings.rbac.authorization.k8s.io"}, {"tenure:admin", "create", "roles.rbac.authorization.k8s.io"},
		{"tenure:admin", "update", "resourcequotas"}, {"tenure:admin", "delete", "limitranges"}, {"tenure:admin", "update", "namespaces"},
		{"tenure:admin", "impersonate", "serviceaccounts"}, {"tenure:admin", "create", "ciliumnetworkpolicies.cilium.io"},
	} {
		if can(refused[0], refused[1], refused[2]) == nil {
			t.Errorf("%s may %s %s", refused[0], refused[1], refused[2])
		}
	}
}

func TestTheExampleOverlaysBuild(t *testing.T) {
	c := sharedCluster(t)
	built := func(overlay string) string {
		return kubectl(t, c, "admin", "kustomize", filepath.Join("..", "..", "deploy", "overlays", overlay))
	}
	example := built("example")
	for text, want := range map[string]int{
		"cert-manager.io/inject-ca-from: tenure-system/tenure-webhook":         1,
		"image: contoso.azurecr.io/platform/tenure:v1.0.0":                     2,
		"expression: '''Ask for the change: https://tenure.contoso.example'''": 2,
		"kind: Policy\n":           0, // read, and not applied
		"TENURE_TRUST: \"0000":     0,
		"- cert-manager\n":         9, // three webhooks and five policies leave it out, one is about it
		"kind: Certificate\n":      2,
		"path: /validate/tenant\n": 2,
	} {
		if have := strings.Count(example, text); have != want {
			t.Errorf("the example has %q %d times, not %d", text, have, want)
		}
	}
	further := built("example-further-cluster")
	for text, want := range map[string]int{
		"tenure-portal": 0, "argoproj.io": 0, "TENURE_CLUSTER: neu-1": 1, "cidr: 10.224.0.0/28": 1, "\nkind: ValidatingWebhookConfiguration\n": 1,
	} {
		if have := strings.Count(further, text); have != want {
			t.Errorf("the further cluster has %q %d times, not %d", text, have, want)
		}
	}
	root := built("example/argocd")
	for text, want := range map[string]int{"\nkind: AppProject\n": 2, "mode: head\n": 2, "- 0123456789ABCDEF0123456789ABCDEF01234567\n": 2} {
		if strings.Count("\n"+root, text) != want {
			t.Errorf("the example for Argo CD does not have %q %d times:\n%s", text, want, root)
		}
	}
}
