package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// newRequest answers: what do I have to say, and what will happen then?
func (p *Portal) newRequest(c echo.Context) error {
	if c.Param("kind") != string(workflow.KindNamespace) {
		return workflow.Refuse(workflow.NotFound, "Nothing of this kind can be asked for here. What can be asked for is a namespace.")
	}
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	if len(choices.Tenants) == 0 {
		return workflow.Refuse(workflow.Forbidden, "You are in no tenant's groups, so there is nothing for you to ask for. A platform admin can tell you which group your team has.")
	}
	asked := parseDraft(c.QueryParams())
	typed := startingDraft(choices, asked)
	form := formView(choices, typed, nil)
	form.Panel.Status = "The plan appears here as soon as the form is filled in. Nothing is sent before you submit."
	if asked.Name != "" {
		plan, planErr := p.Service.Plan(ctx, actor, typed.draft())
		if form, err = p.formWithPlan(choices, typed, plan, planErr); err != nil {
			return err
		}
	}
	return page(c, http.StatusOK, web.NewNamespace(newForm(c, form)))
}

// startingDraft completes what a link filled in, such as that of a denial: with
// what there is only one choice for, and with the stricter of two levels.
func startingDraft(choices workflow.Choices, typed typedDraft) typedDraft {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&typed.PodSecurity, string(workflow.LevelRestricted))
	if len(choices.Tenants) == 1 {
		fill(&typed.Tenant, choices.Tenants[0].Name)
	}
	if clusters := clusterOptions(choices.Policy); len(clusters) == 1 {
		fill(&typed.Cluster, clusters[0].Value)
	}
	if sizes := sizeOptions(choices.Policy); len(sizes) > 0 {
		fill(&typed.Size, sizes[0].Value)
	}
	if environments := environmentOptions(choices.Policy); len(environments) > 0 {
		fill(&typed.Environment, environments[0].Value)
	}
	return typed
}

// newForm adds the words for a new request.
func newForm(c echo.Context, form web.NamespaceForm) web.NamespaceForm {
	form.Heading = "Request a namespace"
	form.Frame = frame(c, web.SectionNew, form.Heading)
	form.Lead = "Say what you need. What would change, and who decides, stands beside it."
	form.Action = "/requests"
	form.Submit = "Submit request"
	return form
}

// editForm adds the words for a request that is changed.
func editForm(c echo.Context, form web.NamespaceForm, id int64) web.NamespaceForm {
	form.Heading = "Change request " + number(id)
	form.Frame = frame(c, web.SectionNone, form.Heading)
	form.Lead = "Change what was asked for and submit it again. Every vote so far is void then, because it was on another plan."
	form.Back = web.Link{Text: "Request " + number(id), Href: requestHref(id)}
	form.Action = requestHref(id) + "/edit"
	form.Submit = "Submit again"
	form.Request = number(id)
	return form
}
