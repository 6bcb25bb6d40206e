package workflow_test

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// lets says whether a peer's ranges have an address.
func lets(peers []workflow.FlowPeer, address string) bool {
	a := netip.MustParseAddr(address)
	return slices.ContainsFunc(peers, func(p workflow.FlowPeer) bool {
		return netip.MustParsePrefix(p.CIDR).Contains(a) &&
			!slices.ContainsFunc(p.Except, func(e string) bool { return netip.MustParsePrefix(e).Contains(a) })
	})
}

func TestTheInternetIsEveryPublicAddressAndNoOther(t *testing.T) {
	p := policy()
	p.Requests.Network.Refused = []workflow.AddressName{
		{CIDR: "20.50.1.7/32", Name: "the API server of weu-1"}, {CIDR: "10.240.0.0/16", Name: "the nodes of weu-1"}, {CIDR: "2a01:111::/48", Name: "the API server"},
	}
	ranges := p.InternetRanges()
	for _, address := range []string{"1.1.1.1", "20.50.1.8", "168.63.129.15", "9.255.255.255", "11.0.0.0", "172.32.0.0", "223.255.255.255", "2606:4700::1111", "2a01:112::1"} {
		if !lets(ranges, address) {
			t.Errorf("%s is public, and left out", address)
		}
	}
	for _, address := range []string{
		"10.0.0.1", "10.240.3.4", "20.50.1.7", "169.254.169.254", "168.63.129.16", "127.0.0.1", "0.0.0.0", "100.64.0.1", "172.31.255.255", "192.168.1.1",
		"192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "fd00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "2002:a00::1", "2a01:111:0:1::1",
	} {
		if lets(ranges, address) {
			t.Errorf("%s is not for everybody, and let through", address)
		}
	}
	for _, peer := range ranges {
		if !slices.IsSortedFunc(peer.Except, func(a, b string) int {
			return netip.MustParsePrefix(a).Addr().Compare(netip.MustParsePrefix(b).Addr())
		}) {
			t.Errorf("what is excepted of %s is not sorted: %q", peer.CIDR, peer.Except)
		}
		_, whole, err := net.ParseCIDR(peer.CIDR)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range peer.Except {
			// As API servers check an ipBlock: what is excepted lies inside, by the old
			// package net, which takes ::ffff:0:0/96 for IPv4.
			_, part, err := net.ParseCIDR(text)
			if err != nil || !whole.Contains(part.IP) || part.String() != text {
				t.Errorf("an API server would not take %s out of %s", text, peer.CIDR)
			}
			for _, other := range peer.Except[i+1:] {
				if netip.MustParsePrefix(text).Overlaps(netip.MustParsePrefix(other)) {
					t.Errorf("%s and %s overlap", text, other)
				}
			}
		}
	}
}

func TestARangeIsPublicWhenAnyOfItsAddressesIs(t *testing.T) {
	for name, test := range map[string]struct {
		peer workflow.FlowPeer
		want bool
	}{
		"a private range":                         {workflow.FlowPeer{CIDR: "10.20.0.0/16"}, false},
		"all of a private range":                  {workflow.FlowPeer{CIDR: "172.16.0.0/12"}, false},
		"a range around a private one":            {workflow.FlowPeer{CIDR: "10.0.0.0/7"}, true},
		"one address":                             {workflow.FlowPeer{CIDR: "20.50.1.7/32"}, true},
		"everything":                              {workflow.FlowPeer{CIDR: "0.0.0.0/0"}, true},
		"the public half excepted":                {workflow.FlowPeer{CIDR: "10.0.0.0/7", Except: []string{"11.0.0.0/8"}}, false},
		"the public half excepted but for a part": {workflow.FlowPeer{CIDR: "10.0.0.0/7", Except: []string{"11.0.0.0/9"}}, true},
		"unique local addresses":                  {workflow.FlowPeer{CIDR: "fd00::/8"}, false},
		"global addresses":                        {workflow.FlowPeer{CIDR: "2606:4700::/32"}, true},
		"no range at all":                         {workflow.FlowPeer{CIDR: "x"}, true},
	} {
		if got := test.peer.Public(); got != test.want {
			t.Errorf("%s: public is %t", name, got)
		}
	}
}

func TestAddressesThatEmbedIPv4OnesAreRefusedAndCountAsPublic(t *testing.T) {
	for _, cidr := range []string{
		"64:ff9b::a9fe:a9fe/128", "64:ff9b::/96", "64:ff9b:1::/48", "2002:a9fe:a9fe::/48", "2002::/16",
		"::a9fe:a9fe/128", "::ffff:0:a9fe:a9fe/128", "::fffe:0:0/95", "64:ff9b::/32",
	} {
		if !(workflow.FlowPeer{CIDR: cidr}).Public() {
			t.Errorf("%s counts as private", cidr)
		}
		change := exceptionFor(func(c *workflow.NetworkChange) { c.CIDR = cidr })
		_, err := planner().Plan(t.Context(), connected(), asked(change))
		saidOf(t, refused(t, err, workflow.Invalid).Fields, "cidr", "embeds IPv4 addresses), which nobody may reach")
	}
	for _, cidr := range []string{"fd12:3456:789a::/48", "2606:4700::/32", "2003::/16", "100::/64"} {
		change := exceptionFor(func(c *workflow.NetworkChange) { c.CIDR = cidr })
		if _, err := planner().Plan(t.Context(), connected(), asked(change)); err != nil {
			t.Errorf("%s embeds no IPv4 address, and is refused: %v", cidr, err)
		}
	}
}

func TestOnlyWhoMayHaveEverythingGetsAsMuchOfTheInternet(t *testing.T) {
	for cidr, allowed := range map[string]bool{
		"0.0.0.0/1": false, "128.0.0.0/1": false, "0.0.0.0/2": false, "20.0.0.0/7": false, "20.0.0.0/8": true,
		"2000::/3": false, "2600::/12": false, "2a00::/15": false, "2600::/16": true, "fc00::/7": true,
	} {
		change := exceptionFor(func(c *workflow.NetworkChange) { c.CIDR = cidr })
		for _, wide := range []bool{false, true} {
			state := connected()
			state.Policy.Requests.Network.Refused = nil
			if wide {
				state.Policy.Requests.Network.Wide = []string{"0.0.0.0/0", "::/0"}
			}
			_, err := planner().Plan(t.Context(), state, asked(change))
			problem, _ := workflow.AsProblem(err)
			tooMuch := problem != nil && strings.Contains(problem.Fields[0].Message, "too much of the internet to be one range")
			if tooMuch == (allowed || wide) {
				t.Errorf("%s, with everything allowed: %t: %v", cidr, wide, err)
			}
		}
	}
}

func TestARangeIsCoveredExactlyWhenEachOfItsAddressesIs(t *testing.T) {
	small := func(t *rapid.T, label string, least int) netip.Prefix {
		bits := rapid.IntRange(least, 32).Draw(t, label+" bits")
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(rapid.IntRange(0, 255).Draw(t, label))}), bits).Masked()
	}
	rapid.Check(t, func(t *rapid.T) {
		whole := small(t, "whole", 24)
		by := make([]netip.Prefix, rapid.IntRange(0, 12).Draw(t, "how many"))
		for i := range by {
			by[i] = small(t, "part", 23)
		}
		want := true
		for a := whole.Addr(); whole.Contains(a); a = a.Next() {
			want = want && slices.ContainsFunc(by, func(p netip.Prefix) bool { return p.Contains(a) })
		}
		if got := workflow.Covered(whole, by); got != want {
			t.Fatalf("%s covered by %s: %t", whole, by, got)
		}
	})
}
