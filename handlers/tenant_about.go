package handlers

import (
	"net/mail"
	"net/url"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// aboutTenant says who a tenant is, where, and who pays. The names are those of
// its groups by object id, as far as they are known.
func aboutTenant(t workflow.Tenancy, names map[string]string) []web.AboutFact {
	group := func(id string) web.AboutValue {
		if name := names[id]; name != "" {
			return web.AboutValue{Text: name, Aside: id}
		}
		return web.AboutValue{Text: id, Code: true}
	}
	var facts []web.AboutFact
	add := func(term string, values ...web.AboutValue) {
		if len(values) > 0 && values[0].Text != "" {
			facts = append(facts, web.AboutFact{Term: term, Values: values})
		}
	}
	add("Contact", web.AboutValue{Text: t.Contact, Href: contactHref(t.Contact)})
	add("Cost centre", web.AboutValue{Text: t.CostCentre})
	add("Owners", group(t.Owners.Group))
	add("Members", group(t.Members.Group))
	var clusters, repositories []web.AboutValue
	for _, name := range t.Clusters {
		clusters = append(clusters, web.AboutValue{Text: name})
	}
	for _, location := range t.Repositories {
		repositories = append(repositories, web.AboutValue{Text: location, Href: linkHref(location), Code: true})
	}
	add("Clusters", clusters...)
	add("Deploy repositories", repositories...)
	given := requestLink(t.Request)
	add("Given by", web.AboutValue{Text: given.Text, Href: given.Href})
	return facts
}

// contactHref leads to where a team is reached: an address or a link. Anything
// else leads nowhere.
func contactHref(contact string) string {
	if address, err := mail.ParseAddress(contact); err == nil && address.Address == contact {
		return (&url.URL{Scheme: "mailto", Opaque: url.PathEscape(contact)}).String()
	}
	return linkHref(contact)
}

// linkHref is a link over https as it was given; empty for anything else.
func linkHref(text string) string {
	if u, err := url.Parse(text); err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil {
		return u.String()
	}
	return ""
}

// changeLinks lead to the forms that change and that remove a tenant, or to the
// open requests that ask for it already.
func changeLinks(tenant workflow.TenantView, actor workflow.Actor) (change, leave web.Link) {
	slug := tenant.Tenancy.Name
	if actor.Changes(tenant.Tenancy) {
		change = web.Link{Text: "Change…", Href: changeTenantHref(slug)}
		if len(tenant.Tenancy.Namespaces) == 0 {
			leave = web.Link{Text: "Remove tenant…", Href: leavingHref(slug)}
		}
	}
	for _, r := range tenant.Requests {
		switch {
		case !r.State.Open() || r.Tenant != slug:
		case r.Kind == workflow.KindTenant:
			change = web.Link{Text: "Change asked for", Href: requestHref(r.ID)}
		case endsTenant(r):
			leave = web.Link{Text: "Removal asked for", Href: requestHref(r.ID)}
		}
	}
	return change, leave
}

// groupNames asks the directory what groups are called. A page goes without the
// names that it does not give.
func (p *Portal) groupNames(c echo.Context, ids ...string) map[string]string {
	names := map[string]string{}
	for _, id := range ids {
		if found := p.findGroup(c, id, ""); id != "" && found.Name != "" {
			names[id] = found.Name
		}
	}
	return names
}
