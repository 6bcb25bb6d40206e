package handlers

import (
	"tenure.dev/web"
	"tenure.dev/workflow"
)

// ceilingOf presents what a plan makes of the tenant's ceiling; nil where it makes
// nothing of it.
func ceilingOf(plan workflow.Plan) *web.CeilingTable {
	given, now, asked := amountsOf(plan.After.Given()), amountsOf(plan.Before.Ceiling), amountsOf(plan.After.Ceiling)
	table := &web.CeilingTable{Now: len(plan.Before.Clusters) > 0}
	changes := false
	for i, label := range ceilingLabels {
		row := web.CeilingRow{Label: label, Now: now[i].String(), Asked: asked[i].String(), Given: given[i].String(), Changes: now[i].Cmp(asked[i]) != 0}
		changes = changes || row.Changes
		table.Rows = append(table.Rows, row)
	}
	if !changes || len(plan.After.Clusters) == 0 { // with the tenant, all of it goes
		return nil
	}
	return table
}

// ceilingLabels name a ceiling's amounts, in the order of amountsOf.
var ceilingLabels = [4]string{"CPU", "Memory", "Storage", "Namespaces"}
