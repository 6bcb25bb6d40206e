package analyzer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tenure.dev/k8s/network"
)

// portRange is an unbroken run of ports of one protocol.
type portRange struct {
	protocol    string
	first, last int32
}

// portSet holds disjoint ranges, in the order TCP, UDP, SCTP and ascending.
type portSet []portRange

const lastPort = 65535

// everyPort is what a rule without ports lets through.
var everyPort = portSet{{"TCP", 1, lastPort}, {"UDP", 1, lastPort}, {"SCTP", 1, lastPort}}

// portsOf reads what k8s/network says. What Tenure renders names no ports by
// name, so there are none here.
func portsOf(ports network.Ports) portSet {
	var set portSet
	for _, r := range ports.Ranges() {
		set = append(set, portRange{string(r.Protocol), r.From, r.To})
	}
	return set
}

// union joins two sets.
func (s portSet) union(other portSet) portSet {
	order := map[string]int{"TCP": 0, "UDP": 1, "SCTP": 2}
	all := slices.SortedFunc(slices.Values(slices.Concat(s, other)), func(a, b portRange) int {
		return cmp.Or(order[a.protocol]-order[b.protocol], cmp.Compare(a.first, b.first))
	})
	var joined portSet
	for _, r := range all {
		if n := len(joined); n > 0 && joined[n-1].protocol == r.protocol && r.first <= joined[n-1].last+1 {
			joined[n-1].last = max(joined[n-1].last, r.last)
			continue
		}
		joined = append(joined, r)
	}
	return joined
}

// minus takes out what the other has.
func (s portSet) minus(other portSet) portSet {
	left := s
	for _, out := range other {
		var next portSet
		for _, r := range left {
			if r.protocol != out.protocol || r.last < out.first || out.last < r.first {
				next = append(next, r)
				continue
			}
			if r.first < out.first {
				next = append(next, portRange{r.protocol, r.first, out.first - 1})
			}
			if r.last > out.last {
				next = append(next, portRange{r.protocol, out.last + 1, r.last})
			}
		}
		left = next
	}
	return left
}

// within gives what both have.
func (s portSet) within(other portSet) portSet { return s.minus(s.minus(other)) }

// String writes the ports in words: as they are asked for, or "every port".
func (s portSet) String() string {
	if slices.Equal(s, everyPort) {
		return "every port"
	}
	return s.typed()
}

// typed writes the ports as the form takes them: "TCP 5432, TCP 8000-8100".
func (s portSet) typed() string {
	parts := make([]string, len(s))
	for i, r := range s {
		parts[i] = fmt.Sprintf("%s %d", r.protocol, r.first)
		if r.last != r.first {
			parts[i] += fmt.Sprintf("-%d", r.last)
		}
	}
	return strings.Join(parts, ", ")
}
