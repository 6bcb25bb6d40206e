package analyzer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

func TestARequestIsRedundantWhenOthersAllowAllOfItForAsLong(t *testing.T) {
	asked := egress(90, "app=api", cidr("10.20.0.0/16"), january, ports("TCP", 5432))
	for name, c := range map[string]struct {
		had  []workflow.NetworkException
		want []int64
	}{
		"nothing is there":             {nil, nil},
		"the same":                     {[]workflow.NetworkException{egress(61, "app=api", cidr("10.20.0.0/16"), january, ports("TCP", 5432))}, []int64{61}},
		"a wider range and all ports":  {[]workflow.NetworkException{egress(61, "", cidr("10.0.0.0/8"), february, ports("TCP", 1, 65535))}, []int64{61}},
		"for longer":                   {[]workflow.NetworkException{egress(61, "app=api", cidr("10.20.0.0/16"), february, ports("TCP", 5432))}, []int64{61}},
		"but it ends earlier":          {[]workflow.NetworkException{egress(61, "app=api", cidr("10.20.0.0/16"), december, ports("TCP", 5432))}, nil},
		"but it has ended":             {[]workflow.NetworkException{egress(61, "app=api", cidr("10.20.0.0/16"), noon, ports("TCP", 5432))}, nil},
		"for other pods":               {[]workflow.NetworkException{egress(61, "app=web", cidr("10.20.0.0/16"), january, ports("TCP", 5432))}, nil},
		"in the other direction":       {[]workflow.NetworkException{ingress(61, "app=api", cidr("10.20.0.0/16"), january, ports("TCP", 5432))}, nil},
		"for another protocol":         {[]workflow.NetworkException{egress(61, "app=api", cidr("10.20.0.0/16"), january, ports("UDP", 5432))}, nil},
		"with some addresses left out": {[]workflow.NetworkException{egress(61, "", cidr("10.0.0.0/8", "10.20.7.0/24"), january, ports("TCP", 5432))}, nil},
		"two halves together": {[]workflow.NetworkException{
			egress(61, "", cidr("10.20.0.0/17"), january, ports("TCP", 5432)), egress(62, "", cidr("10.20.128.0/17"), january, ports("TCP", 5432)),
			egress(63, "", cidr("10.20.1.0/24"), january, ports("TCP", 5432)),
		}, []int64{61, 62}},
		"one does what two others do together": {[]workflow.NetworkException{
			egress(61, "", cidr("10.20.0.0/17"), january, ports("TCP", 5432)), egress(62, "", cidr("10.20.128.0/17"), january, ports("TCP", 5432)),
			egress(63, "", cidr("10.0.0.0/8"), january, ports("TCP", 5432)),
		}, []int64{63}},
		"one of two is enough": {[]workflow.NetworkException{
			egress(61, "", cidr("10.20.0.0/17"), january, ports("TCP", 5432)), egress(62, "", cidr("10.0.0.0/8"), january, ports("TCP", 5432)),
		}, []int64{62}},
	} {
		t.Run(name, func(t *testing.T) {
			state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod", c.had...)))
			report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-prod", "prod", append(c.had, asked)...)))
			if !slices.Equal(report.Redundant, c.want) {
				t.Errorf("it is redundant with %v, want %v", report.Redundant, c.want)
			}
			if said := slices.ContainsFunc(report.Findings, func(f workflow.Finding) bool { return f.Label == "redundant" }); said != (len(c.want) > 0) {
				t.Errorf("the findings are %+v", report.Findings)
			}
		})
	}
}

func TestWhatThePlatformAllowsNeedsNoRequest(t *testing.T) {
	state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod")))
	asked := egress(90, "app=api", cidr("20.190.128.0/20"), january, ports("TCP", 443))
	report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-prod", "prod", asked)))
	if !slices.Equal(report.Redundant, []int64{0}) {
		t.Errorf("it is redundant with %v", report.Redundant)
	}
	wants(t, report.Findings, "redundant", workflow.SeverityWarning, "All of this is already allowed by the platform's own flows.")
}

