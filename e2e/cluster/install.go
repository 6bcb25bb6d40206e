package cluster

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// InstallOptions says to what the objects of deploy/ are changed for this
// machine: what an overlay does on a real platform.
type InstallOptions struct {
	Webhook    string `json:"webhook"`    // required: the webhook's URL without a path, https://127.0.0.1:…
	CA         string `json:"ca"`         // required: file of the certificate authority to trust for it
	Portal     string `json:"portal"`     // the portal's URL, where denials send people
	Repository string `json:"repository"` // the GitOps repository's URL for Argo CD; without it, what is for Argo CD is left out
	Trust      string `json:"trust"`      // with a repository: the fingerprint of the key whose commits Argo CD applies
}

// Install installs Tenure from deploy/ into the cluster: first what is for Argo
// CD, then the base with the webhook at its address on loopback. It can be
// called again, also with other options. Anything that the API server rejects
// or so much as warns about is an error. It gives back once the API server
// enforces what was installed.
func (c *Cluster) Install(ctx context.Context, options InstallOptions) error {
	if options.Repository != "" {
		if !c.config.ArgoCD {
			return errors.New("install Tenure: there is a repository, and no Argo CD to read it")
		}
		if err := c.installForArgoCD(ctx, options); err != nil {
			return fmt.Errorf("install what is for Argo CD: %w", err)
		}
	}
	patches, err := options.basePatches()
	if err != nil {
		return fmt.Errorf("install Tenure: %w", err)
	}
	if err := c.applyOverlay(ctx, "base", patches); err != nil {
		return fmt.Errorf("install Tenure: %w", err)
	}
	// The policies are asked before the webhook, which they leave to the GitOps identity.
	for identity, sign := range map[string]string{"admin": "ValidatingAdmissionPolicy", "gitops": "governed.tenure.dev"} {
		if err := c.refuses(ctx, identity, sign); err != nil {
			return fmt.Errorf("install Tenure: %w", err)
		}
	}
	return nil
}

// refuses waits until the creation of a namespace of no tenant's is refused with
// a sign of who refused it. It is only tried, not done.
func (c *Cluster) refuses(ctx context.Context, identity, sign string) error {
	const namespace = `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "never-made", "labels": {"tenure.dev/tenant": "nobody"}}}`
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("not within %s", startTime))
	defer cancel()
	return until(ctx, 200*time.Millisecond, func(ctx context.Context) error {
		_, err := c.KubectlInput(ctx, identity, namespace, "create", "--dry-run=server", "-f", "-")
		var refusal *KubectlError
		if errors.As(err, &refusal) && strings.Contains(refusal.Stderr, sign) {
			return nil
		}
		return fmt.Errorf("the API server does not ask %s yet: %w", sign, err)
	})
}

// patch is an entry of a kustomization's patches.
type patch struct {
	Target map[string]string `json:"target"`
	Patch  string            `json:"patch"`
}

// operation is one step of a JSON patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

func steps(kind, name string, operations ...operation) (patch, error) {
	text, err := json.Marshal(operations)
	if err != nil {
		return patch{}, fmt.Errorf("write a patch of %s %s: %w", kind, name, err)
	}
	return patch{Target: map[string]string{"kind": kind, "name": name}, Patch: string(text)}, nil
}

func (o InstallOptions) basePatches() ([]patch, error) {
	at, err := url.Parse(o.Webhook)
	if err != nil || at.Scheme != "https" || at.Host == "" || strings.Trim(at.Path, "/") != "" {
		return nil, fmt.Errorf("the webhook's URL is %q, not https:// and an address", o.Webhook)
	}
	authority, err := os.ReadFile(o.CA)
	if err != nil {
		return nil, fmt.Errorf("read the webhook's certificate authority: %w", err)
	}
	var calls []operation
	for i, webhook := range []struct{ name, path string }{{"governed.tenure.dev", "/validate"}, {"workloads.tenure.dev", "/validate/tenant"}, {"governed-in-tenants.tenure.dev", "/validate/tenant"}} {
		calls = append(calls,
			operation{"test", fmt.Sprintf("/webhooks/%d/name", i), webhook.name},
			operation{"replace", fmt.Sprintf("/webhooks/%d/clientConfig", i), map[string]string{
				"url": "https://" + at.Host + webhook.path, "caBundle": base64.StdEncoding.EncodeToString(authority),
			}})
	}
	configuration, err := steps("ValidatingWebhookConfiguration", "tenure", calls...)
	if err != nil || o.Portal == "" {
		return []patch{configuration}, err
	}
	ask, err := steps("ValidatingAdmissionPolicy", "tenure-governed|tenure-namespaces",
		operation{"test", "/spec/variables/0/name", "ask"},
		operation{"replace", "/spec/variables/0/expression", fmt.Sprintf("'Ask for the change: %s'", o.Portal)})
	return []patch{configuration, ask}, err
}

func (c *Cluster) installForArgoCD(ctx context.Context, options InstallOptions) error {
	if err := c.trust(ctx, options); err != nil {
		return err
	}
	projects, err := steps("AppProject", "tenure|tenure-root",
		operation{"replace", "/spec/sourceRepos", []string{options.Repository}},
		operation{"replace", "/spec/sourceIntegrity/git/policies/0/gpg/keys", []string{options.Trust}})
	if err != nil {
		return err
	}
	root, err := steps("Application", "tenure", operation{"replace", "/spec/source/repoURL", options.Repository})
	if err != nil {
		return err
	}
	settings := filepath.Join(c.config.Root, "deploy", "argocd", "argocd-cm.yaml")
	if _, err := c.Kubectl(ctx, "admin", "-n", "argocd", "patch", "configmap", "argocd-cm", "--patch-file", settings); err != nil {
		return err
	}
	return c.applyOverlay(ctx, "argocd", []patch{projects, root})
}

// applyOverlay applies a folder of deploy/ with some patches.
func (c *Cluster) applyOverlay(ctx context.Context, folder string, patches []patch) error {
	overlay := c.path("install", folder)
	below, err := filepath.Rel(overlay, filepath.Join(c.config.Root, "deploy", folder))
	if err != nil {
		return fmt.Errorf("find deploy/%s: %w", folder, err)
	}
	kustomization, err := json.MarshalIndent(map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
		"resources": []string{below}, "patches": patches,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("write an overlay of deploy/%s: %w", folder, err)
	}
	if err := writeFiles(overlay, map[string]string{"kustomization.yaml": string(kustomization) + "\n"}); err != nil {
		return err
	}
	_, err = c.Kubectl(ctx, "admin", "apply", "--server-side", "--force-conflicts", "--warnings-as-errors", "-k", overlay)
	return err
}
