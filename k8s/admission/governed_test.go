package admission

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// widenOperator changes one field of an approved object so that it grants more,
// limits less, or is no longer what its selectors and owners say.
type widenOperator struct {
	kind  string // and name, where only one object of the kind has the field
	apply func(object tree)
}

// widenOperators is one operator a field. Each name says what it does.
func widenOperators() map[string]widenOperator {
	deleteKey := func(key string, path ...any) func(tree) {
		return func(o tree) { delete(at(o, path...).(tree), key) }
	}
	setTo := func(value any, path ...any) func(tree) { return func(o tree) { set(o, value, path...) } }
	const denyAll, dns, flow = "NetworkPolicy/tenure-default-deny", "NetworkPolicy/tenure-allow-dns", "NetworkPolicy/tenure-flow-entra"
	return map[string]widenOperator{
		"namespace: level of enforcement lowered":     {"Namespace", setTo("privileged", "metadata", "labels", "pod-security.kubernetes.io/enforce")},
		"namespace: level of enforcement taken off":   {"Namespace", deleteKey("pod-security.kubernetes.io/enforce", "metadata", "labels")},
		"namespace: version of the standards lowered": {"Namespace", setTo("v1.20", "metadata", "labels", "pod-security.kubernetes.io/enforce-version")},
		"namespace: given to another tenant":          {"Namespace", setTo("search", "metadata", "labels", "tenure.dev/tenant")},
		"namespace: tenant taken off":                 {"Namespace", deleteKey("tenure.dev/tenant", "metadata", "labels")},
		"namespace: put into another environment":     {"Namespace", setTo("dev", "metadata", "labels", "tenure.dev/environment")},
		"namespace: not managed any more":             {"Namespace", deleteKey("app.kubernetes.io/managed-by", "metadata", "labels")},
		"namespace: Gatekeeper told to look away":     {"Namespace", setTo("true", "metadata", "labels", "admission.gatekeeper.sh/ignore")},
		"namespace: AKS told that it is a system's":   {"Namespace", setTo("true", "metadata", "labels", "control-plane")},
		"namespace: a label that nobody approved":     {"Namespace", setTo("enabled", "metadata", "labels", "istio-injection")},
		"namespace: pods sent to chosen nodes":        {"Namespace", setTo("pool=system", "metadata", "annotations", "scheduler.alpha.kubernetes.io/node-selector")},
		"namespace: an owner":                         {"Namespace", setTo([]any{tree{"kind": "ConfigMap", "name": "x", "uid": "1"}}, "metadata", "ownerReferences")},

		"quota: CPU raised":               {"ResourceQuota", setTo("9", "spec", "hard", "limits.cpu")},
		"quota: CPU raised by a hair":     {"ResourceQuota", setTo("8001m", "spec", "hard", "requests.cpu")},
		"quota: memory raised":            {"ResourceQuota", setTo("33Gi", "spec", "hard", "limits.memory")},
		"quota: memory requests raised":   {"ResourceQuota", setTo("1Ti", "spec", "hard", "requests.memory")},
		"quota: storage raised":           {"ResourceQuota", setTo("101Gi", "spec", "hard", "requests.storage")},
		"quota: pods raised":              {"ResourceQuota", setTo("61", "spec", "hard", "pods")},
		"quota: load balancers":           {"ResourceQuota", setTo("1", "spec", "hard", "services.loadbalancers")},
		"quota: node ports":               {"ResourceQuota", setTo("1", "spec", "hard", "services.nodeports")},
		"quota: pods no longer limited":   {"ResourceQuota", deleteKey("pods", "spec", "hard")},
		"quota: nothing limited":          {"ResourceQuota", setTo(tree{}, "spec", "hard")},
		"quota: only some pods counted":   {"ResourceQuota", setTo([]any{"BestEffort"}, "spec", "scopes")},
		"quota: selected pods counted":    {"ResourceQuota", setTo(tree{"matchExpressions": []any{tree{"scopeName": "PriorityClass", "operator": "Exists"}}}, "spec", "scopeSelector")},
		"quota: an amount that is no one": {"ResourceQuota", setTo("many", "spec", "hard", "pods")},
		"quota: not ours by its label":    {"ResourceQuota", deleteKey("app.kubernetes.io/managed-by", "metadata", "labels")},
		"quota: an owner":                 {"ResourceQuota", setTo([]any{tree{"kind": "ConfigMap", "name": "x", "uid": "1"}}, "metadata", "ownerReferences")},
		"quota: a finalizer":              {"ResourceQuota", setTo([]any{"example.com/keep"}, "metadata", "finalizers")},

		"limits: default raised":           {"LimitRange", setTo("4", "spec", "limits", 0, "default", "cpu")},
		"limits: default memory taken":     {"LimitRange", deleteKey("memory", "spec", "limits", 0, "default")},
		"limits: default request raised":   {"LimitRange", setTo("400m", "spec", "limits", 0, "defaultRequest", "cpu")},
		"limits: for pods, not containers": {"LimitRange", setTo("Pod", "spec", "limits", 0, "type")},
		"limits: none":                     {"LimitRange", setTo([]any{}, "spec", "limits")},
		"limits: no spec":                  {"LimitRange", deleteKey("spec")},

		"binding: another role":             {"RoleBinding", setTo("cluster-admin", "roleRef", "name")},
		"binding: a Role of the tenant's":   {"RoleBinding", setTo("Role", "roleRef", "kind")},
		"binding: another role, nobody yet": {"RoleBinding", func(o tree) { set(o, "cluster-admin", "roleRef", "name"); o["subjects"] = []any{} }},
		"binding: one more group": {"RoleBinding", func(o tree) {
			o["subjects"] = append(o["subjects"].([]any), tree{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "other"})
		}},
		"binding: another group": {"RoleBinding", setTo("system:authenticated", "subjects", 0, "name")},
		"binding: a user":        {"RoleBinding", setTo("User", "subjects", 0, "kind")},
		"binding: a service account": {"RoleBinding", func(o tree) {
			o["subjects"] = append(o["subjects"].([]any), tree{"kind": "ServiceAccount", "name": "default", "namespace": "search-dev"})
		}},

		"deny all: ingress opened":        {denyAll, setTo([]any{tree{}}, "spec", "ingress")},
		"deny all: egress opened":         {denyAll, setTo([]any{tree{}}, "spec", "egress")},
		"deny all: egress not policed":    {denyAll, setTo([]any{"Ingress"}, "spec", "policyTypes")},
		"deny all: only some pods":        {denyAll, setTo(tree{"matchLabels": tree{"app": "web"}}, "spec", "podSelector")},
		"deny all: a field not known yet": {denyAll, setTo("allow", "spec", "action")},
		"DNS: any peer":                   {dns, deleteKey("to", "spec", "egress", 0)},
		"DNS: any pod of kube-system":     {dns, deleteKey("podSelector", "spec", "egress", 0, "to", 0)},
		"DNS: any namespace":              {dns, setTo(tree{}, "spec", "egress", 0, "to", 0, "namespaceSelector")},
		"DNS: any port":                   {dns, deleteKey("ports", "spec", "egress", 0)},
		"DNS: another port":               {dns, setTo(443, "spec", "egress", 0, "ports", 0, "port")},
		"DNS: a range of ports":           {dns, setTo(1000, "spec", "egress", 0, "ports", 0, "endPort")},
		"DNS: one more rule":              {dns, func(o tree) { set(o, append(at(o, "spec", "egress").([]any), tree{}), "spec", "egress") }},
		"DNS: ingress as well": {dns, func(o tree) {
			set(o, []any{tree{}}, "spec", "ingress")
			set(o, []any{"Ingress", "Egress"}, "spec", "policyTypes")
		}},
		"flow: a wider range":    {flow, setTo("0.0.0.0/0", "spec", "egress", 0, "to", 0, "ipBlock", "cidr")},
		"flow: another protocol": {flow, setTo("UDP", "spec", "egress", 0, "ports", 0, "protocol")},
	}
}

