package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

// problemType is the media type of a problem document.
const problemType = "application/problem+json"

// Problem is a problem document (RFC 9457): what keeps a request from being answered.
type Problem struct {
	Type     string         `json:"type" doc:"What sort of problem it is: a path of this server that says more. The values are stable."`
	Title    string         `json:"title" doc:"The sort of problem in words."`
	Status   int            `json:"status" doc:"The HTTP status."`
	Detail   string         `json:"detail" doc:"What is wrong here, in a sentence for people."`
	Instance string         `json:"instance" doc:"The path that was asked for, and the id under which the log has this."`
	Fields   []FieldProblem `json:"fields,omitempty" doc:"What is wrong with single fields of what was sent."`
}

// FieldProblem says what is wrong with one field.
type FieldProblem struct {
	Field   string `json:"field" doc:"Path of the field in the body, such as change.name, or the name of a query parameter."`
	Message string `json:"message" doc:"Names the value and what is allowed."`
}

// refusal is what the API itself refuses, before the domain is asked.
type refusal struct {
	status int
	detail string
	fields []FieldProblem
	cause  error
}

// Error gives the sentence and the cause; it is for logs.
func (r refusal) Error() string {
	if r.cause != nil {
		return r.detail + ": " + r.cause.Error()
	}
	return r.detail
}

// Unwrap gives the cause.
func (r refusal) Unwrap() error { return r.cause }

// StatusClientClosed is nginx's number for a client that went away.
const StatusClientClosed = 499

// WriteProblem answers an error with a problem document and gives its status.
// Of a fault it says nothing but the request's id: the cause is for the log.
func (a *API) WriteProblem(c echo.Context, err error) int {
	problem := describe(err)
	if problem.Status == StatusClientClosed {
		c.Response().WriteHeader(StatusClientClosed)
		return problem.Status
	}
	kind := kindOf(problem.Status)
	problem.Type, problem.Title = problemPath+kind.name, kind.title
	problem.Instance = c.Request().URL.EscapedPath() + "#" + c.Response().Header().Get(echo.HeaderXRequestID)
	body, encodeErr := json.Marshal(problem)
	if encodeErr != nil {
		panic("api: a problem document is plain data and always encodes: " + encodeErr.Error())
	}
	if writeErr := c.Blob(problem.Status, problemType, body); writeErr != nil {
		a.Log.WarnContext(c.Request().Context(), "write a problem document", "error", writeErr)
	}
	return problem.Status
}

// describe gives the status of an error, and what may be said of it.
func describe(err error) Problem {
	var refused refusal
	var fromEcho *echo.HTTPError
	if errors.As(err, &refused) {
		return Problem{Status: refused.status, Detail: refused.detail, Fields: refused.fields}
	}
	if problem, isProblem := workflow.AsProblem(err); isProblem {
		return ofDomain(problem)
	}
	switch {
	case errors.As(err, &fromEcho) && (fromEcho.Code == http.StatusUnauthorized || fromEcho.Code == http.StatusForbidden || fromEcho.Code == http.StatusBadRequest):
		if sentence, isText := fromEcho.Message.(string); isText {
			return Problem{Status: fromEcho.Code, Detail: sentence} // handlers/auth writes them for people
		}
	case errors.As(err, &fromEcho) && fromEcho.Code < http.StatusInternalServerError:
		return Problem{Status: fromEcho.Code, Detail: kindOf(fromEcho.Code).means}
	case errors.Is(err, context.Canceled):
		return Problem{Status: StatusClientClosed}
	}
	return Problem{Status: http.StatusInternalServerError, Detail: kindOf(http.StatusInternalServerError).means}
}

// ofDomain is the document of what the domain refuses.
func ofDomain(problem *workflow.Problem) Problem {
	document := Problem{Status: StatusOf(problem.Kind), Detail: problem.Message}
	for _, field := range problem.Fields {
		document.Fields = append(document.Fields, FieldProblem(field))
	}
	return document
}

// StatusOf is the HTTP status of a kind of problem, for pages and API alike.
func StatusOf(kind workflow.ProblemKind) int {
	switch kind {
	case workflow.Invalid:
		return http.StatusUnprocessableEntity
	case workflow.Forbidden:
		return http.StatusForbidden
	case workflow.NotFound:
		return http.StatusNotFound
	case workflow.Conflict:
		return http.StatusConflict
	case workflow.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
