package analyzer

import (
	"net/netip"
	"strings"

	"go4.org/netipx"

	"tenure.dev/workflow"
)

// The shortest prefixes that are not called wide: a range larger than these is
// more than one network of a company as a rule.
const (
	narrowIPv4 = 16
	narrowIPv6 = 48
)

// openedOutside looks at addresses, and at peers that are no one namespace.
func (c *comparison) openedOutside(l line, found *notebook) {
	peer, inward := l.to.peer, false
	if l.from.peer != nil {
		peer, inward = l.from.peer, true
	}
	if peer.FQDN != "" {
		found.add(workflow.SeverityWarning, "DNS name", "Whoever answers for %s decides which addresses it opens, also later, and also those that nobody is given by address.", peer.FQDN)
		return
	}
	if peer.NamespaceSelector != nil {
		found.add(workflow.SeverityDanger, "whole cluster", "Reaches beyond one namespace: %s.", peerText(*peer))
		return
	}
	opened := addressesOf(l.parts)
	policy := c.after.state.Policy
	if public := common(opened, internet(policy)); public != nil {
		what := "public addresses: " + prefixesText(public)
		if peer.Internet {
			what = "every public address"
		}
		if inward {
			found.add(workflow.SeverityDanger, "internet", "Lets the internet in: %s may send to %s.", what, l.to.text(c.tenant))
		} else {
			found.add(workflow.SeverityWarning, "internet", "Lets out to the internet: %s may send to %s.", l.from.text(c.tenant), what)
		}
	}
	for _, refused := range policy.RefusedRanges() {
		if part := common(opened, addressSet(workflow.FlowPeer{CIDR: refused.CIDR})); part != nil {
			found.add(workflow.SeverityDanger, "refused addresses", "Reaches %s (%s), which nobody may be given.", prefixesText(part), refused.Name)
		}
	}
	whole, err := netip.ParsePrefix(peer.CIDR)
	if err == nil && (whole.Addr().Is4() && whole.Bits() < narrowIPv4 || whole.Addr().Is6() && whole.Bits() < narrowIPv6) {
		found.add(workflow.SeverityWarning, "wide range", "%s is a wide range. A range of the addresses that are needed would be narrower.", peer.CIDR)
	}
}

// addressesOf joins the addresses of all parts.
func addressesOf(parts []part) *netipx.IPSet {
	return built(func(set *netipx.IPSetBuilder) {
		for _, p := range parts {
			for _, r := range p.addresses {
				set.AddRange(r)
			}
		}
	})
}

// internet is every public address, as the peer internet means it.
func internet(policy workflow.Policy) *netipx.IPSet { return addressSet(policy.InternetRanges()...) }

// addressSet is the addresses of ranges without what they except. What is no
// range is left out: rendering has refused it.
func addressSet(ranges ...workflow.FlowPeer) *netipx.IPSet {
	return built(func(set *netipx.IPSetBuilder) {
		for _, r := range ranges {
			whole, err := netip.ParsePrefix(r.CIDR)
			if err != nil {
				continue
			}
			set.AddPrefix(whole)
			for _, text := range r.Except {
				if part, err := netip.ParsePrefix(text); err == nil {
					set.RemovePrefix(part)
				}
			}
		}
	})
}

// common is what both have; nil where that is nothing.
func common(a, b *netipx.IPSet) *netipx.IPSet {
	both := built(func(set *netipx.IPSetBuilder) {
		set.AddSet(a)
		set.Intersect(b)
	})
	if len(both.Ranges()) == 0 {
		return nil
	}
	return both
}

// built makes a set of valid addresses, which cannot fail.
func built(build func(*netipx.IPSetBuilder)) *netipx.IPSet {
	var builder netipx.IPSetBuilder
	build(&builder)
	set, err := builder.IPSet()
	if err != nil {
		panic("analyzer: address set: " + err.Error())
	}
	return set
}

// fewPrefixes bounds how many ranges a sentence lists.
const fewPrefixes = 4

// prefixesText lists addresses as ranges, the first few of many.
func prefixesText(set *netipx.IPSet) string {
	prefixes := set.Prefixes()
	more := ""
	if len(prefixes) > fewPrefixes {
		prefixes, more = prefixes[:fewPrefixes], " and more"
	}
	texts := make([]string, len(prefixes))
	for i, p := range prefixes {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ") + more
}
