package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// KubectlError is what kubectl said when it did not succeed.
type KubectlError struct {
	Args   []string
	Code   int    // its exit code
	Stderr string // what it printed: denials stand in it word by word
}

func (e *KubectlError) Error() string {
	return fmt.Sprintf("kubectl %s: %s", strings.Join(e.Args, " "), strings.TrimSpace(e.Stderr))
}

// KubectlPath is a script that runs the kubectl of this control plane. It
// takes a kubeconfig like kubectl itself: by --kubeconfig or KUBECONFIG.
func (c *Cluster) KubectlPath() string { return c.path("kubectl") }

// KubectlAs is a script that runs kubectl as the identity with this name.
func (c *Cluster) KubectlAs(identity string) string { return c.path("as", identity) }

// Kubectl runs kubectl as the identity with this name and gives what it
// printed. An unsuccessful end is a [*KubectlError].
func (c *Cluster) Kubectl(ctx context.Context, identity string, args ...string) (string, error) {
	return c.KubectlInput(ctx, identity, "", args...)
}

// KubectlInput is Kubectl with an input, for `-f -`.
func (c *Cluster) KubectlInput(ctx context.Context, identity, input string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, c.KubectlAs(identity), args...) //nolint:gosec // our own script
	var stdout, stderr bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(input), &stdout, &stderr
	err := command.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("kubectl %s: %w", strings.Join(args, " "), context.Cause(ctx))
	case err != nil && command.ProcessState == nil:
		return "", fmt.Errorf("run kubectl: %w", err)
	case err != nil:
		return stdout.String(), &KubectlError{Args: args, Code: command.ProcessState.ExitCode(), Stderr: stderr.String()}
	}
	return stdout.String(), nil
}

// writeKubectl writes one of the scripts. What kubectl remembers about an API
// server stays in the data folder: another one may have the same address tomorrow.
func (c *Cluster) writeKubectl(path, flags string) error {
	script := fmt.Sprintf("#!/bin/sh\nexport KUBECACHEDIR='%s'\nexec '%s' %s\"$@\"\n", c.path("kubectl-cache"), c.bin.Kubectl, flags)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		return fmt.Errorf("write a script for kubectl: %w", err)
	}
	return nil
}
