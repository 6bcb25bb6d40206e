package handlers

import (
	"net/url"
	"strconv"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

const fieldException = "exception"

// endingHref leads to the form that ends a network exception before its time.
func endingHref(tenant string, request int64) string {
	return newRemovalPath + "?" + url.Values{fieldTenant: {tenant}, fieldException: {number(request)}}.Encode()
}

// typedEnding is the form for the removal of a network exception as somebody
// typed it. Which exception it is came with the link to the form.
type typedEnding struct {
	Tenant    string
	Exception string // the number of the request that gave it
	Reason    string
}

func parseEnding(values url.Values) typedEnding {
	return typedEnding{
		Tenant:    typedLine(values, fieldTenant),
		Exception: typedLine(values, fieldException),
		Reason:    typedText(values, fieldReason),
	}
}

// endingForm is a request's change as it stands in the form.
func endingForm(tenant string, r workflow.RemovalChange) typedEnding {
	return typedEnding{Tenant: tenant, Exception: number(r.Exception), Reason: r.Reason}
}

// request is the number that was typed; one that nobody has where it is none.
func (t typedEnding) request() int64 {
	id, err := strconv.ParseInt(t.Exception, 10, 64)
	if err != nil || id <= 0 {
		return -1
	}
	return id
}

func (t typedEnding) draft() workflow.Draft {
	return workflow.Draft{Tenant: t.Tenant, Change: workflow.RemovalChange{Exception: t.request(), Reason: t.Reason}}
}

func (t typedEnding) chosen() bool { return true }

// ahead: what would close is to be seen before anybody says why.
func (t typedEnding) ahead() (workflow.Draft, bool) {
	t.Reason = "Not said yet."
	return t.draft(), true
}

// start finds the tenant where the link does not name it.
func (t typedEnding) start(choices workflow.Choices, _ time.Time) typedForm {
	for _, tenancy := range choices.Tenants {
		if t.Tenant == "" && len(exceptionsOf(tenancy, t.request())) > 0 {
			t.Tenant = tenancy.Name
		}
	}
	return t
}

func (t typedEnding) heading() string { return "Request to end exception " + t.Exception }

func (t typedEnding) fill(form *web.RequestForm, choices workflow.Choices, now time.Time) {
	form.Ending = &web.EndingFields{
		Tenant:    web.Field{Name: fieldTenant, Label: "Tenant", Value: t.Tenant},
		Exception: web.Field{Name: fieldException, Label: "Network exception", Value: t.Exception},
		Facts:     t.facts(choices, now),
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: t.Reason,
			Hint: "Why it is no longer needed, in a sentence. Reviewers read it first."},
	}
	requireAll(form)
}

// facts shows what the exception is: enough to see that it is the right one.
func (t typedEnding) facts(choices workflow.Choices, now time.Time) []web.Fact {
	plain := func(term, text string) web.Fact { return web.Fact{Term: term, Value: web.Link{Text: text}} }
	facts := []web.Fact{{Term: "Given by", Value: web.Link{Text: t.Exception}}}
	if t.request() > 0 {
		facts[0].Value = requestLink(t.request())
	}
	for _, tenancy := range choices.Tenants {
		if tenancy.Name != t.Tenant {
			continue
		}
		for _, e := range exceptionsOf(tenancy, t.request()) {
			other, detail := peerWords(e.Peer())
			if detail != "" {
				other += " (" + detail + ")"
			}
			facts = append(facts, plain("Namespace", e.namespace+" on "+e.cluster), plain("Direction", directionBadge(e.Direction).Text),
				plain("Pods", workflow.LabelsText(e.Pods)), plain("The other side", other), plain("Ports", workflow.PortsText(e.Ports)),
				plain("Until", untilWords(e.Until, now)))
		}
	}
	return facts
}

// placedException is an exception with the namespace that it stands in.
type placedException struct {
	workflow.NetworkException
	cluster, namespace string
}

// exceptionsOf lists the ends of a request's exception that stand in a tenancy.
func exceptionsOf(tenancy workflow.Tenancy, request int64) []placedException {
	var found []placedException
	for _, n := range tenancy.Namespaces {
		for _, e := range n.Network {
			if e.Request == request {
				found = append(found, placedException{e, n.Cluster, n.Name})
			}
		}
	}
	return found
}
