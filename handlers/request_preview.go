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
	values, err := sentValues(c)
	if err != nil {
		return badForm(err)
	}
	typed, err := sentForm(values)
	if err != nil {
		return err
	}
	typed = p.lookedUp(c, typed)
	p.keepDraft(c, typed.draft().Change.Kind(), values)
	if policy, isPolicy := typed.(typedPolicy); isPolicy {
		typed = policy.taken(values.Get(fieldTake))
	}
	ctx, actor := visit(c)
	words := previewWords(values.Get("request"))
	if begun, begins := typed.(typedPolicy); !isFragment(c) && !(begins && !begun.chosen()) {
		if _, err := p.Service.Plan(ctx, actor, typed.draft()); err != nil {
			return p.formAgain(c, typed, err, words)
		}
	}
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	form, err := p.formWithPlan(c, choices, typed)
	if err != nil {
		return err
	}
	if isFragment(c) {
		c.Response().Header().Set(fragmentHeader, "1")
		return page(c, http.StatusOK, web.PlanFragment(form))
	}
	return page(c, http.StatusOK, web.NewRequest(words(c, typed, form)))
}

// begunForm is a form that begins with what there is.
type begunForm interface {
	// untouched says whether it asks for nothing else yet.
	untouched(choices workflow.Choices) bool
}

// formWithPlan presents the form with the plan of what was typed beside it or,
// where the domain refuses to make one, with what is still needed. Any other
// error is passed on.
func (p *Portal) formWithPlan(c echo.Context, choices workflow.Choices, typed typedForm) (web.RequestForm, error) {
	ctx, actor := visit(c)
	if begun, begins := typed.(begunForm); begins && begun.untouched(choices) {
		form := p.formView(c, choices, typed, nil)
		form.Panel.Status = "This is what it has. Change one thing, and the plan appears here."
		if form.Policy != nil {
			form.Panel.Status = "This is the policy in force. Change it, and the plan appears here."
		}
		return form, nil
	}
	plan, err := p.Service.Plan(ctx, actor, typed.draft())
	if err == nil {
		form := p.formView(c, choices, typed, nil)
		form.Panel = p.planned(plan, actor)
		return form, nil
	}
	problem, refused := workflow.AsProblem(err)
	if !refused {
		return web.RequestForm{}, err
	}
	form := p.formView(c, choices, typed, nil)
	ahead, more := p.planAhead(c, typed)
	showProblems(form, withoutPicks(typed, reworded(typed, append(whileTyping(problem.Fields, form), more...))))
	form.Panel = unplanned(problem, form)
	p.addPlan(&form.Panel, ahead, actor)
	return form, nil
}

// planAhead makes the plan although words are still missing, where they change
// nothing of it. Without a plan it gives what else is wrong.
func (p *Portal) planAhead(c echo.Context, typed typedForm) (*workflow.Plan, []workflow.FieldProblem) {
	draft, possible := typed.ahead()
	if !possible {
		return nil, nil
	}
	ctx, actor := visit(c)
	plan, err := p.Service.Plan(ctx, actor, draft)
	if problem, refused := workflow.AsProblem(err); refused {
		if plan.Digest != "" && allAbout(problem.Fields, fieldConfirmed) {
			return &plan, problem.Fields // it is to be seen before it is confirmed
		}
		return nil, problem.Fields
	}
	if err != nil {
		p.Log.ErrorContext(ctx, "plan ahead of what is still to be typed", "error", err)
		return nil, nil
	}
	return &plan, nil
}

// allAbout says whether problems are about one field only.
func allAbout(problems []workflow.FieldProblem, field string) bool {
	return len(problems) > 0 && !slices.ContainsFunc(problems, func(p workflow.FieldProblem) bool { return p.Field != field })
}

// addPlan puts a plan that was made ahead beside what the panel says is missing.
func (p *Portal) addPlan(panel *web.PlanPanel, plan *workflow.Plan, actor workflow.Actor) {
	if plan != nil {
		view := planView(*plan, actor, p.Clock.Now())
		panel.Status, panel.Plan = planStatus(*plan)+" "+panel.Missing, &view
	}
}

// previewWords are the words of the form that is previewed: a new request, or
// the request with this number.
func previewWords(request string) formWords {
	id, err := strconv.ParseInt(request, 10, 64)
	if err != nil || id <= 0 {
		return newForm
	}
	return editForm(id)
}

// whileTyping leaves out what is wrong only because somebody has not come to it yet.
func whileTyping(problems []workflow.FieldProblem, form web.RequestForm) []workflow.FieldProblem {
	return slices.DeleteFunc(slices.Clone(problems), func(p workflow.FieldProblem) bool {
		return slices.ContainsFunc(form.Fields(), func(f *web.Field) bool { return f.Is(p.Field) && strings.TrimSpace(f.Value) == "" })
	})
}

// unplanned says what is still needed for a plan.
func unplanned(problem *workflow.Problem, form web.RequestForm) web.PlanPanel {
	var missing, wrong []string
	for _, field := range form.Fields() {
		switch {
		case field.Problem != "":
			wrong = append(wrong, strings.ToLower(field.Title()))
		case slices.ContainsFunc(problem.Fields, func(p workflow.FieldProblem) bool { return field.Is(p.Field) }):
			missing = append(missing, strings.ToLower(field.Title()))
		}
	}
	panel := web.PlanPanel{}
	switch {
	case len(wrong) > 0:
		panel.Missing = "Look at: " + strings.Join(append(wrong, missing...), ", ") + "."
	case len(missing) > 0:
		panel.Missing = "Still needed: " + strings.Join(missing, ", ") + "."
	default:
		panel.Status, panel.Problem = "There is no plan.", problem.Message
		return panel
	}
	panel.Status = "There is no plan yet. " + panel.Missing
	return panel
}

// planned presents a plan that nothing is missing for.
func (p *Portal) planned(plan workflow.Plan, actor workflow.Actor) web.PlanPanel {
	view := planView(plan, actor, p.Clock.Now())
	return web.PlanPanel{Status: planStatus(plan) + " Nothing is sent before you submit.", Plan: &view}
}

// planStatus is the one sentence that is read out when the plan is there.
func planStatus(plan workflow.Plan) string {
	return "This is the plan: " + web.Count(int64(len(plan.Files)), "file") + " would change."
}
