package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config says what a control plane is made of.
type Config struct {
	Root       string     // required: the repository's root, see [Root]
	Dir        string     // required: the folder of its data and logs, for itself alone; a later start goes on from it
	Identities []Identity // in addition to [Identities]
	ArgoCD     bool       // with Argo CD: installed and running
	Resync     int        // seconds after which Argo CD looks for new commits; 2 if unset
}

// Names of the parts.
const (
	Etcd                  = "etcd"
	APIServer             = "apiserver"
	ControllerManager     = "controller-manager"
	Redis                 = "redis"
	RepoServer            = "repo-server"
	ApplicationController = "application-controller"

	// ArgoCD stands for the last three wherever a part is named.
	ArgoCD = "argocd"
)

// Cluster is a running control plane.
type Cluster struct {
	config     Config
	bin        Binaries
	ports      ports
	claim      *claim
	thread     thread
	client     *http.Client // trusts the control plane's certificates
	adminToken string
	lost       chan error

	turns sync.Mutex // parts are started and ended one after the other

	mu         sync.Mutex // guards the rest
	identities []string
	parts      []*entry // in the order in which they start
}

// entry is a part and its current run.
type entry struct {
	part Part
	run  *process // nil while it does not run
}

type ports struct {
	etcd, etcdPeer, apiServer, controllerManager                 int
	redis, repoServer, repoServerMetrics, applicationControllers int
}

// Start starts a control plane and gives it once all its parts do their work.
// First it ends what a gone owner left running. When it fails, nothing that it
// started is left, and the error holds the end of the log of the failed part.
func Start(ctx context.Context, config Config) (_ *Cluster, err error) {
	if config.Resync <= 0 {
		config.Resync = 2
	}
	c := &Cluster{config: config, lost: make(chan error, 1)}
	if c.config.Root, err = filepath.Abs(config.Root); err != nil {
		return nil, fmt.Errorf("find the repository's root: %w", err)
	}
	if c.bin, err = find(c.config.Root); err != nil {
		return nil, err
	}
	if c.config.Dir, err = filepath.Abs(config.Dir); err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if c.claim, err = (registry{filepath.Join(cache(c.config.Root), "running")}).claim(ctx, c.config.Dir, 8); err != nil {
		return nil, err
	}
	p := c.claim.record.Ports
	c.ports = ports{p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]}
	c.thread = newThread()
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Stop())
		}
	}()
	if err := c.prepare(); err != nil {
		return nil, err
	}
	return c, c.startAll(ctx)
}

// prepare writes the files that the parts read.
func (c *Cluster) prepare() error {
	forget := []string{"tmp"}
	// What was interrupted while it was set up may never get whole: the API server
	// forgets to establish a definition when it ends between the two steps of that.
	if _, err := os.Stat(c.path(wholeFile)); errors.Is(err, fs.ErrNotExist) {
		forget = append(forget, "etcd")
	}
	for _, name := range forget {
		if err := os.RemoveAll(c.path(name)); err != nil {
			return fmt.Errorf("begin anew: %w", err)
		}
	}
	for _, name := range []string{"logs", "kubeconfigs", "as", "etcd", "argocd", "tmp"} {
		if err := os.MkdirAll(c.path(name), 0o700); err != nil {
			return fmt.Errorf("make the data folder: %w", err)
		}
	}
	if err := writeCertificates(func(name string) string { return c.path(name) }); err != nil {
		return err
	}
	authority, err := os.ReadFile(c.CA())
	if err != nil {
		return fmt.Errorf("read the certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	c.client = &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true},
	}
	if err := writeFiles(c.config.Dir, map[string]string{"audit.yaml": auditPolicy}); err != nil {
		return err
	}
	tokens, err := c.writeIdentities(append(Identities(), c.config.Identities...))
	if err != nil {
		return err
	}
	if err := c.writeKubectl(c.KubectlPath(), ""); err != nil {
		return err
	}
	for _, part := range c.kubernetesParts(tokens) {
		c.parts = append(c.parts, &entry{part: part})
	}
	if !c.config.ArgoCD {
		return nil
	}
	if err := c.prepareArgoCD(); err != nil {
		return err
	}
	for _, part := range c.argoCDParts() {
		c.parts = append(c.parts, &entry{part: part})
	}
	return nil
}

// startAll starts what can start together together.
func (c *Cluster) startAll(ctx context.Context) error {
	first := []string{Etcd, APIServer}
	if c.config.ArgoCD {
		first = append(first, Redis, RepoServer)
	}
	if err := c.together(ctx, first); err != nil {
		return err
	}
	group, going := errgroup.WithContext(ctx)
	group.Go(func() error { return c.together(going, []string{ControllerManager}) })
	group.Go(func() error { return c.bootstrap(going) })
	if err := group.Wait(); err != nil {
		return err
	}
	if err := os.WriteFile(c.path(wholeFile), nil, 0o600); err != nil {
		return fmt.Errorf("note that the cluster is set up: %w", err)
	}
	if !c.config.ArgoCD {
		return nil
	}
	return c.together(ctx, []string{ApplicationController})
}

// wholeFile is there once a cluster was set up to the end.
const wholeFile = "set-up"

func (c *Cluster) together(ctx context.Context, names []string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range names {
		entries, err := c.named(name)
		if err != nil {
			return err
		}
		group.Go(func() error { return c.begin(ctx, entries[0]) })
	}
	return group.Wait()
}

// Stop ends everything that the cluster runs, at once: the data are whole
// after that, too. It may be called more than once.
func (c *Cluster) Stop() error {
	c.turns.Lock()
	defer c.turns.Unlock()
	c.mu.Lock()
	entries := slices.Clone(c.parts)
	stopped := c.thread.work == nil
	c.mu.Unlock()
	if stopped {
		return nil
	}
	var ending sync.WaitGroup
	for _, e := range entries {
		ending.Go(func() { c.finish(e, syscall.SIGKILL) })
	}
	ending.Wait()
	c.thread.end()
	c.mu.Lock()
	c.thread.work = nil
	c.mu.Unlock()
	if c.config.ArgoCD {
		return errors.Join(c.endKeyring(), c.claim.release())
	}
	return c.claim.release()
}

// Lost tells of parts that ended without having been asked to.
func (c *Cluster) Lost() <-chan error { return c.lost }

// Server is the API server's URL.
func (c *Cluster) Server() string { return "https://" + address(c.ports.apiServer) }

// CA is the file of the certificate authority to trust for it.
func (c *Cluster) CA() string { return c.path("ca.crt") }

// Dir is the data folder, as an absolute path.
func (c *Cluster) Dir() string { return c.config.Dir }

// Log is the file that a part's output goes to, over all its runs.
func (c *Cluster) Log(part string) string { return c.path("logs", part+".log") }

// Logs is the folder of the parts' logs.
func (c *Cluster) Logs() string { return c.path("logs") }

// AuditLog is the API server's audit log: a line of JSON, an Event of
// audit.k8s.io, for each write.
func (c *Cluster) AuditLog() string { return c.path("logs", "audit.log") }

func (c *Cluster) path(elements ...string) string {
	return filepath.Join(append([]string{c.config.Dir}, elements...)...)
}
