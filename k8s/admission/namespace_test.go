package admission

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func namespaceObject(name string, labels tree) tree {
	return tree{"apiVersion": "v1", "kind": "Namespace", "metadata": tree{"name": name, "labels": labels}}
}

func TestExactlyTheApprovedNamespaceIsLetIn(t *testing.T) {
	snapshot := testSnapshot(t)
	approved := approvedObjects(t, snapshot, testSpace)["Namespace/"+testSpace]
	expectAllowed(t, snapshot, write(t, gitOps, nil, approved))

	other := clone(t, approved)
	set(other, "payments-api-prod2", "metadata", "name")
	for _, user := range append(everybodyElse, gitOps) {
		text := expectRefused(t, snapshot, write(t, user, nil, other), "namespace")
		for _, want := range []string{
			`namespace: metadata.name "payments-api-prod2": nobody approved this namespace on cluster weu-1.`,
			"Ask for a namespace: https://tenure.contoso.example/requests/new/namespace?cluster=weu-1&name=payments-api-prod2",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the denial does not say %q:\n%s", want, text)
			}
		}
	}
	for _, user := range everybodyElse {
		expectRefused(t, snapshot, write(t, user, nil, approved), "governed")
	}
	expectAllowed(t, snapshot, write(t, clusterAdmin, nil, namespaceObject("kube-system", nil)))
}

func TestTheVerdictOnANamespaceNamesTheTenantThatHoldsIt(t *testing.T) {
	snapshot := testSnapshot(t)
	for name, tenant := range map[string]string{testSpace: "payments", "payments-shadow": "", "kube-system": ""} {
		// The label is a claim; only the grant says whose it is.
		object := namespaceObject(name, tree{"tenure.dev/tenant": "search"})
		if got := Evaluate(snapshot, write(t, developer, nil, object)).Tenant; got != tenant {
			t.Errorf("%s: tenant %q, want %q", name, got, tenant)
		}
	}
}

func TestANamespaceOfAnotherClusterIsNotLetIn(t *testing.T) {
	state := testState()
	snapshot, err := NewSnapshot(state, "neu-1")
	if err != nil {
		t.Fatal(err)
	}
	approved := approvedObjects(t, testSnapshot(t), testSpace)["Namespace/"+testSpace]
	decision := Evaluate(snapshot, write(t, gitOps, nil, approved))
	if !decision.Allowed || len(decision.Warnings) == 0 {
		t.Errorf("on an observed cluster it is let in and noted, but: %+v", decision)
	}
}

func TestNamespacesOfNobodyStayNobodysUntilTheyClaimATenant(t *testing.T) {
	snapshot := testSnapshot(t)
	foreign := live(t, namespaceObject("legacy", tree{"team": "a"}))
	cases := map[string]struct {
		before, now tree
		user        string
		refused     bool
	}{
		"an ordinary label changes":   {foreign, live(t, namespaceObject("legacy", tree{"team": "b"})), developer, false},
		"it takes a tenant's label":   {foreign, live(t, namespaceObject("legacy", tree{"tenure.dev/tenant": "payments"})), clusterAdmin, true},
		"so does the GitOps identity": {foreign, live(t, namespaceObject("legacy", tree{"tenure.dev/tenant": "payments"})), gitOps, true},
		"it says Tenure manages it":   {foreign, live(t, namespaceObject("legacy", tree{"app.kubernetes.io/managed-by": "tenure"})), clusterAdmin, true},
		"it is deleted":               {foreign, nil, clusterAdmin, false},
		"a former tenant's is deleted by the GitOps identity": {
			live(t, namespaceObject("gone", tree{"tenure.dev/tenant": "payments"})), nil, gitOps, false},
		"a former tenant's is deleted by somebody": {
			live(t, namespaceObject("gone", tree{"tenure.dev/tenant": "payments"})), nil, clusterAdmin, true},
		"a former tenant's loses its label": {
			live(t, namespaceObject("gone", tree{"tenure.dev/tenant": "payments"})), live(t, namespaceObject("gone", tree{})), clusterAdmin, true},
		"a former tenant's is written unchanged": {
			live(t, namespaceObject("gone", tree{"tenure.dev/tenant": "payments"})), live(t, namespaceObject("gone", tree{"tenure.dev/tenant": "payments"})), developer, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			request := write(t, c.user, c.before, c.now)
			if c.refused {
				expectRefused(t, snapshot, request, "namespace")
			} else {
				expectAllowed(t, snapshot, request)
			}
		})
	}
}

