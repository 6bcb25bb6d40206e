package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// documentPath is where the OpenAPI document is, below Prefix.
const documentPath = "/openapi.json"

// newDocumentHandler serves the document to anybody: it says nothing of what is
// stored. Its validator is a weak one, since answers may be packed on their way.
func newDocumentHandler(version string) echo.HandlerFunc {
	body, err := json.Marshal(newDocument(version))
	if err != nil {
		panic("api: the document is plain data and always encodes: " + err.Error())
	}
	sum := sha256.Sum256(body)
	tag := `W/"` + hex.EncodeToString(sum[:16]) + `"`
	return func(c echo.Context) error {
		c.Response().Header().Set("ETag", tag)
		c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
		for known := range strings.SplitSeq(c.Request().Header.Get("If-None-Match"), ",") {
			if known = strings.TrimSpace(known); known == tag || known == "*" || "W/"+known == tag {
				return c.NoContent(http.StatusNotModified)
			}
		}
		return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, body)
	}
}
