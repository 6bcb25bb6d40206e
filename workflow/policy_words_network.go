package workflow

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// platformFlows tells what every tenant namespace is open to.
func (d *policyDifference) platformFlows() {
	was, is := flowsByName(d.before.PlatformFlows), flowsByName(d.after.PlatformFlows)
	for _, name := range differing(was, is) {
		old, had := was[name]
		flow, has := is[name]
		switch {
		case !had:
			d.warn(flow.severity(), "opens every namespace", "Opens every tenant namespace for the platform's flow %s: %s.", name, flow.words())
		case !has:
			d.warn(SeverityWarning, "closes a flow", "Closes the platform's flow %s in every tenant namespace: %s.", name, old.words())
		default:
			d.warn(flow.severity(), "changes a flow", "Opens every tenant namespace for the platform's flow %s as %s, instead of %s.", name, flow.words(), old.words())
		}
	}
}

func flowsByName(flows []PlatformFlow) map[string]PlatformFlow {
	byName := make(map[string]PlatformFlow, len(flows))
	for _, flow := range flows {
		byName[flow.Name] = flow
	}
	return byName
}

// severity weighs a flow by how much of the address space it opens.
func (f PlatformFlow) severity() Severity {
	const wide = 8 // bits: a range this short is a 256th of all addresses
	for _, peer := range []*FlowPeer{f.From, f.To} {
		if peer == nil || peer.CIDR == "" {
			continue
		}
		if r, err := netip.ParsePrefix(peer.CIDR); err != nil || r.Bits() <= wide {
			return SeverityDanger
		}
	}
	return SeverityWarning
}

// words say what a platform flow lets through: "ingress from ingress-nginx on TCP 80".
func (f PlatformFlow) words() string {
	peer, side := f.From, "from"
	if f.Direction == Egress {
		peer, side = f.To, "to"
	}
	words := fmt.Sprintf("%s %s %s", f.Direction, side, peer.platformText())
	if len(f.Ports) > 0 {
		words += " on " + PortsText(f.Ports)
	}
	return words
}

// platformText names the other side of a platform flow, which can be chosen by
// selectors as well.
func (p *FlowPeer) platformText() string {
	switch {
	case p == nil || p.NamespaceSelector == nil && p.PodSelector == nil:
		return p.text()
	case p.NamespaceSelector == nil:
		return fmt.Sprintf("pods of %s that match %s", p.Namespace, encode(p.PodSelector))
	case p.PodSelector == nil:
		return "namespaces that match " + encode(p.NamespaceSelector)
	}
	return fmt.Sprintf("pods that match %s in namespaces that match %s", encode(p.PodSelector), encode(p.NamespaceSelector))
}

// platformNamespaces tells which namespaces are none of Tenure's business.
func (d *policyDifference) platformNamespaces() {
	was, is := d.before.PlatformNamespaces, d.after.PlatformNamespaces
	if added := gained(was, is); len(added) > 0 {
		d.warn(SeverityWarning, "platform namespaces", "Leaves %s to the platform: no rule of Tenure's holds there, and no tenant can have such a namespace.", allOf(added))
	}
	if dropped := gained(is, was); len(dropped) > 0 {
		d.warn(SeverityWarning, "platform namespaces", "No longer leaves %s to the platform: what is written there is judged, and a tenant may ask for such a namespace.", allOf(dropped))
	}
}

// reservedNames tells which names no tenant gets.
func (d *policyDifference) reservedNames() {
	d.listed("Reserves the names %s: no tenant can ask for them.", "No longer reserves the names %s: tenants can ask for them.", d.before.ReservedNames, d.after.ReservedNames)
}

// reservedHosts tells which hosts no tenant gets.
func (d *policyDifference) reservedHosts() {
	d.listed("Reserves the hosts %s: no tenant can ask for them.", "No longer reserves the hosts %s: tenants can ask for them.", d.before.ReservedHosts, d.after.ReservedHosts)
}

// listed tells what a list gains and loses.
func (d *policyDifference) listed(gains, loses string, before, after []string) {
	if added := gained(before, after); len(added) > 0 {
		d.say(gains, allOf(added))
	}
	if dropped := gained(after, before); len(dropped) > 0 {
		d.say(loses, allOf(dropped))
	}
}

// limits tells for how long things can be asked for, and what nobody gets.
func (d *policyDifference) limits() {
	was, is := d.before.Requests, d.after.Requests
	d.longer("Network exceptions", was.Network.term().longest, is.Network.term().longest)
	d.longer("Temporary quota increases", was.Quota.term("").longest, is.Quota.term("").longest)
	d.longer("Access with an end", was.Access.term().longest, is.Access.term().longest)
	d.longer("Exemptions", was.Exemption.term("").longest, is.Exemption.term("").longest)
	d.standing(was.Access, is.Access)
	if dropped := gained(is.Network.Refused, was.Network.Refused); len(dropped) > 0 {
		d.warn(SeverityDanger, "opens refused ranges", "No longer refuses network exceptions to %s.", rangesText(dropped))
	}
	if added := gained(was.Network.Refused, is.Network.Refused); len(added) > 0 {
		d.say("Refuses network exceptions to %s.", rangesText(added))
	}
	if added := gained(was.Network.Wide, is.Network.Wide); len(added) > 0 {
		d.warn(SeverityDanger, "whole address space", "Lets %s be asked for in network exceptions.", allOf(added))
	}
	if dropped := gained(is.Network.Wide, was.Network.Wide); len(dropped) > 0 {
		d.say("No longer lets %s be asked for in network exceptions.", allOf(dropped))
	}
}

// standing tells which roles can be asked for without an end.
func (d *policyDifference) standing(was, is AccessLimits) {
	var more, less []string
	for _, role := range AccessRoles() {
		could, can := was.checkStanding(role) == "", is.checkStanding(role) == ""
		switch {
		case can && !could:
			more = append(more, string(role))
		case could && !can:
			less = append(less, string(role))
		}
	}
	if len(more) > 0 {
		d.warn(SeverityWarning, "standing access", "Access as %s can be asked for without an end.", oneOf(more))
	}
	if len(less) > 0 {
		d.say("Access as %s can be asked for with an end only. What stands already stays.", oneOf(less))
	}
}

// rangesText names ranges with what they are.
func rangesText(ranges []AddressName) string {
	words := make([]string, len(ranges))
	for i, r := range ranges {
		words[i] = strings.TrimSpace(r.CIDR + " " + bracketed(r.Name))
	}
	slices.Sort(words)
	return listed(words, "and")
}

func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}
