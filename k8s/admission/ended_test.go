package admission

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

const namespaceController = "system:serviceaccount:kube-system:namespace-controller"

// endedSnapshot is the snapshot after the approval of testSpace ended.
func endedSnapshot(t testing.TB) *Snapshot {
	t.Helper()
	return testSnapshot(t, func(state *workflow.ApprovedState) {
		tenancy := state.Tenancies["payments"]
		tenancy.Namespaces = tenancy.Namespaces[:1]
		state.Tenancies["payments"] = tenancy
	})
}

// deployingSnapshot is one in which payments has Applications of its own.
func deployingSnapshot(t testing.TB) *Snapshot {
	t.Helper()
	return testSnapshot(t, func(state *workflow.ApprovedState) {
		tenancy := state.Tenancies["payments"]
		tenancy.Repositories = []string{"https://dev.azure.com/contoso/payments/_git/deploy"}
		state.Tenancies["payments"] = tenancy
	})
}

// asked is the request as the webhook for tenants' namespaces gets it.
func asked(request Request) Request {
	request.TenantNamespace = true
	return request
}

func deploymentOf(replicas int) tree {
	object := workload(schema.GroupKind{Group: "apps", Kind: "Deployment"}, goodLabels, podSpec(goodImage))
	set(object, replicas, "spec", "replicas")
	return object
}

func scaleOf(replicas int) tree {
	return tree{"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": tree{"name": "web", "namespace": testSpace}, "spec": tree{"replicas": replicas}}
}

func TestANamespaceThatCarriesATenantsLabelAndIsNotApprovedIsNeverNobodys(t *testing.T) {
	snapshot := endedSnapshot(t)
	deployment := deploymentOf(1)
	want := `namespace: metadata.namespace "payments-api-prod": nobody approved this namespace on cluster weu-1; its approval ended or was never given, so what is in it can only shrink or be deleted. Ask for a namespace: https://tenure.contoso.example/requests/new/namespace?cluster=weu-1&name=payments-api-prod`
	for _, user := range append(slices.Clone(everybodyElse), gitOps, "system:serviceaccount:kube-system:replicaset-controller") {
		if text := expectRefused(t, snapshot, asked(write(t, user, nil, deployment)), "namespace"); text != want {
			t.Errorf("the denial is\n%s\nnot\n%s", text, want)
		}
	}
	// Without the label the same namespace is one of nobody's.
	expectAllowed(t, snapshot, write(t, developer, nil, deployment))
	// The platform's namespaces stay the platform's, whatever they carry.
	set(deployment, "kube-system", "metadata", "namespace")
	expectAllowed(t, snapshot, asked(write(t, developer, nil, deployment)))
}

func TestBothPathsAreAnsweredEachByWhatItKnows(t *testing.T) {
	handler, _, _ := testHandler(t, endedSnapshot(t))
	request := write(t, developer, nil, deploymentOf(1))
	if !ask(t, handler, request).Allowed {
		t.Error("refused at the path that knows nothing of the namespace")
	}
	if ask(t, handler, asked(request)).Allowed {
		t.Error("let in at the path that knows it to be a tenant's")
	}
}

