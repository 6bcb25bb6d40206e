package flowlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Errors of Read. Their text is for people.
var (
	ErrEmpty   = errors.New("the file holds no flows")
	ErrUnknown = errors.New("the file is none of Hubble's JSON, a Calico flow log and an Azure flow log")
)

// maxSeen is how many different flows a file may hold. A log of a busy month
// has some ten thousand; what has more is not one tenant's.
const maxSeen = 200_000

// Read reads a file of flows. Pods tell which addresses are pods, for logs that
// do not say; nil for none. Records that are no flows of TCP, UDP or SCTP are
// counted in Passed. A record that cannot be read is an error that says which.
func Read(r io.Reader, pods Pods) (Log, error) {
	values := &valueReader{decoder: json.NewDecoder(r)}
	var format Format
	tally := newTally()
	for n := 1; ; n++ {
		value, err := values.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Log{}, fmt.Errorf("record %d is not JSON: %w", n, err)
		}
		if format == "" {
			if format, err = formatOf(value); err != nil {
				return Log{}, err
			}
		}
		if err := readers[format](value, pods, tally); err != nil {
			return Log{}, fmt.Errorf("record %d of the %s: %w", n, format, err)
		}
		if len(tally.seen) > maxSeen {
			return Log{}, fmt.Errorf("the file has more than %d different flows; give a shorter time or one namespace", maxSeen)
		}
	}
	if tally.count == 0 {
		return Log{}, ErrEmpty
	}
	return tally.log(format), nil
}

// readers read one JSON value of each format.
var readers = map[Format]func(json.RawMessage, Pods, *tally) error{
	Hubble: readHubble, Calico: readCalico, Azure: readAzure,
}

// formatOf tells the formats apart by the fields of the first value.
func formatOf(value json.RawMessage) (Format, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(value, &fields); err != nil {
		return "", ErrUnknown
	}
	has := func(names ...string) bool {
		for _, name := range names {
			if _, found := fields[name]; found {
				return true
			}
		}
		return false
	}
	switch {
	case has("records"):
		return Azure, nil
	case has("source_type", "dest_type", "source_name_aggr", "dest_name_aggr"):
		return Calico, nil
	case has("flow", "IP", "traffic_direction", "node_name", "lost_events", "node_status"):
		return Hubble, nil
	}
	return "", ErrUnknown
}

// valueReader gives JSON values one after another, those of an array one by one.
type valueReader struct {
	decoder *json.Decoder
	begun   bool
	array   bool
}

func (v *valueReader) next() (json.RawMessage, error) {
	if !v.begun {
		v.begun = true
		first, err := firstByte(v.decoder)
		if err != nil {
			return nil, err
		}
		if v.array = first == '['; v.array {
			if _, err := v.decoder.Token(); err != nil {
				return nil, err
			}
		}
	}
	if v.array && !v.decoder.More() {
		return nil, io.EOF
	}
	var value json.RawMessage
	err := v.decoder.Decode(&value)
	return value, err
}

// firstByte looks at the first byte that is no space, without taking it.
func firstByte(decoder *json.Decoder) (byte, error) {
	if !decoder.More() { // fills the buffer
		return 0, io.EOF
	}
	buffered := make([]byte, 512)
	n, err := decoder.Buffered().Read(buffered)
	if err != nil && n == 0 {
		return 0, err
	}
	text := strings.TrimLeft(string(buffered[:n]), " \t\r\n")
	if text == "" {
		return 0, errors.New("it begins with too much white space")
	}
	return text[0], nil
}

// protocols gives the names of the protocols that a NetworkPolicy knows, by the
// ways in which the logs write them; numbers are IANA's.
var protocols = map[string]string{
	"tcp": "TCP", "6": "TCP", "t": "TCP",
	"udp": "UDP", "17": "UDP", "u": "UDP",
	"sctp": "SCTP", "132": "SCTP",
}

func protocolOf(text string) (string, bool) {
	name, known := protocols[strings.ToLower(text)]
	return name, known
}

// checkPort refuses what is no port.
func checkPort(port int64) (int32, error) {
	if port < 1 || port > 65535 {
		return 0, fmt.Errorf("the destination port %d is not from 1 to 65535", port)
	}
	return int32(port), nil
}

// earliest guards against units that are mixed up: no cluster is older.
var earliest = time.Date(2014, 6, 6, 0, 0, 0, 0, time.UTC)

// checkTime refuses a time that cannot be one of a log of Kubernetes.
func checkTime(at time.Time) (time.Time, error) {
	if at.Before(earliest) || at.Year() > 9999 {
		return time.Time{}, fmt.Errorf("the time %s is not one of a flow", at.UTC().Format(time.RFC3339))
	}
	return at.UTC(), nil
}
