package network

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const maxPort = 65535

// protocols are those that a NetworkPolicy can name, in the order they are written.
var protocols = [...]corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}

// Ports is a set of destination ports: for each protocol numbers from 1 to 65535 and,
// where the destination is not known yet, names that its container ports will resolve.
type Ports struct {
	of [len(protocols)]portSet
}

// portSet is a set of pairs of a port and a destination: every port of numbers, and
// every port that the destination gives one of the names, within that name's limits.
type portSet struct {
	numbers intervals
	names   []namedPort // by name
}

// namedPort is whatever number the destination gives the name, if it is in within.
type namedPort struct {
	name   string
	within intervals
}

// PortRange is a part of Ports: numbers From to To, or a Name.
type PortRange struct {
	Protocol corev1.Protocol `json:"protocol"`
	From     int32           `json:"from,omitempty"`
	To       int32           `json:"to,omitempty"`
	Name     string          `json:"name,omitempty"`
}

// AllPorts is every port of every protocol.
func AllPorts() Ports {
	var all Ports
	for i := range all.of {
		all.of[i].numbers = allNumbers
	}
	return all
}

// Empty says that nothing is in.
func (p Ports) Empty() bool {
	for _, s := range p.of {
		if !s.empty() {
			return false
		}
	}
	return true
}

// All says that every port of every protocol is in.
func (p Ports) All() bool {
	for _, s := range p.of {
		if !s.numbers.all() {
			return false
		}
	}
	return true
}

// Has says whether the destination's port is in; declared are its container ports.
func (p Ports) Has(protocol corev1.Protocol, port int32, declared []ContainerPort) bool {
	at := slices.Index(protocols[:], protocol)
	if at < 0 || port < 1 || port > maxPort {
		return false
	}
	return p.resolve(declared).of[at].numbers.has(uint16(port))
}

// Ranges lists the set: by protocol (TCP, UDP, SCTP), numbers ascending, then names.
func (p Ports) Ranges() []PortRange {
	ranges := []PortRange{}
	for i, s := range p.of {
		for _, n := range s.numbers {
			ranges = append(ranges, PortRange{Protocol: protocols[i], From: int32(n.from), To: int32(n.to)})
		}
		for _, n := range s.names {
			ranges = append(ranges, PortRange{Protocol: protocols[i], Name: n.name})
		}
	}
	return ranges
}

// MarshalJSON writes Ranges.
func (p Ports) MarshalJSON() ([]byte, error) { return json.Marshal(p.Ranges()) }

// String writes the set as in "TCP 80, 8000-8080, http and UDP 53", "all ports" and
// "no port".
func (p Ports) String() string {
	if p.All() {
		return "all ports"
	}
	var parts []string
	for i, s := range p.of {
		if s.empty() {
			continue
		}
		if s.numbers.all() {
			parts = append(parts, "all "+string(protocols[i]))
			continue
		}
		words := make([]string, 0, len(s.numbers)+len(s.names))
		for _, n := range s.numbers {
			words = append(words, n.String())
		}
		for _, n := range s.names {
			words = append(words, n.name)
		}
		parts = append(parts, string(protocols[i])+" "+strings.Join(words, ", "))
	}
	if len(parts) == 0 {
		return "no port"
	}
	return strings.Join(parts, " and ")
}

func (n interval) String() string {
	if n.from == n.to {
		return strconv.Itoa(int(n.from))
	}
	return strconv.Itoa(int(n.from)) + "-" + strconv.Itoa(int(n.to))
}
