package main

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tenure.dev/k8s/admission"
	"tenure.dev/workflow"
)

// probes are what machines ask of the portal: kubelet and Prometheus.
type probes struct {
	ready   func(context.Context) error // required
	metrics *prometheus.Registry        // required
}

func (p probes) register(e *echo.Echo) {
	e.GET("/livez", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), 5*time.Second)
		defer cancel()
		if err := p.ready(ctx); err != nil {
			return c.String(http.StatusServiceUnavailable, "not ready\n")
		}
		return c.String(http.StatusOK, "ok\n")
	})
	// The portal packs every answer already; packed twice, no scraper could read it.
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(p.metrics, promhttp.HandlerOpts{DisableCompression: true})))
}

// repositoryCollector shows how the repository is.
type repositoryCollector struct {
	health func() workflow.RepositoryHealth
}

var (
	verifiedMetric = prometheus.NewDesc("tenure_repository_verified_timestamp_seconds",
		"When the approved state in force was verified, in seconds since 1970.", []string{"commit"}, nil)
	fetchedMetric = prometheus.NewDesc("tenure_repository_fetched_timestamp_seconds",
		"When the repository was last fetched with success, in seconds since 1970.", nil, nil)
	problemMetric = prometheus.NewDesc("tenure_repository_problem",
		"1 while the branch's head is not in force; location is the file and line, or the commit and path.", []string{"location"}, nil)
)

// certificateExpiry shows when the webhook's certificate ends, so that somebody
// can be told before it does.
func certificateExpiry(certificate *admission.Certificate) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tenure_webhook_certificate_expiry_timestamp_seconds",
		Help: "When the webhook's certificate expires, in seconds since 1970; 0 while there is none.",
	}, func() float64 {
		if expiry := certificate.Expiry(); !expiry.IsZero() {
			return float64(expiry.Unix())
		}
		return 0
	})
}

// Describe names the metrics.
func (repositoryCollector) Describe(to chan<- *prometheus.Desc) {
	to <- verifiedMetric
	to <- fetchedMetric
	to <- problemMetric
}

// Collect reads the repository's health.
func (r repositoryCollector) Collect(to chan<- prometheus.Metric) {
	health := r.health()
	if health.Verified != "" {
		to <- prometheus.MustNewConstMetric(verifiedMetric, prometheus.GaugeValue, float64(health.VerifiedAt.Unix()), health.Verified)
	}
	if !health.FetchedAt.IsZero() {
		to <- prometheus.MustNewConstMetric(fetchedMetric, prometheus.GaugeValue, float64(health.FetchedAt.Unix()))
	}
	problem := 0.0
	if health.Problem != "" {
		problem = 1
	}
	to <- prometheus.MustNewConstMetric(problemMetric, prometheus.GaugeValue, problem, health.Location)
}
