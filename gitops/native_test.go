package gitops

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// native works on a repository with git and gpg alone, as somebody outside of
// Tenure would.
type native struct {
	testing.TB
	dir string   // the checkout
	env []string // with a GnuPG home of its own
}

// newNative clones a repository with git.
func newNative(t testing.TB, remote string) *native {
	t.Helper()
	for _, program := range []string{"git", "gpg"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is needed for this test; on Debian: apt-get install git gnupg", program)
		}
	}
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
	out, err := n.try(stdin, program, args...)
	if err != nil {
		n.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

func (n *native) try(stdin string, program string, args ...string) (string, error) {
	command := exec.CommandContext(n.Context(), program, args...)
	if _, err := os.Stat(n.dir); err == nil {
		command.Dir = n.dir
	}
	command.Env, command.Stdin = n.env, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		return out.String() + errs.String(), fmt.Errorf("%w: %s", err, errs.String())
	}
	return out.String(), nil
}

func (n *native) git(args ...string) string {
	n.Helper()
	return strings.TrimSpace(n.run("", "git", args...))
}

// write puts a file into the checkout.
func (n *native) write(path, content string) {
	n.Helper()
	full := filepath.Join(n.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		n.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		n.Fatal(err)
	}
}

func (n *native) read(path string) string {
	n.Helper()
	data, err := os.ReadFile(filepath.Join(n.dir, path))
	if err != nil {
		n.Fatal(err)
	}
	return string(data)
}

// apply writes the files of a change, and removes those that go.
func (n *native) apply(files []workflow.FileChange) {
	n.Helper()
	for _, f := range files {
		if f.After == nil {
			n.git("rm", "-q", "-f", f.Path)
			continue
		}
		n.write(f.Path, string(f.After))
	}
}

// generate makes a key of gpg's own.
func (n *native) generate(name string) (fingerprint string) {
	n.Helper()
	n.run("", "gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "never")
	for line := range strings.SplitSeq(n.run("", "gpg", "--list-keys", "--with-colons", name), "\n") {
		if rest, found := strings.CutPrefix(line, "fpr:::::::::"); found {
			return strings.TrimSuffix(rest, ":")
		}
	}
	n.Fatal("gpg made no key")
	return ""
}

// steal imports Tenure's private key into gpg.
func (n *native) steal(key *SigningKey) (fingerprint string) {
	n.Helper()
	private, err := key.PrivateKey()
	if err != nil {
		n.Fatal(err)
	}
	n.run(string(private), "gpg", "--batch", "--quiet", "--import")
	return key.Fingerprint()
}

// commit commits everything in the checkout and pushes it. An empty key leaves
// the commit unsigned.
func (n *native) commit(key, message string) string {
	n.Helper()
	n.git("add", "-A")
	args := []string{"commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-"}
	if key != "" {
		args = append([]string{"-c", "user.signingkey=" + key}, append(args, "-S")...)
	}
	n.run(message, "git", args...)
	n.git("push", "-q", "origin", "HEAD:main")
	return n.git("rev-parse", "HEAD")
}

// text encodes a message, as it would stand in a commit of Tenure's.
func text(t testing.TB, m workflow.CommitMessage) string {
	t.Helper()
	encoded, err := EncodeMessage(m)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}