func TestEveryWideningIsRefusedFromEverybody(t *testing.T) {
	snapshot := testSnapshot(t)
	objects := approvedObjects(t, snapshot, testSpace)
	for name, operator := range widenOperators() {
		t.Run(name, func(t *testing.T) {
			applied := 0
			for key, object := range objects {
				if key != operator.kind && !strings.HasPrefix(key, operator.kind+"/") {
					continue
				}
				applied++
				before, now := live(t, object), live(t, object)
				operator.apply(now)
				rule := "governed"
				for _, user := range append(slices.Clone(everybodyElse), gitOps) {
					expectWideningRefused(t, snapshot, write(t, user, before, now), rule)
				}
				created := clone(t, object)
				operator.apply(created)
				expectWideningRefused(t, snapshot, write(t, gitOps, nil, created), rule)
			}
			if applied == 0 {
				t.Fatalf("no object is of %q", operator.kind)
			}
		})
	}
}

// expectWideningRefused: the labels of a Namespace are the rule namespace's.
func expectWideningRefused(t *testing.T, snapshot *Snapshot, request Request, rule string) {
	t.Helper()
	if request.Kind.Kind == "Namespace" {
		rule = ""
	}
	decision := Evaluate(snapshot, request)
	if decision.Allowed {
		t.Errorf("%s of %s by %q is let in", request.Operation, decision.Object, request.User)
	}
	for _, v := range decision.Violations {
		if v.Field == "" || v.Allowed == "" || (rule != "" && v.Rule != rule && v.Rule != "rbac-cluster-admin") {
			t.Errorf("violation says too little: %+v", v)
		}
	}
}

