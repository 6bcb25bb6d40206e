package handlers

import (
	"net/url"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the fields that the form for a network exception has of its own.
const (
	fieldDirection     = "direction"
	fieldPods          = "pods"
	fieldPeer          = "peer"
	fieldPeerNamespace = "peerNamespace"
	fieldPeerPods      = "peerPods"
	fieldCIDR          = "cidr"
	fieldExcept        = "except"
	fieldFQDN          = "fqdn"
	fieldPorts         = "ports"
)

const newNetworkPath = workflow.NetworkFormPath

// networkHref leads to the form for a network exception of a namespace.
func networkHref(tenant, cluster, namespace string) string {
	return newNetworkPath + "?" + url.Values{fieldTenant: {tenant}, fieldCluster: {cluster}, fieldNamespace: {namespace}}.Encode()
}

// typedNetwork is the form for a network exception as somebody typed it. The
// change holds the fields of the chosen other side only; those of the others
// are kept for the form, in case somebody switches back.
type typedNetwork struct {
	Tenant string
	Change workflow.NetworkChange
}

// parseNetwork reads the form, or a link to it.
func parseNetwork(values url.Values) typedNetwork {
	at := parsePlace(values)
	return typedNetwork{
		Tenant: at.Tenant,
		Change: workflow.NetworkChange{
			Cluster:       at.Cluster,
			Namespace:     at.Namespace,
			Direction:     workflow.FlowDirection(typedLine(values, fieldDirection)),
			Pods:          typedLine(values, fieldPods),
			Peer:          workflow.PeerChoice(typedLine(values, fieldPeer)),
			PeerNamespace: typedLine(values, fieldPeerNamespace),
			PeerPods:      typedLine(values, fieldPeerPods),
			CIDR:          typedLine(values, fieldCIDR),
			Except:        typedLine(values, fieldExcept),
			FQDN:          typedLine(values, fieldFQDN),
			Ports:         typedLine(values, fieldPorts),
			Until:         typedLine(values, fieldUntil),
			Reason:        typedText(values, fieldReason),
		},
	}
}

// networkForm is a request's change as it stands in the form.
func networkForm(tenant string, n workflow.NetworkChange) typedNetwork {
	return typedNetwork{Tenant: tenant, Change: n}
}

// draft leaves out what was typed for other sides than the chosen one.
func (t typedNetwork) draft() workflow.Draft {
	n := t.Change
	if n.Peer != workflow.PeerNamespace {
		n.PeerNamespace, n.PeerPods = "", ""
	}
	if n.Peer != workflow.PeerCIDR {
		n.CIDR, n.Except = "", ""
	}
	if n.Peer != workflow.PeerFQDN {
		n.FQDN = ""
	}
	return workflow.Draft{Tenant: t.Tenant, Change: n}
}

// chosen says whether the namespace and the other side are named.
func (t typedNetwork) chosen() bool {
	n := t.start(workflow.Choices{}, time.Time{}).draft().Change.(workflow.NetworkChange)
	return n.Namespace != "" && (n.Peer == workflow.PeerInternet || n.PeerNamespace+n.CIDR+n.FQDN != "")
}

// ahead: the plan does not depend on the reason.
func (t typedNetwork) ahead() (workflow.Draft, bool) {
	if !t.chosen() || t.Change.Ports == "" || t.Change.Until == "" {
		return workflow.Draft{}, false
	}
	t.Change.Reason = "Not said yet."
	return t.draft(), true
}

// start fills in what there is only one choice for, what a link tells by other
// fields, and the usual: a call to another namespace, for thirty days.
func (t typedNetwork) start(choices workflow.Choices, now time.Time) typedForm {
	n := &t.Change
	at := typedPlace{t.Tenant, n.Cluster, n.Namespace}.completed(choices)
	t.Tenant, n.Cluster, n.Namespace = at.Tenant, at.Cluster, at.Namespace
	if n.Direction == "" {
		n.Direction = workflow.Egress
	}
	switch {
	case n.Peer != "":
	case n.CIDR != "":
		n.Peer = workflow.PeerCIDR
	case n.FQDN != "":
		n.Peer = workflow.PeerFQDN
	default:
		n.Peer = workflow.PeerNamespace
	}
	if n.Until == "" {
		n.Until = proposedUntil(workflow.KindNetwork, choices.Policy, now)
	}
	return t
}

func (t typedNetwork) heading() string { return "Request a network exception" }

// fill puts the fields into the page's form.
func (t typedNetwork) fill(form *web.RequestForm, choices workflow.Choices, now time.Time) {
	n := t.Change
	cards := func(options []web.Option, value string) []web.Option { return choose(options, value, false) }
	form.Network = &web.NetworkFields{
		SuggestHref: suggestPath,
		Namespace:   typedPlace{t.Tenant, n.Cluster, n.Namespace}.field(choices),
		Direction: web.Field{Name: fieldDirection, Label: "Direction", Value: string(n.Direction), Required: true,
			Options: cards(directionOptions(), string(n.Direction))},
		Pods: web.Field{Name: fieldPods, Label: "Pods", Value: n.Pods, Placeholder: "every pod",
			Hint: "Their labels, such as app=api, tier=web. Left empty, it is for every pod of the namespace."},
		Peer: web.Field{Name: fieldPeer, Label: "The other side", Value: string(n.Peer), Required: true,
			Options: cards(peerOptions(choices), string(n.Peer))},
		PeerNamespace: web.Field{Name: fieldPeerNamespace, Label: "Namespace there", Value: n.PeerNamespace, Conditional: true,
			Suggestions: namespaceSuggestions(choices), Hint: "On the same cluster. It may be another tenant's: type its name, and its owner must agree too."},
		PeerPods: web.Field{Name: fieldPeerPods, Label: "Pods there", Value: n.PeerPods, Placeholder: "every pod",
			Hint: "Their labels, such as app=db. Left empty, it is for every pod there."},
		CIDR: web.Field{Name: fieldCIDR, Label: "Address range", Value: n.CIDR, Conditional: true,
			Hint: "In CIDR notation, such as 10.20.0.0/16, or 10.20.7.9/32 for one address."},
		Except: web.Field{Name: fieldExcept, Label: "Without", Value: n.Except,
			Hint: "Ranges inside it that stay closed, with commas between."},
		FQDN: web.Field{Name: fieldFQDN, Label: "DNS name", Value: n.FQDN, Conditional: true,
			Hint: "Such as api.example.com. The addresses that it resolves to are opened, whichever they are."},
		Ports: web.Field{Name: fieldPorts, Label: "Ports", Value: n.Ports, Required: true, Suggestions: portSuggestions(),
			Hint: "Protocol and number: TCP 5432, or TCP 8000-8100. Several with commas between."},
		Until: untilField(workflow.KindNetwork, n.Until, choices.Policy, now),
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: n.Reason, Required: true,
			Hint: "What it is for, in a sentence. Reviewers read it first."},
	}
}
