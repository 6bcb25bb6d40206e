package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"
)

func TestEveryIdentityIsKnownByItsUserAndGroups(t *testing.T) {
	c := sharedCluster(t)
	for _, identity := range append(Identities(), ServiceAccount("deployer", "shop", "tenure-deployer")) {
		user := kubectl(t, c, identity.Name, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
		groups := kubectl(t, c, identity.Name, "auth", "whoami", "-o", "jsonpath={.status.userInfo.groups[*]}")
		want := append(slices.Clone(identity.Groups), "system:authenticated")
		if got := strings.Fields(groups); user != identity.User || !slices.Equal(got, want) {
			t.Errorf("%s is %q in %q, want %q in %q", identity.Name, user, got, identity.User, want)
		}
	}
}

func TestAnIdentityCanBeAddedWhileItRuns(t *testing.T) {
	c := sharedCluster(t)
	late := ServiceAccount("late", "elsewhere", "tenure-deployer")
	path, err := c.AddIdentity(late)
	if err != nil {
		t.Fatal(err)
	}
	if user := kubectl(t, c, "late", "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"); user != late.User {
		t.Errorf("it is %q", user)
	}
	if c.Kubeconfigs()["late"] != path {
		t.Errorf("its kubeconfig %q is not among %q", path, c.Kubeconfigs())
	}
	for name, identity := range map[string]Identity{
		"a name that is taken":   late,
		"a name that is a path":  {Name: "../admin", User: "x"},
		"no user to impersonate": {Name: "nobody"},
	} {
		if _, err := c.AddIdentity(identity); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// The development people are those whom the portal signs in.
func TestGroupsAreThoseOfTheDevelopmentPeople(t *testing.T) {
	source, err := os.ReadFile("../../cmd/tenure/dev.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, identity := range Identities() {
		for _, group := range identity.Groups {
			if strings.Contains(identity.User, "@") && !strings.Contains(string(source), group) {
				t.Errorf("the portal does not know the group %q of %s", group, identity.Name)
			}
		}
	}
}

func TestControllersWorkAndRBACRefuses(t *testing.T) {
	c := sharedCluster(t)
	apply(t, c, `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: shop}
spec: {hard: {pods: "5"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.com/web:1, securityContext: {privileged: true}}]}
`)
	eventually(t, func() error {
		used := kubectl(t, c, "admin", "-n", "shop", "get", "resourcequota", "quota", "-o", "jsonpath={.status.used.pods}")
		if used != "2" {
			return fmt.Errorf("the quota counts %q pods", used)
		}
		return nil
	})
	if said := refused(t, c, "dana", "create", "namespace", "mine"); !strings.Contains(said, `User "dana@contoso.example" cannot create resource "namespaces"`) {
		t.Errorf("it said %q", said)
	}
	kubectl(t, c, "admin", "delete", "namespace", "shop", "--timeout=60s")
}

func TestARestartKeepsAddressesAndData(t *testing.T) {
	c := start(t, t.TempDir())
	server, before := c.Server(), c.PIDs()
	kubectl(t, c, "admin", "create", "configmap", "kept", "--from-literal=a=b")
	if err := c.RestartPart(t.Context(), APIServer); err != nil {
		t.Fatal(err)
	}
	if err := c.KillPart(Etcd); err != nil {
		t.Fatal(err)
	}
	if said := refused(t, c, "admin", "get", "configmap", "kept", "--request-timeout=1s"); said == "" {
		t.Error("there was an answer without etcd")
	}
	if err := c.StartPart(t.Context(), Etcd); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		_, err := c.Kubectl(t.Context(), "admin", "get", "configmap", "kept")
		return err
	})
	after := c.PIDs()
	if c.Server() != server || len(after) != len(before) || after[APIServer] == before[APIServer] || after[Etcd] == before[Etcd] {
		t.Errorf("%s with %v became %s with %v", server, before, c.Server(), after)
	}
	select {
	case lost := <-c.Lost():
		t.Errorf("what was asked to end counts as lost: %v", lost)
	default:
	}
}

func TestAPartThatEndsByItselfIsReportedAndCanBeStartedAgain(t *testing.T) {
	c := start(t, t.TempDir())
	if err := syscall.Kill(c.PIDs()[ControllerManager], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if lost := <-c.Lost(); !strings.Contains(lost.Error(), "controller-manager ended: signal: killed") {
		t.Errorf("it was reported as %q", lost)
	}
	if _, runs := c.PIDs()[ControllerManager]; runs {
		t.Error("it counts as running")
	}
	if err := c.StartPart(t.Context(), ControllerManager); err != nil {
		t.Fatal(err)
	}
	if err := c.StartPart(t.Context(), "kubelet"); err == nil || !strings.Contains(err.Error(), `there is no part "kubelet"`) {
		t.Errorf("a part that is not there: %v", err)
	}
}

func TestAStartThatFailsSaysWhyAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	// What stands in the way of etcd's data.
	if err := os.MkdirAll(filepath.Join(dir, "etcd"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"etcd/member", wholeFile} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Start(t.Context(), Config{Root: "../..", Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "etcd ended: exit status 1") || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("it said %v", err)
	}
	if left := recordsOf(t, dir); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestTwoControlPlanesRunSideBySide(t *testing.T) {
	dirs := []string{t.TempDir(), t.TempDir()}
	clusters := make([]*Cluster, 2)
	starting := new(errgroup.Group)
	for i, dir := range dirs {
		starting.Go(func() (err error) {
			clusters[i], err = Start(t.Context(), Config{Root: "../..", Dir: dir})
			return err
		})
	}
	err := starting.Wait()
	for _, c := range clusters {
		if c != nil {
			defer func() { _ = c.Stop() }()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	kubectl(t, clusters[0], "admin", "create", "namespace", "mine")
	if said := refused(t, clusters[1], "admin", "get", "namespace", "mine"); !strings.Contains(said, "not found") {
		t.Errorf("it said %q", said)
	}
	if _, err := Start(t.Context(), Config{Root: "../..", Dir: dirs[0]}); err == nil || !strings.Contains(err.Error(), "a control plane runs in") {
		t.Errorf("a third in the first one's folder: %v", err)
	}
	pids := clusters[0].PIDs()
	if err := clusters[0].Stop(); err != nil {
		t.Fatal(err)
	}
	for part, pid := range pids {
		if _, err := identify(pid); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s still runs", part)
		}
	}
	kubectl(t, clusters[1], "admin", "get", "namespaces")
}

// recordsOf gives the processes that the registry holds for a folder.
func recordsOf(t *testing.T, dir string) []processID {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(cache("../.."), "running", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var processes []processID
	for _, path := range paths {
		if held, err := readRecord(path); err == nil && held.Dir == dir {
			processes = append(processes, slices.Collect(maps.Values(held.Processes))...)
		}
	}
	return processes
}
