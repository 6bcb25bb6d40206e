package handlers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showPolicy presents what another policy brings with it. The files of tenants
// move from the plan's list to the tenants that they are of.
func showPolicy(view *web.PlanView, effect workflow.PolicyEffect, now time.Time) {
	shown := &web.PolicyEffectView{Live: liveEffect(effect.Live, now)}
	for _, tenant := range effect.Tenants {
		section := web.TenantEffectView{
			Tenant: web.Link{Text: tenant.Tenant, Href: tenantHref(tenant.Tenant)},
			Counts: web.Count(int64(tenant.Files), "file"),
		}
		if len(tenant.Namespaces) > 0 {
			section.Counts += " of " + web.Count(int64(len(tenant.Namespaces)), "namespace")
		}
		view.Files = slices.DeleteFunc(view.Files, func(file web.FileView) bool {
			slug, place := fileOwner(file.Path)
			if slug == tenant.Tenant {
				section.Add(place, file)
			}
			return slug == tenant.Tenant
		})
		section.NameRest(tenant.Namespaces)
		shown.Tenants = append(shown.Tenants, section)
	}
	if effect.Unshown > 0 {
		shown.Unshown = fmt.Sprintf("And %s more, not shown here. Whatever follows from the policy is committed with it.", web.Count(int64(effect.Unshown), "file"))
	}
	view.Policy = shown
	view.Added, view.Removed = 0, 0 // of the files that are listed still
	for i, file := range view.Files {
		view.Files[i].Open = true // the policy itself
		view.Added += file.Added
		view.Removed += file.Removed
	}
}

// fileOwner gives the tenant that a file of the GitOps repository is of, and its
// namespace as cluster/name where it is of one: clusters/<cluster>/<tenant>/
// <namespace>/<file>, approved/<tenant>.yaml and argocd/<tenant>.yaml. Both are
// empty for any other file.
func fileOwner(path string) (tenant, place string) {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 5 && parts[0] == "clusters":
		return parts[2], parts[1] + "/" + parts[3]
	case len(parts) > 2 && parts[0] == "clusters":
		return parts[2], ""
	case len(parts) == 2 && (parts[0] == "approved" || parts[0] == "argocd"):
		return strings.TrimSuffix(parts[1], ".yaml"), ""
	}
	return "", ""
}

// liveEffect presents what of the live objects a policy would refuse.
func liveEffect(effect *workflow.LiveEffect, now time.Time) web.LiveEffectView {
	if effect == nil {
		return web.LiveEffectView{Empty: "Tenure was not told how to look at the clusters, so nobody knows what of their objects it would refuse."}
	}
	view := web.LiveEffectView{At: web.At(effect.At, now)}
	if effect.Objects > 0 {
		view.Looked = web.Count(int64(effect.Objects), "object") + " looked at"
	}
	for _, r := range effect.Refused {
		view.Rows = append(view.Rows, web.RefusedRow{
			Cluster: r.Cluster, Namespace: web.Link{Text: r.Namespace, Href: namespaceHref(r.Cluster, r.Namespace)}, Tenant: r.Tenant,
			Object: r.Object, Rule: web.Link{Text: r.Rule, Href: rulesPath + "#rule-" + r.Rule}, Message: r.Message, Verdict: refusedBadge(r.WarnOnly),
		})
	}
	if effect.More > 0 {
		view.More = fmt.Sprintf("And %s more.", web.Count(int64(effect.More), "object"))
	}
	for _, part := range effect.Unlooked {
		where := part.Cluster
		if where == "" {
			where = "Every cluster"
		}
		view.Unlooked = append(view.Unlooked, web.NamedWords{Name: where, Words: part.Why})
	}
	switch {
	case len(view.Rows) > 0:
	case effect.Objects > 0:
		view.Empty = "None of what runs now would newly be refused: " + web.Count(int64(effect.Objects), "object") + " looked at."
		view.Looked = ""
	case len(view.Unlooked) > 0:
		view.Empty = "Nothing could be looked at, so nobody knows what of the clusters' objects it would refuse."
	default:
		view.Empty = "There was nothing to look at: no tenant runs anything yet."
	}
	return view
}

func refusedBadge(warnOnly bool) web.Badge {
	if warnOnly {
		return web.Badge{Text: "Warned", Tone: web.ToneWarn, Icon: web.IconWarning}
	}
	return web.Badge{Text: "Refused", Tone: web.ToneBad, Icon: web.IconCross}
}