func TestTheGitOpsIdentityRepairsEveryWidening(t *testing.T) {
	snapshot := testSnapshot(t)
	objects := approvedObjects(t, snapshot, testSpace)
	for name, operator := range widenOperators() {
		t.Run(name, func(t *testing.T) {
			for key, object := range objects {
				if key != operator.kind && !strings.HasPrefix(key, operator.kind+"/") {
					continue
				}
				tampered := live(t, object)
				operator.apply(tampered)
				expectAllowed(t, snapshot, write(t, gitOps, tampered, live(t, object)))
				if name != "quota: a finalizer" { // which anybody may take off
					expectRefused(t, snapshot, write(t, developer, tampered, live(t, object)), "governed")
				}
			}
		})
	}
}

func TestAWriteThatChangesNothingIsAnybodys(t *testing.T) {
	snapshot := testSnapshot(t)
	for key, object := range approvedObjects(t, snapshot, testSpace) {
		for name, operator := range widenOperators() {
			if key != operator.kind && !strings.HasPrefix(key, operator.kind+"/") {
				continue
			}
			// Also on an object that is not as it was approved.
			before := live(t, object)
			operator.apply(before)
			for _, user := range append(slices.Clone(everybodyElse), gitOps) {
				now := clone(t, before)
				set(now, "12346", "metadata", "resourceVersion")
				set(now, []any{}, "metadata", "managedFields")
				now["status"] = tree{"phase": "Terminating"}
				if decision := Evaluate(snapshot, write(t, user, before, now)); !decision.Allowed {
					t.Errorf("%s after %q: a write by %q that changes nothing is refused:\n%s", key, name, user, DenialText(decision.Violations))
				}
			}
		}
	}
}

func TestAForeignAdditionIsLeftAloneByTheRepair(t *testing.T) {
	snapshot := testSnapshot(t)
	objects := approvedObjects(t, snapshot, testSpace)

	namespace := live(t, objects["Namespace/"+testSpace])
	set(namespace, "enabled", "metadata", "labels", "istio-injection")
	set(namespace, "privileged", "metadata", "labels", "pod-security.kubernetes.io/enforce")
	repaired := clone(t, namespace)
	set(repaired, "restricted", "metadata", "labels", "pod-security.kubernetes.io/enforce")
	expectAllowed(t, snapshot, write(t, gitOps, namespace, repaired))

	quota := live(t, objects["ResourceQuota/tenure"])
	set(quota, "5", "spec", "hard", "count/configmaps")
	set(quota, "99", "spec", "hard", "pods")
	set(quota, "99", "spec", "hard", "limits.cpu")
	half := clone(t, quota)
	set(half, "60", "spec", "hard", "pods")
	expectAllowed(t, snapshot, write(t, gitOps, quota, half))
}

