package print

import (
	"bytes"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/k8s/network"
)

var update = flag.Bool("update", false, "write the golden files")

func readCluster(t *testing.T, name string) *network.Cluster {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := network.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := network.New(objects)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// The golden files are what people and pipelines read.
func TestEachFormatIsWrittenAsItAlwaysWas(t *testing.T) {
	before, after := readCluster(t, "before.yaml"), readCluster(t, "after.yaml")
	explain := func(from, to network.Endpoint) network.Explanation {
		e, err := after.Explain(network.Probe{From: from, To: to, Protocol: "TCP", Port: 9000})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	web := network.Endpoint{Namespace: "shop", Workload: "web"}
	ledger := network.Endpoint{Namespace: "bank", Workload: "ledger"}
	outside := network.Endpoint{Address: netip.MustParseAddr("203.0.113.9")}
	for name, write := range map[string]func(*bytes.Buffer, Format) error{
		"connectivity": func(b *bytes.Buffer, f Format) error { return Connectivity(b, f, after.Connectivity()) },
		"nothing":      func(b *bytes.Buffer, f Format) error { return Connectivity(b, f, nil) },
		"opened":       func(b *bytes.Buffer, f Format) error { return Difference(b, f, network.Diff(before, after)) },
		"closed":       func(b *bytes.Buffer, f Format) error { return Difference(b, f, network.Diff(after, before)) },
		"same":         func(b *bytes.Buffer, f Format) error { return Difference(b, f, network.Diff(after, after)) },
		"through": func(b *bytes.Buffer, f Format) error {
			return Explanation(b, f, "TCP 9000 from web to ledger", explain(web, ledger))
		},
		"stopped": func(b *bytes.Buffer, f Format) error {
			return Explanation(b, f, "TCP 9000 from outside to ledger", explain(outside, ledger))
		},
	} {
		for _, format := range Formats() {
			t.Run(name+" as "+string(format), func(t *testing.T) {
				var out bytes.Buffer
				if err := write(&out, format); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join("testdata", name+"."+string(format))
				if *update {
					if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), out.String()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestTextOfOthersCannotBreakOutOfAGraphOrATable(t *testing.T) {
	rows := []row{{from: `a"]; evil [label="`, to: `b\`, ports: "TCP 1 | x"}}
	var dot, table bytes.Buffer
	if err := writeDOT(&dot, rows); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(dot.Bytes(), []byte(`"a\"]; evil [label=\"" -> "b\\" [label="TCP 1 | x"];`)) {
		t.Errorf("DOT:\n%s", dot.String())
	}
	if err := writeMarkdown(&table, rows, ""); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(table.Bytes(), []byte(`TCP 1 \| x`)) {
		t.Errorf("Markdown:\n%s", table.String())
	}
}
