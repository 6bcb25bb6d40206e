package admission

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"tenure.dev/workflow"
)

const (
	gitOps       = "system:serviceaccount:argocd:gitops"
	clusterAdmin = "kubernetes-admin"
	developer    = "dana@contoso.example"
	testCluster  = "weu-1"
	testSpace    = "payments-api-prod"
	testCommit   = "1111111111111111111111111111111111111111"
)

// everybodyElse are users who may write nothing that is governed.
var everybodyElse = []string{clusterAdmin, developer, "system:serviceaccount:payments-api-prod:default", ""}

// testPolicy has every rule on.
func testPolicy() workflow.Policy {
	return workflow.Policy{
		Clusters:           map[string]workflow.Cluster{testCluster: {Mode: workflow.ModeEnforce, NetworkEngine: workflow.EngineCilium}, "neu-1": {Mode: workflow.ModeObserve}},
		PlatformNamespaces: []string{"kube-system", "argocd", "tenure-system"},
		PlatformFlows: []workflow.PlatformFlow{{
			Name: "ingress", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "ingress-nginx"},
			Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 8080}},
		}, {
			Name: "entra", Direction: workflow.Egress, To: &workflow.FlowPeer{CIDR: "20.190.128.0/18"},
			Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 443}},
		}},
		Environments: map[string]workflow.Environment{
			"prod": {PodSecurity: workflow.LevelRestricted},
			"dev":  {PodSecurity: workflow.LevelBaseline},
		},
		Rules: map[string]workflow.RuleSetting{
			"trusted-registry": setting(workflow.RuleDeny, `{"images":["contoso.azurecr.io/*"]}`),
			"required-label":   setting(workflow.RuleDeny, `{"kinds":["Pod","Deployment"],"labels":[{"key":"environment","pattern":"^(dev|test|prod)$"}]}`),
		},
		ContainerDefaults: workflow.ContainerDefaults{
			Requests: workflow.ResourcePair{CPU: resource.MustParse("100m"), Memory: resource.MustParse("128Mi")},
			Limits:   workflow.ResourcePair{CPU: resource.MustParse("500m"), Memory: resource.MustParse("256Mi")},
		},
		GitOpsIdentity: gitOps,
		Portal:         "https://tenure.contoso.example",
	}
}

func setting(mode workflow.RuleMode, params string) workflow.RuleSetting {
	return workflow.RuleSetting{Mode: mode, Params: json.RawMessage(params)}
}

func testNamespace(name string, level workflow.SecurityLevel) workflow.Namespace {
	environment := "prod"
	if level == workflow.LevelBaseline {
		environment = "dev"
	}
	return workflow.Namespace{
		Name: name, Cluster: testCluster, Environment: environment, PodSecurity: level, Purpose: "card payments", Request: 42,
		Quota: workflow.Quota{
			CPU: resource.MustParse("8"), Memory: resource.MustParse("32Gi"), Storage: resource.MustParse("100Gi"), Pods: 60, Request: 57,
		},
		Access: []workflow.Access{{Group: "77de0000-0000-4000-8000-000000000001", Role: workflow.AccessEdit, Request: 42}},
	}
}

func testState() *workflow.ApprovedState {
	return &workflow.ApprovedState{
		Commit: testCommit,
		Policy: testPolicy(),
		Tenancies: map[string]workflow.Tenancy{
			"payments": {Name: "payments", Namespaces: []workflow.Namespace{
				testNamespace("payments-api-dev", workflow.LevelBaseline),
				testNamespace(testSpace, workflow.LevelRestricted),
			}},
			"search": {Name: "search", Namespaces: []workflow.Namespace{testNamespace("search-dev", workflow.LevelBaseline)}},
		},
	}
}

