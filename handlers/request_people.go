package handlers

import (
	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

// withSuggestions adds whom a form offers out of the directory, where it offers
// anybody.
func (p *Portal) withSuggestions(c echo.Context, typed typedForm) typedForm {
	switch t := typed.(type) {
	case typedAccess:
		if t.At.Tenant != "" {
			t.People, t.Away = p.people(c, t.At.Tenant)
		}
		return t
	case typedNamespace:
		if t.Tenant != "" && len(t.Access) > 0 {
			t.People, _ = p.people(c, t.Tenant)
		}
		return t
	}
	return typed
}

// people lists whom access to a tenant's namespaces can be given to. Without a
// directory that answers, a form can still be filled in.
func (p *Portal) people(c echo.Context, tenant string) (people workflow.People, away bool) {
	ctx, actor := visit(c)
	people, err := p.Service.People(ctx, actor, tenant)
	if err != nil {
		p.Log.WarnContext(ctx, "list whom access can be given to", "tenant", tenant, "error", err)
	}
	return people, err != nil
}
