package gitops

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// fixedClock stands at one moment, in the past so that GnuPG takes the
// signatures made then.
type fixedClock struct{}

func (fixedClock) Now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// nobodyKnown is a directory that cannot say who is in a group.
type nobodyKnown struct{}

func (nobodyKnown) Members(context.Context, string) ([]workflow.PersonID, bool, error) {
	return nil, false, nil
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func person(n int, name string) workflow.Person {
	return workflow.Person{Name: name, ID: workflow.PersonID{
		Tenant: "11111111-1111-4111-8111-111111111111", Object: fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n),
	}}
}

var (
	dana = person(1, "Dana Developer")
	olga = person(2, "Olga Owner")
	sam  = person(3, "Sam Security")
)

func readPolicy(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tenant is a tenancy without namespaces.
func tenant(slug string) workflow.Tenancy {
	return workflow.Tenancy{
		Name:     slug,
		Owners:   workflow.Group{Group: "6f1c2d3e-90ab-4cde-8f01-23456789abcd"},
		Members:  workflow.Group{Group: "90ab1234-5678-4cde-8f01-23456789abcd"},
		Ceiling:  workflow.Ceiling{CPU: resource.MustParse("64"), Memory: resource.MustParse("256Gi"), Storage: resource.MustParse("2Ti"), Namespaces: 20},
		Clusters: []string{"weu-1"}, Repositories: []string{"https://git.example.com/" + slug + "/deploy"},
	}
}

// sharedKey is generated once, since every test may have the same.
var sharedKey = sync.OnceValue(func() *SigningKey {
	key, err := NewSigningKey("Tenure test", fixedClock{}.Now().Add(-time.Hour))
	if err != nil {
		panic(err)
	}
	return key
})

// world is a bare repository with a first commit, and what belongs to it.
type world struct {
	testing.TB
	remote string // path of the bare repository
	key    *SigningKey
	root   string // the first commit
}

func newWorld(t testing.TB, tenancies ...workflow.Tenancy) *world {
	t.Helper()
	if len(tenancies) == 0 {
		tenancies = []workflow.Tenancy{tenant("payments"), tenant("search")}
	}
	w := &world{TB: t, remote: filepath.Join(t.TempDir(), "gitops.git"), key: sharedKey()}
	root, err := Init(t.Context(), InitOptions{Remote: w.remote, Key: w.key, Policy: readPolicy(t), Tenancies: tenancies, Clock: fixedClock{}})
	if err != nil {
		t.Fatal(err)
	}
	w.root = root
	return w
}

// rules trust the world's key.
func (w *world) rules() Rules { return Rules{Trust: []string{w.key.Fingerprint()}} }

// open opens a repository with a clone of its own.
func (w *world) open() *Repository { return w.openAt(w.remote, filepath.Join(w.TempDir(), "clone")) }

func (w *world) openAt(remote, dir string) *Repository {
	w.Helper()
	r, err := Open(w.Context(), Config{Remote: remote, Dir: dir, Rules: w.rules(), Key: w.key, Clock: fixedClock{}, Log: quiet})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// verify judges the repository by its own key.
func (w *world) verify() Report {
	w.Helper()
	report, err := Verify(w.Context(), w.remote, VerifyOptions{Rules: w.rules()})
	if err != nil {
		w.Fatal(err)
	}
	return report
}

// grant is a change (or an end) with the message that proves it.
type grant struct {
	files   []workflow.FileChange
	message workflow.CommitMessage
}

// plan makes the grant of a namespace at a state, as reviewers would have approved it.
func plan(t testing.TB, state *workflow.ApprovedState, tenant, namespace string, request int64) grant {
	t.Helper()
	g := approved(t, state, tenant, request, workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: namespace, Cluster: "weu-1", Environment: "dev", Size: "small", PodSecurity: workflow.LevelBaseline}, Purpose: "Try things out"})
	g.message.Subject, g.message.Body = "Namespace "+namespace+" for "+tenant, "A namespace to try things out."
	return g
}

// approved makes what an owner and security approved.
func approved(t testing.TB, state *workflow.ApprovedState, tenant string, request int64, change workflow.Change) grant {
	t.Helper()
	proposal := workflow.Proposal{Request: request, Tenant: tenant, RequestedBy: dana.ID, At: fixedClock{}.Now(), Change: change}
	planner := workflow.Planner{Renderer: manifest.Renderer{}, Directory: nobodyKnown{}}
	p, err := planner.Plan(t.Context(), state, proposal)
	if err != nil {
		t.Fatal(err)
	}
	return grant{files: p.Files, message: workflow.CommitMessage{
		Act: change.Kind().Act(), Subject: change.Title(),
		Request: request, Kind: change.Kind(), RequestedBy: dana, Stages: p.Stages, Plan: p.Digest,
		PlannedAt: p.PlannedAt, AuditHead: "sha256:" + fmt.Sprintf("%064d", request), Renderer: p.Renderer,
		ApprovedBy: []workflow.Approval{{Person: olga, Stage: workflow.RoleOwner}, {Person: sam, Stage: workflow.RoleSecurity}},
	}}
}

func (w *world) state(r *Repository) *workflow.ApprovedState {
	w.Helper()
	state, err := r.State()
	if err != nil {
		w.Fatal(err)
	}
	return state
}

// commit grants a namespace through the repository.
func (w *world) commit(r *Repository, tenant, namespace string, request int64) string {
	w.Helper()
	state := w.state(r)
	g := plan(w, state, tenant, namespace, request)
	commit, err := r.Commit(w.Context(), state.Commit, g.files, g.message)
	if err != nil {
		w.Fatal(err)
	}
	return commit
}