func TestBothEndsOfAFlowMustBeAllowedBeforeARequestIsRedundant(t *testing.T) {
	state := func(here, there []workflow.NetworkException) *workflow.ApprovedState {
		return stateOf(tenancy("payments", namespace("payments-api-prod", "prod", here...)), tenancy("ledger", namespace("ledger-db-prod", "prod", there...)))
	}
	out := func(request int64) workflow.NetworkException {
		return egress(request, "app=api", pods("ledger-db-prod", "app=db"), january, ports("TCP", 5432))
	}
	in := func(request int64) workflow.NetworkException {
		return ingress(request, "app=db", pods("payments-api-prod", "app=api"), january, ports("TCP", 5432))
	}
	for name, c := range map[string]struct {
		here, there []workflow.NetworkException
		want        []int64
		opens       int
	}{
		"both":          {[]workflow.NetworkException{out(61)}, []workflow.NetworkException{in(61)}, []int64{61}, 0},
		"of two":        {[]workflow.NetworkException{out(61)}, []workflow.NetworkException{in(75)}, []int64{61, 75}, 0},
		"only here":     {[]workflow.NetworkException{out(61)}, nil, nil, 1},
		"only there":    {nil, []workflow.NetworkException{in(61)}, nil, 1},
		"none":          {nil, nil, nil, 1},
		"for other pod": {[]workflow.NetworkException{out(61)}, []workflow.NetworkException{ingress(61, "app=db", pods("payments-api-prod", "app=web"), january, ports("TCP", 5432))}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			after := state(append(slices.Clone(c.here), out(90)), append(slices.Clone(c.there), in(90)))
			report := change(t, Analyzer{}, state(c.here, c.there), after.Tenancies["payments"], after.Tenancies["ledger"])
			if !slices.Equal(report.Redundant, c.want) {
				t.Errorf("it is redundant with %v, want %v", report.Redundant, c.want)
			}
			if got := len(report.Sentences); got != c.opens {
				t.Errorf("it says %q", report.Sentences)
			}
		})
	}
}

func TestWhatIsProlongedIsSaid(t *testing.T) {
	had := []workflow.NetworkException{
		egress(61, "app=api", cidr("10.20.0.0/17"), january, ports("TCP", 5432)),
		egress(62, "app=api", cidr("10.20.128.0/17"), december, ports("TCP", 5432)),
	}
	state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod", had...)))
	asked := egress(90, "app=api", cidr("10.20.0.0/16"), february, ports("TCP", 5432))
	report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-prod", "prod", append(had, asked)...)))
	want := "Keeps TCP 5432 from payments-api-prod (app=api) to 10.20.0.0/16 open until 1 Feb 2027; without it, that closes on 1 Dec 2026."
	if len(report.Redundant) > 0 || !slices.Equal(report.Sentences, []string{want}) {
		t.Errorf("it says %q, redundant with %v", report.Sentences, report.Redundant)
	}
	if opened := drawnPairs(report.Connectivity, workflow.FlowOpened); len(opened) > 0 {
		t.Errorf("it draws %q as opened", opened)
	}
}

func TestADNSNameIsComparedAsAName(t *testing.T) {
	name := func(request int64, fqdn string, until time.Time, numbers ...int32) workflow.NetworkException {
		return egress(request, "app=api", workflow.FlowPeer{FQDN: fqdn}, until, ports("TCP", numbers...))
	}
	for told, c := range map[string]struct {
		had  workflow.NetworkException
		want []int64
	}{
		"the same":                 {name(61, "api.example.com", january, 443), []int64{61}},
		"more ports":               {name(61, "api.example.com", january, 1, 65535), []int64{61}},
		"all names beside it":      {name(61, "*.example.com", january, 443), []int64{61}},
		"names below it":           {name(61, "*.api.example.com", january, 443), nil},
		"names of another":         {name(61, "*.example.org", january, 443), nil},
		"another name":             {name(61, "www.example.com", january, 443), nil},
		"every public address":     {egress(61, "app=api", workflow.FlowPeer{Internet: true}, january, ports("TCP", 443)), nil},
		"the name for another pod": {egress(61, "app=web", workflow.FlowPeer{FQDN: "api.example.com"}, january, ports("TCP", 443)), nil},
	} {
		state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod", c.had)))
		report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-prod", "prod", c.had, name(90, "api.example.com", january, 443))))
		if !slices.Equal(report.Redundant, c.want) {
			t.Errorf("%s: it is redundant with %v, want %v", told, report.Redundant, c.want)
		}
		if opens := slices.ContainsFunc(report.Sentences, func(s string) bool { return strings.HasPrefix(s, "Opens TCP 443") }); opens != (c.want == nil) {
			t.Errorf("%s: it says %q", told, report.Sentences)
		}
	}
}

func TestNothingIsRedundantWhileSomethingOpens(t *testing.T) {
	had := egress(61, "app=api", cidr("10.0.0.0/8"), february, ports("TCP", 5432))
	state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod", had)))
	asked := egress(90, "app=api", cidr("10.20.0.0/16"), january, ports("TCP", 5432))
	report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-prod", "prod", had, asked), namespace("payments-new-dev", "dev")))
	if len(report.Redundant) > 0 {
		t.Errorf("beside a new namespace it is redundant with %v", report.Redundant)
	}
}