func TestHalvesOfTwoNetworkPoliciesAreNoRepair(t *testing.T) {
	snapshot := testSnapshot(t)
	approved := approvedObjects(t, snapshot, testSpace)["NetworkPolicy/tenure-default-deny"]
	// Live: the internet is open for the pods of one app. Written: for all pods.
	before := live(t, approved)
	set(before, tree{"matchLabels": tree{"app": "web"}}, "spec", "podSelector")
	set(before, []any{tree{}}, "spec", "egress")
	now := clone(t, before)
	set(now, tree{}, "spec", "podSelector")
	expectRefused(t, snapshot, write(t, gitOps, before, now), "governed")
}

func TestATamperedNetworkPolicyIsBroughtBackInParts(t *testing.T) {
	snapshot := testSnapshot(t)
	approved := live(t, approvedObjects(t, snapshot, testSpace)["NetworkPolicy/tenure-flow-entra"])
	opening := func(cidrs ...any) tree {
		policy := clone(t, approved)
		rules := at(policy, "spec", "egress").([]any)
		for _, cidr := range cidrs {
			rules = append(rules, tree{"to": []any{tree{"ipBlock": tree{"cidr": cidr}}}})
		}
		set(policy, rules, "spec", "egress")
		return policy
	}
	tampered := opening("10.0.0.0/8", "192.168.0.0/16")
	expectAllowed(t, snapshot, write(t, gitOps, tampered, opening("10.0.0.0/9")))
	if text := expectRefused(t, snapshot, write(t, gitOps, tampered, opening("10.0.0.0/8", "192.168.0.0/15")), "governed"); !strings.Contains(text,
		`governed: spec.egress[2].to[0] "all ports from any pod of this namespace to 192.169.0.0/16, for example 192.169.0.1": nobody approved this opening.`) {
		t.Errorf("the denial is\n%s", text)
	}
	expectAllowed(t, snapshot, write(t, gitOps, tampered, approved))
}

func TestAnOlderRevisionIsAppliedAgainWhereItOnlyNarrows(t *testing.T) {
	snapshot := testSnapshot(t)
	current := approvedObjects(t, snapshot, testSpace)
	older := func(change func(*workflow.Namespace, *workflow.Policy)) map[string]tree {
		s := testSnapshot(t, func(state *workflow.ApprovedState) {
			change(&state.Tenancies["payments"].Namespaces[1], &state.Policy)
		})
		return approvedObjects(t, s, testSpace)
	}
	cases := map[string]struct {
		key     string
		objects map[string]tree
		allowed bool
	}{
		"less CPU, by another request": {"ResourceQuota/tenure", older(func(n *workflow.Namespace, _ *workflow.Policy) {
			n.Quota.CPU, n.Quota.Request = resource.MustParse("4"), 42
		}), true},
		"more CPU": {"ResourceQuota/tenure", older(func(n *workflow.Namespace, _ *workflow.Policy) { n.Quota.CPU = resource.MustParse("16") }), false},
		"less CPU and more pods": {"ResourceQuota/tenure", older(func(n *workflow.Namespace, _ *workflow.Policy) {
			n.Quota.CPU, n.Quota.Pods = resource.MustParse("4"), 61
		}), false},
		"another purpose": {"Namespace/" + testSpace, older(func(n *workflow.Namespace, _ *workflow.Policy) { n.Purpose = "tests" }), true},
		"lower defaults": {"LimitRange/tenure", older(func(_ *workflow.Namespace, p *workflow.Policy) {
			p.ContainerDefaults.Limits.CPU = resource.MustParse("200m")
		}), true},
		"a smaller platform flow": {"NetworkPolicy/tenure-flow-entra", older(func(_ *workflow.Namespace, p *workflow.Policy) {
			p.PlatformFlows[1].To = &workflow.FlowPeer{CIDR: "20.190.0.0/16"}
		}), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			request := write(t, gitOps, live(t, current[c.key]), live(t, c.objects[c.key]))
			if decision := Evaluate(snapshot, request); decision.Allowed != c.allowed {
				t.Errorf("allowed is %v:\n%s", decision.Allowed, DenialText(decision.Violations))
			}
			if decision := Evaluate(snapshot, write(t, gitOps, nil, c.objects[c.key])); decision.Allowed != c.allowed {
				t.Errorf("created, allowed is %v:\n%s", decision.Allowed, DenialText(decision.Violations))
			}
		})
	}

	// The live object is still the older one, which granted more: what Argo CD
	// writes again changes nothing.
	wider := live(t, cases["more CPU"].objects["ResourceQuota/tenure"])
	expectAllowed(t, snapshot, write(t, gitOps, wider, wider))

	// Before, the namespace was held to a stricter level.
	stricter := testSnapshot(t, func(state *workflow.ApprovedState) {
		state.Tenancies["payments"].Namespaces[0].PodSecurity = workflow.LevelRestricted
	})
	const dev = "payments-api-dev"
	now := approvedObjects(t, stricter, dev)["Namespace/"+dev]
	expectAllowed(t, snapshot, write(t, gitOps, live(t, approvedObjects(t, snapshot, dev)["Namespace/"+dev]), live(t, now)))
}

