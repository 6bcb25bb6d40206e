package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// problemPath is where each sort of problem is explained.
const problemPath = "/problems/"

// problemKind is one sort of problem; its name is part of the interface.
type problemKind struct {
	status             int
	name, title, means string
}

// problemKinds lists every sort of problem that the API answers with.
func problemKinds() []problemKind {
	return []problemKind{
		{http.StatusBadRequest, "unreadable", "This could not be read", "The request is not JSON, or its query, its path or a header is not what the document says."},
		{http.StatusUnauthorized, "unauthenticated", "Nobody is signed in", "The request has neither a session nor an access token that can be relied on. The header WWW-Authenticate says what is wrong with a token."},
		{http.StatusForbidden, "forbidden", "Somebody else may do this", "You may not do this. The detail says who may."},
		{http.StatusNotFound, "not-found", "There is no such thing here", "There is nothing of that name, or it is none of your business: which of the two is not said."},
		{http.StatusMethodNotAllowed, "method", "This address does not take that", "The header Allow names the methods that the address takes."},
		{http.StatusConflict, "conflict", "It changed meanwhile", "What you refer to is not what it was when you looked. Read it again, then decide again."},
		{http.StatusRequestEntityTooLarge, "too-large", "That is too large", "A body may have 1 MiB; a flow log with its list of pods 32 MiB."},
		{http.StatusUnsupportedMediaType, "media-type", "This kind of content is not taken", "Send application/json, and multipart/form-data for a flow log."},
		{http.StatusUnprocessableEntity, "invalid", "That cannot be used", "The body could be read, and something in it cannot be used. The list of fields says what, and what is allowed."},
		{http.StatusInternalServerError, "internal", "Something broke on our side", "This is not about what you sent. The cause is in Tenure's log, under the id in the instance; it may help to try again in a minute."},
		{http.StatusServiceUnavailable, "unavailable", "A part of Tenure is away", "Nothing was stored. Try again in a minute."},
	}
}

// kindOf is the sort of problem that a status stands for. One that is not in the
// list is what its class is: a fault, or something unreadable.
func kindOf(status int) problemKind {
	kinds := problemKinds()
	i := slices.IndexFunc(kinds, func(k problemKind) bool { return k.status == status })
	if i >= 0 {
		return kinds[i]
	}
	if status >= http.StatusInternalServerError {
		return kindOf(http.StatusInternalServerError)
	}
	return kindOf(http.StatusBadRequest)
}

// explainProblem says what a sort of problem means, to whoever follows its type.
func explainProblem(c echo.Context) error {
	kinds := problemKinds()
	i := slices.IndexFunc(kinds, func(k problemKind) bool { return k.name == c.Param("name") })
	if i < 0 {
		return refusal{status: http.StatusNotFound, detail: "There is no problem of this name."}
	}
	return c.String(http.StatusOK, kinds[i].title+"\n\n"+kinds[i].means+"\n")
}
