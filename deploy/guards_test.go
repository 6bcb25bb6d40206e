package deploy_test

import (
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
)

const breakGlass = "tenure:break-glass"

func webhooks(t testing.TB) map[string]admissionv1.ValidatingWebhook {
	t.Helper()
	found := map[string]admissionv1.ValidatingWebhook{}
	for _, webhook := range of[admissionv1.ValidatingWebhookConfiguration](t, "ValidatingWebhookConfiguration", "base/cluster")["tenure"].Webhooks {
		found[webhook.Name] = webhook
	}
	return found
}

func policies(t testing.TB) map[string]*admissionv1.ValidatingAdmissionPolicy {
	t.Helper()
	return of[admissionv1.ValidatingAdmissionPolicy](t, "ValidatingAdmissionPolicy", "base/cluster")
}

// resources lists what rules are about, as group/resource without subresources.
func resources(t testing.TB, rules []admissionv1.RuleWithOperations) []string {
	t.Helper()
	var found []string
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				name, _, _ := strings.Cut(resource, "/")
				if group == "*" || resource == "*" {
					t.Errorf("a rule is about everything: %v", rule)
				}
				found = append(found, group+"/"+name)
			}
		}
	}
	return found
}

func policyRules(policy *admissionv1.ValidatingAdmissionPolicy) []admissionv1.RuleWithOperations {
	var rules []admissionv1.RuleWithOperations
	for _, rule := range policy.Spec.MatchConstraints.ResourceRules {
		rules = append(rules, rule.RuleWithOperations)
	}
	return rules
}

// resourceOf names a kind as rules do.
func resourceOf(kind schema.GroupKind) string {
	plural, _ := meta.UnsafeGuessKindToResource(kind.WithVersion("v1"))
	return kind.Group + "/" + plural.Resource
}

func governed() (all, namespaced []string) {
	for _, kind := range admission.GovernedKinds() {
		all = append(all, resourceOf(kind))
		if kind.Kind != "Namespace" {
			namespaced = append(namespaced, resourceOf(kind))
		}
	}
	return all, namespaced
}

func servingHosts() []string {
	var found []string
	for _, kind := range admission.HostKinds() {
		found = append(found, strings.Replace(resourceOf(kind), "gatewaies", "gateways", 1)) // which the guess takes for a "gateway" like "policy"
	}
	return found
}

func workloads() []string {
	var found []string
	for _, kind := range admission.WorkloadKinds() {
		found = append(found, resourceOf(kind.GroupKind()))
	}
	return found
}

// platform gives the namespaces that a selector names with an operator: NotIn
// where they are left out, In where it is about them.
func platform(t testing.TB, what string, selector *metav1.LabelSelector, operator metav1.LabelSelectorOperator) []string {
	t.Helper()
	if selector == nil || len(selector.MatchLabels) > 0 {
		t.Fatalf("%s selects namespaces by %v", what, selector)
	}
	var left []string
	for _, expression := range selector.MatchExpressions {
		switch {
		case expression.Key == corev1.LabelMetadataName && expression.Operator == operator:
			left = append(left, expression.Values...)
		case expression.Key == manifest.LabelTenant && expression.Operator == metav1.LabelSelectorOpExists:
		default:
			t.Errorf("%s leaves out namespaces by a label that somebody can set: %v", what, expression)
		}
	}
	return left
}

func onlyTenants(selector *metav1.LabelSelector) bool {
	return slices.ContainsFunc(selector.MatchExpressions, func(e metav1.LabelSelectorRequirement) bool { return e.Key == manifest.LabelTenant })
}

func TestTheSamePlatformNamespacesAreLeftOutEverywhere(t *testing.T) {
	want := policy(t, startPolicy).PlatformNamespaces
	same(t, developmentPolicy, policy(t, developmentPolicy).PlatformNamespaces, want)
	for name, webhook := range webhooks(t) {
		same(t, name, platform(t, name, webhook.NamespaceSelector, metav1.LabelSelectorOpNotIn), want)
	}
	for name, policy := range policies(t) {
		selector := policy.Spec.MatchConstraints.NamespaceSelector
		operator := metav1.LabelSelectorOpNotIn
		switch name {
		case "tenure-break-glass", "tenure-gitops":
			if selector != nil {
				t.Errorf("%s does not look at every write", name)
			}
			continue
		case "tenure-gitops-platform":
			operator = metav1.LabelSelectorOpIn
		}
		same(t, name, platform(t, name, selector, operator), want)
	}
	var refused []string
	destinations := list(t, "argocd", "AppProject", "tenure", "spec", "destinations")
	for _, destination := range destinations {
		namespace, negated := strings.CutPrefix(destination.(map[string]any)["namespace"].(string), "!")
		if negated {
			refused = append(refused, namespace)
		}
	}
	same(t, "AppProject tenure", refused, want)
}

