package handlers

import (
	"fmt"
	"net/url"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the fields that the form for a removal has of its own.
const (
	fieldNamespace    = "namespace"
	fieldConfirmation = "confirmation"
	fieldReason       = "reason"
)

const newRemovalPath = "/requests/new/removal"

// removalHref leads to the form for the removal of a namespace.
func removalHref(tenant string, n workflow.Namespace) string {
	return newRemovalPath + "?" + url.Values{fieldTenant: {tenant}, fieldCluster: {n.Cluster}, fieldNamespace: {n.Name}}.Encode()
}

// typedRemoval is the form for the removal of a namespace as somebody typed it.
// Which namespace it is came with the link to the form.
type typedRemoval struct {
	Tenant       string
	Cluster      string
	Namespace    string
	Confirmation string
	Reason       string
}

func parseRemoval(values url.Values) typedRemoval {
	return typedRemoval{
		Tenant:       typedLine(values, fieldTenant),
		Cluster:      typedLine(values, fieldCluster),
		Namespace:    typedLine(values, fieldNamespace),
		Confirmation: typedLine(values, fieldConfirmation),
		Reason:       typedText(values, fieldReason),
	}
}

// removalForm is a request's change as it stands in the form.
func removalForm(tenant string, r workflow.RemovalChange) typedRemoval {
	return typedRemoval{Tenant: tenant, Cluster: r.Cluster, Namespace: r.Namespace, Confirmation: r.Confirmation, Reason: r.Reason}
}

func (t typedRemoval) draft() workflow.Draft {
	return workflow.Draft{Tenant: t.Tenant, Change: workflow.RemovalChange{
		Cluster: t.Cluster, Namespace: t.Namespace, Confirmation: t.Confirmation, Reason: t.Reason,
	}}
}

func (t typedRemoval) chosen() bool { return t.Namespace != "" }

// ahead: what would be removed is to be seen before anybody types its name.
func (t typedRemoval) ahead() (workflow.Draft, bool) {
	t.Confirmation, t.Reason = t.Namespace, "Not said yet."
	return t.draft(), t.chosen()
}

func (t typedRemoval) start(workflow.Choices, time.Time) typedForm { return t }

func (t typedRemoval) heading() string { return "Request the removal of " + t.Namespace }

func (t typedRemoval) fill(form *web.RequestForm, choices workflow.Choices, _ time.Time) {
	form.Removal = &web.RemovalFields{
		Tenant:    web.Field{Name: fieldTenant, Label: "Tenant", Value: t.Tenant},
		Cluster:   web.Field{Name: fieldCluster, Label: "Cluster", Value: t.Cluster},
		Namespace: web.Field{Name: fieldNamespace, Label: "Namespace", Value: t.Namespace},
		Facts:     t.facts(choices),
		OtherHref: newRemovalPath,
		Confirmation: web.Field{Name: fieldConfirmation, Label: "Name of the namespace", Value: t.Confirmation,
			Hint: fmt.Sprintf("Type %s to confirm that everything in it is to be deleted.", t.Namespace)},
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: t.Reason,
			Hint: "Why it can go, in a sentence. Reviewers read it first."},
	}
	if _, _, found := (typedPlace{t.Tenant, t.Cluster, t.Namespace}).in(choices); found {
		form.Removal.Contents = contentsPart(t.Cluster, t.Namespace)
	}
	requireAll(form)
}

// contentsPart is where a page shows what lives in a namespace that is to go.
func contentsPart(cluster, namespace string) *web.ContentsPart {
	return &web.ContentsPart{Title: "What lives there and would be lost", Href: contentsHref(cluster, namespace)}
}

// facts shows what the namespace has: enough to see that it is the right one.
func (t typedRemoval) facts(choices workflow.Choices) []web.Fact {
	plain := func(term, text string) web.Fact { return web.Fact{Term: term, Value: web.Link{Text: text}} }
	facts := []web.Fact{plain("Namespace", t.Namespace), plain("Cluster", t.Cluster)}
	for _, tenancy := range choices.Tenants {
		n, found := tenancy.Namespace(t.Cluster, t.Namespace)
		if tenancy.Name != t.Tenant || !found {
			continue
		}
		facts = append(facts,
			web.Fact{Term: "Tenant", Value: web.Link{Text: tenantName(tenancy), Href: tenantHref(tenancy.Name)}},
			plain("Environment", n.Environment), plain("Quota", quotaWords(n.Quota)))
		if n.Purpose != "" {
			facts = append(facts, plain("Purpose", n.Purpose))
		}
		facts = append(facts, web.Fact{Term: "Given by", Value: requestLink(n.Request)})
	}
	return facts
}

func quotaWords(q workflow.Quota) string {
	return fmt.Sprintf("%s CPU, %s memory, %s storage, %d pods", q.CPU.String(), q.Memory.String(), q.Storage.String(), q.Pods)
}
