package handlers

import (
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// kindWords is what something that a request of a kind gave is called in a
// sentence.
func kindWords(kind workflow.Kind) string {
	switch kind {
	case workflow.KindNetwork:
		return "network exception"
	case workflow.KindAccess:
		return "access"
	case workflow.KindExemption:
		return "exemption"
	case workflow.KindQuota:
		return "quota increase"
	}
	return string(kind)
}

// kindBadge is the kind of a grant as a word with a sign.
func kindBadge(kind workflow.Kind) web.Badge {
	badge := web.Badge{Text: kindWords(kind), Tone: web.ToneNeutral}
	switch kind {
	case workflow.KindNetwork:
		badge.Icon = web.IconFlow
	case workflow.KindAccess:
		badge.Icon = web.IconPerson
	case workflow.KindExemption:
		badge.Icon = web.IconShield
	case workflow.KindQuota:
		badge.Icon = web.IconGauge
	}
	return badge
}

// whoWords names who has access: a group of the tenant's by what it is, a person
// by their user name, another group by its id.
func whoWords(access workflow.Access, tenancy workflow.Tenancy) string {
	switch {
	case access.Person != "":
		return access.User
	case access.Group == tenancy.Owners.Group:
		return "the owners of " + tenancy.Name
	case access.Group == tenancy.Members.Group:
		return "the members of " + tenancy.Name
	}
	return "the group " + access.Group
}

// countKinds counts grants by kind, in words; a flow between two namespaces of
// one tenant is one network exception.
func countKinds(grants []workflow.Grant) []string {
	var words []string
	for _, kind := range []workflow.Kind{workflow.KindNetwork, workflow.KindAccess, workflow.KindExemption, workflow.KindQuota} {
		requests := map[int64]bool{}
		for _, g := range grants {
			if g.Kind == kind {
				requests[g.Request] = true
			}
		}
		noun := kindWords(kind)
		if kind == workflow.KindAccess {
			noun = "access grant"
		}
		if len(requests) > 0 {
			words = append(words, web.Count(int64(len(requests)), noun))
		}
	}
	return words
}

// grantReader presents grants to somebody.
type grantReader struct {
	mayAsk   bool
	policy   workflow.Policy
	now      time.Time
	requests []workflow.Request // about what is shown; those that ask to extend or end it are among them
}

// row presents a grant of a tenancy.
func (g grantReader) row(grant workflow.Grant, tenancy workflow.Tenancy) web.GrantRow {
	row := web.GrantRow{
		Kind: kindBadge(grant.Kind), Says: grant.Says, Until: web.At(grant.Until, g.now), Over: grant.Expired(g.now), Request: requestLink(grant.Request),
	}
	row.Extend, row.End = g.links(grant, tenancy)
	return row
}

// links lead to the forms that extend and end a grant, or to the open requests
// that ask for that; nowhere for those who may not ask.
func (g grantReader) links(grant workflow.Grant, tenancy workflow.Tenancy) (extend, end web.Link) {
	if !g.mayAsk || grant.Expired(g.now) {
		return web.Link{}, web.Link{}
	}
	if change, possible := tenancy.Extension(grant, g.policy, g.now); possible {
		extend = web.Link{Text: "Extend…", Href: extendHref(grant.Kind, grant.Request)}
		if asked, found := workflow.Asked(g.requests, change); found {
			extend = web.Link{Text: "Extension asked for", Href: requestHref(asked.ID)}
		}
	}
	return extend, endLink(g.requests, workflow.RemovalChange{Exception: grant.Request}, endingHref(tenancy.Name, grant.Request))
}

// revoke leads to the form that takes away access that came with its namespace.
func (g grantReader) revoke(access workflow.Access, n workflow.Namespace, tenancy workflow.Tenancy) web.Link {
	if !g.mayAsk {
		return web.Link{}
	}
	change := workflow.RemovalChange{Cluster: n.Cluster, Namespace: n.Name, Subject: access.Subject(), Role: access.Role}
	return endLink(g.requests, change, revokingHref(tenancy.Name, n, access))
}

// endLink leads to the open request that asks for an end, or to the form for one.
func endLink(requests []workflow.Request, change workflow.RemovalChange, href string) web.Link {
	for _, r := range requests {
		asked, isRemoval := r.Change.(workflow.RemovalChange)
		asked.Reason = ""
		if isRemoval && r.State.Open() && asked == change {
			return web.Link{Text: "End asked for", Href: requestHref(r.ID)}
		}
	}
	return web.Link{Text: "End it…", Href: href}
}

// endingRows lists what ends soon, over several tenants.
func endingRows(grants []workflow.Grant, tenancies []workflow.Tenancy, reader grantReader) []web.GrantRow {
	var rows []web.GrantRow
	for _, grant := range grants {
		for _, tenancy := range tenancies {
			if tenancy.Name != grant.Tenant {
				continue
			}
			row := reader.row(grant, tenancy)
			row.Namespace = web.Link{Text: grant.Namespace, Href: namespaceHref(grant.Cluster, grant.Namespace)}
			rows = append(rows, row)
		}
	}
	return rows
}

// joined writes words as one phrase: "a, b and c".
func joined(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
