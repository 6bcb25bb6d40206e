package deploy_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// file is one YAML document of deploy/.
type file struct {
	path   string
	text   string
	object *unstructured.Unstructured
}

// read gives every Kubernetes object under the folders, in the files' order.
func read(t testing.TB, folders ...string) []file {
	t.Helper()
	var files []file
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
				return err
			}
			found, err := documents(path)
			files = append(files, found...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) == 0 {
		t.Fatalf("there is no object in %q", folders)
	}
	return files
}

func documents(path string) ([]file, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var files []file
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		var object map[string]any
		if err := documents.Decode(&object); errors.Is(err, io.EOF) {
			return files, nil
		} else if err != nil {
			return nil, errors.Join(errors.New(path), err)
		}
		if object["kind"] != nil {
			files = append(files, file{path, string(text), &unstructured.Unstructured{Object: object}})
		}
	}
}

// isKustomize says whether the document is for kustomize alone.
func (f file) isKustomize() bool {
	return filepath.Base(f.path) == "kustomization.yaml" || f.object.GetAnnotations()["config.kubernetes.io/local-config"] == "true"
}

// of gives the objects of a type in the cluster's folders, by name.
func of[T any](t testing.TB, kind string, folders ...string) map[string]*T {
	t.Helper()
	found := map[string]*T{}
	for _, f := range read(t, folders...) {
		if f.object.GetKind() != kind {
			continue
		}
		object := new(T)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(f.object.Object, object, true); err != nil {
			t.Fatalf("%s: %v", f.path, err)
		}
		found[f.object.GetName()] = object
	}
	if len(found) == 0 {
		t.Fatalf("there is no %s in %q", kind, folders)
	}
	return found
}

// policy reads a policy as the GitOps repository would have it.
func policy(t testing.TB, path string) workflow.Policy {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := manifest.DecodePolicy(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

const (
	startPolicy       = "policy.yaml"
	developmentPolicy = "../cmd/tenure/devpolicy.yaml"
)

// same compares two lists as sets, and says what is in only one of them.
func same(t testing.TB, what string, have, want []string) {
	t.Helper()
	have, want = sorted(have), sorted(want)
	if slices.Equal(have, want) {
		return
	}
	for _, one := range want {
		if !slices.Contains(have, one) {
			t.Errorf("%s lacks %q", what, one)
		}
	}
	for _, one := range have {
		if !slices.Contains(want, one) {
			t.Errorf("%s has %q, which should not be there", what, one)
		}
	}
}

func sorted(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

// quoted matches the strings in a CEL expression.
var quoted = regexp.MustCompile(`'([^'\\]*)'`)

// stringsIn lists the strings of a CEL expression.
func stringsIn(expression string) []string {
	var found []string
	for _, match := range quoted.FindAllStringSubmatch(expression, -1) {
		found = append(found, match[1])
	}
	return found
}

func TestEveryObjectOfKubernetesHasOnlyFieldsThatExist(t *testing.T) {
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	foreign := []string{"argoproj.io", "cert-manager.io", "tenure.dev"}
	for _, f := range read(t, "base", "argocd", "components", "overlays") {
		group := f.object.GroupVersionKind().Group
		if f.isKustomize() || slices.Contains(foreign, group) {
			continue
		}
		data, err := f.object.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := strict.Decode(data, nil, nil); err != nil {
			t.Errorf("%s: %s %s: %v", f.path, f.object.GetKind(), f.object.GetName(), err)
		}
		if f.object.GetLabels()["app.kubernetes.io/part-of"] != "tenure" {
			t.Errorf("%s: %s %s does not say that it is part of tenure", f.path, f.object.GetKind(), f.object.GetName())
		}
		if f.object.GetLabels()[manifest.LabelManagedBy] == manifest.ManagedBy {
			t.Errorf("%s: %s %s claims to be rendered", f.path, f.object.GetKind(), f.object.GetName())
		}
	}
}

func TestWhatIsDeployedIsNamedInTheReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	secret := regexp.MustCompile(`(?:secretName: |secretRef: \{name: |secretKeyRef: \{name: )([a-z-]+)`)
	for _, f := range read(t, "base") {
		for _, match := range secret.FindAllStringSubmatch(f.text, -1) {
			if !strings.Contains(string(readme), "`"+match[1]+"`") {
				t.Errorf("%s needs the Secret %s, which README.md does not explain", f.path, match[1])
			}
		}
	}
}
