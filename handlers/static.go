package handlers

import (
	"mime"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
)

const (
	staticRoute  = "/static/*"
	faviconRoute = "/favicon.ico"
)

// registerStatic serves the styles, scripts and pictures.
func registerStatic(e *echo.Echo) {
	files := http.StripPrefix("/static/", http.FileServerFS(web.Static()))
	e.Match([]string{http.MethodGet, http.MethodHead}, staticRoute, func(c echo.Context) error {
		name := c.Param("*")
		hash := web.Fingerprint(name)
		if hash == "" {
			return echo.ErrNotFound
		}
		h := c.Response().Header()
		h.Set("ETag", `"`+hash+`"`)
		if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
			h.Set(echo.HeaderContentType, kind)
		}
		// An address with its content's hash never means anything else.
		if c.QueryParam("v") == hash {
			h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
		} else {
			h.Set(echo.HeaderCacheControl, "no-cache")
		}
		files.ServeHTTP(c.Response(), c.Request())
		return nil
	})
	// Browsers ask for this on pages that name no icon of their own; it must not
	// lead to signing in.
	e.GET(faviconRoute, func(c echo.Context) error {
		return c.Redirect(http.StatusFound, web.Asset("favicon.svg"))
	})
}
