package cluster

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"tenure.dev/workflow"
)

// quota is a ResourceQuota as the API server sends it; each amount is "used of hard".
func quota(t testing.TB, namespace string, amounts map[string]string) *unstructured.Unstructured {
	t.Helper()
	used, hard := map[string]any{}, map[string]any{}
	for name, text := range amounts {
		amount, most, of := strings.Cut(text, " of ")
		if !of {
			t.Fatalf("%q is not written as used of hard", text)
		}
		used[name], hard[name] = amount, most
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ResourceQuota",
		"metadata": map[string]any{"namespace": namespace, "name": "tenure", "labels": map[string]any{"app.kubernetes.io/managed-by": "tenure"}},
		"spec":     map[string]any{"hard": hard}, "status": map[string]any{"hard": hard, "used": used},
	}}
}

// ordinary is what every quota of Tenure's counts, with some amounts otherwise;
// an empty one is left out.
func ordinary(otherwise map[string]string) map[string]string {
	amounts := map[string]string{
		"requests.cpu": "1500m of 8", "limits.cpu": "3 of 8", "requests.memory": "2Gi of 32Gi", "limits.memory": "1Gi of 32Gi",
		"requests.storage": "20Gi of 100Gi", "pods": "5 of 60", "services.loadbalancers": "0 of 0", "services.nodeports": "0 of 0",
	}
	maps.Copy(amounts, otherwise)
	maps.DeleteFunc(amounts, func(_, text string) bool { return text == "" })
	return amounts
}

// amounts writes a size as a person reads it.
func amounts(size workflow.Size) string {
	text := "cpu " + size.CPU.String() + " memory " + size.Memory.String() + " storage " + size.Storage.String()
	counts, err := json.Marshal(size.Objects)
	if err != nil {
		return err.Error()
	}
	pods, err := json.Marshal(size.Pods)
	if err != nil {
		return err.Error()
	}
	return text + " pods " + string(pods) + " " + string(counts)
}

// movedClock is a clock that a test sets.
type movedClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *movedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *movedClock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// watchedQuotas watches a server's ResourceQuotas while the test runs.
type watchedQuotas struct {
	*testing.T
	*Quotas
	clock   *movedClock
	server  *apiServer
	changes chan struct{}
}