func TestGovernedObjectsAreDeletedOnlyWhereThatNarrows(t *testing.T) {
	snapshot := testSnapshot(t)
	objects := approvedObjects(t, snapshot, testSpace)
	narrows := map[string]bool{
		"RoleBinding/tenure-edit-77de0000-0000": true,
		"NetworkPolicy/tenure-allow-dns":        true,
		"NetworkPolicy/tenure-flow-entra":       true,
		"NetworkPolicy/tenure-flow-ingress":     true,
		"NetworkPolicy/tenure-default-deny":     false,
		"ResourceQuota/tenure":                  false,
		"LimitRange/tenure":                     false,
	}
	for key, allowed := range narrows {
		if objects[key] == nil {
			t.Fatalf("%s was not rendered; there are %v", key, slices.Sorted(maps.Keys(objects)))
		}
		before := live(t, objects[key])
		if got := Evaluate(snapshot, write(t, gitOps, before, nil)).Allowed; got != allowed {
			t.Errorf("deletion of %s by the GitOps identity: allowed is %v", key, got)
		}
		expectRefused(t, snapshot, write(t, clusterAdmin, before, nil), "governed")
		// A collection is deleted without a name in the request.
		nameless := write(t, developer, before, nil)
		nameless.Name = ""
		expectRefused(t, snapshot, nameless, "governed")
		expectAllowed(t, snapshot, write(t, "system:serviceaccount:kube-system:namespace-controller", before, nil))
	}
}

func TestWhatNobodyApprovedIsNotPutBesideWhatWas(t *testing.T) {
	snapshot := testSnapshot(t)
	cases := map[string]struct{ manifest, says string }{
		"a tenant's own quota":                 {"{apiVersion: v1, kind: ResourceQuota, metadata: {name: mine, namespace: payments-api-prod}, spec: {hard: {pods: 5}}}", "only " + gitOps + " writes"},
		"a tenant's own limits":                {"{apiVersion: v1, kind: LimitRange, metadata: {name: mine, namespace: payments-api-prod}}", "only " + gitOps + " writes"},
		"a tenant's own binding":               {"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: mine, namespace: payments-api-prod}, roleRef: {kind: Role, name: x}}", "only " + gitOps + " writes"},
		"our NetworkPolicy's name":             {"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: tenure-allow-dns, namespace: payments-api-prod}, spec: {podSelector: {}, ingress: [{}]}}", "only " + gitOps + " writes"},
		"a name such as ours":                  {"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: tenure-exception-61-egress, namespace: payments-api-prod}, spec: {podSelector: {}}}", "names that begin with tenure-, and Tenure's labels, are for what " + gitOps + " writes"},
		"a name such as ours, to be generated": {"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {generateName: tenure-, namespace: payments-api-prod}, spec: {podSelector: {}}}", "names that begin with tenure-"},
		"a Cilium policy of such a name":       {"{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: tenure-x, namespace: payments-api-prod}}", "only " + gitOps + " writes"},
		"a name to be generated":               {"{apiVersion: v1, kind: ResourceQuota, metadata: {generateName: mine-, namespace: payments-api-prod}}", "only " + gitOps + " writes"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			object := fromYAML(t, c.manifest)
			for _, user := range everybodyElse {
				if text := expectRefused(t, snapshot, write(t, user, nil, object), "governed"); !strings.Contains(text, c.says) {
					t.Errorf("the denial does not say %q:\n%s", c.says, text)
				}
			}
			expectRefused(t, snapshot, write(t, gitOps, nil, object), "governed")
			set(object, "somebody-else", "metadata", "namespace")
			expectAllowed(t, snapshot, write(t, developer, nil, object))
			set(object, "kube-system", "metadata", "namespace")
			expectAllowed(t, snapshot, write(t, developer, nil, object))
		})
	}
}

