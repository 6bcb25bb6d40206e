package handlers

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// suggestPath is where exceptions are proposed from what was seen.
const suggestPath = newNetworkPath + "/suggest"

// The names of the fields that the form for proposals has of its own.
const (
	fieldPlace   = "place"
	fieldLog     = "log"
	fieldPodList = "pods"
)

// showSuggest asks for a file of flows.
func (p *Portal) showSuggest(c echo.Context) error {
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	if len(choices.Tenants) == 0 {
		return needTenant("Network exceptions from a flow log")(c)
	}
	at := ""
	if places := tenantPlaces(choices); len(places) == 1 {
		at = places[0].Value
	}
	return page(c, http.StatusOK, web.Suggest(suggestPage(c, choices, at)))
}

// suggestExceptions answers: what would we have to ask for, from what was seen?
// Nothing is stored; each proposal leads to the form for it.
func (p *Portal) suggestExceptions(c echo.Context) error {
	if !p.reading.TryLock() {
		return workflow.Refuse(workflow.Unavailable, "Another flow log is being read at the moment. Yours was not; send it again in some seconds.")
	}
	defer p.reading.Unlock()
	sent, err := c.MultipartForm()
	if errors.Is(err, echo.ErrStatusRequestEntityTooLarge) {
		return echo.ErrStatusRequestEntityTooLarge
	}
	if err != nil {
		return badForm(err)
	}
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	at := typedLine(sent.Value, fieldPlace)
	view := suggestPage(c, choices, at)
	tenant, cluster, _ := strings.Cut(at, "/")
	observed := workflow.Observed{Tenant: tenant, Cluster: cluster}
	suggestions, err := p.suggest(c, sent, observed)
	if problem, refused := workflow.AsProblem(err); refused && problem.Kind == workflow.Invalid {
		for _, field := range []*web.Field{&view.Place, &view.Log, &view.Pods} {
			for _, wrong := range problem.Fields {
				if field.Is(wrong.Field) {
					field.Problem = wrong.Message
				}
			}
		}
		view.Summary = web.Summarize(problem.Message, view.Place, view.Log, view.Pods)
		view.Title = "Nothing proposed yet"
		return page(c, http.StatusUnprocessableEntity, web.Suggest(view))
	}
	if err != nil {
		return err
	}
	outcome := p.outcome(tenant, suggestions)
	view.Outcome, view.Heading = &outcome, suggestHeading(len(outcome.Proposals))
	view.Title = view.Heading
	return page(c, http.StatusOK, web.Suggest(view))
}

// suggest hands the files of the form to the domain.
func (p *Portal) suggest(c echo.Context, sent *multipart.Form, observed workflow.Observed) (workflow.Suggestions, error) {
	if observed.Tenant == "" {
		return workflow.Suggestions{}, &workflow.Problem{Kind: workflow.Invalid, Message: "Nobody can tell yet what is yours in the file.",
			Fields: []workflow.FieldProblem{{Field: fieldPlace, Message: "Choose whose flows they are, and of which cluster."}}}
	}
	log, err := sentFile(sent, fieldLog)
	if err != nil {
		return workflow.Suggestions{}, err
	}
	if log == nil {
		return workflow.Suggestions{}, &workflow.Problem{Kind: workflow.Invalid, Message: "There is no file to read.",
			Fields: []workflow.FieldProblem{{Field: fieldLog, Message: "Choose the file with the flow log."}}}
	}
	defer func() { _ = log.Close() }()
	pods, err := sentFile(sent, fieldPodList)
	if err != nil {
		return workflow.Suggestions{}, err
	}
	observed.Log = log
	if pods != nil {
		defer func() { _ = pods.Close() }()
		observed.Pods = pods
	}
	ctx, actor := visit(c)
	return p.Service.Suggest(ctx, actor, observed)
}

// sentFile opens a file of a form; nil where none was chosen, which browsers
// send as an empty one without a name.
func sentFile(sent *multipart.Form, name string) (io.ReadCloser, error) {
	files := sent.File[name]
	if len(files) == 0 || files[0].Size == 0 {
		return nil, nil
	}
	file, err := files[0].Open()
	if err != nil {
		return nil, fmt.Errorf("open the file of the field %q: %w", name, err)
	}
	return file, nil
}

func suggestPage(c echo.Context, choices workflow.Choices, at string) web.SuggestPage {
	view := web.SuggestPage{
		Heading: "What would we have to ask for?",
		Lead:    "A file of flows that were seen becomes proposals: the fewest exceptions that let them through. Nothing is stored or asked for.",
		Action:  suggestPath,
		Place: web.Field{Name: fieldPlace, Also: []string{fieldTenant, fieldCluster}, Label: "Tenant and cluster", Value: at, Required: true,
			Options: choose(tenantPlaces(choices), at, true)},
		Log: web.Field{Name: fieldLog, Label: "Flow log", Required: true,
			Hint: "From Hubble (hubble observe --output json), Calico, or Azure's virtual network flow logs. At most 32 MB."},
		Pods: web.Field{Name: fieldPodList, Label: "Pods",
			Hint: "For logs that have addresses only: kubectl get pods --all-namespaces --output json, of the same time."},
	}
	view.Frame = frame(c, web.SectionNew, view.Heading)
	return view
}

// tenantPlaces offers each tenant's clusters.
func tenantPlaces(choices workflow.Choices) []web.Option {
	var options []web.Option
	for _, tenancy := range choices.Tenants {
		for _, cluster := range tenancy.Clusters {
			options = append(options, web.Option{Value: tenancy.Name + "/" + cluster, Label: tenantName(tenancy) + " on " + cluster})
		}
	}
	return options
}

func suggestHeading(proposals int) string {
	switch proposals {
	case 0:
		return "Nothing needs to be asked for"
	case 1:
		return "1 exception would let through what was seen"
	}
	return web.Count(int64(proposals), "exception") + " would let through what was seen"
}
