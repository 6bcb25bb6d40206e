// Command cluster builds and runs a Kubernetes control plane on this machine,
// for tests and for trying Tenure out.
//
//	cluster build                 build the programs that are not in the cache
//	cluster up --dir DIR          run a control plane, driven by lines on standard input
//	cluster demo --data DIR       run a control plane with Tenure on it, for a person
//
// # up
//
// Once everything does its work, up prints one line of JSON, [Ready]. Then it
// reads commands, one a line, and answers each by one line: {"ok":true}, with
// more fields where a command gives something back, or {"ok":false,"error":"…"}.
// PART is etcd, apiserver, controller-manager, redis, repo-server or
// application-controller, or argocd for the last three.
//
//	start PART           start it on the port that it had, and wait until it does its work
//	stop PART            ask it to end, and wait until it has
//	kill PART            end it without letting it tidy up
//	restart PART         stop, then start
//	pids                 answers "pids": process numbers by part
//	identity {…}         {"name","user","groups"}: makes a kubeconfig by impersonation, answers its path as "kubeconfig"
//	install {…}          installs Tenure from deploy/: the fields are those of [cluster.InstallOptions]
//
// A part that ends without having been asked to is reported on standard error.
// The end of the input, SIGINT and SIGTERM end everything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"tenure.dev/e2e/cluster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

const usage = "usage: cluster build | up | demo, each with --help"

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	root, err := cluster.Root(".")
	if err != nil {
		return err
	}
	switch name, args := args[0], args[1:]; name {
	case "build":
		_, err := cluster.Build(ctx, root, os.Stdout)
		return err
	case "up":
		return up(ctx, root, args, os.Stdin, os.Stdout, os.Stderr)
	case "demo":
		return demo(ctx, root, args, os.Stdout)
	default:
		return fmt.Errorf("there is no command %q; %s", name, usage)
	}
}
