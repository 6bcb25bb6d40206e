package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tenure.dev/gitops"
	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/cluster"
	"tenure.dev/workflow"
)

// enforcer is the part that `tenure serve` and `tenure webhook` share: the
// verified repository, the snapshots made from it, and the webhook's server.
type enforcer struct {
	settings    settings
	clock       workflow.Clock
	log         *slog.Logger
	repository  *gitops.Repository
	snapshots   *admission.Snapshots
	unusable    atomic.Pointer[string] // why the newest state could not be enforced; nil when it is
	metrics     *prometheus.Registry
	certificate *admission.Certificate
	policies    *cluster.Policies // the cluster's NetworkPolicies; nil where nobody watches them
	outliving   *outliving        // what tenants' own let through; nil where nobody watches them
	listener    net.Listener
	server      *http.Server
}

// openEnforcer listens, opens the repository and makes the first snapshots. A
// repository that is away is no error: the last verified state on disk serves,
// and without one everything is refused until there is one.
func openEnforcer(ctx context.Context, s settings, key *gitops.SigningKey, clock workflow.Clock, log *slog.Logger) (*enforcer, error) {
	e := &enforcer{settings: s, clock: clock, log: log, snapshots: &admission.Snapshots{}, metrics: prometheus.NewRegistry()}
	var err error
	if e.listener, err = net.Listen("tcp", s.WebhookListen); err != nil {
		return nil, fmt.Errorf("listen for the webhook: %w", err)
	}
	e.repository, err = gitops.Open(ctx, gitops.Config{
		Remote: s.Repository, Username: s.RepositoryUsername, Password: s.RepositoryPassword.Reveal(), Branch: s.Branch,
		Dir: filepath.Join(s.Data, "clone.git"), Rules: gitops.Rules{Trust: s.Trust, CheckPolicy: admission.CheckPolicy},
		Key: key, Clock: clock, Log: log,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the GitOps repository: %w", err), e.listener.Close())
	}
	e.repository.OnChange(e.adopt)
	if err := e.buildServer(); err != nil {
		return nil, errors.Join(err, e.listener.Close())
	}
	return e, nil
}

// adopt makes the snapshots of a new verified state. When one cannot be made
// the ones before go on serving.
func (e *enforcer) adopt(state *workflow.ApprovedState) {
	if err := e.snapshots.Update(state, e.clock.Now()); err != nil {
		why := err.Error()
		e.unusable.Store(&why)
		e.log.Error("the approved state cannot be enforced; the one before goes on serving", "commit", state.Commit, "error", err)
		return
	}
	e.unusable.Store(nil)
	e.log.Info("enforcing the approved state", "commit", state.Commit, "tenants", len(state.Tenancies))
	if e.outliving != nil {
		e.outliving.wake()
	}
}

// openCertificate finds the webhook's certificate: the one of the configured
// folder, which may come and go while Tenure runs, or one that Tenure makes.
func (e *enforcer) openCertificate() error {
	if dir := e.settings.Certificate; dir != "" {
		e.certificate = &admission.Certificate{Dir: dir, Names: e.settings.WebhookHosts, Now: e.clock.Now, Log: e.log}
		if err := e.certificate.Usable(); err != nil {
			e.log.Error("the webhook is not ready", "error", err)
		}
		return nil
	}
	dir := filepath.Join(e.settings.Data, "webhook")
	if err := admission.EnsureCertificate(dir, e.settings.WebhookHosts, e.clock.Now()); err != nil {
		return fmt.Errorf("make the webhook's certificate: %w", err)
	}
	e.certificate = &admission.Certificate{Dir: dir, Hosts: e.settings.WebhookHosts, Now: e.clock.Now, Log: e.log}
	return nil
}

// buildServer makes the webhook's certificate, metrics and server.
func (e *enforcer) buildServer() error {
	if err := e.openCertificate(); err != nil {
		return err
	}
	holder := e.snapshots.Holder(e.settings.Cluster)
	metrics, err := admission.NewMetrics(e.metrics, holder, e.clock.Now)
	if err != nil {
		return fmt.Errorf("register metrics: %w", err)
	}
	for _, collector := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		repositoryCollector{e.repository.Health}, certificateExpiry(e.certificate),
	} {
		if err := e.metrics.Register(collector); err != nil {
			return fmt.Errorf("register metrics: %w", err)
		}
	}
	routes := http.NewServeMux()
	handler := &admission.Handler{Snapshot: holder.Load, Metrics: metrics, Log: e.log, Now: e.clock.Now}
	if e.settings.ClusterKubeconfig != "" {
		if err := e.watchPolicies(holder); err != nil {
			return fmt.Errorf("watch the cluster's NetworkPolicies: %w", err)
		}
		handler.Policies = e.policies
	}
	routes.Handle("/", handler)
	routes.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := e.certificate.Usable(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		handler.ServeHTTP(w, r)
	})
	routes.Handle("GET /metrics", promhttp.HandlerFor(e.metrics, promhttp.HandlerOpts{})) // a webhook alone has no other port
	e.server = &http.Server{
		Handler:           routes,
		TLSConfig:         e.certificate.TLSConfig(),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(e.log.Handler(), slog.LevelWarn),
	}
	return nil
}

