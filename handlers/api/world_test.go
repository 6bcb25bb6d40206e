package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers"
	"tenure.dev/handlers/api"
	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/analyzer"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
	"tenure.dev/workflow/store"
)

// approved is a repository of which only the approved state is ever asked.
type approved struct {
	workflow.Repository
	state *workflow.ApprovedState
	away  error
}

func (a *approved) State() (*workflow.ApprovedState, error) { return a.state, a.away }
func (a *approved) Health() workflow.RepositoryHealth {
	return workflow.RepositoryHealth{Verified: commit, VerifiedAt: noon, Head: commit, FetchedAt: noon, Problem: "policy.yaml: no such rule", Location: "policy.yaml:12"}
}

// stopped is the clock of the tests.
type stopped struct{}

func (stopped) Now() time.Time { return noon }

// unlisted is a directory that knows nobody.
type unlisted struct{}

func (unlisted) Members(context.Context, string) ([]workflow.PersonID, bool, error) {
	return nil, false, nil
}

// journal is a log that a test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(data []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(data)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// signIn lets in whoever a header names, in the way that handlers/auth does.
type signIn struct{}

func (signIn) Authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		actor, known := everybody()[c.Request().Header.Get("As")]
		if !known {
			return echo.NewHTTPError(http.StatusUnauthorized, "You are not signed in.")
		}
		c.Set("tenure.dev/handlers/auth.actor", actor)
		return next(c)
	}
}

func (signIn) Middleware(next echo.HandlerFunc) echo.HandlerFunc      { return next }
func (signIn) RequireSignIn(next echo.HandlerFunc) echo.HandlerFunc   { return next }
func (signIn) RefuseCrossSite(next echo.HandlerFunc) echo.HandlerFunc { return next }

// world is the API over a real service with a real database.
type world struct {
	*testing.T
	handler    http.Handler
	service    *workflow.Service
	repository *approved
	log        *journal
	contract   *contract
}

func newWorld(t *testing.T) *world {
	t.Helper()
	database, err := store.Open(t.Context(), store.Config{DSN: filepath.Join(t.TempDir(), "tenure.db"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := database.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, repository: &approved{state: state()}, log: &journal{}}
	snapshots := &admission.Snapshots{}
	if err := snapshots.Update(w.repository.state, noon); err != nil {
		t.Fatal(err)
	}
	w.service = &workflow.Service{
		Store: database, Repository: w.repository, Renderer: manifest.Renderer{}, Directory: unlisted{}, Analyzer: analyzer.Analyzer{},
		Suggester: analyzer.Suggester{}, Judge: admission.Judge{Snapshot: snapshots.Of, Now: stopped{}.Now}, Clock: stopped{}, Log: slog.New(slog.DiscardHandler),
	}
	w.serve(w.service)
	w.contract = newContract(t, w.handler)
	return w
}

// serve puts the API before a service.
func (w *world) serve(service api.Service) {
	log := slog.New(slog.NewTextHandler(w.log, nil))
	e := echo.New()
	pages := &handlers.Portal{
		Service: w.service, SignIn: signIn{}, Clock: stopped{}, Log: log,
		API: &api.API{Service: service, SignIn: signIn{}, Log: log, Version: "test"},
	}
	pages.Register(e)
	w.handler = e
}

// answer is what came back.
type answer struct {
	*testing.T
	status int
	header http.Header
	body   string
}

// do sends a request, and holds the answer against the document.
func (w *world) do(as, method, path string, body any, headers ...string) answer {
	w.Helper()
	var sent *bytes.Reader
	switch body := body.(type) {
	case nil:
		sent = bytes.NewReader(nil)
	case string:
		sent = bytes.NewReader([]byte(body))
	default:
		data, err := json.Marshal(body)
		if err != nil {
			w.Fatal(err)
		}
		sent = bytes.NewReader(data)
	}
	request := httptest.NewRequest(method, api.Prefix+path, sent)
	request.Header.Set("As", as)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, request)
	got := answer{w.T, recorder.Code, recorder.Header(), recorder.Body.String()}
	w.contract.hold(w.T, request, got)
	return got
}

func (w *world) get(as, path string) answer { w.Helper(); return w.do(as, "GET", path, nil) }
func (w *world) post(as, path string, body any) answer {
	w.Helper()
	return w.do(as, "POST", path, body)
}

// into reads an answer with this status.
func (a answer) into(status int, value any) {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	reflect.ValueOf(value).Elem().SetZero() // what an earlier answer left there
	if err := json.Unmarshal([]byte(a.body), value); err != nil {
		a.Fatalf("%v in %s", err, a.body)
	}
}

// problem reads a problem document and wants it to be complete.
func (a answer) problem(status int) api.Problem {
	a.Helper()
	var problem api.Problem
	a.into(status, &problem)
	if media := a.header.Get("Content-Type"); media != "application/problem+json" {
		a.Errorf("Content-Type %q", media)
	}
	if problem.Status != status || problem.Detail == "" || problem.Title == "" || !strings.HasPrefix(problem.Type, "/problems/") || !strings.HasSuffix(problem.Instance, "#"+a.header.Get("X-Request-Id")) {
		a.Errorf("problem %+v", problem)
	}
	return problem
}

// refused wants a problem with exactly these fields.
func (a answer) refused(status int, fields ...string) api.Problem {
	a.Helper()
	problem := a.problem(status)
	named := map[string]bool{}
	for _, field := range problem.Fields {
		named[field.Field] = true
		if field.Message == "" {
			a.Errorf("field %q has no message", field.Field)
		}
	}
	for _, field := range fields {
		if !named[field] {
			a.Errorf("field %q is not named in %s", field, a.body)
		}
		delete(named, field)
	}
	if len(named) > 0 {
		a.Errorf("fields %v are named, too: %s", named, a.body)
	}
	return problem
}
