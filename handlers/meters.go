package handlers

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// meters shows what a tenant was given against its ceiling.
func meters(given, ceiling workflow.Ceiling) []web.Meter {
	return []web.Meter{
		quantityMeter("CPU", given.CPU, ceiling.CPU),
		quantityMeter("Memory", given.Memory, ceiling.Memory),
		quantityMeter("Storage", given.Storage, ceiling.Storage),
		{
			Label: "Namespaces", Text: fmt.Sprintf("%d of %d", given.Namespaces, ceiling.Namespaces),
			Value: float64(given.Namespaces), Max: float64(ceiling.Namespaces),
		},
	}
}

func quantityMeter(label string, given, ceiling resource.Quantity) web.Meter {
	return web.Meter{
		Label: label,
		Text:  given.String() + " of " + ceiling.String(),
		Value: given.AsApproximateFloat64(),
		Max:   ceiling.AsApproximateFloat64(),
	}
}
