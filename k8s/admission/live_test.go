package admission

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// judgedLive judges an object that is there, without what says by whom it is asked for.
func judgedLive(t *testing.T, snapshot *Snapshot, object tree) (Decision, bool) {
	t.Helper()
	request := write(t, "", nil, live(t, object))
	return snapshot.JudgeLive(Live{Kind: request.Kind, Namespace: request.Namespace, Name: request.Name, Object: request.Object}, testTime)
}

func TestWhatLivesIsJudgedAsIfAnOrdinaryUserMadeIt(t *testing.T) {
	snapshot := testSnapshot(t)
	elsewhere := workload(podKind, goodLabels, podSpec(goodImage))
	set(elsewhere, "default", "metadata", "namespace")
	binding := fromYAML(t, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: mine, namespace: payments-api-prod}, roleRef: {kind: ClusterRole, name: view}}`)
	account := fromYAML(t, `{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: payments-api-prod}}`)
	for name, c := range map[string]struct {
		object          tree
		judged, allowed bool
	}{
		"a pod that keeps the rules":             {workload(podKind, goodLabels, podSpec(goodImage)), true, true},
		"a pod of another registry":              {workload(podKind, goodLabels, podSpec("docker.io/library/nginx:1")), true, false},
		"a binding of the tenant's own":          {binding, true, false},
		"what the control plane puts everywhere": {account, false, false},
		"what is in a namespace of nobody":       {elsewhere, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if decision, judged := judgedLive(t, snapshot, c.object); judged != c.judged || (judged && decision.Allowed != c.allowed) {
				t.Errorf("judged %v, allowed %v: %s", judged, decision.Allowed, DenialText(decision.Violations))
			}
		})
	}
	for key, object := range approvedObjects(t, snapshot, testSpace) {
		if decision, judged := judgedLive(t, snapshot, object); judged && object["kind"] != "Namespace" {
			t.Errorf("%s, which was rendered, is judged: %s", key, DenialText(decision.Violations))
		}
	}
}

func TestOnlyKindsThatSomeRuleSpeaksOfAreLookedAt(t *testing.T) {
	snapshot := testSnapshot(t, func(state *workflow.ApprovedState) {
		state.Policy.Environments["dev"] = workflow.Environment{PodSecurity: workflow.LevelBaseline, Rules: map[string]workflow.RuleSetting{
			"required-label": setting(workflow.RuleDeny, `{"kinds":["Service"],"labels":[{"key":"environment"}]}`),
		}}
	})
	for kind, want := range map[schema.GroupKind]bool{
		{Kind: "Pod"}: true, {Group: "apps", Kind: "ReplicaSet"}: true, {Kind: "ResourceQuota"}: true, networkPolicyKind: true, roleBindingKind: true,
		{Kind: "Service"}: true, // in one environment
		namespaceKind:     false, {Kind: "Secret"}: false, {Kind: "ConfigMap"}: false, {Group: "example.com", Kind: "Cache"}: false,
	} {
		if got := snapshot.LooksAtLive(kind); got != want {
			t.Errorf("%s is looked at: %v", kind, got)
		}
	}
}
