package handlers

import (
	"slices"
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// endsPart says whether what had an end is over.
func endsPart(health workflow.Health) web.PartView {
	part := web.PartView{Name: "What had an end", State: wellBadge}
	var says []string
	if n := len(health.Expired); n > 0 {
		part.State = attentionBadge
		says = append(says, web.Count(int64(n), "end")+" of what was given should be gone from the cluster. The webhook no longer honours them.")
	}
	if n := len(health.Outlived); n > 0 {
		part.State = attentionBadge
		says = append(says, outlivedWords(n)+" more than is approved, and what NetworkPolicies allow adds up.")
	}
	badge, watch := watchWords(health.OwnPolicies)
	switch {
	case len(says) == 0 && watch == "":
		says = []string{"Nothing is live that should have ended."}
	case len(says) == 0:
		part.State, says = badge, []string{"Of what Tenure put into clusters, nothing is known to be live that should have ended."}
	}
	if watch != "" {
		says = append(says, watch)
	}
	part.Sentence = strings.Join(says, " ")
	return part
}

func outlivedWords(n int) string {
	if n == 1 {
		return "1 NetworkPolicy of a tenant's own lets through"
	}
	return number(int64(n)) + " NetworkPolicies of tenants' own let through"
}

// watchWords says what is not seen of tenants' own NetworkPolicies; nothing where
// all are seen.
func watchWords(own workflow.OwnPoliciesHealth) (badge web.Badge, sentence string) {
	const how = "one that copied a network exception stays live when that ends. Run Tenure with --cluster-kubeconfig to see them."
	partly := web.Badge{Text: "Not watched", Tone: web.ToneNeutral, Icon: web.IconMinus}
	switch {
	case own.Cluster == "":
		return partly, "Tenants' own NetworkPolicies are not watched: " + how
	case !own.Known:
		return attentionBadge, "What tenants' own NetworkPolicies on " + own.Cluster + " let through is not known at the moment. Tenure goes on asking that cluster."
	case len(own.Others) > 0:
		partly.Text = "Partly watched"
		return partly, "Tenants' own NetworkPolicies on " + strings.Join(own.Others, ", ") +
			" are not watched from here; the webhook there logs and counts them, when it runs with --cluster-kubeconfig."
	}
	return wellBadge, ""
}

// seesEveryTenant says whether every tenant is the reader's task. A role of their
// token that Tenure gives to nobody shows them nothing.
func seesEveryTenant(actor workflow.Actor) bool {
	return slices.ContainsFunc(workflow.Roles(), actor.HoldsAppRole)
}

// ownExpired leaves what is about these tenants. Why the approved state still
// has an end may be about files of any tenant, so that is left out.
func ownExpired(expired []workflow.ExpiredLive, own map[string]bool) []workflow.ExpiredLive {
	var mine []workflow.ExpiredLive
	for _, e := range expired {
		if !own[e.Tenant] {
			continue
		}
		if e.Commit == "" {
			e.Says = "The commit of its end is not made yet. The platform admins see here why."
		}
		mine = append(mine, e)
	}
	return mine
}

// ownOutlived leaves what is in these tenants' namespaces.
func ownOutlived(outlived []workflow.OutlivedPolicy, own map[string]bool) []workflow.OutlivedPolicy {
	return slices.DeleteFunc(slices.Clone(outlived), func(o workflow.OutlivedPolicy) bool { return !own[o.Tenant] })
}

// expiredRows lists what is still live although its end came, with what it
// waits for.
func expiredRows(expired []workflow.ExpiredLive, now time.Time) []web.ExpiredRow {
	var rows []web.ExpiredRow
	for _, e := range expired {
		rows = append(rows, web.ExpiredRow{
			Request:   web.Link{Text: expiredTitle(e), Href: requestHref(e.Request)},
			Namespace: web.Link{Text: e.Namespace, Href: namespaceHref(e.Cluster, e.Namespace)},
			Cluster:   e.Cluster, Since: web.At(e.Since, now), Sentence: e.Says, Commit: e.Commit,
		})
	}
	return rows
}

// expiredTitle names what is still live by its kind and request.
func expiredTitle(e workflow.ExpiredLive) string {
	return capitalize(kindWords(e.Kind)) + " of request " + number(e.Request)
}

// maxOutlivedRows is how many policies the page lists: tenants may have any number.
const maxOutlivedRows = 100

// outlivedRows lists tenants' own policies that let through more than is approved,
// with who must do what.
func outlivedRows(outlived []workflow.OutlivedPolicy) []web.OutlivedRow {
	var rows []web.OutlivedRow
	for _, o := range outlived[:min(len(outlived), maxOutlivedRows)] {
		row := web.OutlivedRow{
			Policy: o.Name, Opens: o.Opens, Tenant: o.Tenant, Cluster: o.Cluster,
			Namespace: web.Link{Text: o.Namespace, Href: namespaceHref(o.Cluster, o.Namespace)},
			Sentence:  "It is the tenant's own: its people narrow or delete it. The webhook refuses to make it anew.",
		}
		if o.Request != 0 {
			row.Request = web.Link{Text: "request " + number(o.Request), Href: requestHref(o.Request)}
		}
		rows = append(rows, row)
	}
	return rows
}
