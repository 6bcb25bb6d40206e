package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/urfave/cli/v3"
	"golang.org/x/sync/errgroup"

	"tenure.dev/handlers"
	"tenure.dev/handlers/api"
	"tenure.dev/handlers/auth"
	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/analyzer"
	"tenure.dev/k8s/cluster"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
	"tenure.dev/workflow/store"
)

func serveCommand() *cli.Command {
	s := &settings{}
	return &cli.Command{
		Name: "serve", Usage: "run the portal, the publisher and the admission webhook",
		Flags: append(s.portalFlags(), s.webhookFlags()...),
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := fillFromFile(c, s.Data); err != nil {
				return err
			}
			if err := s.complete(true); err != nil {
				return err
			}
			return serve(ctx, *s, c.Root().Writer, c.Root().ErrWriter)
		},
	}
}

// portal is everything that `tenure serve` runs, in the order it is built.
type portal struct {
	settings settings
	log      *slog.Logger
	clock    workflow.Clock

	listener  net.Listener
	store     *store.Store
	sessions  *store.Sessions
	enforcer  *enforcer
	identity  identity
	signIn    *auth.Authenticator
	service   *workflow.Service
	publisher *workflow.Publisher
	expirer   *workflow.Expirer
	reminder  *workflow.Reminder
	observer  *workflow.Observer
	argocd    *cluster.ArgoCD    // nil where nobody watches Argo CD
	workloads *cluster.Workloads // what runs on the cluster of Argo CD; nil where nobody watches it
	quotas    *cluster.Quotas    // what is used of the quotas on the webhook's cluster; nil where nobody watches it
	live      *cluster.Live      // what lives on that cluster; nil where nobody may ask it
	echo      *echo.Echo
	lacking   atomic.Pointer[string] // the part that was last found not ready; nil or empty when none
}

// serve listens first, builds every part, serves until the context ends, and
// then finishes what is under way.
func serve(ctx context.Context, s settings, out, errOut io.Writer) error {
	p := &portal{settings: s, log: newLog(s.LogFormat, errOut), clock: s.clock()}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	steps := []func(context.Context) error{
		p.listen, p.openStore, p.prepareDevelopment, p.openEnforcer, p.buildSignIn, p.buildObserver, p.openCluster, p.buildService, p.buildPages,
	}
	defer p.close()
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return p.run(ctx, out)
}

func (p *portal) listen(context.Context) (err error) {
	if p.listener, err = net.Listen("tcp", p.settings.Listen); err != nil {
		return fmt.Errorf("listen for the portal: %w", err)
	}
	if p.settings.BaseURL == "" {
		p.settings.BaseURL = "http://" + p.listener.Addr().String()
	}
	return checkBaseURL(p.settings.BaseURL)
}

func (p *portal) openStore(ctx context.Context) (err error) {
	if p.store, err = store.Open(ctx, store.Config{DSN: p.settings.Database.Reveal(), Log: p.log}); err != nil {
		return err
	}
	// scs, which hands sessions to the store, knows the machine's time only. How
	// long one lasts is for handlers/auth to say, by the portal's clock.
	p.sessions = &store.Sessions{Store: p.store, Clock: systemClock{}}
	return p.store.Migrate(ctx)
}

// prepareDevelopment makes what development has and production brings: the
// repository, the pinned key, and people to sign in as.
func (p *portal) prepareDevelopment(ctx context.Context) (err error) {
	if !p.settings.Dev {
		p.identity = productionIdentity(p.settings)
		return p.identity.useGraph(p.settings, p.clock)
	}
	if p.settings.Trust, err = seedDevelopment(ctx, p.settings, p.clock); err != nil {
		return fmt.Errorf("prepare development: %w", err)
	}
	p.identity, err = developmentIdentity(p.settings, p.clock, p.log)
	return err
}

func (p *portal) openEnforcer(ctx context.Context) (err error) {
	key, err := loadSigningKey(p.settings)
	if err != nil {
		return err
	}
	p.enforcer, err = openEnforcer(ctx, p.settings, key, p.clock, p.log)
	return err
}

func (p *portal) buildSignIn(context.Context) (err error) {
	config := p.identity.config
	config.BaseURL, config.Sessions, config.Clock, config.Log = p.settings.BaseURL, p.sessions, p.clock, p.log
	p.signIn, err = auth.New(config)
	return err
}

// syncPatience is how long Argo CD must be in the same trouble before a request
// counts as failed: three of its retries, and several of a webhook's fetches.
const syncPatience = 15 * time.Second

