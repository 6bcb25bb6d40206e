package admission

import (
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// inCluster makes NetworkPolicies by their specs.
func inCluster(t testing.TB, specs ...string) clusterPolicies {
	t.Helper()
	policies := []*networkingv1.NetworkPolicy{}
	for _, spec := range specs {
		policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "there", Namespace: testSpace}}
		if err := decodePolicySpec(encode(t, ownPolicy(t, spec)), policy); err != nil {
			t.Fatal(err)
		}
		policies = append(policies, policy)
	}
	return clusterPolicies{testSpace: policies}
}

func TestPodsRunOnlyWhereBothDirectionsArePoliced(t *testing.T) {
	snapshot := testSnapshot(t)
	labels := tree{"environment": "prod", "app": "web"}
	for name, c := range map[string]struct {
		policies Policies
		refused  string // the directions
	}{
		"nothing is known, and default-deny is approved": {nil, ""},
		"the cluster is not known yet":                   {unknownPolicies{}, ""},
		"default-deny":                                   {inCluster(t, "{podSelector: {}, policyTypes: [Ingress, Egress]}"), ""},
		"one policy for each direction":                  {inCluster(t, "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}", "{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}"), ""},
		"types filled in by the API server":              {inCluster(t, "{podSelector: {}, egress: [{}]}"), ""},
		"none":                                           {inCluster(t), "ingress egress"},
		"only of another namespace":                      {clusterPolicies{"search-dev": inCluster(t, "{podSelector: {}, policyTypes: [Ingress, Egress]}")[testSpace]}, "ingress egress"},
		"only ingress":                                   {inCluster(t, "{podSelector: {}}"), "egress"},
		"only egress":                                    {inCluster(t, "{podSelector: {}, policyTypes: [Egress], ingress: [{}]}"), "ingress"},
		"for other pods":                                 {inCluster(t, "{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress, Egress]}"), "ingress egress"},
		"for pods with a label less":                     {inCluster(t, "{podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}, policyTypes: [Ingress, Egress]}"), "ingress egress"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range kindNames() {
				request := asked(write(t, developer, nil, workload(kind, labels, podSpec(goodImage))))
				request.Policies = c.policies
				decision := Evaluate(snapshot, request)
				var refused []string
				for _, v := range decision.Violations {
					_, after, found := strings.Cut(v.Allowed, " selects these pods for ")
					direction, _, _ := strings.Cut(after, ",")
					if !found || v.Rule != "network-required" || !strings.HasSuffix(v.Field, "metadata.labels") || v.Value != "app=web,environment=prod" {
						t.Errorf("%s: %+v", kind, v)
					}
					refused = append(refused, direction)
				}
				if got := strings.Join(refused, " "); got != c.refused || decision.Allowed != (c.refused == "") {
					t.Errorf("%s: allowed is %v, refused is %q", kind, decision.Allowed, got)
				}
			}
		})
	}
}

type unknownPolicies struct{}

func (unknownPolicies) NetworkPolicies(string) ([]*networkingv1.NetworkPolicy, bool) {
	return nil, false
}

func TestControllersKeepTheirBooksOnPodsThatNobodyPolices(t *testing.T) {
	snapshot := testSnapshot(t)
	before := workload(schema.GroupKind{Group: "apps", Kind: "Deployment"}, tree{"environment": "prod", "app": "web"}, podSpec(goodImage))
	update := func(change func(tree)) Request {
		now := clone(t, before)
		change(now)
		request := asked(write(t, developer, before, now))
		request.Policies = inCluster(t, "{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress, Egress]}")
		return request
	}
	expectAllowed(t, snapshot, update(func(o tree) { set(o, 5, "spec", "replicas") }))
	expectAllowed(t, snapshot, update(func(o tree) {
		set(o, tree{"environment": "prod", "app": "api"}, "spec", "template", "metadata", "labels")
	}))
	expectRefused(t, snapshot, update(func(o tree) {
		set(o, tree{"environment": "prod", "app": "db"}, "spec", "template", "metadata", "labels")
	}), "network-required")
	deletion := write(t, developer, before, nil)
	deletion.Policies = inCluster(t)
	expectAllowed(t, snapshot, deletion)
}

func TestPoliciesWithASelectorThatMeansNothingPoliceNobody(t *testing.T) {
	request := asked(write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec(goodImage))))
	request.Policies = inCluster(t, "{podSelector: {matchExpressions: [{key: a, operator: Like}]}}")
	expectRefused(t, testSnapshot(t), request, "network-required")
}

func TestTheModeOfNetworkRequiredIsThePolicys(t *testing.T) {
	for mode, warned := range map[workflow.RuleMode]bool{workflow.RuleWarn: true, workflow.RuleOff: false} {
		snapshot := testSnapshot(t, func(state *workflow.ApprovedState) { state.Policy.Rules["network-required"] = setting(mode, "") })
		request := asked(write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec(goodImage))))
		request.Policies = inCluster(t)
		if decision := Evaluate(snapshot, request); !decision.Allowed || (len(decision.Warnings) > 0) != warned {
			t.Errorf("%s: %+v", mode, decision)
		}
	}
}

func TestTheWebhookKnowsThePoliciesOfItsCluster(t *testing.T) {
	handler, _, _ := testHandler(t, testSnapshot(t))
	handler.Policies = inCluster(t)
	request := asked(write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec(goodImage))))
	want := `network-required: metadata.labels "environment=prod": no NetworkPolicy that is in namespace payments-api-prod selects these pods for ingress, so they could talk to everybody. ` +
		gitOps + ` writes tenure-default-deny, which selects every pod; until it is there, nothing starts.`
	if response := ask(t, handler, request); response.Allowed || !strings.Contains(response.Result.Message, want) {
		t.Errorf("the denial is %+v, without\n%s", response.Result, want)
	}
	handler.Policies = inCluster(t, "{podSelector: {}, policyTypes: [Ingress, Egress]}")
	if response := ask(t, handler, request); !response.Allowed {
		t.Errorf("the answer is %+v", response.Result)
	}
}
