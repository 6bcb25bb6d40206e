package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

const fieldException = "exception"

// endingHref leads to the form that ends what a request gave, before its time.
func endingHref(tenant string, request int64) string {
	return newRemovalPath + "?" + url.Values{fieldTenant: {tenant}, fieldException: {number(request)}}.Encode()
}

// revokingHref leads to the form that takes a role in a namespace away.
func revokingHref(tenant string, n workflow.Namespace, access workflow.Access) string {
	return newRemovalPath + "?" + url.Values{
		fieldTenant: {tenant}, fieldCluster: {n.Cluster}, fieldNamespace: {n.Name}, fieldSubject: {access.Subject()}, fieldRole: {string(access.Role)},
	}.Encode()
}

// typedEnding is the form for the end of what a namespace was given, as somebody
// typed it. What that is came with the link to the form.
type typedEnding struct {
	Tenant    string
	Exception string // the number of the request that gave it; empty for one role in a namespace

	Cluster, Namespace, Subject, Role string // which role; empty with Exception

	Reason string
	Kind   workflow.Kind // of what ends, once that is found
}

func parseEnding(values url.Values) typedEnding {
	typed := typedEnding{
		Tenant:    typedLine(values, fieldTenant),
		Exception: typedLine(values, fieldException),
		Reason:    typedText(values, fieldReason),
	}
	if typed.Exception == "" {
		at := parsePlace(values)
		typed.Tenant, typed.Cluster, typed.Namespace = at.Tenant, at.Cluster, at.Namespace
		typed.Subject, typed.Role = typedLine(values, fieldSubject), typedLine(values, fieldRole)
	}
	return typed
}

// endingForm is a request's change as it stands in the form.
func endingForm(tenant string, r workflow.RemovalChange) typedEnding {
	if r.Exception == 0 {
		return typedEnding{Tenant: tenant, Cluster: r.Cluster, Namespace: r.Namespace, Subject: r.Subject, Role: string(r.Role), Reason: r.Reason}
	}
	return typedEnding{Tenant: tenant, Exception: number(r.Exception), Reason: r.Reason}
}

// revokes says whether it is about one role in a namespace.
func (t typedEnding) revokes() bool { return t.Exception == "" }

// request is the number that was typed; one that nobody has where it is none.
func (t typedEnding) request() int64 {
	id, err := strconv.ParseInt(t.Exception, 10, 64)
	if err != nil || id <= 0 {
		return -1
	}
	return id
}

func (t typedEnding) draft() workflow.Draft {
	if t.revokes() {
		return workflow.Draft{Tenant: t.Tenant, Change: workflow.RemovalChange{
			Cluster: t.Cluster, Namespace: t.Namespace, Subject: t.Subject, Role: workflow.AccessRole(t.Role), Reason: t.Reason,
		}}
	}
	return workflow.Draft{Tenant: t.Tenant, Change: workflow.RemovalChange{Exception: t.request(), Reason: t.Reason}}
}

func (t typedEnding) chosen() bool { return true }

// ahead: what would end is to be seen before anybody says why.
func (t typedEnding) ahead() (workflow.Draft, bool) {
	t.Reason = "Not said yet."
	return t.draft(), true
}

// start finds the tenant where the link does not name it, and what it is about.
func (t typedEnding) start(choices workflow.Choices, _ time.Time) typedForm {
	for _, tenancy := range choices.Tenants {
		if grants := grantsOf(tenancy, t.request()); len(grants) > 0 && (t.Tenant == "" || t.Tenant == tenancy.Name) {
			t.Tenant, t.Kind = tenancy.Name, grants[0].Kind
		}
	}
	return t
}

func (t typedEnding) heading() string {
	switch {
	case t.revokes():
		return "Request to end access to " + t.Namespace
	case t.Kind == workflow.KindNetwork:
		return "Request to end exception " + t.Exception
	case t.Kind != "":
		return "Request to end the " + kindWords(t.Kind) + " of request " + t.Exception
	}
	return "Request to end what request " + t.Exception + " gave"
}