func TestTheAPIServerAsksAboutEverythingThatIsJudged(t *testing.T) {
	all, namespaced := governed()
	asked := webhooks(t)
	same(t, "governed.tenure.dev", resources(t, asked["governed.tenure.dev"].Rules), append(all, "rbac.authorization.k8s.io/clusterrolebindings"))
	inTenants := append(workloads(), servingHosts()...)
	same(t, "workloads.tenure.dev", resources(t, asked["workloads.tenure.dev"].Rules), inTenants)
	same(t, "governed-in-tenants.tenure.dev", resources(t, asked["governed-in-tenants.tenure.dev"].Rules), namespaced)
	backstop := policies(t)
	same(t, "tenure-governed", resources(t, policyRules(backstop["tenure-governed"])), namespaced)
	same(t, "tenure-namespaces", resources(t, policyRules(backstop["tenure-namespaces"])), []string{"/namespaces"})
	same(t, "tenure-network-opening", resources(t, policyRules(backstop["tenure-network-opening"])), []string{"networking.k8s.io/networkpolicies"})
	same(t, "tenure-break-glass", resources(t, policyRules(backstop["tenure-break-glass"])), append(all, inTenants...))

	writes := []string{"CREATE", "UPDATE", "DELETE"}
	for name, rules := range map[string][]admissionv1.RuleWithOperations{
		"governed.tenure.dev": asked["governed.tenure.dev"].Rules, "tenure-governed": policyRules(backstop["tenure-governed"]),
		"governed-in-tenants.tenure.dev": asked["governed-in-tenants.tenure.dev"].Rules,
		"tenure-namespaces":              policyRules(backstop["tenure-namespaces"]), "tenure-break-glass": policyRules(backstop["tenure-break-glass"]),
	} {
		for _, rule := range rules {
			if slices.Contains(rule.Resources, "clusterrolebindings") {
				same(t, name, operations(rule), []string{"CREATE", "UPDATE"})
				continue
			}
			same(t, name, operations(rule), writes)
			if slices.Contains(rule.Resources, "namespaces") {
				same(t, name, rule.Resources, []string{"namespaces", "namespaces/status", "namespaces/finalize"})
			}
		}
	}
	for _, rule := range asked["workloads.tenure.dev"].Rules {
		same(t, "workloads.tenure.dev", operations(rule), []string{"CREATE", "UPDATE"})
		if slices.Contains(rule.Resources, "pods") && !slices.Contains(rule.Resources, "pods/ephemeralcontainers") {
			t.Error("nobody judges ephemeral containers")
		}
		for _, kind := range admission.WorkloadKinds() {
			if kind.Group == rule.APIGroups[0] {
				same(t, "workloads.tenure.dev, versions of "+kind.Group, rule.APIVersions, []string{kind.Version})
			}
		}
	}
}

func operations(rule admissionv1.RuleWithOperations) []string {
	var found []string
	for _, operation := range rule.Operations {
		found = append(found, string(operation))
	}
	return found
}

func TestTheWebhooksFailClosedAndSoon(t *testing.T) {
	paths := map[string]string{
		"governed.tenure.dev": admission.PathValidate, "workloads.tenure.dev": admission.PathTenant, "governed-in-tenants.tenure.dev": admission.PathTenant,
	}
	asked := webhooks(t)
	if len(asked) != len(paths) {
		t.Errorf("there are %d webhooks", len(asked))
	}
	for name, path := range paths {
		webhook := asked[name]
		if *webhook.FailurePolicy != admissionv1.Fail || *webhook.MatchPolicy != admissionv1.Equivalent ||
			*webhook.SideEffects != admissionv1.SideEffectClassNone || *webhook.TimeoutSeconds > 5 || webhook.ObjectSelector != nil {
			t.Errorf("%s: failurePolicy %s, matchPolicy %s, sideEffects %s, timeoutSeconds %d, objectSelector %v", name,
				*webhook.FailurePolicy, *webhook.MatchPolicy, *webhook.SideEffects, *webhook.TimeoutSeconds, webhook.ObjectSelector)
		}
		service := webhook.ClientConfig.Service
		if *service.Path != path || service.Name+"."+service.Namespace != "tenure-webhook.tenure-system" {
			t.Errorf("%s asks %s/%s%s", name, service.Namespace, service.Name, *service.Path)
		}
		if onlyTenants(webhook.NamespaceSelector) != (path == admission.PathTenant) {
			t.Errorf("%s: is it for tenants' namespaces alone? %v", name, webhook.NamespaceSelector)
		}
	}
	configuration := of[admissionv1.ValidatingWebhookConfiguration](t, "ValidatingWebhookConfiguration", "base/cluster")["tenure"]
	for where, marks := range map[string]map[string]string{"label": configuration.Labels, "annotation": configuration.Annotations} {
		if marks["admissions.enforcer/disabled"] != "true" {
			t.Errorf("the %s that keeps AKS from adding exemptions is missing", where)
		}
	}
}

