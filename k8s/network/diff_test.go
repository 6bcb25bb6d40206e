package network

import (
	"fmt"
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	"pgregory.net/rapid"
)

// TestDiffAgreesWithBothConnectivities: between workloads the difference is that of
// the lists; elsewhere each flow that only one side lets through is told, and no other.
func TestDiffAgreesWithBothConnectivities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawObjects(t)
		before := drawnCluster(t, o)
		changed, after := drawChange(t, o, before)
		d := Diff(before, after)
		comparePairs(t, before, after, d)
		was, is := naiveOf(o), naiveOf(changed)
		for range 40 {
			own := naivePod{namespace: "own", labels: rapid.SampledFrom(worldPods).Draw(t, "own"), ports: rapid.SampledFrom(worldDeclared).Draw(t, "own declared")}
			other, holds := drawOutside(t, o)
			if other.namespace == "own" && before.base != after.base {
				continue // relabelled, perhaps: an end alone does not say what that changes
			}
			protocol, port := rapid.SampledFrom(protocols[:]).Draw(t, "protocol"), rapid.SampledFrom(worldPorts).Draw(t, "number")
			for _, direction := range directions {
				destination := other
				if direction == Ingress {
					destination = own
				}
				b := was.end(direction, own, other, destination, protocol, port)
				a := is.end(direction, own, other, destination, protocol, port)
				told := func(list []Allowance) bool {
					return slices.ContainsFunc(list, func(x Allowance) bool {
						return x.Namespace == own.namespace && x.Direction == direction && x.Pods.Matches(own.labels) && holds(x.Peer) &&
							x.Ports.Has(protocol, port, destination.ports)
					})
				}
				// A name stands for whatever number it resolves to, so a part may tell of a
				// port that stays open as a number; it may not leave out one that changed.
				if a && !b && !told(d.Widened) || b && !a && !told(d.Narrowed) {
					t.Fatalf("%s of %+v with %+v on %s %d: %v, then %v, not told in %+v", direction, own, other, protocol, port, b, a, d)
				}
				if (told(d.Widened) && !a || told(d.Narrowed) && !b) && !other.address.IsValid() {
					t.Fatalf("%s of %+v with %+v on %s %d: %v, then %v, is told in %+v", direction, own, other, protocol, port, b, a, d)
				}
			}
		}
	})
}

// drawChange replaces the policies of own, or makes a cluster of its own with the same
// change and another label.
func drawChange(t *rapid.T, o Objects, before *Cluster) (Objects, *Cluster) {
	others := slices.DeleteFunc(slices.Clone(o.Policies), func(p *networkingv1.NetworkPolicy) bool { return p.Namespace == "own" })
	policies := drawPolicies(t, "own", 3)
	changed := Objects{slices.Clone(o.Namespaces), o.Workloads, slices.Concat(others, policies)}
	if rapid.Bool().Draw(t, "anew") {
		changed.Namespaces[0].Labels = rapid.SampledFrom(worldSpaces).Draw(t, "relabelled")
		if len(o.Workloads) > 0 {
			changed.Workloads = o.Workloads[1:]
		}
		return changed, drawnCluster(t, changed)
	}
	after, err := before.WithPolicies("own", policies...)
	if err != nil {
		t.Fatal(err)
	}
	return changed, after
}

func comparePairs(t *rapid.T, before, after *Cluster, d Difference) {
	was, is := pairPorts(before), pairPorts(after)
	told := map[string]string{}
	for _, f := range d.Opened {
		if f.From.Workload != nil && f.To.Workload != nil {
			told[pairName(f)] = "opened " + f.Ports.String()
		}
	}
	for _, f := range d.Closed {
		if f.From.Workload != nil && f.To.Workload != nil {
			told[pairName(f)] = "closed " + f.Ports.String()
		}
	}
	for _, f := range d.Changed {
		told[pairName(Flow{From: f.From, To: f.To})] = "changed " + f.Before.String() + " to " + f.After.String()
	}
	want := map[string]string{}
	for pair, ports := range was {
		switch now, stays := is[pair]; {
		case !stays:
			want[pair] = "closed " + ports
		case now != ports:
			want[pair] = "changed " + ports + " to " + now
		}
	}
	for pair, ports := range is {
		if _, was := was[pair]; !was {
			want[pair] = "opened " + ports
		}
	}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Fatalf("told %v, want %v", told, want)
	}
}

