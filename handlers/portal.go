package handlers

import (
	"context"
	"log/slog"
	"sync"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/api"
	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

// Service is what the portal asks of the domain.
type Service interface {
	Choices(ctx context.Context, actor workflow.Actor) (workflow.Choices, error)
	Plan(ctx context.Context, actor workflow.Actor, draft workflow.Draft) (workflow.Plan, error)
	Submit(ctx context.Context, actor workflow.Actor, draft workflow.Draft) (workflow.Request, error)
	Resubmit(ctx context.Context, actor workflow.Actor, id int64, draft workflow.Draft) (workflow.Request, error)
	Review(ctx context.Context, actor workflow.Actor, id int64, ballot workflow.Ballot) (workflow.Request, error)
	Withdraw(ctx context.Context, actor workflow.Actor, id int64, reason string) (workflow.Request, error)
	Comment(ctx context.Context, actor workflow.Actor, id int64, text string) (workflow.Request, error)
	Dossier(ctx context.Context, actor workflow.Actor, id int64) (workflow.Dossier, error)
	Queue(ctx context.Context, actor workflow.Actor) ([]workflow.QueueItem, error)
	Home(ctx context.Context, actor workflow.Actor) (workflow.Home, error)
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
	SaveFormDraft(ctx context.Context, actor workflow.Actor, kind workflow.Kind, values map[string][]string) error
	DraftOf(ctx context.Context, actor workflow.Actor, kind workflow.Kind) (workflow.FormDraft, bool, error)
	DiscardFormDraft(ctx context.Context, actor workflow.Actor, kind workflow.Kind) error
}

var _ Service = (*workflow.Service)(nil)

// SignIn tells who a request comes from, and keeps the others out.
type SignIn interface {
	Middleware(next echo.HandlerFunc) echo.HandlerFunc
	RequireSignIn(next echo.HandlerFunc) echo.HandlerFunc
	RefuseCrossSite(next echo.HandlerFunc) echo.HandlerFunc
}

var _ SignIn = (*auth.Authenticator)(nil)

// Portal is the pages of Tenure.
type Portal struct {
	Service Service        // required
	SignIn  SignIn         // required
	Clock   workflow.Clock // required
	Log     *slog.Logger   // required
	API     *api.API       // nil where there is none

	reading sync.Mutex // held while a flow log is read: one at a time, since each may take seconds of a processor
}

// Register adds the portal's middleware, its error pages and its routes. Call
// it before anything else is added to e, so that the security headers and the
// error pages cover that too.
func (p *Portal) Register(e *echo.Echo) {
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = p.renderError
	e.Use(requestID, p.logRequests, p.recoverPanics, securityHeaders, compress())
	registerStatic(e)
	if p.API != nil {
		p.API.Register(e)
	}

	// Reading the session comes first everywhere, so that error pages know who is there.
	e.GET(signedOutRoute, p.showSignedOut, p.SignIn.Middleware)
	uploads := e.Group(suggestPath, p.SignIn.Middleware, limitUpload(), p.SignIn.RefuseCrossSite, p.SignIn.RequireSignIn)
	uploads.GET("", p.showSuggest)
	uploads.POST("", p.suggestExceptions)
	pages := e.Group("", p.SignIn.Middleware, limitBody(), p.SignIn.RefuseCrossSite, p.SignIn.RequireSignIn)
	pages.GET("/", p.showHome)
	pages.GET("/queue", p.showQueue)
	pages.GET("/tenants/:tenant", p.showTenant)
	pages.GET("/health", p.showHealth)
	pages.GET(rulesPath, p.showRules)
	pages.GET("/try", p.showTry)
	pages.POST("/try", p.tryManifest)
	pages.GET("/namespaces/:cluster/:namespace", p.showNamespace)
	pages.GET("/namespaces/:cluster/:namespace/contents", p.showContents)
	pages.GET("/requests/new", p.chooseKind)
	pages.GET(endPath, p.chooseEnd)
	pages.GET(newPolicyPath, p.newPolicy)
	pages.GET(policySchemaPath, p.showPolicySchema)
	pages.POST(policyCheckPath, p.checkPolicy)
	pages.GET("/requests/new/:kind", p.newRequest)
	pages.POST("/requests", p.submitRequest)
	pages.POST("/requests/preview", p.previewRequest)
	pages.POST(arrangePath, p.arrangeForm)
	pages.GET("/requests/:id", p.showRequest)
	pages.GET("/requests/:id/progress", p.showProgress)
	pages.GET("/requests/:id/edit", p.editRequest)
	pages.POST("/requests/:id/edit", p.resubmitRequest)
	pages.POST("/requests/:id/review", p.reviewRequest)
	pages.POST("/requests/:id/withdraw", p.withdrawRequest)
	pages.POST("/requests/:id/comments", p.commentRequest)
	pages.POST(discardPath, p.discardDraft)
}

// visit is what every handler starts from: who asks.
func visit(c echo.Context) (context.Context, workflow.Actor) {
	return c.Request().Context(), auth.Actor(c)
}
