package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// fragmentHeader marks a part of a page, so that the script can tell it from a
// page such as that of signing in.
const fragmentHeader = "Tenure-Fragment"

// previewRequest shows the plan of what was typed so far and stores nothing. A
// page's script asks for the plan alone; a button without script for the page.
func (p *Portal) previewRequest(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	ctx, actor := visit(c)
	typed := parseDraft(values)
	plan, err := p.Service.Plan(ctx, actor, typed.draft())
	words := previewWords(values.Get("request"))
	if err != nil && !isFragment(c) {
		return p.formAgain(c, typed, err, words)
	}
	choices, choicesErr := p.Service.Choices(ctx, actor)
	if choicesErr != nil {
		return choicesErr
	}
	form, err := p.formWithPlan(choices, typed, plan, err)
	if err != nil {
		return err
	}
	if isFragment(c) {
		c.Response().Header().Set(fragmentHeader, "1")
		return page(c, http.StatusOK, web.PlanFragment(form))
	}
	return page(c, http.StatusOK, web.NewNamespace(words(c, form)))
}

// formWithPlan presents the form with the plan of what was typed beside it or,
// where the domain refused to make one, with what is still needed. Any other
// error is passed on.
func (p *Portal) formWithPlan(choices workflow.Choices, typed typedDraft, plan workflow.Plan, planErr error) (web.NamespaceForm, error) {
	if planErr == nil {
		form, view := formView(choices, typed, nil), planView(plan, p.Clock.Now())
		form.Panel = web.PlanPanel{Status: planStatus(plan), Plan: &view}
		return form, nil
	}
	problem, refused := workflow.AsProblem(planErr)
	if !refused {
		return web.NamespaceForm{}, planErr
	}
	form := formView(choices, typed, whileTyping(problem.Fields, typed))
	form.Panel = unplanned(problem, form)
	return form, nil
}

// previewWords are the words of the form that is previewed: a new request, or
// the request with this number.
func previewWords(request string) func(echo.Context, web.NamespaceForm) web.NamespaceForm {
	id, err := strconv.ParseInt(request, 10, 64)
	if err != nil || id <= 0 {
		return newForm
	}
	return func(c echo.Context, form web.NamespaceForm) web.NamespaceForm { return editForm(c, form, id) }
}

// whileTyping leaves out what is wrong only because somebody has not come to it yet.
func whileTyping(problems []workflow.FieldProblem, typed typedDraft) []workflow.FieldProblem {
	empty := map[string]bool{
		fieldTenant: typed.Tenant == "", fieldName: typed.Name == "", fieldEnvironment: typed.Environment == "",
		fieldCluster: typed.Cluster == "", fieldSize: typed.Size == "", fieldPodSecurity: typed.PodSecurity == "",
		fieldPurpose: strings.TrimSpace(typed.Purpose) == "",
	}
	return slices.DeleteFunc(slices.Clone(problems), func(p workflow.FieldProblem) bool { return empty[p.Field] })
}

// unplanned says what is still needed for a plan.
func unplanned(problem *workflow.Problem, form web.NamespaceForm) web.PlanPanel {
	panel := web.PlanPanel{}
	var missing, wrong []string
	for _, field := range form.Fields() {
		switch {
		case field.Problem != "":
			wrong = append(wrong, strings.ToLower(field.Label))
		case slices.ContainsFunc(problem.Fields, func(p workflow.FieldProblem) bool { return p.Field == field.Name }):
			missing = append(missing, strings.ToLower(field.Label))
		}
	}
	switch {
	case len(wrong) > 0:
		panel.Status = "There is no plan yet. Look at: " + strings.Join(append(wrong, missing...), ", ") + "."
	case len(missing) > 0:
		panel.Status = "There is no plan yet. Still needed: " + strings.Join(missing, ", ") + "."
	default:
		panel.Status = "There is no plan."
		panel.Problem = problem.Message
	}
	return panel
}

// planStatus is the one sentence that is read out when the plan is there.
func planStatus(plan workflow.Plan) string {
	return "This is the plan: " + web.Count(int64(len(plan.Files)), "file") + " would change. Nothing is sent before you submit."
}
