package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the fields that the form for access has of its own.
const (
	fieldSubject = "subject"
	fieldGroup   = "group"
	fieldPerson  = "person"
	fieldRole    = "role"
)

const newAccessPath = "/requests/new/access"

// typedAccess is the form for a role in a namespace as somebody typed it. The
// change holds the field of the chosen subject only; the others are kept for the
// form, in case somebody switches back.
type typedAccess struct {
	At     typedPlace
	Change workflow.AccessChange // without the namespace

	People workflow.People // whom the form offers
	Away   bool            // the directory does not answer
}

func parseAccess(values url.Values) typedAccess {
	return typedAccess{At: parsePlace(values), Change: workflow.AccessChange{
		Subject: workflow.SubjectChoice(typedLine(values, fieldSubject)), Group: typedLine(values, fieldGroup), Person: typedLine(values, fieldPerson),
		Role: workflow.AccessRole(typedLine(values, fieldRole)), Until: typedLine(values, fieldUntil), Reason: typedText(values, fieldReason),
	}}
}

// accessForm is a request's change as it stands in the form.
func accessForm(tenant string, a workflow.AccessChange) typedAccess {
	return typedAccess{At: typedPlace{tenant, a.Cluster, a.Namespace}, Change: a}
}

// draft leaves out what was typed for other subjects than the chosen one.
func (t typedAccess) draft() workflow.Draft {
	a := t.Change
	a.Cluster, a.Namespace = t.At.Cluster, t.At.Namespace
	if a.Subject != workflow.SubjectGroup {
		a.Group = ""
	}
	if a.Subject != workflow.SubjectPerson {
		a.Person = ""
	}
	return workflow.Draft{Tenant: t.At.Tenant, Change: a}
}

// chosen says whether the namespace and the subject are named.
func (t typedAccess) chosen() bool {
	return t.At.Namespace != "" && (t.Change.Subject != "" || t.Change.Group+t.Change.Person != "")
}

// ahead: the plan does not depend on the reason.
func (t typedAccess) ahead() (workflow.Draft, bool) {
	a := t.draft().Change.(workflow.AccessChange)
	named := a.Subject == workflow.SubjectMembers || a.Subject == workflow.SubjectOwners || a.Group+a.Person != ""
	if t.At.Namespace == "" || !named {
		return workflow.Draft{}, false
	}
	t.Change.Reason = "Not said yet."
	return t.draft(), true
}

// start fills in what there is only one choice for, the least role, and an end
// for a role that needs one.
func (t typedAccess) start(choices workflow.Choices, now time.Time) typedForm {
	t.At = t.At.completed(choices)
	a := &t.Change
	switch {
	case a.Subject != "":
	case a.Person != "":
		a.Subject = workflow.SubjectPerson
	case a.Group != "":
		a.Subject = workflow.SubjectGroup
	default:
		a.Subject = workflow.SubjectMembers
	}
	if a.Role == "" {
		a.Role = workflow.AccessView
	}
	if a.Until == "" && !standing(choices.Policy, a.Role) {
		a.Until = proposedUntil(workflow.KindAccess, choices.Policy, now)
	}
	return t
}

// standing says whether a role may be asked for without an end.
func standing(policy workflow.Policy, role workflow.AccessRole) bool {
	allowed := policy.Requests.Access.Standing
	return len(allowed) == 0 || slices.Contains(allowed, role)
}

func (t typedAccess) heading() string { return "Request access to a namespace" }

