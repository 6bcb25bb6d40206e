package workflow

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// protocols are those of a NetworkPolicy's ports.
var protocols = []string{"TCP", "UDP", "SCTP"}

// portRange finds the hyphen of a range with the spaces around it, also the
// dash that some programs make of it.
var portRange = regexp.MustCompile(`\s*[-–]\s*`)

// parsePorts reads ports, "TCP 5432, TCP 8000-8100, UDP 53". A number without a
// protocol is TCP; "5432/TCP", as kubectl prints it, is read as well. They come
// sorted, and what overlaps is one. The message says what is wrong; empty when
// nothing is.
func parsePorts(text string) (ports []FlowPort, message string) {
	if len(text) > maxTyped {
		return nil, fmt.Sprintf("The ports have %d characters; at most %d are allowed.", len(text), maxTyped)
	}
	for item := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;\r\n", r) }) {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		port, message := parsePort(item)
		if message != "" {
			return nil, message
		}
		ports = append(ports, port)
	}
	if len(ports) == 0 {
		return nil, "At least one port is needed, such as TCP 5432 or TCP 8000-8100."
	}
	if ports = mergePorts(ports); len(ports) > maxPorts {
		return nil, fmt.Sprintf("These are %d ports and ranges; at most %d are allowed. Ask for a range instead.", len(ports), maxPorts)
	}
	return ports, ""
}

// parsePort reads one port or range with its protocol.
func parsePort(text string) (FlowPort, string) {
	words := strings.Fields(portRange.ReplaceAllString(strings.ReplaceAll(text, "/", " "), "-"))
	protocol, number := "TCP", ""
	switch len(words) {
	case 1:
		number = words[0]
	case 2:
		protocol, number = words[0], words[1]
		if protocolOf(words[1]) != "" {
			protocol, number = words[1], words[0]
		}
		if protocolOf(protocol) == "" {
			return FlowPort{}, fmt.Sprintf("%q is not a protocol; write TCP, UDP or SCTP before the port, and commas between ports.", protocol)
		}
		protocol = protocolOf(protocol)
	default:
		return FlowPort{}, fmt.Sprintf("%q is not a port; write a protocol and a number, such as TCP 5432, and commas between ports.", text)
	}
	if namedPort.MatchString(number) && protocolOf(number) == "" {
		return FlowPort{}, fmt.Sprintf("%q is a named port, which cannot be asked for: it would follow whatever the pods of the other side call so. Write its number.", number)
	}
	first, last, isRange := strings.Cut(number, "-")
	if !isRange {
		last = first
	}
	from, message := portNumber(first, text)
	if message != "" {
		return FlowPort{}, message
	}
	to, message := portNumber(last, text)
	switch {
	case message != "":
		return FlowPort{}, message
	case to < from:
		return FlowPort{}, fmt.Sprintf("%q ends before it begins; write the range as %d-%d.", text, to, from)
	}
	return portsBetween(protocol, from, to), ""
}

// protocolOf gives a protocol as Kubernetes writes it; empty for none.
func protocolOf(text string) string {
	if upper := strings.ToUpper(text); slices.Contains(protocols, upper) {
		return upper
	}
	return ""
}

// portNumber reads a port's number.
func portNumber(text, whole string) (int32, string) {
	number, err := strconv.ParseUint(text, 10, 16)
	switch {
	case protocolOf(text) != "":
		return 0, fmt.Sprintf("%q names no port; write a number after the protocol, such as %s 5432.", whole, protocolOf(text))
	case err != nil || number < 1:
		return 0, fmt.Sprintf("%q is not a port from 1 to 65535, or a range such as 8000-8100.", whole)
	}
	return int32(number), ""
}

// namedPort is an IANA service name (RFC 6335 §5.1): it has a letter.
var namedPort = regexp.MustCompile(`\A[0-9-]*[A-Za-z][A-Za-z0-9-]*\z`)

func portsBetween(protocol string, from, to int32) FlowPort {
	if from == to {
		return FlowPort{Protocol: protocol, Port: from}
	}
	return FlowPort{Protocol: protocol, Port: from, EndPort: to}
}

// last is the last port of the range.
func (p FlowPort) last() int32 { return max(p.Port, p.EndPort) }

// mergePorts sorts ports by protocol and number, and makes one of those that
// overlap. Neighbours stay two: not every engine takes ranges alike.
func mergePorts(ports []FlowPort) []FlowPort {
	sorted := slices.SortedFunc(slices.Values(ports), func(a, b FlowPort) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port), cmp.Compare(a.last(), b.last()))
	})
	var merged []FlowPort
	for _, p := range sorted {
		if i := len(merged) - 1; i >= 0 && merged[i].Protocol == p.Protocol && p.Port <= merged[i].last() {
			merged[i] = portsBetween(p.Protocol, merged[i].Port, max(merged[i].last(), p.last()))
			continue
		}
		merged = append(merged, portsBetween(p.Protocol, p.Port, p.last()))
	}
	return merged
}

// String writes the port as it is typed: "TCP 5432" or "TCP 8000-8100".
func (p FlowPort) String() string {
	if p.EndPort != 0 && p.EndPort != p.Port {
		return fmt.Sprintf("%s %d-%d", p.Protocol, p.Port, p.EndPort)
	}
	return fmt.Sprintf("%s %d", p.Protocol, p.Port)
}

// PortsText writes ports as they are typed, "TCP 5432, UDP 53"; "every port" for none.
func PortsText(ports []FlowPort) string {
	if len(ports) == 0 {
		return "every port"
	}
	texts := make([]string, len(ports))
	for i, p := range ports {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}
