package handlers

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
	"tenure.dev/web"
	"tenure.dev/workflow"
)

// page renders a component as a whole before anything is sent, so that a page
// is never cut off in the middle.
func page(c echo.Context, status int, component templ.Component) error {
	var buffer bytes.Buffer
	if err := component.Render(c.Request().Context(), &buffer); err != nil {
		return fmt.Errorf("render the page %q: %w", c.Path(), err)
	}
	return c.HTMLBlob(status, buffer.Bytes())
}

// frame is the page around the content, for whoever is signed in.
func frame(c echo.Context, section web.Section, title string) web.Frame {
	f := web.Frame{Title: title, Section: section}
	if actor := auth.Actor(c); !actor.ID.IsZero() {
		f.Visitor = visitor(actor)
	}
	return f
}

func visitor(actor workflow.Actor) *web.Visitor {
	v := &web.Visitor{Name: personName(actor.Person), Username: actor.Username, Initials: initials(actor.Name)}
	for _, role := range actor.Roles {
		v.Roles = append(v.Roles, roleWords(role))
	}
	return v
}

// initials takes the first letter of the first and of the last word of a name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	letters := []rune(words[0])[:1]
	if len(words) > 1 {
		letters = append(letters, []rune(words[len(words)-1])[0])
	}
	return strings.ToUpper(string(letters))
}

// isFragment says whether htmx asked for a part of a page.
func isFragment(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }
