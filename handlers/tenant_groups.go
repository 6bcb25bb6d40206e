package handlers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// foundGroup is what the directory says of a group that somebody typed.
type foundGroup struct {
	ID, Name string                    // of the one group that was meant; empty where that is not known
	Groups   []workflow.DirectoryGroup // to pick from
	Told     string                    // what to say; empty where there is nothing to say
	Known    bool                      // groups can be looked up by name here
}

// idOr is the object id of the group, or what was typed.
func (g foundGroup) idOr(typed string) string {
	if g.ID != "" {
		return g.ID
	}
	return typed
}

// hint says how the group can be typed.
func (g foundGroup) hint() string {
	if g.Known {
		return "Its object id in Entra, or the beginning of its name to pick it."
	}
	return "Its object id in Entra, such as 6f1c2d3e-0000-4000-8000-000000000001."
}

// field completes the form's field for the group.
func (g foundGroup) field(field web.Field) web.GroupField {
	full := web.GroupField{Field: field, Told: g.Told, Pick: field.Name + pickedGroup}
	if g.ID != "" {
		full.Group = g.Name
		if g.ID != field.Value {
			full.Group += " (" + g.ID + ")"
		}
	}
	for _, group := range g.Groups {
		full.Found = append(full.Found, web.Option{Value: group.ID, Label: group.Name})
	}
	return full
}

// lookedUp completes a form with what the directory says of what was typed, or
// with what the policy is by now.
func (p *Portal) lookedUp(c echo.Context, typed typedForm) typedForm {
	if policy, isPolicy := typed.(typedPolicy); isPolicy {
		return p.withInForce(c, policy)
	}
	tenant, isTenant := typed.(typedTenant)
	if !isTenant {
		return typed
	}
	tenant.Owners = p.findGroup(c, tenant.Change.Owners, tenant.Slug)
	tenant.Members = p.findGroup(c, tenant.Change.Members, tenant.Slug)
	return tenant
}

// findGroup looks up what was typed for a group: its object id, its name, or the
// beginning of its name. Where nothing was typed, it finds the groups whose names
// begin with the tenant's.
func (p *Portal) findGroup(c echo.Context, typed, slug string) foundGroup {
	ctx, actor := visit(c)
	text := typed
	if text == "" {
		text = slug
	}
	found, err := p.Service.Groups(ctx, actor, text)
	if err != nil {
		p.Log.WarnContext(ctx, "look up a group", "error", err)
		return foundGroup{Told: "The directory does not answer at the moment: type the object id."}
	}
	if !found.Known {
		return foundGroup{}
	}
	group := foundGroup{Known: true}
	var named []workflow.DirectoryGroup
	for _, g := range found.Groups {
		if g.ID == strings.ToLower(typed) {
			group.ID, group.Name = g.ID, g.Name
			return group
		}
		if strings.EqualFold(g.Name, typed) {
			named = append(named, g)
		}
	}
	switch {
	case len(named) == 1:
		group.ID, group.Name = named[0].ID, named[0].Name
	case len(named) > 1:
		group.Groups, group.Told = named, fmt.Sprintf("%d groups have this name. Pick one by its object id.", len(named))
		for i := range group.Groups {
			group.Groups[i].Name += " " + group.Groups[i].ID
		}
	default:
		group.Groups = found.Groups
	}
	return group
}

// groups are what was found for the fields for groups.
func (t typedTenant) groups() map[string]foundGroup {
	return map[string]foundGroup{fieldOwners: t.Owners, fieldMembers: t.Members}
}

// reworded says of a group that was typed by its name what to do, where the domain
// only knows that it is no object id.
func reworded(typed typedForm, problems []workflow.FieldProblem) []workflow.FieldProblem {
	t, isTenant := typed.(typedTenant)
	if !isTenant {
		return problems
	}
	text := map[string]string{fieldOwners: t.Change.Owners, fieldMembers: t.Change.Members}
	problems = slices.Clone(problems)
	for i, problem := range problems {
		group, isGroup := t.groups()[problem.Field]
		switch typed := text[problem.Field]; {
		case !isGroup || !group.Known || (typed != "" && !isName(typed)):
		case typed == "" && len(group.Groups) > 0:
			problems[i].Message = "Pick one of these, or type the object id."
		case typed == "":
			problems[i].Message = "Type the object id of the group, or the beginning of its name."
		case len(group.Groups) > 0:
			problems[i].Message = "This is not the whole name of a group. Pick one of these, or type the object id."
		default:
			problems[i].Message = "There is no group whose name begins like this. Type another name, or the object id."
		}
	}
	return problems
}

// withoutPicks leaves out what is wrong with a group while there are some to pick
// from: somebody is about to.
func withoutPicks(typed typedForm, problems []workflow.FieldProblem) []workflow.FieldProblem {
	t, isTenant := typed.(typedTenant)
	if !isTenant {
		return problems
	}
	return slices.DeleteFunc(problems, func(p workflow.FieldProblem) bool { return len(t.groups()[p.Field].Groups) > 0 })
}

// isName says whether a text is meant as a group's name. The domain knows best
// what is wrong with an object id, and with an address.
func isName(text string) bool {
	return strings.Trim(strings.ToLower(text), "0123456789abcdef-{} ") != "" && !strings.Contains(text, "@")
}
