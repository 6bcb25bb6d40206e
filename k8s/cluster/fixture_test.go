package cluster

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"tenure.dev/workflow"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

type stoppedClock struct{}

func (stoppedClock) Now() time.Time { return noon }

// recorded reads an Application as a real Argo CD 3.5 wrote it.
func recorded(t testing.TB, name string) *unstructured.Unstructured {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "applications", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, data)
}

func parsed(t testing.TB, data []byte) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return object
}

// changed gives the Application with one field set to another value.
func changed(t testing.TB, object *unstructured.Unstructured, value any, path ...string) *unstructured.Unstructured {
	t.Helper()
	object = object.DeepCopy()
	if err := unstructured.SetNestedField(object.Object, value, path...); err != nil {
		t.Fatal(err)
	}
	return object
}

// apiServer speaks the part of the Kubernetes API that a watch over one
// resource needs, on one address that it can leave and come back to.
type apiServer struct {
	*testing.T
	path    string // where it is asked
	query   string // what stands in every question
	version string // apiVersion of the objects, as they are sent
	kind    string
	address string
	mu      sync.Mutex
	objects map[string]*unstructured.Unstructured
	count   int // the resource version
	refuse  int // the status that every request is answered with; 0 for none
	events  []json.RawMessage
	more    chan struct{} // closed at the next event
	stop    func()
}

func newAPIServer(t *testing.T) *apiServer {
	return newResourceServer(t, "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications", "labelSelector=tenure.dev/tenant", "argoproj.io/v1alpha1", "Application")
}

func newResourceServer(t *testing.T, path, query, version, kind string) *apiServer {
	s := &apiServer{
		T: t, path: path, query: query, version: version, kind: kind,
		objects: map[string]*unstructured.Unstructured{}, more: make(chan struct{}), address: "127.0.0.1:0", count: 1,
	}
	t.Cleanup(s.leave)
	return s
}

// arrive begins to answer.
func (s *apiServer) arrive() {
	s.Helper()
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		s.Fatal(err)
	}
	s.address = listener.Addr().String()
	server := &http.Server{Handler: s}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }() // it says that it was closed
	s.stop = func() { _ = server.Close(); <-ended }
}

// leave ends every answer at once.
func (s *apiServer) leave() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// put writes an Application, as Argo CD does.
func (s *apiServer) put(object *unstructured.Unstructured) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kind := "MODIFIED"
	if s.objects[object.GetName()] == nil {
		kind = "ADDED"
	}
	s.count++
	object = object.DeepCopy()
	object.SetResourceVersion(fmt.Sprint(s.count))
	s.objects[object.GetName()] = object
	s.tell(kind, object)
}

// remove deletes an Application.
func (s *apiServer) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	object := s.objects[name]
	delete(s.objects, name)
	s.count++
	object.SetResourceVersion(fmt.Sprint(s.count))
	s.tell("DELETED", object)
}

func (s *apiServer) tell(kind string, object *unstructured.Unstructured) {
	event, err := json.Marshal(map[string]any{"type": kind, "object": object.Object})
	if err != nil {
		s.Error(err)
	}
	s.events = append(s.events, event)
	close(s.more)
	s.more = make(chan struct{})
}

// refuseAll answers every request with a status; 0 ends that.
func (s *apiServer) refuseAll(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = status
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	refuse := s.refuse
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	query := r.URL.Query()
	switch {
	case refuse != 0:
		s.answer(w, refuse, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": refuse, "reason": http.StatusText(refuse), "message": "applications.argoproj.io is refused"})
	case r.URL.Path != s.path || !s.expects(query):
		s.Errorf("it was asked for %s", r.URL)
	case query.Get("watch") == "":
		s.list(w)
	default:
		s.watch(w, r, query.Get("sendInitialEvents") == "true")
	}
}

// expects says whether a question holds what it must, and nothing else that picks objects.
func (s *apiServer) expects(asked url.Values) bool {
	want, err := url.ParseQuery(s.query)
	return err == nil && want.Get("labelSelector") == asked.Get("labelSelector") && want.Get("fieldSelector") == asked.Get("fieldSelector")
}

func (s *apiServer) answer(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.Log(err) // the client is gone
	}
}

