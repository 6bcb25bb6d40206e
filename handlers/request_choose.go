package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// chooseNamespace answers: which namespace is it about?
func chooseNamespace(c echo.Context, choices workflow.Choices) error {
	view := web.NamespaceChoice{
		Heading: "Which namespace is to be removed?",
		Lead:    "Choose it. What would happen then is shown before anything is sent.",
		Empty:   "There is no namespace that you can ask to remove.",
	}
	for _, tenancy := range choices.Tenants {
		tenant := web.ChoiceTenant{Name: tenantName(tenancy)}
		for _, n := range tenancy.Namespaces {
			tenant.Namespaces = append(tenant.Namespaces, web.ChoiceNamespace{
				Name: n.Name, Cluster: n.Cluster, Environment: n.Environment, Href: removalHref(tenancy.Name, n),
			})
		}
		if len(tenant.Namespaces) > 0 {
			view.Tenants = append(view.Tenants, tenant)
		}
	}
	view.Frame = frame(c, web.SectionNew, view.Heading)
	return page(c, http.StatusOK, web.ChooseNamespace(view))
}
