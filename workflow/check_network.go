package workflow

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// leastMaximum is the least that a policy may let anything last, so that a whole
// day can be asked for.
const leastMaximum = 24 * time.Hour

// operators are those of a selector's expressions; true where values go with them.
var operators = map[string]bool{"In": true, "NotIn": true, "Exists": false, "DoesNotExist": false}

// networkLimits checks what the policy says of network exceptions.
func (c *checker) networkLimits(l NetworkLimits) {
	const field = "spec.requests.network"
	c.maxDuration(field, l.MaxDuration)
	for i, refused := range l.Refused {
		at := fmt.Sprintf("%s.refused[%d]", field, i)
		r, message := checkPrefix(refused.CIDR)
		switch {
		case message != "":
			c.add(at+".cidr", "%s", message)
		case r.Bits() == 0:
			c.add(at+".cidr", "%q is every address there is; without it among the wide ones nobody gets it as a range", refused.CIDR)
		}
		if strings.TrimSpace(refused.Name) == "" {
			c.add(at+".name", "a name is needed, for those who are refused: the nodes of weu-1")
		} else if message := checkVisible(refused.Name, maxPurpose, false); message != "" {
			c.add(at+".name", "%s", message)
		}
	}
	seen := map[string]bool{}
	for i, wide := range l.Wide {
		at := fmt.Sprintf("%s.wide[%d]", field, i)
		c.oneOf(at, wide, everyIPv4, everyIPv6)
		if seen[wide] {
			c.add(at, "%q stands twice", wide)
		}
		seen[wide] = true
	}
}

// termLimits checks for how long the policy gives other things.
func (c *checker) termLimits(l RequestLimits) {
	c.maxDuration("spec.requests.quota", l.Quota.MaxDuration)
	c.maxDuration("spec.requests.access", l.Access.MaxDuration)
	c.maxDuration("spec.requests.exemption", l.Exemption.MaxDuration)
	seen := map[AccessRole]bool{}
	for i, role := range l.Access.Standing {
		at := fmt.Sprintf("spec.requests.access.standing[%d]", i)
		c.oneOf(at, string(role), roleNames()...)
		if seen[role] {
			c.add(at, "%q stands twice", role)
		}
		seen[role] = true
	}
}

func (c *checker) maxDuration(field string, most Duration) {
	if d := time.Duration(most); d != 0 && d < leastMaximum {
		c.add(field+".maxDuration", "%s is too short; what is given for a time lasts a day (24h) or longer", d)
	}
}

// checkPrefix says what keeps a text from being a range as documents have it.
func checkPrefix(text string) (netip.Prefix, string) {
	r, err := netip.ParsePrefix(text)
	if err != nil || r != r.Masked() || r.String() != text || r.Addr().Is4In6() {
		return r, fmt.Sprintf("%q is not an address range such as 10.20.0.0/16", text)
	}
	return r, ""
}

// ports checks ports of a flow one by one.
func (c *checker) ports(field string, ports []FlowPort) {
	for i, port := range ports {
		at := fmt.Sprintf("%s.ports[%d]", field, i)
		c.oneOf(at+".protocol", port.Protocol, protocols...)
		if port.Port < 1 || port.Port > 65535 {
			c.add(at+".port", "%d is not a port from 1 to 65535", port.Port)
		}
		if port.EndPort != 0 && (port.EndPort < port.Port || port.EndPort > 65535) {
			c.add(at+".endPort", "%d is not a port from %d to 65535", port.EndPort, port.Port)
		}
	}
}

// labels checks labels that pods are found by.
func (c *checker) labels(field string, labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if message := checkLabelPair(key, labels[key]); message != "" {
			c.add(field, "%s", message)
		}
	}
}

// selector checks a label selector of a platform flow.
func (c *checker) selector(field string, s *Selector) {
	if s == nil {
		return
	}
	c.labels(field+".matchLabels", s.MatchLabels)
	for i, e := range s.MatchExpressions {
		at := fmt.Sprintf("%s.matchExpressions[%d]", field, i)
		if message := checkLabelKey(e.Key); message != "" {
			c.add(at+".key", "%s", message)
		}
		withValues, known := operators[e.Operator]
		switch {
		case !known:
			c.oneOf(at+".operator", e.Operator, slices.Collect(maps.Keys(operators))...)
		case withValues != (len(e.Values) > 0):
			c.add(at+".values", "In and NotIn have values, Exists and DoesNotExist have none")
		}
		for j, value := range e.Values {
			if message := checkLabelPair(e.Key, value); message != "" && checkLabelKey(e.Key) == "" {
				c.add(fmt.Sprintf("%s.values[%d]", at, j), "%s", message)
			}
		}
	}
}

