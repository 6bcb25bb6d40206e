package network

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Witness is one flow that a policy would let through and that nothing grants, and
// the whole part of the policy's opening that it stands for.
type Witness struct {
	Direction Direction
	Namespace string            // of the policy
	Pod       map[string]string // labels of a pod that the policy is for
	Peer      WitnessPeer
	Protocol  corev1.Protocol
	// Port is of the destination. If PortName is set, the destination declares it
	// under that name.
	Port     int32
	PortName string

	Pods   LabelSet // all pods of the namespace that this opening is for
	Beyond End      // all that it lets them talk to
	Ports  Ports    // all ports
}

// WitnessPeer is the other end: an address, or a pod by its labels and its
// namespace's, the name among these.
type WitnessPeer struct {
	Address         netip.Addr
	NamespaceLabels map[string]string
	PodLabels       map[string]string
}

func newWitness(own Namespace, d Direction, r region) *Witness {
	w := &Witness{Direction: d, Namespace: own.Name, Pod: r.own.Example(), Pods: r.own, Ports: r.ports, Beyond: r.peer.end()}
	if r.peer.addresses != nil {
		w.Peer.Address = exampleAddress(w.Beyond)
	} else {
		w.Peer.NamespaceLabels = r.peer.spaces.Example()
		w.Peer.PodLabels = r.peer.pods.Example()
	}
	for i, s := range r.ports.of {
		if s.empty() {
			continue
		}
		w.Protocol = protocols[i]
		if len(s.numbers) > 0 {
			w.Port = int32(s.numbers[0].from)
		} else {
			w.PortName, w.Port = s.names[0].name, int32(s.names[0].within[0].from)
		}
		break
	}
	return w
}

// end writes a peer as the end of a flow.
func (p peer) end() End {
	if p.addresses != nil {
		return End{Addresses: p.addresses.Ranges()}
	}
	return End{Pods: &Pods{p.spaces, p.pods}}
}

// exampleAddress prefers an address that a host could have over a network's own.
func exampleAddress(e End) netip.Addr {
	first := e.Addresses[0]
	if next := first.From().Next(); first.Contains(next) {
		return next
	}
	return first.From()
}

// String is one sentence's worth, as in "TCP 5432 from pods app=api of this namespace
// to 10.20.0.0/16, for example 10.20.0.1".
func (w Witness) String() (text string) {
	own := w.Pods.podText() + " of this namespace"
	if w.namedAtAddress() {
		defer func() { text += namedAtAddressWhy }()
	}
	other, example := w.Beyond.String(), ""
	switch pods := w.Beyond.Pods; {
	case pods == nil:
		if single := w.Beyond.Addresses; len(single) > 1 || single[0].From() != single[0].To() {
			example = ", for example " + w.Peer.Address.String()
		}
	default:
		other = pods.beside(w.Namespace)
	}
	if w.Direction == Ingress {
		return fmt.Sprintf("%s from %s to %s%s", w.Ports, other, own, example)
	}
	return fmt.Sprintf("%s from %s to %s%s", w.Ports, own, other, example)
}

// namedAtAddressWhy says why a port name at addresses is an opening.
const namedAtAddressWhy = "; a named port opens at addresses, too, where a network engine (Calico, Azure Network Policy Manager) matches pods by theirs and resolves the name there, so name the port by its number"

// namedAtAddress says whether nothing but names is open, and that at addresses.
func (w Witness) namedAtAddress() bool {
	return w.Direction == Egress && w.PortName != "" && w.Peer.Address.IsValid()
}

// Probe asks for the witness's flow, so that it can be tried elsewhere.
func (w Witness) Probe() Probe {
	own := Endpoint{Namespace: w.Namespace, Labels: w.Pod}
	other := Endpoint{Address: w.Peer.Address}
	if !w.Peer.Address.IsValid() {
		other = Endpoint{
			Namespace: w.Peer.NamespaceLabels[corev1.LabelMetadataName], NamespaceLabels: w.Peer.NamespaceLabels, Labels: w.Peer.PodLabels,
		}
	}
	probe := Probe{From: own, To: other, Protocol: w.Protocol, Port: w.Port}
	if w.Direction == Ingress {
		probe.From, probe.To = probe.To, probe.From
	}
	if w.PortName != "" && !probe.To.Address.IsValid() {
		probe.To.Ports = slices.Concat(probe.To.Ports, []ContainerPort{{w.PortName, w.Protocol, w.Port}})
	}
	return probe
}
