package deploy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	podsecurity "k8s.io/pod-security-admission/api"
	podpolicy "k8s.io/pod-security-admission/policy"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

func clusterRoles(t testing.TB) map[string]*rbacv1.ClusterRole {
	t.Helper()
	return of[rbacv1.ClusterRole](t, "ClusterRole", "base/cluster")
}

// aggregated gives the rules that the API server's controller fills in.
func aggregated(t testing.TB, role *rbacv1.ClusterRole) []rbacv1.PolicyRule {
	t.Helper()
	var rules []rbacv1.PolicyRule
	for _, selector := range role.AggregationRule.ClusterRoleSelectors {
		for _, part := range clusterRoles(t) {
			if labels.SelectorFromSet(selector.MatchLabels).Matches(labels.Set(part.Labels)) {
				rules = append(rules, part.Rules...)
			}
		}
	}
	return rules
}

// allows lists group/resource verb of every rule.
func allows(rules []rbacv1.PolicyRule) []string {
	var found []string
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					found = append(found, group+"/"+resource+" "+verb)
				}
			}
		}
	}
	return found
}

func TestTenantsRolesWriteNothingThatIsGoverned(t *testing.T) {
	_, governed := governed()
	governed = append(governed, "/namespaces", "rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/clusterroles")
	for _, kind := range admission.ClusterPolicyKinds() {
		governed = append(governed, resourceOf(kind))
	}
	// A tenant may have NetworkPolicies and ServiceAccounts of its own.
	own := []string{"networking.k8s.io/networkpolicies", "/serviceaccounts"}
	reads := []string{"get", "list", "watch"}
	smaller := map[string]bool{}
	for _, access := range []workflow.AccessRole{workflow.AccessView, workflow.AccessEdit, workflow.AccessAdmin} {
		name := manifest.ClusterRole(access)
		role := clusterRoles(t)[name]
		if role == nil || role.AggregationRule == nil || role.Rules != nil {
			t.Fatalf("%s is not aggregated, or has rules of its own, which each apply would set back: %v", name, role)
		}
		allowed := allows(aggregated(t, role))
		for _, one := range allowed {
			what, verb, _ := strings.Cut(one, " ")
			resource, _, _ := strings.Cut(what[strings.Index(what, "/")+1:], "/")
			kind := what[:strings.Index(what, "/")+1] + resource
			switch {
			case strings.Contains(one, "*"), slices.Contains([]string{"impersonate", "bind", "escalate"}, verb):
				t.Errorf("%s allows %s", name, one)
			case !slices.Contains(reads, verb) && slices.Contains(governed, kind) && !slices.Contains(own, kind):
				t.Errorf("%s allows %s", name, one)
			case access == workflow.AccessView && (!slices.Contains(reads, verb) || kind == "/secrets"):
				t.Errorf("%s allows %s", name, one)
			}
		}
		for one := range smaller {
			if !slices.Contains(allowed, one) {
				t.Errorf("%s does not allow %s, as the smaller role does", name, one)
			}
		}
		smaller = map[string]bool{}
		for _, one := range allowed {
			smaller[one] = true
		}
	}
	for _, workload := range workloads() {
		if !smaller[workload+" create"] {
			t.Errorf("nobody may create %s", workload)
		}
	}
}

