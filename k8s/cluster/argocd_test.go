package cluster

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"tenure.dev/workflow"
)

func TestWhatArgoCDSaysIsKnownAtOnce(t *testing.T) {
	server := newAPIServer(t)
	server.put(recorded(t, "under-way"))
	server.arrive()
	w := startWatching(t, server.kubeconfig())
	w.until("the sync is under way", func() bool { return w.payments().Operation.Phase == workflow.SyncRunning })
	if health := w.Health(); !health.Watched || health.Since != noon || health.LastWord != noon || health.Problem != "" || len(health.Applications) != 1 {
		t.Errorf("its health is %+v", health)
	}
	server.put(recorded(t, "synced"))
	w.until("it is synced", func() bool { return w.payments().Sync == workflow.ObjectSynced })
	if status := w.Sync("search", "weu-1"); status.Known || !status.Absent || !strings.Contains(status.Why, `no Application "tenure-search-weu-1"`) {
		t.Errorf("of a tenant without an Application it says %+v", status)
	}
	server.remove("tenure-payments-weu-1")
	w.until("it is gone", func() bool { return !w.payments().Known && w.payments().Absent })
}

func TestAClusterThatIsAwayAtTheStartIsAskedUntilItAnswers(t *testing.T) {
	server := newAPIServer(t)
	server.arrive() // takes an address
	server.leave()
	w := startWatching(t, server.kubeconfig())
	w.until("Health says that nobody answers", func() bool { return strings.Contains(w.Health().Problem, "connection refused") })
	if status := w.payments(); status.Known || status.Absent || !status.Away || !strings.Contains(status.Why, "does not answer") || !w.Health().Since.IsZero() {
		t.Errorf("it says %+v, watched since %s", status, w.Health().Since)
	}
	server.put(recorded(t, "synced"))
	server.arrive()
	w.until("it is known", func() bool { return w.payments().Known && !w.payments().Away && w.Health().Problem == "" })
}

func TestWhatIsKnownOutlivesARestartOfTheCluster(t *testing.T) {
	server := newAPIServer(t)
	server.put(recorded(t, "under-way"))
	server.arrive()
	w := startWatching(t, server.kubeconfig())
	w.until("it is known", func() bool { return w.payments().Known })
	server.leave()
	w.until("it is seen that nobody answers", func() bool { return w.payments().Away })
	if status := w.payments(); !status.Known || status.Operation.Phase != workflow.SyncRunning {
		t.Errorf("while nobody answers it says %+v", status)
	}
	server.put(recorded(t, "synced")) // unseen
	server.arrive()
	w.until("it has caught up", func() bool { return w.payments().Sync == workflow.ObjectSynced && !w.payments().Away })
}

func TestARefusalIsNamedAndTriedAgain(t *testing.T) {
	for name, status := range map[string]int{"Argo CD is not installed": http.StatusNotFound, "its account may not": http.StatusForbidden} {
		t.Run(name, func(t *testing.T) {
			server := newAPIServer(t)
			server.put(recorded(t, "synced"))
			server.refuseAll(status)
			server.arrive()
			w := startWatching(t, server.kubeconfig())
			w.until("Health says why", func() bool {
				problem := w.Health().Problem
				return strings.Contains(problem, "is refused") || strings.Contains(problem, "could not find the requested resource")
			})
			server.refuseAll(0)
			w.until("it is known", func() bool { return w.payments().Known })
		})
	}
}

func TestOnlyTheTenantsOwnApplicationSpeaksForItsManifests(t *testing.T) {
	ours := recorded(t, "synced")
	labels := ours.GetLabels()
	for name, other := range map[string]*unstructured.Unstructured{
		"of another name":       changed(t, ours, "payments", "metadata", "name"),
		"of another tenant":     changed(t, ours, "search", "metadata", "labels", "tenure.dev/tenant"),
		"of another cluster":    changed(t, ours, "neu-1", "metadata", "labels", "tenure.dev/cluster"),
		"in another namespace":  changed(t, ours, "payments-api-dev", "metadata", "namespace"),
		"of a tenant's project": changed(t, ours, "tenant-payments", "spec", "project"),
	} {
		if status, isOurs, err := decode(other, "argocd"); isOurs || err != nil {
			t.Errorf("an Application %s counts: %+v, %v", name, status, err)
		}
	}
	if _, isOurs, err := decode(ours, "argocd"); !isOurs || err != nil || len(labels) == 0 {
		t.Errorf("the tenant's own does not count: %v", err)
	}
}

func TestAnApplicationThatCannotBeReadSaysNothing(t *testing.T) {
	m := memory{namespace: "argocd", clock: stoppedClock{}, log: discard, changed: func() {}}
	good := recorded(t, "synced")
	if err := m.Add(good); err != nil {
		t.Fatal(err)
	}
	if err := m.Update(changed(t, good, "yesterday", "status", "reconciledAt")); err != nil {
		t.Fatal(err)
	}
	status, _ := m.get("payments", "weu-1")
	if status.Known || status.Revision != "" || !strings.Contains(status.Why, `"tenure-payments-weu-1" cannot be read`) {
		t.Errorf("it says %+v", status)
	}
	if err := m.Update(good); err != nil {
		t.Fatal(err)
	}
	if status, _ := m.get("payments", "weu-1"); !status.Known || status.Why != "" {
		t.Errorf("once it can be read it says %+v", status)
	}
}

func TestAKubeconfigThatCannotBeReadIsSaidAtTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	for name, content := range map[string]string{"missing": "", "no YAML": "a: [", "empty": "{}"} {
		if content != "" {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Open(Config{Kubeconfig: path, Namespace: "argocd", Clock: stoppedClock{}, Log: discard}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(Config{Kubeconfig: InCluster, Namespace: "argocd", Clock: stoppedClock{}, Log: discard}); err == nil {
		t.Error("outside of a cluster in-cluster is taken")
	}
}
