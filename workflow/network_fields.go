package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// check reads every field as typed, and says what is wrong with each as far as
// the policy tells. The exception is complete, but for its request, where
// nothing is wrong.
func (c NetworkChange) check(policy Policy) (NetworkException, []FieldProblem) {
	var problems []FieldProblem
	add := func(field, message string) {
		if message != "" {
			problems = append(problems, FieldProblem{Field: field, Message: message})
		}
	}
	exception := NetworkException{Direction: c.Direction}
	var message string
	add("direction", checkChoice(string(c.Direction), "direction", []string{string(Egress), string(Ingress)}))
	exception.Pods, message = parseLabels(c.Pods)
	add("pods", message)
	peer, wrong := c.checkPeer(policy)
	problems = append(problems, wrong...)
	if c.Direction == Ingress {
		exception.From = &peer
	} else {
		exception.To = &peer
	}
	exception.Ports, message = parsePorts(c.Ports)
	add("ports", message)
	exception.Until, message = parseUntil(c.Until)
	add("until", message)
	if reason := strings.TrimSpace(c.Reason); reason == "" {
		add("reason", "Say in a sentence what the traffic is for. Reviewers read it first.")
	} else {
		add("reason", checkText(reason, maxReason, true))
	}
	return exception, problems
}

// checkPeer reads the other side. What belongs to another choice than the one
// that was made must be empty: a reviewer could take it for asked for.
func (c NetworkChange) checkPeer(policy Policy) (peer FlowPeer, problems []FieldProblem) {
	choices := []string{string(PeerNamespace), string(PeerInternet), string(PeerCIDR), string(PeerFQDN)}
	if message := checkChoice(string(c.Peer), "other side", choices); message != "" {
		return peer, []FieldProblem{{Field: "peer", Message: message}}
	}
	for _, f := range []struct {
		field, value string
		with         PeerChoice
	}{
		{"peerNamespace", c.PeerNamespace, PeerNamespace}, {"peerPods", c.PeerPods, PeerNamespace},
		{"cidr", c.CIDR, PeerCIDR}, {"except", c.Except, PeerCIDR}, {"fqdn", c.FQDN, PeerFQDN},
	} {
		if f.value != "" && f.with != c.Peer {
			problems = append(problems, FieldProblem{Field: f.field, Message: fmt.Sprintf(
				"This goes with the other side %q, and you chose %q. Empty it, or choose the other.", f.with, c.Peer)})
		}
	}
	add := func(field, message string) {
		if message != "" {
			problems = append(problems, FieldProblem{Field: field, Message: message})
		}
	}
	switch c.Peer {
	case PeerNamespace:
		var message string
		peer.Namespace = c.PeerNamespace
		peer.PodLabels, message = parseLabels(c.PeerPods)
		add("peerPods", message)
	case PeerInternet:
		peer.Internet = true
	case PeerCIDR:
		field, message := peer.readRanges(c.CIDR, c.Except, policy)
		add(field, message)
	case PeerFQDN:
		var message string
		peer.FQDN, message = parseFQDN(c.FQDN)
		add("fqdn", message)
		add("direction", c.checkNameDirection())
		add("peer", c.checkEngine(policy))
	}
	return peer, problems
}

// checkNameDirection refuses names for what comes in.
func (c NetworkChange) checkNameDirection() string {
	if c.Direction != Ingress {
		return ""
	}
	return fmt.Sprintf("%q does not go with a DNS name: where traffic comes from is known by its address only. Choose %q, or a range of addresses as the other side.", c.Direction, Egress)
}

// checkEngine refuses names where the cluster's network engine knows none.
func (c NetworkChange) checkEngine(policy Policy) string {
	cluster, known := policy.Clusters[c.Cluster]
	if !known || cluster.NetworkEngine == EngineCilium {
		return "" // an unknown cluster has its own message
	}
	return fmt.Sprintf("A DNS name cannot be the other side on %s: its network engine is %s, and a NetworkPolicy knows addresses only. Choose a range of addresses; names work where the engine is %s.",
		c.Cluster, cluster.NetworkEngine, EngineCilium)
}

// readRanges reads a range and what is excepted of it. It gives the field that
// a message is about.
func (p *FlowPeer) readRanges(cidr, except string, policy Policy) (field, message string) {
	if strings.TrimSpace(cidr) == "" {
		return "cidr", "Write the range of addresses, such as 10.20.0.0/16."
	}
	whole, message := parseRange(cidr)
	if message != "" {
		return "cidr", message
	}
	p.CIDR = whole.String()
	if p.Except, message = parseExcept(except, whole); message != "" {
		return "except", message
	}
	return "cidr", policy.checkRanges(*p)
}

