package handlers

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"tenure.dev/handlers/auth"
)

// contentSecurityPolicy lets a page load from the portal itself only, run no
// inline script or style, and be framed by nobody. form-action also holds for
// where a form's answer redirects to.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// securityHeaders sets what every answer carries, error pages included. What
// the portal shows is somebody's business only, so no cache keeps it.
func securityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set(echo.HeaderCacheControl, "no-store")
		return next(c)
	}
}

// requestIDKey is where the request's id stands in echo's context.
const requestIDKey = "tenure.dev/handlers.request-id"

// requestID gives every request a name of its own, for its page and the log. A
// name that the client sends is not taken over.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := rand.Text()[:12]
		c.Set(requestIDKey, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// requestIDOf gives the request's id; empty outside of requestID.
func requestIDOf(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

// logRequests writes one line for each request. The query is left out: it may
// carry what somebody typed.
func (p *Portal) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := p.Clock.Now()
		if err := next(c); err != nil {
			c.Error(err) // writes the page, so that the status is known here
		}
		level := slog.LevelInfo
		// Files, and pages that ask whether anything is new, would drown the rest.
		if c.Path() == staticRoute || (c.Request().Method == http.MethodGet && c.Response().Status == http.StatusNoContent) {
			level = slog.LevelDebug
		}
		p.Log.Log(c.Request().Context(), level, "request served",
			"id", requestIDOf(c), "method", c.Request().Method, "path", c.Request().URL.Path,
			"status", c.Response().Status, "duration", p.Clock.Now().Sub(started).Round(time.Microsecond),
			"person", auth.Actor(c).ID.Object)
		return nil
	}
}

// recoverPanics turns a panic into a fault, with the stack in the log.
func (p *Portal) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // the very value that net/http defines
				panic(cause)
			}
			p.Log.ErrorContext(c.Request().Context(), "panic", "id", requestIDOf(c), "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", cause)
		}()
		return next(c)
	}
}

// compress packs answers. Nothing secret stands beside what a request can
// choose, so the length gives nothing away (BREACH).
func compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024})
}

// limitBody bounds what a form may send; a manifest is the largest.
func limitBody() echo.MiddlewareFunc { return middleware.BodyLimit("2M") }

// limitUpload bounds a file of flows with a list of pods. What is below it is
// read in memory (net/http keeps up to 32 MiB of a form there), never on disk.
func limitUpload() echo.MiddlewareFunc { return middleware.BodyLimit("32M") }