// serve answers the API server until the context ends, by what the cluster says
// meanwhile where that is watched.
func (e *enforcer) serve(ctx context.Context) error {
	var watches sync.WaitGroup
	defer watches.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if e.policies != nil {
		watches.Go(func() { e.policies.Run(ctx) })
		watches.Go(func() { e.outliving.run(ctx) })
	}
	return serveUntil(ctx, e.server, e.listener)
}

// refresh fetches the repository again and again. The same trouble is logged once.
func (e *enforcer) refresh(ctx context.Context) {
	last := ""
	every(ctx, e.settings.Refresh, func() {
		err := e.repository.Refresh(ctx)
		if ctx.Err() != nil {
			return
		}
		now := ""
		if err != nil {
			now = err.Error()
		}
		if now != "" && now != last {
			health := e.repository.Health()
			e.log.ErrorContext(ctx, "the repository's head is not in force; the last verified state goes on serving",
				"location", health.Location, "head", health.Head, "verified", health.Verified, "error", err)
		} else if now == "" && last != "" {
			e.log.InfoContext(ctx, "the repository is well again")
		}
		last = now
	})
}

// argocdNamespace is where Argo CD's Applications are, as the policy says now.
func (e *enforcer) argocdNamespace() string {
	settings := workflow.ArgoCDSettings{}
	if state, err := e.repository.State(); err == nil && state.Policy.ArgoCD != nil {
		settings = *state.Policy.ArgoCD
	}
	return settings.WithDefaults().Namespace
}

// argocdServer is the API server's URL as Argo CD has it for the cluster that it
// runs on itself.
const argocdServer = "https://kubernetes.default.svc"

// argocdCluster is the cluster that Argo CD runs on, by its name in the policy as
// it is now; empty where the policy does not say which it is.
func (e *enforcer) argocdCluster() string {
	state, err := e.repository.State()
	if err != nil {
		return ""
	}
	return clusterAt(state.Policy, argocdServer)
}

// clusterAt finds the one cluster that has a server; empty where none has it, or
// several do: then neither is taken for it.
func clusterAt(policy workflow.Policy, server string) string {
	found := ""
	for name, cluster := range policy.Clusters {
		switch {
		case cluster.Server != server:
		case found != "":
			return ""
		default:
			found = name
		}
	}
	return found
}

// ready says what keeps the webhook from being asked, and from judging by the approved state.
func (e *enforcer) ready(context.Context) error {
	if err := e.certificate.Usable(); err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	if e.snapshots.Of(e.settings.Cluster) == nil {
		if why := e.unusable.Load(); why != nil {
			return fmt.Errorf("webhook: %s", *why)
		}
		return fmt.Errorf("webhook: no verified approved state for cluster %q: %s", e.settings.Cluster, orElse(e.repository.Health().Problem, "the policy does not name it"))
	}
	return nil
}

func (e *enforcer) close() { _ = e.listener.Close() } // closed already once it was served

// loadSigningKey reads the key that signs commits.
func loadSigningKey(s settings) (*gitops.SigningKey, error) {
	key, err := gitops.LoadSigningKey(s.SigningKey, []byte(s.KeyPassphrase.Reveal()))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no signing key at %q; tenure init makes one", s.SigningKey)
	}
	return key, err
}
