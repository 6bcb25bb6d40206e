// Tenure is one binary: the portal, the publisher, the admission webhook, and
// the tools around the GitOps repository. This package reads configuration and
// hands each interface of the domain its implementation.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"
)

// version is set by the linker.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}

// run is the program without its process.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) error {
	root := &cli.Command{
		Name:    "tenure",
		Usage:   "a place for every team on shared Kubernetes clusters, approved, signed and enforced",
		Version: version,
		Reader:  in, Writer: out, ErrWriter: errOut,
		Commands: []*cli.Command{
			serveCommand(), webhookCommand(), initCommand(), checkCommand(), networkCommand(), verifyCommand(), migrateCommand(), versionCommand(),
		},
		// The exit code is decided in main alone.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	return root.Run(ctx, args)
}

// exit is an error with the exit code that stands for it. An empty message
// says that everything has been printed already.
type exit struct {
	code    int
	message string
}

func (e exit) Error() string { return e.message }

// exitCode prints what is left to say, and gives the process's exit code: 0
// for none, 2 for a fault, or what the command chose.
func exitCode(err error, errOut io.Writer) int {
	if err == nil {
		return 0
	}
	code := 2
	var chosen exit
	if errors.As(err, &chosen) {
		code = chosen.code
	}
	if err.Error() != "" {
		_, _ = fmt.Fprintf(errOut, "tenure: %v\n", err) // there is nobody left to tell
	}
	return code
}

func versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Action: func(_ context.Context, c *cli.Command) error {
			_, err := fmt.Fprintln(c.Root().Writer, version)
			return err
		},
	}
}
