package gitops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

const (
	paymentsDocument = "approved/payments.yaml"
	paymentsArgoCD   = "argocd/payments.yaml"
	paymentsFolder   = "clusters/weu-1/payments/.gitkeep"
	paymentsManifest = "clusters/weu-1/payments/payments-api-dev/10-resourcequota.yaml"
)

// attack is something done to the repository with git and gpg, outside of
// Tenure's code. The grant is one that would be in order.
type attack struct {
	do   func(n *native, w *world, g grant) (commit string)
	path string // where an objection must be
	says string // and what it must say
}

// attacks are refused, each naming commit and path.
var attacks = map[string]attack{
	"a signature by an unknown key": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			return n.commit(n.generate("Mallory"), text(n, g.message))
		},
		path: paymentsManifest, says: "not trusted at this place in history",
	},
	"one byte changed in a manifest": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write(paymentsManifest, strings.Replace(n.read(paymentsManifest), "limits.cpu: \"2\"", "limits.cpu: \"9\"", 1))
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsManifest, says: "is not what renderer " + manifest.RendererVersion + " makes of the tenancy",
	},
	"a manifest changed without an act": {
		do: func(n *native, w *world, _ grant) string {
			n.write("clusters/weu-1/payments/x/y.yaml", "kind: Namespace\n")
			return n.commit(n.steal(w.key), "Just a little thing\n")
		},
		path: "clusters/weu-1/payments/x/y.yaml", says: "no trailers",
	},
	"a forged approver": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			g.message.ApprovedBy[1].Person = person(9, "Sam Security")
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsDocument, says: "is not in the register of security reviewers",
	},
	"an approval by the requester": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			g.message.ApprovedBy[0].Person = dana
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsDocument, says: "approved their own request",
	},
	"a grant without a request": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			g.message.Request = 0
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsDocument, says: "names no request",
	},
	"a grant that was approved for something else": {
		do: func(n *native, w *world, g grant) string {
			other := plan(n, w.state(w.open()), "payments", "payments-web-dev", 42)
			n.apply(other.files)
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsDocument, says: "is not the change that was committed",
	},
	"an unsigned commit": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			return n.commit("", text(n, g.message))
		},
		path: paymentsDocument, says: "is not signed",
	},
	"a merge": {
		do: func(n *native, w *world, g grant) string {
			key := n.steal(w.key)
			n.git("checkout", "-q", "-b", "side")
			n.apply(g.files)
			n.git("add", "-A")
			n.git("commit", "-q", "-m", "On the side")
			n.git("checkout", "-q", "main")
			n.git("merge", "-q", "--no-ff", "--no-commit", "side")
			return n.commit(key, text(n, g.message))
		},
		path: paymentsDocument, says: "has 2 parents",
	},
	"a policy that does not parse": {
		do: func(n *native, w *world, _ grant) string {
			n.write("policy.yaml", strings.Replace(n.read("policy.yaml"), "fallback: admin", "fallback: [admin", 1))
			return n.commit(n.steal(w.key), "Change the fallback\n")
		},
		path: "policy.yaml", says: "",
	},
	"a policy changed by a grant": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write("policy.yaml", strings.Replace(n.read("policy.yaml"), "mode: deny", "mode: off", 1))
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: "policy.yaml", says: "whose file it is not",
	},
	"another tenant's file in a grant": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write("clusters/weu-1/search/search-dev/00-namespace.yaml", "a: b\n")
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: "clusters/weu-1/search/search-dev/00-namespace.yaml", says: "whose file it is not",
	},
	"a manifest that follows from nothing": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write("clusters/weu-1/payments/payments-api-dev/99-backdoor.yaml", "a: b\n")
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: "clusters/weu-1/payments/payments-api-dev/99-backdoor.yaml", says: "does not follow from the tenancy",
	},
	"a tenant's project that reads more": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write(paymentsArgoCD, strings.Replace(n.read(paymentsArgoCD), "  sourceRepos:\n", "  sourceRepos:\n  - \"*\"\n", 1))
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsArgoCD, says: "is not what renderer " + manifest.RendererVersion + " makes of the tenancy",
	},
	"an Application more in a tenant's file": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write(paymentsArgoCD, n.read(paymentsArgoCD)+"---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\n")
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsArgoCD, says: "is not what renderer " + manifest.RendererVersion + " makes of the tenancy",
	},
	"a tenant's project left as it was": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.git("checkout", "-q", "HEAD", "--", paymentsArgoCD)
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsArgoCD, says: "is missing or old",
	},
	"a tenant's project removed": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.git("rm", "-q", "-f", paymentsArgoCD)
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsArgoCD, says: "is removed, and follows from the tenancy",
	},
	"another tenant's project in a grant": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write("argocd/search.yaml", strings.Replace(n.read("argocd/search.yaml"), "  project: tenure", "  project: default", 1))
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: "argocd/search.yaml", says: "whose file it is not",
	},
	"a file in argocd that is nobody's": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write("argocd/everything.yaml", "kind: Application\n")
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: "argocd/everything.yaml", says: "whose file it is not",
	},
	"a file in a folder of argocd": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write("argocd/payments/more.yaml", "kind: Application\n")
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: "argocd/payments/more.yaml", says: "whose file it is not",
	},
	"a file in argocd without an act": {
		do: func(n *native, w *world, _ grant) string {
			n.write("argocd/everything.yaml", "kind: Application\n")
			return n.commit("", "Only an Application\n")
		},
		path: "argocd/everything.yaml", says: "is not signed",
	},
	"a tenant's folder that would go when it is empty": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.git("rm", "-q", "-f", paymentsFolder)
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsFolder, says: "is removed, and follows from the tenancy",
	},
	"another text in the file that keeps a folder": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write(paymentsFolder, "hello\n")
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsFolder, says: "is not what renderer",
	},
	"a manifest left out": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			if err := os.Remove(filepath.Join(n.dir, paymentsManifest)); err != nil {
				n.Fatal(err)
			}
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: paymentsManifest, says: "is missing or old",
	},
	"a symbolic link in place of a tenancy": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			if err := os.Remove(filepath.Join(n.dir, "approved/search.yaml")); err != nil {
				n.Fatal(err)
			}
			if err := os.Symlink("payments.yaml", filepath.Join(n.dir, "approved/search.yaml")); err != nil {
				n.Fatal(err)
			}
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: "approved/search.yaml", says: "is not a plain file",
	},
	"attributes that change a checkout": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			n.write(".gitattributes", "*.yaml filter=evil\n")
			return n.commit(n.steal(w.key), text(n, g.message))
		},
		path: ".gitattributes", says: "whose file it is not",
	},
	"a restore of nothing": {
		do: func(n *native, w *world, _ grant) string {
			n.write("README.md", "hello\n")
			return n.commit(n.steal(w.key), text(n, workflow.CommitMessage{Act: workflow.ActRestore, Subject: "Restore", Restores: w.root}))
		},
		path: "README.md", says: "nothing to restore",
	},
	"a second init": {
		do: func(n *native, w *world, g grant) string {
			n.apply(g.files)
			return n.commit(n.steal(w.key), text(n, workflow.CommitMessage{Act: workflow.ActInit, Subject: "Begin again", Renderer: manifest.RendererVersion}))
		},
		path: paymentsDocument, says: "only the first commit",
	},
	"a key that a stranger signs in": {
		do: func(n *native, w *world, _ grant) string {
			key := n.generate("Mallory")
			n.write(keyPath(key), n.run("", "gpg", "--armor", "--export", key))
			return n.commit(key, text(n, workflow.CommitMessage{Act: workflow.ActRotateKey, Subject: "A new key"}))
		},
		path: "keys/", says: "not trusted at this place in history",
	},
	"a key under another's name": {
		do: func(n *native, w *world, _ grant) string {
			n.write(keyPath(strings.Repeat("AB", 20)), n.run("", "gpg", "--armor", "--export", n.generate("Mallory")))
			return n.commit(n.steal(w.key), text(n, workflow.CommitMessage{Act: workflow.ActRotateKey, Subject: "A new key"}))
		},
		path: keyPath(strings.Repeat("AB", 20)), says: "so it must be called",
	},
	"a private key": {
		do: func(n *native, w *world, _ grant) string {
			key := n.generate("Careless")
			n.write(keyPath(key), n.run("", "gpg", "--batch", "--armor", "--export-secret-keys", key))
			return n.commit(n.steal(w.key), text(n, workflow.CommitMessage{Act: workflow.ActRotateKey, Subject: "A new key"}))
		},
		path: "keys/", says: "holds a private key",
	},
	"a rotation that takes the last trusted key": {
		do: func(n *native, w *world, _ grant) string {
			n.git("rm", "-q", keyPath(w.key.Fingerprint()))
			return n.commit(n.steal(w.key), text(n, workflow.CommitMessage{Act: workflow.ActRotateKey, Subject: "No key at all"}))
		},
		path: "keys/", says: "leaves no trusted key",
	},
	"a header that no proof covers": {
		do: func(n *native, w *world, g grant) string {
			w.commit(w.open(), "payments", "payments-api-dev", 42)
			n.git("pull", "-q")
			raw := n.run("", "git", "cat-file", "commit", "HEAD")
			parent := n.git("rev-parse", "HEAD")
			raw = strings.Replace(raw, "parent "+w.root, "parent "+parent, 1)
			raw = strings.Replace(raw, "\ngpgsig ", "\nencoding latin-1\ngpgsig ", 1)
			commit := strings.TrimSpace(n.run(raw, "git", "hash-object", "-t", "commit", "-w", "--stdin"))
			n.git("push", "-q", "origin", commit+":main")
			return commit
		},
		path: "", says: "header \"encoding\"",
	},
	"a signature taken from another commit": {
		do: func(n *native, w *world, g grant) string {
			raw := n.run("", "git", "cat-file", "commit", "HEAD")
			n.apply(g.files)
			n.git("add", "-A")
			tree := n.git("write-tree")
			_, rest, _ := strings.Cut(raw, "\n")
			commit := strings.TrimSpace(n.run("tree "+tree+"\nparent "+w.root+"\n"+rest, "git", "hash-object", "-t", "commit", "-w", "--stdin"))
			n.git("push", "-q", "origin", commit+":main")
			return commit
		},
		path: paymentsDocument, says: "the signature does not hold",
	},
}

