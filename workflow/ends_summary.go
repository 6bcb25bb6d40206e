package workflow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// closings says in sentences which exceptions go between two states, one a
// request, by its number.
func closings(sides []OtherSide) []string {
	gone := map[int64]string{}
	for _, side := range sides {
		for _, n := range side.Before.Namespaces {
			for _, e := range n.Network {
				if len(side.After.exceptions(e.Request)) > 0 {
					continue
				}
				// Of a flow's two ends the egress tells it the way the traffic goes.
				if _, told := gone[e.Request]; !told || e.Direction == Egress {
					gone[e.Request] = e.closing(n.Name)
				}
			}
		}
	}
	var lines []string
	for _, request := range slices.Sorted(maps.Keys(gone)) {
		lines = append(lines, gone[request])
	}
	return lines
}

// endings says in sentences what else than network exceptions goes from
// namespaces that stay, between two states.
func endings(sides []OtherSide) []string {
	var lines []string
	for _, side := range sides {
		for _, before := range side.Before.sorted().Namespaces {
			after, stays := side.After.Namespace(before.Cluster, before.Name)
			if !stays {
				continue
			}
			for _, a := range before.Access {
				if !slices.ContainsFunc(after.Access, func(other Access) bool { return other.key() == a.key() }) {
					lines = append(lines, fmt.Sprintf("Takes away %s in %s on %s (request %d).", a.words(), before.Name, before.Cluster, a.Request))
				}
			}
			for _, e := range before.Exemptions {
				if !slices.ContainsFunc(after.Exemptions, e.same) {
					lines = append(lines, fmt.Sprintf("Lets no longer through: %s, in %s on %s (request %d).", e.words(), before.Name, before.Cluster, e.Request))
				}
			}
			if raise := before.Quota.Raise; raise != nil && after.Quota.Raise == nil {
				changes := after.Quota.Effective().changes(before.Quota.Effective())
				lines = append(lines, fmt.Sprintf("Ends the temporary quota of %s on %s (request %d): %s.", before.Name, before.Cluster, raise.Request, cmp.Or(listed(changes, "and"), "nothing changes")))
			}
		}
	}
	return lines
}

// closing says what ends: "Closes TCP 5432 from payments-api-prod to
// 10.20.0.0/16 (request 61)."
func (e NetworkException) closing(namespace string) string {
	from, to := podsText(namespace, e.Pods), e.Peer().text()
	if e.Direction == Ingress {
		from, to = to, from
	}
	return fmt.Sprintf("Closes %s from %s to %s (request %d).", PortsText(e.Ports), from, to, e.Request)
}

// podsText names pods: their namespace, and their labels where not all are meant.
func podsText(namespace string, labels map[string]string) string {
	if len(labels) == 0 {
		return namespace
	}
	return namespace + " (" + LabelsText(labels) + ")"
}

// text names the other side of an exception.
func (p *FlowPeer) text() string {
	switch {
	case p == nil:
		return "anywhere"
	case p.Internet:
		return "the internet"
	case p.CIDR != "" && len(p.Except) > 0:
		return p.CIDR + " (except " + strings.Join(p.Except, ", ") + ")"
	}
	return cmp.Or(p.CIDR, p.FQDN, podsText(p.Namespace, p.PodLabels))
}
