package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// ownerDir makes the test binary a process that starts a control plane in this
// folder and then only waits: one to be killed.
const ownerDir = "CLUSTER_TEST_OWNER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerDir); dir != "" {
		own(dir)
	}
	if _, err := Build(context.Background(), "../..", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if shared.cluster != nil {
		if err := shared.cluster.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

func own(dir string) {
	c, err := Start(context.Background(), Config{Root: "../..", Dir: dir})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("running", c.Server())
	select {}
}

// shared is the control plane of the tests that leave it as it was.
var shared struct {
	once    sync.Once
	dir     string
	cluster *Cluster
	err     error
}

// sharedCluster gives a control plane with Argo CD.
func sharedCluster(t *testing.T) *Cluster {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "cluster-test-"); shared.err != nil {
			return
		}
		shared.cluster, shared.err = Start(context.Background(), Config{
			Root: "../..", Dir: shared.dir, ArgoCD: true, Resync: 1,
			Identities: []Identity{ServiceAccount("deployer", "shop", "tenure-deployer")},
		})
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// start starts a control plane of the test's own, without Argo CD.
func start(t *testing.T, dir string) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Config{Root: "../..", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// kubectl runs kubectl and wants it to succeed.
func kubectl(t *testing.T, c *Cluster, identity string, args ...string) string {
	t.Helper()
	output, err := c.Kubectl(t.Context(), identity, args...)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// apply applies manifests as the cluster admin.
func apply(t *testing.T, c *Cluster, manifests string) {
	t.Helper()
	if _, err := c.KubectlInput(t.Context(), "admin", manifests, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
}

// refused runs kubectl and wants it to be refused, and gives what it said.
func refused(t *testing.T, c *Cluster, identity string, args ...string) string {
	t.Helper()
	_, err := c.Kubectl(t.Context(), identity, args...)
	var said *KubectlError
	if !errors.As(err, &said) {
		t.Fatalf("kubectl %q as %s was not refused: %v", args, identity, err)
	}
	return said.Stderr
}

// eventually waits for a condition, for as long as a busy machine may need.
func eventually(t *testing.T, condition func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := until(ctx, 100*time.Millisecond, func(context.Context) error { return condition() }); err != nil {
		t.Fatal(err)
	}
}
