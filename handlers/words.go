package handlers

import (
	"fmt"
	"strings"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// roleWords says what an app role lets somebody do.
func roleWords(role workflow.Role) string {
	switch role {
	case workflow.RoleSecurity:
		return "Security: reviews requests"
	case workflow.RoleAdmin:
		return "Platform admin"
	case workflow.RoleAuditor:
		return "Auditor: reads everything"
	case workflow.RoleOwner:
		return "Owner"
	case workflow.RoleMember:
		return "Member"
	}
	return string(role)
}

// stageWords names a stage's people in the middle of a sentence, for a request
// of a tenant with this plan.
func stageWords(role workflow.Role, tenant string, plan workflow.Plan) string {
	switch role {
	case workflow.RoleOwner:
		return "the owners of " + tenant
	case workflow.RolePeerOwner:
		return "the owners of " + otherTenants(plan)
	case workflow.RoleMember:
		return "the members of " + tenant
	case workflow.RoleAdmin:
		return "the platform admins"
	}
	return string(role)
}

// roleName names a role in which people decide about a plan.
func roleName(role workflow.Role, plan workflow.Plan) string {
	if role == workflow.RolePeerOwner {
		return "owner of " + otherTenants(plan)
	}
	return string(role)
}

// stageTitle names a stage of a plan in a list.
func stageTitle(stage workflow.Stage, plan workflow.Plan) string {
	title := capitalize(roleName(stage.Role, plan))
	if stage.InsteadOf != "" {
		title += ", instead of " + roleName(stage.InsteadOf, plan)
	}
	return title
}

// otherTenants names the other tenants whose namespaces a plan reaches.
func otherTenants(plan workflow.Plan) string {
	var names []string
	for _, other := range plan.Others {
		names = append(names, other.After.Name)
	}
	if len(names) == 0 {
		return "the other tenant"
	}
	return strings.Join(names, ", ")
}

func capitalize(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// stateBadge is a state as a word with a sign.
func stateBadge(state workflow.State) web.Badge {
	switch state {
	case workflow.StateDraft:
		return web.Badge{Text: "Draft", Tone: web.ToneNeutral, Icon: web.IconPencil}
	case workflow.StateInReview:
		return web.Badge{Text: "In review", Tone: web.ToneAccent, Icon: web.IconClock}
	case workflow.StateChangesRequested:
		return web.Badge{Text: "Changes requested", Tone: web.ToneWarn, Icon: web.IconPencil}
	case workflow.StateApproved:
		return web.Badge{Text: "Approved", Tone: web.ToneGood, Icon: web.IconCheck}
	case workflow.StateCommitted:
		return web.Badge{Text: "Committed", Tone: web.ToneGood, Icon: web.IconCommit}
	case workflow.StateActive:
		return web.Badge{Text: "Active", Tone: web.ToneGood, Icon: web.IconCheck}
	case workflow.StateRejected:
		return web.Badge{Text: "Rejected", Tone: web.ToneBad, Icon: web.IconCross}
	case workflow.StateFailed:
		return web.Badge{Text: "Failed", Tone: web.ToneBad, Icon: web.IconWarning}
	case workflow.StateWithdrawn:
		return web.Badge{Text: "Withdrawn", Tone: web.ToneNeutral, Icon: web.IconMinus}
	case workflow.StateEnded:
		return web.Badge{Text: "Ended", Tone: web.ToneNeutral, Icon: web.IconMinus}
	case workflow.StateLapsed:
		return web.Badge{Text: "Lapsed", Tone: web.ToneNeutral, Icon: web.IconClock}
	}
	return web.Badge{Text: capitalize(string(state)), Tone: web.ToneNeutral, Icon: web.IconDot}
}

// reviewBadge stands on a request that its reader may review.
var reviewBadge = web.Badge{Text: "You can review", Tone: web.ToneAccent, Icon: web.IconArrow}

// severityBadge is a severity as a word with a sign.
func severityBadge(severity workflow.Severity) web.Badge {
	switch severity {
	case workflow.SeverityDanger:
		return web.Badge{Text: "Danger", Tone: web.ToneBad, Icon: web.IconWarning}
	case workflow.SeverityWarning:
		return web.Badge{Text: "Look at this", Tone: web.ToneWarn, Icon: web.IconWarning}
	}
	return web.Badge{Text: "Note", Tone: web.ToneNeutral, Icon: web.IconInfo}
}

// personName is a person's name, or their id where the token had none.
func personName(person workflow.Person) string {
	switch {
	case person.Name != "":
		return person.Name
	case person.Username != "":
		return person.Username
	}
	return person.ID.Object
}

// tenantName is a tenant as people call it.
func tenantName(tenancy workflow.Tenancy) string {
	if tenancy.DisplayName != "" {
		return tenancy.DisplayName
	}
	return tenancy.Name
}

func requestHref(id int64) string { return fmt.Sprintf("/requests/%d", id) }

// platformName stands where a tenant's name would, for what is of no tenant.
const platformName = "Platform"

// tenantLink leads to a tenant's page, for those whose business it is; from what
// is of no tenant, to what holds for all.
func tenantLink(tenancy workflow.Tenancy, slug string, actor workflow.Actor) web.Link {
	if slug == "" {
		return web.Link{Text: platformName, Href: rulesPath}
	}
	link := web.Link{Text: tenantName(tenancy)}
	if actor.Sees(tenancy) {
		link.Href = tenantHref(slug)
	}
	return link
}

func namespaceHref(cluster, name string) string { return "/namespaces/" + cluster + "/" + name }

func tenantHref(slug string) string { return "/tenants/" + slug }
