package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"tenure.dev/e2e/cluster"
)

// web is a Deployment that keeps to every rule of the development policy.
//
//go:embed web.yaml
var web []byte

// demonstration is the whole product on one machine, for a person.
type demonstration struct {
	tenure        string // executable
	data          string
	listen        string
	webhookListen string
	out           io.Writer
}

func demo(ctx context.Context, root string, args []string, out io.Writer) (err error) {
	d := demonstration{out: out}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&d.tenure, "tenure", "bin/tenure", "the program tenure")
	flags.StringVar(&d.data, "data", ".tenure", "folder for everything that is kept")
	flags.StringVar(&d.listen, "listen", "127.0.0.1:8080", "address of the portal")
	flags.StringVar(&d.webhookListen, "webhook-listen", "127.0.0.1:8443", "address of the webhook")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if _, err := cluster.Build(ctx, root, out); err != nil {
		return err
	}
	var c *cluster.Cluster
	err = d.step("Starting Kubernetes and Argo CD", func() error {
		c, err = cluster.Start(ctx, cluster.Config{Root: root, Dir: filepath.Join(d.data, "cluster"), ArgoCD: true})
		return err
	})
	if err != nil {
		return unlessEnded(ctx, err)
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	var welcome bytes.Buffer
	err = d.step("Starting Tenure", func() error { return d.startTenure(ctx, c, &welcome) })
	if err != nil {
		return unlessEnded(ctx, err)
	}
	err = d.step("Installing what is in deploy/", func() error { return d.install(ctx, c) })
	if err != nil {
		return unlessEnded(ctx, err)
	}
	if err := d.explain(c, welcome.String()); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "\nEnding everything.")
		return c.StopPart("tenure") // it finishes what is under way
	case lost := <-c.Lost():
		return lost
	}
}

// unlessEnded drops the error that a Ctrl-C during the start is.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// step says what goes on, and how long it took.
func (d demonstration) step(what string, do func() error) error {
	fmt.Fprint(d.out, what+" …")
	began := time.Now()
	if err := do(); err != nil {
		fmt.Fprintln(d.out)
		return err
	}
	fmt.Fprintf(d.out, "  done in %d s\n", int(time.Since(began).Seconds()+0.5))
	return nil
}

func (d demonstration) startTenure(ctx context.Context, c *cluster.Cluster, welcome io.Writer) error {
	tenure, err := filepath.Abs(d.tenure)
	if err != nil {
		return fmt.Errorf("find tenure: %w", err)
	}
	return c.Run(ctx, cluster.Part{
		Name: "tenure", Path: tenure, Stdout: welcome,
		Args: []string{
			"serve", "--dev", "--data", d.data, "--listen", d.listen, "--webhook-listen", d.webhookListen,
			"--refresh", "1s", "--kubeconfig", c.Kubeconfig("portal"),
		},
		Ready: func(ctx context.Context) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.listen+"/readyz", nil)
			if err != nil {
				return err
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return err
			}
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				return fmt.Errorf("the portal answers %s", response.Status)
			}
			return nil
		},
	})
}

func (d demonstration) install(ctx context.Context, c *cluster.Cluster) error {
	repository, err := filepath.Abs(filepath.Join(d.data, "gitops.git"))
	if err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	pinned, err := os.ReadFile(filepath.Join(d.data, "tenure.env"))
	if err != nil {
		return fmt.Errorf("read which key is trusted: %w", err)
	}
	trust := regexp.MustCompile(`(?m)^TENURE_TRUST=(\w+)$`).FindSubmatch(pinned)
	if trust == nil {
		return fmt.Errorf("%s/tenure.env does not say which key is trusted", d.data)
	}
	return c.Install(ctx, cluster.InstallOptions{
		Webhook: "https://" + d.webhookListen, CA: filepath.Join(d.data, "webhook", "ca.crt"), Portal: "http://" + d.listen,
		Repository: (&url.URL{Scheme: "file", Path: repository}).String(), Trust: string(trust[1]),
	})
}

var explanation = template.Must(template.New("explanation").Parse(`{{.Welcome}}
Behind it runs a Kubernetes without nodes, so Pods stay Pending; all else is real. Watch Argo CD bring what you
approve, and the request turn active:

  {{.As}}/admin get namespaces --label-columns tenure.dev/tenant --watch

Once payments-api-dev is there, three commands to try:

  {{.As}}/dana apply -f {{.Web}}
      allowed: Dana is a member of payments, and it keeps to the rules
  {{.As}}/dana --namespace payments-api-dev create deployment nginx --image docker.io/library/nginx
      refused: the registry is not trusted, and a label is missing
  {{.As}}/admin --namespace payments-api-dev delete networkpolicy tenure-default-deny
      refused: not even the cluster admin changes what was approved

Everybody above is there as {{.As}}/NAME, which is kubectl. Logs are in {{.Logs}}.
Ctrl-C ends everything; the next start goes on from here.

`))

func (d demonstration) explain(c *cluster.Cluster, welcome string) error {
	try := filepath.Join(d.data, "cluster", "try-web.yaml")
	if err := os.WriteFile(try, web, 0o600); err != nil {
		return fmt.Errorf("write the example: %w", err)
	}
	// What Tenure itself says of its end is said below.
	welcome, _, _ = strings.Cut(welcome, "\nCtrl-C")
	return explanation.Execute(d.out, map[string]string{
		"Welcome": welcome, "As": filepath.Join(d.data, "cluster", "as"), "Web": try, "Logs": filepath.Join(d.data, "cluster", "logs"),
	})
}
