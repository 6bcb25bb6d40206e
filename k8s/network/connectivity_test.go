package network

import (
	"net/netip"
	"slices"
	"testing"

	"go4.org/netipx"
	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"
)

// listed says whether flows hold one from an end to another. An end matches a
// workload by its name, addresses by holding one, pods by their labels.
func listed(flows []Flow, from, to func(End) bool, protocol corev1.Protocol, port int32, declared []ContainerPort) bool {
	return slices.ContainsFunc(flows, func(f Flow) bool {
		return from(f.From) && to(f.To) && f.Ports.Has(protocol, port, declared)
	})
}

func isWorkload(w Workload) func(End) bool {
	return func(e End) bool { return e.Workload != nil && *e.Workload == w.Ref() }
}

func holdsAddress(address netip.Addr) func(End) bool {
	return func(e End) bool {
		return slices.ContainsFunc(e.Addresses, func(r netipx.IPRange) bool { return r.Contains(address) })
	}
}

func holdsPod(o Objects, p naivePod) func(End) bool {
	labels := map[string]string{}
	for key, value := range naiveOf(o).namespaces[p.namespace] {
		labels[key] = value
	}
	labels[corev1.LabelMetadataName] = p.namespace
	return func(e End) bool {
		return e.Pods != nil && e.Pods.Namespaces.Matches(labels) && e.Pods.Pods.Matches(p.labels)
	}
}

// drawOutside draws a pod or an address with the end that stands for it in a flow.
func drawOutside(t *rapid.T, o Objects) (naivePod, func(End) bool) {
	if rapid.Bool().Draw(t, "address") {
		address := rapid.SampledFrom(worldAddresses).Draw(t, "outside")
		return naivePod{address: address}, holdsAddress(address)
	}
	p := naivePod{
		namespace: rapid.SampledFrom(worldNames).Draw(t, "outside namespace"),
		labels:    rapid.SampledFrom(worldPods).Draw(t, "outside labels"), ports: rapid.SampledFrom(worldDeclared).Draw(t, "outside declared"),
	}
	return p, holdsPod(o, p)
}

func TestConnectivityAgreesWithAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawObjects(t)
		c, n := drawnCluster(t, o), naiveOf(o)
		flows := c.Connectivity()
		for _, from := range o.Workloads {
			for _, to := range o.Workloads {
				for _, protocol := range protocols {
					port := rapid.SampledFrom(worldPorts).Draw(t, "number")
					want, err := c.Allows(Probe{
						From: Endpoint{Namespace: from.Namespace, Workload: from.Name}, To: Endpoint{Namespace: to.Namespace, Workload: to.Name},
						Protocol: protocol, Port: port,
					})
					if got := listed(flows, isWorkload(from), isWorkload(to), protocol, port, nil); err != nil || got != want {
						t.Fatalf("%s to %s on %s %d: listed %v, let through %v (%v)", from.Ref(), to.Ref(), protocol, port, got, want, err)
					}
				}
			}
			own := naivePod{namespace: from.Namespace, labels: from.Labels, ports: from.Ports}
			for range 20 {
				other, is := drawOutside(t, o)
				protocol, port := rapid.SampledFrom(protocols[:]).Draw(t, "protocol"), rapid.SampledFrom(worldPorts).Draw(t, "number")
				want := n.end(Egress, own, other, other, protocol, port)
				if got := listed(flows, isWorkload(from), is, protocol, port, other.ports); got != want {
					t.Fatalf("%s to %+v on %s %d: listed %v, let through %v", from.Ref(), other, protocol, port, got, want)
				}
				want = n.end(Ingress, own, other, own, protocol, port)
				if got := listed(flows, is, isWorkload(from), protocol, port, nil); got != want {
					t.Fatalf("%+v to %s on %s %d: listed %v, let through %v", other, from.Ref(), protocol, port, got, want)
				}
			}
		}
	})
}

func TestThePodsOfOneWorkloadAreListedAmongThemselvesUnlessItIsOnePod(t *testing.T) {
	c, err := New(Objects{Workloads: []Workload{{Namespace: "shop", Name: "web", Kind: "Deployment"}, {Namespace: "shop", Name: "once", Kind: "Pod"}}})
	if err != nil {
		t.Fatal(err)
	}
	var among []string
	for _, f := range c.Connectivity() {
		if f.From.Workload != nil && f.To.Workload != nil && *f.From.Workload == *f.To.Workload {
			among = append(among, f.From.String())
		}
	}
	if !slices.Equal(among, []string{"shop/web[Deployment]"}) {
		t.Errorf("flows from a workload to itself: %q", among)
	}
}