func TestTheBackstopFailsClosedAndIsBound(t *testing.T) {
	bindings := of[admissionv1.ValidatingAdmissionPolicyBinding](t, "ValidatingAdmissionPolicyBinding", "base/cluster")
	found := policies(t)
	if len(bindings) != len(found) {
		t.Errorf("%d policies, %d bindings", len(found), len(bindings))
	}
	for name, policy := range found {
		if *policy.Spec.FailurePolicy != admissionv1.Fail {
			t.Errorf("%s: failurePolicy %s", name, *policy.Spec.FailurePolicy)
		}
		binding := bindings[name]
		if binding == nil || binding.Spec.PolicyName != name || binding.Spec.MatchResources != nil {
			t.Fatalf("%s is not bound everywhere: %v", name, binding)
		}
		want := []admissionv1.ValidationAction{admissionv1.Deny, admissionv1.Audit}
		if name == "tenure-break-glass" {
			want = []admissionv1.ValidationAction{admissionv1.Warn, admissionv1.Audit}
		}
		if !slices.Equal(binding.Spec.ValidationActions, want) {
			t.Errorf("%s: %v, want %v", name, binding.Spec.ValidationActions, want)
		}
		for _, validation := range policy.Spec.Validations {
			if name != "tenure-break-glass" && (validation.Reason == nil || *validation.Reason != metav1.StatusReasonForbidden) {
				t.Errorf("%s denies as %v, the webhook as Forbidden", name, validation.Reason)
			}
		}
	}
}

func TestTheGitOpsIdentityIsTheSameEverywhere(t *testing.T) {
	identity := policy(t, startPolicy).GitOpsIdentity
	if other := policy(t, developmentPolicy).GitOpsIdentity; other != identity {
		t.Errorf("%s names %q", developmentPolicy, other)
	}
	account, found := strings.CutPrefix(identity, "system:serviceaccount:")
	if !found {
		t.Fatalf("%q is no service account", identity)
	}
	named := map[string]int{}
	for _, f := range read(t, "base", "argocd") {
		for _, word := range strings.FieldsFunc(f.text, func(r rune) bool { return strings.ContainsRune(" '\"\n", r) }) {
			if strings.HasPrefix(word, "system:serviceaccount:argocd:") && word != identity {
				t.Errorf("%s names %q", f.path, word)
			}
			if word == identity || word == account {
				named[f.path]++
			}
		}
	}
	for _, path := range []string{"base/cluster/policy-governed.yaml", "base/cluster/policy-namespaces.yaml", "base/cluster/policy-gitops.yaml", "argocd/project-tenure.yaml", "argocd/project-tenure-root.yaml"} {
		if named[path] == 0 {
			t.Errorf("%s does not name %s", path, identity)
		}
	}
}

func TestBreakingTheGlassIsTheSameGroupEverywhere(t *testing.T) {
	conditions := map[string][]string{}
	for name, webhook := range webhooks(t) {
		for _, condition := range webhook.MatchConditions {
			conditions[name] = append(conditions[name], condition.Expression)
		}
	}
	for name, policy := range policies(t) {
		for _, condition := range policy.Spec.MatchConditions {
			conditions[name] = append(conditions[name], condition.Expression)
		}
	}
	past := "!('" + breakGlass + "' in request.userInfo.?groups.orValue([]))"
	for name, expression := range map[string]string{
		"governed.tenure.dev": past, "workloads.tenure.dev": past, "governed-in-tenants.tenure.dev": past, "tenure-governed": past, "tenure-namespaces": past, "tenure-network-opening": past,
		"tenure-break-glass": strings.TrimSuffix(strings.TrimPrefix(past, "!("), ")"),
	} {
		if !slices.Contains(conditions[name], expression) {
			t.Errorf("%s has no condition %s", name, expression)
		}
	}
	for _, name := range []string{"tenure-cluster-admin", "tenure-deployer"} {
		if len(conditions[name]) > 0 {
			t.Errorf("%s lets somebody past: %v", name, conditions[name])
		}
	}
}

