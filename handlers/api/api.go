package api

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

// Prefix is the path that every resource of the API is below.
const Prefix = "/api/v1"

// Service is what the API asks of the domain.
type Service interface {
	Choices(ctx context.Context, actor workflow.Actor) (workflow.Choices, error)
	Plan(ctx context.Context, actor workflow.Actor, draft workflow.Draft) (workflow.Plan, error)
	Submit(ctx context.Context, actor workflow.Actor, draft workflow.Draft) (workflow.Request, error)
	Resubmit(ctx context.Context, actor workflow.Actor, id int64, draft workflow.Draft) (workflow.Request, error)
	Review(ctx context.Context, actor workflow.Actor, id int64, ballot workflow.Ballot) (workflow.Request, error)
	Withdraw(ctx context.Context, actor workflow.Actor, id int64, reason string) (workflow.Request, error)
	Comment(ctx context.Context, actor workflow.Actor, id int64, text string) (workflow.Request, error)
	Requests(ctx context.Context, actor workflow.Actor, filter workflow.RequestFilter) ([]workflow.Request, error)
	Dossier(ctx context.Context, actor workflow.Actor, id int64) (workflow.Dossier, error)
	Queue(ctx context.Context, actor workflow.Actor) ([]workflow.QueueItem, error)
	Home(ctx context.Context, actor workflow.Actor) (workflow.Home, error)
	Tenants(ctx context.Context, actor workflow.Actor) ([]workflow.Tenancy, error)
	Tenant(ctx context.Context, actor workflow.Actor, slug string) (workflow.TenantView, error)
	Namespace(ctx context.Context, actor workflow.Actor, cluster, name string) (workflow.NamespaceView, error)
	Contents(ctx context.Context, actor workflow.Actor, cluster, namespace string) (workflow.NamespaceContents, bool, error)
	Connectivity(ctx context.Context, actor workflow.Actor, tenant, cluster, namespace string) (*workflow.Connectivity, error)
	People(ctx context.Context, actor workflow.Actor, tenant string) (workflow.People, error)
	Groups(ctx context.Context, actor workflow.Actor, text string) (workflow.People, error)
	Suggest(ctx context.Context, actor workflow.Actor, observed workflow.Observed) (workflow.Suggestions, error)
	Try(ctx context.Context, actor workflow.Actor, question workflow.Question) ([]workflow.Verdict, error)
	Rules(ctx context.Context, actor workflow.Actor) (workflow.RulesView, error)
	PolicyText(ctx context.Context, actor workflow.Actor) (workflow.PolicyText, error)
	CheckPolicy(ctx context.Context, actor workflow.Actor, document []byte) ([]workflow.PolicyProblem, error)
	Health(ctx context.Context) workflow.Health
}

var _ Service = (*workflow.Service)(nil)

// SignIn tells who a request comes from, and keeps the others out.
type SignIn interface {
	Authenticate(next echo.HandlerFunc) echo.HandlerFunc
}

var _ SignIn = (*auth.Authenticator)(nil)

// API is the JSON API. The errors that its handlers return are answered by
// WriteProblem, which whoever serves it calls for paths that Covers names.
type API struct {
	Service Service      // required
	SignIn  SignIn       // required
	Log     *slog.Logger // required
	Version string       // of the program, for the document

	reading sync.Mutex // held while a flow log is read: one at a time, since each may take seconds of a processor
}

// Register adds the API's routes.
func (a *API) Register(e *echo.Echo) {
	for _, op := range operations() {
		a.route(e, op)
	}
	document := newDocumentHandler(a.Version)
	e.Match(readMethods, Prefix+documentPath, document)
	e.Match(readMethods, problemPath+":name", explainProblem)
	for path, allowed := range allowedMethods() {
		e.Match(otherMethods(allowed), echoPath(path), refuseMethod(allowed))
	}
	e.RouteNotFound(Prefix, unknownPath)
	e.RouteNotFound(Prefix+"/*", unknownPath)
}

// route adds one operation. Who may see something may ask for its head, too.
func (a *API) route(e *echo.Echo, op operation) {
	methods := []string{op.method}
	if op.method == readMethods[0] {
		methods = readMethods
	}
	e.Match(methods, echoPath(op.path), a.SignIn.Authenticate(op.serve(a)))
}

// Covers says whether a path is the API's, so that its errors are problem documents.
func Covers(path string) bool {
	return path == Prefix || strings.HasPrefix(path, Prefix+"/") || strings.HasPrefix(path, problemPath)
}
