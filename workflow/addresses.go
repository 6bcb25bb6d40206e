package workflow

import (
	"net/netip"
	"slices"
)

// The whole of each address family: what a policy must list as wide before it
// can be asked for as a CIDR.
const (
	everyIPv4 = "0.0.0.0/0"
	everyIPv6 = "::/0"
)

// specialPurpose lists the addresses that are not public: those of the IANA
// registries of RFC 6890 that are not globally reachable, and multicast. ::/8
// stands for everything that the registry has in it (loopback, IPv4-mapped and
// IPv4-translated addresses): an ipBlock cannot except ::ffff:0:0/96, which API
// servers take for IPv4.
var specialPurpose = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/8", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
	"fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

// The ranges of IPv6 addresses that embed IPv4 ones. ::/8 has the IPv4-compatible,
// the IPv4-mapped and the IPv4-translated addresses (RFC 4291 §2.5.5, RFC 2765
// §2.1), and both prefixes of NAT64, 64:ff9b::/96 and 64:ff9b:1::/48 (RFC 6052
// §2.1, RFC 8215); 2002::/16 is 6to4 (RFC 3056 §2).
const (
	embeddingLow  = "::/8"
	embedding6to4 = "2002::/16"
)

// private lists the special-purpose addresses without those that embed IPv4
// ones: where these lead depends on who translates, so they count as public.
var private = slices.DeleteFunc(slices.Clone(specialPurpose), func(r netip.Prefix) bool {
	return r.String() == embeddingLow || r.String() == embedding6to4
})

// azurePlatform is what Azure's own services answer on in every virtual network:
// https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
const azurePlatform = "168.63.129.16/32"

// alwaysRefused are the ranges that no network exception reaches, whatever the
// policy says: who talks to them can become the node, or the platform.
func alwaysRefused() []AddressName {
	return []AddressName{
		{CIDR: "169.254.0.0/16", Name: "link-local addresses with the instance metadata service"},
		{CIDR: azurePlatform, Name: "Azure's platform"},
		{CIDR: "127.0.0.0/8", Name: "the loopback addresses"},
		{CIDR: "::1/128", Name: "the loopback address"},
		{CIDR: "fe80::/10", Name: "link-local addresses"},
		{CIDR: "fd00:ec2::254/128", Name: "the instance metadata service"},
		// What they stand for is not refused by its IPv4 range: a gateway that
		// translates would take 64:ff9b::a9fe:a9fe to 169.254.169.254 (RFC 6052 §2.1).
		{CIDR: embeddingLow, Name: "a range that embeds IPv4 addresses"},
		{CIDR: embedding6to4, Name: "6to4, which embeds IPv4 addresses"},
	}
}

// RefusedRanges are the ranges that no network exception reaches: those that
// are always refused, and the policy's own.
func (p Policy) RefusedRanges() []AddressName {
	return append(alwaysRefused(), p.Requests.Network.Refused...)
}

// InternetRanges is what the peer internet means: every public address, for IPv4
// and for IPv6. What is not public (RFC 6890) and what the policy refuses is
// excepted; the exceptions are sorted, and none lies in another.
func (p Policy) InternetRanges() []FlowPeer {
	except := append(slices.Clone(specialPurpose), netip.MustParsePrefix(azurePlatform))
	for _, refused := range p.RefusedRanges() {
		if r, err := netip.ParsePrefix(refused.CIDR); err == nil { // of a checked policy, every one
			except = append(except, r)
		}
	}
	except = widest(except)
	v4, v6 := FlowPeer{CIDR: everyIPv4}, FlowPeer{CIDR: everyIPv6}
	for _, r := range except {
		if r.Addr().Is4() {
			v4.Except = append(v4.Except, r.String())
		} else {
			v6.Except = append(v6.Except, r.String())
		}
	}
	return []FlowPeer{v4, v6}
}

// prefixes reads ranges that are known to be right.
func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// widest sorts ranges by address, and leaves out those that lie in another:
// two ranges never overlap otherwise.
func widest(ranges []netip.Prefix) []netip.Prefix {
	sorted := slices.SortedFunc(slices.Values(ranges), comparePrefixes)
	var kept []netip.Prefix
	for _, r := range sorted {
		if len(kept) == 0 || !kept[len(kept)-1].Overlaps(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// comparePrefixes orders ranges by address, IPv4 first, a range before those in it.
func comparePrefixes(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}

// covered says whether every address of a range lies in one of the others.
func covered(r netip.Prefix, by []netip.Prefix) bool {
	within := slices.DeleteFunc(slices.Clone(by), func(b netip.Prefix) bool { return !b.Overlaps(r) })
	switch {
	case len(within) == 0:
		return false
	case slices.ContainsFunc(within, func(b netip.Prefix) bool { return b.Bits() <= r.Bits() }):
		return true
	}
	// Each of them is smaller than the range, so both halves must be covered.
	low := netip.PrefixFrom(r.Addr(), r.Bits()+1)
	return covered(low, within) && covered(upperHalf(r), within)
}

// upperHalf is the second half of a range of more than one address.
func upperHalf(r netip.Prefix) netip.Prefix {
	address := r.Addr().AsSlice()
	address[r.Bits()/8] |= 1 << (7 - r.Bits()%8)
	upper, _ := netip.AddrFromSlice(address) // as long as it was
	return netip.PrefixFrom(upper, r.Bits()+1)
}

// public says whether a range without its exceptions has any public address, or
// one that may stand for a public one.
func (p FlowPeer) public() bool {
	r, err := netip.ParsePrefix(p.CIDR)
	if err != nil {
		return true // it is refused elsewhere; here it is taken for the worst
	}
	return !covered(r, append(parsed(p.Except), private...))
}

// parsed reads ranges, leaving out what is none.
func parsed(texts []string) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range texts {
		if r, err := netip.ParsePrefix(text); err == nil {
			list = append(list, r)
		}
	}
	return list
}

// refused finds a refused range that the peer's addresses reach: one that
// overlaps them and is not excepted.
func (p Policy) refused(peer FlowPeer) (AddressName, bool) {
	whole, err := netip.ParsePrefix(peer.CIDR)
	if err != nil {
		return AddressName{}, false
	}
	except := parsed(peer.Except)
	for _, name := range p.RefusedRanges() {
		r, err := netip.ParsePrefix(name.CIDR)
		if err != nil || !r.Overlaps(whole) {
			continue
		}
		if r.Bits() < whole.Bits() {
			r = whole // the peer lies in it
		}
		if !covered(r, except) {
			return name, true
		}
	}
	return AddressName{}, false
}