func TestWhatDoesNotProveIsRefusedNamingCommitAndPath(t *testing.T) {
	for name, a := range attacks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.open()
			served := w.state(r)
			n := newNative(t, w.remote)
			commit := a.do(n, w, plan(t, served, "payments", "payments-api-dev", 42))

			report := w.verify()
			if !objected(report, commit, a) {
				t.Errorf("no objection to %s names %q and says %q: %v", commit, a.path, a.says, report.Objections)
			}
			if err := r.Refresh(t.Context()); err == nil {
				t.Error("refresh has no objection")
			}
			if state := w.state(r); state.Commit != report.Verified || state.Policy.Fallback != served.Policy.Fallback {
				t.Errorf("%s is served, want the last verified %s", state.Commit, report.Verified)
			}
			h := r.Health()
			if h.Head != commit || h.Verified != report.Verified || !strings.Contains(h.Problem, commit) || h.Location == "" {
				t.Errorf("health does not name the commit: %+v", h)
			}
			w.commit(r, "search", "search-dev", 99)
			if state := w.state(w.open()); len(state.Tenancies["search"].Namespaces) != 1 {
				t.Error("nothing can be granted after it")
			}
		})
	}
}

func objected(report Report, commit string, a attack) bool {
	for _, o := range report.Objections {
		if o.Commit == commit && strings.HasPrefix(o.Path, a.path) && strings.Contains(o.Message, a.says) {
			return true
		}
	}
	return false
}

