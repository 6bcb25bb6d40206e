package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tenure.dev/gitops"
)

// platform is a data folder with a policy to begin with.
type platform struct {
	testing.TB
	data, remote, policy string
}

func newPlatform(t testing.TB) platform {
	t.Helper()
	folder := t.TempDir()
	p := platform{t, filepath.Join(folder, "data"), filepath.Join(folder, "gitops.git"), filepath.Join(folder, "policy.yaml")}
	writeFile(t, p.policy, readFile(t, "../../deploy/policy.yaml"))
	return p
}

func (p platform) init(also ...string) result {
	p.Helper()
	return tenure(p, append([]string{"init", "--data", p.data, "--repository", p.remote, "--policy", p.policy}, also...)...)
}

func (p platform) key() *gitops.SigningKey {
	p.Helper()
	key, err := gitops.LoadSigningKey(filepath.Join(p.data, "signing-key.asc"), nil)
	if err != nil {
		p.Fatal(err)
	}
	return key
}

func TestInitMakesTheRepositoryTheKeyAndThePin(t *testing.T) {
	p := newPlatform(t)
	p.init().want(t, 0, "Made "+p.remote+" at commit ", "")
	fingerprint := p.key().Fingerprint()
	for name, mode := range map[string]os.FileMode{"signing-key.asc": 0o600, "tenure.env": 0o600, ".": 0o700} {
		info, err := os.Stat(filepath.Join(p.data, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != mode {
			t.Errorf("%s has the mode %v, want %v", name, info.Mode().Perm(), mode)
		}
	}
	if env := readFile(t, envFile(p.data)); !strings.Contains(env, "\nTENURE_TRUST="+fingerprint+"\n") {
		t.Errorf("tenure.env does not pin %s:\n%s", fingerprint, env)
	}
	tenure(t, "verify", p.remote, "--trust", fingerprint).want(t, 0, "Proved: 1 commit up to", "")
	if show(t, p.remote, "main", "policy.yaml") != readFile(t, p.policy) {
		t.Error("the policy is not committed as it was given")
	}
	// Nobody needs Tenure to see who signed.
	n := newNative(t, p.remote)
	n.run(show(t, p.remote, "main", "keys/"+fingerprint+".asc"), "gpg", "--batch", "--quiet", "--import")
	n.git("verify-commit", "HEAD")
}

func TestASecondInitRefusesAndChangesNothing(t *testing.T) {
	p := newPlatform(t)
	p.init().want(t, 0, "", "")
	repository, data := listing(t, p.remote), listing(t, p.data)
	p.init().want(t, 2, "", "the repository already has commits")
	// Nor from elsewhere, with another key.
	other := newPlatform(t)
	other.remote = p.remote
	other.init().want(t, 2, "", "the repository already has commits")
	if _, err := os.Stat(envFile(other.data)); !os.IsNotExist(err) {
		t.Errorf("a key that signed nothing was pinned: %v", err)
	}
	if listing(t, p.remote) != repository || listing(t, p.data) != data {
		t.Error("something changed")
	}
}

func TestInitRefusesAPolicyNamingFileAndLine(t *testing.T) {
	for name, c := range map[string]struct{ old, text, says string }{
		"that does not parse":       {"  fallback: admin", "  fallback: [admin", `policy\.yaml:\d+: not YAML`},
		"with an unknown field":     {"  fallback: admin", "  fallbakc: admin", `policy\.yaml:\d+: spec\.fallbakc`},
		"with no admin":             {"    admin:\n", "    security2:\n", `policy\.yaml:\d+: spec\.reviewers\.admin: at least one admin is needed`},
		"with an unknown rule":      {"trusted-registry:", "trusted-registries:", `policy\.yaml:\d+: spec\.rules`},
		"with a parameter not good": {`"mcr.microsoft.com/*"`, `"mcr.microsoft.com/*/x:1"`, `policy\.yaml:\d+: spec\.rules\.trusted-registry\.images\[1\]`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t)
			policy := readFile(t, p.policy)
			if strings.Count(policy, c.old) != 1 {
				t.Fatalf("%q does not stand once in the policy", c.old)
			}
			writeFile(t, p.policy, strings.Replace(policy, c.old, c.text, 1))
			got := p.init()
			got.want(t, 2, "", "")
			if !regexp.MustCompile(c.says).MatchString(got.err) {
				t.Errorf("it says, want %s:\n%s", c.says, got.err)
			}
			for _, path := range []string{p.remote, envFile(p.data)} {
				if _, err := os.Stat(path); !os.IsNotExist(err) {
					t.Errorf("%s was made all the same: %v", path, err)
				}
			}
			// What was refused can be mended and tried again.
			writeFile(t, p.policy, policy)
			p.init().want(t, 0, "Made ", "")
		})
	}
}

func TestInitSaysWhatItNeeds(t *testing.T) {
	p := newPlatform(t)
	tenure(t, "init", "--data", p.data, "--policy", p.policy).want(t, 2, "", "--repository is needed")
	tenure(t, "init", "--data", p.data, "--repository", p.remote).want(t, 2, "", "policy")
	p.policy += ".absent"
	p.init().want(t, 2, "", "policy.yaml.absent")
	p.remote = "https://me:hunter2@example.invalid/x"
	got := p.init()
	got.want(t, 2, "", "holds a password")
	if strings.Contains(got.err, "hunter2") {
		t.Errorf("a password was printed: %s", got.err)
	}
	if _, err := os.Stat(p.data); !os.IsNotExist(err) {
		t.Errorf("the data folder was made all the same: %v", err)
	}
}

func TestInitLeavesAConfigurationThatIsThereToItsOwner(t *testing.T) {
	p := newPlatform(t)
	if err := os.Mkdir(p.data, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, envFile(p.data), "TENURE_CLUSTER=weu-1\n")
	got := p.init()
	got.want(t, 2, "", "write TENURE_TRUST="+p.key().Fingerprint()+" into it yourself")
	if readFile(t, envFile(p.data)) != "TENURE_CLUSTER=weu-1\n" {
		t.Error("it was changed")
	}
}

func TestAPassphraseEncryptsTheKeyAndIsNotPrinted(t *testing.T) {
	p := newPlatform(t)
	t.Setenv("TENURE_SIGNING_KEY_PASSPHRASE", "correct horse")
	first := p.init()
	first.want(t, 0, "Made ", "")
	key := filepath.Join(p.data, "signing-key.asc")
	if _, err := gitops.LoadSigningKey(key, nil); err == nil {
		t.Error("the key opens without a passphrase")
	}
	t.Setenv("TENURE_SIGNING_KEY_PASSPHRASE", "wrong donkey")
	second := p.init()
	second.want(t, 2, "", "the passphrase does not open it")
	if text := first.out + first.err + second.out + second.err; strings.Contains(text, "horse") || strings.Contains(text, "donkey") {
		t.Errorf("a passphrase was printed:\n%s", text)
	}
}
