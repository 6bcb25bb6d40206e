package handlers

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the forms' fields; problems name fields by them.
const (
	fieldKind   = "kind"
	fieldTenant = "tenant"
)

// maxTyped bounds one field as it is kept and shown again, in bytes. The domain
// allows far less; this is what "nothing typed is lost" costs at most.
const maxTyped = 64 << 10

// typedForm is the form for one kind of request as somebody typed it. It judges
// nothing; the domain does.
type typedForm interface {
	// draft is the command for the domain.
	draft() workflow.Draft
	// chosen says whether it is clear what the request is about, so that
	// planning it tells more than that everything is still missing.
	chosen() bool
	// ahead is the draft with the words filled in that change nothing of the
	// plan, so that it can be shown before they are typed; false where there are none.
	ahead() (workflow.Draft, bool)
	// start completes what a link filled in.
	start(choices workflow.Choices, now time.Time) typedForm
	// heading is the title of the page for a new request.
	heading() string
	// fill puts the fields into the page's form.
	fill(form *web.RequestForm, choices workflow.Choices, now time.Time)
}

// parseForm reads the form of a kind. It only makes text of what may be anything.
func parseForm(kind workflow.Kind, values url.Values) (typedForm, error) {
	switch kind {
	case workflow.KindNamespace:
		if typedLine(values, fieldExisting) != "" {
			return parseSettled(values), nil
		}
		return parseNamespace(values), nil
	case workflow.KindNetwork:
		return parseNetwork(values), nil
	case workflow.KindQuota:
		return parseQuota(values), nil
	case workflow.KindAccess:
		return parseAccess(values), nil
	case workflow.KindExemption:
		return parseExemption(values), nil
	case workflow.KindTenant:
		return parseTenant(values), nil
	case workflow.KindPolicy:
		return parsePolicy(values), nil
	case workflow.KindRemoval:
		if typedLine(values, fieldWhole) != "" {
			return parseLeaving(values), nil
		}
		if typedLine(values, fieldException)+typedLine(values, fieldSubject) != "" {
			return parseEnding(values), nil
		}
		return parseRemoval(values), nil
	}
	return nil, workflow.Refuse(workflow.NotFound, "Nothing of this kind can be asked for here. What can be asked for is a tenant, a namespace, another quota, access, a network exception, an exemption from a rule, or the removal of any of these.")
}

// sentForm reads the form that a page sent, with the kind that it names. One
// that names none is for a namespace.
func sentForm(values url.Values) (typedForm, error) {
	kind := workflow.Kind(values.Get(fieldKind))
	if kind == "" {
		kind = workflow.KindNamespace
	}
	return parseForm(kind, values)
}

// formOf is a change as it stands in the form.
func formOf(tenant string, change workflow.Change) (typedForm, bool) {
	switch change := change.(type) {
	case workflow.NamespaceChange:
		if change.Existing {
			return settledForm(tenant, change), true
		}
		return namespaceForm(tenant, change), true
	case workflow.NetworkChange:
		return networkForm(tenant, change), true
	case workflow.QuotaChange:
		return quotaForm(tenant, change), true
	case workflow.AccessChange:
		return accessForm(tenant, change), true
	case workflow.ExemptionChange:
		return exemptionForm(tenant, change), true
	case workflow.TenantChange:
		return tenantForm(tenant, change), true
	case workflow.PolicyChange:
		return typedPolicy{Change: change}, true
	case workflow.RemovalChange:
		if change.Tenant {
			return leavingForm(tenant, change), true
		}
		if change.Exception != 0 || change.Subject != "" {
			return endingForm(tenant, change), true
		}
		return removalForm(tenant, change), true
	}
	return nil, false
}

// formView presents the form with what was typed and what is wrong with it.
func (p *Portal) formView(c echo.Context, choices workflow.Choices, typed typedForm, problems []workflow.FieldProblem) web.RequestForm {
	form := web.RequestForm{Kind: string(typed.draft().Change.Kind())}
	if !isFragment(c) {
		typed = p.withSuggestions(c, typed)
	}
	typed.fill(&form, choices, p.Clock.Now())
	if policy, isPolicy := typed.(typedPolicy); isPolicy && policy.chosen() {
		p.listProblems(c, form.Policy)
	}
	showProblems(form, reworded(typed, problems))
	return form
}

// requireAll marks every field of a form as needed.
func requireAll(form *web.RequestForm) {
	for _, field := range form.Fields() {
		field.Required = true
	}
}

// showProblems puts what is wrong beside each field: the first thing, or
// beside a list what is wrong with each of its entries.
func showProblems(form web.RequestForm, problems []workflow.FieldProblem) {
	for _, field := range form.Fields() {
		var said []string
		for _, problem := range problems {
			if field.Is(problem.Field) && !slices.Contains(said, problem.Message) && (field.List || len(said) == 0) {
				said = append(said, problem.Message)
			}
		}
		if len(said) > 0 {
			field.Problem = strings.Join(said, " ")
		}
	}
	if form.Policy != nil {
		form.Policy.CountProblems()
	}
}

// typedLine reads a field of one line; spaces around it are slips of the hand.
func typedLine(values url.Values, name string) string {
	return strings.TrimSpace(typedText(values, name))
}

// typedText reads a field of several lines, with newlines as Unix writes them:
// browsers send CR LF (WHATWG HTML, "multipart form data" and urlencoded alike).
func typedText(values url.Values, name string) string {
	text := values.Get(name)
	if len(text) > maxTyped {
		text = text[:maxTyped]
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}
