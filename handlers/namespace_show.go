package handlers

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showNamespace answers: what does it have, since when, until when, and what may
// it talk to?
func (p *Portal) showNamespace(c echo.Context) error {
	ctx, actor := visit(c)
	namespace, err := p.Service.Namespace(ctx, actor, c.Param("cluster"), c.Param("namespace"))
	if err != nil {
		return err
	}
	view := namespacePage(namespace, actor)
	view.Frame = frame(c, web.SectionNone, view.Heading)
	return page(c, http.StatusOK, web.Namespace(view))
}

func namespacePage(view workflow.NamespaceView, actor workflow.Actor) web.NamespacePage {
	n, tenancy, now := view.Namespace, view.Tenancy, view.Now
	at := typedPlace{tenancy.Name, n.Cluster, n.Name}.query()
	reader := grantReader{mayAsk: view.MayAsk, policy: view.Policy, now: now, requests: view.Requests}
	shown := web.NamespacePage{
		Heading: namespaceHeading(n),
		Lead:    "What was approved for it, by which request, and until when. Everything else is closed.",
		Tenant:  web.Link{Text: tenantName(tenancy), Href: tenantHref(tenancy.Name)},
		Name:    n.Name, Cluster: n.Cluster,
		Facts: namespaceFacts(n, view.Policy), Quota: quotaView(view, reader), Access: accessRows(n, tenancy, reader), Exemptions: exemptionRows(n, tenancy, reader),
		Picture:  pictureOf(view.Connectivity, titleNow, seenBy(actor, tenancy), now),
		Removal:  removalLink(workflow.TenantView{Tenancy: tenancy, Requests: view.Requests, MayAsk: view.MayAsk}, n),
		Commit:   view.Commit,
		Closed:   "Nothing but DNS and the platform's own flows may talk to this namespace, and it to nothing else.",
		Held:     "Every rule holds for everything in this namespace.",
		Commands: commands(n),
		Files:    fileRows(view.Files),
	}
	if view.MayAsk {
		shown.AskHref, shown.Ask = networkHref(tenancy.Name, n.Cluster, n.Name), "/requests/new"+at
		shown.SettledHref = settledHref(tenancy.Name, n)
		shown.QuotaHref, shown.AccessHref, shown.ExemptionHref = newQuotaPath+at, newAccessPath+at, newExemptionPath+at
	} else {
		shown.Closed += " The tenant's owners and members can ask for an exception."
		shown.Held += " The tenant's owners and members can ask for an exemption."
	}
	grants := n.Grants()
	for _, e := range n.Network {
		row := exceptionRow(e, now)
		for _, grant := range grants {
			if grant.Kind == workflow.KindNetwork && grant.Request == e.Request {
				row.Extend, row.End = reader.links(grant, tenancy)
			}
		}
		shown.Exceptions = append(shown.Exceptions, row)
	}
	for _, r := range view.Requests {
		if r.State.Open() {
			shown.Requests = append(shown.Requests, requestRow(r, actor, now))
		} else {
			shown.Earlier = append(shown.Earlier, requestRow(r, actor, now))
		}
	}
	return shown
}

// namespaceHeading says what it was given beyond itself.
func namespaceHeading(n workflow.Namespace) string {
	if given := countKinds(n.Grants()); len(given) > 0 {
		return n.Name + " has " + joined(given)
	}
	return n.Name + " has no exceptions"
}

func namespaceFacts(n workflow.Namespace, policy workflow.Policy) []web.Fact {
	facts := []web.Fact{
		{Term: "Cluster", Value: web.Link{Text: n.Cluster}},
		{Term: "Environment", Value: web.Link{Text: n.Environment}},
		{Term: "Pod security", Value: web.Link{Text: string(n.PodSecurity)}},
	}
	if n.Purpose != "" {
		facts = append(facts, web.Fact{Term: "Purpose", Value: web.Link{Text: n.Purpose}})
	}
	facts = append(facts, dataFacts(n, policy)...)
	return append(facts, web.Fact{Term: "Given by", Value: requestLink(n.Request)})
}

// dataFacts says how confidential the data of a namespace are, which hosts it
// serves, and from which registries it may run images beyond those for everybody.
func dataFacts(n workflow.Namespace, policy workflow.Policy) []web.Fact {
	var facts []web.Fact
	if n.Classification != "" {
		item := web.FactItem{Text: n.Classification}
		for _, class := range policy.Classifications {
			if class.Name == n.Classification {
				item.Detail = class.Means
			}
		}
		facts = append(facts, web.Fact{Term: "Data", Items: []web.FactItem{item}})
	}
	hosts := web.Fact{Term: "Hosts", Value: web.Link{Text: "none"}}
	if len(n.Hosts) > 0 {
		hosts.Value = web.Link{}
		for _, host := range n.Hosts {
			hosts.Items = append(hosts.Items, web.FactItem{Text: host})
		}
	}
	facts = append(facts, hosts)
	if len(n.Registries) == 0 {
		return facts
	}
	images := web.Fact{Term: "Images also of"}
	for _, name := range n.Registries {
		images.Items = append(images.Items, web.FactItem{Text: name, Detail: strings.Join(policy.Registries[name].Images, ", ")})
	}
	return append(facts, images)
}

