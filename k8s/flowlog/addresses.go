package flowlog

import (
	"cmp"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// fewRanges is how many ranges of addresses a person would ask for one by one.
// Beyond it, addresses are put together: public ones as the internet, private
// ones in the smallest ranges around neighbours.
const fewRanges = 4

// widest is the shortest prefix that private addresses are put together in.
const (
	widest4 = 16
	widest6 = 48
)

// mergeAddresses puts needs for single addresses together: those for the same
// pods and ports become exact ranges, or a few wider ones where these are many. The
// other needs stay as they are.
func mergeAddresses(needs []*need) []*need {
	var merged []*need
	bySubject := map[string][]*need{}
	for _, n := range needs {
		if n.peer.IsPod() || len(n.peer.Names) > 0 {
			merged = append(merged, n)
			continue
		}
		key := n.subject() + "\x00" + n.ports.String()
		if public(n.peer.Address) {
			key += "\x00public"
		}
		bySubject[key] = append(bySubject[key], n)
	}
	for _, alike := range bySubject {
		slices.SortFunc(alike, func(a, b *need) int { return a.peer.Address.Compare(b.peer.Address) })
		merged = append(merged, mergeAlike(alike)...)
	}
	slices.SortFunc(merged, func(a, b *need) int {
		return cmp.Or(cmp.Compare(a.subject(), b.subject()), cmp.Compare(a.peer.key(), b.peer.key()))
	})
	return merged
}

// mergeAlike gives one need for each range that covers the addresses exactly, or
// for wider ones where that would be too many.
func mergeAlike(alike []*need) []*need {
	var exact netipx.IPSetBuilder
	for _, n := range alike {
		exact.Add(n.peer.Address)
	}
	set, err := exact.IPSet()
	if err != nil {
		panic("flowlog: addresses that were parsed make a set: " + err.Error())
	}
	prefixes := set.Prefixes()
	isPublic := public(alike[0].peer.Address)
	if len(prefixes) > fewRanges {
		if isPublic {
			all := joinAll(alike)
			all.public = true
			for _, n := range alike {
				all.ranges = append(all.ranges, n.peer.Address.String())
			}
			return []*need{all}
		}
		prefixes = around(prefixes)
	}
	return split(alike, prefixes)
}

// split shares needs out among ranges. Both are in the order of addresses, the
// ranges are disjoint, and each need is in one of them.
func split(alike []*need, prefixes []netip.Prefix) []*need {
	needs := make([]*need, 0, len(prefixes))
	for _, prefix := range prefixes {
		inside := 0
		for inside < len(alike) && prefix.Contains(alike[inside].peer.Address) {
			inside++
		}
		one := joinAll(alike[:inside])
		one.ranges = []string{prefix.String()}
		needs, alike = append(needs, one), alike[inside:]
	}
	return needs
}

// joinAll puts needs into one.
func joinAll(needs []*need) *need {
	all := *needs[0]
	all.ports = portSet{}
	all.ports.merge(needs[0].ports)
	for _, n := range needs[1:] {
		all.join(n)
	}
	return &all
}

// manyRanges is how many ranges are joined pair by pair; more are first taken
// together in coarser ones, since that looks at every pair of neighbours.
const manyRanges = 64

// around joins ranges into the smallest ones around them, until they are few or
// would grow wider than widest4 or widest6.
func around(prefixes []netip.Prefix) []netip.Prefix {
	for coarser := 4; len(prefixes) > manyRanges && coarser <= 128; coarser += 4 {
		prefixes = coarsen(prefixes, coarser)
	}
	for len(prefixes) > fewRanges && len(prefixes) <= manyRanges {
		// The two neighbours that share the longest prefix are joined first.
		best, joined := -1, netip.Prefix{}
		for i := range len(prefixes) - 1 {
			if p, ok := common(prefixes[i], prefixes[i+1]); ok && (best < 0 || p.Bits() > joined.Bits()) {
				best, joined = i, p
			}
		}
		if best < 0 {
			return prefixes
		}
		prefixes = slices.Replace(prefixes, best, best+2, joined)
	}
	return prefixes
}

// coarsen widens each range to all but the last bits of an address, where that is
// not too wide, and leaves out those that others then hold. They stay in order.
func coarsen(prefixes []netip.Prefix, bits int) []netip.Prefix {
	var coarse []netip.Prefix
	for _, p := range prefixes {
		least := widest6
		if p.Addr().Is4() {
			least = widest4
		}
		if keep := max(p.Addr().BitLen()-bits, least); keep < p.Bits() {
			p = netip.PrefixFrom(p.Addr(), keep).Masked()
		}
		if len(coarse) == 0 || !coarse[len(coarse)-1].Contains(p.Addr()) {
			coarse = append(coarse, p)
		}
	}
	return coarse
}

// common is the smallest range around two, where it is not too wide.
func common(a, b netip.Prefix) (netip.Prefix, bool) {
	if a.Addr().Is4() != b.Addr().Is4() {
		return netip.Prefix{}, false
	}
	least := widest6
	if a.Addr().Is4() {
		least = widest4
	}
	for bits := min(a.Bits(), b.Bits()); bits >= least; bits-- {
		if p := netip.PrefixFrom(a.Addr(), bits).Masked(); p.Contains(b.Addr()) {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

// public says whether an address is one of the internet.
func public(address netip.Addr) bool {
	return address.IsGlobalUnicast() && !address.IsPrivate() && !sharedSpace.Contains(address)
}

// sharedSpace is for carriers and for clusters' own networks (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")
