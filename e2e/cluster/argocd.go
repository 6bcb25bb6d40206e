package cluster

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// prepareArgoCD makes the folders that Argo CD looks into.
func (c *Cluster) prepareArgoCD() error {
	if err := checkKeyring(c.keyring(), fmt.Sprintf("/run/user/%d", os.Getuid())); err != nil {
		return fmt.Errorf("prepare Argo CD: %w", err)
	}
	for _, name := range []string{"keys", "tls", "ssh", "redis"} {
		if err := os.MkdirAll(c.path("argocd", name), 0o700); err != nil {
			return fmt.Errorf("prepare Argo CD: %w", err)
		}
	}
	return nil
}

// argoCDParts are Redis, the repo server and the application controller. Argo
// CD's own server, its API and web pages, is not among them.
func (c *Cluster) argoCDParts() []Part {
	redis, repo := address(c.ports.redis), address(c.ports.repoServer)
	repoMetrics := "http://" + address(c.ports.repoServerMetrics)
	resync := strconv.Itoa(c.config.Resync)
	return []Part{
		{
			Name: Redis, Path: "redis-server", Dir: c.path("argocd", "redis"),
			Args:  []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(c.ports.redis), "--save", "", "--appendonly", "no"},
			Ready: pongs(redis),
		},
		{
			Name: RepoServer, Path: c.bin.ArgoCD, Env: c.argoCDEnv("argocd-repo-server"), Prepare: c.freshKeyring,
			Args: []string{
				"--redis", redis, "--address", "127.0.0.1", "--port", strconv.Itoa(c.ports.repoServer),
				"--metrics-address", "127.0.0.1", "--metrics-port", strconv.Itoa(c.ports.repoServerMetrics),
				"--disable-tls", "--client-ca-path", "",
				// Otherwise it answers with the branch's head of up to three minutes ago.
				"--revision-cache-expiration", resync + "s",
			},
			// Without "full" it answers before the keyring is made, which may fail.
			Ready: c.answers(repoMetrics + "/healthz?full=true"),
		},
		{
			Name: ApplicationController, Path: c.bin.ArgoCD, Env: c.argoCDEnv("argocd-application-controller"),
			Args: []string{
				"--namespace", "argocd", "--redis", redis,
				"--repo-server", repo, "--repo-server-plaintext", "--metrics-port", strconv.Itoa(c.ports.applicationControllers),
				"--app-resync", resync, "--app-resync-jitter", "0",
				// Self-heal goes on at once and does not slow down to minutes, so that
				// who watches it need not wait.
				"--self-heal-backoff-timeout-seconds", "1", "--self-heal-backoff-factor", "1", "--self-heal-backoff-cap-seconds", resync,
			},
			Ready: c.answers("http://" + address(c.ports.applicationControllers) + "/healthz"),
		},
	}
}

func (c *Cluster) argoCDEnv(binary string) []string {
	return []string{
		"ARGOCD_BINARY_NAME=" + binary,
		// https://kubernetes.default.svc is the cluster of the kubeconfig.
		"ARGOCD_FAKE_IN_CLUSTER=true",
		"KUBECONFIG=" + c.Kubeconfig("argocd"),
		"ARGOCD_SYNC_WAVE_DELAY=0", // it waits for each wave's objects, but not two seconds more
		"ARGOCD_GPG_ENABLED=true",
		"ARGOCD_GNUPGHOME=" + c.keyring(),
		"ARGOCD_GPG_DATA_PATH=" + c.path("argocd", "keys"),
		"ARGOCD_TLS_DATA_PATH=" + c.path("argocd", "tls"),
		"ARGOCD_SSH_DATA_PATH=" + c.path("argocd", "ssh"),
		"TMPDIR=" + c.path("tmp"),
		"PATH=" + filepath.Join(c.bin.ArgoCDFiles, "bin") + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	}
}

// argoCDManifests are applied of Argo CD's own. ApplicationSets are left out:
// their controller is not run here, and their definition alone costs the API
// server as much time and memory as everything else together.
var argoCDManifests = []string{
	"crds/application-crd.yaml", "crds/appproject-crd.yaml",
	"config/argocd-cm.yaml", "config/argocd-cmd-params-cm.yaml", "config/argocd-rbac-cm.yaml", "config/argocd-secret.yaml",
	"config/argocd-gpg-keys-cm.yaml", "config/argocd-ssh-known-hosts-cm.yaml", "config/argocd-tls-certs-cm.yaml",
	"roles/argocd-application-controller-clusterrole.yaml", "roles/argocd-application-controller-clusterrolebinding.yaml",
}

// settings are what Argo CD needs beyond its manifests.
const settings = `apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm}
data:
  application.sync.impersonation.enabled: "true"
---
apiVersion: v1
kind: Secret
metadata: {name: argocd-secret}
data:
  server.secretkey: `

// bootstrap makes the namespaces that a platform has and, with Argo CD,
// installs its definitions, configuration and roles from its own manifests.
func (c *Cluster) bootstrap(ctx context.Context) error {
	err := writeFiles(c.path("bootstrap"), map[string]string{
		"namespaces.yaml": platformNamespaces("argocd", "ingress-nginx", "monitoring", "tenure-system"),
		"settings.yaml":   settings + base64.StdEncoding.EncodeToString([]byte(rand.Text())) + "\n",
	})
	if err != nil {
		return err
	}
	apply := []string{"--namespace=argocd", "apply", "--server-side", "--force-conflicts"}
	first := append(slices.Clone(apply), "--filename", c.path("bootstrap", "namespaces.yaml"))
	if c.config.ArgoCD {
		for _, name := range argoCDManifests {
			first = append(first, "--filename", filepath.Join(c.bin.ArgoCDFiles, name))
		}
	}
	if _, err := c.Kubectl(ctx, "admin", first...); err != nil {
		return fmt.Errorf("set up the namespaces: %w", err)
	}
	if !c.config.ArgoCD {
		return nil
	}
	// By another manager, so that it adds to what the manifests say.
	then := append(slices.Clone(apply), "--field-manager=settings", "--filename", c.path("bootstrap", "settings.yaml"))
	if _, err := c.Kubectl(ctx, "admin", then...); err != nil {
		return fmt.Errorf("set up Argo CD: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("not within %s", startTime))
	defer cancel()
	// By kubectl, which finds kinds by discovery, and that lags behind.
	err = until(ctx, 100*time.Millisecond, func(ctx context.Context) error {
		_, err := c.Kubectl(ctx, "admin", "--namespace=argocd", "get", "applications,appprojects")
		return err
	})
	if err != nil {
		return fmt.Errorf("wait for Argo CD's definitions: %w", err)
	}
	return nil
}

func platformNamespaces(names ...string) string {
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n", name)
	}
	return text.String()
}

// writeFiles writes a folder's files.
func writeFiles(dir string, files map[string]string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make %q: %w", dir, err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return fmt.Errorf("write %q: %w", name, err)
		}
	}
	return nil
}
