package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
)

// rulesPath is the page of rules; denials and forms lead to it as well.
const rulesPath = "/rules"

// showRules answers: what must my workloads keep to, and how do I pass?
func (p *Portal) showRules(c echo.Context) error {
	ctx, actor := visit(c)
	rules, err := p.Service.Rules(ctx, actor)
	if err != nil {
		return err
	}
	view := rulesPage(rules)
	view.ProposeHref = proposeHref(c)
	view.Frame = frame(c, web.SectionRules, view.Heading)
	return page(c, http.StatusOK, web.Rules(view))
}
