package workflow

import (
	"fmt"
	"net/netip"
	"strings"
)

// parseRange reads a range of addresses, "10.20.0.0/16"; one address is the
// range that has only it. A range whose address has bits beyond its length is
// answered with what may have been meant. The message says what is wrong; empty
// when nothing is.
func parseRange(text string) (netip.Prefix, string) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "/") {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return netip.Prefix{}, notARange(text)
		}
		return plainRange(text, netip.PrefixFrom(address, address.BitLen()))
	}
	r, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, notARange(text)
	}
	if masked := r.Masked(); masked != r {
		return netip.Prefix{}, fmt.Sprintf("%q has bits set beyond its first %d. Write %q for the whole range, or %q for the one address.",
			text, r.Bits(), masked, netip.PrefixFrom(r.Addr(), r.Addr().BitLen()))
	}
	return plainRange(text, r)
}

// plainRange refuses IPv4 addresses in the clothes of IPv6, which API servers
// and network engines read in different ways.
func plainRange(text string, r netip.Prefix) (netip.Prefix, string) {
	if !r.Addr().Is4In6() {
		return r, ""
	}
	if bits := r.Bits() - 96; bits >= 0 {
		return netip.Prefix{}, fmt.Sprintf("%q is IPv4 written as IPv6. Write %q.", text, netip.PrefixFrom(r.Addr().Unmap(), bits).Masked())
	}
	return netip.Prefix{}, fmt.Sprintf("%q is IPv4 written as IPv6. Write it as IPv4, such as 10.20.0.0/16.", text)
}

func notARange(text string) string {
	if len(text) > 60 {
		text = text[:60] + "…"
	}
	return fmt.Sprintf("%q is not a range of addresses. Write it such as 10.20.0.0/16, 10.20.1.5 or fd00:20::/64.", text)
}

// parseExcept reads ranges inside another, with commas or spaces between them.
// They come sorted, and none lies in another.
func parseExcept(text string, whole netip.Prefix) (except []string, message string) {
	if len(text) > maxTyped {
		return nil, fmt.Sprintf("The excepted ranges have %d characters; at most %d are allowed.", len(text), maxTyped)
	}
	var ranges []netip.Prefix
	for _, item := range fieldsOf(text) {
		r, message := parseRange(item)
		switch {
		case message != "":
			return nil, message
		case r.Bits() <= whole.Bits() || !whole.Contains(r.Addr()):
			return nil, fmt.Sprintf("%q does not lie inside %s; only a part of that can be excepted.", item, whole)
		}
		ranges = append(ranges, r)
	}
	if ranges = widest(ranges); len(ranges) > maxExcept {
		return nil, fmt.Sprintf("These are %d ranges; at most %d can be excepted.", len(ranges), maxExcept)
	}
	if covered(whole, ranges) {
		return nil, fmt.Sprintf("These leave nothing of %s.", whole)
	}
	for _, r := range ranges {
		except = append(except, r.String())
	}
	return except, ""
}
