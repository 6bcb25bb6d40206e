package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"tenure.dev/gitops"
	"tenure.dev/k8s/admission"
)

func verifyCommand() *cli.Command {
	s := &settings{}
	return &cli.Command{
		Name: "verify", ArgsUsage: "REPOSITORY",
		Usage: "prove that every commit is signed by a trusted key, that its act holds, and that every manifest follows from its tenancy",
		Description: "Exit code 0: everything is proved. 1: there are objections; each is printed with its commit and path.\n" +
			"2: it could not be judged.",
		Flags: []cli.Flag{
			listFlag("trust", "fingerprint of a key that is trusted; may be given several times", &s.Trust),
			stringFlag("branch", "main", "branch of the GitOps repository", &s.Branch),
			stringFlag("repository-username", "", "user name for a repository over HTTPS", &s.RepositoryUsername),
			secretFlag("repository-password", "token for a repository over HTTPS; better through the environment", &s.RepositoryPassword),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Len() != 1 {
				return errors.New("name one REPOSITORY: a path or a URL")
			}
			if len(s.Trust) == 0 {
				return errors.New("--trust is needed: the fingerprint that was pinned when the repository was made; one read from the repository itself would prove nothing")
			}
			if err := checkRepository(c.Args().First()); err != nil {
				return err
			}
			report, err := gitops.Verify(ctx, c.Args().First(), s.verifyOptions())
			if err != nil {
				return err
			}
			return printReport(c, report)
		},
	}
}

// verifyOptions are the settings that judging a repository needs.
func (s *settings) verifyOptions() gitops.VerifyOptions {
	return gitops.VerifyOptions{
		Rules:  gitops.Rules{Trust: s.Trust, CheckPolicy: admission.CheckPolicy},
		Branch: s.Branch, Username: s.RepositoryUsername, Password: s.RepositoryPassword.Reveal(),
	}
}

func printReport(c *cli.Command, report gitops.Report) error {
	out := c.Root().Writer
	if report.OK() {
		noun := "commits"
		if report.Commits == 1 {
			noun = "commit"
		}
		_, err := fmt.Fprintf(out, "Proved: %d %s up to %s.\n", report.Commits, noun, report.Head)
		return err
	}
	for _, objection := range report.Objections {
		if _, err := fmt.Fprintln(out, objection); err != nil {
			return err
		}
	}
	return exit{1, fmt.Sprintf("%d objections in %d commits; the last commit that proves is %s", len(report.Objections), report.Commits, orElse(report.Verified, "none"))}
}