func TestWhatIsInANamespaceWhoseApprovalEndedShrinksOnly(t *testing.T) {
	snapshot := endedSnapshot(t)
	change := func(object tree, value any, path ...any) tree {
		changed := clone(t, object)
		set(changed, value, path...)
		return changed
	}
	three, job := deploymentOf(3), workload(schema.GroupKind{Group: "batch", Kind: "Job"}, goodLabels, podSpec(goodImage))
	set(job, true, "spec", "suspend")
	claim := fromYAML(t, `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, namespace: payments-api-prod, finalizers: [kubernetes.io/pvc-protection]}, spec: {resources: {requests: {storage: 1Gi}}}}`)
	one := deploymentOf(1)
	delete(one["spec"].(tree), "replicas")
	pod := workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec(goodImage))
	cases := map[string]struct {
		before, now tree
		sub         string
		allowed     bool
	}{
		"nothing changes":                  {three, three, "", true},
		"scaled down":                      {three, deploymentOf(2), "", true},
		"scaled up":                        {three, deploymentOf(4), "", false},
		"scaled up from what is not said":  {one, deploymentOf(2), "", false},
		"what is not said is one":          {one, deploymentOf(1), "", true},
		"a size that is none":              {three, change(three, "many", "spec", "replicas"), "", false},
		"another image":                    {three, change(three, "contoso.azurecr.io/b", "spec", "template", "spec", "containers", 0, "image"), "", false},
		"a label":                          {three, change(three, tree{"a": "b"}, "metadata", "labels"), "", false},
		"a controller's annotation":        {three, change(three, tree{"deployment.kubernetes.io/revision": "2"}, "metadata", "annotations"), "", true},
		"an owner":                         {three, change(three, []any{tree{"uid": "1"}}, "metadata", "ownerReferences"), "", true},
		"a pod's profile":                  {pod, change(pod, tree{"container.apparmor.security.beta.kubernetes.io/web": "unconfined"}, "metadata", "annotations"), "", false},
		"its status":                       {three, change(three, tree{"replicas": 7}, "status"), "status", true},
		"scaled down by its subresource":   {scaleOf(3), scaleOf(1), "scale", true},
		"scaled up by its subresource":     {scaleOf(3), scaleOf(4), "scale", false},
		"a job that was suspended goes on": {job, change(job, false, "spec", "suspend"), "", false},
		"a job is suspended":               {change(job, false, "spec", "suspend"), job, "", true},
		"a claim loses its finalizer":      {claim, change(claim, []any{}, "metadata", "finalizers"), "", true},
		"a claim grows":                    {claim, change(claim, "2Gi", "spec", "resources", "requests", "storage"), "", false},
		"a claim is annotated":             {claim, change(claim, tree{"a": "b"}, "metadata", "annotations"), "", false},
		"a workload goes":                  {three, nil, "", true},
		"a claim goes":                     {claim, nil, "", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			request := asked(write(t, developer, c.before, c.now))
			request.SubResource = c.sub
			if c.allowed {
				expectAllowed(t, snapshot, request)
			} else {
				expectRefused(t, snapshot, request, "namespace")
			}
		})
	}
}

// leftovers are the objects rendered for testSpace, as they stand on the
// cluster when its approval ends, and whether they only grant something.
func leftovers(t testing.TB) (objects map[string]tree, onlyGive map[string]bool) {
	t.Helper()
	return approvedObjects(t, deployingSnapshot(t), testSpace), map[string]bool{
		"RoleBinding/tenure-edit-77de0000-0000": true,
		"RoleBinding/tenure-edit-deployer":      true,
		"ServiceAccount/tenure-deployer":        true,
		"NetworkPolicy/tenure-flow-entra":       true,
		"NetworkPolicy/tenure-flow-ingress":     true,
		"NetworkPolicy/tenure-allow-dns":        false, // stays as long as the namespace: it isolates, too
		"NetworkPolicy/tenure-default-deny":     false,
		"ResourceQuota/tenure":                  false,
		"LimitRange/tenure":                     false,
		"Namespace/" + testSpace:                true,
	}
}

func TestAfterTheEndArgoCDTakesAwayWhatOnlyGivesAndTheNamespaceControllerTheRest(t *testing.T) {
	snapshot := endedSnapshot(t)
	objects, onlyGive := leftovers(t)
	if len(objects) != len(onlyGive) {
		t.Fatalf("%d objects were rendered, %d are expected", len(objects), len(onlyGive))
	}
	for key, gives := range onlyGive {
		if objects[key] == nil {
			t.Fatalf("%s was not rendered", key)
		}
		before := live(t, objects[key])
		for _, place := range []func(Request) Request{asked, func(r Request) Request { return r }} {
			if got := Evaluate(snapshot, place(write(t, gitOps, before, nil))).Allowed; got != gives {
				t.Errorf("%s goes by the GitOps identity: allowed is %v", key, got)
			}
			for _, user := range everybodyElse {
				expectRefused(t, snapshot, place(write(t, user, before, nil)), "")
			}
			if strings.HasPrefix(key, "Namespace/") {
				continue
			}
			nameless := place(write(t, namespaceController, before, nil))
			nameless.Name = "" // it deletes collections
			expectAllowed(t, snapshot, nameless)
		}
	}
}

