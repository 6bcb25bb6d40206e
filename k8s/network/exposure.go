package network

import "go4.org/netipx"

// opening is what a workload's own end lets through to one peer.
type opening struct {
	peer  peer
	ports Ports
}

// exposed lists what a workload's own end lets through to pods, whichever exist: one
// opening for each peer that a rule names. Rules for the same pods are one opening;
// the ports of a rule for everybody, or for plain labels that the peer carries too,
// are among the peer's. Told once only: what a rule for the entire cluster lets
// through already.
func exposed(pods []*pod, side int) []opening {
	var openings []opening
	for _, p := range pods {
		if !p.protected[side] {
			return []opening{{anyPod(), AllPorts()}}
		}
		for _, a := range p.rules[side] {
			if a.peer.addresses == nil && !a.peer.empty() && !a.ports.Empty() {
				openings = addOpening(openings, a)
			}
		}
	}
	var cluster Ports
	for _, o := range openings {
		if o.peer.spaces.All() && o.peer.pods.All() {
			cluster = o.ports
		}
	}
	var told []opening
	for _, o := range openings {
		for _, wider := range openings {
			if wider.peer.spaces.plainlyContains(o.peer.spaces) && wider.peer.pods.plainlyContains(o.peer.pods) {
				o.ports = o.ports.union(wider.ports)
			}
		}
		everybody := o.peer.spaces.All() && o.peer.pods.All()
		if everybody || !o.ports.minus(cluster).Empty() {
			told = append(told, o)
		}
	}
	return told
}

func addOpening(openings []opening, a allowance) []opening {
	for i := range openings {
		if openings[i].peer.equal(a.peer) {
			openings[i].ports = openings[i].ports.union(a.ports)
			return openings
		}
	}
	return append(openings, opening{a.peer, a.ports})
}

// plainlyContains says that s holds all of o, and that s is everything or a list of
// key=value: what a reader sees without working it out.
func (s LabelSet) plainlyContains(o LabelSet) bool {
	for _, k := range s.keys {
		if k.values.others || k.values.absent || len(k.values.list) > 1 {
			return false
		}
	}
	return s.contains(o)
}

// addressed parts the addresses outside the cluster by the ports that a workload's
// own end lets through; addresses with no port are left out.
func addressed(pods []*pod, side int) []opening {
	var parts []opening
	for _, p := range pods {
		if !p.protected[side] {
			return []opening{{peer{addresses: everyAddress}, AllPorts()}}
		}
		for _, a := range p.rules[side] {
			if a.peer.addresses != nil && !a.ports.Empty() {
				parts = addPart(parts, a.peer.addresses, a.ports)
			}
		}
	}
	return joined(parts)
}

// addPart keeps the parts disjoint.
func addPart(parts []opening, addresses *netipx.IPSet, ports Ports) []opening {
	var next []opening
	left := addresses
	for _, part := range parts {
		both := addressesWithin(part.peer.addresses, left)
		if noAddress(both) {
			next = append(next, part)
			continue
		}
		next = append(next, opening{peer{addresses: both}, part.ports.union(ports)})
		if rest := addressesOutside(part.peer.addresses, both); !noAddress(rest) {
			next = append(next, opening{peer{addresses: rest}, part.ports})
		}
		left = addressesOutside(left, both)
	}
	if !noAddress(left) {
		next = append(next, opening{peer{addresses: left}, ports})
	}
	return next
}

// joined makes one part of those with the same ports.
func joined(parts []opening) []opening {
	var result []opening
next:
	for _, part := range parts {
		for i := range result {
			if result[i].ports.equal(part.ports) {
				result[i].peer.addresses = addressSet(func(set *netipx.IPSetBuilder) {
					set.AddSet(result[i].peer.addresses)
					set.AddSet(part.peer.addresses)
				})
				continue next
			}
		}
		result = append(result, part)
	}
	return result
}
