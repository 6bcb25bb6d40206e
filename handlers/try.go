package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// maxManifest bounds what is judged at once, in bytes: half of what a form may
// send, because the page shows it again.
const maxManifest = 1 << 20

// typedQuestion is the form of the page as somebody typed it.
type typedQuestion struct {
	Cluster  string
	User     string
	Groups   string // separated by commas or spaces
	Manifest string
}

// showTry shows the form, with an example where one was picked.
func (p *Portal) showTry(c echo.Context) error {
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	typed := typedQuestion{User: choices.Policy.GitOpsIdentity}
	if clusters := clusterOptions(choices.Policy); len(clusters) > 0 {
		typed.Cluster = clusters[0].Value
	}
	if example, found := findExample(c.QueryParam("example")); found {
		typed.Manifest = example.manifest
		if !example.asGitOps {
			typed.User = actor.Username
		}
	}
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
	verdicts, err := p.judge(c, typed)
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
	for _, verdict := range verdicts {
		view.Verdicts = append(view.Verdicts, verdictView(verdict))
	}
	view.Heading = verdictHeading(verdicts)
	view.Title = view.Heading
	return page(c, http.StatusOK, web.Try(view))
}

// judge checks what no part of the domain sees: that there is something to judge.
func (p *Portal) judge(c echo.Context, typed typedQuestion) ([]workflow.Verdict, error) {
	var problems []workflow.FieldProblem
	switch {
	case strings.TrimSpace(typed.Manifest) == "":
		problems = append(problems, workflow.FieldProblem{Field: "manifest", Message: "Paste a manifest, or start from an example."})
	case len(typed.Manifest) > maxManifest:
		problems = append(problems, workflow.FieldProblem{Field: "manifest", Message: "That is more than 1 MiB. Try fewer objects at a time."})
	}
	if typed.User == "" {
		problems = append(problems, workflow.FieldProblem{Field: "user", Message: "Say who would apply it, as the cluster names them, such as dana@example.com or system:serviceaccount:argocd:gitops."})
	}
	if len(problems) > 0 {
		return nil, &workflow.Problem{Kind: workflow.Invalid, Message: "There is no verdict yet.", Fields: problems}
	}
	ctx, actor := visit(c)
	return p.Service.Try(ctx, actor, workflow.Question{
		Cluster: typed.Cluster, User: typed.User, Groups: splitGroups(typed.Groups), Manifest: []byte(typed.Manifest),
	})
}

func parseQuestion(values url.Values) typedQuestion {
	manifest := strings.ToValidUTF8(values.Get("manifest"), "\uFFFD")
	return typedQuestion{
		Cluster: typedLine(values, "cluster"), User: typedLine(values, "user"), Groups: typedLine(values, "groups"),
		Manifest: strings.ReplaceAll(manifest, "\r\n", "\n"),
	}
}

func splitGroups(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
}

func tryView(c echo.Context, choices workflow.Choices, typed typedQuestion) web.TryView {
	view := web.TryView{
		Heading:  "What would the webhook say?",
		Lead:     "The admission webhook's own code and the last verified commit judge what you paste. Nothing is applied.",
		Examples: exampleLinks(),
		Manifest: web.Field{Name: "manifest", Label: "Manifest", Value: typed.Manifest, Required: true, Hint: "YAML, one object or several separated by ---"},
		Cluster:  web.Field{Name: "cluster", Label: "Cluster", Value: typed.Cluster, Required: true, Options: clusterOptions(choices.Policy)},
		User:     web.Field{Name: "user", Label: "Who would apply it", Value: typed.User, Required: true},
		Groups:   web.Field{Name: "groups", Label: "Their groups", Value: typed.Groups},
	}
	view.Frame = frame(c, web.SectionTry, view.Heading)
	view.Cluster.Options = choose(view.Cluster.Options, view.Cluster.Value, true)
	return view
}

// verdictHeading is the answer over all objects.
func verdictHeading(verdicts []workflow.Verdict) string {
	denied := 0
	for _, verdict := range verdicts {
		if !verdict.Allowed {
			denied++
		}
	}
	switch {
	case len(verdicts) == 0:
		return "There is no object in that"
	case denied == 0 && len(verdicts) == 1:
		return "The webhook would allow it"
	case denied == 0:
		return "The webhook would allow all " + web.Count(int64(len(verdicts)), "object")
	case len(verdicts) == 1:
		return "The webhook would deny it"
	}
	return "The webhook would deny " + number(int64(denied)) + " of " + web.Count(int64(len(verdicts)), "object")
}

func verdictView(verdict workflow.Verdict) web.VerdictView {
	view := web.VerdictView{
		Object:     verdict.Object,
		Outcome:    web.Badge{Text: "Allowed", Tone: web.ToneGood, Icon: web.IconCheck},
		Violations: violationViews(verdict.Violations),
		Warnings:   violationViews(verdict.Warnings),
		Commit:     verdict.Commit,
	}
	if !verdict.Allowed {
		view.Outcome = web.Badge{Text: "Denied", Tone: web.ToneBad, Icon: web.IconCross}
	}
	if verdict.Request != 0 {
		view.Request = requestLink(verdict.Request)
	}
	return view
}

func violationViews(violations []workflow.Violation) []web.ViolationView {
	views := make([]web.ViolationView, 0, len(violations))
	for _, v := range violations {
		view := web.ViolationView{Rule: v.Rule, Field: v.Field, Value: v.Value, Allowed: v.Allowed, Ask: v.Ask}
		if i := slices.IndexFunc([]string{"http://", "https://"}, func(prefix string) bool { return strings.HasPrefix(v.Ask, prefix) }); i >= 0 {
			view.AskHref = v.Ask
		}
		views = append(views, view)
	}
	return views
}