// buildObserver makes what reads back from Argo CD. Whether Argo CD answers is
// nothing that the portal depends on.
func (p *portal) buildObserver(context.Context) (err error) {
	p.observer = &workflow.Observer{
		Store: p.store, Repository: p.enforcer.repository, Clock: p.clock, Log: p.log, Poll: 2 * time.Second, Patience: syncPatience,
	}
	p.enforcer.repository.OnChange(func(*workflow.ApprovedState) { p.observer.Wake() })
	if p.settings.Kubeconfig == "" {
		return nil
	}
	p.argocd, err = cluster.Open(cluster.Config{
		Kubeconfig: p.settings.Kubeconfig, Namespace: p.enforcer.argocdNamespace(), Clock: p.clock, Log: p.log, Changed: p.observer.Wake,
	})
	if err != nil {
		return err
	}
	p.observer.ArgoCD = p.argocd
	p.workloads, err = cluster.OpenWorkloads(cluster.WorkloadsConfig{
		Kubeconfig: p.settings.Kubeconfig, Cluster: p.enforcer.argocdCluster, Clock: p.clock, Log: p.log,
	})
	return err
}

// openCluster opens the watch over what namespaces use of their quotas on the
// webhook's cluster, and the way to ask it what lives there.
func (p *portal) openCluster(context.Context) (err error) {
	if p.settings.ClusterKubeconfig == "" {
		return nil
	}
	p.quotas, err = cluster.OpenQuotas(cluster.QuotasConfig{
		Kubeconfig: p.settings.ClusterKubeconfig, Cluster: p.settings.Cluster, Clock: p.clock, Log: p.log,
	})
	if err != nil {
		return err
	}
	p.live, err = cluster.OpenLive(cluster.LiveConfig{Kubeconfig: p.settings.ClusterKubeconfig, Cluster: p.settings.Cluster, Clock: p.clock})
	return err
}

// analyzer says what may talk to what, and what of it runs where that is watched.
func (p *portal) analyzer() workflow.Analyzer {
	if p.workloads == nil {
		return analyzer.Analyzer{}
	}
	return analyzer.Analyzer{Workloads: p.workloads}
}

func (p *portal) buildService(context.Context) error {
	planner := workflow.Planner{Renderer: manifest.Renderer{}, Directory: p.identity.directory, Accounts: p.identity.accounts, Analyzer: p.analyzer(), Policies: admission.PolicyReader{}}
	p.publisher = &workflow.Publisher{
		Store: p.store, Repository: p.enforcer.repository, Planner: planner, ArgoCD: p.observer.ArgoCD,
		Clock: p.clock, Log: p.log, Poll: time.Second, Checkpoint: crashAt(p.settings.TestCrash),
	}
	p.reminder = &workflow.Reminder{Store: p.store, Repository: p.enforcer.repository, Clock: p.clock, Log: p.log, Poll: time.Second}
	p.expirer = &workflow.Expirer{
		Store: p.store, Repository: p.enforcer.repository, Renderer: planner.Renderer,
		Clock: p.clock, Log: p.log, Poll: time.Second, Checkpoint: crashAt(p.settings.TestCrash),
	}
	p.service = &workflow.Service{
		Store: p.store, FormDrafts: p.store, Repository: p.enforcer.repository, Renderer: planner.Renderer, Directory: planner.Directory, Accounts: planner.Accounts, Analyzer: planner.Analyzer,
		Judge: admission.Judge{Snapshot: p.enforcer.snapshots.Of, Now: p.clock.Now}, ArgoCD: p.observer.ArgoCD, Suggester: analyzer.Suggester{}, Policies: planner.Policies,
		Clock: p.clock, Log: p.log, Approved: p.publisher.Wake,
	}
	if p.enforcer.outliving != nil {
		p.service.Outliving = p.enforcer.outliving
	}
	if p.quotas != nil {
		p.service.Usage = p.quotas
	}
	if p.live != nil {
		p.service.Impact, p.service.Alive = p.live, p.live
	}
	return nil
}

func (p *portal) buildPages(context.Context) error {
	p.echo = echo.New()
	pages := &handlers.Portal{
		Service: p.service, SignIn: p.signIn, Clock: p.clock, Log: p.log,
		API: &api.API{Service: p.service, SignIn: p.signIn, Log: p.log, Version: version},
	}
	pages.Register(p.echo)
	p.signIn.Register(p.echo)
	if p.identity.provider != nil {
		p.echo.Any(devIssuerPath+"/*", echo.WrapHandler(p.identity.provider))
	}
	probes{ready: p.ready, metrics: p.enforcer.metrics}.register(p.echo)
	return nil
}