func TestAfterTheEndAPolicyThatClosesADirectionStaysEvenWhereItDoesNotSaySo(t *testing.T) {
	snapshot := endedSnapshot(t)
	for rules, gives := range map[string]bool{
		"policyTypes: [Ingress], ingress: [{}]":                       true,
		"policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]": true,
		"policyTypes: [Ingress]":                                      false,
		"policyTypes: [Ingress, Egress], ingress: [{}]":               false,
		"policyTypes: [Ingress, Egress], egress: [{}], ingress: []":   false,
		"ingress: [{}]": false, // which directions it names is not known
	} {
		policy := fromYAML(t, "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: x, namespace: payments-api-prod, labels: {tenure.dev/tenant: payments}}, spec: {podSelector: {}, "+rules+"}}")
		if got := Evaluate(snapshot, write(t, gitOps, policy, nil)).Allowed; got != gives {
			t.Errorf("%s: allowed is %v", rules, got)
		}
	}
	cilium := fromYAML(t, "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: x, namespace: payments-api-prod}}")
	expectRefused(t, snapshot, asked(write(t, gitOps, cilium, nil)), "governed")
}

func TestAfterTheEndOnlyTheSystemsObjectsAreMade(t *testing.T) {
	snapshot := endedSnapshot(t)
	for metadata, allowed := range map[string]bool{
		"name: kube-root-ca.crt":  true,
		"name: settings":          false,
		"generateName: settings-": false,
	} {
		object := fromYAML(t, "{apiVersion: v1, kind: ConfigMap, metadata: {namespace: payments-api-prod, "+metadata+"}}")
		if got := Evaluate(snapshot, asked(write(t, developer, nil, object))).Allowed; got != allowed {
			t.Errorf("%s: allowed is %v", metadata, got)
		}
	}
	// A generated name is none yet where the API server does not say it.
	job := fromYAML(t, "{apiVersion: batch/v1, kind: Job, metadata: {generateName: x-, namespace: payments-api-prod}, spec: {template: {spec: {containers: []}}}}")
	expectRefused(t, snapshot, asked(write(t, developer, nil, job)), "namespace")
}

func TestAfterTheEndNothingOfTenuresIsWidenedOrMadeAnew(t *testing.T) {
	snapshot := endedSnapshot(t)
	objects, _ := leftovers(t)
	for _, operator := range widenOperators() {
		for key, object := range objects {
			if key != operator.kind && !strings.HasPrefix(key, operator.kind+"/") {
				continue
			}
			before, now := live(t, object), live(t, object)
			operator.apply(now)
			for _, user := range append(slices.Clone(everybodyElse), gitOps) {
				expectRefused(t, snapshot, write(t, user, before, now), "")
				expectRefused(t, snapshot, asked(write(t, user, before, now)), "")
			}
		}
	}
	for _, object := range objects {
		for _, user := range append(slices.Clone(everybodyElse), gitOps) {
			expectRefused(t, snapshot, write(t, user, nil, object), "namespace")
			// Written again as it stands, it is anybody's.
			expectAllowed(t, snapshot, write(t, user, live(t, object), live(t, object)))
		}
	}
}

func TestAfterTheEndArgoCDMayStillNarrow(t *testing.T) {
	snapshot := endedSnapshot(t)
	objects, _ := leftovers(t)
	before := live(t, objects["ResourceQuota/tenure"])
	now := clone(t, before)
	set(now, "5", "spec", "hard", "pods")
	expectAllowed(t, snapshot, write(t, gitOps, before, now))
	if text := expectRefused(t, snapshot, write(t, gitOps, now, before), "governed"); !strings.Contains(text, "nobody approved this ResourceQuota; as long as it is there, it can only grant less.") {
		t.Errorf("the denial is\n%s", text)
	}
	// In a namespace that is still approved, so may an object that is not.
	flow := live(t, approvedObjects(t, testSnapshot(t), testSpace)["NetworkPolicy/tenure-flow-ingress"])
	set(flow, "tenure-flow-old", "metadata", "name")
	narrower := clone(t, flow)
	set(narrower, []any{}, "spec", "ingress")
	expectAllowed(t, testSnapshot(t), write(t, gitOps, flow, narrower))
	expectRefused(t, testSnapshot(t), write(t, gitOps, narrower, flow), "governed")
}

