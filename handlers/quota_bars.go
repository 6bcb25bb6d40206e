package handlers

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// quotaBars draws the amounts of one namespace, each on a scale of its own.
type quotaBars struct {
	used     *workflow.QuotaUse // nil where nobody knows
	approved workflow.Size
	most     map[string]resource.Quantity // by field: what the tenant's ceiling leaves for this namespace
	asked    map[string]string            // by field, as typed; nil where nothing is asked
	known    bool                         // the namespace is there
}

// barsOf are the bars of the form for a quota.
func barsOf(t typedQuota, choices workflow.Choices) quotaBars {
	tenancy, n, found := t.At.in(choices)
	q := t.Change
	bars := quotaBars{known: found, asked: map[string]string{fieldCPU: q.CPU, fieldMemory: q.Memory, fieldStorage: q.Storage, fieldPods: q.Pods}}
	for kind, count := range q.Objects {
		bars.asked[fieldObjects+string(kind)] = count
	}
	if !found {
		return bars
	}
	bars.approved = n.Quota.Effective()
	bars.most = leftFor(tenancy, bars.approved)
	if use, known := choices.Used(n.Cluster, n.Name); known {
		bars.used = &use
	}
	return bars
}

// leftFor is what the tenant's ceiling leaves for a namespace that has so much
// of it now.
func leftFor(tenancy workflow.Tenancy, has workflow.Size) map[string]resource.Quantity {
	given := tenancy.Given()
	left := func(ceiling, given, has resource.Quantity) resource.Quantity {
		room := ceiling.DeepCopy()
		room.Sub(given)
		room.Add(has)
		return room
	}
	return map[string]resource.Quantity{
		fieldCPU:     left(tenancy.Ceiling.CPU, given.CPU, has.CPU),
		fieldMemory:  left(tenancy.Ceiling.Memory, given.Memory, has.Memory),
		fieldStorage: left(tenancy.Ceiling.Storage, given.Storage, has.Storage),
	}
}

// unknown says why nothing is said of what is in use; empty where it is known.
func (b quotaBars) unknown() string {
	if b.used != nil || !b.known {
		return ""
	}
	return "What is in use is not known here: nobody watches this cluster, or it has not said yet."
}

// bar is the bar of one amount.
func (b quotaBars) bar(field, label string) web.QuotaBar {
	bar := web.QuotaBar{ID: field + "-bar", Label: label}
	add := func(sign web.MarkSign, words string, amount *resource.Quantity) {
		if amount != nil {
			bar.Marks = append(bar.Marks, web.Mark{Sign: sign, Words: words, Text: amount.String(), Value: amount.AsApproximateFloat64()})
		}
	}
	if b.used != nil {
		add(web.MarkUsed, "in use", amountOf(b.used.Used, field))
	}
	if b.known {
		add(web.MarkApproved, "approved", amountOf(b.approved, field))
	}
	if asked, err := workflow.ParseQuantity(strings.TrimSpace(b.asked[field])); err == nil && asked.Sign() >= 0 {
		add(web.MarkAsked, "asked", &asked)
	}
	if most, bounded := b.most[field]; bounded {
		add(web.MarkMost, "the ceiling allows", &most)
	}
	return bar
}

// amountOf is the amount of a size that a field is about; nil where it is not
// limited.
func amountOf(size workflow.Size, field string) *resource.Quantity {
	switch field {
	case fieldCPU:
		return &size.CPU
	case fieldMemory:
		return &size.Memory
	case fieldStorage:
		return &size.Storage
	case fieldPods:
		return resource.NewQuantity(size.Pods, resource.DecimalSI)
	}
	if count, counted := size.Objects[workflow.ObjectCount(strings.TrimPrefix(field, fieldObjects))]; counted {
		return resource.NewQuantity(count, resource.DecimalSI)
	}
	return nil
}

// usesOf are the bars of a namespace's page: every amount that is limited.
func usesOf(n workflow.Namespace, used *workflow.QuotaUse) []web.QuotaBar {
	bars := quotaBars{known: true, approved: n.Quota.Effective(), used: used}
	shown := []web.QuotaBar{
		bars.bar(fieldCPU, "CPU"), bars.bar(fieldMemory, "Memory"), bars.bar(fieldStorage, "Storage"), bars.bar(fieldPods, "Pods"),
	}
	for _, kind := range workflow.ObjectCounts() {
		if _, counted := bars.approved.Objects[kind]; counted {
			shown = append(shown, bars.bar(fieldObjects+string(kind), kind.Label()))
		}
	}
	return shown
}
