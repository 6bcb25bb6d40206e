package flowlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// calicoRecord holds the fields of a Calico flow log that matter here.
type calicoRecord struct {
	StartTime       json.RawMessage `json:"start_time"` // seconds since 1970, or RFC 3339
	EndTime         json.RawMessage `json:"end_time"`
	Action          string          `json:"action"`   // allow or deny
	Reporter        string          `json:"reporter"` // src or dst: each side tells of the flow
	Proto           string          `json:"proto"`
	SourceType      string          `json:"source_type"` // wep (a pod), hep (a host), ns (a network set), net
	SourceIP        *string         `json:"source_ip"`
	SourceNamespace string          `json:"source_namespace"`
	SourceLabels    calicoLabels    `json:"source_labels"`
	DestType        string          `json:"dest_type"`
	DestIP          *string         `json:"dest_ip"`
	DestNamespace   string          `json:"dest_namespace"`
	DestLabels      calicoLabels    `json:"dest_labels"`
	DestPort        int64           `json:"dest_port"`
	DestDomains     []string        `json:"dest_domains"`
	Flows           int64           `json:"num_flows"`
	FlowsStarted    int64           `json:"num_flows_started"`
}

// calicoLabels are written as {"labels": ["app=api"]}, and "-" for none.
type calicoLabels map[string]string

// UnmarshalJSON reads both ways of writing.
func (c *calicoLabels) UnmarshalJSON(data []byte) error {
	*c = nil
	if bytes.HasPrefix(data, []byte(`"`)) {
		return nil
	}
	var written struct {
		Labels []string `json:"labels"`
	}
	if err := json.Unmarshal(data, &written); err != nil {
		return err
	}
	*c = calicoLabels{}
	for _, label := range written.Labels {
		key, value, _ := strings.Cut(label, "=")
		(*c)[key] = value
	}
	return nil
}

func readCalico(value json.RawMessage, pods Pods, t *tally) error {
	var r calicoRecord
	if err := json.Unmarshal(value, &r); err != nil {
		return err
	}
	protocol, known := protocolOf(r.Proto)
	switch {
	case !known:
		t.pass(skippedProtocol)
		return nil
	case r.SourceType == "hep" || r.DestType == "hep":
		t.pass(skippedHost)
		return nil
	case r.Reporter == "dst" && r.SourceType == "wep" && r.Action == "allow":
		t.pass(skippedTwice) // both sides report a flow between pods; a denial may be one side's only
		return nil
	}
	port, err := checkPort(r.DestPort)
	if err != nil {
		return err
	}
	from, err := calicoParty(r.SourceType, r.SourceNamespace, r.SourceIP, r.SourceLabels, nil, pods)
	if err != nil {
		return fmt.Errorf("source_ip: %w", err)
	}
	to, err := calicoParty(r.DestType, r.DestNamespace, r.DestIP, r.DestLabels, r.DestDomains, pods)
	if err != nil {
		return fmt.Errorf("dest_ip: %w", err)
	}
	o := Observation{From: from, To: to, Protocol: protocol, Port: port, Flows: max(r.Flows, r.FlowsStarted, 1)}
	if o.First, err = calicoTime(r.StartTime); err != nil {
		return fmt.Errorf("start_time: %w", err)
	}
	o.Last = o.First
	if len(r.EndTime) > 0 {
		if o.Last, err = calicoTime(r.EndTime); err != nil {
			return fmt.Errorf("end_time: %w", err)
		}
	}
	if r.Action == "deny" {
		o.Denied = o.Flows
	}
	t.add(o)
	return nil
}

// calicoParty gives an end. An address that is left out was aggregated.
func calicoParty(kind, namespace string, address *string, labels calicoLabels, names []string, pods Pods) (Party, error) {
	p := Party{Names: sortedNames(names)}
	if address != nil && *address != "" && *address != "-" {
		var err error
		if p.Address, err = netip.ParseAddr(*address); err != nil {
			return p, fmt.Errorf("%q is not an address", *address)
		}
	}
	if kind == "wep" && namespace != "-" && namespace != "" {
		p.Namespace, p.Labels = namespace, labels
		return p, nil
	}
	return pods.resolve(p), nil
}

// calicoTime reads a time as Elasticsearch keeps it or as the log file has it.
func calicoTime(raw json.RawMessage) (time.Time, error) {
	var seconds int64
	if err := json.Unmarshal(raw, &seconds); err == nil {
		return checkTime(time.Unix(seconds, 0))
	}
	var at time.Time
	if err := json.Unmarshal(raw, &at); err != nil {
		return at, fmt.Errorf("%s is neither seconds since 1970 nor RFC 3339", raw)
	}
	return checkTime(at)
}
