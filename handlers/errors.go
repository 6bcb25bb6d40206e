package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/api"
	"tenure.dev/handlers/auth"
	"tenure.dev/web"
	"tenure.dev/workflow"
)

// renderError makes the page of every error. A refusal shows its sentence;
// of anything else only the request's id is shown and the cause is logged.
func (p *Portal) renderError(err error, c echo.Context) {
	if c.Response().Committed {
		p.Log.ErrorContext(c.Request().Context(), "error after the answer began", "id", requestIDOf(c), "error", err)
		return
	}
	if p.API != nil && api.Covers(c.Request().URL.Path) {
		p.logError(c, p.API.WriteProblem(c, err), err)
		return
	}
	status, view := describe(err)
	p.logError(c, status, err)
	if status == api.StatusClientClosed {
		c.Response().WriteHeader(status)
		return
	}
	view.Frame = frame(c, web.SectionNone, view.Heading)
	view.RequestID = requestIDOf(c)
	view.Links = errorLinks(c, status)
	if renderErr := page(c, status, web.Error(view)); renderErr != nil {
		p.Log.ErrorContext(c.Request().Context(), "render the error page", "id", view.RequestID, "error", renderErr)
		http.Error(c.Response(), "Something broke.", http.StatusInternalServerError)
	}
}

// describe gives the status of an error and its page's words.
func describe(err error) (int, web.ErrorView) {
	if problem, refused := workflow.AsProblem(err); refused {
		view := web.ErrorView{Heading: problemHeading(problem.Kind), Sentence: problem.Message}
		for _, field := range problem.Fields {
			view.Details = append(view.Details, field.Message)
		}
		return api.StatusOf(problem.Kind), view
	}
	var fromEcho *echo.HTTPError
	if errors.As(err, &fromEcho) {
		return fromEcho.Code, describeStatus(fromEcho)
	}
	if errors.Is(err, context.Canceled) {
		return api.StatusClientClosed, web.ErrorView{}
	}
	return http.StatusInternalServerError, web.ErrorView{
		Heading:  "Something broke on our side",
		Sentence: "This is not about what you typed. The cause is in Tenure's log; it may help to try again in a minute.",
	}
}

// problemHeading is the answer that a problem's page begins with.
func problemHeading(kind workflow.ProblemKind) string {
	switch kind {
	case workflow.Invalid:
		return "That cannot be used"
	case workflow.Forbidden:
		return "Somebody else may do this"
	case workflow.NotFound:
		return "There is no such thing here"
	case workflow.Conflict:
		return "It changed meanwhile"
	case workflow.Unavailable:
		return "A part of Tenure is away"
	}
	return "Something broke on our side"
}

// describeStatus words what echo itself refuses. Its own message is not shown:
// it may quote an error. The sign-in's message for 401 is written for people.
func describeStatus(err *echo.HTTPError) web.ErrorView {
	switch err.Code {
	case http.StatusUnauthorized:
		return web.ErrorView{Heading: "You are not signed in", Sentence: "You are not signed in, or your session has ended. Nothing was done. Sign in and try again."}
	case http.StatusNotFound:
		return web.ErrorView{Heading: "There is no such page", Sentence: "The address may have a typing mistake, or what it led to has another address now."}
	case http.StatusMethodNotAllowed:
		return web.ErrorView{Heading: "This address does not take that", Sentence: "Open the page and use its form."}
	case http.StatusRequestEntityTooLarge:
		return web.ErrorView{Heading: "That is too large", Sentence: "A form may send up to 2 MB. Try fewer manifests at a time."}
	case http.StatusServiceUnavailable:
		return web.ErrorView{Heading: "A part of Tenure is away", Sentence: "Nothing was stored. Try again in a minute."}
	}
	if err.Code >= http.StatusInternalServerError {
		return web.ErrorView{Heading: "Something broke on our side", Sentence: "The cause is in Tenure's log; it may help to try again in a minute."}
	}
	return web.ErrorView{Heading: "That could not be read", Sentence: "Your browser sent something that this page does not take. Open the page and try again."}
}

// errorLinks says where to go from an error: back to the request it was about,
// to signing in, or home.
func errorLinks(c echo.Context, status int) []web.Link {
	home := web.Link{Text: "Go to the home page", Href: "/"}
	if status == http.StatusUnauthorized {
		return []web.Link{{Text: "Sign in", Href: "/auth/login"}}
	}
	id, err := requestNumber(c)
	if err == nil && status != http.StatusNotFound && auth.SignedIn(c) {
		return []web.Link{{Text: "Back to the request", Href: requestHref(id)}, home}
	}
	return []web.Link{home}
}

// logError writes faults as errors, refusals as information.
func (p *Portal) logError(c echo.Context, status int, err error) {
	log := p.Log.With("id", requestIDOf(c), "method", c.Request().Method, "path", c.Request().URL.Path, "status", status, "error", err)
	if status >= http.StatusInternalServerError {
		log.ErrorContext(c.Request().Context(), "request failed")
		return
	}
	log.InfoContext(c.Request().Context(), "request refused")
}