func (t typedEnding) fill(form *web.RequestForm, choices workflow.Choices, now time.Time) {
	settled := []web.Field{
		{Name: fieldTenant, Label: "Tenant", Value: t.Tenant},
		{Name: fieldException, Label: "What ends", Value: t.Exception},
	}
	if t.revokes() {
		settled = []web.Field{
			{Name: fieldTenant, Label: "Tenant", Value: t.Tenant}, {Name: fieldCluster, Label: "Cluster", Value: t.Cluster},
			{Name: fieldNamespace, Label: "Namespace", Value: t.Namespace}, {Name: fieldSubject, Label: "Who has access", Value: t.Subject},
			{Name: fieldRole, Label: "Role", Value: t.Role},
		}
	}
	form.Ending = &web.EndingFields{
		Settled: settled, Facts: t.facts(choices, now),
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: t.Reason,
			Hint: "Why it is no longer needed, in a sentence. Reviewers read it first."},
	}
	requireAll(form)
}

// facts shows what it is: enough to see that it is the right one.
func (t typedEnding) facts(choices workflow.Choices, now time.Time) []web.Fact {
	if t.revokes() {
		return t.accessFacts(choices, now)
	}
	facts := []web.Fact{{Term: "Given by", Value: web.Link{Text: t.Exception}}}
	if t.request() > 0 {
		facts[0].Value = requestLink(t.request())
	}
	for _, tenancy := range choices.Tenants {
		if tenancy.Name != t.Tenant {
			continue
		}
		facts = append(facts, exceptionFacts(tenancy, t.request(), now)...)
		for _, g := range grantsOf(tenancy, t.request()) {
			if g.Kind != workflow.KindNetwork {
				facts = append(facts, plainFact("Namespace", g.Namespace+" on "+g.Cluster), plainFact("What", g.Says), endFact("Until", g.Until, now))
			}
		}
	}
	return facts
}

// accessFacts shows who has which role where.
func (t typedEnding) accessFacts(choices workflow.Choices, now time.Time) []web.Fact {
	facts := []web.Fact{plainFact("Namespace", t.Namespace+" on "+t.Cluster), plainFact("Role", t.Role)}
	tenancy, n, _ := typedPlace{t.Tenant, t.Cluster, t.Namespace}.in(choices)
	for _, access := range n.Access {
		if access.Subject() == t.Subject && string(access.Role) == t.Role {
			return append(facts, plainFact("Who", whoWords(access, tenancy)), endFact("Until", access.Until, now),
				web.Fact{Term: "Given by", Value: requestLink(access.Request)})
		}
	}
	return append(facts, plainFact("Who", t.Subject))
}

func plainFact(term, text string) web.Fact { return web.Fact{Term: term, Value: web.Link{Text: text}} }

// endFact says when something ends, or that it does not.
func endFact(term string, until, now time.Time) web.Fact {
	if until.IsZero() {
		return plainFact(term, "without an end")
	}
	return web.Fact{Term: term, Ends: web.At(until, now)}
}

// exceptionFacts shows the ends of a request's network exception.
func exceptionFacts(tenancy workflow.Tenancy, request int64, now time.Time) (facts []web.Fact) {
	for _, e := range exceptionsOf(tenancy, request) {
		other, detail := peerWords(e.Peer())
		if detail != "" {
			other += " (" + detail + ")"
		}
		facts = append(facts, plainFact("Namespace", e.namespace+" on "+e.cluster), plainFact("Direction", directionBadge(e.Direction).Text),
			plainFact("Pods", workflow.LabelsText(e.Pods)), plainFact("The other side", other), plainFact("Ports", workflow.PortsText(e.Ports)),
			endFact("Until", e.Until, now))
	}
	return facts
}

// grantsOf lists what a request gave the tenancy's namespaces beyond themselves.
func grantsOf(tenancy workflow.Tenancy, request int64) []workflow.Grant {
	return slices.DeleteFunc(tenancy.Grants(), func(g workflow.Grant) bool { return g.Request != request })
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
