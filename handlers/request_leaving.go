package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// fieldWhole says in the form for a removal that it is about a whole tenant.
const fieldWhole = "whole"

// leavingHref leads to the form for the removal of a tenant.
func leavingHref(slug string) string {
	return newRemovalPath + "?" + url.Values{fieldTenant: {slug}, fieldWhole: {"yes"}}.Encode()
}

// typedLeaving is the form for the removal of a tenant as somebody typed it. Which
// tenant it is came with the link to the form.
type typedLeaving struct {
	Slug         string
	Confirmation string
	Reason       string
}

func parseLeaving(values url.Values) typedLeaving {
	return typedLeaving{Slug: typedLine(values, fieldTenant), Confirmation: typedLine(values, fieldConfirmation), Reason: typedText(values, fieldReason)}
}

// leavingForm is a request's change as it stands in the form.
func leavingForm(tenant string, r workflow.RemovalChange) typedLeaving {
	return typedLeaving{Slug: tenant, Confirmation: r.Confirmation, Reason: r.Reason}
}

func (t typedLeaving) draft() workflow.Draft {
	return workflow.Draft{Tenant: t.Slug, Change: workflow.RemovalChange{Tenant: true, Confirmation: t.Confirmation, Reason: t.Reason}}
}

func (t typedLeaving) chosen() bool { return t.Slug != "" }

// ahead: what would go is to be seen before anybody types its name.
func (t typedLeaving) ahead() (workflow.Draft, bool) {
	t.Confirmation, t.Reason = t.Slug, "Not said yet."
	return t.draft(), t.chosen()
}

func (t typedLeaving) start(workflow.Choices, time.Time) typedForm { return t }

func (t typedLeaving) heading() string { return "Request the removal of tenant " + t.Slug }

func (t typedLeaving) fill(form *web.RequestForm, choices workflow.Choices, _ time.Time) {
	form.Leaving = &web.LeavingFields{
		Settled: []web.Field{{Name: fieldTenant, Label: "Tenant", Value: t.Slug}, {Name: fieldWhole, Label: "The whole tenant", Value: "yes"}},
		Facts:   t.facts(choices),
		Confirmation: web.Field{Name: fieldConfirmation, Label: "Short name of the tenant", Value: t.Confirmation,
			Hint: fmt.Sprintf("Type %s to confirm that nobody can ask for anything in its name any more.", t.Slug)},
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: t.Reason, Hint: "Why it can go, in a sentence. Reviewers read it first."},
	}
	requireAll(form)
}

// tenancy finds the tenant among those that the person may ask to remove.
func (t typedLeaving) tenancy(choices workflow.Choices) (workflow.Tenancy, bool) {
	tenants := choices.Changeable
	i := slices.IndexFunc(tenants, func(tenancy workflow.Tenancy) bool { return tenancy.Name == t.Slug })
	if i < 0 {
		return workflow.Tenancy{}, false
	}
	return tenants[i], true
}

// facts shows what the tenant is: enough to see that it is the right one.
func (t typedLeaving) facts(choices workflow.Choices) []web.Fact {
	tenancy, found := t.tenancy(choices)
	if !found {
		return []web.Fact{plainFact("Tenant", t.Slug)}
	}
	facts := []web.Fact{
		{Term: "Tenant", Value: web.Link{Text: tenantName(tenancy), Href: tenantHref(tenancy.Name)}}, plainFact("Short name", tenancy.Name),
		plainFact("Ceiling", ceilingWords(tenancy.Ceiling)), plainFact("Clusters", joined(tenancy.Clusters)),
	}
	if tenancy.Contact != "" {
		facts = append(facts, plainFact("Contact", tenancy.Contact))
	}
	return append(facts, plainFact("Has", web.Count(int64(len(tenancy.Namespaces)), "namespace")))
}

func ceilingWords(c workflow.Ceiling) string {
	return fmt.Sprintf("%s CPU, %s memory, %s storage, %s", c.CPU.String(), c.Memory.String(), c.Storage.String(), web.Count(c.Namespaces, "namespace"))
}

// notEmpty is the page for a tenant that cannot go yet. It leads its own people to
// the removal of each namespace that is still there, others to the namespace.
func notEmpty(tenancy workflow.Tenancy, own bool) func(echo.Context) error {
	return func(c echo.Context) error {
		return chooseNamespace(c, workflow.Choices{Tenants: []workflow.Tenancy{tenancy}}, web.NamespaceChoice{
			Heading: fmt.Sprintf("%s still has %s", tenantName(tenancy), web.Count(int64(len(tenancy.Namespaces)), "namespace")),
			Lead:    "A tenant goes only when it is empty. Ask for the removal of each of these first; once they are gone, the tenant can go.",
		}, func(at typedPlace) string {
			if own {
				return newRemovalPath + at.query()
			}
			return namespaceHref(at.Cluster, at.Namespace)
		})
	}
}

// leaveFirst gives the page that comes before the form, where the tenant is not
// empty; nil where it is.
func (t typedLeaving) leaveFirst(choices workflow.Choices) func(echo.Context) error {
	if tenancy, found := t.tenancy(choices); found && len(tenancy.Namespaces) > 0 {
		return notEmpty(tenancy, asksFor(choices, tenancy.Name))
	}
	return nil
}
