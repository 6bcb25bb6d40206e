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
			other, holds := outsideOf(t, o)
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
