package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"tenure.dev/e2e/cluster"
)

// Ready is the first line that up prints.
type Ready struct {
	APIServer   string            `json:"apiServer"`   // URL
	CA          string            `json:"ca"`          // file of the certificate authority to trust for it
	Kubectl     string            `json:"kubectl"`     // takes --kubeconfig or KUBECONFIG
	Kubeconfigs map[string]string `json:"kubeconfigs"` // file by identity: admin, gitops, portal, dana, …
	AuditLog    string            `json:"auditLog"`    // an Event of audit.k8s.io for each write, one a line
	Logs        string            `json:"logs"`        // folder, a file for each part
	ArgoCD      bool              `json:"argocd"`      // whether it runs
	PIDs        map[string]int    `json:"pids"`        // by part
}

// answer is what up says to a command.
type answer struct {
	OK         bool           `json:"ok"`
	Error      string         `json:"error,omitempty"`
	PIDs       map[string]int `json:"pids,omitempty"`
	Kubeconfig string         `json:"kubeconfig,omitempty"`
}

func up(ctx context.Context, root string, args []string, in io.Reader, out, errOut io.Writer) (err error) {
	config := cluster.Config{Root: root}
	var people string
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.StringVar(&config.Dir, "dir", "", "folder of data and logs; required")
	flags.BoolVar(&config.ArgoCD, "argocd", false, "with Argo CD")
	flags.IntVar(&config.Resync, "resync", 0, "seconds after which Argo CD looks for new commits (2)")
	flags.StringVar(&people, "identities", "", `more people, as JSON: [{"name","user","groups"}, …]`)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if config.Dir == "" || flags.NArg() > 0 {
		return errors.New("up takes --dir DIR, and nothing but flags")
	}
	if people != "" {
		if err := json.Unmarshal([]byte(people), &config.Identities); err != nil {
			return fmt.Errorf("read --identities: %w", err)
		}
	}
	c, err := cluster.Start(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	to := json.NewEncoder(out)
	ready := Ready{
		APIServer: c.Server(), CA: c.CA(), Kubectl: c.KubectlPath(), Kubeconfigs: c.Kubeconfigs(),
		AuditLog: c.AuditLog(), Logs: c.Logs(), ArgoCD: config.ArgoCD, PIDs: c.PIDs(),
	}
	if err := to.Encode(ready); err != nil {
		return fmt.Errorf("say that it is ready: %w", err)
	}
	return obey(ctx, c, lines(ctx, in), to, errOut)
}

// obey carries out commands until there are no more.
func obey(ctx context.Context, c *cluster.Cluster, commands <-chan string, out *json.Encoder, errOut io.Writer) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case lost := <-c.Lost():
			fmt.Fprintln(errOut, lost)
		case line, more := <-commands:
			if !more {
				return nil
			}
			said, err := carryOut(ctx, c, line)
			if said.OK = err == nil; err != nil {
				said.Error = err.Error()
			}
			if err := out.Encode(said); err != nil {
				return fmt.Errorf("answer %q: %w", line, err)
			}
		}
	}
}

// carryOut does what one line asks for.
func carryOut(ctx context.Context, c *cluster.Cluster, line string) (answer, error) {
	verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch verb {
	case "start":
		return answer{}, c.StartPart(ctx, rest)
	case "stop":
		return answer{}, c.StopPart(rest)
	case "kill":
		return answer{}, c.KillPart(rest)
	case "restart":
		return answer{}, c.RestartPart(ctx, rest)
	case "pids":
		return answer{PIDs: c.PIDs()}, nil
	case "identity":
		var identity cluster.Identity
		if err := strictly(rest, &identity); err != nil {
			return answer{}, err
		}
		path, err := c.AddIdentity(identity)
		return answer{Kubeconfig: path}, err
	case "install":
		var options cluster.InstallOptions
		if err := strictly(rest, &options); err != nil {
			return answer{}, err
		}
		return answer{}, c.Install(ctx, options)
	default:
		return answer{}, fmt.Errorf("there is no command %q", verb)
	}
}

// strictly reads a command's JSON. What it does not know is a mistake.
func strictly(text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read %q: %w", text, err)
	}
	return nil
}

// lines reads line by line, so that a signal need not wait for the next one.
func lines(ctx context.Context, in io.Reader) <-chan string {
	read := make(chan string)
	go func() {
		defer close(read)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			select {
			case read <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return read
}
