package analyzer

import (
	"fmt"
	"slices"
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"pgregory.net/rapid"

	"tenure.dev/k8s/manifest"
	"tenure.dev/k8s/network"
	"tenure.dev/workflow"
)

// somewhere are the namespaces of generated worlds; there is one that is removed
// or new, and one that nobody has.
var somewhere = map[string][]string{"payments": {"payments-a", "payments-b"}, "ledger": {"ledger-a"}}

func generatedException(t *rapid.T, request int64, at string) workflow.NetworkException {
	label := rapid.SampledFrom([]string{"", "app=x", "app=y", "tier=w"})
	peers := []workflow.FlowPeer{{Internet: true}, cidr("10.0.0.0/8"), cidr("10.20.0.0/16"), cidr("10.20.0.0/16", "10.20.1.0/24"), cidr("10.20.1.0/24")}
	for _, name := range []string{"payments-a", "payments-b", "ledger-a", "nobody-a", "monitoring"} {
		if name != at {
			peers = append(peers, pods(name, label.Draw(t, "peer pods")))
		}
	}
	number := rapid.Int32Range(1, 4).Draw(t, "port")
	e := workflow.NetworkException{
		Direction: rapid.SampledFrom([]workflow.FlowDirection{workflow.Ingress, workflow.Egress}).Draw(t, "direction"),
		Pods:      labelled(label.Draw(t, "pods")),
		Ports:     []workflow.FlowPort{{Protocol: rapid.SampledFrom([]string{"TCP", "UDP"}).Draw(t, "protocol"), Port: number, EndPort: number + rapid.Int32Range(0, 3).Draw(t, "more")}},
		Until:     rapid.SampledFrom([]time.Time{noon, december, february}).Draw(t, "until"), Request: request,
	}
	peer := rapid.SampledFrom(peers).Draw(t, "peer")
	if e.Direction == workflow.Ingress {
		e.From = &peer
	} else {
		e.To = &peer
	}
	return e
}

// generatedState gives each namespace some of the exceptions, and leaves one
// namespace out now and then.
func generatedState(t *rapid.T, pool map[string][]workflow.NetworkException) map[string]workflow.Tenancy {
	tenancies := map[string]workflow.Tenancy{}
	for _, tenant := range []string{"payments", "ledger"} {
		var namespaces []workflow.Namespace
		for _, name := range somewhere[tenant] {
			var has []workflow.NetworkException
			for _, e := range pool[name] {
				if rapid.Bool().Draw(t, "given") {
					has = append(has, e)
				}
			}
			if name != "payments-b" || rapid.IntRange(0, 3).Draw(t, "there") > 0 {
				namespaces = append(namespaces, namespace(name, "dev", has...))
			}
		}
		tenancies[tenant] = tenancy(tenant, namespaces...)
	}
	return tenancies
}

