package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

const (
	ownRegistry = "contoso.azurecr.io/*"
	microsoft   = "mcr.microsoft.com/*"
	oldImg      = "mcr.microsoft.com/web:1"
	newImg      = "contoso.azurecr.io/web:1"
)

// elsewhere is what is said of the cluster that is not asked.
const elsewhere = "not neu-1: Tenure does not watch this cluster."

func TestWhatAnotherPolicyWouldRefuseOfWhatLivesIsNamed(t *testing.T) {
	a := newListsAPI(t)
	a.putWhole("apps/v1 Deployment payments-api-dev/web", nil, deployed(oldImg))
	a.putWhole("apps/v1 Deployment payments-api-dev/api", nil, deployed(newImg))
	a.putWhole("apps/v1 StatefulSet search-dev/index", nil, deployed(oldImg))
	a.putWhole("Pod payments-api-dev/debug", nil, object{"spec": running(oldImg)})
	a.putWhole("batch/v1 CronJob payments-api-dev/nightly", nil, object{"spec": object{"jobTemplate": object{"spec": object{"template": object{"spec": running(oldImg)}}}}})
	a.putWhole("apps/v1 Deployment kube-system/agent", nil, deployed(oldImg))
	a.putWhole("apps/v1 Deployment default/theirs", nil, deployed(oldImg))
	a.put("ConfigMap payments-api-dev/settings", nil)
	effect := newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry))
	if diff := cmp.Diff([]string{
		"payments weu-1/payments-api-dev CronJob nightly: trusted-registry", "payments weu-1/payments-api-dev Deployment web: trusted-registry",
		"payments weu-1/payments-api-dev Pod debug: trusted-registry", "search weu-1/search-dev StatefulSet index: trusted-registry", elsewhere,
	}, refusedLines(effect)); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
	if effect.Objects != 5 || effect.More != 0 || !effect.At.Equal(noon) {
		t.Errorf("%d were looked at, %d are not named, at %s", effect.Objects, effect.More, effect.At)
	}
	want := `trusted-registry: spec.template.spec.containers[0].image "mcr.microsoft.com/web:1": registry mcr.microsoft.com is not trusted (contoso.azurecr.io/*). Ask for an exemption: https://tenure.contoso.example/requests/new/exemption?`
	if message := effect.Refused[1].Message; !strings.HasPrefix(message, want) {
		t.Errorf("it says %s", message)
	}
	if asked := strings.Join(a.asked, "\n"); strings.Contains(asked, "secrets") || strings.Contains(asked, "configmaps") {
		t.Errorf("what no rule looks at was asked for:\n%s", asked)
	}
}

