package cluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
)

// source is a Go module of ours whose only purpose is to pin what is built.
type source struct {
	dir     string // below the repository's root
	module  string // the module that the programs come from
	label   string // names the folder in the cache
	stamp   string // ldflags with {version}, {major} and {minor}; clients cannot parse an unstamped version
	targets []target
	files   map[string]string // folders of the module that are copied, by their name in the cache
}

// target is one program.
type target struct{ name, pkg, takes string }

const kubernetesStamp = "-s -w" +
	" -X k8s.io/component-base/version.gitVersion={version}" +
	" -X k8s.io/component-base/version.gitMajor={major}" +
	" -X k8s.io/component-base/version.gitMinor={minor}" +
	" -X k8s.io/client-go/pkg/version.gitVersion={version}" +
	" -X k8s.io/client-go/pkg/version.gitMajor={major}" +
	" -X k8s.io/client-go/pkg/version.gitMinor={minor}"

// The times are those of a cold build on two cores.
var (
	kubernetes = source{
		dir: "e2e/cluster", module: "k8s.io/kubernetes", label: "kubernetes", stamp: kubernetesStamp,
		targets: []target{
			{"kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver", "4 minutes"},
			{"kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager", "1 minute"},
			{"kubectl", "k8s.io/kubernetes/cmd/kubectl", "half a minute"},
		},
	}
	argoCD = source{
		dir: "e2e/cluster/argocd", module: "github.com/argoproj/argo-cd/v3", label: "argocd",
		stamp:   "-s -w -X github.com/argoproj/argo-cd/v3/common.version={number}",
		targets: []target{{"argocd", "github.com/argoproj/argo-cd/v3/cmd", "4 minutes"}},
		files: map[string]string{
			"crds": "manifests/crds", "config": "manifests/base/config", "roles": "manifests/cluster-rbac/application-controller",
			"bin": "hack", // its wrappers of git and gpg
		},
	}
)

// folder is where the source's programs are kept: its name holds the version
// and a hash of everything that they are built from. It gives the flags, too.
func (s source) folder(root string) (path, ldflags string, err error) {
	mod, err := os.ReadFile(filepath.Join(root, s.dir, "go.mod"))
	if err != nil {
		return "", "", fmt.Errorf("read what to build: %w", err)
	}
	sum, err := os.ReadFile(filepath.Join(root, s.dir, "go.sum"))
	if err != nil {
		return "", "", fmt.Errorf("read what to build: %w", err)
	}
	match := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(s.module) + ` v((\d+)\.(\d+)\.\S+)`).FindSubmatch(mod)
	if match == nil {
		return "", "", fmt.Errorf("read what to build: %s/go.mod does not require %s", s.dir, s.module)
	}
	version := string(match[1])
	ldflags = strings.NewReplacer("{version}", "v"+version, "{number}", version, "{major}", string(match[2]), "{minor}", string(match[3])).Replace(s.stamp)
	hash := sha256.Sum256(bytes.Join([][]byte{mod, sum, []byte(ldflags), fmt.Append(nil, s.targets, s.files, runtime.GOARCH)}, []byte{0}))
	return filepath.Join(cache(root), s.label+"-"+version+"-"+hex.EncodeToString(hash[:6])), ldflags, nil
}

func (s source) build(ctx context.Context, root string, out io.Writer) error {
	folder, ldflags, err := s.folder(root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // binaries are no secret
		return fmt.Errorf("make the folder of the binaries: %w", err)
	}
	version := strings.Split(filepath.Base(folder), "-")[1]
	for _, t := range s.targets {
		path := filepath.Join(folder, t.name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		done := progress(out, fmt.Sprintf("Building %s %s, once (about %s)", t.name, version, t.takes))
		err := goBuild(ctx, filepath.Join(root, s.dir), path, t.pkg, ldflags)
		done(err)
		if err != nil {
			return fmt.Errorf("build %s: %w", t.name, err)
		}
	}
	if s.files == nil {
		return nil
	}
	return s.copyFiles(ctx, root, filepath.Join(folder, "files"))
}

// goBuild builds one program; it appears under its name only when it is whole.
func goBuild(ctx context.Context, dir, path, pkg, ldflags string) error {
	partial := path + ".partial"
	command := exec.CommandContext(ctx, "go", "build", "-ldflags", ldflags, "-o", partial, pkg) //nolint:gosec // what to build stands above
	command.Dir = dir
	command.Env = append(command.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly")
	// The compilers that go starts end with it.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	if output, err := command.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("go build %s: %w\n%s", pkg, err, output), ctx.Err())
	}
	return os.Rename(partial, path)
}

// copyFiles takes the source's files out of its module.
func (s source) copyFiles(ctx context.Context, root, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", s.module) //nolint:gosec // the module stands above
	list.Dir = filepath.Join(root, s.dir)
	list.Env = append(list.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	output, err := list.Output()
	if err != nil {
		return fmt.Errorf("find the module %s: %w", s.module, err)
	}
	module := strings.TrimSpace(string(output))
	partial := to + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return fmt.Errorf("remove an unfinished copy: %w", err)
	}
	for name, from := range s.files {
		if err := copyFolder(filepath.Join(module, from), filepath.Join(partial, name)); err != nil {
			return fmt.Errorf("copy %s of %s: %w", from, s.module, err)
		}
	}
	return os.Rename(partial, to)
}

// copyFolder copies the manifests and scripts that lie directly in a folder.
func copyFolder(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil { //nolint:gosec // nothing secret in it
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		mode := map[string]fs.FileMode{".yaml": 0o644, ".sh": 0o755}[filepath.Ext(entry.Name())]
		if entry.IsDir() || mode == 0 {
			continue
		}
		content, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, entry.Name()), content, mode); err != nil { //nolint:gosec // the names are those of files in one folder
			return err
		}
	}
	return nil
}
