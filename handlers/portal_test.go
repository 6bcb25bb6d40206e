package handlers

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// standIn answers for the service with what a test gives it, and keeps what
// was asked of it.
type standIn struct {
	choices workflow.Choices
	plan    workflow.Plan
	planErr error
	dossier workflow.Dossier
	readErr error
	home    workflow.Home
	queue   []workflow.QueueItem
	tenant  workflow.TenantView
	within  workflow.NamespaceView
	flows   *workflow.Connectivity
	lives   workflow.NamespaceContents
	watched bool // whether lives is known
	people  workflow.People
	away    error // of people
	seen    workflow.Suggestions
	seenErr error
	verdict []workflow.Verdict
	tryErr  error
	health  workflow.Health
	saveErr error // of submit, resubmit, review and withdraw

	draft workflow.Draft
	ofPolicy

	formDraft workflow.FormDraft
	ballot    workflow.Ballot
	question  workflow.Question
	reason    string
	comment   string
	observed  [4]string // tenant, cluster, log, pods
	actor     workflow.Actor
}

func (s *standIn) Choices(context.Context, workflow.Actor) (workflow.Choices, error) {
	return s.choices, nil
}
func (s *standIn) Plan(_ context.Context, _ workflow.Actor, draft workflow.Draft) (workflow.Plan, error) {
	s.draft = draft
	return s.plan, s.planErr
}
func (s *standIn) Submit(_ context.Context, actor workflow.Actor, draft workflow.Draft) (workflow.Request, error) {
	s.actor, s.draft = actor, draft
	return s.dossier.Request, s.saveErr
}
func (s *standIn) Resubmit(_ context.Context, _ workflow.Actor, _ int64, draft workflow.Draft) (workflow.Request, error) {
	s.draft = draft
	return s.dossier.Request, s.saveErr
}
func (s *standIn) Review(_ context.Context, actor workflow.Actor, _ int64, ballot workflow.Ballot) (workflow.Request, error) {
	s.actor, s.ballot = actor, ballot
	return s.dossier.Request, s.saveErr
}
func (s *standIn) Comment(_ context.Context, _ workflow.Actor, _ int64, text string) (workflow.Request, error) {
	s.comment = text
	return s.dossier.Request, s.saveErr
}

func (s *standIn) SaveFormDraft(_ context.Context, _ workflow.Actor, kind workflow.Kind, values map[string][]string) error {
	if s.draftsLimit > 0 && len(values[fieldDocument][0]) > s.draftsLimit {
		return workflow.Refuse(workflow.Invalid, "What you typed is not kept as a draft.")
	}
	s.formDraft = workflow.FormDraft{Kind: kind, Values: values, SavedAt: noon}
	return nil
}

func (s *standIn) DraftOf(_ context.Context, _ workflow.Actor, kind workflow.Kind) (workflow.FormDraft, bool, error) {
	return s.formDraft, s.formDraft.Kind == kind, nil
}

func (s *standIn) DiscardFormDraft(context.Context, workflow.Actor, workflow.Kind) error {
	s.formDraft = workflow.FormDraft{}
	return nil
}

func (s *standIn) Withdraw(_ context.Context, _ workflow.Actor, _ int64, reason string) (workflow.Request, error) {
	s.reason = reason
	return s.dossier.Request, s.saveErr
}
func (s *standIn) Dossier(context.Context, workflow.Actor, int64) (workflow.Dossier, error) {
	return s.dossier, s.readErr
}
func (s *standIn) Queue(context.Context, workflow.Actor) ([]workflow.QueueItem, error) {
	return s.queue, s.readErr
}
func (s *standIn) Home(context.Context, workflow.Actor) (workflow.Home, error) {
	return s.home, s.readErr
}
func (s *standIn) Tenant(context.Context, workflow.Actor, string) (workflow.TenantView, error) {
	return s.tenant, s.readErr
}
func (s *standIn) Namespace(context.Context, workflow.Actor, string, string) (workflow.NamespaceView, error) {
	return s.within, s.readErr
}
func (s *standIn) Contents(context.Context, workflow.Actor, string, string) (workflow.NamespaceContents, bool, error) {
	return s.lives, s.watched, s.readErr
}
func (s *standIn) Connectivity(context.Context, workflow.Actor, string, string, string) (*workflow.Connectivity, error) {
	return s.flows, s.readErr
}
func (s *standIn) People(context.Context, workflow.Actor, string) (workflow.People, error) {
	return s.people, s.away
}
func (s *standIn) Groups(context.Context, workflow.Actor, string) (workflow.People, error) {
	return s.people, s.away
}
func (s *standIn) Suggest(_ context.Context, _ workflow.Actor, observed workflow.Observed) (workflow.Suggestions, error) {
	read := func(r io.Reader) string {
		if r == nil {
			return ""
		}
		text, _ := io.ReadAll(r)
		return string(text)
	}
	s.observed = [4]string{observed.Tenant, observed.Cluster, read(observed.Log), read(observed.Pods)}
	return s.seen, s.seenErr
}
func (s *standIn) Try(_ context.Context, _ workflow.Actor, question workflow.Question) ([]workflow.Verdict, error) {
	s.question = question
	return s.verdict, s.tryErr
}
func (s *standIn) Health(context.Context) workflow.Health { return s.health }

// signedIn lets one person in, in the way that handlers/auth does.
type signedIn struct{ actor workflow.Actor }

func (s signedIn) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set("tenure.dev/handlers/auth.actor", s.actor)
		return next(c)
	}
}

func (s signedIn) RequireSignIn(next echo.HandlerFunc) echo.HandlerFunc   { return next }
func (s signedIn) RefuseCrossSite(next echo.HandlerFunc) echo.HandlerFunc { return next }

// portal serves the pages to one signed-in person.
func portal(service Service, actor workflow.Actor) http.Handler {
	e := echo.New()
	p := Portal{Service: service, SignIn: signedIn{actor}, Clock: stoppedClock{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	p.Register(e)
	return e
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	page   *html.Node
}

func get(t *testing.T, h http.Handler, path string) answer {
	t.Helper()
	return send(t, h, httptest.NewRequest(http.MethodGet, path, nil))
}

func post(t *testing.T, h http.Handler, path string, form url.Values) answer {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, h, request)
}

func send(t *testing.T, h http.Handler, request *http.Request) answer {
	t.Helper()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	body := recorder.Body.String()
	page, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("parse the answer: %v", err)
	}
	return answer{status: recorder.Code, header: recorder.Header(), body: body, page: page}
}

// find gives the first element that fits.
func find(node *html.Node, fits func(*html.Node) bool) *html.Node {
	for n := range node.Descendants() {
		if n.Type == html.ElementNode && fits(n) {
			return n
		}
	}
	return nil
}

func byID(node *html.Node, id string) *html.Node {
	return find(node, func(n *html.Node) bool { return attribute(n, "id") == id })
}

func attribute(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what a person reads of an element, with single spaces.
func text(node *html.Node) string {
	if node == nil {
		return ""
	}
	var b strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func heading(a answer) string {
	return text(find(a.page, func(n *html.Node) bool { return n.Data == "h1" }))
}
