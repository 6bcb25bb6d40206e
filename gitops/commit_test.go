package gitops

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

func TestGitVerifiesACommitAndReadsItsTrailers(t *testing.T) {
	w := newWorld(t)
	commit := w.commit(w.open(), "payments", "payments-api-dev", 42)

	n := newNative(t, w.remote)
	public, err := w.key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	n.run(string(public), "gpg", "--batch", "--quiet", "--import")
	for _, hash := range []string{w.root, commit} {
		if out, err := n.try("", "git", "verify-commit", hash); err != nil {
			t.Errorf("git verify-commit %s: %v\n%s", hash, err, out)
		}
	}
	if head := n.git("rev-parse", "HEAD"); head != commit {
		t.Errorf("the branch is at %s, want %s", head, commit)
	}
	trailers := n.run(n.git("log", "-1", "--format=%B"), "git", "interpret-trailers", "--parse")
	for _, want := range []string{
		"Tenure-Act: grant\n", "Tenure-Request: 42\n", "Tenure-Kind: namespace\n",
		"Tenure-Requested-By: " + dana.ID.String() + "; name=Dana Developer\n",
		"Tenure-Approved-By: " + olga.ID.String() + "; stage=owner; name=Olga Owner\n",
		"Tenure-Approved-By: " + sam.ID.String() + "; stage=security; name=Sam Security\n",
		"Tenure-Stages: owner=1 security=1\n", "Tenure-Planned-At: 2026-01-02T03:04:05Z\n", "Tenure-Renderer: " + manifest.RendererVersion + "\n",
	} {
		if !strings.Contains(trailers, want) {
			t.Errorf("git reads no trailer %q in\n%s", want, trailers)
		}
	}
	n.git("fsck", "--strict")
}

func TestAGrantIsServedAtOnceAndByEverybodyElseAfterARefresh(t *testing.T) {
	w := newWorld(t)
	writer, reader := w.open(), w.open()
	commit := w.commit(writer, "payments", "payments-api-dev", 42)
	if err := reader.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Repository{"writer": writer, "reader": reader, "opened later": w.open()} {
		state := w.state(r)
		if state.Commit != commit {
			t.Errorf("%s serves %s, want %s", name, state.Commit, commit)
		}
		if _, _, found := state.NamespaceOwner("weu-1", "payments-api-dev"); !found {
			t.Errorf("%s does not know the namespace", name)
		}
		if h := r.Health(); h.Problem != "" || h.Verified != commit || h.Head != commit || h.VerifiedAt.IsZero() || h.FetchedAt.IsZero() {
			t.Errorf("%s is not well: %+v", name, h)
		}
	}
	if report := w.verify(); !report.OK() || report.Commits != 2 || report.Verified != commit {
		t.Errorf("verify: %+v", report)
	}
}

func TestOfTwoWritersOnOneBaseOneIsToldThatTheBaseMoved(t *testing.T) {
	w := newWorld(t)
	first, second := w.open(), w.open()
	base := w.state(second)
	winner := w.commit(first, "payments", "payments-api-dev", 42)

	g := plan(t, base, "search", "search-dev", 43)
	if _, err := second.Commit(t.Context(), base.Commit, g.files, g.message); !errors.Is(err, workflow.ErrBaseMoved) {
		t.Fatalf("the second writer got %v, want ErrBaseMoved", err)
	}
	if head := newNative(t, w.remote).git("rev-parse", "HEAD"); head != winner {
		t.Fatalf("the branch is at %s, want the first writer's %s", head, winner)
	}
	w.commit(second, "search", "search-dev", 43)
	if report := w.verify(); !report.OK() || report.Commits != 3 {
		t.Errorf("verify: %+v", report)
	}
}

func TestARaceLostDuringThePushPushesNothing(t *testing.T) {
	w := newWorld(t)
	server := newGitServer(t, w.remote)
	other := w.open()
	r := w.openAt(server.url, filepath.Join(t.TempDir(), "clone"))
	var winner string
	server.beforePush = func() { winner = w.commit(other, "payments", "payments-api-dev", 42) }

	base := w.state(r)
	g := plan(t, base, "search", "search-dev", 43)
	if _, err := r.Commit(t.Context(), base.Commit, g.files, g.message); !errors.Is(err, workflow.ErrBaseMoved) {
		t.Fatalf("got %v, want ErrBaseMoved", err)
	}
	if report := w.verify(); report.Head != winner || !report.OK() {
		t.Errorf("verify: %+v, want the head %s", report, winner)
	}
	if state := w.state(r); state.Commit != winner {
		t.Errorf("the loser serves %s, want what it fetched, %s", state.Commit, winner)
	}
}

func TestAPlanMadeAtAnotherStateIsRefused(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	old := plan(t, w.state(r), "payments", "payments-api-dev", 42)
	head := w.commit(r, "payments", "payments-web-dev", 43)
	_, err := r.Commit(t.Context(), head, old.files, old.message)
	if err == nil || !strings.Contains(err.Error(), `"approved/payments.yaml" is not as the plan found it`) {
		t.Fatalf("got %v, want a refusal that names the file", err)
	}
	if report := w.verify(); report.Head != head {
		t.Errorf("the head is %s, want %s", report.Head, head)
	}
}