// quotaView shows the amounts that hold now, what of them is in use, and until
// when a temporary increase lasts.
func quotaView(view workflow.NamespaceView, reader grantReader) web.QuotaView {
	q := view.Namespace.Quota
	shown := web.QuotaView{Bars: usesOf(view.Namespace, view.Used), Request: requestLink(q.Request)}
	switch {
	case view.Used == nil:
		shown.Used = "What is in use is not known here: nobody watches this cluster, or it has not said yet."
	default:
		shown.Heard = web.At(view.Used.At, view.Now)
	}
	for _, grant := range view.Namespace.Grants() {
		if grant.Kind == workflow.KindQuota {
			row := reader.row(grant, view.Tenancy)
			row.Says = "Raised to " + row.Says
			row.Detail = "Lasting: " + quotaWords(q) + "."
			shown.Raise = append(shown.Raise, row)
		}
	}
	return shown
}

// accessRows lists who has which role.
func accessRows(n workflow.Namespace, tenancy workflow.Tenancy, reader grantReader) []web.GrantRow {
	var rows []web.GrantRow
	grants := n.Grants()
	for _, access := range n.Access {
		row := web.GrantRow{
			Says: string(access.Role) + " for " + whoWords(access, tenancy), Detail: "May " + access.Role.Gains() + ".",
			Until: web.At(access.Until, reader.now), Over: access.Expired(reader.now), Request: requestLink(access.Request),
		}
		if access.Request == n.Request {
			row.End = reader.revoke(access, n, tenancy)
		}
		for _, grant := range grants {
			if grant.Kind == workflow.KindAccess && grant.Request == access.Request {
				row.Extend, row.End = reader.links(grant, tenancy)
			}
		}
		row.Kind = web.Badge{Text: "standing", Tone: web.ToneNeutral}
		if !access.Until.IsZero() {
			row.Kind = web.Badge{Text: "for a time", Tone: web.ToneNeutral, Icon: web.IconClock}
		}
		rows = append(rows, row)
	}
	return rows
}

// exemptionRows lists what rules let through.
func exemptionRows(n workflow.Namespace, tenancy workflow.Tenancy, reader grantReader) []web.GrantRow {
	var rows []web.GrantRow
	for _, grant := range n.Grants() {
		if grant.Kind != workflow.KindExemption {
			continue
		}
		row := reader.row(grant, tenancy)
		for _, e := range n.Exemptions {
			if e.Request == grant.Request {
				row.Says, row.Detail = e.Value, "For pods with "+workflow.LabelsTyped(e.Selector)+"."
				row.Kind = web.Badge{Text: e.Rule, Tone: web.ToneWarn, Icon: web.IconShield}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// commands are what a developer types to work in the namespace.
func commands(n workflow.Namespace) []web.Command {
	return []web.Command{
		{ID: "command-sign-in", Words: "Sign in with your Entra account, for the context that az aks get-credentials wrote",
			Line: "kubelogin convert-kubeconfig -l azurecli\nkubectl config set-context " + n.Cluster + " --namespace=" + n.Name + "\nkubectl config use-context " + n.Cluster},
		{ID: "command-network", Words: "What lets traffic through", Line: "kubectl -n " + n.Name + " get networkpolicy"},
		{ID: "command-quota", Words: "How full the quota is", Line: "kubectl -n " + n.Name + " describe resourcequota"},
		{ID: "command-can", Words: "What you may do there", Line: "kubectl -n " + n.Name + " auth can-i --list"},
	}
}

// fileRows lists files of the repository.
func fileRows(files []workflow.File) []web.FileRow {
	var rows []web.FileRow
	for _, file := range files {
		rows = append(rows, web.FileRow{Path: file.Path, Content: string(file.Content)})
	}
	return rows
}

func exceptionRow(e workflow.NetworkException, now time.Time) web.ExceptionRow {
	row := web.ExceptionRow{
		Direction: directionBadge(e.Direction), Pods: workflow.LabelsText(e.Pods), Ports: workflow.PortsText(e.Ports),
		Until: web.At(e.Until, now), Over: e.Expired(now), Request: requestLink(e.Request),
	}
	row.Other, row.Detail = peerWords(e.Peer())
	return row
}