// clusterOf renders everything, and has a pod of every kind in every namespace.
func clusterOf(t *rapid.T, tenancies map[string]workflow.Tenancy) *network.Cluster {
	objects := network.Objects{}
	everyKind := func(namespace string) {
		for _, app := range []string{"", "x", "y", "prometheus"} {
			for _, tier := range []string{"", "w"} {
				labels := map[string]string{"k8s-app": "kube-dns"}
				if app != "" {
					labels["app"] = app
				}
				if tier != "" {
					labels["tier"] = tier
				}
				objects.Workloads = append(objects.Workloads, network.Workload{Namespace: namespace, Kind: "Pod", Name: "pod-" + app + tier, Labels: labels})
			}
		}
	}
	for _, platform := range testPolicy().PlatformNamespaces {
		everyKind(platform)
	}
	for _, tenancy := range tenancies {
		for _, n := range tenancy.Namespaces {
			everyKind(n.Name)
			n.Network = slices.DeleteFunc(slices.Clone(n.Network), func(e workflow.NetworkException) bool { return e.Expired(noon) })
			rendered, err := manifest.Objects(testPolicy(), tenancy, n)
			if err != nil {
				t.Fatal(err)
			}
			for _, object := range rendered {
				if policy, ok := object.Typed.(*networkingv1.NetworkPolicy); ok {
					objects.Policies = append(objects.Policies, policy)
				}
			}
		}
	}
	cluster, err := network.New(objects)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// between names the two namespaces of a flow, if it gets through; addresses are "".
func between(from, to network.End) (string, bool) {
	if from.Pods != nil || to.Pods != nil {
		return "", false
	}
	names := [2]string{}
	for i, end := range []network.End{from, to} {
		if end.Workload != nil {
			names[i] = end.Workload.Namespace
		}
	}
	return names[0] + ">" + names[1], names[0] != names[1]
}

// pairs lists between which namespaces flows open, by k8s/network alone.
func pairs(difference network.Difference) (opened, closed []string) {
	add := func(list *[]string, from, to network.End, really bool) {
		if pair, through := between(from, to); through && really && !slices.Contains(*list, pair) {
			*list = append(*list, pair)
		}
	}
	for _, flow := range difference.Opened {
		add(&opened, flow.From, flow.To, true)
	}
	for _, flow := range difference.Closed {
		add(&closed, flow.From, flow.To, true)
	}
	for _, c := range difference.Changed {
		before, after := portsOf(c.Before), portsOf(c.After)
		add(&opened, c.From, c.To, len(after.minus(before)) > 0)
		add(&closed, c.From, c.To, len(before.minus(after)) > 0)
	}
	slices.Sort(opened)
	slices.Sort(closed)
	return opened, closed
}

// drawnPairs lists the same of a picture.
func drawnPairs(c workflow.Connectivity, change workflow.FlowChange) []string {
	names := map[string]string{}
	for _, end := range c.Ends {
		names[end.ID] = end.Namespace
	}
	var found []string
	for _, flow := range c.Flows {
		if pair := names[flow.From] + ">" + names[flow.To]; flow.Change == change && !slices.Contains(found, pair) {
			found = append(found, pair)
		}
	}
	slices.Sort(found)
	return found
}

func TestWhatIsDrawnAsOpenedIsExactlyWhatOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := map[string][]workflow.NetworkException{}
		request := int64(0)
		for _, name := range []string{"payments-a", "payments-b", "ledger-a"} {
			pool[name] = nil
			for range rapid.IntRange(0, 4).Draw(t, "exceptions") {
				request++
				pool[name] = append(pool[name], generatedException(t, request, name))
			}
		}
		pool = mirrored(pool)
		before, after := generatedState(t, pool), generatedState(t, pool)
		state := &workflow.ApprovedState{Policy: testPolicy(), Tenancies: before}
		report, err := Analyzer{}.Change(state, "payments", []workflow.Tenancy{after["payments"], after["ledger"]}, noon)
		if err != nil {
			t.Fatal(err)
		}
		opened, closed := pairs(network.Diff(clusterOf(t, before), clusterOf(t, after)))
		if got := drawnPairs(report.Connectivity, workflow.FlowOpened); !slices.Equal(got, opened) {
			t.Errorf("opened is %q, drawn %q", opened, got)
		}
		if got := drawnPairs(report.Connectivity, workflow.FlowClosed); !slices.Equal(got, closed) {
			t.Errorf("closed is %q, drawn %q", closed, got)
		}
		said := slices.ContainsFunc(report.Sentences, func(s string) bool { return s[:5] == "Opens" || s[:5] == "Lets " })
		if said != (len(opened) > 0) {
			t.Errorf("opened is %q, said %q", opened, report.Sentences)
		}
		if len(opened) > 0 && len(report.Redundant) > 0 {
			t.Errorf("it opens %q and is redundant with %v", opened, report.Redundant)
		}
	})
}

// mirrored adds to exceptions between namespaces their other ends, but for some,
// so that there are one-sided ones too.
func mirrored(pool map[string][]workflow.NetworkException) map[string][]workflow.NetworkException {
	all := map[string][]workflow.NetworkException{}
	for at, exceptions := range pool {
		all[at] = append(all[at], exceptions...)
		for _, e := range exceptions {
			peer := e.Peer()
			if _, ours := pool[peer.Namespace]; !ours || e.Request%4 == 0 {
				continue
			}
			far := workflow.FlowPeer{Namespace: at, PodLabels: e.Pods}
			other := workflow.NetworkException{Direction: opposite(e.Direction), Pods: peer.PodLabels, Ports: e.Ports, Until: e.Until, Request: e.Request}
			if e.Direction == workflow.Egress {
				other.From = &far
			} else {
				other.To = &far
			}
			all[peer.Namespace] = append(all[peer.Namespace], other)
		}
	}
	return all
}

func TestAGeneratedWorldIsDrawnAlikeEachTime(t *testing.T) {
	r := reports()["another-tenant"]
	first := fmt.Sprint(change(t, Analyzer{Workloads: r.runs}, r.state, r.after...))
	for range 20 {
		if again := fmt.Sprint(change(t, Analyzer{Workloads: r.runs}, r.state, r.after...)); again != first {
			t.Fatalf("the second time it says\n%s\nand the first\n%s", again, first)
		}
	}
}
