package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/cluster"
	"tenure.dev/workflow"
)

// tellingCluster is a cluster's policies as a test sets them.
type tellingCluster struct {
	mu    sync.Mutex
	own   cluster.OwnPolicies
	known bool
}

func (c *tellingCluster) all() (cluster.OwnPolicies, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.own, c.known
}

// tell has the cluster have these policies, or not answer.
func (c *tellingCluster) tell(known bool, policies ...*networkingv1.NetworkPolicy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.own.Policies, c.known = policies, known
}

// copied is the policy of ownOpening as it is in the cluster.
func copied(t testing.TB) *networkingv1.NetworkPolicy {
	t.Helper()
	policy := &networkingv1.NetworkPolicy{}
	if err := yaml.Unmarshal([]byte(ownOpening), policy); err != nil {
		t.Fatal(err)
	}
	return policy
}

// openedState is a state with the exception of openedTenancies.
func openedState(t testing.TB, until time.Time) *workflow.ApprovedState {
	t.Helper()
	verified, err := newWorld(t).open().State()
	if err != nil {
		t.Fatal(err)
	}
	state := *verified
	state.Tenancies = map[string]workflow.Tenancy{}
	for _, tenancy := range openedTenancies(until) {
		state.Tenancies[tenancy.Name] = tenancy
	}
	return &state
}

// endedState is the same after the exception was taken out.
func endedState(opened *workflow.ApprovedState) *workflow.ApprovedState {
	ended := *opened
	ended.Commit, ended.Tenancies = "ended", map[string]workflow.Tenancy{}
	for slug, tenancy := range opened.Tenancies {
		tenancy.Namespaces = slices.Clone(tenancy.Namespaces)
		for i := range tenancy.Namespaces {
			tenancy.Namespaces[i].Network = nil
		}
		ended.Tenancies[slug] = tenancy
	}
	return &ended
}

// watchedOutliving looks at a cluster of the test's, in the bubble's time.
type watchedOutliving struct {
	*outliving
	testing.TB
	cluster   *tellingCluster
	snapshots *admission.Snapshots
	log       *transcript
}

func newOutliving(t testing.TB, state *workflow.ApprovedState) *watchedOutliving {
	w := &watchedOutliving{TB: t, cluster: &tellingCluster{}, snapshots: &admission.Snapshots{}, log: &transcript{}}
	if err := w.snapshots.Update(state, time.Now()); err != nil {
		t.Fatal(err)
	}
	w.outliving = &outliving{
		cluster: devCluster, policies: w.cluster.all, snapshot: w.snapshots.Holder(devCluster).Load,
		tenants: func() map[string]string { return map[string]string{"payments-web": "payments"} },
		clock:   systemClock{}, log: slog.New(slog.NewTextHandler(w.log, nil)), woken: make(chan struct{}, 1),
	}
	return w
}

// expect says what is found, logged and counted by now; count is -1 while nothing is.
func (w *watchedOutliving) expect(step string, count, warned, gone int) {
	w.Helper()
	synctest.Wait()
	registry := prometheus.NewRegistry()
	registry.MustRegister(w.outliving)
	families, err := registry.Gather()
	if err != nil {
		w.Fatal(err)
	}
	got := -1
	for _, family := range families {
		got = int(family.GetMetric()[0].GetGauge().GetValue())
	}
	if got != count {
		w.Errorf("%s: the metric says %d, want %d", step, got, count)
	}
	if _, known := w.Outliving(); known != (count >= 0) {
		w.Errorf("%s: it is known: %v", step, known)
	}
	text := w.log.String()
	if w1, g1 := strings.Count(text, "level=WARN"), strings.Count(text, "no longer lets through"); w1 != warned || g1 != gone {
		w.Errorf("%s: warned %d times and said %d times that one is gone, want %d and %d:\n%s", step, w1, g1, warned, gone, text)
	}
}

// pass lets the bubble's time go on, which takes none.
func pass(d time.Duration) { <-time.After(d) }

func TestAPolicyThatOutlivesItsExceptionIsSeenAtItsEnd(t *testing.T) {
	// A bubble's time begins at 2000, and its exception lasts five minutes.
	opened := openedState(t, time.Date(2000, 1, 1, 0, 5, 0, 0, time.UTC))
	synctest.Test(t, func(t *testing.T) {
		w := newOutliving(t, opened)
		ctx, end := context.WithCancel(t.Context())
		defer end()
		go w.run(ctx)
		w.expect("before anything was heard", -1, 0, 0)
		w.cluster.tell(true, copied(t))
		w.wake()
		pass(outlivingPause)
		w.expect("while the exception lasts", 0, 0, 0)
		pass(6 * time.Minute)
		w.expect("after its end, by the ticker alone", 1, 1, 0)
		found, _ := w.Outliving()
		if len(found) != 1 || found[0].Tenant != "payments" || found[0].Cluster != devCluster || found[0].Namespace != "payments-web" || found[0].Request != 61 || found[0].Name != "ledger" || !strings.Contains(found[0].Opens, "5432") {
			t.Errorf("it found %+v", found)
		}
		for _, part := range []string{"request=61", "tenant=payments", "namespace=payments-web", "name=ledger", "witness=\"TCP 5432"} {
			if !strings.Contains(w.log.String(), part) {
				t.Errorf("the log does not say %q:\n%s", part, w.log)
			}
		}
		pass(time.Hour)
		w.expect("an hour later", 1, 1, 0)
		if err := w.snapshots.Update(endedState(opened), time.Now()); err != nil {
			t.Fatal(err)
		}
		w.wake()
		pass(outlivingPause)
		w.expect("when its end is committed", 1, 1, 0)
		if found, _ = w.Outliving(); found[0].Request != 61 {
			t.Errorf("whose opening it was is forgotten: %+v", found)
		}
		w.cluster.tell(false)
		w.wake()
		pass(outlivingPause)
		w.expect("while the cluster does not answer", -1, 1, 0)
		w.cluster.tell(true, copied(t))
		pass(outlivingPeriod)
		w.expect("when it answers again", 1, 1, 0)
		w.cluster.tell(true)
		w.wake()
		pass(outlivingPause)
		w.expect("when the tenant deleted it", 0, 1, 1)
	})
}