func TestWhatIsRefusedAlreadyIsNotNewlyRefused(t *testing.T) {
	observing := livingState(ownRegistry, microsoft)
	observing.Policy.Clusters["weu-1"] = workflow.Cluster{Mode: workflow.ModeWarn, NetworkEngine: workflow.EngineCilium}
	warning := livingState(ownRegistry)
	warning.Policy.Rules["trusted-registry"] = workflow.RuleSetting{Mode: workflow.RuleWarn, Params: warning.Policy.Rules["trusted-registry"].Params}
	labelled := livingState(ownRegistry)
	labelled.Policy.Rules["required-label"] = workflow.RuleSetting{Mode: workflow.RuleDeny, Params: []byte(`{"kinds": ["Deployment"], "labels": [{"key": "environment"}]}`)}
	deployment, warned := "payments weu-1/payments-api-dev Deployment web: trusted-registry", "payments weu-1/payments-api-dev Deployment web: trusted-registry (warned)"
	for name, c := range map[string]struct {
		before, after *workflow.ApprovedState
		want          []string
	}{
		"it stays refused":          {livingState(ownRegistry), livingState(ownRegistry), nil},
		"it is let through now":     {livingState(ownRegistry), livingState(ownRegistry, microsoft), nil},
		"it was warned about":       {warning, livingState(ownRegistry), []string{deployment}},
		"it is only warned about":   {livingState(ownRegistry, microsoft), warning, []string{warned}},
		"it goes on being warned":   {warning, warning, nil},
		"it was refused, is warned": {livingState(ownRegistry), warning, nil},
		"the cluster gets stricter": {observing, livingState(ownRegistry), []string{deployment}},
		"another rule refuses it":   {livingState(ownRegistry), labelled, []string{"payments weu-1/payments-api-dev Deployment web: required-label"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newListsAPI(t)
			a.putWhole("apps/v1 Deployment payments-api-dev/web", nil, deployed(oldImg))
			if diff := cmp.Diff(append(slices.Clone(c.want), elsewhere), refusedLines(newlyRefused(t, a.live(), c.before, c.after))); diff != "" {
				t.Errorf("what is refused (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPodsOfAWorkloadThatIsNamedAreNot(t *testing.T) {
	a := newListsAPI(t)
	a.putWhole("apps/v1 Deployment payments-api-dev/web", nil, deployed(oldImg))
	a.putWhole("apps/v1 ReplicaSet payments-api-dev/web-1", ownedBy("apps/v1 Deployment payments-api-dev/web"), deployed(oldImg))
	a.putWhole("Pod payments-api-dev/web-1-x", ownedBy("apps/v1 ReplicaSet payments-api-dev/web-1"), object{"spec": running(oldImg)})
	// What was injected into pods stands in no template.
	a.putWhole("apps/v1 Deployment payments-api-dev/api", nil, deployed(newImg))
	a.putWhole("apps/v1 ReplicaSet payments-api-dev/api-1", ownedBy("apps/v1 Deployment payments-api-dev/api"), deployed(newImg))
	for _, pod := range []string{"api-1-x", "api-1-y"} {
		a.putWhole("Pod payments-api-dev/"+pod, ownedBy("apps/v1 ReplicaSet payments-api-dev/api-1"), object{"spec": running("mcr.microsoft.com/proxy:1")})
	}
	a.putWhole("Pod payments-api-dev/spark-1", ownedBy("example.com/v1 SparkApplication payments-api-dev/spark"), object{"spec": running(oldImg)})
	a.putWhole("apps/v1 ReplicaSet payments-api-dev/older", ownedBy("apps/v1 Deployment payments-api-dev/api"), deployed(oldImg))
	a.putWhole("Pod payments-api-dev/going", object{"deletionTimestamp": "2026-11-21T12:00:00Z"}, object{"spec": running(oldImg)})
	effect := newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry))
	if diff := cmp.Diff([]string{
		"payments weu-1/payments-api-dev Deployment web: trusted-registry",
		"payments weu-1/payments-api-dev Pod api-1-x of Deployment api: trusted-registry",
		"payments weu-1/payments-api-dev Pod spark-1 of SparkApplication spark: trusted-registry", elsewhere,
	}, refusedLines(effect)); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
	if !slices.Contains(a.asked, "pods?fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed&limit=500") {
		t.Errorf("pods that have ended are asked for: %v", a.asked)
	}
}

func TestControllersInACircleEnd(t *testing.T) {
	a := newListsAPI(t)
	a.putWhole("Pod payments-api-dev/a", ownedBy("Pod payments-api-dev/b"), object{"spec": running(oldImg)})
	a.putWhole("Pod payments-api-dev/b", ownedBy("Pod payments-api-dev/a"), object{"spec": running(oldImg)})
	if found := newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry)).Refused; len(found) == 0 {
		t.Error("neither is named")
	}
}

// What Tenure rendered comes and goes with what is approved, whoever it is that is asked about.
func TestWhatTenureRenderedIsNeverNamed(t *testing.T) {
	a := newListsAPI(t)
	managed := object{"labels": object{"app.kubernetes.io/managed-by": "tenure"}}
	for _, what := range []string{
		"ResourceQuota payments-api-dev/tenure", "LimitRange payments-api-dev/tenure",
		"networking.k8s.io/v1 NetworkPolicy payments-api-dev/tenure-default-deny", "networking.k8s.io/v1 NetworkPolicy payments-api-dev/tenure-flow-ingress",
	} {
		a.putWhole(what, managed, object{"spec": object{"podSelector": object{}}})
	}
	a.put("ServiceAccount payments-api-dev/default", nil)
	before := livingState(ownRegistry)
	before.Policy.Clusters["weu-1"] = workflow.Cluster{Mode: workflow.ModeWarn, NetworkEngine: workflow.EngineCilium}
	before.Policy.PlatformFlows = []workflow.PlatformFlow{{
		Name: "ingress", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "ingress-nginx"}, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 8080}},
	}}
	if found := newlyRefused(t, a.live(), before, livingState(ownRegistry)); len(found.Refused) > 0 {
		t.Errorf("of %d, refused are %v", found.Objects, refusedLines(found))
	}
}

