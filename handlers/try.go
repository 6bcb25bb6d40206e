package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// maxManifest bounds what is judged at once, in bytes: half of what a form may
// send, because the page shows it again.
const maxManifest = 1 << 20

// showTry shows the form, with an example where one was picked.
func (p *Portal) showTry(c echo.Context) error {
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	typed := startingQuestion(c, choices, actor)
	return page(c, http.StatusOK, web.Try(tryView(c, choices, typed)))
}

// tryManifest asks for the verdict and shows it above the form.
func (p *Portal) tryManifest(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	typed := parseQuestion(values)
	view := tryView(c, choices, typed)
	verdicts, err := p.judge(c, choices.Policy, typed)
	if problem, refused := workflow.AsProblem(err); refused && problem.Kind == workflow.Invalid {
		for _, field := range []*web.Field{&view.Cluster, &view.User, &view.Groups, &view.Manifest} {
			field.Problem = fieldMessage(problem, field.Name)
		}
		if len(problem.Fields) == 0 {
			view.Manifest.Problem = problem.Message
		}
		view.Summary = web.Summarize("There is no verdict yet.", view.Manifest, view.Cluster, view.User, view.Groups)
		view.Title = "No verdict yet"
		return page(c, http.StatusUnprocessableEntity, web.Try(view))
	}
	if err != nil {
		return err
	}
	rememberCluster(c, typed.Cluster)
	for _, verdict := range verdicts {
		view.Verdicts = append(view.Verdicts, verdictView(verdict, typed.Cluster))
	}
	view.Heading = verdictHeading(verdicts)
	view.Title = view.Heading
	return page(c, http.StatusOK, web.Try(view))
}

// judge checks what no part of the domain sees: that there is something to judge.
func (p *Portal) judge(c echo.Context, policy workflow.Policy, typed typedQuestion) ([]workflow.Verdict, error) {
	var problems []workflow.FieldProblem
	switch {
	case strings.TrimSpace(typed.Manifest) == "":
		problems = append(problems, workflow.FieldProblem{Field: "manifest", Message: "Paste a manifest, or start from an example."})
	case len(typed.Manifest) > maxManifest:
		problems = append(problems, workflow.FieldProblem{Field: "manifest", Message: "That is more than 1 MiB. Try fewer objects at a time."})
	}
	question := typed.question(policy)
	if question.User == "" {
		problems = append(problems, workflow.FieldProblem{Field: "user", Message: "Say who would apply it, as the cluster names them, such as dana@example.com or system:serviceaccount:argocd:gitops."})
	}
	if len(problems) > 0 {
		return nil, &workflow.Problem{Kind: workflow.Invalid, Message: "There is no verdict yet.", Fields: problems}
	}
	ctx, actor := visit(c)
	return p.Service.Try(ctx, actor, question)
}

func tryView(c echo.Context, choices workflow.Choices, typed typedQuestion) web.TryView {
	view := web.TryView{
		Heading:  "What would the webhook say?",
		Lead:     "The admission webhook's own code and the last verified commit judge what you paste. Nothing is applied.",
		Examples: exampleLinks(),
		Manifest: web.Field{Name: "manifest", Label: "Manifest", Value: typed.Manifest, Required: true, Hint: "YAML: one object, or a stream of several"},
		Cluster:  web.Field{Name: "cluster", Label: "Cluster", Value: typed.Cluster, Required: true, Options: clusterOptions(choices.Policy)},
		As:       web.Field{Name: "as", Label: "Apply as", Value: typed.As, Options: appliers(choices.Policy)},
		User: web.Field{Name: "user", Label: "Who would apply it", Value: typed.User, Required: true,
			Hint: "Their user name, as the API server sees it"},
		Groups: web.Field{Name: "groups", Label: "Their groups", Value: typed.Groups,
			Hint: "Object ids of Entra groups, one a line or with spaces between"},
	}
	view.Frame = frame(c, web.SectionTry, view.Heading)
	view.Cluster.Options = choose(view.Cluster.Options, view.Cluster.Value, true)
	view.As.Options = choose(view.As.Options, view.As.Value, false)
	return view
}