func TestAnEmptyGitOpsIdentityIsNobody(t *testing.T) {
	snapshot := testSnapshot(t, func(state *workflow.ApprovedState) { state.Policy.GitOpsIdentity = "" })
	for key, object := range approvedObjects(t, snapshot, testSpace) {
		request := write(t, "", nil, object)
		if Evaluate(snapshot, request).Allowed {
			t.Errorf("%s is created by a user without a name", key)
		}
	}
}

func TestControllersKeepTheirBooksOnGovernedObjects(t *testing.T) {
	snapshot := testSnapshot(t)
	before := live(t, approvedObjects(t, snapshot, testSpace)["ResourceQuota/tenure"])
	now := clone(t, before)
	now["status"] = tree{"used": tree{"pods": "4"}, "hard": tree{"pods": "60"}}
	request := write(t, "system:serviceaccount:kube-system:resourcequota-controller", before, now)
	request.SubResource = "status"
	expectAllowed(t, snapshot, request)

	// The same path with more than the status.
	set(now, "61", "spec", "hard", "pods")
	request = write(t, "system:serviceaccount:kube-system:resourcequota-controller", before, now)
	request.SubResource = "status"
	expectRefused(t, snapshot, request, "governed")

	set(before, []any{"example.com/mine"}, "metadata", "finalizers")
	freed := clone(t, before)
	delete(freed["metadata"].(tree), "finalizers")
	expectAllowed(t, snapshot, write(t, "system:serviceaccount:kube-system:generic-garbage-collector", before, freed))
}

func TestEveryRenderedKindIsGoverned(t *testing.T) {
	for key := range testSnapshot(t).grants[testSpace].objects {
		if !isGoverned(schema.GroupKind{Group: key.Group, Kind: key.Kind}) {
			t.Errorf("%s is rendered and not governed", key)
		}
	}
}

func TestWhoeverElseWritesIsToldWhichFieldIsNotTheirs(t *testing.T) {
	snapshot := testSnapshot(t)
	before := live(t, approvedObjects(t, snapshot, testSpace)["ResourceQuota/tenure"])
	now := clone(t, before)
	set(now, "61", "spec", "hard", "pods")
	want := `governed: spec.hard.pods "61": only system:serviceaccount:argocd:gitops writes the ResourceQuota of a tenant's namespace, as it was approved. Ask for the quota: https://tenure.contoso.example/requests/new/quota?cluster=weu-1&cpu=8&memory=32Gi&namespace=payments-api-prod&pods=61&storage=100Gi&tenant=payments`
	if text := expectRefused(t, snapshot, write(t, clusterAdmin, before, now), "governed"); text != want {
		t.Errorf("the denial is\n%s\nnot\n%s", text, want)
	}
}

func TestAnOpeningGoesOnlyWhereSomethingElseStillClosesTheDirection(t *testing.T) {
	snapshot := testSnapshot(t)
	before := live(t, approvedObjects(t, snapshot, testSpace)["NetworkPolicy/tenure-allow-dns"])
	grant := snapshot.grants[testSpace]
	maps.DeleteFunc(grant.objects, func(key manifest.Key, _ *manifest.Object) bool {
		return key.Kind == "NetworkPolicy" && key.Name != "tenure-allow-dns"
	})
	expectRefused(t, snapshot, write(t, gitOps, before, nil), "governed")
}

func TestACollectionWithoutNamesIsNotDeletedByTheGitOpsIdentity(t *testing.T) {
	snapshot := testSnapshot(t)
	request := write(t, gitOps, approvedObjects(t, snapshot, testSpace)["ResourceQuota/tenure"], nil)
	request.Name, request.OldObject = "", nil
	expectRefused(t, snapshot, request, "governed")
}
