package cluster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a plain Application of a plain repository needs, synced as argocd:gitops.
const plainApplication = `
apiVersion: v1
kind: Namespace
metadata: {name: plain}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: gitops, namespace: argocd}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: gitops, namespace: plain}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: gitops, namespace: argocd}]
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: plain, namespace: argocd}
spec:
  sourceRepos: ["*"]
  destinations: [{server: https://kubernetes.default.svc, namespace: plain}]
  destinationServiceAccounts: [{server: https://kubernetes.default.svc, namespace: "*", defaultServiceAccount: "argocd:gitops"}]
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: plain, namespace: argocd}
spec:
  project: plain
  source: {repoURL: "file://%s", path: ., targetRevision: main}
  destination: {server: https://kubernetes.default.svc, namespace: plain}
  syncPolicy: {automated: {prune: true, selfHeal: true}, retry: {limit: -1, refresh: true, backoff: {duration: 1s}}}
`

func TestArgoCDSyncsARepositoryAsTheImpersonatedAccount(t *testing.T) {
	c := sharedCluster(t)
	repository := t.TempDir()
	git(t, repository, "init", "--quiet", "--initial-branch=main")
	commit(t, repository, "one")
	apply(t, c, fmt.Sprintf(plainApplication, repository))
	t.Cleanup(func() { // t's context is over by then
		for _, object := range []string{"application/plain", "appproject/plain"} {
			_ = exec.Command(c.KubectlAs("admin"), "-n", "argocd", "delete", object).Run()
		}
	})
	synced(t, c, "one", commit(t, repository, "one"))
	synced(t, c, "two", commit(t, repository, "two"))
	if err := c.StopPart(ArgoCD); err != nil {
		t.Fatal(err)
	}
	late := commit(t, repository, "three")
	if err := c.StartPart(t.Context(), ArgoCD); err != nil {
		t.Fatal(err)
	}
	synced(t, c, "three", late)
	kubectl(t, c, "admin", "-n", "plain", "delete", "configmap", "greeting")
	synced(t, c, "three", late)

	writers := map[string]bool{}
	for _, write := range writes(t, c, "plain", "configmaps") {
		if write.ImpersonatedUser != nil {
			writers[write.User.Username+" as "+write.ImpersonatedUser.Username] = true
		}
	}
	const want = "system:serviceaccount:argocd:argocd-application-controller as system:serviceaccount:argocd:gitops"
	if len(writers) != 1 || !writers[want] {
		t.Errorf("it was written by %v", writers)
	}
}

func TestArgoCDStartsAgainAfterItsKeyringWasLeftHalfMade(t *testing.T) {
	c := sharedCluster(t)
	if err := c.KillPart(ArgoCD); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(c.keyring()); err != nil {
		t.Fatal(err)
	}
	// A trust database without Argo CD's own mark: it refuses to remove that.
	if err := writeFiles(c.keyring(), map[string]string{"trustdb.gpg": ""}); err != nil {
		t.Fatal(err)
	}
	if err := c.StartPart(t.Context(), ArgoCD); err != nil {
		t.Error(err)
	}
}

// commit commits a ConfigMap with a word in it and gives the revision.
func commit(t *testing.T, repository, word string) string {
	t.Helper()
	manifest := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: greeting}\ndata: {word: %q}\n", word)
	if err := os.WriteFile(filepath.Join(repository, "greeting.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, repository, "add", ".")
	git(t, repository, "-c", "user.name=Test", "-c", "user.email=test@contoso.example", "commit", "--quiet", "--allow-empty", "-m", "Say "+word)
	return strings.TrimSpace(git(t, repository, "rev-parse", "HEAD"))
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.Command("git", append([]string{"-C", dir}, args...)...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, output)
	}
	return string(output)
}

// synced waits until Argo CD says that the revision is on the cluster, and it is.
func synced(t *testing.T, c *Cluster, word, revision string) {
	t.Helper()
	eventually(t, func() error {
		status, err := c.Kubectl(t.Context(), "admin", "-n", "argocd", "get", "application", "plain",
			"-o", "jsonpath={.status.sync.status} {.status.health.status} {.status.sync.revision} {.status.conditions} {.status.operationState.message}")
		if err != nil {
			return err
		}
		if !strings.HasPrefix(status, "Synced Healthy "+revision+" ") {
			return fmt.Errorf("the Application is %q, want revision %s", status, revision)
		}
		said, err := c.Kubectl(t.Context(), "admin", "-n", "plain", "get", "configmap", "greeting", "-o", "jsonpath={.data.word}")
		if err != nil || said != word {
			return fmt.Errorf("the ConfigMap says %q: %w", said, err)
		}
		return nil
	})
}

// event is what these tests read of an Event of audit.k8s.io.
type event struct {
	Verb             string
	User             struct{ Username string }
	ImpersonatedUser *struct{ Username string }
	ObjectRef        struct{ Namespace, Resource, Name string }
}

// writes gives the writes to one kind of object in a namespace.
func writes(t *testing.T, c *Cluster, namespace, resource string) []event {
	t.Helper()
	content, err := os.ReadFile(c.AuditLog())
	if err != nil {
		t.Fatal(err)
	}
	var found []event
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one event
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		if one.ObjectRef.Namespace == namespace && one.ObjectRef.Resource == resource {
			found = append(found, one)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