func TestWhatIsNotTenuresInANamespaceOfNobodyStaysNobodysBusiness(t *testing.T) {
	snapshot := endedSnapshot(t)
	for name, manifest := range map[string]string{
		"a quota":           "{apiVersion: v1, kind: ResourceQuota, metadata: {name: mine, namespace: legacy}, spec: {hard: {pods: 5}}}",
		"a binding":         "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: mine, namespace: legacy, labels: {app.kubernetes.io/managed-by: Helm}}, roleRef: {kind: ClusterRole, name: cluster-admin}}",
		"a policy":          "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: mine, namespace: legacy}, spec: {podSelector: {}}}",
		"a service account": "{apiVersion: v1, kind: ServiceAccount, metadata: {name: mine, namespace: legacy}}",
	} {
		object := fromYAML(t, manifest)
		changed := clone(t, object)
		set(changed, tree{"a": "b"}, "metadata", "annotations")
		for _, request := range []Request{write(t, clusterAdmin, nil, object), write(t, clusterAdmin, object, changed), write(t, clusterAdmin, object, nil)} {
			expectAllowed(t, snapshot, request)
		}
		// Where the namespace is known to be a tenant's, it is not nobody's.
		expectRefused(t, snapshot, asked(write(t, clusterAdmin, nil, object)), "namespace")
		// And nothing comes to bear Tenure's label that Tenure did not render.
		claiming := clone(t, object)
		set(claiming, tree{"tenure.dev/tenant": "payments"}, "metadata", "labels")
		expectRefused(t, snapshot, write(t, clusterAdmin, nil, claiming), "namespace")
		expectRefused(t, snapshot, write(t, clusterAdmin, object, claiming), "governed")
		expectRefused(t, snapshot, write(t, clusterAdmin, claiming, object), "governed")
		if t.Failed() {
			t.Fatalf("of %s", name)
		}
	}
}

func TestWhatIsNotTenuresInANamespaceWhoseApprovalEndedIsNotTouchedByPeopleEither(t *testing.T) {
	snapshot := endedSnapshot(t)
	binding := fromYAML(t, "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: mine, namespace: payments-api-prod}, roleRef: {kind: Role, name: x}, subjects: []}")
	more := clone(t, binding)
	set(more, []any{subjectOf("User", "", "eve")}, "subjects")
	for _, user := range []string{clusterAdmin, gitOps} {
		expectRefused(t, snapshot, asked(write(t, user, binding, more)), "governed")
	}
	expectAllowed(t, snapshot, asked(write(t, gitOps, more, binding)))
	expectAllowed(t, snapshot, asked(write(t, gitOps, more, nil)))
	expectRefused(t, snapshot, asked(write(t, clusterAdmin, more, nil)), "governed")
}

// Argo CD and admission learn of a commit at different times. Whoever is late,
// the end is the same, and nothing is widened on the way.
func TestRacesBetweenArgoCDAndTheSnapshotEndWellBothWays(t *testing.T) {
	approved, ended := deployingSnapshot(t), endedSnapshot(t)
	objects, _ := leftovers(t)
	namespace := objects["Namespace/"+testSpace]

	t.Run("a namespace comes before the snapshot knows it", func(t *testing.T) {
		expectRefused(t, ended, write(t, gitOps, nil, namespace), "namespace")
		expectAllowed(t, approved, write(t, gitOps, nil, namespace)) // the same, tried again
	})
	t.Run("a namespace goes before the snapshot knows it", func(t *testing.T) {
		for key, gives := range map[string]bool{"RoleBinding/tenure-edit-deployer": true, "ServiceAccount/tenure-deployer": true, "NetworkPolicy/tenure-flow-entra": true, "ResourceQuota/tenure": false} {
			if got := Evaluate(approved, write(t, gitOps, live(t, objects[key]), nil)).Allowed; got != gives {
				t.Errorf("%s goes: allowed is %v", key, got)
			}
		}
		expectRefused(t, approved, write(t, gitOps, live(t, namespace), nil), "namespace")
		expectAllowed(t, ended, write(t, gitOps, live(t, namespace), nil))
	})
	t.Run("the snapshot knows the end before Argo CD", func(t *testing.T) {
		for _, object := range objects {
			// The older revision is applied again: it changes nothing.
			expectAllowed(t, ended, write(t, gitOps, live(t, object), live(t, object)))
		}
	})
	t.Run("foreign additions", func(t *testing.T) {
		for _, snapshot := range []*Snapshot{approved, ended} {
			labelled := live(t, objects["NetworkPolicy/tenure-flow-entra"])
			set(labelled, "x", "metadata", "labels", "example.com/foreign")
			counted := live(t, objects["ResourceQuota/tenure"])
			set(counted, "5", "spec", "hard", "count/secrets")
			for _, before := range []tree{labelled, counted} {
				expectAllowed(t, snapshot, write(t, gitOps, before, before))
				expectRefused(t, snapshot, write(t, developer, live(t, objects["ResourceQuota/tenure"]), counted), "governed")
			}
		}
	})
}