func (t typedAccess) fill(form *web.RequestForm, choices workflow.Choices, now time.Time) {
	a := t.Change
	form.Access = &web.AccessFields{
		Namespace: t.At.field(choices),
		Subject: web.Field{Name: fieldSubject, Label: "Who gets access", Value: string(a.Subject), Required: true, Hint: t.unlisted(),
			Options: choose(t.subjects(), string(a.Subject), false)},
		Group: web.Field{Name: fieldGroup, Label: "Group", Value: a.Group, Conditional: true, Suggestions: groupOptions(t.People),
			Hint: "Its object id in Entra. Everybody in it must be of the tenant."},
		Person: web.Field{Name: fieldPerson, Label: "Person", Value: a.Person, Conditional: true, Options: t.persons(),
			Hint: "Only people of the tenant, its members and owners."},
		Role: web.Field{Name: fieldRole, Label: "Role", Value: string(a.Role), Required: true, Wide: true,
			Options: choose(roleOptions(choices.Policy), string(a.Role), false)},
		Until: accessUntil(a.Until, choices.Policy, now),
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: a.Reason, Required: true,
			Hint: "What the access is for, in a sentence. Reviewers read it first."},
	}
	if len(form.Access.Person.Options) == 0 {
		form.Access.Person.Hint = "Their object id in Entra. " + form.Access.Person.Hint
	}
}

// subjects offers whom access can be for. Who cannot be looked up cannot be
// chosen.
func (t typedAccess) subjects() []web.Option {
	group := web.Option{Value: string(workflow.SubjectGroup), Label: "Another group", Icon: web.IconPeople, Detail: "All of whose people are of the tenant."}
	person := web.Option{Value: string(workflow.SubjectPerson), Label: "One person", Icon: web.IconPerson, Detail: "A member or owner of the tenant."}
	if !t.People.Known && !t.Away && t.At.Tenant != "" {
		for _, option := range []*web.Option{&group, &person} {
			option.Disabled, option.Detail = true, ""
			option.Unless = "Nobody can be looked up here: Tenure was not given access to the directory."
		}
	}
	return []web.Option{
		{Value: string(workflow.SubjectMembers), Label: "The members", Icon: web.IconPeople, Detail: "Everybody in the tenant's members group, also who joins later."},
		{Value: string(workflow.SubjectOwners), Label: "The owners", Icon: web.IconShield, Detail: "Everybody in the tenant's owners group."},
		group, person,
	}
}

// unlisted says why nobody is listed.
func (t typedAccess) unlisted() string {
	if t.Away {
		return "The directory does not answer at the moment, so nobody is listed."
	}
	return ""
}

// groupOptions suggests the groups whose names begin with the tenant's.
func groupOptions(people workflow.People) []web.Option {
	var options []web.Option
	for _, g := range people.Groups {
		options = append(options, web.Option{Value: g.ID, Label: g.Name})
	}
	return options
}

// persons offers the tenant's people; nothing where they are not known.
func (t typedAccess) persons() []web.Option {
	if !t.People.Known || len(t.People.People) == 0 {
		return nil
	}
	var options []web.Option
	for _, person := range t.People.People {
		options = append(options, web.Option{Value: person.ID.Object, Label: person.Name + " (" + person.User + ")"})
	}
	return choose(options, t.Change.Person, true)
}

// roleOptions offers the roles with what they let somebody do.
func roleOptions(policy workflow.Policy) []web.Option {
	var options []web.Option
	for _, role := range workflow.AccessRoles() {
		option := web.Option{Value: string(role), Label: string(role), Detail: capitalize(role.Gains()) + "."}
		if !standing(policy, role) {
			option.Detail += " For a time only."
		}
		options = append(options, option)
	}
	return options
}

// accessUntil asks for an end, and says for which roles there may be none.
func accessUntil(value string, policy workflow.Policy, now time.Time) web.Field {
	field := untilField(workflow.KindAccess, value, policy, now)
	field.Required = false
	var roles []string
	for _, role := range workflow.AccessRoles() {
		if standing(policy, role) {
			roles = append(roles, string(role))
		}
	}
	switch len(roles) {
	case len(workflow.AccessRoles()):
		field.Hint = "Left empty, it is standing: it has no end. " + field.Hint
	case 0:
		field.Required = true
	default:
		field.Conditional = true
		field.Hint = fmt.Sprintf("Left empty, it is standing: it has no end. That is possible for %s. %s", strings.Join(roles, " and "), field.Hint)
	}
	return field
}