// ready says what keeps the portal from serving; nil when nothing does. The
// probe does not say it to everybody, so it is logged, once for each part.
func (p *portal) ready(ctx context.Context) error {
	err := p.lack(ctx)
	if ctx.Err() != nil {
		return err // who asked went away, which says nothing about the parts
	}
	part := ""
	if err != nil {
		part, _, _ = strings.Cut(err.Error(), ":")
	}
	before := p.lacking.Swap(&part)
	switch {
	case err != nil && (before == nil || *before != part):
		p.log.WarnContext(ctx, "not ready", "error", err)
	case err == nil && before != nil && *before != "":
		p.log.InfoContext(ctx, "nothing is lacking any more", "was", *before)
	}
	return err
}

// lack is the first part that cannot do its work, with the reason.
func (p *portal) lack(ctx context.Context) error {
	if err := p.store.Ping(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if err := p.enforcer.ready(ctx); err != nil {
		return err
	}
	if err := p.signIn.Ready(ctx); err != nil {
		return fmt.Errorf("sign-in: %w", err)
	}
	return nil
}

// run serves until the context ends or a part fails.
func (p *portal) run(ctx context.Context, out io.Writer) error {
	p.log.InfoContext(ctx, "listening", "portal", p.listener.Addr().String(), "webhook", p.enforcer.listener.Addr().String())
	parts, ctx := errgroup.WithContext(ctx)
	server := &http.Server{Handler: p.echo, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn)}
	parts.Go(func() error { return serveUntil(ctx, server, p.listener) })
	parts.Go(func() error { return p.enforcer.serve(ctx) })
	parts.Go(func() error { p.publisher.Run(ctx); return nil })
	parts.Go(func() error { p.expirer.Run(ctx); return nil })
	parts.Go(func() error { p.reminder.Run(ctx); return nil })
	parts.Go(func() error { p.observer.Run(ctx); return nil })
	if p.argocd != nil {
		parts.Go(func() error { p.argocd.Run(ctx); return nil })
		parts.Go(func() error { p.workloads.Run(ctx); return nil })
	}
	if p.quotas != nil {
		parts.Go(func() error { p.quotas.Run(ctx); return nil })
	}
	parts.Go(func() error { p.enforcer.refresh(ctx); return nil })
	parts.Go(func() error { p.clean(ctx); return nil })
	parts.Go(func() error { return p.announce(ctx, out) })
	return parts.Wait()
}

// draftsKept is how long a form that was begun and not sent is kept.
const draftsKept = 90 * 24 * time.Hour

// clean removes expired sessions and old drafts from time to time.
func (p *portal) clean(ctx context.Context) {
	every(ctx, 10*time.Minute, func() {
		if _, err := p.sessions.DeleteExpired(ctx); err != nil {
			p.log.WarnContext(ctx, "remove expired sessions", "error", err)
		}
		if _, err := p.store.DeleteFormDraftsBefore(ctx, p.clock.Now().Add(-draftsKept)); err != nil {
			p.log.WarnContext(ctx, "remove old drafts", "error", err)
		}
	})
}

// announce waits until everything is ready, then says where to go.
func (p *portal) announce(ctx context.Context, out io.Writer) error {
	waiting, done := context.WithCancel(ctx)
	defer done()
	every(waiting, 100*time.Millisecond, func() {
		if p.ready(waiting) == nil {
			done()
		}
	})
	if ctx.Err() != nil {
		return nil
	}
	p.log.InfoContext(ctx, "ready", "portal", p.settings.BaseURL, "webhook", p.enforcer.listener.Addr().String(), "cluster", p.settings.Cluster)
	if !p.settings.Dev {
		return nil
	}
	return welcome(out, p.settings, p.enforcer.listener.Addr().String())
}

func (p *portal) close() {
	if p.enforcer != nil {
		p.enforcer.close()
	}
	if p.store != nil {
		if err := p.store.Close(); err != nil {
			p.log.Warn("close the database", "error", err)
		}
	}
	if p.listener != nil {
		_ = p.listener.Close() // closed already once it was served
	}
}

// crashAt gives the checkpoint of the publisher and of the expirer that ends the
// process without any tidying up, for tests of what a crash leaves behind.
func crashAt(point string) func(string) {
	if point == "" {
		return nil
	}
	return func(reached string) {
		if reached == point {
			os.Exit(70)
		}
	}
}
