package cluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Binaries says where the programs of a control plane are, as absolute paths.
type Binaries struct {
	APIServer, ControllerManager, Kubectl string
	ArgoCD                                string // one binary: ARGOCD_BINARY_NAME picks what it is
	ArgoCDFiles                           string // folder of crds, config and roles to apply, and bin, the scripts it calls
}

// Root finds the repository's root: dir or the nearest folder above it that
// holds e2e/cluster.
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the repository's root: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, kubernetes.dir, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the repository's root: no folder above %q holds %s", dir, kubernetes.dir)
		}
	}
}

// Build builds what is not in the cache yet, .cache/cluster under root, and
// says on out what it does. A program is built again when its module's go.mod
// or go.sum or its flags changed. Two builds at a time wait for each other.
func Build(ctx context.Context, root string, out io.Writer) (Binaries, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return Binaries{}, fmt.Errorf("find the repository's root: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(cache(root), "build.lock"))
	if err != nil {
		return Binaries{}, fmt.Errorf("wait for another build: %w", err)
	}
	defer unlock()
	for _, s := range []source{kubernetes, argoCD} {
		if err := s.build(ctx, root, out); err != nil {
			return Binaries{}, err
		}
	}
	return find(root)
}

// find gives the binaries that Build made. An error that wraps fs.ErrNotExist
// says that one is missing.
func find(root string) (Binaries, error) {
	kube, _, err := kubernetes.folder(root)
	if err != nil {
		return Binaries{}, err
	}
	argo, _, err := argoCD.folder(root)
	if err != nil {
		return Binaries{}, err
	}
	b := Binaries{
		APIServer: filepath.Join(kube, "kube-apiserver"), ControllerManager: filepath.Join(kube, "kube-controller-manager"),
		Kubectl: filepath.Join(kube, "kubectl"), ArgoCD: filepath.Join(argo, "argocd"), ArgoCDFiles: filepath.Join(argo, "files"),
	}
	for _, path := range []string{b.APIServer, b.ControllerManager, b.Kubectl, b.ArgoCD, b.ArgoCDFiles} {
		if _, err := os.Stat(path); err != nil {
			return b, fmt.Errorf("the control plane is not built, `make cluster` does it: %w", err)
		}
	}
	return b, nil
}

func cache(root string) string { return filepath.Join(root, ".cache", "cluster") }

// progress says on one line what goes on, every half minute that it still
// does, and in the end how long it took.
func progress(out io.Writer, what string) (done func(error)) {
	began, end, ended := time.Now(), make(chan struct{}), make(chan struct{})
	fmt.Fprint(out, what+" …")
	go func() {
		defer close(ended)
		every := time.NewTicker(30 * time.Second)
		defer every.Stop()
		for {
			select {
			case <-every.C:
				fmt.Fprint(out, " …")
			case <-end:
				return
			}
		}
	}()
	return func(err error) {
		close(end)
		<-ended
		took := time.Since(began).Round(time.Second)
		if err != nil {
			fmt.Fprintf(out, "  failed after %s\n", minutes(took))
			return
		}
		fmt.Fprintf(out, "  done in %s\n", minutes(took))
	}
}

func minutes(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