func TestHealthNamesTheLineOfAPolicyThatDoesNotParse(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	n := newNative(t, w.remote)
	n.write("policy.yaml", strings.Replace(n.read("policy.yaml"), "  fallback: admin", "  fallback: nobody", 1))
	n.commit("", "Change the fallback\n")
	if err := r.Refresh(t.Context()); err == nil {
		t.Fatal("refresh has no objection")
	}
	if h := r.Health(); h.Location != "policy.yaml:23" {
		t.Errorf("the location is %q, want policy.yaml:23", h.Location)
	}
	if state := w.state(r); state.Policy.Fallback != workflow.RoleAdmin {
		t.Error("the last good policy is not served")
	}
}

func TestAGrantSignedOnTopOfAForeignCommitIsForeignToo(t *testing.T) {
	w := newWorld(t)
	g := plan(t, w.state(w.open()), "payments", "payments-api-dev", 42)
	n := newNative(t, w.remote)
	n.write("approved/evil.yaml", "a: b\n")
	foreign := n.commit("", "Only a file\n")
	n.apply(g.files)
	onTop := n.commit(n.steal(w.key), text(t, g.message))
	report := w.verify()
	if !objected(report, foreign, attack{path: "approved/evil.yaml", says: "is not signed"}) {
		t.Errorf("no objection to the unsigned commit: %v", report.Objections)
	}
	if !objected(report, onTop, attack{path: paymentsDocument, says: "stands on commit " + foreign}) {
		t.Errorf("no objection to the grant on top of it: %v", report.Objections)
	}
	if report.Verified != w.root {
		t.Errorf("verified up to %s, want the root", report.Verified)
	}
}

func TestARewrittenBranchIsNeitherReadNorWritten(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "clone")
	r := w.openAt(w.remote, dir)
	good := w.commit(r, "payments", "payments-api-dev", 42)
	n := newNative(t, w.remote)
	n.git("push", "-q", "--force", "origin", w.root+":main") // an older state, signed in order
	for name, r := range map[string]*Repository{"running": r, "restarted": w.openAt(w.remote, dir)} {
		err := r.Refresh(t.Context())
		if err == nil || !strings.Contains(err.Error(), "rewritten") {
			t.Errorf("%s: refresh says %v", name, err)
		}
		state := w.state(r)
		if state.Commit != good {
			t.Errorf("%s: %s is served, want %s", name, state.Commit, good)
		}
		g := plan(t, state, "search", "search-dev", 43)
		if _, err := r.Commit(t.Context(), good, g.files, g.message); err == nil {
			t.Errorf("%s: a commit was made", name)
		}
	}
	if head := w.verify().Head; head != w.root {
		t.Errorf("the branch was moved to %s", head)
	}
}
