package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// keyring is the GnuPG home that Argo CD's repo server makes anew at each start.
func (c *Cluster) keyring() string { return c.path("argocd", "gnupg") }

// checkKeyring says whether GnuPG can have its agent's socket for a keyring: in
// the user's runtime folder, else beside the keyring, where the address of a
// socket has at most 107 bytes (unix(7)).
func checkKeyring(keyring, runtime string) error {
	if _, err := os.Stat(runtime); err == nil {
		return nil
	}
	if socket := filepath.Join(keyring, "S.gpg-agent.browser"); len(socket) > 107 {
		return fmt.Errorf("the data folder's path is too long: %q has %d bytes, and a socket's address at most 107", socket, len(socket))
	}
	return nil
}

// freshKeyring gives the repo server an empty keyring. It would empty one itself,
// but ends with an error when a repo server that was killed left it half made,
// or when the agent of the one before is just noticing that its socket is gone.
func (c *Cluster) freshKeyring() error {
	if err := c.endKeyring(); err != nil {
		return err
	}
	if err := os.RemoveAll(c.keyring()); err != nil {
		return fmt.Errorf("empty Argo CD's keyring: %w", err)
	}
	if err := os.Mkdir(c.keyring(), 0o700); err != nil {
		return fmt.Errorf("make Argo CD's keyring: %w", err)
	}
	return nil
}

// endKeyring ends the agent that GnuPG left running for the keyring.
func (c *Cluster) endKeyring() error {
	if _, err := os.Stat(c.keyring()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if output, err := exec.CommandContext(ctx, "gpgconf", "--homedir", c.keyring(), "--kill", "all").CombinedOutput(); err != nil { //nolint:gosec // our own folder
		return fmt.Errorf("end Argo CD's keyring: %w\n%s", err, output)
	}
	return nil
}

var fingerprint = regexp.MustCompile(`^[0-9A-F]{40}$`)

// trust gives Argo CD the public key that stands in the repository under the
// trusted fingerprint, and waits until it verifies with it.
func (c *Cluster) trust(ctx context.Context, options InstallOptions) error {
	if !fingerprint.MatchString(options.Trust) {
		return fmt.Errorf("the trusted key is %q, not a fingerprint of 40 digits and capital letters", options.Trust)
	}
	key, err := publicKey(ctx, options)
	if err != nil {
		return err
	}
	id := options.Trust[24:]
	keys, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]string{"name": "argocd-gpg-keys-cm", "namespace": "argocd"},
		"data": map[string]string{id: key},
	})
	if err != nil {
		return fmt.Errorf("write the ConfigMap of the keys: %w", err)
	}
	// By another manager, so that it adds to the keys that are there.
	if _, err := c.KubectlInput(ctx, "admin", string(keys), "apply", "--server-side", "--field-manager=trust", "-f", "-"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("not within %s", startTime))
	defer cancel()
	return until(ctx, time.Second, func(ctx context.Context) error {
		if c.verifiesWith(ctx, options.Trust) {
			return nil
		}
		// Argo CD looks when a file appears. It may do so before it watches.
		if err := c.mountKey(id, key); err != nil {
			return err
		}
		return fmt.Errorf("the repo server does not know the key %s yet", options.Trust)
	})
}

// publicKey reads the armored key from a repository on this machine.
func publicKey(ctx context.Context, options InstallOptions) (string, error) {
	repository, err := url.Parse(options.Repository)
	if err != nil || repository.Scheme != "file" {
		return "", fmt.Errorf("the repository's URL is %q, not file:// and a path", options.Repository)
	}
	file := "main:keys/" + options.Trust + ".asc"
	output, err := exec.CommandContext(ctx, "git", "--git-dir", repository.Path, "show", file).Output() //nolint:gosec // the fingerprint is checked above
	if err != nil {
		return "", fmt.Errorf("read %s from %q: %w", file, repository.Path, err)
	}
	return string(output), nil
}

// mountKey does what a kubelet does for the ConfigMap. The file appears whole.
func (c *Cluster) mountKey(id, key string) error {
	partial := c.path("tmp", id)
	if err := writeFiles(filepath.Dir(partial), map[string]string{id: key}); err != nil {
		return err
	}
	if err := os.Rename(partial, c.path("argocd", "keys", id)); err != nil {
		return fmt.Errorf("give Argo CD the key %s: %w", id, err)
	}
	return nil
}

// verifiesWith says whether the key is in Argo CD's keyring and trusted.
func (c *Cluster) verifiesWith(ctx context.Context, fingerprint string) bool {
	list := exec.CommandContext(ctx, "gpg", "--homedir", c.keyring(), "--batch", "--no-auto-check-trustdb", "--with-colons", "--list-keys", fingerprint) //nolint:gosec // checked above
	output, err := list.Output()
	return err == nil && strings.Contains("\n"+string(output), "\npub:u:")
}
