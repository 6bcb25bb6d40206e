package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v3"

	"tenure.dev/gitops"
	"tenure.dev/k8s/admission"
	"tenure.dev/workflow"
)

// checkQuestion is what `tenure check` was asked.
type checkQuestion struct {
	settings
	files  []string
	user   string
	groups []string
	format string
}

func checkCommand() *cli.Command {
	q := &checkQuestion{}
	return &cli.Command{
		Name: "check", Usage: "the webhook's verdict on manifests, without a cluster, for pipelines",
		Description: "Exit code 0: everything would be allowed. 1: something would be denied. 2: it could not be judged.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Usage: "manifest to judge, - for standard input; may be given several times", Destination: &q.files, Required: true},
			stringFlag("repository", "", "path or URL of the GitOps repository", &q.Repository),
			stringFlag("cluster", "", "the cluster, by its name in policy.yaml", &q.Cluster),
			&cli.StringFlag{Name: "user", Usage: "user name of who would apply it, as the API server sees it", Value: "tenure-check", Destination: &q.user},
			&cli.StringSliceFlag{Name: "group", Usage: "group of who would apply it; may be given several times", Destination: &q.groups},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "text or json", Value: "text", Destination: &q.format},
			listFlag("trust", "fingerprints of the keys whose commits count; without it the repository's own claim is believed, with a warning", &q.Trust),
			stringFlag("branch", "main", "branch of the GitOps repository", &q.Branch),
			stringFlag("repository-username", "", "user name for a repository over HTTPS", &q.RepositoryUsername),
			secretFlag("repository-password", "token for a repository over HTTPS; better through the environment", &q.RepositoryPassword),
		},
		Action: func(ctx context.Context, c *cli.Command) error { return q.answer(ctx, c) },
	}
}

// answer judges every file and prints every verdict before it says that
// something was denied.
func (q *checkQuestion) answer(ctx context.Context, c *cli.Command) error {
	if err := q.check(); err != nil {
		return err
	}
	judge, err := q.judge(ctx, c.Root().ErrWriter)
	if err != nil {
		return err
	}
	results := []checkResult{}
	for _, file := range q.files {
		manifest, err := readManifest(file, c.Root().Reader)
		if err != nil {
			return err
		}
		verdicts, err := judge.Judge(ctx, workflow.Question{Cluster: q.Cluster, User: q.user, Groups: q.groups, Manifest: manifest})
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if len(verdicts) == 0 {
			return fmt.Errorf("%s: holds no object to judge", file)
		}
		for _, verdict := range verdicts {
			results = append(results, newCheckResult(file, verdict))
		}
	}
	if err := printResults(c.Root().Writer, q.format, results); err != nil {
		return err
	}
	for _, result := range results {
		if !result.Allowed {
			return exit{code: 1}
		}
	}
	return nil
}

func (q *checkQuestion) check() error {
	var problems []error
	if q.Repository == "" {
		problems = append(problems, errors.New("--repository is needed: where the GitOps repository is"))
	}
	problems = append(problems, checkRepository(q.Repository))
	if q.Cluster == "" {
		problems = append(problems, errors.New("--cluster is needed: the cluster, by its name in policy.yaml"))
	}
	if q.format != "text" && q.format != "json" {
		problems = append(problems, fmt.Errorf("--output %q: allowed are text and json", q.format))
	}
	return errors.Join(problems...)
}

// judge reads the repository and makes the webhook's judge for the cluster.
func (q *checkQuestion) judge(ctx context.Context, errOut io.Writer) (workflow.Judge, error) {
	options := q.verifyOptions()
	if len(options.Trust) == 0 {
		claimed, err := gitops.ClaimedKeys(ctx, q.Repository, options)
		if err != nil {
			return nil, err
		}
		options.Trust = claimed
		if _, err := fmt.Fprintf(errOut, "tenure: warning: without --trust this is judged by whatever the repository says of itself, signed by %v\n", claimed); err != nil {
			return nil, err
		}
	}
	state, report, err := gitops.Read(ctx, q.Repository, options)
	if err != nil {
		return nil, err
	}
	if state == nil || report.Head != report.Verified {
		return nil, fmt.Errorf("%q does not verify, so nothing can be judged by it: %v", q.Repository, report.Objections[0])
	}
	if _, known := state.Policy.Clusters[q.Cluster]; !known {
		return nil, fmt.Errorf("--cluster %q: the policy has no such cluster", q.Cluster)
	}
	snapshot, err := admission.NewSnapshot(state, q.Cluster)
	if err != nil {
		return nil, fmt.Errorf("read the approved state of %q: %w", q.Cluster, err)
	}
	return admission.Judge{Snapshot: func(cluster string) *admission.Snapshot {
		if cluster == q.Cluster {
			return snapshot
		}
		return nil
	}, Now: systemClock{}.Now}, nil
}

func readManifest(file string, in io.Reader) ([]byte, error) {
	if file == "-" {
		data, err := io.ReadAll(io.LimitReader(in, admission.MaxBody))
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return data, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read a manifest: %w", err)
	}
	return data, nil
}

// checkResult is one verdict as it is printed. Its JSON is an interface for
// pipelines: fields are added, never renamed.
type checkResult struct {
	File       string           `json:"file"`
	Object     string           `json:"object"`
	Allowed    bool             `json:"allowed"`
	Violations []checkViolation `json:"violations"`
	Warnings   []checkViolation `json:"warnings"`
	Request    int64            `json:"request,omitempty"`
	Commit     string           `json:"commit"`
}

type checkViolation struct {
	Rule    string `json:"rule"`
	Field   string `json:"field"`
	Value   string `json:"value,omitempty"`
	Message string `json:"message"`
	Ask     string `json:"ask,omitempty"`
}

func newCheckResult(file string, v workflow.Verdict) checkResult {
	return checkResult{
		File: file, Object: v.Object, Allowed: v.Allowed, Request: v.Request, Commit: v.Commit,
		Violations: checkViolations(v.Violations), Warnings: checkViolations(v.Warnings),
	}
}

func checkViolations(violations []workflow.Violation) []checkViolation {
	list := []checkViolation{}
	for _, v := range violations {
		list = append(list, checkViolation{Rule: v.Rule, Field: v.Field, Value: v.Value, Message: v.Allowed, Ask: v.Ask})
	}
	return list
}

func printResults(out io.Writer, format string, results []checkResult) error {
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(results)
	}
	for _, r := range results {
		word := "allowed"
		if !r.Allowed {
			word = "denied "
		}
		if _, err := fmt.Fprintf(out, "%s  %s  (%s)\n", word, r.Object, r.File); err != nil {
			return err
		}
		for _, v := range r.Violations {
			if _, err := fmt.Fprintf(out, "         %s\n", v); err != nil {
				return err
			}
		}
		for _, v := range r.Warnings {
			if _, err := fmt.Fprintf(out, "         warning: %s\n", v); err != nil {
				return err
			}
		}
	}
	return nil
}

// String writes the violation as the webhook's denial does.
func (v checkViolation) String() string {
	return workflow.Violation{Rule: v.Rule, Field: v.Field, Value: v.Value, Allowed: v.Message, Ask: v.Ask}.String()
}