func (s *apiServer) list(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := []any{}
	for _, object := range s.objects {
		items = append(items, object.Object)
	}
	s.answer(w, http.StatusOK, map[string]any{
		"apiVersion": s.version, "kind": s.kind + "List",
		"metadata": map[string]any{"resourceVersion": fmt.Sprint(s.count)}, "items": items,
	})
}

// watch streams what happened since the version that was asked for, or from now on
// after what there is.
func (s *apiServer) watch(w http.ResponseWriter, r *http.Request, initial bool) {
	s.mu.Lock()
	next := len(s.events)
	var first []json.RawMessage
	if initial {
		first = s.initialEvents()
	} else if version, err := strconv.Atoi(r.URL.Query().Get("resourceVersion")); err == nil && version > 0 {
		next = version - 1 // the first event made version 2
	}
	s.mu.Unlock()
	send := func(events []json.RawMessage) {
		for _, event := range events {
			if _, err := w.Write(append(event, '\n')); err != nil {
				return // the client is gone
			}
		}
		w.(http.Flusher).Flush()
	}
	send(first)
	for {
		s.mu.Lock()
		events, more := s.events[next:], s.more
		next = len(s.events)
		s.mu.Unlock()
		send(events)
		select {
		case <-r.Context().Done():
			return
		case <-more:
		}
	}
}

// initialEvents are all there is, and the bookmark that ends them.
func (s *apiServer) initialEvents() []json.RawMessage {
	events := []map[string]any{}
	for _, object := range s.objects {
		events = append(events, map[string]any{"type": "ADDED", "object": object.Object})
	}
	events = append(events, map[string]any{"type": "BOOKMARK", "object": map[string]any{
		"apiVersion": s.version, "kind": s.kind,
		"metadata": map[string]any{"resourceVersion": fmt.Sprint(s.count), "annotations": map[string]any{"k8s.io/initial-events-end": "true"}},
	}})
	lines := make([]json.RawMessage, len(events))
	for i, event := range events {
		line, err := json.Marshal(event)
		if err != nil {
			s.Error(err)
		}
		lines[i] = line
	}
	return lines
}

// kubeconfig writes a file that leads to the server.
func (s *apiServer) kubeconfig() string {
	s.Helper()
	path := filepath.Join(s.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c,
  clusters: [{name: c, cluster: {server: "http://%s"}}], users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, s.address)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
	return path
}

// watching is an ArgoCD that watches while the test runs.
type watching struct {
	*testing.T
	*ArgoCD
	changes chan struct{}
}

func startWatching(t *testing.T, kubeconfig string) *watching {
	t.Helper()
	w := &watching{T: t, changes: make(chan struct{}, 1)}
	var err error
	w.ArgoCD, err = Open(Config{Kubeconfig: kubeconfig, Namespace: "argocd", Clock: stoppedClock{}, Log: slog.New(slog.DiscardHandler), Changed: func() {
		select {
		case w.changes <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() { w.ArgoCD.Run(t.Context()) })
	t.Cleanup(done.Wait)
	return w
}

// until waits for a condition that only a change can bring about: it looks
// again when it is told of one, and at no other time.
func (w *watching) until(what string, condition func() bool) {
	w.Helper()
	for !condition() {
		select {
		case <-w.changes:
		case <-time.After(time.Minute):
			w.Fatalf("it never came true that %s: %+v, %+v", what, w.Health(), w.Sync("payments", "weu-1"))
		}
	}
}

func (w *watching) payments() workflow.SyncStatus { return w.Sync("payments", "weu-1") }
