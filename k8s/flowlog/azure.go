package flowlog

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// azureDocument is one file of a storage account. Virtual network flow logs
// keep their tuples in flowRecords, those of network security groups in
// properties.
type azureDocument struct {
	Records []struct {
		FlowRecords struct {
			Flows []struct {
				FlowGroups []struct {
					FlowTuples []string `json:"flowTuples"`
				} `json:"flowGroups"`
			} `json:"flows"`
		} `json:"flowRecords"`
		Properties struct {
			Flows []struct {
				Flows []struct {
					FlowTuples []string `json:"flowTuples"`
				} `json:"flows"`
			} `json:"flows"`
		} `json:"properties"`
	} `json:"records"`
}

func readAzure(value json.RawMessage, pods Pods, t *tally) error {
	var document azureDocument
	if err := json.Unmarshal(value, &document); err != nil {
		return err
	}
	for _, record := range document.Records {
		for _, flow := range record.FlowRecords.Flows {
			for _, group := range flow.FlowGroups {
				if err := readTuples(group.FlowTuples, time.UnixMilli, vnetState, pods, t); err != nil {
					return err
				}
			}
		}
		for _, rule := range record.Properties.Flows {
			for _, flow := range rule.Flows {
				if err := readTuples(flow.FlowTuples, func(n int64) time.Time { return time.Unix(n, 0) }, nsgState, pods, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tupleState says of a tuple whether it begins a flow, and whether it was denied.
type tupleState func(fields []string) (begins, denied bool)

// vnetState reads the flow state of a virtual network flow log, the eighth
// field: B begins, C goes on, E ends, D was denied.
func vnetState(fields []string) (begins, denied bool) {
	return fields[7] == "B" || fields[7] == "D", fields[7] == "D"
}

// nsgState reads the decision (A or D) and, from version 2 on, the state (B, C
// or E) of a network security group flow log.
func nsgState(fields []string) (begins, denied bool) {
	denied = fields[7] == "D"
	return denied || len(fields) < 9 || fields[8] == "B" || fields[8] == "", denied
}

// readTuples reads comma-separated tuples: time, source address, destination
// address, source port, destination port, protocol, direction, and the state.
func readTuples(tuples []string, when func(int64) time.Time, state tupleState, pods Pods, t *tally) error {
	for _, tuple := range tuples {
		fields := strings.Split(tuple, ",")
		if len(fields) < 8 {
			return fmt.Errorf("the flow tuple %q has %d fields; at least 8 are needed", tuple, len(fields))
		}
		begins, denied := state(fields)
		if !begins {
			continue // more of a flow that was counted
		}
		if err := readTuple(fields, when, denied, pods, t); err != nil {
			return fmt.Errorf("the flow tuple %q: %w", tuple, err)
		}
	}
	return nil
}

func readTuple(fields []string, when func(int64) time.Time, denied bool, pods Pods, t *tally) error {
	protocol, known := protocolOf(fields[5])
	if !known {
		t.pass(skippedProtocol)
		return nil
	}
	stamp, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a time", fields[0])
	}
	at, err := checkTime(when(stamp))
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(fields[4], 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a port", fields[4])
	}
	port, err := checkPort(number)
	if err != nil {
		return err
	}
	var ends [2]Party
	for i, text := range fields[1:3] {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("%q is not an address", text)
		}
		ends[i] = pods.resolve(Party{Address: address})
	}
	o := Observation{From: ends[0], To: ends[1], Protocol: protocol, Port: port, Flows: 1, First: at, Last: at}
	if denied {
		o.Denied = 1
	}
	t.add(o)
	return nil
}
