package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestInitMakesARepositoryThatVerifies(t *testing.T) {
	w := newWorld(t)
	if report := w.verify(); !report.OK() || report.Commits != 1 || report.Head != w.root {
		t.Errorf("verify: %+v", report)
	}
	n := newNative(t, w.remote)
	want := fmt.Sprintf("approved/payments.yaml\napproved/search.yaml\nargocd/payments.yaml\nargocd/search.yaml\n"+
		"clusters/weu-1/payments/.gitkeep\nclusters/weu-1/search/.gitkeep\nkeys/%s.asc\npolicy.yaml", w.key.Fingerprint())
	if got := n.git("ls-files"); got != want {
		t.Errorf("it holds\n%s\nwant\n%s", got, want)
	}
	if n.read("policy.yaml") != string(readPolicy(t)) {
		t.Error("the policy is not the document as it was written")
	}
	if branch := n.git("symbolic-ref", "--short", "HEAD"); branch != "main" {
		t.Errorf("a clone is on branch %s", branch)
	}
}

func TestInitLeavesARepositoryWithCommitsAlone(t *testing.T) {
	w := newWorld(t)
	_, err := Init(t.Context(), InitOptions{Remote: w.remote, Key: w.key, Policy: readPolicy(t), Clock: fixedClock{}})
	if !errors.Is(err, ErrHasCommits) {
		t.Errorf("got %v, want ErrHasCommits", err)
	}
	if report := w.verify(); report.Head != w.root {
		t.Errorf("the head is %s, want %s", report.Head, w.root)
	}
}

func TestInitRefusesWhatWouldNotVerifyAndWritesNothing(t *testing.T) {
	taken := tenant("search")
	taken.Namespaces = []workflow.Namespace{{Name: "kube-dev", Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelBaseline}}
	for name, c := range map[string]struct {
		change func(*InitOptions)
		says   string
	}{
		"a policy that does not parse": {func(o *InitOptions) {
			o.Policy = bytes.Replace(o.Policy, []byte("fallback: admin"), []byte("fallback: [admin"), 1)
		}, "policy.yaml:"},
		"a rule's parameter": {func(o *InitOptions) {
			o.CheckPolicy = func(workflow.Policy) []workflow.FieldProblem {
				return []workflow.FieldProblem{{Field: "spec.rules.trusted-registry.images[0]", Message: "no"}}
			}
		}, "policy.yaml:15: spec.rules.trusted-registry.images[0]: no"},
		"a namespace the policy does not allow": {func(o *InitOptions) { o.Tenancies = []workflow.Tenancy{taken} }, "approved/search.yaml"},
		"a tenant twice":                        {func(o *InitOptions) { o.Tenancies = []workflow.Tenancy{tenant("search"), tenant("search")} }, "stands twice"},
		"a policy that nobody could replace": {func(o *InitOptions) {
			o.Policy = bytes.Replace(o.Policy, []byte("  reviews:\n"), []byte("  reviews:\n    - {kinds: [policy], stages: [{admin: 50}]}\n"), 1)
		}, "nobody could change this policy again"},
		"no policy": {func(o *InitOptions) { o.Policy = nil }, "a policy is needed"},
	} {
		options := InitOptions{Remote: filepath.Join(t.TempDir(), "new.git"), Key: sharedKey(), Policy: readPolicy(t), Clock: fixedClock{}}
		c.change(&options)
		if _, err := Init(t.Context(), options); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", name, err, c.says)
		}
		if _, err := os.Stat(options.Remote); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was written: %v", name, err)
		}
	}
}

func TestASigningKeyIsSavedForItsOwnerAndLoadedAgain(t *testing.T) {
	key := sharedKey()
	for name, passphrase := range map[string]string{"plain": "", "encrypted": "correct horse"} {
		path := filepath.Join(t.TempDir(), "signing.asc")
		if err := key.Save(path, []byte(passphrase)); err != nil {
			t.Fatal(err)
		}
		if err := key.Save(path, nil); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: a key was written over: %v", name, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: the file has mode %v, %v", name, info.Mode(), err)
		}
		loaded, err := LoadSigningKey(path, []byte(passphrase))
		if err != nil {
			t.Fatal(err)
		}
		if loaded.Fingerprint() != key.Fingerprint() {
			t.Errorf("%s: another key came back", name)
		}
		if _, err := loaded.sign([]byte("x"), fixedClock{}.Now()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if passphrase == "" {
			continue
		}
		for _, wrong := range []string{"", "battery staple"} {
			if _, err := LoadSigningKey(path, []byte(wrong)); err == nil {
				t.Errorf("the passphrase %q opens it", wrong)
			}
		}
	}
	if _, err := LoadSigningKey(filepath.Join(t.TempDir(), "none"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if text := fmt.Sprint(key); strings.Contains(text, "PRIVATE") || !strings.Contains(text, key.Fingerprint()) {
		t.Errorf("the key prints as %q", text)
	}
}

func TestConfigurationIsCheckedAsAWhole(t *testing.T) {
	_, err := Open(t.Context(), Config{Remote: "https://me:secret@example.com/x.git", Rules: Rules{Trust: []string{"ABC"}}})
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, want := range []string{"holds a password", "not a fingerprint", "folder for the clone", "a clock and a log"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("%q gives the password away", err)
	}
}

func TestVerifyThatCannotJudgeIsAnError(t *testing.T) {
	w := newWorld(t)
	for name, judge := range map[string]func() (Report, error){
		"no repository": func() (Report, error) { return Verify(t.Context(), t.TempDir(), VerifyOptions{Rules: w.rules()}) },
		"no such branch": func() (Report, error) {
			return Verify(t.Context(), w.remote, VerifyOptions{Rules: w.rules(), Branch: "dev"})
		},
		"nobody is trusted": func() (Report, error) { return Verify(t.Context(), w.remote, VerifyOptions{}) },
		"nobody answers": func() (Report, error) {
			return Verify(t.Context(), "http://127.0.0.1:1/x.git", VerifyOptions{Rules: w.rules()})
		},
	} {
		if report, err := judge(); err == nil {
			t.Errorf("%s: judged as %+v", name, report)
		}
	}
	stranger := Rules{Trust: []string{strings.Repeat("AB", 20)}}
	report, err := Verify(t.Context(), w.remote, VerifyOptions{Rules: stranger})
	if err != nil || report.OK() || report.Verified != "" {
		t.Errorf("with another key pinned: %+v, %v", report, err)
	}
	r, err := Open(t.Context(), Config{Remote: w.remote, Dir: filepath.Join(t.TempDir(), "clone"), Rules: stranger, Clock: fixedClock{}, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.State(); !errors.Is(err, workflow.ErrNoState) || r.Health().Problem == "" {
		t.Errorf("with another key pinned: %v, %+v", err, r.Health())
	}
}

func TestTheStateAndTheClaimedKeysAreReadWithoutAClone(t *testing.T) {
	w := newWorld(t)
	commit := w.commit(w.open(), "payments", "payments-api-dev", 42)
	state, report, err := Read(t.Context(), w.remote, VerifyOptions{Rules: w.rules()})
	if err != nil || !report.OK() || state.Commit != commit || len(state.Tenancies["payments"].Namespaces) != 1 {
		t.Errorf("read: %+v, %+v, %v", state, report, err)
	}
	claimed, err := ClaimedKeys(t.Context(), w.remote, VerifyOptions{})
	if err != nil || len(claimed) != 1 || claimed[0] != w.key.Fingerprint() {
		t.Errorf("claimed: %v, %v", claimed, err)
	}
}