// checkRanges refuses what nobody gets: a whole address family that the policy
// does not list as wide, and ranges that belong to the platform.
func (p Policy) checkRanges(peer FlowPeer) string {
	if (peer.CIDR == everyIPv4 || peer.CIDR == everyIPv6) && !slices.Contains(p.Requests.Network.Wide, peer.CIDR) {
		return fmt.Sprintf("%q is every address there is, and the policy lets nobody ask for that. Name the range that is needed, or choose the internet as the other side.", peer.CIDR)
	}
	if message := p.checkBreadth(peer); message != "" {
		return message
	}
	refused, found := p.refused(peer)
	switch {
	case !found:
		return ""
	case parsed([]string{peer.CIDR})[0].Bits() < parsed([]string{refused.CIDR})[0].Bits():
		return fmt.Sprintf("%q reaches %s (%s), which nobody may. Except that range, or name a smaller one.", peer.CIDR, refused.CIDR, refused.Name)
	}
	return fmt.Sprintf("%q lies in %s (%s), which nobody may reach. Name another range.", peer.CIDR, refused.CIDR, refused.Name)
}

// The shortest prefixes of public addresses that can be asked for where the
// policy does not list the whole family as wide. A few ranges that are shorter
// would be every address there is.
const (
	broadest4 = 8
	broadest6 = 16
)

// checkBreadth refuses ranges of public addresses that are as good as all.
func (p Policy) checkBreadth(peer FlowPeer) string {
	whole := parsed([]string{peer.CIDR})[0]
	family, most := everyIPv4, broadest4
	if whole.Addr().Is6() {
		family, most = everyIPv6, broadest6
	}
	if whole.Bits() >= most || !peer.public() || slices.Contains(p.Requests.Network.Wide, family) {
		return ""
	}
	return fmt.Sprintf("%q is too much of the internet to be one range; a prefix of at least /%d is needed. Name the range that is needed, or choose the internet as the other side.", peer.CIDR, most)
}

// checkPlaces says what is wrong with where the exception has its ends.
func (c NetworkChange) checkPlaces(base *ApprovedState, tenancy Tenancy) []FieldProblem {
	var problems []FieldProblem
	add := func(field, message string) {
		if message != "" {
			problems = append(problems, FieldProblem{Field: field, Message: message})
		}
	}
	add("cluster", checkChoice(c.Cluster, "cluster", tenancy.Clusters))
	if len(problems) > 0 {
		return problems
	}
	add("namespace", tenancy.checkPlace(c.Cluster, c.Namespace))
	if c.Peer == PeerNamespace {
		add("peerNamespace", c.checkPeerNamespace(base))
	}
	return problems
}

// checkPlace says what keeps a namespace from being one of the tenant's own on a
// cluster.
func (t Tenancy) checkPlace(cluster, name string) string {
	if message := checkChoice(cluster, "cluster", t.Clusters); message != "" {
		return message
	}
	if _, own := t.Namespace(cluster, name); own {
		return ""
	}
	var names []string
	for _, n := range t.Namespaces {
		if n.Cluster == cluster {
			names = append(names, n.Name)
		}
	}
	switch {
	case len(names) == 0:
		return fmt.Sprintf("%s has no namespace on %s. Ask for one first.", t.Name, cluster)
	case name == "":
		return fmt.Sprintf("Choose the namespace: %s.", oneOf(names))
	}
	return fmt.Sprintf("%s has no namespace %q on %s; choose %s.", t.Name, name, cluster, oneOf(names))
}

// checkPeerNamespace says what is wrong with the namespace on the other side. Of
// other tenants it says no more than whether the name that was typed is one of theirs.
func (c NetworkChange) checkPeerNamespace(base *ApprovedState) string {
	name := c.PeerNamespace
	if name == "" {
		return fmt.Sprintf("Write the name of the namespace on the other side, on %s.", c.Cluster)
	}
	if message := checkLabel(name); message != "" {
		return message
	}
	_, _, found := base.NamespaceOwner(c.Cluster, name)
	switch {
	case name == c.Namespace:
		return fmt.Sprintf("%q is the namespace itself. What its pods may say to each other its own NetworkPolicies decide, without asking.", name)
	case found:
		return ""
	case base.Policy.reservedBy(name) != "":
		return fmt.Sprintf("%q belongs to the platform, whose flows stand in policy.yaml. Ask the platform team.", name)
	}
	return fmt.Sprintf("There is no namespace %q of a tenant on %s.", name, c.Cluster)
}
