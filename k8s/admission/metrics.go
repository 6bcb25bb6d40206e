package admission

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what the webhook decides.
type Metrics struct {
	requests   *prometheus.CounterVec
	violations *prometheus.CounterVec
	calls      *prometheus.CounterVec
	faults     prometheus.Counter
	duration   prometheus.Histogram
}

// NewMetrics registers the webhook's metrics, and those of the holder whose
// snapshot it answers from. The clock is for the snapshot's age.
func NewMetrics(registerer prometheus.Registerer, holder *Holder, now func() time.Time) (*Metrics, error) {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tenure_admission_requests_total",
			Help: "Writes judged, by verdict, the first rule that was violated (empty for none), kind and the path that was asked.",
		}, []string{"allowed", "rule", "kind", "path"}),
		violations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tenure_admission_violations_total",
			Help: "Violations found, by rule and by what came of them: deny or warn.",
		}, []string{"rule", "effect"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tenure_admission_bad_calls_total",
			Help: "Calls that were no AdmissionReview, by HTTP status.",
		}, []string{"status"}),
		faults: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tenure_admission_faults_total",
			Help: "Writes that were refused because of a fault in Tenure.",
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "tenure_admission_duration_seconds",
			Help:    "Time to judge one write, without reading it from the network.",
			Buckets: []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .05, .25, 1},
		}),
	}
	for _, collector := range []prometheus.Collector{m.requests, m.violations, m.calls, m.faults, m.duration, snapshotCollector{holder, now}} {
		if err := registerer.Register(collector); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) observe(request Request, decision Decision, took time.Duration) {
	rule := ""
	if names := ruleNames(decision); len(names) > 0 {
		rule = names[0]
	}
	m.requests.WithLabelValues(strconv.FormatBool(decision.Allowed), rule, kindLabel(request), pathLabel(request)).Inc()
	for _, v := range decision.Violations {
		m.violations.WithLabelValues(v.Rule, "deny").Inc()
	}
	for _, v := range decision.Warnings {
		m.violations.WithLabelValues(v.Rule, "warn").Inc()
	}
	m.duration.Observe(took.Seconds())
}

func (m *Metrics) badCall(status int) { m.calls.WithLabelValues(strconv.Itoa(status)).Inc() }

func (m *Metrics) fault() { m.faults.Inc() }

// kindLabel is the kind for known kinds only: anybody who reaches the port
// could otherwise make up endless time series.
func kindLabel(request Request) string {
	kind := request.Kind.GroupKind()
	if isWorkload(kind) || isGoverned(kind) || kind == clusterRoleBindingKind {
		return kind.Kind
	}
	return "other"
}

// pathLabel is the path that the API server asked at, and so which of its
// registrations sent the request.
func pathLabel(request Request) string {
	if request.TenantNamespace {
		return PathTenant
	}
	return PathValidate
}

// ruleNames lists the rules that a decision names, each once, those that deny first.
func ruleNames(decision Decision) []string {
	var names []string
	seen := map[string]bool{}
	for _, v := range decision.Violations {
		if !seen[v.Rule] {
			seen[v.Rule] = true
			names = append(names, v.Rule)
		}
	}
	for _, v := range decision.Warnings {
		if !seen[v.Rule] {
			seen[v.Rule] = true
			names = append(names, v.Rule)
		}
	}
	return names
}

// snapshotCollector tells of the snapshot that is served when it is asked, so
// that nothing has to be kept in step.
type snapshotCollector struct {
	holder *Holder
	now    func() time.Time
}

var (
	snapshotAge = prometheus.NewDesc("tenure_admission_snapshot_age_seconds",
		"Time since the served snapshot was last known to be the newest verified one.", nil, nil)
	snapshotInfo = prometheus.NewDesc("tenure_admission_snapshot_info",
		"1 for the commit and cluster of the served snapshot; absent while there is none.", []string{"commit", "cluster"}, nil)
)

// Describe names both metrics.
func (c snapshotCollector) Describe(descs chan<- *prometheus.Desc) {
	descs <- snapshotAge
	descs <- snapshotInfo
}

// Collect gives nothing while there is no snapshot.
func (c snapshotCollector) Collect(metrics chan<- prometheus.Metric) {
	snapshot := c.holder.Load()
	age, found := c.holder.Age(c.now())
	if snapshot == nil || !found {
		return
	}
	metrics <- prometheus.MustNewConstMetric(snapshotAge, prometheus.GaugeValue, age.Seconds())
	metrics <- prometheus.MustNewConstMetric(snapshotInfo, prometheus.GaugeValue, 1, snapshot.Commit, snapshot.Cluster)
}

var _ http.Handler = (*Handler)(nil)
