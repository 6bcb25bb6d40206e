package analyzer

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

var update = flag.Bool("update", false, "write the golden reports")

// reported is one change whose whole report is looked at.
type reported struct {
	state *workflow.ApprovedState
	after []workflow.Tenancy
	runs  known // what runs now; nil where nobody knows
}

func reports() map[string]reported {
	postgres := egress(61, "app=api", cidr("10.20.0.0/16"), february, ports("TCP", 5432))
	wide := egress(44, "", cidr("10.0.0.0/8", "10.0.0.0/24"), february, ports("TCP", 1, 65535))
	prod := func(e ...workflow.NetworkException) workflow.Tenancy {
		return tenancy("payments", namespace("payments-api-prod", "prod", e...), namespace("payments-web-dev", "dev"))
	}
	ledger := func(e ...workflow.NetworkException) workflow.Tenancy {
		return tenancy("ledger", namespace("ledger-db-prod", "prod", e...))
	}
	toLedger := egress(62, "app=api", pods("ledger-db-prod", "app=db"), january, ports("TCP", 5432))
	fromPayments := ingress(62, "app=db", pods("payments-api-prod", "app=api"), january, ports("TCP", 5432))
	other := ingress(33, "app=db", pods("reports-prod", ""), january, ports("TCP", 5432))
	return map[string]reported{
		"internet": {
			stateOf(prod(postgres)),
			[]workflow.Tenancy{prod(postgres, egress(70, "", workflow.FlowPeer{Internet: true}, february, ports("TCP", 443)))}, nil,
		},
		"internet-in": {
			stateOf(prod()),
			[]workflow.Tenancy{prod(ingress(71, "app=api", workflow.FlowPeer{Internet: true}, january, ports("TCP", 8443)))}, nil,
		},
		"another-tenant": {
			stateOf(prod(), ledger(other)), []workflow.Tenancy{prod(toLedger), ledger(other, fromPayments)},
			known{
				"payments-api-prod": {{Kind: "Deployment", Name: "api", Labels: labelled("app=api"), Pods: 3}, {Kind: "CronJob", Name: "report", Pods: 1}},
				"ledger-db-prod":    {{Kind: "StatefulSet", Name: "db", Labels: labelled("app=db"), Pods: 3}},
			},
		},
		"range":       {stateOf(prod()), []workflow.Tenancy{prod(postgres)}, known{"payments-api-prod": {{Kind: "Deployment", Name: "web", Labels: labelled("app=web"), Pods: 3}}}},
		"wide-range":  {stateOf(prod(postgres)), []workflow.Tenancy{prod(wide, postgres)}, nil},
		"dns-name":    {stateOf(prod()), []workflow.Tenancy{prod(egress(72, "app=api", workflow.FlowPeer{FQDN: "api.example.com"}, january, ports("TCP", 443)))}, nil},
		"nothing-new": {stateOf(prod(wide)), []workflow.Tenancy{prod(wide, postgres)}, nil},
		"longer": {
			stateOf(prod(egress(50, "app=api", cidr("10.20.0.0/16"), december, ports("TCP", 5432)))),
			[]workflow.Tenancy{prod(egress(50, "app=api", cidr("10.20.0.0/16"), december, ports("TCP", 5432)), postgres)}, nil,
		},
		"closing":       {stateOf(prod(toLedger), ledger(other, fromPayments)), []workflow.Tenancy{prod(), ledger(other)}, nil},
		"new-namespace": {stateOf(prod()), []workflow.Tenancy{tenancy("payments", append(prod().Namespaces, namespace("payments-new-dev", "dev"))...)}, nil},
		"removal": {
			stateOf(prod(toLedger, postgres), ledger(other, fromPayments)),
			[]workflow.Tenancy{tenancy("payments", prod().Namespaces[1]), ledger(other)}, nil,
		},
		"one-sided": {stateOf(prod(toLedger), ledger(other)), []workflow.Tenancy{prod(toLedger, postgres)}, nil},
	}
}

func TestReportsAreAsReviewersReadThem(t *testing.T) {
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			a := Analyzer{}
			if r.runs != nil {
				a.Workloads = r.runs
			}
			checkGolden(t, name, change(t, a, r.state, r.after...))
		})
	}
}

func checkGolden(t *testing.T, name string, value any) {
	t.Helper()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s is not as written (-want +got); -update writes it:\n%s", path, diff)
	}
}
