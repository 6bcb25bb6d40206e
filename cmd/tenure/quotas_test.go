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
		func() error { return p.watchQuotas(t.Context()) }, func() error { return p.buildService(t.Context()) },
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
	if err := (&portal{settings: s, log: silent, clock: systemClock{}}).watchQuotas(t.Context()); err == nil {
		t.Error("a kubeconfig that is not there is taken")
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