func TestNobodyWritesANetworkPolicyOfATenantsUnlessTheWebhookIsAskedAboutIt(t *testing.T) {
	policy := policies(t)["tenure-network-opening"]
	configuration := of[admissionv1.ValidatingWebhookConfiguration](t, "ValidatingWebhookConfiguration", "base/cluster")["tenure"]
	if want := (admissionv1.ParamKind{APIVersion: "admissionregistration.k8s.io/v1", Kind: "ValidatingWebhookConfiguration"}); policy.Spec.ParamKind == nil || *policy.Spec.ParamKind != want {
		t.Errorf("it looks at %v", policy.Spec.ParamKind)
	}
	binding := of[admissionv1.ValidatingAdmissionPolicyBinding](t, "ValidatingAdmissionPolicyBinding", "base/cluster")["tenure-network-opening"]
	if ref := binding.Spec.ParamRef; ref == nil || ref.Name != configuration.Name || ref.ParameterNotFoundAction == nil || *ref.ParameterNotFoundAction != admissionv1.DenyAction {
		t.Errorf("without the webhook's configuration it lets through: %+v", ref)
	}
	for _, rule := range policyRules(policy) {
		same(t, policy.Name, operations(rule), []string{"CREATE", "UPDATE"})
	}
	for _, webhook := range configuration.Webhooks {
		named := strings.Contains(policy.Spec.Validations[0].Expression, "'"+webhook.Name+"'")
		if named != (onlyTenants(webhook.NamespaceSelector) && slices.Contains(resources(t, webhook.Rules), "networking.k8s.io/networkpolicies")) {
			t.Errorf("does it need %s? %t", webhook.Name, named)
		}
	}
	// What it leaves to tenure-governed is what Tenure rendered or what claims it.
	claims := metav1.LabelSelectorRequirement{Key: manifest.LabelManagedBy, Operator: metav1.LabelSelectorOpNotIn, Values: []string{manifest.ManagedBy}}
	if selector := policy.Spec.MatchConstraints.ObjectSelector; selector == nil || len(selector.MatchLabels) > 0 || len(selector.MatchExpressions) != 1 || !equality.Semantic.DeepEqual(selector.MatchExpressions[0], claims) {
		t.Errorf("it is about %v", policy.Spec.MatchConstraints.ObjectSelector)
	}
}

func TestTheGitOpsIdentityIsHeldToTenantsNamespacesInEveryGroupThatItWrites(t *testing.T) {
	held := policies(t)
	for _, name := range []string{"tenure-gitops", "tenure-gitops-platform"} {
		conditions := held[name].Spec.MatchConditions
		if len(conditions) != 1 || conditions[0].Expression != "request.userInfo.username == '"+policy(t, startPolicy).GitOpsIdentity+"'" {
			t.Errorf("%s is for others, or not always: %v", name, conditions)
		}
		var groups []string
		for _, rule := range policyRules(held[name]) {
			same(t, name, operations(rule), []string{"CREATE", "UPDATE", "DELETE"})
			if slices.Contains(rule.Resources, "*/*") {
				groups = append(groups, rule.APIGroups...)
			}
		}
		var written []string
		for _, rule := range clusterRoles(t)["tenure:gitops"].Rules {
			written = append(written, rule.APIGroups...)
		}
		same(t, name, groups, written)
	}
}

func TestTheBackstopKnowsTheAccountThatNobodyGetsATokenFor(t *testing.T) {
	for _, validation := range policies(t)["tenure-deployer"].Spec.Validations {
		if !slices.Contains(stringsIn(validation.Expression), manifest.DeployerAccount) {
			t.Errorf("%s is not about the account %s", validation.Expression, manifest.DeployerAccount)
		}
	}
}

func TestTheBackstopKnowsEveryLabelThatSwitchesEnforcementOff(t *testing.T) {
	for _, variable := range policies(t)["tenure-namespaces"].Spec.Variables {
		if variable.Name == "exempting" {
			same(t, "tenure-namespaces", stringsIn(variable.Expression), admission.SwitchOffLabels())
			return
		}
	}
	t.Error("the backstop has no variable exempting")
}

func TestDenialsOfTheBackstopSendPeopleToThePortal(t *testing.T) {
	want := "'Ask for the change: " + policy(t, startPolicy).Portal + "'"
	for _, name := range []string{"tenure-governed", "tenure-namespaces"} {
		// Overlays replace the first variable.
		if first := policies(t)[name].Spec.Variables[0]; first.Name != "ask" || first.Expression != want {
			t.Errorf("%s: %s is %s, want ask as %s", name, first.Name, first.Expression, want)
		}
	}
}