func TestTheGitOpsIdentityWritesWhatIsRenderedAndNothingElse(t *testing.T) {
	rendered := []string{"/namespaces", "/resourcequotas", "/limitranges", "/serviceaccounts", "networking.k8s.io/networkpolicies", "cilium.io/ciliumnetworkpolicies", "rbac.authorization.k8s.io/rolebindings"}
	var want []string
	for _, resource := range rendered {
		for _, verb := range []string{"get", "list", "watch", "create", "update", "patch", "delete"} {
			want = append(want, resource+" "+verb)
		}
	}
	rules := clusterRoles(t)["tenure:gitops"].Rules
	same(t, "tenure:gitops", allows(rules), append(want, "rbac.authorization.k8s.io/clusterroles bind"))
	for _, rule := range rules {
		if slices.Contains(rule.Verbs, "bind") {
			same(t, "tenure:gitops binds", rule.ResourceNames, []string{
				manifest.ClusterRole(workflow.AccessView), manifest.ClusterRole(workflow.AccessEdit), manifest.ClusterRole(workflow.AccessAdmin),
			})
		}
	}
	namespaced := list(t, "argocd", "AppProject", "tenure", "spec", "namespaceResourceWhitelist")
	cluster := list(t, "argocd", "AppProject", "tenure", "spec", "clusterResourceWhitelist")
	var synced []string
	for _, item := range append(namespaced, cluster...) {
		kind := item.(map[string]any)
		synced = append(synced, resourceOf(schema.GroupKind{Group: kind["group"].(string), Kind: kind["kind"].(string)}))
	}
	same(t, "AppProject tenure", synced, rendered)
}

func TestNobodyHoldsBreakGlassForGood(t *testing.T) {
	all, _ := governed()
	allowed := allows(clusterRoles(t)["tenure:break-glass-writes"].Rules)
	for _, resource := range slices.Concat(all, workloads(), servingHosts()) {
		for _, verb := range []string{"create", "update", "patch", "delete"} {
			if !slices.Contains(allowed, resource+" "+verb) {
				t.Errorf("with the glass broken nobody may %s %s", verb, resource)
			}
		}
	}
	for _, rule := range clusterRoles(t)[breakGlass].Rules {
		same(t, breakGlass, rule.Verbs, []string{"impersonate"})
		if slices.Contains(rule.Resources, "groups") {
			same(t, breakGlass, rule.ResourceNames, []string{breakGlass})
		}
	}
	for name, binding := range of[rbacv1.ClusterRoleBinding](t, "ClusterRoleBinding", "base", "argocd") {
		if binding.RoleRef.Name == breakGlass {
			t.Errorf("%s gives %s to %v", name, breakGlass, binding.Subjects)
		}
		if binding.RoleRef.Name == "tenure:break-glass-writes" && (len(binding.Subjects) != 1 || binding.Subjects[0].Name != breakGlass) {
			t.Errorf("%s lets %v write", name, binding.Subjects)
		}
	}
}

// listedLive are the resources that the portal lists to say what lives in namespaces,
// beside those that rules of admission look at.
var listedLive = []string{
	"/services", "/configmaps", "/persistentvolumeclaims", "rbac.authorization.k8s.io/roles", "autoscaling/horizontalpodautoscalers",
	"policy/poddisruptionbudgets", "resource.k8s.io/resourceclaims", "resource.k8s.io/resourceclaimtemplates", "snapshot.storage.k8s.io/volumesnapshots",
}

func TestThePortalReadsWhatLivesAndWhatIsUsedAndNothingElseOfTheWholeCluster(t *testing.T) {
	live := slices.Clone(listedLive)
	_, namespaced := governed()
	live = slices.Concat(live, namespaced, workloads(), servingHosts())
	for i := range live {
		live[i] += " list"
	}
	want := map[string][]string{
		"tenure:workloads-reader": {"/pods list", "/pods watch", "apps/replicasets list", "apps/replicasets watch", "batch/jobs list", "batch/jobs watch"},
		"tenure:quotas-reader":    {"/resourcequotas list", "/resourcequotas watch"},
		"tenure:live-reader":      live,
	}
	roles := of[rbacv1.ClusterRole](t, "ClusterRole", "base/portal")
	same(t, "the portal's roles", slices.Collect(maps.Keys(roles)), slices.Collect(maps.Keys(want)))
	for name, role := range roles {
		same(t, name, allows(role.Rules), want[name])
	}
	bindings := of[rbacv1.ClusterRoleBinding](t, "ClusterRoleBinding", "base/portal")
	same(t, "the portal's bindings", slices.Collect(maps.Keys(bindings)), slices.Collect(maps.Keys(want)))
	for name, binding := range bindings {
		portal := rbacv1.Subject{Kind: "ServiceAccount", Namespace: "tenure-system", Name: "tenure-portal"}
		if binding.RoleRef.Name != name || len(binding.Subjects) != 1 || binding.Subjects[0] != portal {
			t.Errorf("%s binds %v to %v", binding.Name, binding.RoleRef, binding.Subjects)
		}
	}
}

