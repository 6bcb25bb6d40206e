package handlers

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
	"tenure.dev/web"
	"tenure.dev/workflow"
)

// Where another policy is proposed, and what its editor asks.
const (
	newPolicyPath    = "/requests/new/policy"
	policySchemaPath = newPolicyPath + "/schema"
	policyCheckPath  = newPolicyPath + "/check"
)

// asksPolicy says whether somebody may propose another policy.
func asksPolicy(actor workflow.Actor) bool { return actor.HoldsAppRole(workflow.RoleAdmin) }

// policyKind leads to the form for another policy; nothing for those who may not ask.
func policyKind(actor workflow.Actor) []web.KindCard {
	if !asksPolicy(actor) {
		return nil
	}
	return []web.KindCard{{Title: "Another policy", Href: newPolicyPath, Icon: web.IconFile,
		Words: "Change policy.yaml: clusters, sizes, rules, who must review what. The plan shows what it does to every tenant."}}
}

// newPolicy answers: what would another policy do to everybody?
func (p *Portal) newPolicy(c echo.Context) error {
	ctx, actor := visit(c)
	if !asksPolicy(actor) {
		return workflow.Refuse(workflow.Forbidden, "The policy is everybody's, so only platform admins propose another one. The page of rules says what it asks for; tell an admin what should be different.")
	}
	inForce, err := p.Service.PolicyText(ctx, actor)
	if err != nil {
		return err
	}
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	typed, err := p.beginningPolicy(c)
	if err != nil {
		return err
	}
	typed.InForce = inForce
	begun := typed.start(choices, p.Clock.Now())
	form, err := p.formWithPlan(c, choices, begun)
	if err != nil {
		return err
	}
	p.offerDraft(c, &form)
	return page(c, http.StatusOK, web.NewRequest(newForm(c, begun, form)))
}

// beginningPolicy is the form that a link opens: as it was typed before, as an
// earlier request asked for it, or empty.
func (p *Portal) beginningPolicy(c echo.Context) (typedPolicy, error) {
	if c.QueryParam(paramDraft) != "" {
		if draft, _, found := p.draftOf(c, workflow.KindPolicy); found {
			if typed, isPolicy := draft.(typedPolicy); isPolicy {
				return typed, nil
			}
		}
	}
	id := c.QueryParam(paramFrom)
	if id == "" {
		return typedPolicy{}, nil
	}
	request, err := p.earlier(c, id)
	if err != nil {
		return typedPolicy{}, err
	}
	change, isPolicy := request.Change.(workflow.PolicyChange)
	if !isPolicy {
		return typedPolicy{}, nothingToBeginFrom()
	}
	return typedPolicy{Change: change}, nil
}

// sentValues reads what a form sent. A file that was uploaded beside a text takes
// its place.
func sentValues(c echo.Context) (url.Values, error) {
	values, err := c.FormParams()
	if err != nil || !strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		return values, err
	}
	header, err := c.FormFile(fieldFile)
	if err != nil || header.Size == 0 {
		return values, nil //nolint:nilerr // no file was chosen
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(file)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	values.Set(fieldDocument, string(content))
	return values, nil
}

// proposeHref leads from the rules to the form for others; empty for those who
// may not ask.
func proposeHref(c echo.Context) string {
	if !asksPolicy(auth.Actor(c)) {
		return ""
	}
	return newPolicyPath
}