func TestAPolicyThatOutlivesItsExceptionIsSeenWhenTheEndIsCommitted(t *testing.T) {
	opened := openedState(t, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC))
	synctest.Test(t, func(t *testing.T) {
		w := newOutliving(t, opened)
		w.cluster.tell(true, copied(t))
		ctx, end := context.WithCancel(t.Context())
		defer end()
		go w.run(ctx)
		w.expect("while the exception lasts", 0, 0, 0)
		if err := w.snapshots.Update(endedState(opened), time.Now()); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			w.wake() // it never blocks
		}
		pass(outlivingPause)
		w.expect("after the commit of its end", 1, 1, 0)
	})
}

func TestANewApprovedStateHasPoliciesLookedAtSoon(t *testing.T) {
	w := newOutliving(t, openedState(t, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)))
	e := &enforcer{clock: systemClock{}, log: silent, snapshots: w.snapshots, outliving: w.outliving}
	e.adopt(endedState(openedState(t, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC))))
	if len(w.woken) != 1 {
		t.Error("it waits for its ticker")
	}
}

func TestAPolicyThatCannotBeJudgedCountsAsOutlivingInATenantsNamespace(t *testing.T) {
	w := newOutliving(t, openedState(t, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.cluster.known = true
	w.cluster.own.Unjudged = []cluster.UnjudgedPolicy{
		{Namespace: "kube-system", Name: "platforms", Why: "too large to judge"}, {Namespace: "payments-web", Name: "large", Why: "too large to judge"},
	}
	w.look(t.Context())
	if found, known := w.Outliving(); !known || len(found) != 1 || found[0].Name != "large" || found[0].Tenant != "payments" || found[0].Opens != "too large to judge" {
		t.Errorf("it found %+v, known %v", found, known)
	}
}

func TestNothingIsToldOfPoliciesWithoutAVerifiedState(t *testing.T) {
	o := &outliving{policies: func() (cluster.OwnPolicies, bool) { return cluster.OwnPolicies{}, true }, snapshot: func() *admission.Snapshot { return nil }, clock: systemClock{}, log: silent}
	o.look(t.Context())
	if _, known := o.Outliving(); known {
		t.Error("it is known what is approved")
	}
}

func TestThePortalSaysOnItsHealthPageThatNobodyWatchesTenantsPolicies(t *testing.T) {
	r := startDev(t, devSettings(t, t.TempDir()))
	ada := newBrowser(t, "http://"+r.portal, nil)
	ada.signIn("Ada Admin", "/health").want(t, 200, "Tenants' own NetworkPolicies are not watched", "--cluster-kubeconfig")
}

// copyOnly answers a watch over NetworkPolicies as an API server that has the copy
// and no other, and to which nothing happens.
func copyOnly(t *testing.T) http.HandlerFunc {
	policy, err := yaml.YAMLToJSON([]byte(ownOpening))
	if err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("watch") == "" {
			fmt.Fprintf(w, `{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "metadata": {"resourceVersion": "1"}, "items": [%s]}`, policy)
			return
		}
		if r.URL.Query().Get("sendInitialEvents") == "true" {
			fmt.Fprintf(w, `{"type": "ADDED", "object": %s}
{"type": "BOOKMARK", "object": {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"resourceVersion": "1", "annotations": {"k8s.io/initial-events-end": "true"}}}}
`, policy)
		}
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

func TestThePortalShowsWhatItsClusterSaysOfTenantsPolicies(t *testing.T) {
	server := httptest.NewServer(copyOnly(t))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	s := devSettings(t, t.TempDir())
	s.DevClock = filepath.Join(t.TempDir(), "clock")
	s.ClusterKubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	writeFile(t, s.DevClock, "0s")
	writeFile(t, s.ClusterKubeconfig, fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "%s"}}],
  users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, server.URL))
	key, err := ensureSigningKey(s.SigningKey, "", systemClock{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := initialise(t.Context(), s, key, devPolicy, openedTenancies(time.Now().Add(24*time.Hour).Truncate(time.Second)), systemClock{}); err != nil {
		t.Fatal(err)
	}
	r := startDev(t, s)
	ada := newBrowser(t, "http://"+r.portal, nil)
	ada.signIn("Ada Admin", "/health")
	eventually(t, "nothing outlives", func() bool { r.mustRun(); return r.metric("tenure_networkpolicies_outliving 0") })
	writeFile(t, s.DevClock, "25h")
	eventually(t, "the end is committed and the copy is seen", func() bool { r.mustRun(); return r.metric("tenure_networkpolicies_outliving 1") })
	ada = newBrowser(t, "http://"+r.portal, nil) // the first session is over by now
	ada.signIn("Ada Admin", "/health").want(t, 200, "1 NetworkPolicy of a tenant's own lets through more than is approved", "ledger", "10.20.7.0/24")
}
