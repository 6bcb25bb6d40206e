package flowlog

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// hubbleLine is what Hubble prints: a flow inside an envelope, or bare.
type hubbleLine struct {
	Flow *hubbleFlow `json:"flow"`
	hubbleFlow
}

// hubbleFlow holds the fields of Hubble's Flow message that matter here, as its
// JSON writes them.
type hubbleFlow struct {
	Time    time.Time `json:"time"`
	Verdict string    `json:"verdict"`
	IP      struct {
		Source      string `json:"source"`
		Destination string `json:"destination"`
	} `json:"IP"`
	L4               map[string]hubblePorts `json:"l4"`
	Source           hubbleEndpoint         `json:"source"`
	Destination      hubbleEndpoint         `json:"destination"`
	SourceNames      []string               `json:"source_names"`
	DestinationNames []string               `json:"destination_names"`
	Reply            bool                   `json:"reply"` // the older field, without the unknown
	IsReply          *bool                  `json:"is_reply"`
}

type hubblePorts struct {
	DestinationPort int64 `json:"destination_port"`
}

type hubbleEndpoint struct {
	Namespace string   `json:"namespace"`
	Labels    []string `json:"labels"` // "k8s:app=api", "reserved:world"
	PodName   string   `json:"pod_name"`
}

func readHubble(value json.RawMessage, pods Pods, t *tally) error {
	var line hubbleLine
	if err := json.Unmarshal(value, &line); err != nil {
		return err
	}
	flow := &line.hubbleFlow
	if line.Flow != nil {
		flow = line.Flow
	} else if flow.IP.Source == "" && len(flow.L4) == 0 {
		return nil // the state of a node, or a count of lost events
	}
	if flow.Reply || (flow.IsReply != nil && *flow.IsReply) {
		t.pass(skippedReply)
		return nil
	}
	protocol, port, known := flow.layer4()
	if !known {
		t.pass(skippedProtocol)
		return nil
	}
	number, err := checkPort(port)
	if err != nil {
		return err
	}
	at, err := checkTime(flow.Time)
	if err != nil {
		return err
	}
	from, err := flow.Source.party(flow.IP.Source, flow.SourceNames, pods)
	if err != nil {
		return fmt.Errorf("its source: %w", err)
	}
	to, err := flow.Destination.party(flow.IP.Destination, flow.DestinationNames, pods)
	if err != nil {
		return fmt.Errorf("its destination: %w", err)
	}
	if flow.Source.isHost() || flow.Destination.isHost() {
		t.pass(skippedHost)
		return nil
	}
	o := Observation{From: from, To: to, Protocol: protocol, Port: number, Flows: 1, First: at, Last: at}
	if flow.Verdict == "DROPPED" {
		o.Denied = 1
	}
	t.add(o)
	return nil
}

// layer4 gives protocol and destination port.
func (f *hubbleFlow) layer4() (protocol string, port int64, known bool) {
	for name, ports := range f.L4 {
		if protocol, known = protocolOf(name); known {
			return protocol, ports.DestinationPort, true
		}
	}
	return "", 0, false
}

// isHost says whether the endpoint is a node, whose traffic no NetworkPolicy governs.
func (e hubbleEndpoint) isHost() bool {
	return e.Namespace == "" && slices.ContainsFunc(e.Labels, func(label string) bool {
		return label == "reserved:host" || label == "reserved:remote-node" || label == "reserved:health"
	})
}

func (e hubbleEndpoint) party(address string, names []string, pods Pods) (Party, error) {
	p := Party{Namespace: e.Namespace, Names: sortedNames(names)}
	if address != "" {
		var err error
		if p.Address, err = netip.ParseAddr(address); err != nil {
			return p, fmt.Errorf("%q is not an address", address)
		}
	}
	if !p.IsPod() {
		return pods.resolve(p), nil
	}
	p.Labels = map[string]string{}
	for _, label := range e.Labels {
		text, isKubernetes := strings.CutPrefix(label, "k8s:")
		key, value, _ := strings.Cut(text, "=")
		if isKubernetes && !strings.HasPrefix(key, "io.") { // io.… are Cilium's own, such as io.kubernetes.pod.namespace
			p.Labels[key] = value
		}
	}
	return p, nil
}

// sortedNames gives DNS names without the root's dot.
func sortedNames(names []string) []string {
	var clean []string
	for _, name := range names {
		if name = strings.ToLower(strings.TrimSuffix(name, ".")); name != "" {
			clean = append(clean, name)
		}
	}
	slices.Sort(clean)
	return slices.Compact(clean)
}
