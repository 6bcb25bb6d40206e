package network

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadTakesEveryKindThatRunsPods(t *testing.T) {
	template := "template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c, ports: [{name: web, containerPort: 80}]}]}}"
	tests := map[string]struct{ document, want string }{
		"Pod":                   {"apiVersion: v1\nkind: Pod\nmetadata: {name: w, labels: {app: x}}\nspec: {containers: [{name: c, ports: [{name: web, containerPort: 80}]}]}", "default/w[Pod]"},
		"ReplicationController": {"apiVersion: v1\nkind: ReplicationController\nmetadata: {name: w}\nspec: {" + template + "}", "default/w[ReplicationController]"},
		"Deployment":            {"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w, namespace: shop}\nspec: {" + template + "}", "shop/w[Deployment]"},
		"ReplicaSet":            {"apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: w}\nspec: {" + template + "}", "default/w[ReplicaSet]"},
		"StatefulSet":           {"apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: w}\nspec: {" + template + "}", "default/w[StatefulSet]"},
		"DaemonSet":             {"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: w}\nspec: {" + template + "}", "default/w[DaemonSet]"},
		"Job":                   {"apiVersion: batch/v1\nkind: Job\nmetadata: {name: w}\nspec: {" + template + "}", "default/w[Job]"},
		"CronJob":               {"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: w}\nspec: {jobTemplate: {spec: {" + template + "}}}", "default/w[CronJob]"},
		"JSON":                  {`{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"w","labels":{"app":"x"}},"spec":{"containers":[{"ports":[{"name":"web","containerPort":80}]}]}}]}`, "default/w[Pod]"},
		"a sidecar's ports":     {"apiVersion: v1\nkind: Pod\nmetadata: {name: w, labels: {app: x}}\nspec: {initContainers: [{name: once, ports: [{containerPort: 1}]}, {name: c, restartPolicy: Always, ports: [{name: web, containerPort: 80}]}]}", "default/w[Pod]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects, err := Read([]byte("# nothing\n---\n" + test.document + "\n---\n"))
			if err != nil || len(objects.Workloads) != 1 {
				t.Fatalf("%+v, %v", objects, err)
			}
			w := objects.Workloads[0]
			if w.Ref().String() != test.want {
				t.Errorf("workload %s, want %s", w.Ref(), test.want)
			}
			want := Workload{Namespace: w.Namespace, Name: w.Name, Kind: w.Kind, Labels: map[string]string{"app": "x"}, Ports: []ContainerPort{{Name: "web", Port: 80}}}
			if difference := cmp.Diff(want, w); difference != "" {
				t.Error(difference)
			}
		})
	}
}

func TestReadPassesOverOtherKindsAndOtherGroups(t *testing.T) {
	objects, err := Read([]byte("apiVersion: v1\nkind: Service\nmetadata: {name: svc}\n---\napiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: np}\nspec: {types: [Ingress]}\n"))
	if err != nil || len(objects.Workloads)+len(objects.Policies)+len(objects.Namespaces) > 0 {
		t.Errorf("%+v, %v", objects, err)
	}
}

func TestReadNamesTheDocumentAndTheObjectThatIsWrong(t *testing.T) {
	policy := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: shop}\n"
	tests := map[string]struct {
		stream string
		want   []string
	}{
		"no YAML":              {"a: [", []string{"document 2"}},
		"no object":            {"[1, 2]", []string{"document 2", "no Kubernetes object"}},
		"no kind":              {"apiVersion: v1", []string{"document 2", "no kind"}},
		"a second document":    {"a: b\n...\nc: d\n", []string{"document 2", "three hyphens"}},
		"a misspelt field":     {policy + "spec: {podSelector: {}, ingres: []}", []string{"document 2", `NetworkPolicy "shop/np"`, "spec.ingres"}},
		"a field in capitals":  {policy + "spec: {podSelector: {}, Ingress: []}", []string{`NetworkPolicy "shop/np"`, "spec.Ingress"}},
		"a key that is twice":  {policy + "spec: {podSelector: {}, ingress: [], ingress: [{}]}", []string{`NetworkPolicy "shop/np"`, "already"}},
		"a wrong type":         {policy + "spec: {podSelector: [], ingress: []}", []string{`NetworkPolicy "shop/np"`}},
		"another version":      {"apiVersion: networking.k8s.io/v1beta1\nkind: NetworkPolicy\nmetadata: {name: np}", []string{"v1beta1"}},
		"no name":              {"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy", []string{"metadata.name"}},
		"in a List":            {"apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod}]", []string{"document 2", "item 1", "Pod", "metadata.name"}},
		"too many Lists":       {strings.Repeat("{apiVersion: v1, kind: List, items: [", 6) + strings.Repeat("]}", 6), []string{"Lists inside Lists"}},
		"a Namespace's absent": {"apiVersion: v1\nkind: Namespace", []string{"Namespace", "metadata.name"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: first}\n---\n" + test.stream))
			if err == nil {
				t.Fatal("was taken")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestNewTellsEverythingThatIsWrong(t *testing.T) {
	_, err := New(Objects{
		Namespaces: []Namespace{{Name: "A_B"}, {Name: "shop"}, {Name: "shop"}, {Name: "bank", Labels: map[string]string{"kubernetes.io/metadata.name": "shop"}}},
		Workloads: []Workload{
			{Namespace: "shop", Name: "w", Kind: "Pod", Ports: []ContainerPort{{Name: "x", Port: 70000}}},
			{Namespace: "shop", Kind: "Pod"},
			{Namespace: "", Name: "w", Kind: "Pod"},
		},
		Policies: nil,
	})
	if err == nil {
		t.Fatal("was taken")
	}
	for _, want := range []string{`"A_B"`, `namespace "shop" is there twice`, `"bank"`, "70000", "name and kind", `namespace ""`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}
