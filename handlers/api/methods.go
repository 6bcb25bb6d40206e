package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// readMethods are those that change nothing (RFC 9110 §9.1: a server has both).
var readMethods = []string{http.MethodGet, http.MethodHead}

// allowedMethods gives for each path of the API what may be done there, sorted.
func allowedMethods() map[string][]string {
	allowed := map[string][]string{documentPath: readMethods}
	for _, op := range operations() {
		allowed[op.path] = append(allowed[op.path], op.method)
		if op.method == http.MethodGet {
			allowed[op.path] = append(allowed[op.path], http.MethodHead)
		}
	}
	for path := range allowed {
		allowed[path] = slices.Sorted(slices.Values(allowed[path]))
	}
	return allowed
}

// otherMethods are those of HTTP that are not allowed.
func otherMethods(allowed []string) []string {
	return slices.DeleteFunc([]string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace,
	}, func(method string) bool { return slices.Contains(allowed, method) })
}

// refuseMethod answers 405 with what is allowed (RFC 9110 §15.5.6).
func refuseMethod(allowed []string) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderAllow, strings.Join(allowed, ", "))
		return refusal{status: http.StatusMethodNotAllowed, detail: "This address takes " + strings.Join(allowed, ", ") + " only."}
	}
}

// unknownPath answers what is not in the document.
func unknownPath(echo.Context) error {
	return refusal{status: http.StatusNotFound, detail: "The API has no such address. " + Prefix + documentPath + " lists those that it has."}
}

// echoPath writes a path of the document as the router takes it: {id} is :id.
func echoPath(path string) string {
	return Prefix + strings.NewReplacer("{", ":", "}", "").Replace(path)
}