func watchQuotas(t *testing.T, objects ...*unstructured.Unstructured) *watchedQuotas {
	t.Helper()
	server := newResourceServer(t, "/api/v1/resourcequotas", "labelSelector=app.kubernetes.io/managed-by%3Dtenure&fieldSelector=metadata.name%3Dtenure", "v1", "ResourceQuota")
	for _, object := range objects {
		server.put(object)
	}
	server.arrive()
	w := &watchedQuotas{T: t, clock: &movedClock{at: noon}, server: server, changes: make(chan struct{}, 1)}
	var err error
	w.Quotas, err = OpenQuotas(QuotasConfig{Kubeconfig: server.kubeconfig(), Cluster: "weu-1", Clock: w.clock, Log: discard, Changed: func() {
		select {
		case w.changes <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *watchedQuotas) run() {
	var done sync.WaitGroup
	done.Go(func() { w.Quotas.Run(w.Context()) })
	w.Cleanup(done.Wait)
}

// until waits for what is known of a namespace's quota.
func (w *watchedQuotas) until(what string, condition func(use workflow.QuotaUse, known bool) bool) workflow.QuotaUse {
	w.Helper()
	for {
		use, known := w.Used("weu-1", "payments-api-dev")
		if condition(use, known) {
			return use
		}
		select {
		case <-w.changes:
		case <-time.After(time.Minute):
			w.Fatalf("it never came true that %s: known %v, used %s", what, known, amounts(use.Used))
		}
	}
}

func isKnown(_ workflow.QuotaUse, known bool) bool { return known }

func TestWhatANamespaceUsesOfItsQuotaIsKnown(t *testing.T) {
	w := watchQuotas(t, quota(t, "payments-api-dev", ordinary(nil)))
	if _, known := w.Used("weu-1", "payments-api-dev"); known {
		t.Error("use is known before anybody was asked")
	}
	w.run()
	use := w.until("the quota is known", isKnown)
	for what, texts := range map[string][2]string{
		"used": {amounts(use.Used), `cpu 3 memory 2Gi storage 20Gi pods 5 {"services.loadbalancers":0}`},
		"hard": {amounts(use.Hard), `cpu 8 memory 32Gi storage 100Gi pods 60 {"services.loadbalancers":0}`},
	} {
		if texts[0] != texts[1] {
			t.Errorf("%s is %s, want %s", what, texts[0], texts[1])
		}
	}
	w.server.put(quota(t, "payments-api-dev", ordinary(map[string]string{"pods": "6 of 60"})))
	w.until("one more pod is counted", func(use workflow.QuotaUse, known bool) bool { return known && use.Used.Pods == 6 })
	w.server.remove("tenure")
	w.until("it is gone", func(_ workflow.QuotaUse, known bool) bool { return !known })
}

// A page that shows nothing in use because nobody knows would have a quota cut
// below what runs.
func TestUseThatTheClusterDoesNotSayIsNotKnown(t *testing.T) {
	for name, object := range map[string]*unstructured.Unstructured{
		"a status that is empty still": changed(t, quota(t, "payments-api-dev", ordinary(nil)), map[string]any{}, "status"),
		"no use":                       changed(t, quota(t, "payments-api-dev", ordinary(nil)), map[string]any{}, "status", "used"),
		"no caps":                      changed(t, quota(t, "payments-api-dev", ordinary(nil)), map[string]any{}, "status", "hard"),
		"no CPU":                       quota(t, "payments-api-dev", ordinary(map[string]string{"requests.cpu": "", "limits.cpu": ""})),
		"no memory":                    quota(t, "payments-api-dev", ordinary(map[string]string{"requests.memory": "", "limits.memory": ""})),
		"no storage":                   quota(t, "payments-api-dev", ordinary(map[string]string{"requests.storage": ""})),
		"no pods":                      quota(t, "payments-api-dev", ordinary(map[string]string{"pods": ""})),
		"an amount that is none":       changed(t, quota(t, "payments-api-dev", ordinary(nil)), "lots", "status", "used", "pods"),
		"a status that is none":        changed(t, quota(t, "payments-api-dev", ordinary(nil)), "full", "status"),
		"another name":                 changed(t, quota(t, "payments-api-dev", ordinary(nil)), "mine", "metadata", "name"),
		"another manager":              changed(t, quota(t, "payments-api-dev", ordinary(nil)), "Helm", "metadata", "labels", "app.kubernetes.io/managed-by"),
	} {
		t.Run(name, func(t *testing.T) {
			q := &Quotas{config: QuotasConfig{Cluster: "weu-1", Clock: stoppedClock{}, Log: discard}}
			if err := q.Replace([]any{quota(t, "search-dev", ordinary(nil)), object, "nothing"}, ""); err != nil {
				t.Fatal(err)
			}
			if use, known := q.Used("weu-1", "payments-api-dev"); known {
				t.Errorf("it is known that %s is used", amounts(use.Used))
			}
			if _, known := q.Used("weu-1", "search-dev"); !known {
				t.Error("another namespace's is not known any more")
			}
		})
	}
}

func TestAQuotaThatSaysNothingAnyMoreIsForgotten(t *testing.T) {
	q := &Quotas{config: QuotasConfig{Cluster: "weu-1", Clock: stoppedClock{}, Log: discard}}
	if err := q.Replace([]any{quota(t, "payments-api-dev", ordinary(nil))}, ""); err != nil {
		t.Fatal(err)
	}
	others := changed(t, quota(t, "payments-api-dev", ordinary(nil)), "mine", "metadata", "name")
	if err := q.Delete(others); err != nil {
		t.Fatal(err)
	}
	if _, known := q.Used("weu-1", "payments-api-dev"); !known {
		t.Error("it is forgotten with another quota of the namespace")
	}
	if err := q.Update(changed(t, quota(t, "payments-api-dev", ordinary(nil)), map[string]any{}, "status")); err != nil {
		t.Fatal(err)
	}
	if _, known := q.Used("weu-1", "payments-api-dev"); known {
		t.Error("what it said before is still known")
	}
	if err := q.Delete("nothing"); err == nil {
		t.Error("what is no object was forgotten")
	}
}

func TestNothingIsKnownOfQuotasOfAClusterThatIsNotWatched(t *testing.T) {
	q := &Quotas{config: QuotasConfig{Cluster: "weu-1", Clock: stoppedClock{}, Log: discard}, known: map[string]heardQuota{}}
	if err := q.Update(quota(t, "payments-api-dev", ordinary(nil))); err != nil {
		t.Fatal(err)
	}
	if _, known := q.Used("weu-1", "payments-api-dev"); known {
		t.Error("something is known before all is")
	}
	if err := q.Replace([]any{quota(t, "payments-api-dev", ordinary(nil))}, ""); err != nil {
		t.Fatal(err)
	}
	for cluster, want := range map[string]bool{"weu-1": true, "neu-1": false, "": false} {
		if _, known := q.Used(cluster, "payments-api-dev"); known != want {
			t.Errorf("cluster %q is known: %v", cluster, known)
		}
	}
	q.config.Cluster = ""
	if _, known := q.Used("", "payments-api-dev"); known {
		t.Error("a cluster without a name is known")
	}
}

func TestTheGreaterUseAndTheSmallerCapCount(t *testing.T) {
	for name, c := range map[string]struct {
		otherwise  map[string]string
		used, hard string
	}{
		"limits are higher":   {map[string]string{"requests.cpu": "1 of 8", "limits.cpu": "2 of 8"}, "2", "8"},
		"requests are higher": {map[string]string{"requests.cpu": "2500m of 8", "limits.cpu": "2 of 8"}, "2500m", "8"},
		"only requests":       {map[string]string{"requests.cpu": "1 of 8", "limits.cpu": ""}, "1", "8"},
		"only limits":         {map[string]string{"requests.cpu": "", "limits.cpu": "1 of 8"}, "1", "8"},
		"caps that differ":    {map[string]string{"requests.cpu": "1 of 80", "limits.cpu": "1 of 8"}, "1", "8"},
		"the other way round": {map[string]string{"requests.cpu": "1 of 8", "limits.cpu": "1 of 80"}, "1", "8"},
	} {
		t.Run(name, func(t *testing.T) {
			heard, counted, err := readQuota(quota(t, "payments-api-dev", ordinary(c.otherwise)))
			if err != nil || !counted || heard.used.CPU.String() != c.used || heard.hard.CPU.String() != c.hard {
				t.Errorf("used %s of %s, counted %v, %v", heard.used.CPU.String(), heard.hard.CPU.String(), counted, err)
			}
		})
	}
}

func TestEveryObjectThatAQuotaCanCountIsRead(t *testing.T) {
	otherwise, want := map[string]string{"count/secrets": "9 of 9", "services.loadbalancers": ""}, map[workflow.ObjectCount]int64{}
	for i, kind := range workflow.ObjectCounts() {
		otherwise[string(kind)] = string(rune('1'+i%9)) + " of 50"
		want[kind] = int64(1 + i%9)
	}
	heard, counted, err := readQuota(quota(t, "payments-api-dev", ordinary(otherwise)))
	if err != nil || !counted {
		t.Fatal(counted, err)
	}
	if diff := cmp.Diff(want, heard.used.Objects); diff != "" {
		t.Errorf("what is counted (-want +got):\n%s", diff)
	}
	if kinds := slices.Collect(maps.Values(heard.hard.Objects)); len(kinds) != len(want) || slices.Max(kinds) != 50 {
		t.Errorf("the caps are %v", heard.hard.Objects)
	}
}

func TestAnObjectThatIsNotLimitedAnyMoreIsNotCounted(t *testing.T) {
	object := changed(t, quota(t, "payments-api-dev", ordinary(nil)), "7", "status", "used", "secrets")
	heard, counted, err := readQuota(object)
	if _, still := heard.used.Objects[workflow.CountSecrets]; still || !counted || err != nil {
		t.Errorf("counted are %v, %v %v", heard.used.Objects, counted, err)
	}
}

func TestUseThatWasHeardGoesOnCountingAndSaysSinceWhenItIsOld(t *testing.T) {
	w := watchQuotas(t, quota(t, "payments-api-dev", ordinary(nil)))
	w.run()
	if use := w.until("the quota is known", isKnown); !use.At.Equal(noon) {
		t.Errorf("it is of %s", use.At)
	}
	w.clock.set(noon.Add(time.Hour))
	if use, _ := w.Used("weu-1", "payments-api-dev"); !use.At.Equal(noon.Add(time.Hour)) {
		t.Errorf("while the watch holds it is of %s", use.At)
	}
	w.server.refuseAll(http.StatusForbidden)
	w.server.leave()
	w.server.arrive()
	w.until("the watch is lost", func(workflow.QuotaUse, bool) bool {
		w.mu.RLock()
		defer w.mu.RUnlock()
		return w.problem != ""
	})
	w.clock.set(noon.Add(2 * time.Hour))
	if use, known := w.Used("weu-1", "payments-api-dev"); !known || !use.At.Equal(noon.Add(time.Hour)) || use.Used.Pods != 5 {
		t.Errorf("without a watch it is known %v of %s: %s", known, use.At, amounts(use.Used))
	}
	w.server.put(quota(t, "payments-api-dev", ordinary(map[string]string{"pods": "7 of 60"}))) // unseen
	w.server.refuseAll(0)
	use := w.until("it is watched again", func(use workflow.QuotaUse, known bool) bool { return known && use.Used.Pods == 7 })
	if !use.At.Equal(noon.Add(2 * time.Hour)) {
		t.Errorf("watched again it is of %s", use.At)
	}
}

func TestTroubleWithTheWatchOverQuotasIsLoggedOnce(t *testing.T) {
	var log strings.Builder
	clock := &movedClock{at: noon}
	q := &Quotas{config: QuotasConfig{Cluster: "weu-1", Clock: clock, Log: slog.New(slog.NewTextHandler(&log, nil))}}
	for minutes, err := range []error{http.ErrServerClosed, http.ErrHandlerTimeout, nil, nil} {
		clock.set(noon.Add(time.Duration(minutes) * time.Minute))
		q.note(t.Context(), err)
		if !q.lost.Equal(noon) {
			t.Errorf("the watch was lost at %s", q.lost)
		}
	}
	if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "cannot be watched") || !strings.Contains(text, "watching the cluster's quotas") {
		t.Errorf("it logs\n%s", text)
	}
}

func TestWhatIsGivenOutOfQuotasIsTheCallersOwn(t *testing.T) {
	q := &Quotas{config: QuotasConfig{Cluster: "weu-1", Clock: stoppedClock{}, Log: discard}}
	if err := q.Replace([]any{quota(t, "payments-api-dev", ordinary(nil))}, ""); err != nil {
		t.Fatal(err)
	}
	use, _ := q.Used("weu-1", "payments-api-dev")
	use.Used.Objects[workflow.CountLoadBalancers] = 9
	use.Hard.Objects[workflow.CountLoadBalancers] = 9
	use.Used.CPU.Add(use.Hard.CPU)
	if again, _ := q.Used("weu-1", "payments-api-dev"); amounts(again.Used) != `cpu 3 memory 2Gi storage 20Gi pods 5 {"services.loadbalancers":0}` || again.Hard.Objects[workflow.CountLoadBalancers] != 0 {
		t.Errorf("it was changed to %s of %s", amounts(again.Used), amounts(again.Hard))
	}
}

func TestAKubeconfigForTheQuotasThatCannotBeReadIsSaidAtTheStart(t *testing.T) {
	if _, err := OpenQuotas(QuotasConfig{Kubeconfig: "nowhere", Cluster: "weu-1", Clock: stoppedClock{}, Log: discard}); err == nil {
		t.Error("a kubeconfig that is not there is taken")
	}
}
