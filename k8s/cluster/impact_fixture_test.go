package cluster

import (
	"encoding/json"
	"fmt"
	"testing"

	apiresource "k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// livingState approves payments-api-dev and search-dev for weu-1, and trusts some images.
func livingState(images ...string) *workflow.ApprovedState {
	namespace := func(name, cluster string) workflow.Namespace {
		return workflow.Namespace{
			Name: name, Cluster: cluster, Environment: "dev", PodSecurity: workflow.LevelBaseline, Request: 42,
			Quota: workflow.Quota{CPU: apiresource.MustParse("8"), Memory: apiresource.MustParse("32Gi"), Storage: apiresource.MustParse("100Gi"), Pods: 60},
		}
	}
	trusted, err := json.Marshal(map[string][]string{"images": images})
	if err != nil {
		panic(err)
	}
	return &workflow.ApprovedState{
		Commit: "1111111111111111111111111111111111111111",
		Policy: workflow.Policy{
			Clusters: map[string]workflow.Cluster{
				"weu-1": {Mode: workflow.ModeEnforce, NetworkEngine: workflow.EngineCilium}, "neu-1": {Mode: workflow.ModeEnforce, NetworkEngine: workflow.EngineCilium},
			},
			PlatformNamespaces: []string{"kube-system"},
			Environments:       map[string]workflow.Environment{"dev": {PodSecurity: workflow.LevelBaseline}},
			Rules:              map[string]workflow.RuleSetting{"trusted-registry": {Mode: workflow.RuleDeny, Params: trusted}},
			ContainerDefaults: workflow.ContainerDefaults{
				Requests: workflow.ResourcePair{CPU: apiresource.MustParse("100m"), Memory: apiresource.MustParse("128Mi")},
				Limits:   workflow.ResourcePair{CPU: apiresource.MustParse("500m"), Memory: apiresource.MustParse("256Mi")},
			},
			GitOpsIdentity: "system:serviceaccount:argocd:gitops", Portal: "https://tenure.contoso.example",
		},
		Tenancies: map[string]workflow.Tenancy{
			"payments": {Name: "payments", Namespaces: []workflow.Namespace{namespace("payments-api-dev", "weu-1"), namespace("payments-api-far", "neu-1")}},
			"search":   {Name: "search", Namespaces: []workflow.Namespace{namespace("search-dev", "weu-1")}},
		},
	}
}

// running is a pod's spec with one container of an image.
func running(image string) object {
	return object{"containers": []any{object{"name": "web", "image": image}}}
}

// deployed is a Deployment's body.
func deployed(image string) object {
	return object{"spec": object{"template": object{"metadata": object{"labels": object{"app": "web"}}, "spec": running(image)}}}
}

// newlyRefused asks what the second state would refuse.
func newlyRefused(t *testing.T, l *Live, before, after *workflow.ApprovedState) workflow.LiveEffect {
	t.Helper()
	effect, err := l.NewlyRefused(t.Context(), before, after)
	if err != nil {
		t.Fatal(err)
	}
	return effect
}

// refusedLines writes what would be refused as a person reads it.
func refusedLines(effect workflow.LiveEffect) []string {
	lines := []string{}
	for _, r := range effect.Refused {
		line := fmt.Sprintf("%s %s/%s %s: %s", r.Tenant, r.Cluster, r.Namespace, r.Object, r.Rule)
		if r.WarnOnly {
			line += " (warned)"
		}
		lines = append(lines, line)
	}
	for _, part := range effect.Unlooked {
		lines = append(lines, "not "+part.Cluster+": "+part.Why)
	}
	return lines
}
