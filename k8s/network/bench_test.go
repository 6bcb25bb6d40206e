package network

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// benchmarkSpecs are what a namespace of a shared cluster typically has.
var benchmarkSpecs = []string{
	"podSelector: {}\npolicyTypes: [Ingress, Egress]",
	"podSelector: {}\negress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}]\npolicyTypes: [Egress]",
	"podSelector: {}\ningress: [{from: [{podSelector: {}}]}]\negress: [{to: [{podSelector: {}}]}]",
	"podSelector: {matchLabels: {app: api}}\ningress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}}], ports: [{port: 8080}]}]",
	"podSelector: {matchLabels: {app: api}}\negress: [{to: [{ipBlock: {cidr: 10.20.0.0/16, except: [10.20.7.0/24]}}], ports: [{port: 5432}]}]\npolicyTypes: [Egress]",
}

// benchmarkChange opens the namespace to those of another team.
const benchmarkChange = "podSelector: {matchLabels: {app: api}}\ningress: [{from: [{namespaceSelector: {matchLabels: {team: team-1}}, podSelector: {matchLabels: {app: worker}}}], ports: [{port: 8080}]}]"

// benchmarkCluster has five policies and two workloads in each namespace, and ten
// namespaces a team.
func benchmarkCluster(b *testing.B, namespaces int) *Cluster {
	b.Helper()
	var specs []networkingv1.NetworkPolicySpec
	for _, text := range benchmarkSpecs {
		var spec networkingv1.NetworkPolicySpec
		if err := yaml.UnmarshalStrict([]byte(text), &spec); err != nil {
			b.Fatal(err)
		}
		specs = append(specs, spec)
	}
	var o Objects
	for i := range namespaces {
		name := fmt.Sprintf("ns-%d", i)
		o.Namespaces = append(o.Namespaces, Namespace{name, map[string]string{"team": fmt.Sprintf("team-%d", i/10), "env": "prod"}})
		for _, app := range []string{"api", "worker"} {
			o.Workloads = append(o.Workloads, Workload{Namespace: name, Name: app, Kind: "Deployment", Labels: map[string]string{"app": app}})
		}
		for k, spec := range specs {
			o.Policies = append(o.Policies, &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("p%d", k), Namespace: name}, Spec: spec})
		}
	}
	c, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkDiffOfOneNamespace compares a plan's difference, the changed cluster made
// anew each time, in a cluster of 10,000 namespaces with 50,000 policies and in one of
// 100. The ratio should be 1.
func BenchmarkDiffOfOneNamespace(b *testing.B) {
	small, large := benchmarkCluster(b, 100), benchmarkCluster(b, 10_000)
	var policies []*networkingv1.NetworkPolicy
	for k, spec := range append(benchmarkSpecs[:len(benchmarkSpecs):len(benchmarkSpecs)], benchmarkChange) {
		p := policyOf(b, spec)
		p.Name, p.Namespace = fmt.Sprintf("p%d", k), "ns-42"
		policies = append(policies, p)
	}
	plan := func(c *Cluster) {
		after, err := c.WithPolicies("ns-42", policies...)
		if err != nil {
			b.Fatal(err)
		}
		if d := Diff(c, after); len(d.Opened) == 0 || len(d.Widened) != 1 {
			b.Fatalf("%+v", d)
		}
	}
	var took [2][]time.Duration
	for b.Loop() {
		for i, c := range []*Cluster{small, large} { // by turns, so that both see the same machine
			start := time.Now()
			plan(c)
			took[i] = append(took[i], time.Since(start))
		}
	}
	b.ReportMetric(median(took[0])*1e6, "µs/100-namespaces")
	b.ReportMetric(median(took[1])*1e6, "µs/10000-namespaces")
	b.ReportMetric(median(took[1])/median(took[0]), "ratio")
}

// median is in seconds. Unlike the mean it does not say how busy the machine was.
func median(took []time.Duration) float64 {
	slices.Sort(took)
	return took[len(took)/2].Seconds()
}

// BenchmarkWithin compares judging a policy with decoding it, which nobody can do
// without. The bound is 20.
func BenchmarkWithin(b *testing.B) {
	var granted []*networkingv1.NetworkPolicy
	for _, spec := range append(benchmarkSpecs[1:], benchmarkChange) {
		granted = append(granted, policyOf(b, spec))
	}
	grants, err := NewGrants(Namespace{Name: "shop"}, granted...)
	if err != nil {
		b.Fatal(err)
	}
	tests := map[string]struct {
		spec   string
		within bool
	}{
		"within": {benchmarkSpecs[4], true},
		"inside": {benchmarkSpecs[2], true},
		"beyond": {"podSelector: {}\negress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 5432}]}]\npolicyTypes: [Egress]", false},
	}
	for name, test := range tests {
		b.Run(name, func(b *testing.B) {
			raw, err := json.Marshal(policyOf(b, test.spec))
			if err != nil {
				b.Fatal(err)
			}
			var decoding, judging []time.Duration
			for b.Loop() {
				start := time.Now()
				var policy networkingv1.NetworkPolicy
				if err := json.Unmarshal(raw, &policy); err != nil {
					b.Fatal(err)
				}
				decoded := time.Now()
				if _, within, err := grants.Within(&policy); err != nil || within != test.within {
					b.Fatal(within, err)
				}
				judged := time.Now()
				decoding, judging = append(decoding, decoded.Sub(start)), append(judging, judged.Sub(decoded))
			}
			b.ReportMetric(median(judging)*1e6, "µs/within")
			b.ReportMetric(median(judging)/median(decoding), "ratio")
		})
	}
}
