package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/gitops"
)

// native works on a repository with git and gpg alone, as somebody outside of
// Tenure would.
type native struct {
	testing.TB
	dir string // the checkout
	env []string
}

// newNative clones a repository with git.
func newNative(t testing.TB, remote string) *native {
	t.Helper()
	home, err := os.MkdirTemp("", "gpg") // short, because the path of a socket is bounded
	if err != nil {
		t.Fatal(err)
	}
	n := &native{TB: t, dir: filepath.Join(t.TempDir(), "checkout")}
	n.env = append(os.Environ(), "GNUPGHOME="+home, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=Mallory", "GIT_AUTHOR_EMAIL=mallory@example.com", "GIT_COMMITTER_NAME=Mallory", "GIT_COMMITTER_EMAIL=mallory@example.com")
	t.Cleanup(func() {
		stop := exec.Command("gpgconf", "--kill", "gpg-agent") // the agent of this home only
		stop.Env = n.env
		if out, err := stop.CombinedOutput(); err != nil {
			t.Logf("stop gpg-agent: %v: %s", err, out)
		}
		if err := os.RemoveAll(home); err != nil {
			t.Log(err)
		}
	})
	n.run("", "git", "clone", "-q", remote, n.dir)
	return n
}

// run runs a program in the checkout, or elsewhere before there is one.
func (n *native) run(stdin string, program string, args ...string) string {
	n.Helper()
	command := exec.CommandContext(n.Context(), program, args...)
	if _, err := os.Stat(n.dir); err == nil {
		command.Dir = n.dir
	}
	command.Env, command.Stdin = n.env, strings.NewReader(stdin)
	out, err := command.CombinedOutput()
	if err != nil {
		n.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (n *native) git(args ...string) string {
	n.Helper()
	return n.run("", "git", args...)
}

func (n *native) read(path string) string {
	n.Helper()
	return readFile(n, filepath.Join(n.dir, path))
}

func (n *native) write(path, content string) {
	n.Helper()
	full := filepath.Join(n.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
		n.Fatal(err)
	}
	writeFile(n, full, content)
}

// replace changes one place of a file.
func (n *native) replace(path, old, text string) {
	n.Helper()
	content := n.read(path)
	if strings.Count(content, old) != 1 {
		n.Fatalf("%q does not stand once in %s", old, path)
	}
	n.write(path, strings.Replace(content, old, text, 1))
}

// steal imports Tenure's private key into gpg.
func (n *native) steal(key *gitops.SigningKey) {
	n.Helper()
	private, err := key.PrivateKey()
	if err != nil {
		n.Fatal(err)
	}
	n.run(string(private), "gpg", "--batch", "--quiet", "--import")
}

// push commits everything in the checkout and pushes it. An empty key leaves
// the commit unsigned.
func (n *native) push(key, message string) (commit string) {
	n.Helper()
	n.git("add", "-A")
	args := []string{"commit", "-q", "--cleanup=verbatim", "-F", "-"}
	if key != "" {
		args = append([]string{"-c", "user.signingkey=" + key}, append(args, "-S")...)
	}
	n.run(message, "git", args...)
	n.git("push", "-q", "origin", "HEAD:main")
	return n.git("rev-parse", "HEAD")
}

// head is the commit that a bare repository's branch is at.
func head(t testing.TB, remote string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "-C", remote, "rev-parse", "refs/heads/main").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// show reads a file of a bare repository, of its branch or of a commit.
func show(t testing.TB, remote, revision, path string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "-C", remote, "show", revision+":"+path).Output()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return string(out)
}
