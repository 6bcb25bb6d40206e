package flowlog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lines writes what was read, one observation a line.
func lines(log Log) []string {
	var out []string
	for _, o := range log.Observations {
		out = append(out, fmt.Sprintf("%s -> %s %s %d, %d flows, %d denied, %s to %s", o.From.key(), o.To.key(), o.Protocol, o.Port,
			o.Flows, o.Denied, o.First.Format("15:04:05"), o.Last.Format("15:04:05")))
	}
	return out
}

func readFile(t *testing.T, name string, pods Pods) Log {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	log, err := Read(file, pods)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func testPods(t *testing.T) Pods {
	t.Helper()
	file, err := os.Open("testdata/pods.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	pods, err := ReadPods(file)
	if err != nil {
		t.Fatal(err)
	}
	return pods
}

func TestEachFormatIsReadToTheFlowsItLists(t *testing.T) {
	cases := map[string]struct {
		file   string
		format Format
		want   []string
		passed map[string]int64
	}{
		"Hubble": {"hubble.jsonl", Hubble, []string{
			"payments-api-prod/app.kubernetes.io/name=api -> 10.20.3.4  TCP 5432, 2 flows, 2 denied, 08:00:01 to 09:00:00",
			"payments-api-prod/app.kubernetes.io/name=api -> 203.0.113.9 pay.example.com TCP 443, 1 flows, 0 denied, 08:10:00 to 08:10:00",
			"payments-api-prod/app.kubernetes.io/name=api -> search-api-prod/app=index UDP 8125, 1 flows, 1 denied, 08:12:00 to 08:12:00",
		}, map[string]int64{skippedReply: 1, skippedProtocol: 1, skippedHost: 1}},
		"Calico": {"calico.jsonl", Calico, []string{
			"198.51.100.7  -> payments-api-prod/app=api TCP 8443, 5 flows, 0 denied, 00:00:00 to 00:00:00",
			"payments-api-prod/app=api -> 10.20.3.4  TCP 5432, 3 flows, 3 denied, 08:00:00 to 08:05:00",
			"payments-api-prod/app=api -> search-api-prod/app=index TCP 9200, 2 flows, 0 denied, 08:00:00 to 08:05:00",
		}, map[string]int64{"told by the source as well": 1, skippedProtocol: 1, skippedHost: 1}},
		"Azure, of a virtual network": {"vnet.json", Azure, []string{
			"payments-api-prod/app=api -> 10.20.3.4  TCP 5432, 1 flows, 0 denied, 08:00:00 to 08:00:00",
			"payments-api-prod/app=api -> 10.20.3.5  TCP 5432, 1 flows, 1 denied, 08:00:03 to 08:00:03",
		}, map[string]int64{skippedProtocol: 1}},
		"Azure, of a network security group": {"nsg.json", Azure, []string{
			"192.0.2.1  -> payments-api-prod/app=api TCP 23, 1 flows, 1 denied, 08:01:01 to 08:01:01",
			"payments-api-prod/app=api -> 203.0.113.9  TCP 443, 1 flows, 0 denied, 08:00:00 to 08:00:00",
		}, map[string]int64{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			log := readFile(t, c.file, testPods(t))
			if log.Format != c.format {
				t.Errorf("format %q, want %q", log.Format, c.format)
			}
			if diff := cmp.Diff(c.want, lines(log)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.passed, log.Passed); diff != "" {
				t.Errorf("passed over (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAListOfFlowsIsReadLikeLinesOfThem(t *testing.T) {
	data, err := os.ReadFile("testdata/hubble.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	array := " [" + strings.Join(strings.Split(strings.TrimSpace(string(data)), "\n"), ",") + "]"
	log, err := Read(strings.NewReader(array), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(readFile(t, "hubble.jsonl", nil)), lines(log)); diff != "" {
		t.Error(diff)
	}
}

func TestPortsThatAreNoCharactersAreNotMixedUp(t *testing.T) {
	flow := func(port int) string {
		return fmt.Sprintf(`{"flow":{"time":"2026-11-20T08:00:00Z","IP":{"source":"10.244.1.7","destination":"10.20.3.4"},"l4":{"TCP":{"destination_port":%d}}}}`, port)
	}
	log, err := Read(strings.NewReader(flow(0xD800)+flow(0xD801)), nil)
	if err != nil || len(log.Observations) != 2 {
		t.Errorf("%d observations (%v), want 2", len(log.Observations), err)
	}
}

func TestAFileThatIsNoFlowLogIsRefusedWithAReason(t *testing.T) {
	cases := map[string]struct{ file, want string }{
		"nothing":           {"  \n", "no flows"},
		"something else":    {`{"kind":"Pod"}`, "none of Hubble's JSON"},
		"a number":          {`42`, "none of Hubble's JSON"},
		"no JSON":           {`time=08:00 verdict=DROPPED`, "record 1 is not JSON"},
		"cut off":           {`{"flow":{"time":`, "record 1 is not JSON"},
		"only lost events":  {`{"lost_events":{}}`, "no flows"},
		"a port too high":   {`{"flow":{"time":"2026-11-20T08:00:00Z","IP":{"source":"10.0.0.1","destination":"10.0.0.2"},"l4":{"TCP":{"destination_port":70000}}}}`, "port 70000"},
		"an address":        {`{"flow":{"time":"2026-11-20T08:00:00Z","IP":{"source":"10.0.0.256","destination":"10.0.0.2"},"l4":{"TCP":{"destination_port":70}}}}`, "10.0.0.256"},
		"seconds for milli": {`{"records":[{"flowRecords":{"flows":[{"flowGroups":[{"flowTuples":["1795334400,10.0.0.1,10.0.0.2,1,2,6,O,B"]}]}]}}]}`, "not one of a flow"},
		"a short tuple":     {`{"records":[{"flowRecords":{"flows":[{"flowGroups":[{"flowTuples":["1,2"]}]}]}}]}`, "at least 8"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.file), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestPodsOfTheHostsNetworkAreNotKnownByTheirAddress(t *testing.T) {
	pods := testPods(t)
	if len(pods) != 2 {
		t.Errorf("%d addresses, want the two of api-1: %v", len(pods), pods)
	}
	if _, err := ReadPods(strings.NewReader(`{"kind":"Pod"}`)); err == nil || !strings.Contains(err.Error(), "kubectl get pods") {
		t.Errorf("a single pod: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"hubble.jsonl", "calico.jsonl", "vnet.json", "nsg.json", "pods.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = ReadPods(strings.NewReader(text))
		log, err := Read(strings.NewReader(text), nil)
		if err != nil {
			return
		}
		for _, o := range log.Observations {
			if o.Port < 1 || o.Port > 65535 || o.Flows < 1 || o.Denied > o.Flows || o.Last.Before(earliest) {
				t.Errorf("an observation that cannot be: %+v", o)
			}
			if !o.From.IsPod() && !o.From.Address.IsValid() || !o.To.IsPod() && !o.To.Address.IsValid() {
				t.Errorf("an observation without an end: %+v", o)
			}
		}
	})
}