func testSnapshot(t testing.TB, changes ...func(*workflow.ApprovedState)) *Snapshot {
	t.Helper()
	state := testState()
	for _, change := range changes {
		change(state)
	}
	snapshot, err := NewSnapshot(state, testCluster)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

// tree is an object as plain JSON values.
type tree = map[string]any

// clone copies an object by way of JSON, as it would travel.
func clone(t testing.TB, object any) tree {
	t.Helper()
	var copied tree
	if err := json.Unmarshal(encode(t, object), &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}

func encode(t testing.TB, object any) []byte {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// fromYAML reads one object.
func fromYAML(t testing.TB, text string) tree {
	t.Helper()
	var object tree
	if err := yaml.UnmarshalStrict([]byte(strings.ReplaceAll(text, "\t", "  ")), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// live is an object as the API server keeps it: with what only it writes.
func live(t testing.TB, object tree) tree {
	t.Helper()
	object = clone(t, object)
	metadata := object["metadata"].(tree)
	metadata["uid"] = "6f1c0000-0000-4000-8000-000000000001"
	metadata["resourceVersion"] = "12345"
	metadata["creationTimestamp"] = "2026-07-01T12:00:00Z"
	metadata["generation"] = 3
	metadata["managedFields"] = []any{tree{"manager": "argocd-controller", "operation": "Apply"}}
	if metadata["annotations"] == nil {
		metadata["annotations"] = tree{}
	}
	metadata["annotations"].(tree)["argocd.argoproj.io/tracking-id"] = "payments:/Namespace:/" + testSpace
	switch object["kind"] {
	case "Namespace":
		object["spec"] = tree{"finalizers": []any{"kubernetes"}}
		object["status"] = tree{"phase": "Active"}
	case "ResourceQuota":
		object["status"] = tree{"used": tree{"pods": "3"}}
	}
	return object
}

// approvedObjects are the objects rendered for a namespace, by kind and name.
func approvedObjects(t testing.TB, snapshot *Snapshot, namespace string) map[string]tree {
	t.Helper()
	objects := map[string]tree{}
	for key, object := range snapshot.grants[namespace].objects {
		plain, err := object.Fields()
		if err != nil {
			t.Fatal(err)
		}
		objects[key.Kind+"/"+key.Name] = clone(t, plain)
	}
	return objects
}

// write makes the request for a write; a nil side does not exist.
func write(t testing.TB, user string, before, now tree) Request {
	t.Helper()
	request := Request{Operation: Update, User: user, At: testTime}
	switch {
	case before == nil:
		request.Operation = Create
	case now == nil:
		request.Operation = Delete
	}
	object := now
	if now == nil {
		object = before
	}
	if now != nil {
		request.Object = encode(t, now)
	}
	if before != nil {
		request.OldObject = encode(t, before)
	}
	version, err := schema.ParseGroupVersion(object["apiVersion"].(string))
	if err != nil {
		t.Fatal(err)
	}
	request.Kind = version.WithKind(object["kind"].(string))
	metadata := object["metadata"].(tree)
	request.Name, _ = metadata["name"].(string)
	request.Namespace, _ = metadata["namespace"].(string)
	return request
}

// expectAllowed fails unless the write is let in.
func expectAllowed(t testing.TB, snapshot *Snapshot, request Request) {
	t.Helper()
	if decision := Evaluate(snapshot, request); !decision.Allowed {
		t.Errorf("%s of %s by %q is refused:\n%s", request.Operation, decision.Object, request.User, DenialText(decision.Violations))
	}
}

// expectRefused fails unless the write is refused by the rule, or by any where
// none is named, and gives what is said.
func expectRefused(t testing.TB, snapshot *Snapshot, request Request, rule string) string {
	t.Helper()
	decision := Evaluate(snapshot, request)
	if decision.Allowed {
		t.Errorf("%s of %s by %q is let in", request.Operation, decision.Object, request.User)
		return ""
	}
	if rule != "" && !slices.Contains(ruleNames(decision), rule) {
		t.Errorf("%s of %s is refused by %v, not by %s", request.Operation, decision.Object, ruleNames(decision), rule)
	}
	return DenialText(decision.Violations)
}

// at gives the part of an object at a path of keys and indexes.
func at(object any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object = object.(tree)[step]
		case int:
			object = object.([]any)[step]
		}
	}
	return object
}

// set changes the part of an object at a path; the last step is a key.
func set(object tree, value any, path ...any) {
	at(object, path[:len(path)-1]...).(tree)[path[len(path)-1].(string)] = value
}

func podSpec(image string) tree {
	return tree{
		"securityContext": tree{"runAsNonRoot": true, "seccompProfile": tree{"type": "RuntimeDefault"}},
		"containers": []any{tree{
			"name": "web", "image": image,
			"securityContext": tree{"allowPrivilegeEscalation": false, "capabilities": tree{"drop": []any{"ALL"}}},
		}},
	}
}

// workload makes an object of any workload kind around one pod.
func workload(kind schema.GroupKind, labels tree, spec tree) tree {
	version := workloads[kind]
	if kind.Group != "" {
		version = kind.Group + "/" + version
	}
	template := tree{"metadata": tree{"labels": maps.Clone(labels)}, "spec": spec}
	object := tree{"apiVersion": version, "kind": kind.Kind, "metadata": tree{"name": "web", "namespace": testSpace, "labels": maps.Clone(labels)}}
	switch kind.Kind {
	case "Pod":
		object["spec"] = spec
	case "PodTemplate":
		object["template"] = template
	case "CronJob":
		object["spec"] = tree{"jobTemplate": tree{"spec": tree{"template": template}}}
	default:
		object["spec"] = tree{"template": template}
	}
	return object
}

func kindNames() []schema.GroupKind {
	return slices.SortedFunc(maps.Keys(workloads), func(a, b schema.GroupKind) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}