func TestPodsOfTenureAreRestricted(t *testing.T) {
	evaluator, err := podpolicy.NewEvaluator(podpolicy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	level := podsecurity.LevelVersion{Level: podsecurity.LevelRestricted, Version: podsecurity.LatestVersion()}
	deployments := of[appsv1.Deployment](t, "Deployment", "base")
	same(t, "the base", slices.Collect(maps.Keys(deployments)), []string{"tenure-webhook", "tenure-portal"})
	for name, deployment := range deployments {
		pod := deployment.Spec.Template
		for _, result := range evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec) {
			if !result.Allowed {
				t.Errorf("%s: %s (%s)", name, result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
		for _, container := range pod.Spec.Containers {
			checkContainer(t, name, container)
		}
	}
	if webhook := deployments["tenure-webhook"].Spec.Template.Spec; webhook.AutomountServiceAccountToken == nil || *webhook.AutomountServiceAccountToken {
		t.Error("the webhook gets a token that it does not need")
	}
	if portal := deployments["tenure-portal"].Spec; *portal.Replicas != 1 || portal.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Error("two publishers may run at once")
	}
}

func checkContainer(t testing.TB, name string, container corev1.Container) {
	t.Helper()
	if context := container.SecurityContext; context.ReadOnlyRootFilesystem == nil || !*context.ReadOnlyRootFilesystem {
		t.Errorf("%s can write to its own root", name)
	}
	if container.LivenessProbe == nil || container.ReadinessProbe == nil || container.StartupProbe == nil {
		t.Errorf("%s lacks a probe", name)
	}
	if container.Resources.Requests.Memory().IsZero() || container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
		t.Errorf("%s does not say what it needs", name)
	}
	if container.Image != "tenure" {
		t.Errorf("%s runs %q, which no overlay replaces", name, container.Image)
	}
}

func TestNothingReachesTenureUnlessAPolicyOpensIt(t *testing.T) {
	opened := of[networkingv1.NetworkPolicy](t, "NetworkPolicy", "base")
	deny := opened["default-deny"].Spec
	if len(deny.PodSelector.MatchLabels)+len(deny.Ingress)+len(deny.Egress) > 0 || len(deny.PolicyTypes) != 2 {
		t.Errorf("default-deny is %+v", deny)
	}
	for name, policy := range opened {
		for _, rule := range policy.Spec.Ingress {
			if len(rule.From) == 0 || len(rule.Ports) == 0 {
				t.Errorf("%s lets in everybody, or everything", name)
			}
		}
		for _, rule := range policy.Spec.Egress {
			if len(rule.Ports) == 0 {
				t.Errorf("%s lets out everything", name)
			}
		}
	}
	from := opened["tenure-webhook-from-api-server"].Spec.Ingress[0].From[0]
	if from.NamespaceSelector.MatchLabels[corev1.LabelMetadataName] != "kube-system" || from.PodSelector.MatchLabels["app"] != "konnectivity-agent" {
		t.Errorf("the API server comes in from %v", from)
	}
}

// list gives a list of an object that has no Go type here.
func list(t testing.TB, folder, kind, name string, fields ...string) []any {
	t.Helper()
	for _, f := range read(t, folder) {
		if f.object.GetKind() == kind && f.object.GetName() == name {
			items, found, err := unstructured.NestedSlice(f.object.Object, fields...)
			if err != nil || !found {
				t.Fatalf("%s: %v: %v", f.path, fields, err)
			}
			return items
		}
	}
	t.Fatalf("there is no %s %s", kind, name)
	return nil
}
