package handlers

import (
	"net/url"
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the fields that the form for a quota has of its own. Those of
// object counts begin with fieldObjects.
const (
	fieldCPU       = "cpu"
	fieldMemory    = "memory"
	fieldStorage   = "storage"
	fieldObjects   = "objects."
	fieldConfirmed = "confirmed"
)

const newQuotaPath = "/requests/new/quota"

// typedQuota is the form for other amounts as somebody typed it. Which namespace
// it is came with the link to the form.
type typedQuota struct {
	At     typedPlace
	Change workflow.QuotaChange // without the namespace
}

func parseQuota(values url.Values) typedQuota {
	typed := typedQuota{At: parsePlace(values), Change: workflow.QuotaChange{
		CPU: typedLine(values, fieldCPU), Memory: typedLine(values, fieldMemory), Storage: typedLine(values, fieldStorage),
		Pods: typedLine(values, fieldPods), Until: typedLine(values, fieldUntil),
		Confirmed: typedLine(values, fieldConfirmed) != "", Reason: typedText(values, fieldReason),
	}}
	for _, kind := range workflow.ObjectCounts() {
		if count := typedLine(values, fieldObjects+string(kind)); count != "" {
			typed.count(kind, count)
		}
	}
	return typed
}

// count sets how many objects of a kind there may be.
func (t *typedQuota) count(kind workflow.ObjectCount, count string) {
	if t.Change.Objects == nil {
		t.Change.Objects = map[workflow.ObjectCount]string{}
	}
	t.Change.Objects[kind] = count
}

// quotaForm is a request's change as it stands in the form.
func quotaForm(tenant string, q workflow.QuotaChange) typedQuota {
	return typedQuota{At: typedPlace{tenant, q.Cluster, q.Namespace}, Change: q}
}

func (t typedQuota) draft() workflow.Draft {
	q := t.Change
	q.Cluster, q.Namespace = t.At.Cluster, t.At.Namespace
	return workflow.Draft{Tenant: t.At.Tenant, Change: q}
}

// chosen says whether an amount is named: without one there is nothing to plan.
func (t typedQuota) chosen() bool {
	q := t.Change
	return q.CPU+q.Memory+q.Storage+q.Pods != "" || len(q.Objects) > 0
}

// ahead: the plan does not depend on the reason.
func (t typedQuota) ahead() (workflow.Draft, bool) {
	t.Change.Reason = "Not said yet."
	return t.draft(), true
}

// start completes the name of the namespace, and fills in what it has.
func (t typedQuota) start(choices workflow.Choices, _ time.Time) typedForm {
	t.At = t.At.completed(choices)
	_, n, found := t.At.in(choices)
	if !found {
		return t
	}
	has := n.Quota.Lasting()
	if t.Change.Until != "" {
		has = n.Quota.Effective()
	}
	present := workflow.QuotaChangeOf(n.Cluster, n.Name, has)
	for field, value := range map[*string]string{
		&t.Change.CPU: present.CPU, &t.Change.Memory: present.Memory, &t.Change.Storage: present.Storage, &t.Change.Pods: present.Pods,
	} {
		if *field == "" {
			*field = value
		}
	}
	for kind, count := range present.Objects {
		if t.Change.Objects[kind] == "" {
			t.count(kind, count)
		}
	}
	return t
}

// untouched says whether the form asks for what the namespace has already:
// nobody has come to the amounts yet.
func (t typedQuota) untouched(choices workflow.Choices) bool {
	bare := typedQuota{At: t.At}.start(choices, time.Time{}).(typedQuota).Change
	q := t.Change
	same := q.CPU == bare.CPU && q.Memory == bare.Memory && q.Storage == bare.Storage && q.Pods == bare.Pods && len(q.Objects) == len(bare.Objects)
	for kind, count := range q.Objects {
		same = same && bare.Objects[kind] == count
	}
	return same
}

func (t typedQuota) heading() string {
	if t.At.Namespace == "" {
		return "Request another quota"
	}
	return "Request another quota for " + t.At.Namespace
}

func (t typedQuota) fill(form *web.RequestForm, choices workflow.Choices, now time.Time) {
	q, bars := t.Change, barsOf(t, choices)
	amount := func(name, label, value, hint string) web.AmountField {
		return web.AmountField{Field: web.Field{Name: name, Label: label, Value: value, Hint: hint, Required: true}, Bar: bars.bar(name, label)}
	}
	until := untilField(workflow.KindQuota, q.Until, choices.Policy, now)
	until.Required = false
	until.Hint = "Left empty, the amounts are lasting. With an end they are a temporary increase. " + until.Hint
	form.Quota = &web.QuotaFields{
		Namespace: web.Field{Name: fieldNamespace, Also: []string{fieldTenant, fieldCluster}, Label: "Namespace", Value: t.At.value(), Required: true},
		Facts:     t.facts(choices, now), OtherHref: newQuotaPath, Unknown: bars.unknown(),
		Amounts: []web.AmountField{
			amount(fieldCPU, "CPU", q.CPU, "In cores: 2, or 500m for half a core."),
			amount(fieldMemory, "Memory", q.Memory, "Such as 512Mi or 8Gi."),
			amount(fieldStorage, "Storage", q.Storage, "Of all volume claims together, such as 100Gi."),
			amount(fieldPods, "Pods", q.Pods, "How many there may be at a time."),
		},
		Until:     until,
		Confirmed: web.Field{Name: fieldConfirmed, Label: "I know that this is below what is in use.", Value: "yes", Checked: q.Confirmed},
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: q.Reason, Required: true,
			Hint: "What the amounts are for, in a sentence. Reviewers read it first."},
	}
	for _, kind := range workflow.ObjectCounts() {
		field := amount(fieldObjects+string(kind), kind.Label(), q.Objects[kind], "")
		field.Required, field.Conditional = false, true // the words above say so of all of them
		if kind == workflow.CountLoadBalancers {
			field.Placeholder = "none"
		}
		form.Quota.More = append(form.Quota.More, field)
		form.Quota.MoreOpen = form.Quota.MoreOpen || strings.TrimSpace(field.Value) != ""
	}
}

// facts shows which namespace it is, and what was given to it until now.
func (t typedQuota) facts(choices workflow.Choices, now time.Time) []web.Fact {
	plain := func(term, text string) web.Fact { return web.Fact{Term: term, Value: web.Link{Text: text}} }
	tenancy, n, found := t.At.in(choices)
	if !found {
		return []web.Fact{plain("Namespace", t.At.Namespace), plain("Cluster", t.At.Cluster)}
	}
	facts := []web.Fact{
		{Term: "Namespace", Value: web.Link{Text: n.Name, Href: namespaceHref(n.Cluster, n.Name)}},
		plain("Cluster", n.Cluster), plain("Environment", n.Environment),
		{Term: "Tenant", Value: web.Link{Text: tenantName(tenancy), Href: tenantHref(tenancy.Name)}},
		{Term: "Given by", Value: requestLink(n.Quota.Request)},
	}
	if raise := n.Quota.Raise; raise != nil {
		facts = append(facts, web.Fact{Term: "Raised by", Value: requestLink(raise.Request)}, endFact("Raised until", raise.Until, now))
	}
	return facts
}