func pairName(f Flow) string { return f.From.String() + " => " + f.To.String() }

func pairPorts(c *Cluster) map[string]string {
	ports := map[string]string{}
	for _, f := range c.Connectivity() {
		if f.From.Workload != nil && f.To.Workload != nil {
			ports[pairName(f)] = f.Ports.String()
		}
	}
	return ports
}

func TestTheSameObjectsDifferInNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawObjects(t)
		if d := Diff(drawnCluster(t, o), drawnCluster(t, o)); !d.Empty() {
			t.Fatalf("%+v", d)
		}
	})
}

// TestDiffStaysExactBetweenWorkloadsWhenSelectorsAreTooManyToCompare: what is told of
// pods that do not exist may then be too much, never too little.
func TestDiffStaysExactBetweenWorkloadsWhenSelectorsAreTooManyToCompare(t *testing.T) {
	var o Objects
	for _, name := range []string{"one", "two"} {
		o.Workloads = append(o.Workloads, Workload{Namespace: "shop", Name: name, Kind: "Deployment", Labels: map[string]string{"app": name}})
	}
	o.Workloads = append(o.Workloads, Workload{Namespace: "bank", Name: "till", Kind: "Deployment"})
	for i := range 40 {
		p := policyOf(t, fmt.Sprintf("podSelector: {matchLabels: {a%d: x, b%d: x}}\ningress: [{from: [{namespaceSelector: {}}]}]", i, i))
		p.Name = fmt.Sprint("p", i)
		o.Policies = append(o.Policies, p)
	}
	before, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	closing := policyOf(t, "podSelector: {matchLabels: {app: one}}\npolicyTypes: [Ingress]")
	after, err := before.WithPolicies("shop", append(slices.Clone(o.Policies), closing)...)
	if err != nil {
		t.Fatal(err)
	}
	var closed []string
	for _, f := range Diff(before, after).Closed {
		if f.From.Workload != nil && f.To.Workload != nil {
			closed = append(closed, pairName(f))
		}
	}
	want := []string{"bank/till[Deployment] => shop/one[Deployment]", "shop/one[Deployment] => shop/one[Deployment]", "shop/two[Deployment] => shop/one[Deployment]"}
	if !slices.Equal(closed, want) {
		t.Errorf("closed %q, want %q", closed, want)
	}
	opening := policyOf(t, "podSelector: {matchLabels: {a0: x, b0: x}}\ningress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]")
	if after, err = before.WithPolicies("shop", append(slices.Clone(o.Policies), opening)...); err != nil {
		t.Fatal(err)
	}
	told := func(a Allowance) bool { return a.Pods.String() == "a0=x, b0=x" && a.Peer.String() == "192.0.2.0/24" }
	if widened := Diff(before, after).Widened; !slices.ContainsFunc(widened, told) {
		t.Errorf("the new rule is not told: %+v", widened)
	}
}

func TestANamespaceThatIsNewOpensWhatItsPoliciesLetThrough(t *testing.T) {
	before, err := New(Objects{Namespaces: []Namespace{{Name: "bank"}}})
	if err != nil {
		t.Fatal(err)
	}
	deny := policyOf(t, "podSelector: {}\npolicyTypes: [Ingress, Egress]")
	allow := policyOf(t, "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bank}}}], ports: [{port: 443}]}]")
	allow.Name = "allow"
	after, err := before.WithPolicies("shop", deny, allow)
	if err != nil {
		t.Fatal(err)
	}
	d := Diff(before, after)
	if len(d.Widened) != 1 || len(d.Narrowed) != 0 || d.Widened[0].Peer.String() != "any pod in namespace bank" || d.Widened[0].Ports.String() != "TCP 443" {
		t.Errorf("%+v", d)
	}
	if back := Diff(after, before); len(back.Widened) != 0 || len(back.Narrowed) != 1 {
		t.Errorf("the other way: %+v", back)
	}
}

func TestTwoPoliciesOfOneNameAreRefused(t *testing.T) {
	p := policyOf(t, "podSelector: {}")
	if _, err := New(Objects{Policies: []*networkingv1.NetworkPolicy{p, p}}); err == nil {
		t.Error("New took them")
	}
	c, err := New(Objects{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.WithPolicies("shop", p, p); err == nil {
		t.Error("WithPolicies took them")
	}
}
