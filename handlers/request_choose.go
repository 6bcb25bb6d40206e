package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// chooseKind answers: what can I ask for? A link may say for which namespace.
func (p *Portal) chooseKind(c echo.Context) error {
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	if len(choices.Tenants) == 0 {
		return page(c, http.StatusOK, web.ChooseKind(firstTenant(c, actor)))
	}
	at := parsePlace(c.QueryParams())
	view := web.KindChoice{
		Heading: "What do you need?",
		Lead:    "Say it in a form. What would change, and who decides, is shown before anything is sent.",
		Kinds:   kindCards(at),
	}
	if at.Namespace != "" {
		view.Heading = "What does " + at.Namespace + " need?"
	} else {
		view.Kinds = append(view.Kinds, policyKind(actor)...)
	}
	view.Frame = frame(c, web.SectionNew, view.Heading)
	return page(c, http.StatusOK, web.ChooseKind(view))
}

// kindCards lead to the form of each kind of request, for a namespace where one
// is named.
func kindCards(at typedPlace) []web.KindCard {
	of := at.query()
	cards := []web.KindCard{
		{Title: "A network exception", Href: newNetworkPath + of, Icon: web.IconFlow,
			Words: "Let the pods of a namespace talk to another namespace, an address range or the internet, until a day."},
		{Title: "Another quota", Href: newQuotaPath + of, Icon: web.IconGauge,
			Words: "More CPU, memory, storage, pods or objects for a namespace, or less; for good, or for a time."},
		{Title: "Access", Href: newAccessPath + of, Icon: web.IconPerson,
			Words: "Let a group or a person of the team view, edit or administer what is in a namespace."},
		{Title: "An exemption", Href: newExemptionPath + of, Icon: web.IconShield,
			Words: "Let one image or one label past one rule, for some pods of a namespace, until a day."},
	}
	if at.Namespace != "" {
		settled := settledHref(at.Tenant, workflow.Namespace{Name: at.Namespace, Cluster: at.Cluster})
		cards = append(cards, web.KindCard{Title: "Other hosts and images", Href: settled, Icon: web.IconGlobe,
			Words: "Which DNS names its Ingresses serve, from which further registries it runs images, how confidential its data are."})
		return append(cards, web.KindCard{Title: "The removal of the namespace", Href: newRemovalPath + of, Icon: web.IconCross,
			Words: "With everything in it. Nothing goes before those who decide have agreed."})
	}
	cards = append([]web.KindCard{{Title: "A namespace", Href: "/requests/new/namespace", Icon: web.IconBox,
		Words: "A place for workloads on a cluster, with a quota and access for the team."}}, cards...)
	return append(cards,
		web.KindCard{Title: "Network exceptions from a flow log", Href: suggestPath, Icon: web.IconFile,
			Words: "Upload what was seen on the network; the least that would have to be let through comes back, ready to ask for."},
		web.KindCard{Title: "The removal of a namespace", Href: newRemovalPath, Icon: web.IconCross,
			Words: "With everything in it. Nothing goes before those who decide have agreed."},
		web.KindCard{Title: "The end of something that was given", Href: endPath, Icon: web.IconMinus,
			Words: "Access, an exemption, a network exception or a quota increase: each ends from its namespace's page."},
		tenantKind())
}

// endPath is the choice of the namespace of which something is to end.
const endPath = "/requests/new/end"

// chooseEnd answers: whose is it that is to end?
func (p *Portal) chooseEnd(c echo.Context) error {
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		return err
	}
	if len(choices.Tenants) == 0 {
		return needTenant("What is to end?")(c)
	}
	return chooseNamespace(c, choices, web.NamespaceChoice{
		Heading: "What is to end?",
		Lead:    "Choose the namespace that it was given to. Its page has everything that was given, each with a way to end it.",
		Empty:   "There is no namespace of yours, so nothing that could end.",
	}, func(at typedPlace) string { return namespaceHref(at.Cluster, at.Namespace) })
}

