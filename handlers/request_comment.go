package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// fieldComment is the field of what somebody says on a request.
const fieldComment = "comment"

// commentForm asks for something to say, below what was said.
func commentForm(id int64) *web.CommentForm {
	return &web.CommentForm{
		Action: requestHref(id) + "/comments",
		Text:   web.Field{Name: fieldComment, Label: "Comment", Hint: "Everybody who sees this request reads it, for as long as the request is kept."},
	}
}

// commentRequest adds to a request's conversation and leads back to it.
func (p *Portal) commentRequest(c echo.Context) error {
	id, err := requestNumber(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	ctx, actor := visit(c)
	text := typedText(values, fieldComment)
	_, err = p.Service.Comment(ctx, actor, id, text)
	if problem, refused := workflow.AsProblem(err); refused && problem.Kind != workflow.NotFound && problem.Kind != workflow.Forbidden {
		return p.commentAgain(c, id, text, problem)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, requestHref(id)+"#history-title")
}

// commentAgain shows the request with what was typed, and what is wrong with it.
func (p *Portal) commentAgain(c echo.Context, id int64, text string, problem *workflow.Problem) error {
	ctx, actor := visit(c)
	dossier, err := p.Service.Dossier(ctx, actor, id)
	if err != nil {
		return err
	}
	view := p.requestPage(c, dossier)
	if view.Comment == nil {
		return problem
	}
	view.Comment.Text.Value = text
	view.Comment.Text.Problem = fieldMessage(problem, fieldComment)
	if view.Comment.Text.Problem == "" {
		view.Comment.Text.Problem = problem.Message
	}
	return page(c, http.StatusUnprocessableEntity, web.Request(view))
}
