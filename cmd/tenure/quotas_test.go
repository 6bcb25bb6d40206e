package main

import (
	"path/filepath"
	"testing"

	"tenure.dev/handlers/auth/devprovider"
	"tenure.dev/workflow"
)

// assembled is a portal's service, as far as it follows from the settings.
func assembled(t *testing.T, s settings) *portal {
	t.Helper()
	directory := devprovider.Directory{Tenant: devTenant, Everybody: devPeople, GroupNames: devGroups}
	p := &portal{
		settings: s, log: silent, clock: systemClock{}, enforcer: &enforcer{}, observer: &workflow.Observer{},
		identity: identity{directory: directory, accounts: directory},
	}
	for _, step := range []func() error{
		func() error { return p.openCluster(t.Context()) }, func() error { return p.buildService(t.Context()) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestWhatIsUsedIsKnownWhereTheClusterIsWatched(t *testing.T) {
	s := settings{Cluster: devCluster}
	if p := assembled(t, s); p.service.Usage != nil || p.quotas != nil {
		t.Errorf("without a kubeconfig use is known from %T", p.service.Usage)
	}
	s.ClusterKubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	writeFile(t, s.ClusterKubeconfig, `{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}],
  users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`)
	p := assembled(t, s)
	if p.quotas == nil || p.service.Usage != workflow.Usage(p.quotas) {
		t.Errorf("use is known from %T", p.service.Usage)
	}
	s.ClusterKubeconfig = filepath.Join(t.TempDir(), "nowhere")
	if err := (&portal{settings: s, log: silent, clock: systemClock{}}).openCluster(t.Context()); err == nil {
		t.Error("a kubeconfig that is not there is taken")
	}
}

func TestWhatLivesIsKnownWhereTheClusterIsWatched(t *testing.T) {
	s := settings{Cluster: devCluster}
	if p := assembled(t, s); p.service.Alive != nil || p.service.Impact != nil {
		t.Errorf("without a kubeconfig what lives is known from %T, and what would be refused from %T", p.service.Alive, p.service.Impact)
	}
	s.ClusterKubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	writeFile(t, s.ClusterKubeconfig, `{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}],
  users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`)
	p := assembled(t, s)
	if p.live == nil || p.service.Alive != workflow.Contents(p.live) || p.service.Impact != workflow.Impact(p.live) {
		t.Errorf("what lives is known from %T, and what would be refused from %T", p.service.Alive, p.service.Impact)
	}
	if p.publisher.Planner.Impact != nil {
		t.Error("what is published waits for the cluster")
	}
}

func TestPeopleAreLookedUpForPagesAndForWhatIsPublished(t *testing.T) {
	p := assembled(t, settings{})
	for name, accounts := range map[string]workflow.Accounts{"service": p.service.Accounts, "publisher": p.publisher.Planner.Accounts} {
		if people, known, err := accounts.People(t.Context(), paymentsOnCall); err != nil || !known || len(people) != 2 {
			t.Errorf("the %s finds %v, known %v, %v", name, people, known, err)
		}
	}
}