func TestServiceAccountsAreTheTenantsOwnSaveTheOneThatTenureRendered(t *testing.T) {
	snapshot := deployingSnapshot(t)
	ours := approvedObjects(t, snapshot, testSpace)["ServiceAccount/tenure-deployer"]
	expectAllowed(t, snapshot, write(t, gitOps, nil, ours))
	want := `governed: metadata.name "tenure-deployer": only system:serviceaccount:argocd:gitops writes this ServiceAccount, as it was approved; it is not the tenant's own.`
	for _, user := range everybodyElse {
		if text := expectRefused(t, snapshot, write(t, user, live(t, ours), nil), "governed"); !strings.HasPrefix(text, want) {
			t.Errorf("the denial is\n%s", text)
		}
		expectRefused(t, snapshot, write(t, user, nil, ours), "governed")
		changed := live(t, ours)
		set(changed, []any{tree{"name": "pull"}}, "imagePullSecrets")
		expectRefused(t, snapshot, write(t, user, live(t, ours), changed), "governed")
		expectRefused(t, snapshot, write(t, gitOps, live(t, ours), changed), "governed")
		expectAllowed(t, snapshot, write(t, gitOps, changed, live(t, ours)))
		expectAllowed(t, snapshot, write(t, user, live(t, ours), live(t, ours)))
	}
	theirs := fromYAML(t, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: payments-api-prod}}")
	changed := clone(t, theirs)
	set(changed, []any{tree{"name": "pull"}}, "imagePullSecrets")
	for _, request := range []Request{write(t, developer, nil, theirs), write(t, developer, theirs, changed), write(t, developer, changed, nil)} {
		expectAllowed(t, snapshot, request)
		expectAllowed(t, snapshot, asked(request))
	}
	// A tenant without Applications may have an account of that name.
	expectAllowed(t, testSnapshot(t), write(t, developer, nil, fromYAML(t, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: tenure-deployer, namespace: payments-api-prod}}")))
}

func TestTheLinkOfADenialOpensTheFormWithWhatIsKnown(t *testing.T) {
	snapshot := testSnapshot(t)
	for name, link := range map[string]string{
		"payments-new": "/requests/new/namespace?cluster=weu-1&name=payments-new",
		"a&b=c d":      "/requests/new/namespace?cluster=weu-1&name=a%26b%3Dc+d",
	} {
		if text := expectRefused(t, snapshot, write(t, developer, nil, namespaceObject(name, nil)), "namespace"); !strings.HasSuffix(text, "Ask for a namespace: https://tenure.contoso.example"+link) {
			t.Errorf("%q: %s", name, text)
		}
	}
	generated := tree{"apiVersion": "v1", "kind": "Namespace", "metadata": tree{"generateName": "x-"}}
	if text := expectRefused(t, snapshot, write(t, developer, nil, generated), "namespace"); !strings.HasSuffix(text, fmt.Sprintf("/requests/new/namespace?cluster=%s", testCluster)) {
		t.Errorf("without a name: %s", text)
	}
}
