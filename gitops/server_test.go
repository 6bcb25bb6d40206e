package gitops

import (
	"errors"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"tenure.dev/workflow"
)

// gitServer serves one bare repository over HTTP with git http-backend.
type gitServer struct {
	url        string
	gone       atomic.Bool
	cutAnswer  atomic.Bool // the push goes through, and its answer is lost
	beforePush func()      // called once, when a push arrives
	handler    cgi.Handler
}

func newGitServer(t testing.TB, bare string) *gitServer {
	t.Helper()
	core, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("git", "-C", bare, "config", "http.receivepack", "true").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := &gitServer{handler: cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(core)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + filepath.Dir(bare), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1"},
	}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL + "/" + filepath.Base(bare)
	return s
}

func (s *gitServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.gone.Load() {
		panic(http.ErrAbortHandler) // the connection breaks
	}
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "git-receive-pack") {
		if before := s.beforePush; before != nil {
			s.beforePush = nil
			before()
		}
		if s.cutAnswer.Load() {
			s.handler.ServeHTTP(httptest.NewRecorder(), r)
			s.gone.Store(true)
			panic(http.ErrAbortHandler)
		}
	}
	s.handler.ServeHTTP(w, r)
}

func TestARemoteThatIsGoneBreaksNothingAndWorksAgainWhenItIsBack(t *testing.T) {
	w := newWorld(t)
	server := newGitServer(t, w.remote)
	dir := filepath.Join(t.TempDir(), "clone")
	r := w.openAt(server.url, dir)
	base := w.state(r)
	g := plan(t, base, "payments", "payments-api-dev", 42)

	server.gone.Store(true)
	if _, err := r.Commit(t.Context(), base.Commit, g.files, g.message); err == nil || errors.Is(err, workflow.ErrBaseMoved) {
		t.Fatalf("got %v, want an error that is no lost race", err)
	}
	if err := r.Refresh(t.Context()); err == nil {
		t.Error("a refresh from nowhere succeeded")
	}
	if h := r.Health(); h.Problem == "" || h.Verified != w.root {
		t.Errorf("health says %+v", h)
	}
	if w.state(r) != base {
		t.Error("the state changed")
	}
	if restarted := w.openAt(server.url, dir); w.state(restarted).Commit != w.root {
		t.Error("after a restart without the remote another state is served")
	}

	server.gone.Store(false)
	w.commit(r, "payments", "payments-api-dev", 42)
	if h := r.Health(); h.Problem != "" {
		t.Errorf("health still says %q", h.Problem)
	}
	if report := w.verify(); !report.OK() || report.Commits != 2 {
		t.Errorf("verify: %+v", report)
	}
}

func TestARemoteThatRefusesIsQuotedAndAcceptsLater(t *testing.T) {
	w := newWorld(t)
	server := newGitServer(t, w.remote)
	r := w.openAt(server.url, filepath.Join(t.TempDir(), "clone"))
	hook := filepath.Join(w.remote, "hooks", "pre-receive")
	if err := os.MkdirAll(filepath.Dir(hook), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte("#!/bin/sh\necho 'branch main is frozen until Monday' >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	base := w.state(r)
	g := plan(t, base, "payments", "payments-api-dev", 42)
	_, err := r.Commit(t.Context(), base.Commit, g.files, g.message)
	if err == nil || errors.Is(err, workflow.ErrBaseMoved) || !strings.Contains(err.Error(), "frozen until Monday") {
		t.Fatalf("got %v, want the hook's refusal", err)
	}
	if w.state(r) != base {
		t.Error("the state changed")
	}
	if err := os.Remove(hook); err != nil {
		t.Fatal(err)
	}
	w.commit(r, "payments", "payments-api-dev", 42)
}

func TestAPushWhoseAnswerIsLostIsFound(t *testing.T) {
	w := newWorld(t)
	server := newGitServer(t, w.remote)
	r := w.openAt(server.url, filepath.Join(t.TempDir(), "clone"))
	base := w.state(r)
	g := plan(t, base, "payments", "payments-api-dev", 42)
	server.cutAnswer.Store(true)
	if commit, err := r.Commit(t.Context(), base.Commit, g.files, g.message); err == nil {
		t.Fatalf("commit %s was reported although nobody answered", commit)
	}
	server.cutAnswer.Store(false)
	server.gone.Store(false)
	commit, found, err := r.Find(t.Context(), base.Commit, 42)
	if err != nil || !found {
		t.Fatalf("got %v, %v; want the commit", found, err)
	}
	if state := w.state(r); state.Commit != commit {
		t.Errorf("the state is at %s, want %s", state.Commit, commit)
	}
	if again, found, err := w.open().Find(t.Context(), base.Commit, 42); err != nil || !found || again != commit {
		t.Errorf("after a restart: %q, %v, %v", again, found, err)
	}
	if report := w.verify(); !report.OK() || report.Commits != 2 {
		t.Errorf("verify: %+v", report)
	}
}

func TestARepositoryIsVerifiedAndMadeOverHTTP(t *testing.T) {
	w := newWorld(t)
	w.commit(w.open(), "payments", "payments-api-dev", 42)
	report, err := Verify(t.Context(), newGitServer(t, w.remote).url, VerifyOptions{Rules: w.rules()})
	if err != nil || !report.OK() || report.Commits != 2 {
		t.Errorf("verify over HTTP: %+v, %v", report, err)
	}

	empty := filepath.Join(t.TempDir(), "new.git")
	if out, err := exec.Command("git", "init", "-q", "--bare", "-b", "main", empty).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	options := InitOptions{Remote: newGitServer(t, empty).url, Key: w.key, Policy: readPolicy(t), Clock: fixedClock{}}
	if _, err := Init(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	if _, err := Init(t.Context(), options); !errors.Is(err, ErrHasCommits) {
		t.Errorf("the second init got %v, want ErrHasCommits", err)
	}
}