// placeFirst gives the page that comes before a form, where the namespace that it
// is about has to be chosen before, or where there is none; nil otherwise.
func placeFirst(typed typedForm, choices workflow.Choices) func(echo.Context) error {
	_, has := anyNamespace(workflow.Choices{Tenants: choices.Places()})
	switch t := typed.(type) {
	case typedLeaving:
		return t.leaveFirst(choices)
	case typedRemoval:
		if !t.chosen() {
			return func(c echo.Context) error { return chooseRemoval(c, choices) }
		}
	case typedSettled:
		if !has {
			return needNamespace(t.heading(), "Hosts and images are always those of one namespace.")
		}
		if t.At.completed(choices).Namespace == "" {
			return func(c echo.Context) error { return chooseSettled(c, choices) }
		}
	case typedNetwork:
		if !has {
			return needNamespace(t.heading(), "An exception is always for the pods of one namespace.")
		}
	case typedAccess:
		if !has {
			return needNamespace(t.heading(), "A role is always given in one namespace.")
		}
	case typedExemption:
		if !has {
			return needNamespace(t.heading(), "An exemption is always for some pods of one namespace.")
		}
	case typedQuota:
		if !has {
			return needNamespace(t.heading(), "A quota is always that of one namespace.")
		}
		if t.At.completed(choices).Namespace == "" {
			return func(c echo.Context) error { return chooseQuota(c, workflow.Choices{Tenants: choices.Places()}) }
		}
	}
	return nil
}

// needNamespace answers those who want something for a namespace and have none.
func needNamespace(heading, lead string) func(echo.Context) error {
	return func(c echo.Context) error {
		view := web.NamespaceChoice{
			Heading: heading, Lead: lead,
			Empty:   "You have no namespace yet. Ask for one first; it appears here once it is approved and committed.",
			Instead: web.Link{Text: "Request a namespace", Href: "/requests/new/namespace"},
		}
		view.Frame = frame(c, web.SectionNew, view.Heading)
		return page(c, http.StatusOK, web.ChooseNamespace(view))
	}
}

// chooseRemoval answers: which namespace is to be removed?
func chooseRemoval(c echo.Context, choices workflow.Choices) error {
	return chooseNamespace(c, choices, web.NamespaceChoice{
		Heading: "Which namespace is to be removed?",
		Lead:    "Choose it. What would happen then is shown before anything is sent.",
		Empty:   "There is no namespace that you can ask to remove.",
	}, func(at typedPlace) string { return newRemovalPath + at.query() })
}

// chooseQuota answers: whose quota is it about?
func chooseQuota(c echo.Context, choices workflow.Choices) error {
	return chooseNamespace(c, choices, web.NamespaceChoice{
		Heading: "Which namespace needs another quota?",
		Lead:    "Choose it. The form begins with the amounts that it has.",
	}, func(at typedPlace) string { return newQuotaPath + at.query() })
}

// chooseSettled answers: of which namespace are hosts and images to change?
func chooseSettled(c echo.Context, choices workflow.Choices) error {
	return chooseNamespace(c, choices, web.NamespaceChoice{
		Heading: "Which namespace needs other hosts or images?",
		Lead:    "Choose it. The form begins with what it has.",
	}, func(at typedPlace) string {
		return settledHref(at.Tenant, workflow.Namespace{Name: at.Namespace, Cluster: at.Cluster})
	})
}

// chooseNamespace lists the namespaces that the person may ask for, each leading
// where href says.
func chooseNamespace(c echo.Context, choices workflow.Choices, view web.NamespaceChoice, href func(typedPlace) string) error {
	for _, tenancy := range choices.Tenants {
		tenant := web.ChoiceTenant{Name: tenantName(tenancy)}
		for _, n := range tenancy.Namespaces {
			tenant.Namespaces = append(tenant.Namespaces, web.ChoiceNamespace{
				Name: n.Name, Cluster: n.Cluster, Environment: n.Environment, Href: href(typedPlace{tenancy.Name, n.Cluster, n.Name}),
			})
		}
		if len(tenant.Namespaces) > 0 {
			view.Tenants = append(view.Tenants, tenant)
		}
	}
	view.Frame = frame(c, web.SectionNew, view.Heading)
	return page(c, http.StatusOK, web.ChooseNamespace(view))
}