func TestOnlyThePartThatIsNewIsToldAsOpened(t *testing.T) {
	for name, c := range map[string]struct {
		had, asked workflow.FlowPeer
		has        []workflow.FlowPort
		asks       []workflow.FlowPort
		opened     string
		stays      string
	}{
		"some ports to pods":      {pods("payments-db-dev", ""), pods("payments-db-dev", ""), ports("TCP", 80), ports("TCP", 80, 90), "TCP 81-90", "TCP 80"},
		"some ports to addresses": {cidr("10.0.0.0/8"), cidr("10.20.0.0/16"), ports("TCP", 80), ports("TCP", 79, 90), "TCP 79, TCP 81-90", "TCP 80"},
		"some addresses":          {cidr("10.20.0.0/17"), cidr("10.20.0.0/16"), ports("TCP", 80), ports("TCP", 80), "TCP 80", ""},
		"another protocol":        {pods("payments-db-dev", ""), pods("payments-db-dev", ""), ports("UDP", 53), ports("TCP", 53), "TCP 53", ""},
	} {
		t.Run(name, func(t *testing.T) {
			give := func(request int64, peer workflow.FlowPeer, on []workflow.FlowPort) (here, there []workflow.NetworkException) {
				here = []workflow.NetworkException{egress(request, "app=api", peer, january, on)}
				if peer.Namespace != "" {
					there = []workflow.NetworkException{ingress(request, "", pods("payments-api-dev", "app=api"), january, on)}
				}
				return here, there
			}
			here, there := give(61, c.had, c.has)
			state := stateOf(tenancy("payments", namespace("payments-api-dev", "dev", here...), namespace("payments-db-dev", "dev", there...)))
			moreHere, moreThere := give(90, c.asked, c.asks)
			report := change(t, Analyzer{}, state, tenancy("payments",
				namespace("payments-api-dev", "dev", append(here, moreHere...)...), namespace("payments-db-dev", "dev", append(there, moreThere...)...)))
			var opened, stays string
			for _, flow := range report.Connectivity.Flows {
				switch {
				case flow.Request != 90:
				case flow.Change == workflow.FlowOpened:
					opened = flow.Ports
				default:
					stays = flow.Ports
				}
			}
			if opened != c.opened || stays != c.stays || !strings.HasPrefix(strings.Join(report.Sentences, ""), "Opens "+c.opened+" from") {
				t.Errorf("it opens %q while %q stays, and says %q; want %q and %q", opened, stays, report.Sentences, c.opened, c.stays)
			}
		})
	}
}

func TestAnOlderRequestThatIsOfNoUseAnyMoreIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		had  workflow.NetworkException
		want string
	}{
		"within the new one":  {egress(61, "app=api", cidr("10.20.0.0/16"), december, ports("TCP", 5432)), "All that request 61 lets through is within this, so it could be ended."},
		"but it lasts longer": {egress(61, "app=api", cidr("10.20.0.0/16"), february, ports("TCP", 5432)), ""},
		"for one port more":   {egress(61, "app=api", cidr("10.20.0.0/16"), december, ports("UDP", 53)), ""},
		"in another place":    {egress(61, "app=api", cidr("172.20.0.0/16"), december, ports("TCP", 5432)), ""},
	} {
		state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod", c.had)))
		asked := egress(90, "", cidr("10.0.0.0/8"), january, ports("TCP", 1, 65535))
		report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-prod", "prod", c.had, asked)))
		t.Run(name, func(t *testing.T) { wants(t, report.Findings, "shadows", workflow.SeverityInfo, c.want) })
	}
}

func TestAPreviewHasNoNumberYet(t *testing.T) {
	had := egress(61, "app=api", cidr("10.0.0.0/8"), february, ports("TCP", 5432))
	state := stateOf(tenancy("payments", namespace("payments-api-prod", "prod", had)))
	preview := func(on []workflow.FlowPort) workflow.NetworkReport {
		asked := egress(0, "app=api", cidr("10.20.0.0/16"), january, on)
		return change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-prod", "prod", asked, had)))
	}
	if report := preview(ports("TCP", 5432)); !slices.Equal(report.Redundant, []int64{61}) {
		t.Errorf("it is redundant with %v", report.Redundant)
	}
	report := preview(ports("TCP", 443))
	if got := table(report.Connectivity)[0]; got != "opened payments-api-prod|app=api > |10.20.0.0/16: TCP 443 (this request)" {
		t.Errorf("it draws %q", got)
	}
}