// network checks the exceptions of one namespace on their own.
func (c *checker) network(field string, n Namespace) {
	seen := map[string]bool{}
	for i, e := range n.Network {
		at := fmt.Sprintf("%s.network[%d]", field, i)
		if seen[e.ObjectName()] {
			c.add(at, "request %d has an exception for %s here already", e.Request, e.Direction)
		}
		seen[e.ObjectName()] = true
		c.exception(at, n, e)
	}
}

// exception checks one exception on its own: that it says one thing, in one
// form. What the policy gives is for Conforms to say.
func (c *checker) exception(field string, n Namespace, e NetworkException) {
	c.oneOf(field+".direction", string(e.Direction), string(Ingress), string(Egress))
	c.labels(field+".pods", e.Pods)
	side, other := ".from", e.To
	if e.Direction == Egress {
		side, other = ".to", e.From
	}
	switch peer := e.Peer(); {
	case peer == nil:
		c.add(field+side, "the other side is needed: a namespace, a cidr, the internet or an fqdn")
	case other != nil:
		c.add(field, "ingress has a from, egress a to, never both")
	default:
		c.exceptionPeer(field+side, n, e.Direction, *peer)
	}
	c.ports(field, e.Ports)
	if len(e.Ports) == 0 {
		c.add(field+".ports", "at least one port is needed")
	} else if !slices.Equal(e.Ports, mergePorts(e.Ports)) {
		c.add(field+".ports", "the ports stand sorted by protocol and number, without overlap: %s", PortsText(mergePorts(e.Ports)))
	}
	c.until(field+".until", e.Until)
	if e.Request < 1 {
		c.add(field+".request", "the request that gave it is needed")
	}
}

// exceptionPeer checks the other side of an exception.
func (c *checker) exceptionPeer(field string, n Namespace, direction FlowDirection, peer FlowPeer) {
	choices := 0
	for _, chosen := range []bool{peer.Namespace != "", peer.CIDR != "", peer.Internet, peer.FQDN != ""} {
		if chosen {
			choices++
		}
	}
	switch {
	case choices != 1:
		c.add(field, "one of namespace, cidr, internet and fqdn is needed, and only one")
		return
	case peer.NamespaceSelector != nil || peer.PodSelector != nil:
		c.add(field, "selectors are for platform flows; an exception names its namespace, and pods by podLabels")
	}
	if len(peer.PodLabels) > 0 && peer.Namespace == "" {
		c.add(field+".podLabels", "labels go with a namespace only")
	}
	c.labels(field+".podLabels", peer.PodLabels)
	switch {
	case peer.Namespace != "":
		if message := checkLabel(peer.Namespace); message != "" {
			c.add(field+".namespace", "%q: %s", peer.Namespace, message)
		} else if peer.Namespace == n.Name {
			c.add(field+".namespace", "%q is the namespace itself", peer.Namespace)
		}
	case peer.FQDN != "":
		if name, message := parseFQDN(peer.FQDN); message != "" {
			c.add(field+".fqdn", "%s", message)
		} else if name != peer.FQDN {
			c.add(field+".fqdn", "%q is written %q", peer.FQDN, name)
		}
		if direction != Egress {
			c.add(field+".fqdn", "a DNS name goes with egress only")
		}
	}
	c.ranges(field, peer)
}

// ranges checks a range of addresses with what is excepted of it.
func (c *checker) ranges(field string, peer FlowPeer) {
	if peer.CIDR == "" {
		if len(peer.Except) > 0 {
			c.add(field+".except", "exceptions go with a cidr only")
		}
		return
	}
	whole, message := checkPrefix(peer.CIDR)
	if message != "" {
		c.add(field+".cidr", "%s", message)
		return
	}
	for i, except := range peer.Except {
		part, message := checkPrefix(except)
		if message != "" || part.Bits() <= whole.Bits() || !whole.Contains(part.Addr()) {
			c.add(fmt.Sprintf("%s.except[%d]", field, i), "%q is not an address range inside %s", except, peer.CIDR)
		}
	}
}

// conformingNetwork says where exceptions break the policy: a range that nobody
// gets, a name where the engine knows none, a platform's namespace.
func (c *checker) conformingNetwork(field string, p Policy, n Namespace) {
	for i, e := range n.Network {
		at, peer := fmt.Sprintf("%s.network[%d]", field, i), e.Peer()
		if peer == nil {
			continue // Check has said so
		}
		if engine := p.Clusters[n.Cluster].NetworkEngine; peer.FQDN != "" && engine != EngineCilium {
			c.add(at, "a DNS name needs the network engine cilium, and %s has %s", n.Cluster, engine)
		}
		if reserved := p.reservedBy(peer.Namespace); peer.Namespace != "" && reserved != "" {
			c.add(at, "the namespace %q is the platform's (%s)", peer.Namespace, reserved)
		}
		if _, err := netip.ParsePrefix(peer.CIDR); peer.CIDR != "" && err == nil {
			if message := p.checkRanges(*peer); message != "" {
				c.add(at, "%s", message)
			}
		}
	}
}
