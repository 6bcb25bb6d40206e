package handlers

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

func (t typedTenant) fill(form *web.RequestForm, choices workflow.Choices, _ time.Time) {
	c := t.Change
	text := func(name, label, value, hint string) web.Field {
		return web.Field{Name: name, Label: label, Value: value, Hint: hint, Required: true}
	}
	tenancy, present := t.present(choices)
	form.Tenant = &web.TenantFields{
		Tenant: text(fieldTenant, "Short name", t.Slug,
			"Lower-case letters, digits and hyphens, such as orders. The names of the team's namespaces begin with it, and it never changes."),
		DisplayName: text(fieldDisplayName, "Name", c.DisplayName, "As people call the team, such as Orders."),
		Contact:     text(fieldContact, "Contact", c.Contact, "An e-mail address, or a link that begins with https://."),
		CostCentre:  text(fieldCostCentre, "Cost centre", c.CostCentre, "Who pays, as accounting writes it: CC-4711."),
		Owners: t.Owners.field(text(fieldOwners, "Owners' group", c.Owners,
			"Who agrees to what the team asks for. "+t.Owners.hint())),
		Members: t.Members.field(text(fieldMembers, "Members' group", c.Members,
			"Who asks in the team's name. "+t.Members.hint())),
		Amounts: ceilingFields(c, tenancy, present),
		Clusters: web.Field{Name: fieldClusters, Label: "Clusters", Value: strings.Join(c.Clusters, " "), Required: true, List: true,
			Hint: "Where the team may have namespaces.", Options: clusterCards(choices.Policy, c.Clusters)},
		Repositories: web.Field{Name: fieldRepositories, Label: "Deploy repositories", Value: strings.Join(c.Repositories, "\n"), List: true,
			Hint: "What the team's own Argo CD Applications may read: one URL a line, such as https://git.example.com/orders/deploy."},
		Reason: text(fieldReason, "Reason", c.Reason, "What the team does and needs this for, in a sentence. Reviewers read it first."),
	}
	if c.Existing {
		form.Tenant.Existing = web.Field{Name: fieldExisting, Label: "Change of a tenant", Value: "yes"}
		form.Tenant.Facts = t.facts(tenancy, present)
		form.Tenant.Reason.Hint = "Why it is to change, in a sentence. Reviewers read it first."
	}
}

// facts shows which tenant it is.
func (t typedTenant) facts(tenancy workflow.Tenancy, present bool) []web.Fact {
	if !present {
		return []web.Fact{plainFact("Tenant", t.Slug)}
	}
	return []web.Fact{
		{Term: "Tenant", Value: web.Link{Text: tenantName(tenancy), Href: tenantHref(tenancy.Name)}}, plainFact("Short name", tenancy.Name),
		plainFact("Has", web.Count(int64(len(tenancy.Namespaces)), "namespace")),
	}
}

// ceilingFields ask for the ceiling, each amount with what is given of it.
func ceilingFields(c workflow.TenantChange, tenancy workflow.Tenancy, present bool) []web.AmountField {
	given, now := amountsOf(tenancy.Given()), amountsOf(tenancy.Ceiling)
	fields := []web.AmountField{
		{Field: web.Field{Name: fieldCPU, Label: "CPU", Value: c.CPU, Hint: "In cores, such as 32."}},
		{Field: web.Field{Name: fieldMemory, Label: "Memory", Value: c.Memory, Hint: "Such as 128Gi."}},
		{Field: web.Field{Name: fieldStorage, Label: "Storage", Value: c.Storage, Hint: "Such as 1Ti."}},
		{Field: web.Field{Name: fieldNamespaces, Label: "Namespaces", Value: c.Namespaces, Hint: "How many, such as 12."}},
	}
	for i := range fields {
		field := &fields[i]
		field.Required = true
		field.Bar = web.QuotaBar{ID: field.Name + "-bar", Label: field.Label}
		if present {
			field.Bar.Marks = ceilingMarks(given[i], now[i], field.Value)
		}
	}
	return fields
}

// ceilingMarks are the marks of one amount: given, the ceiling now, and asked.
func ceilingMarks(given, now resource.Quantity, typed string) []web.Mark {
	mark := func(sign web.MarkSign, words string, amount resource.Quantity) web.Mark {
		return web.Mark{Sign: sign, Words: words, Text: amount.String(), Value: amount.AsApproximateFloat64()}
	}
	marks := []web.Mark{mark(web.MarkUsed, "given", given), mark(web.MarkApproved, "now", now)}
	if asked, err := workflow.ParseQuantity(strings.TrimSpace(typed)); err == nil && asked.Sign() >= 0 {
		marks = append(marks, mark(web.MarkAsked, "asked", asked))
	}
	return marks
}

// amountsOf are a ceiling's amounts in the order of the pages: CPU, memory,
// storage, namespaces.
func amountsOf(c workflow.Ceiling) [4]resource.Quantity {
	return [4]resource.Quantity{c.CPU, c.Memory, c.Storage, *resource.NewQuantity(c.Namespaces, resource.DecimalSI)}
}

// clusterCards offers every cluster with what it is. One that was chosen and is
// not offered stands there too, so that it is not lost.
func clusterCards(policy workflow.Policy, chosen []string) []web.Option {
	options := clusterOptions(policy)
	for i := range options {
		options[i].Detail = clusterWords(policy.Clusters[options[i].Value])
	}
	for _, name := range chosen {
		found := false
		for i := range options {
			if options[i].Value == name {
				options[i].Chosen, found = true, true
			}
		}
		if !found {
			options = append(options, web.Option{Value: name, Label: name, Detail: "not offered", Chosen: true})
		}
	}
	return options
}

// clusterWords says what a cluster is: its network engine, and how far it is adopted.
func clusterWords(cluster workflow.Cluster) string {
	adopted := map[workflow.ClusterMode]string{
		workflow.ModeEnforce: "what was not approved is refused", workflow.ModeWarn: "what was not approved is warned of",
		workflow.ModeObserve: "what was not approved is only recorded",
	}
	return fmt.Sprintf("%s, network by %s; %s.", strings.TrimPrefix(cluster.Server, "https://"), capitalize(string(cluster.NetworkEngine)), adopted[cluster.Mode])
}