func TestACommitThatWouldNotVerifyIsNeverPushed(t *testing.T) {
	for name, spoil := range map[string]func(*grant){
		"approved by the requester": func(g *grant) { g.message.ApprovedBy[0].Person = dana },
		"one approver missing":      func(g *grant) { g.message.ApprovedBy = g.message.ApprovedBy[:1] },
		"another digest":            func(g *grant) { g.message.Plan = workflow.Digest("sha256:" + strings.Repeat("0", 64)) },
		"no request":                func(g *grant) { g.message.Request = 0 },
		"a manifest changed":        func(g *grant) { g.files[1].After = append(bytes.Clone(g.files[1].After), '\n') },
		"a file of another tenant": func(g *grant) {
			g.files = append(g.files, workflow.FileChange{Path: "clusters/weu-1/search/search-dev/namespace.yaml", After: []byte("a: b\n")})
		},
		"a renderer from the future": func(g *grant) { g.message.Renderer = "999" },
		"an act that does not exist": func(g *grant) { g.message.Act = "abolish" },
		"an end that gives":          func(g *grant) { g.message.Act = workflow.ActEnd },
		"an init":                    func(g *grant) { g.message.Act = workflow.ActInit },
		"a path that is not ours": func(g *grant) {
			g.files = append(g.files, workflow.FileChange{Path: "README.md", After: []byte("hello\n")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.open()
			base := w.state(r)
			g := plan(t, base, "payments", "payments-api-dev", 42)
			spoil(&g)
			if commit, err := r.Commit(t.Context(), base.Commit, g.files, g.message); err == nil {
				t.Fatalf("commit %s was made", commit)
			}
			if report := w.verify(); report.Head != w.root {
				t.Errorf("%s was pushed", report.Head)
			}
			if w.state(r) != base {
				t.Error("the state changed")
			}
			w.commit(r, "payments", "payments-api-dev", 42)
		})
	}
}

func TestARequestIsGrantedOnce(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	w.commit(r, "payments", "payments-api-dev", 42)
	state := w.state(r)
	g := plan(t, state, "search", "search-dev", 42)
	if _, err := r.Commit(t.Context(), state.Commit, g.files, g.message); err == nil || !strings.Contains(err.Error(), "fulfilled already") {
		t.Errorf("got %v, want a refusal because request 42 was granted", err)
	}
}

func TestFindSeesOnlyGrantsAfterTheGivenCommit(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	first := w.commit(r, "payments", "payments-api-dev", 42)
	second := w.commit(w.open(), "search", "search-dev", 43)
	for name, c := range map[string]struct {
		since   string
		request int64
		want    string
	}{
		"from the beginning":         {"", 42, first},
		"after the root":             {w.root, 43, second},
		"after itself":               {first, 42, ""},
		"a request nobody granted":   {"", 44, ""},
		"after the first, elsewhere": {first, 43, second},
	} {
		commit, found, err := r.Find(t.Context(), c.since, c.request)
		if err != nil || commit != c.want || found != (c.want != "") {
			t.Errorf("%s: got %q, %v, %v; want %q", name, commit, found, err, c.want)
		}
	}
	if _, _, err := r.Find(t.Context(), strings.Repeat("0", 40), 42); err == nil {
		t.Error("a commit that is not in the history was taken as a beginning")
	}
}

func TestStateIsReadWhileCommitsComeIn(t *testing.T) {
	w := newWorld(t)
	writer, reader := w.open(), w.open()
	var changes int
	reader.OnChange(func(*workflow.ApprovedState) { changes++ })
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				state, err := reader.State()
				if err != nil || len(state.Tenancies) != 2 || state.Policy.Fallback != workflow.RoleAdmin {
					t.Errorf("half a state: %v, %v", state, err)
					return
				}
				reader.Health()
			}
		})
	}
	for i := range 5 {
		w.commit(writer, "payments", "payments-dev-"+string(rune('a'+i)), int64(42+i))
		if err := reader.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
	if changes != 6 {
		t.Errorf("listeners heard of %d states, want the first and five more", changes)
	}
}

func TestARepositoryWithoutAKeyOnlyReads(t *testing.T) {
	w := newWorld(t)
	r, err := Open(t.Context(), Config{Remote: w.remote, Dir: filepath.Join(t.TempDir(), "clone"), Rules: w.rules(), Clock: fixedClock{}, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	state := w.state(r)
	g := plan(t, state, "payments", "payments-api-dev", 42)
	if _, err := r.Commit(t.Context(), state.Commit, g.files, g.message); err == nil {
		t.Error("a commit was made without a key")
	}
}

func TestOnlyTouchedTreesAreWrittenAgain(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	g := plan(t, w.state(r), "payments", "payments-api-dev", 42)
	w.commit(r, "payments", "payments-api-dev", 42)
	out, err := exec.CommandContext(t.Context(), "git", "-C", w.remote, "diff-tree", "-r", "--name-only", w.root, "main").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range g.files {
		want = append(want, f.Path)
	}
	if got := strings.TrimSpace(string(out)); got != strings.Join(want, "\n") {
		t.Errorf("the commit changes\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if _, ok := manifest.ApprovedTenant(want[0]); !ok {
		t.Errorf("the first file is %s, want the tenancy", want[0])
	}
}
