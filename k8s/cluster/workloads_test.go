package cluster

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"tenure.dev/workflow"
)

// workloadsAPI serves the metadata of pods and of what owns them.
type workloadsAPI struct {
	*testing.T
	pods, replicaSets, jobs *apiServer
	address                 string
}

func newWorkloadsAPI(t *testing.T) *workloadsAPI {
	w := &workloadsAPI{T: t}
	resource := func(path, query string) *apiServer {
		return newResourceServer(t, path, query, "meta.k8s.io/v1", "PartialObjectMetadata")
	}
	w.pods = resource("/api/v1/pods", url.Values{"fieldSelector": {"status.phase!=Succeeded,status.phase!=Failed"}}.Encode())
	w.replicaSets = resource("/apis/apps/v1/replicasets", "")
	w.jobs = resource("/apis/batch/v1/jobs", "")
	mux := http.NewServeMux()
	for _, server := range []*apiServer{w.pods, w.replicaSets, w.jobs} {
		mux.Handle(server.path, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata") {
				t.Errorf("%s is asked for more than metadata: %s", r.URL.Path, r.Header.Get("Accept"))
			}
			server.ServeHTTP(rw, r)
		}))
	}
	server := httptest.NewServer(mux)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	w.address = server.Listener.Addr().String()
	return w
}

// write puts an object; owner is "Kind/name", or empty.
func (w *workloadsAPI) write(into *apiServer, name, owner string, labels map[string]string) {
	w.Helper()
	meta := metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadata"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "payments-api-dev", Name: name, Labels: labels},
	}
	if kind, of, owned := strings.Cut(owner, "/"); owned {
		yes := true
		meta.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Audit", Name: "not-the-controller"}, {APIVersion: "v1", Kind: kind, Name: of, Controller: &yes}}
	}
	data, err := json.Marshal(meta)
	if err != nil {
		w.Fatal(err)
	}
	into.put(parsed(w.T, data))
}

// listening are Workloads that listen while the test runs.
type listening struct {
	*testing.T
	*Workloads
	changes chan struct{}
}

