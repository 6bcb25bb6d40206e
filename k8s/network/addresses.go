package network

import (
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
)

// everyAddress is all of IPv4 and IPv6.
var everyAddress = addressSet(func(b *netipx.IPSetBuilder) {
	b.AddPrefix(netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	b.AddPrefix(netip.PrefixFrom(netip.IPv6Unspecified(), 0))
})

// addressSet builds a set of valid addresses, which cannot fail.
func addressSet(build func(*netipx.IPSetBuilder)) *netipx.IPSet {
	var b netipx.IPSetBuilder
	build(&b)
	set, err := b.IPSet()
	if err != nil {
		panic("network: address set: " + err.Error())
	}
	return set
}

func addressesWithin(a, b *netipx.IPSet) *netipx.IPSet {
	switch {
	case a == b || b == everyAddress:
		return a
	case a == everyAddress:
		return b
	}
	return addressSet(func(set *netipx.IPSetBuilder) {
		set.AddSet(a)
		set.Intersect(b)
	})
}

func addressesOutside(a, b *netipx.IPSet) *netipx.IPSet {
	return addressSet(func(set *netipx.IPSetBuilder) {
		if a != b && b != everyAddress {
			set.AddSet(a)
			set.RemoveSet(b)
		}
	})
}

func noAddress(set *netipx.IPSet) bool { return len(set.Ranges()) == 0 }

// isEveryAddress says that the ranges are all of IPv4 and of IPv6.
func isEveryAddress(ranges []netipx.IPRange) bool { return slices.Equal(ranges, everyAddress.Ranges()) }

// addressText writes ranges as CIDRs where they are ones.
func addressText(ranges []netipx.IPRange) string {
	if isEveryAddress(ranges) {
		return "any address"
	}
	words := make([]string, len(ranges))
	for i, r := range ranges {
		words[i] = r.String()
		if prefix, ok := r.Prefix(); ok {
			words[i] = prefix.String()
		}
	}
	return strings.Join(words, ", ")
}
