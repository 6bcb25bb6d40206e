package admission

import (
	"context"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func judgeOf(snapshot *Snapshot) Judge {
	return Judge{Now: testClock, Snapshot: func(cluster string) *Snapshot {
		if snapshot != nil && cluster == snapshot.Cluster {
			return snapshot
		}
		return nil
	}}
}

const stream = `# what a team would apply
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
---
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: payments-api-dev}
  spec:
    template:
      metadata: {labels: {environment: dev}}
      spec: {containers: [{name: web, image: nginx}]}
- apiVersion: v1
  kind: Namespace
  metadata: {name: payments-new}
---
{"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "job-", "namespace": "payments-api-dev", "labels": {"environment": "dev"}}, "spec": {"containers": [{"name": "a", "image": "contoso.azurecr.io/a"}]}}
`

func TestAVerdictForEachObjectOfAStream(t *testing.T) {
	judge := judgeOf(testSnapshot(t))
	verdicts, err := judge.Judge(context.Background(), workflow.Question{Cluster: testCluster, User: developer, Manifest: []byte(stream)})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		object, rule, tenant string
		request              int64
	}{
		{"ConfigMap settings", "", "", 0},
		{"Deployment payments-api-dev/web", "trusted-registry", "payments", 42},
		{"Namespace payments-new", "namespace", "", 0},
		{"Pod payments-api-dev/(name to be generated)", "", "payments", 42},
	}
	if len(verdicts) != len(want) {
		t.Fatalf("%d verdicts: %+v", len(verdicts), verdicts)
	}
	for i, w := range want {
		got := verdicts[i]
		if got.Object != w.object || got.Allowed != (w.rule == "") || got.Tenant != w.tenant || got.Request != w.request || got.Commit != testCommit {
			t.Errorf("verdict %d is %+v", i+1, got)
		}
		if w.rule != "" && (len(got.Violations) == 0 || got.Violations[0].Rule != w.rule) {
			t.Errorf("verdict %d names %+v, not %s", i+1, got.Violations, w.rule)
		}
	}
}

func TestAStreamThatCannotBeJudgedIsSaidWhy(t *testing.T) {
	cases := map[string]struct{ manifest, says string }{
		"nothing":                {"---\n# only a comment\n", "There is no object"},
		"no YAML":                {"a: [", "Document 1 is no YAML"},
		"a key twice":            {"apiVersion: v1\nkind: Pod\nkind: Pod\n", "Document 1 is no YAML"},
		"a scalar":               {"hello", "Document 1 is no Kubernetes object"},
		"no kind":                {"apiVersion: v1\nmetadata: {name: x}\n", "no apiVersion or no kind"},
		"no namespace":           {"apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", "Document 2, Pod x: metadata.namespace is missing"},
		"odd API version":        {"apiVersion: a/b/c\nkind: Pod\n", "apiVersion"},
		"Lists without end":      {strings.Repeat("{apiVersion: v1, kind: List, items: [", 9) + strings.Repeat("]}", 9), "Lists inside Lists"},
		"too long":               {strings.Repeat("#", maxStream+1), "longer than 3 MiB"},
		"too many":               {strings.Repeat("{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}\n---\n", maxDocuments+1), "more than 500 objects"},
		"JSON objects in a row":  {`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}` + "\n" + `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}}`, "Document 1 goes on after its end"},
		"JSON without a gap":     {`{"apiVersion":"v1","kind":"ConfigMap"}{"apiVersion":"v1","kind":"Pod"}`, "Document 1 goes on after its end"},
		"an end that is none":    {"apiVersion: v1\nkind: ConfigMap\n...\napiVersion: v1\nkind: Pod\n", "Document 1 goes on after its end"},
		"lone carriage returns":  {"apiVersion: v1\rkind: ConfigMap\r---\rapiVersion: v1\rkind: Pod\r", "Document 1 goes on after its end"},
		"items outside a List":   {"{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, items: [{apiVersion: v1, kind: Pod}]}", "is a ConfigMap and has items"},
		"a list in small":        {"{apiVersion: v1, kind: list, items: [{apiVersion: v1, kind: Pod}]}", "is a list and has items"},
		"labels that are a list": {"{apiVersion: v1, kind: ConfigMap, metadata: {name: x, labels: [a]}}", "no Kubernetes object"},
	}
	judge := judgeOf(testSnapshot(t))
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := judge.Judge(context.Background(), workflow.Question{Cluster: testCluster, Manifest: []byte(c.manifest)})
			problem, ok := workflow.AsProblem(err)
			if !ok || problem.Kind != workflow.Invalid || !strings.Contains(problem.Message, c.says) {
				t.Errorf("error is %v", err)
			}
		})
	}
	_, err := judge.Judge(context.Background(), workflow.Question{Cluster: "elsewhere", Manifest: []byte(stream)})
	if problem, ok := workflow.AsProblem(err); !ok || problem.Kind != workflow.Unavailable {
		t.Errorf("for a cluster without a snapshot: %v", err)
	}
}

func TestRenderedManifestsAreJudgedAsTheGitOpsIdentityApplyingThem(t *testing.T) {
	snapshot := testSnapshot(t)
	var manifests strings.Builder
	for _, object := range approvedObjects(t, snapshot, testSpace) {
		manifests.WriteString("---\n" + string(encode(t, object)) + "\n")
	}
	verdicts, err := judgeOf(snapshot).Judge(context.Background(), workflow.Question{Cluster: testCluster, User: gitOps, Manifest: []byte(manifests.String())})
	if err != nil {
		t.Fatal(err)
	}
	for _, verdict := range verdicts {
		if !verdict.Allowed {
			t.Errorf("%s: %v", verdict.Object, verdict.Violations)
		}
	}
}

func FuzzStream(f *testing.F) {
	for _, seed := range []string{stream, "a: [", "---\n---\n", "{apiVersion: v1, kind: List, items: [null, 1, {}]}", "apiVersion: &a v1\nkind: *a\n", "? [a]\n: b\n"} {
		f.Add([]byte(seed))
	}
	judge := judgeOf(testSnapshot(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		verdicts, err := judge.Judge(context.Background(), workflow.Question{Cluster: testCluster, User: developer, Manifest: data})
		if err != nil {
			if _, ok := workflow.AsProblem(err); !ok {
				t.Errorf("not a problem for a person: %v", err)
			}
			return
		}
		if len(verdicts) == 0 {
			t.Error("neither verdicts nor a problem")
		}
	})
}

func FuzzImagePattern(f *testing.F) {
	for _, seed := range [][2]string{{"contoso.azurecr.io/*", "contoso.azurecr.io/a:1"}, {"ubuntu:20.14", "ubuntu:20.14"}, {"docker.io/*", "nginx"}, {"a/b/*", "a/b/c"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, image string) {
		pattern, err := parseImagePattern(text)
		if err != nil || (trustedImages{pattern}).refuse(image) != "" {
			return
		}
		// What is trusted comes from the pattern's registry.
		if pattern.registry != "docker.io" && !strings.HasPrefix(image, pattern.registry+"/") {
			t.Errorf("pattern %q trusts %q", text, image)
		}
	})
}
