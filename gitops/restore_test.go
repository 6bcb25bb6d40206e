package gitops

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestForeignCommitsAreUndoneAndNamedBeforeAGrant(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	n := newNative(t, w.remote)
	n.write("approved/search.yaml", strings.Replace(n.read("approved/search.yaml"), "\"64\"", "\"640\"", 1))
	n.write("README.md", "How we deploy\n")
	first := n.commit("", "Give us more\n\nTenure-Act: grant\nTenure-Request: 42\n")
	n.write("clusters/weu-1/search/new\nline/x.yaml", "a: b\n")
	n.write("docs/a.md", "text\n")
	second := n.commit("", "And more\n")

	commit := w.commit(r, "payments", "payments-api-dev", 42)

	n.git("pull", "-q")
	restore := n.git("rev-parse", "HEAD~1")
	if head := n.git("rev-parse", "HEAD"); head != commit || n.git("rev-parse", "HEAD~2") != second {
		t.Fatalf("the history is %s", n.git("log", "--oneline"))
	}
	body := n.git("log", "-1", "--format=%B", restore)
	for _, want := range []string{"commit " + first, "approved/search.yaml", "README.md", "commit " + second, `"clusters/weu-1/search/new\nline/x.yaml"`, "Tenure-Act: restore", "Tenure-Restores: " + w.root} {
		if !strings.Contains(body, want) {
			t.Errorf("the restore does not say %q:\n%s", want, body)
		}
	}
	if changed := n.git("diff", "--name-only", w.root, restore); changed != "README.md\ndocs/a.md" {
		t.Errorf("after the restore these differ from the verified commit: %q", changed)
	}
	if h := r.Health(); h.Problem != "" || h.Verified != commit {
		t.Errorf("health: %+v", h)
	}
	if got, _, err := w.open().Find(t.Context(), w.root, 42); err != nil || got != commit {
		t.Errorf("the forged grant was taken for the real one: %s, %v", got, err)
	}
	report := w.verify()
	if report.OK() || report.Verified != commit {
		t.Errorf("the auditor is not told: %+v", report)
	}
	for _, o := range report.Objections {
		if o.Commit != first && o.Commit != second {
			t.Errorf("an objection to a commit of ours: %v", o)
		}
	}
}

func TestARestoreThatKeepsSomethingIsRefused(t *testing.T) {
	w := newWorld(t)
	n := newNative(t, w.remote)
	n.write("approved/evil.yaml", "a: b\n")
	n.commit("", "Only a file\n")
	key := n.steal(w.key)
	for name, message := range map[string]workflow.CommitMessage{
		"it leaves the foreign file": {Act: workflow.ActRestore, Subject: "Restore", Restores: w.root},
		"it names another commit":    {Act: workflow.ActRestore, Subject: "Restore", Restores: n.git("rev-parse", "HEAD")},
	} {
		n.write("docs/note.md", name)
		commit := n.commit(key, text(t, message))
		if report := w.verify(); report.Verified != w.root || !objected(report, commit, attack{}) {
			t.Errorf("%s: %+v", name, report)
		}
	}
	if state := w.state(w.open()); state.Commit != w.root {
		t.Errorf("%s is served", state.Commit)
	}
}

func TestARestoreMadeByHandWithTheTrustedKeyIsAccepted(t *testing.T) {
	w := newWorld(t)
	n := newNative(t, w.remote)
	n.write("approved/evil.yaml", "a: b\n")
	n.write("README.md", "stays\n")
	n.commit("", "Only a file\n")
	n.git("rm", "-q", "approved/evil.yaml")
	commit := n.commit(n.steal(w.key), text(t, workflow.CommitMessage{Act: workflow.ActRestore, Subject: "Restore", Restores: w.root}))
	if report := w.verify(); report.Verified != commit {
		t.Errorf("verify: %+v", report)
	}
}

func TestAKeyIsTrustedFromWhereItWasSignedIn(t *testing.T) {
	w := newWorld(t)
	n := newNative(t, w.remote)
	old, next := n.steal(w.key), n.generate("Next")
	before := plan(t, w.state(w.open()), "payments", "payments-api-dev", 42)
	rules := Rules{Trust: []string{old, next}}
	judge := func() Report {
		report, err := Verify(t.Context(), w.remote, VerifyOptions{Rules: rules})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}

	n.write(keyPath(next), n.run("", "gpg", "--armor", "--export", next))
	n.git("rm", "-q", keyPath(old))
	rotation := n.commit(old, text(t, workflow.CommitMessage{Act: workflow.ActRotateKey, Subject: "The next key"}))
	if report := judge(); !report.OK() || report.Verified != rotation {
		t.Fatalf("the rotation: %+v", report)
	}
	n.apply(before.files)
	granted := n.commit(next, text(t, before.message))
	if report := judge(); !report.OK() || report.Verified != granted {
		t.Fatalf("a grant by the new key: %+v", report)
	}
	n.write("README.md", "by the old key\n")
	late := n.commit(old, text(t, workflow.CommitMessage{Act: workflow.ActRotateKey, Subject: "Back"}))
	if report := judge(); !objected(report, late, attack{says: "not trusted at this place"}) {
		t.Errorf("the old key still counts: %+v", report)
	}
	if report := w.verify(); report.Verified != w.root {
		t.Errorf("a key that is not pinned was learned from the repository: %+v", report)
	}
}