func listenTo(t *testing.T, api *workloadsAPI, name func() string) *listening {
	t.Helper()
	l := &listening{T: t, changes: make(chan struct{}, 1)}
	var err error
	l.Workloads, err = OpenWorkloads(WorkloadsConfig{
		Kubeconfig: (&apiServer{T: t, address: api.address}).kubeconfig(), Cluster: name, Clock: stoppedClock{}, Log: discard,
		Changed: func() {
			select {
			case l.changes <- struct{}{}:
			default:
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() { l.Workloads.Run(t.Context()) })
	t.Cleanup(done.Wait)
	return l
}

func (l *listening) until(what string, condition func() bool) {
	l.Helper()
	for !condition() {
		select {
		case <-l.changes:
		case <-time.After(time.Minute):
			found, known := l.In("weu-1", "payments-api-dev")
			l.Fatalf("it never came true that %s: %+v, known: %v", what, found, known)
		}
	}
}

func (l *listening) names() string {
	found, known := l.In("weu-1", "payments-api-dev")
	if !known {
		return "unknown"
	}
	names := make([]string, len(found))
	for i, one := range found {
		names[i] = one.Kind + " " + one.Name
	}
	return strings.Join(names, ", ")
}

func weu1() string { return "weu-1" }

func TestPodsAreToldByTheWorkloadThatPeopleKnow(t *testing.T) {
	api := newWorkloadsAPI(t)
	api.write(api.replicaSets, "api-7d9", "Deployment/api", nil)
	api.write(api.jobs, "backup-29", "CronJob/backup", nil)
	api.write(api.jobs, "import", "", nil)
	app := map[string]string{"app": "api"}
	api.write(api.pods, "api-7d9-a", "ReplicaSet/api-7d9", app)
	api.write(api.pods, "api-7d9-b", "ReplicaSet/api-7d9", app)
	api.write(api.pods, "api-7d9-c", "ReplicaSet/api-7d9", map[string]string{"app": "api", "canary": "yes"})
	api.write(api.pods, "backup-29-a", "Job/backup-29", nil)
	api.write(api.pods, "import-a", "Job/import", nil)
	api.write(api.pods, "lone", "", nil)
	api.write(api.pods, "orphan-1-a", "ReplicaSet/orphan-1", nil)
	l := listenTo(t, api, weu1)
	l.until("all are known", func() bool { _, known := l.In("weu-1", "payments-api-dev"); return known })
	want := []workflow.Workload{
		{Kind: "CronJob", Name: "backup", Pods: 1},
		{Kind: "Deployment", Name: "api", Labels: app, Pods: 2},
		{Kind: "Deployment", Name: "api", Labels: map[string]string{"app": "api", "canary": "yes"}, Pods: 1},
		{Kind: "Job", Name: "import", Pods: 1},
		{Kind: "Pod", Name: "lone", Pods: 1},
		{Kind: "ReplicaSet", Name: "orphan-1", Pods: 1},
	}
	got, _ := l.In("weu-1", "payments-api-dev")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what runs (-want +got):\n%s", diff)
	}
	if others, known := l.In("weu-1", "payments-api-prod"); len(others) != 0 || !known {
		t.Errorf("in a namespace without pods runs %v, known: %v", others, known)
	}
	for _, name := range []string{"lone", "orphan-1-a", "import-a", "backup-29-a", "api-7d9-a", "api-7d9-b", "api-7d9-c"} {
		api.pods.remove(name)
	}
	l.until("nothing runs any more", func() bool { return l.names() == "" })
}

func TestNothingIsKnownOfAClusterThatIsNotWatched(t *testing.T) {
	api := newWorkloadsAPI(t)
	api.write(api.pods, "lone", "", nil)
	name := "weu-1"
	l := listenTo(t, api, func() string { return name })
	l.until("its own cluster is known", func() bool { return l.names() == "Pod lone" })
	if _, known := l.In("neu-1", "payments-api-dev"); known {
		t.Error("another cluster is known")
	}
	name = "" // the policy names the cluster no more
	for _, cluster := range []string{"weu-1", ""} {
		if _, known := l.In(cluster, "payments-api-dev"); known {
			t.Errorf("cluster %q is known", cluster)
		}
	}
}

func TestNothingIsKnownUntilAllIsHeardOf(t *testing.T) {
	for name, hold := range map[string]func(*workloadsAPI) *apiServer{
		"pods":         func(api *workloadsAPI) *apiServer { return api.pods },
		"replica sets": func(api *workloadsAPI) *apiServer { return api.replicaSets },
		"jobs":         func(api *workloadsAPI) *apiServer { return api.jobs },
	} {
		t.Run(name, func(t *testing.T) {
			api := newWorkloadsAPI(t)
			api.write(api.replicaSets, "api-7d9", "Deployment/api", nil)
			api.write(api.pods, "api-7d9-a", "ReplicaSet/api-7d9", nil)
			held := hold(api)
			held.refuseAll(http.StatusForbidden)
			l := listenTo(t, api, weu1)
			l.until("the others are listed", func() bool {
				listed := 0
				for _, objects := range []*watchedObjects{&l.pods, l.Workloads.owners["ReplicaSet"], l.Workloads.owners["Job"]} {
					if objects.listed() {
						listed++
					}
				}
				return listed == 2
			})
			if got := l.names(); got != "unknown" {
				t.Errorf("with %s refused it says %q", name, got)
			}
			held.refuseAll(0)
			l.until("all is known", func() bool { return l.names() == "Deployment api" })
		})
	}
}

func TestAKubeconfigOfWorkloadsThatCannotBeReadIsSaidAtTheStart(t *testing.T) {
	if _, err := OpenWorkloads(WorkloadsConfig{Kubeconfig: "/nowhere", Cluster: weu1, Clock: stoppedClock{}, Log: discard}); err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("it says %v", err)
	}
}
