package main

import (
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/gitops"
	"tenure.dev/handlers/auth/devprovider"
	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// world is a GitOps repository that `tenure init` could have made, with the
// people and tenants of development.
type world struct {
	testing.TB
	data   string // a data folder
	remote string // path of the bare repository
	key    *gitops.SigningKey
}

func newWorld(t testing.TB) *world {
	t.Helper()
	data := t.TempDir()
	w := &world{TB: t, data: data, remote: filepath.Join(data, "gitops.git")}
	var err error
	if w.key, err = ensureSigningKey(filepath.Join(data, "signing-key.asc"), "", systemClock{}); err != nil {
		t.Fatal(err)
	}
	s := settings{Repository: w.remote, Branch: "main"}
	if _, err := initialise(t.Context(), s, w.key, devPolicy, devTenancies(), systemClock{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// trust is the key's fingerprint.
func (w *world) trust() string { return w.key.Fingerprint() }

// person gives a person of development.
func person(t testing.TB, name string) workflow.Person {
	t.Helper()
	for _, p := range devPeople {
		if p.Name == name {
			return workflow.Person{ID: workflow.PersonID{Tenant: devTenant, Object: p.ObjectID}, Name: p.Name}
		}
	}
	t.Fatalf("there is no %s", name)
	return workflow.Person{}
}

// plan makes the grant of a namespace of payments, as its reviewers would have
// approved it, and gives the state it is planned at.
func (w *world) plan(r *gitops.Repository, namespace string, request int64) (*workflow.ApprovedState, []workflow.FileChange, workflow.CommitMessage) {
	w.Helper()
	state, err := r.State()
	if err != nil {
		w.Fatal(err)
	}
	dana := person(w, "Dana Developer")
	planner := workflow.Planner{Renderer: manifest.Renderer{}, Directory: devprovider.Directory{Tenant: devTenant, Everybody: devPeople}}
	plan, err := planner.Plan(w.Context(), state, workflow.Proposal{
		Request: request, Tenant: "payments", RequestedBy: dana.ID, At: systemClock{}.Now(),
		Change: workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: namespace, Cluster: devCluster, Environment: "dev", Size: "small", PodSecurity: workflow.LevelBaseline}, Purpose: "Try things out"},
	})
	if err != nil {
		w.Fatal(err)
	}
	return state, plan.Files, workflow.CommitMessage{
		Act: workflow.ActGrant, Subject: "Namespace " + namespace + " for payments", Request: request, Kind: workflow.KindNamespace,
		RequestedBy: dana, Stages: plan.Stages, Plan: plan.Digest, PlannedAt: plan.PlannedAt,
		AuditHead: "sha256:" + strings.Repeat("0", 64), Renderer: plan.Renderer,
		ApprovedBy: []workflow.Approval{
			{Person: person(w, "Olivia Owner"), Stage: workflow.RoleOwner},
			{Person: person(w, "Sam Security"), Stage: workflow.RoleSecurity},
		},
	}
}

func (w *world) open() *gitops.Repository {
	w.Helper()
	r, err := gitops.Open(w.Context(), gitops.Config{
		Remote: w.remote, Dir: filepath.Join(w.TempDir(), "clone.git"), Key: w.key, Clock: systemClock{}, Log: silent,
		Rules: gitops.Rules{Trust: []string{w.trust()}, CheckPolicy: admission.CheckPolicy},
	})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// grant commits a namespace of payments and gives the commit.
func (w *world) grant(namespace string, request int64) string {
	w.Helper()
	r := w.open()
	state, files, message := w.plan(r, namespace, request)
	commit, err := r.Commit(w.Context(), state.Commit, files, message)
	if err != nil {
		w.Fatal(err)
	}
	return commit
}

// file puts a manifest beside the repository.
func (w *world) file(name, content string) string {
	w.Helper()
	path := filepath.Join(w.TempDir(), name)
	writeFile(w, path, content)
	return path
}