func TestATenantsOwnNetworkPolicyIsRefusedByAPolicyThatOpensLess(t *testing.T) {
	a := newListsAPI(t)
	a.putWhole("networking.k8s.io/v1 NetworkPolicy payments-api-dev/own", nil, object{"spec": object{
		"podSelector": object{"matchLabels": object{"app": "web"}}, "policyTypes": []any{"Ingress"},
		"ingress": []any{object{
			"from":  []any{object{"namespaceSelector": object{"matchLabels": object{"kubernetes.io/metadata.name": "ingress-nginx"}}}},
			"ports": []any{object{"port": 8080, "protocol": "TCP"}},
		}},
	}})
	before := livingState(ownRegistry)
	before.Policy.PlatformFlows = []workflow.PlatformFlow{{
		Name: "ingress", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "ingress-nginx"}, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 8080}},
	}}
	want := []string{"payments weu-1/payments-api-dev NetworkPolicy own: network-opening", elsewhere}
	if diff := cmp.Diff(want, refusedLines(newlyRefused(t, a.live(), before, livingState(ownRegistry)))); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
}

func TestManyThatWouldBeRefusedAreNamedUpToALimit(t *testing.T) {
	a := newListsAPI(t)
	for i := range pageSize + workflow.MaxRefused {
		a.putWhole(fmt.Sprintf("apps/v1 Deployment payments-api-dev/web-%03d", i), nil, deployed(oldImg))
	}
	effect := newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry))
	if len(effect.Refused) != workflow.MaxRefused || effect.More != pageSize || effect.Objects != pageSize+workflow.MaxRefused {
		t.Errorf("%d are named of %d, and %d are not", len(effect.Refused), effect.Objects, effect.More)
	}
	if last := effect.Refused[workflow.MaxRefused-1].Object; last != "Deployment web-199" {
		t.Errorf("the last one is %s", last)
	}
}

func TestWhatCannotBeLookedAtIsSaidAndHidesNothingElse(t *testing.T) {
	a := newListsAPI(t)
	a.putWhole("apps/v1 Deployment payments-api-dev/web", nil, deployed(oldImg))
	a.refuse = map[string]int{"pods": http.StatusForbidden, "cronjobs": http.StatusInternalServerError, "jobs": http.StatusNotFound}
	a.stale = []string{"broken.example.com", "metrics.k8s.io"}
	if diff := cmp.Diff([]string{
		"payments weu-1/payments-api-dev Deployment web: trusted-registry", elsewhere,
		"not weu-1: broken.example.com: " + unknownGroup, "not weu-1: CronJob: The cluster could not list them.", "not weu-1: Pod: Tenure may not list them on the cluster.",
	}, refusedLines(newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry)))); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
}

func TestAClusterThatIsAwayIsNotLookedAt(t *testing.T) {
	for name, trouble := range map[string]func(*listsAPI, *Live){
		"an error":   func(a *listsAPI, _ *Live) { a.refuse["api"] = http.StatusServiceUnavailable },
		"no end":     func(a *listsAPI, l *Live) { a.hang["api"], l.impactPatience = func() {}, time.Millisecond },
		"an old one": func(a *listsAPI, _ *Live) { a.old = true },
	} {
		t.Run(name, func(t *testing.T) {
			a := newListsAPI(t)
			l := a.live()
			trouble(a, l)
			if diff := cmp.Diff([]string{elsewhere, "not weu-1: The cluster does not answer."}, refusedLines(newlyRefused(t, l, livingState(ownRegistry), livingState(ownRegistry)))); diff != "" {
				t.Errorf("what is said (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhoGoesAwayIsNotAnswered(t *testing.T) {
	a := newListsAPI(t)
	ctx, cancel := context.WithCancel(t.Context())
	a.hang["deployments"] = cancel
	if _, err := a.live().NewlyRefused(ctx, livingState(ownRegistry), livingState(ownRegistry)); !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
}

func TestNothingIsComparedWhereThePolicyDoesNotKnowTheCluster(t *testing.T) {
	a := newListsAPI(t)
	without := livingState(ownRegistry)
	delete(without.Policy.Clusters, "weu-1")
	for _, states := range [][2]*workflow.ApprovedState{{without, livingState(ownRegistry)}, {livingState(ownRegistry), without}} {
		if effect := newlyRefused(t, a.live(), states[0], states[1]); effect.Objects != 0 || len(a.asked) != 0 {
			t.Errorf("%d were looked at; asked was for %v", effect.Objects, a.asked)
		}
	}
}

func TestAStateThatCannotBeEnforcedIsAnError(t *testing.T) {
	a := newListsAPI(t)
	wrong := livingState(ownRegistry)
	wrong.Policy.Environments = nil
	if _, err := a.live().NewlyRefused(t.Context(), livingState(ownRegistry), wrong); err == nil {
		t.Error("it was compared")
	}
}
