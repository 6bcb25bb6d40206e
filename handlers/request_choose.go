package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// chooseKind answers: what can I ask for?
func (p *Portal) chooseKind(c echo.Context) error {
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	if len(choices.Tenants) == 0 {
		return nothingToAskFor()
	}
	view := web.KindChoice{
		Heading: "What do you need?",
		Lead:    "Say it in a form. What would change, and who decides, is shown before anything is sent.",
		Kinds: []web.KindCard{
			{Title: "A namespace", Href: "/requests/new/namespace", Icon: web.IconBox,
				Words: "A place for workloads on a cluster, with a quota and access for the team."},
			{Title: "A network exception", Href: newNetworkPath, Icon: web.IconFlow,
				Words: "Let the pods of a namespace talk to another namespace, an address range or the internet, until a day."},
			{Title: "Network exceptions from a flow log", Href: suggestPath, Icon: web.IconFile,
				Words: "Upload what was seen on the network; the least that would have to be let through comes back, ready to ask for."},
			{Title: "The removal of a namespace", Href: newRemovalPath, Icon: web.IconCross,
				Words: "With everything in it. Nothing goes before those who decide have agreed."},
		},
	}
	view.Frame = frame(c, web.SectionNew, view.Heading)
	return page(c, http.StatusOK, web.ChooseKind(view))
}

// nothingToAskFor is what people of no tenant are told.
func nothingToAskFor() error {
	return workflow.Refuse(workflow.Forbidden, "You are in no tenant's groups, so there is nothing for you to ask for. A platform admin can tell you which group your team has.")
}

// needNamespace answers those who want a network exception and have nothing
// that it could be for.
func needNamespace(c echo.Context) error {
	view := web.NamespaceChoice{
		Heading: "Request a network exception",
		Lead:    "An exception is always for the pods of one namespace.",
		Empty:   "You have no namespace yet. Ask for one first; it appears here once it is approved and committed.",
		Instead: web.Link{Text: "Request a namespace", Href: "/requests/new/namespace"},
	}
	view.Frame = frame(c, web.SectionNew, view.Heading)
	return page(c, http.StatusOK, web.ChooseNamespace(view))
}

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