func TestAnApprovedNamespaceIsDeletedByNobody(t *testing.T) {
	snapshot := testSnapshot(t)
	before := live(t, approvedObjects(t, snapshot, testSpace)["Namespace/"+testSpace])
	for _, user := range append(everybodyElse, gitOps) {
		expectRefused(t, snapshot, write(t, user, before, nil), "namespace")
		nameless := write(t, user, before, nil)
		nameless.Name = ""
		expectRefused(t, snapshot, nameless, "namespace")
	}
}

func TestSubresourcesOfANamespaceDoNotRelabelIt(t *testing.T) {
	snapshot := testSnapshot(t)
	before := live(t, approvedObjects(t, snapshot, testSpace)["Namespace/"+testSpace])
	for _, subresource := range []string{"status", "finalize"} {
		finalized := clone(t, before)
		finalized["spec"] = tree{}
		finalized["status"] = tree{"phase": "Terminating"}
		request := write(t, "system:serviceaccount:kube-system:namespace-controller", before, finalized)
		request.SubResource = subresource
		expectAllowed(t, snapshot, request)

		set(finalized, "privileged", "metadata", "labels", "pod-security.kubernetes.io/enforce")
		request = write(t, developer, before, finalized)
		request.SubResource = subresource
		expectRefused(t, snapshot, request, "namespace")
	}
}

func TestTheAPIServersOwnLabelIsNotJudged(t *testing.T) {
	snapshot := testSnapshot(t)
	approved := approvedObjects(t, snapshot, testSpace)["Namespace/"+testSpace]
	delete(approved["metadata"].(tree)["labels"].(tree), "kubernetes.io/metadata.name")
	expectAllowed(t, snapshot, write(t, gitOps, nil, approved))
}

func TestSwitchOffLabelsMayStandButNotCome(t *testing.T) {
	snapshot := testSnapshot(t)
	approved := live(t, approvedObjects(t, snapshot, testSpace)["Namespace/"+testSpace])
	for _, label := range switchOffLabels {
		switched := clone(t, approved)
		set(switched, "true", "metadata", "labels", label)
		text := expectRefused(t, snapshot, write(t, gitOps, approved, switched), "namespace")
		if !strings.Contains(text, "metadata.labels["+label+"]") {
			t.Errorf("the denial does not name the label:\n%s", text)
		}
		expectAllowed(t, snapshot, write(t, gitOps, switched, approved))
		changed := clone(t, switched)
		set(changed, "tests", "metadata", "annotations", "tenure.dev/purpose")
		expectAllowed(t, snapshot, write(t, gitOps, switched, changed))
	}
}

func TestWithoutASnapshotEverythingIsRefused(t *testing.T) {
	for name, object := range map[string]tree{
		"namespace":  namespaceObject("x", nil),
		"config map": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": tree{"name": "x", "namespace": "kube-system"}},
	} {
		decision := Evaluate(nil, write(t, gitOps, nil, object))
		if decision.Allowed || !strings.Contains(DenialText(decision.Violations), "no approved state has been verified yet") {
			t.Errorf("%s: %+v", name, decision)
		}
	}
}

func TestTheClustersModeDecidesWhatBecomesOfAViolation(t *testing.T) {
	unapproved := write(t, clusterAdmin, nil, namespaceObject("x", nil))
	for mode, allowed := range map[workflow.ClusterMode]bool{workflow.ModeObserve: true, workflow.ModeWarn: true, workflow.ModeEnforce: false} {
		snapshot := testSnapshot(t, func(state *workflow.ApprovedState) {
			state.Policy.Clusters[testCluster] = workflow.Cluster{Mode: mode}
		})
		decision := Evaluate(snapshot, unapproved)
		if decision.Allowed != allowed || len(decision.Violations)+len(decision.Warnings) != 1 {
			t.Errorf("mode %s: %+v", mode, decision)
		}
		warned := decision.answer("u").Response.Warnings
		if (len(warned) > 0) != (mode == workflow.ModeWarn) {
			t.Errorf("mode %s: warnings are %q", mode, warned)
		}
		if would := decision.audit()["would-deny"]; (would != "") != allowed {
			t.Errorf("mode %s: the audit log says %q", mode, would)
		}
	}
}

func TestNoPolicySwitchesOffWhatAdmissionIsFor(t *testing.T) {
	snapshot := testSnapshot(t, func(state *workflow.ApprovedState) {
		state.Policy.Rules = map[string]workflow.RuleSetting{"namespace": {Mode: workflow.RuleOff}, "governed": {Mode: workflow.RuleOff}}
	})
	expectRefused(t, snapshot, write(t, clusterAdmin, nil, namespaceObject("x", nil)), "namespace")
	for _, object := range approvedObjects(t, snapshot, testSpace) {
		expectRefused(t, snapshot, write(t, clusterAdmin, nil, object), "governed")
	}
}
