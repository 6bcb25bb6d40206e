package handlers

import (
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// endsPart says whether what had an end is over.
func endsPart(expired []workflow.ExpiredLive) web.PartView {
	part := web.PartView{Name: "Network exceptions", State: wellBadge, Sentence: "Nothing is live that should have ended."}
	if len(expired) > 0 {
		part.State = attentionBadge
		part.Sentence = web.Count(int64(len(expired)), "end") + " of network exceptions should be gone from the cluster. The webhook no longer honours them."
	}
	return part
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

// expiredRows lists what is still live although its end came, with what it
// waits for.
func expiredRows(expired []workflow.ExpiredLive, now time.Time) []web.ExpiredRow {
	var rows []web.ExpiredRow
	for _, e := range expired {
		rows = append(rows, web.ExpiredRow{
			Request:   web.Link{Text: "Network exception of request " + number(e.Request), Href: requestHref(e.Request)},
			Namespace: web.Link{Text: e.Namespace, Href: namespaceHref(e.Cluster, e.Namespace)},
			Cluster:   e.Cluster, Since: web.At(e.Since, now), Sentence: e.Says, Commit: e.Commit,
		})
	}
	return rows
}
