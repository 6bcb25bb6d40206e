package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/api"
	"tenure.dev/web"
	"tenure.dev/workflow"
)

// reviewRequest stores a vote and leads back to the request.
func (p *Portal) reviewRequest(c echo.Context) error {
	id, err := requestNumber(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	ctx, actor := visit(c)
	ballot := parseBallot(values)
	if _, err := p.Service.Review(ctx, actor, id, ballot); err != nil {
		return p.reviewAgain(c, id, ballot, err)
	}
	return c.Redirect(http.StatusSeeOther, requestHref(id))
}

func parseBallot(values url.Values) workflow.Ballot {
	return workflow.Ballot{
		Vote:   workflow.Vote(typedLine(values, "vote")),
		Reason: typedText(values, "reason"),
		Digest: workflow.Digest(typedLine(values, "digest")),
	}
}

// reviewAgain shows the request again when a vote was not counted for what was
// typed, or because the plan is another one by now; the words are kept.
func (p *Portal) reviewAgain(c echo.Context, id int64, ballot workflow.Ballot, err error) error {
	problem, refused := workflow.AsProblem(err)
	if !refused || (problem.Kind != workflow.Invalid && problem.Kind != workflow.Conflict) {
		return err
	}
	ctx, actor := visit(c)
	dossier, readErr := p.Service.Dossier(ctx, actor, id)
	if readErr != nil {
		return readErr
	}
	view := p.requestPage(c, dossier)
	if view.Review == nil {
		return err
	}
	form := view.Review
	form.Reason.Value = ballot.Reason
	form.Vote.Problem = fieldMessage(problem, form.Vote.Name)
	form.Reason.Problem = fieldMessage(problem, form.Reason.Name)
	if problem.Kind == workflow.Invalid {
		// A vote on a plan that has changed has to be chosen anew.
		form.Vote.Value = string(ballot.Vote)
		for i := range form.Vote.Options {
			form.Vote.Options[i].Chosen = form.Vote.Options[i].Value == form.Vote.Value
		}
	}
	form.Summary = web.Summarize(problem.Message, form.Vote, form.Reason)
	view.Title = dossier.Request.Change.Title()
	view.Frame.Title = "Your vote was not counted · " + view.Title
	return page(c, api.StatusOf(problem.Kind), web.Request(view))
}

// fieldMessage is what a problem says of one field.
func fieldMessage(problem *workflow.Problem, field string) string {
	for _, p := range problem.Fields {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}
