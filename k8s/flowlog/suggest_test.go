package flowlog

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// testQuestion asks for the tenant payments; nothing is let through yet but DNS.
func testQuestion() Question {
	return Question{
		Cluster: "weu-1", Until: "2026-12-21",
		Mine:    func(n string) bool { return strings.HasPrefix(n, "payments-") },
		Tenants: func(n string) bool { return strings.HasPrefix(n, "payments-") || strings.HasPrefix(n, "search-") },
		Present: func(_, to Party, _ string, port int32) (bool, error) {
			return to.Namespace == "kube-system" && port == 53, nil
		},
	}
}

// asked writes proposals short.
func asked(s workflow.Suggestions) []string {
	var out []string
	for _, p := range s.Proposals {
		c := p.Change
		out = append(out, fmt.Sprintf("%s of %s (%s), %s %s%s%s %s: %s, %d flows, %d dropped",
			c.Direction, c.Namespace, c.Pods, c.Peer, c.PeerNamespace, c.CIDR, c.FQDN, c.PeerPods, c.Ports, p.Flows, p.Dropped))
	}
	return out
}

func TestTheProposalsCoverWhatWasSeenAndNoMore(t *testing.T) {
	q := testQuestion()
	cases := map[string]struct {
		file string
		fqdn bool
		want []string
	}{
		"Hubble": {"hubble.jsonl", false, []string{
			"egress of payments-api-prod (app.kubernetes.io/name=api), cidr 10.20.3.4/32 : TCP 5432, 2 flows, 2 dropped",
			"egress of payments-api-prod (app.kubernetes.io/name=api), cidr 203.0.113.9/32 : TCP 443, 1 flows, 0 dropped",
			"egress of payments-api-prod (app.kubernetes.io/name=api), namespace search-api-prod app=index: UDP 8125, 1 flows, 1 dropped",
		}},
		"Hubble, where DNS names can be asked for": {"hubble.jsonl", true, []string{
			"egress of payments-api-prod (app.kubernetes.io/name=api), cidr 10.20.3.4/32 : TCP 5432, 2 flows, 2 dropped",
			"egress of payments-api-prod (app.kubernetes.io/name=api), fqdn pay.example.com : TCP 443, 1 flows, 0 dropped",
			"egress of payments-api-prod (app.kubernetes.io/name=api), namespace search-api-prod app=index: UDP 8125, 1 flows, 1 dropped",
		}},
		"Calico": {"calico.jsonl", false, []string{
			"ingress of payments-api-prod (app=api), cidr 198.51.100.7/32 : TCP 8443, 5 flows, 0 dropped",
			"egress of payments-api-prod (app=api), cidr 10.20.3.4/32 : TCP 5432, 3 flows, 3 dropped",
			"egress of payments-api-prod (app=api), namespace search-api-prod app=index: TCP 9200, 2 flows, 0 dropped",
		}},
		"Azure: two neighbouring addresses are one range": {"vnet.json", false, []string{
			"egress of payments-api-prod (app=api), cidr 10.20.3.4/31 : TCP 5432, 2 flows, 1 dropped",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			q.FQDN = c.fqdn
			got, err := Suggest(readFile(t, c.file, testPods(t)), q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, asked(got)); diff != "" {
				t.Errorf("proposals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNotTheTenantsToAskForIsCountedAndNotProposed(t *testing.T) {
	api, other := Party{Namespace: "payments-api"}, Party{Namespace: "search-api"}
	log := Log{Observations: []Observation{
		{From: other, To: Party{Address: netip.MustParseAddr("10.0.0.1")}, Protocol: "TCP", Port: 1, Flows: 2},
		{From: api, To: api, Protocol: "TCP", Port: 2, Flows: 3},
		{From: api, To: Party{Namespace: "kube-system"}, Protocol: "UDP", Port: 53, Flows: 5},
		{From: api, To: Party{Namespace: "monitoring"}, Protocol: "TCP", Port: 9090, Flows: 7},
	}}
	got, err := Suggest(log, testQuestion())
	if err != nil {
		t.Fatal(err)
	}
	want := workflow.Suggestions{Elsewhere: 2, Inside: 3, Allowed: 5, Platform: 7}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestManyPublicAddressesBecomeTheInternetAndManyPrivateOnesAFewRanges(t *testing.T) {
	api := Party{Namespace: "payments-api", Labels: map[string]string{"app": "api"}}
	var log Log
	for i := range 6 {
		for _, first := range []string{"203.0.113", "10.20.7"} {
			log.Observations = append(log.Observations, Observation{
				From: api, To: Party{Address: netip.MustParseAddr(fmt.Sprintf("%s.%d", first, 2*i+1))}, Protocol: "TCP", Port: 443, Flows: 1,
			})
		}
	}
	got, err := Suggest(log, testQuestion())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"egress of payments-api (app=api), internet  : TCP 443, 6 flows, 0 dropped",
		"egress of payments-api (app=api), cidr 10.20.7.0/30 : TCP 443, 2 flows, 0 dropped",
		"egress of payments-api (app=api), cidr 10.20.7.4/30 : TCP 443, 2 flows, 0 dropped",
		"egress of payments-api (app=api), cidr 10.20.7.11/32 : TCP 443, 1 flows, 0 dropped",
		"egress of payments-api (app=api), cidr 10.20.7.9/32 : TCP 443, 1 flows, 0 dropped",
	}
	if diff := cmp.Diff(want, asked(got)); diff != "" {
		t.Error(diff)
	}
	if notes := got.Proposals[0].Notes; len(notes) != 1 || !strings.Contains(notes[0], "6 different public addresses") {
		t.Errorf("notes %q", notes)
	}
}

// Whatever was seen and is missing is covered by a proposal, exactly one for
// pods, and no proposal speaks for another tenant's pods.
func TestEveryMissingFlowIsCovered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		party := rapid.Custom(func(t *rapid.T) Party {
			if rapid.Bool().Draw(t, "pod") {
				return Party{
					Namespace: rapid.SampledFrom([]string{"payments-api", "payments-web", "search-api"}).Draw(t, "namespace"),
					Labels:    map[string]string{"app": rapid.SampledFrom([]string{"a", "b"}).Draw(t, "app")},
				}
			}
			return Party{Address: netip.AddrFrom4([4]byte{rapid.SampledFrom([]byte{10, 203}).Draw(t, "first"), 0, rapid.Byte().Draw(t, "third"), rapid.Byte().Draw(t, "last")})}
		})
		tally := newTally()
		for range rapid.IntRange(1, 40).Draw(t, "flows") {
			tally.add(Observation{
				From: party.Draw(t, "from"), To: party.Draw(t, "to"), Protocol: rapid.SampledFrom([]string{"TCP", "UDP"}).Draw(t, "protocol"),
				Port: int32(rapid.IntRange(1, 12).Draw(t, "port")), Flows: 1, First: time.Unix(2e9, 0), Last: time.Unix(2e9, 0),
			})
		}
		log, q := tally.log(Hubble), testQuestion()
		got, err := Suggest(log, q)
		if err != nil {
			t.Fatal(err)
		}
		var sum int64
		for _, p := range got.Proposals {
			sum += p.Flows
			if !q.Mine(p.Change.Namespace) {
				t.Fatalf("a proposal for %s", p.Change.Namespace)
			}
		}
		if sum+got.Elsewhere+got.Inside+got.Allowed+got.Platform != log.Records {
			t.Fatalf("%d flows in proposals and %+v, of %d", sum, got, log.Records)
		}
		for _, o := range log.Observations {
			if kind, _ := q.sort(o); kind == missing && !slices.ContainsFunc(got.Proposals, func(p workflow.Suggestion) bool { return covers(p.Change, o, q) }) {
				t.Fatalf("%s -> %s %s %d is covered by none of %q", o.From.key(), o.To.key(), o.Protocol, o.Port, asked(got))
			}
		}
	})
}

// covers reads a proposal as a person would.
func covers(c workflow.NetworkChange, o Observation, q Question) bool {
	own, peer := o.From, o.To
	if c.Direction == workflow.Ingress {
		own, peer = o.To, o.From
	}
	if own.Namespace != c.Namespace || workflow.LabelsTyped(own.Labels) != c.Pods || !strings.Contains(", "+expand(c.Ports)+",", fmt.Sprintf(", %s %d,", o.Protocol, o.Port)) {
		return false
	}
	switch c.Peer {
	case workflow.PeerNamespace:
		return peer.Namespace == c.PeerNamespace && workflow.LabelsTyped(peer.Labels) == c.PeerPods
	case workflow.PeerInternet:
		return !peer.IsPod() && public(peer.Address)
	default:
		return !peer.IsPod() && netip.MustParsePrefix(c.CIDR).Contains(peer.Address)
	}
}

// expand writes each port of a range.
func expand(ports string) string {
	var all []string
	for _, part := range strings.Split(ports, ", ") {
		protocol, span, _ := strings.Cut(part, " ")
		var first, last int
		if n, _ := fmt.Sscanf(span, "%d-%d", &first, &last); n < 2 {
			last = first
		}
		for port := first; port <= last; port++ {
			all = append(all, fmt.Sprintf("%s %d", protocol, port))
		}
	}
	return strings.Join(all, ", ")
}

// A log may hold an address for every flow. What comes out stays something a
// person can look at, and still covers all of it where it is not cut off.
func TestALogFullOfAddressesComesToFewProposals(t *testing.T) {
	api := Party{Namespace: "payments-api", Labels: map[string]string{"app": "api"}}
	tally := newTally()
	for i := range 40_000 {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 14), byte(i >> 6), byte(i<<2) | 1})
		tally.add(Observation{From: api, To: Party{Address: address}, Protocol: "TCP", Port: 443, Flows: 1})
	}
	got, err := Suggest(tally.log(Hubble), testQuestion())
	if err != nil {
		t.Fatal(err)
	}
	var flows int64
	for _, p := range got.Proposals {
		flows += p.Flows
	}
	if len(got.Proposals) > fewRanges || flows != 40_000 || got.More != 0 {
		t.Errorf("%d proposals for %d flows, %d more: %q", len(got.Proposals), flows, got.More, asked(got))
	}
}

func TestNoMoreProposalsAreShownThanAPersonCanLookAt(t *testing.T) {
	var log Log
	for i := range mostProposals + 7 {
		log.Observations = append(log.Observations, Observation{
			From: Party{Namespace: fmt.Sprintf("payments-%d", i)}, To: Party{Address: netip.MustParseAddr("10.0.0.1")}, Protocol: "TCP", Port: 443, Flows: int64(i + 1),
		})
	}
	got, err := Suggest(log, testQuestion())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Proposals) != mostProposals || got.More != 7 || got.Proposals[mostProposals-1].Flows != 8 {
		t.Errorf("%d proposals and %d more; the last has %d flows", len(got.Proposals), got.More, got.Proposals[len(got.Proposals)-1].Flows)
	}
}
