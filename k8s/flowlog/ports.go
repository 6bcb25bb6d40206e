package flowlog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// portSet holds the ports that were seen, by protocol.
type portSet map[string]map[int32]bool

func (p portSet) add(protocol string, port int32) {
	if p[protocol] == nil {
		p[protocol] = map[int32]bool{}
	}
	p[protocol][port] = true
}

func (p portSet) merge(other portSet) {
	for protocol, ports := range other {
		for port := range ports {
			p.add(protocol, port)
		}
	}
}

// String writes the ports as the request's form takes them, those in a row as a
// range: "TCP 443, TCP 8000-8003, UDP 53".
func (p portSet) String() string {
	var parts []string
	for _, protocol := range slices.Sorted(maps.Keys(p)) {
		ports := slices.Sorted(maps.Keys(p[protocol]))
		for first := 0; first < len(ports); {
			last := first
			for last+1 < len(ports) && ports[last+1] == ports[last]+1 {
				last++
			}
			if last == first {
				parts = append(parts, fmt.Sprintf("%s %d", protocol, ports[first]))
			} else {
				parts = append(parts, fmt.Sprintf("%s %d-%d", protocol, ports[first], ports[last]))
			}
			first = last + 1
		}
	}
	return strings.Join(parts, ", ")
}
