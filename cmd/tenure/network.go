package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"
	corev1 "k8s.io/api/core/v1"

	"tenure.dev/k8s/network"
	"tenure.dev/k8s/network/print"
)

func networkCommand() *cli.Command {
	return &cli.Command{
		Name: "network", Usage: "what NetworkPolicies let through, from manifests alone",
		Commands: []*cli.Command{connectivityCommand(), networkDiffCommand(), explainCommand(), suggestCommand()},
	}
}

// networkQuestion is what a command of `tenure network` was asked.
type networkQuestion struct {
	files  []string
	format string
}

// flags are those of every command; files are named as the command wants them.
func (q *networkQuestion) flags(more ...cli.Flag) []cli.Flag {
	return append(more,
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "text, json, dot or markdown", Value: string(print.Text), Destination: &q.format})
}

func filesFlag(name, alias, usage string, into *[]string) cli.Flag {
	f := &cli.StringSliceFlag{Name: name, Usage: usage + ": a file, or a folder that is read with all below it; may be given several times", Destination: into, Required: true}
	if alias != "" {
		f.Aliases = []string{alias}
	}
	return f
}

func (q *networkQuestion) check() error {
	if !slices.Contains(print.Formats(), print.Format(q.format)) {
		return fmt.Errorf("--output %q: allowed are text, json, dot and markdown", q.format)
	}
	return nil
}

func connectivityCommand() *cli.Command {
	q := &networkQuestion{}
	return &cli.Command{
		Name: "connectivity", Usage: "what may talk to what",
		Description: "Reads Namespaces, NetworkPolicies, Pods and everything that makes Pods. A pod that none of them makes is told as pods with such labels.",
		Flags:       q.flags(filesFlag("file", "f", "manifests", &q.files)),
		Action: func(_ context.Context, c *cli.Command) error {
			if err := q.check(); err != nil {
				return err
			}
			cluster, err := readCluster(q.files)
			if err != nil {
				return err
			}
			return print.Connectivity(c.Root().Writer, print.Format(q.format), cluster.Connectivity())
		},
	}
}

func networkDiffCommand() *cli.Command {
	q := &networkQuestion{}
	var before []string
	return &cli.Command{
		Name: "diff", Usage: "what manifests open and close, compared with others",
		Description: "Exit code 0: nothing is opened. 1: something is. 2: it could not be told.",
		Flags:       q.flags(filesFlag("before", "", "manifests as they were", &before), filesFlag("file", "f", "manifests as they would be", &q.files)),
		Action: func(_ context.Context, c *cli.Command) error {
			if err := q.check(); err != nil {
				return err
			}
			was, err := readCluster(before)
			if err != nil {
				return err
			}
			is, err := readCluster(q.files)
			if err != nil {
				return err
			}
			difference := network.Diff(was, is)
			if err := print.Difference(c.Root().Writer, print.Format(q.format), difference); err != nil {
				return err
			}
			if len(difference.Opened)+len(difference.Changed)+len(difference.Widened) > 0 {
				return exit{code: 1}
			}
			return nil
		},
	}
}

func explainCommand() *cli.Command {
	q := &networkQuestion{}
	var from, to, port string
	return &cli.Command{
		Name: "explain", Usage: "which policies decide one flow",
		Description: "Exit code 0: the flow is let through. 1: it is not. 2: it could not be told.",
		Flags: q.flags(filesFlag("file", "f", "manifests", &q.files),
			&cli.StringFlag{Name: "from", Usage: "namespace/workload, namespace/app=api,tier=web for pods by their labels, or an address", Required: true, Destination: &from},
			&cli.StringFlag{Name: "to", Usage: "as --from", Required: true, Destination: &to},
			&cli.StringFlag{Name: "port", Usage: "port of the other side, such as 443 or UDP/53", Required: true, Destination: &port}),
		Action: func(_ context.Context, c *cli.Command) error {
			if err := q.check(); err != nil {
				return err
			}
			probe, err := parseProbe(from, to, port)
			if err != nil {
				return err
			}
			cluster, err := readCluster(q.files)
			if err != nil {
				return err
			}
			explanation, err := cluster.Explain(probe)
			if err != nil {
				return err
			}
			flow := fmt.Sprintf("%s %d from %s to %s", probe.Protocol, probe.Port, from, to)
			if err := print.Explanation(c.Root().Writer, print.Format(q.format), flow, explanation); err != nil {
				return err
			}
			if !explanation.Allowed {
				return exit{code: 1}
			}
			return nil
		},
	}
}

// readCluster reads manifests from files and folders.
func readCluster(paths []string) (*network.Cluster, error) {
	objects, err := readObjects(paths)
	if err != nil {
		return nil, err
	}
	return network.New(objects)
}

func readObjects(paths []string) (network.Objects, error) {
	var all network.Objects
	for _, path := range paths {
		err := eachManifest(path, func(file string, data []byte) error {
			objects, err := network.Read(data)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			all.Namespaces = append(all.Namespaces, objects.Namespaces...)
			all.Workloads = append(all.Workloads, objects.Workloads...)
			all.Policies = append(all.Policies, objects.Policies...)
			return nil
		})
		if err != nil {
			return all, fmt.Errorf("read manifests: %w", err)
		}
	}
	if len(all.Namespaces)+len(all.Workloads)+len(all.Policies) == 0 {
		return all, fmt.Errorf("%s: holds no Namespace, workload or NetworkPolicy", strings.Join(paths, ", "))
	}
	return all, nil
}

// eachManifest reads a file, or the manifests of a folder and of all below it.
func eachManifest(path string, read func(file string, data []byte) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return read(path, data)
	}
	root, err := os.OpenRoot(path) // a link that leads out of the folder is not followed
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	folder := root.FS()
	return fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isManifest(name) {
			return err
		}
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		return read(filepath.Join(path, name), data)
	})
}

// isManifest says whether a file of a folder is read.
func isManifest(file string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file))
}

// parseProbe reads the flow to explain.
func parseProbe(from, to, port string) (network.Probe, error) {
	var probe network.Probe
	protocol, number, found := strings.Cut(strings.ToUpper(port), "/")
	if !found {
		protocol, number = string(corev1.ProtocolTCP), port
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 {
		return probe, fmt.Errorf("--port %q: a port such as 443 or UDP/53 is needed", port)
	}
	probe.Protocol, probe.Port = corev1.Protocol(protocol), int32(n)
	var problems []error
	for _, end := range []struct {
		flag, text string
		into       *network.Endpoint
	}{{"--from", from, &probe.From}, {"--to", to, &probe.To}} {
		endpoint, err := parseEndpoint(end.text)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %q: %w", end.flag, end.text, err))
		}
		*end.into = endpoint
	}
	return probe, errors.Join(problems...)
}

func parseEndpoint(text string) (network.Endpoint, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return network.Endpoint{Address: address}, nil
	}
	namespace, rest, found := strings.Cut(text, "/")
	if !found || namespace == "" {
		return network.Endpoint{}, errors.New("namespace/workload, namespace/app=api or an address is needed")
	}
	if rest != "" && !strings.Contains(rest, "=") {
		return network.Endpoint{Namespace: namespace, Workload: rest}, nil
	}
	endpoint := network.Endpoint{Namespace: namespace, Labels: map[string]string{}}
	for _, label := range strings.FieldsFunc(rest, func(r rune) bool { return r == ',' || r == ' ' }) {
		key, value, found := strings.Cut(label, "=")
		if !found {
			return endpoint, fmt.Errorf("the label %q is not of the form app=api", label)
		}
		endpoint.Labels[key] = value
	}
	return endpoint, nil
}
