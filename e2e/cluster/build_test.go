package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// toy is a source whose module lies beside it, so that it builds in a moment.
var toy = source{
	dir: "e2e/cluster", module: "example.com/toy", label: "toy", stamp: "-X main.version={version} -X main.minor={minor}",
	targets: []target{{"toy", "example.com/toy", "a moment"}}, files: map[string]string{"manifests": "manifests"},
}

func toyRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range map[string]string{
		"e2e/cluster/go.mod":                      "module example.com/cluster\n\ngo 1.26\n\nrequire example.com/toy v1.2.3\n\nreplace example.com/toy => ./toy\n",
		"e2e/cluster/go.sum":                      "",
		"e2e/cluster/toy/go.mod":                  "module example.com/toy\n\ngo 1.26\n",
		"e2e/cluster/toy/main.go":                 "package main\n\nvar version, minor string\n\nfunc main() { println(version, minor) }\n",
		"e2e/cluster/toy/manifests/a.yaml":        "a: b\n",
		"e2e/cluster/toy/manifests/wrapper.sh":    "#!/bin/sh\n",
		"e2e/cluster/toy/manifests/not-needed.go": "package manifests\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestAProgramIsBuiltOnceAndAgainWhenItsRequirementsChange(t *testing.T) {
	root := toyRoot(t)
	built := func() (said, folder string) {
		t.Helper()
		var out strings.Builder
		if err := toy.build(t.Context(), root, &out); err != nil {
			t.Fatal(err)
		}
		folder, _, err := toy.folder(root)
		if err != nil {
			t.Fatal(err)
		}
		return out.String(), folder
	}
	said, first := built()
	if !strings.HasPrefix(said, "Building toy 1.2.3, once (about a moment) …  done in ") {
		t.Errorf("it said %q", said)
	}
	output, err := exec.Command(filepath.Join(first, "toy")).CombinedOutput()
	if err != nil || strings.TrimSpace(string(output)) != "v1.2.3 2" {
		t.Errorf("the program says %q: %v", output, err)
	}
	script, err := os.Stat(filepath.Join(first, "files", "manifests", "wrapper.sh"))
	if err != nil || script.Mode().Perm() != 0o755 {
		t.Errorf("the script: %v, %v", script, err)
	}
	if _, err := os.Stat(filepath.Join(first, "files", "manifests", "not-needed.go")); err == nil {
		t.Error("more was copied than manifests and scripts")
	}
	if said, again := built(); said != "" || again != first {
		t.Errorf("a second time it said %q, in %s", said, again)
	}
	if err := os.WriteFile(filepath.Join(root, toy.dir, "go.sum"), []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, second := built(); said == "" || second == first {
		t.Errorf("after a change of go.sum it said %q, in %s", said, second)
	}
}

func TestABuildThatFailsSaysWhatTheCompilerSaidAndLeavesNothing(t *testing.T) {
	root := toyRoot(t)
	if err := os.WriteFile(filepath.Join(root, "e2e/cluster/toy/main.go"), []byte("package main\n\nfunc main() { nonsense }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err := toy.build(t.Context(), root, &out)
	if err == nil || !strings.Contains(err.Error(), "undefined: nonsense") || !strings.Contains(out.String(), "failed after") {
		t.Errorf("it said %q: %v", out.String(), err)
	}
	folder, _, err := toy.folder(root)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("it left %v: %v", left, err)
	}
}

func TestTheRootIsFoundFromBelow(t *testing.T) {
	root := toyRoot(t)
	if found, err := Root(filepath.Join(root, "e2e/cluster/toy")); err != nil || found != root {
		t.Errorf("found %q: %v", found, err)
	}
	if found, err := Root(t.TempDir()); err == nil {
		t.Errorf("found %q where there is none", found)
	}
}
