package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"tenure.dev/gitops"
	"tenure.dev/handlers/auth"
	"tenure.dev/k8s/admission"
	"tenure.dev/workflow"
)

func initCommand() *cli.Command {
	s := &settings{}
	var policy string
	return &cli.Command{
		Name: "init", Usage: "make the GitOps repository: a signed first commit with the policy, the signing key and the first admins",
		Flags: []cli.Flag{
			stringFlag("data", ".tenure", "folder for the signing key and tenure.env", &s.Data),
			stringFlag("repository", "", "path of a new bare repository, or URL of an empty one", &s.Repository),
			stringFlag("branch", "main", "branch of the GitOps repository", &s.Branch),
			stringFlag("repository-username", "", "user name for a repository over HTTPS", &s.RepositoryUsername),
			secretFlag("repository-password", "token for a repository over HTTPS; better through the environment", &s.RepositoryPassword),
			stringFlag("signing-key", "", "file of the OpenPGP key; made if it is not there; signing-key.asc in the data folder if empty", &s.SigningKey),
			secretFlag("signing-key-passphrase", "passphrase of the signing key; better through the environment", &s.KeyPassphrase),
			&cli.StringFlag{Name: "policy", Usage: "the first policy.yaml; its register of reviewers names the first admins", Destination: &policy, Required: true},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			return initRepository(ctx, *s, policy, c)
		},
	}
}

// initRepository is `tenure init`: key, pin, first commit.
func initRepository(ctx context.Context, s settings, policyFile string, c *cli.Command) error {
	if s.Repository == "" {
		return errors.New("--repository is needed: the path of a new bare repository, or the URL of an empty one")
	}
	if err := checkRepository(s.Repository); err != nil {
		return err
	}
	s.SigningKey = orElse(s.SigningKey, filepath.Join(s.Data, "signing-key.asc"))
	policy, err := os.ReadFile(policyFile)
	if err != nil {
		return fmt.Errorf("read the policy: %w", err)
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	clock := systemClock{}
	key, err := ensureSigningKey(s.SigningKey, s.KeyPassphrase, clock)
	if err != nil {
		return err
	}
	commit, err := initialise(ctx, s, key, policy, nil, clock)
	if err != nil {
		return err
	}
	err = pin(envFile(s.Data), key.Fingerprint())
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%s is there already: write TENURE_TRUST=%s into it yourself", envFile(s.Data), key.Fingerprint())
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Root().Writer, "Made %s at commit %s.\nSigning key %s in %s.\nIts fingerprint is pinned in %s; every webhook needs it as TENURE_TRUST.\n",
		s.Repository, commit, key.Fingerprint(), s.SigningKey, envFile(s.Data))
	return err
}

// initialise writes the signed first commit.
func initialise(ctx context.Context, s settings, key *gitops.SigningKey, policy []byte, tenancies []workflow.Tenancy, clock workflow.Clock) (string, error) {
	return gitops.Init(ctx, gitops.InitOptions{
		Remote: s.Repository, Username: s.RepositoryUsername, Password: s.RepositoryPassword.Reveal(), Branch: s.Branch,
		Key: key, Policy: policy, Tenancies: tenancies, CheckPolicy: admission.CheckPolicy, Clock: clock,
	})
}

// ensureSigningKey loads the signing key, and makes one where there is none.
func ensureSigningKey(path string, passphrase auth.Secret, clock workflow.Clock) (*gitops.SigningKey, error) {
	key, err := gitops.LoadSigningKey(path, []byte(passphrase.Reveal()))
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = gitops.NewSigningKey("Tenure", clock.Now()); err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	return key, key.Save(path, []byte(passphrase.Reveal()))
}

// pin writes the trusted fingerprint into a new configuration file.
func pin(path, fingerprint string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("pin the signing key: %w", err)
	}
	_, err = fmt.Fprintf(file, "# The key whose commits count. It is pinned here, and never learned from the repository.\nTENURE_TRUST=%s\n", fingerprint)
	return errors.Join(err, file.Close())
}
