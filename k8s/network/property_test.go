package network

import (
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
)

func drawnCluster(t *rapid.T, o Objects) *Cluster {
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func drawProbe(t *rapid.T, o Objects) (probe Probe, from, to naivePod) {
	probe.From, from = drawEnd(t, o)
	probe.To, to = drawEnd(t, o)
	if from.address.IsValid() && to.address.IsValid() {
		from = naivePod{namespace: "own"}
		probe.From = Endpoint{Namespace: "own"}
	}
	probe.Protocol = rapid.SampledFrom(protocols[:]).Draw(t, "protocol")
	probe.Port = rapid.SampledFrom(worldPorts).Draw(t, "number")
	return probe, from, to
}

func TestAllowsAgreesWithANaiveReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawObjects(t)
		c, n := drawnCluster(t, o), naiveOf(o)
		for range 40 {
			probe, from, to := drawProbe(t, o)
			got, err := c.Allows(probe)
			if want := n.allows(from, to, probe.Protocol, probe.Port); err != nil || got != want {
				t.Fatalf("%+v is %v (%v), a naive reading says %v", probe, got, err, want)
			}
		}
	})
}

func TestAPolicyForSelectedPodsNeverClosesAFlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawObjects(t)
		before := drawnCluster(t, o)
		added := drawPolicy(t, "own", "added")
		// It selects only pods that a policy selects already, in its directions.
		twin := drawPolicy(t, "own", "twin")
		twin.Spec.PodSelector, twin.Spec.PolicyTypes = added.Spec.PodSelector, []networkingv1.PolicyType{"Ingress", "Egress"}
		policies := slices.DeleteFunc(slices.Clone(o.Policies), func(p *networkingv1.NetworkPolicy) bool { return p.Namespace != "own" })
		before, err := before.WithPolicies("own", append(policies, twin)...)
		if err != nil {
			t.Fatal(err)
		}
		after, err := before.WithPolicies("own", append(policies, twin, added)...)
		if err != nil {
			t.Fatal(err)
		}
		if d := Diff(before, after); len(d.Closed)+len(d.Narrowed) > 0 {
			t.Fatalf("closed: %+v, narrowed: %+v", d.Closed, d.Narrowed)
		}
		for range 40 {
			probe, _, _ := drawProbe(t, o)
			was, err := before.Allows(probe)
			is, err2 := after.Allows(probe)
			if err != nil || err2 != nil || was && !is {
				t.Fatalf("%+v was let through and is not (%v, %v)", probe, err, err2)
			}
		}
	})
}

// naiveBeyond tries everything that can be asked of one end of the policy in the small
// world, and gives a flow that it lets through and none of the granted does.
func naiveBeyond(policy *networkingv1.NetworkPolicy, granted []*networkingv1.NetworkPolicy) (found string) {
	eachOther(func(other naivePod, space map[string]string) {
		n := naive{namespaces: map[string]map[string]string{other.namespace: space}}
		for _, d := range directions {
			asked := n.rules(policy, d, other)
			if len(asked) == 0 || !naiveAffects(policy, d) {
				continue
			}
			for _, labels := range worldPods {
				if !naiveMatch(&policy.Spec.PodSelector, labels) {
					continue
				}
				var given [][]networkingv1.NetworkPolicyPort
				for _, p := range granted {
					if naiveMatch(&p.Spec.PodSelector, labels) && naiveAffects(p, d) {
						given = append(given, n.rules(p, d, other)...)
					}
				}
				destinations := worldDeclared
				if d == Egress && other.address.IsValid() {
					destinations = [][]ContainerPort{nil} // no address names its ports
				}
				if flow := portBeyond(destinations, asked, given); flow != "" {
					found = fmt.Sprintf("%s of %v with %+v in %v on %s", d, labels, other, space, flow)
				}
			}
		}
	})
	return found
}

// portBeyond tries every port of every destination.
func portBeyond(destinations [][]ContainerPort, asked, given [][]networkingv1.NetworkPolicyPort) string {
	for _, declared := range destinations {
		destination := naivePod{ports: declared}
		for _, protocol := range protocols {
			for _, port := range worldPorts {
				lets := func(ports []networkingv1.NetworkPolicyPort) bool {
					return naivePorts(ports, destination, protocol, port)
				}
				if slices.ContainsFunc(asked, lets) && !slices.ContainsFunc(given, lets) {
					return fmt.Sprintf("%s %d declared as %v", protocol, port, declared)
				}
			}
		}
	}
	return ""
}

func eachOther(yield func(other naivePod, space map[string]string)) {
	for _, address := range worldAddresses {
		yield(naivePod{address: address}, nil)
	}
	for _, name := range []string{"n1", "n2"} {
		for _, space := range worldSpaces {
			for _, labels := range worldPods {
				yield(naivePod{namespace: name, labels: labels}, space)
			}
		}
	}
}

func naiveLets(n naive, p *networkingv1.NetworkPolicy, d Direction, own, other naivePod, protocol corev1.Protocol, port int32) bool {
	destination := other
	if d == Ingress {
		destination = own
	}
	return naiveMatch(&p.Spec.PodSelector, own.labels) && naiveAffects(p, d) && n.lets(p, d, other, destination, protocol, port)
}

// drawAsked gives grants and a policy to be compared with them: any, or one that the
// grants hold in parts.
func drawAsked(t *rapid.T) (granted []*networkingv1.NetworkPolicy, asked *networkingv1.NetworkPolicy) {
	granted = drawPolicies(t, "own", 3)
	asked = drawPolicy(t, "own", "asked")
	if rapid.Bool().Draw(t, "unrelated") {
		return granted, asked
	}
	key := rapid.SampledFrom([]string{"app", "tier"}).Draw(t, "split by")
	for i, operator := range []metav1.LabelSelectorOperator{metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn} {
		part := asked.DeepCopy()
		part.Name = fmt.Sprintf("part%d", i)
		part.Spec.PolicyTypes = []networkingv1.PolicyType{"Ingress", "Egress"}
		requirement := metav1.LabelSelectorRequirement{Key: key, Operator: operator, Values: []string{"a", "x"}}
		selectors := []*metav1.LabelSelector{&part.Spec.PodSelector}
		if rapid.Bool().Draw(t, "split peers") {
			selectors = peerSelectors(part)
		}
		for _, s := range selectors {
			s.MatchExpressions = append(s.MatchExpressions, requirement)
		}
		if rapid.IntRange(0, 4).Draw(t, "leave out") > 0 {
			granted = append(granted, part)
		}
	}
	return granted, asked
}

func peerSelectors(p *networkingv1.NetworkPolicy) []*metav1.LabelSelector {
	var list []*metav1.LabelSelector
	add := func(peers []networkingv1.NetworkPolicyPeer) {
		for i := range peers {
			if peers[i].PodSelector != nil {
				list = append(list, peers[i].PodSelector)
			}
		}
	}
	for _, r := range p.Spec.Ingress {
		add(r.From)
	}
	for _, r := range p.Spec.Egress {
		add(r.To)
	}
	return list
}

// TestWithinAgreesWithTryingEverything: a yes is tried on every flow of the world; a
// no is true if its witness is let through and not granted.
func TestWithinAgreesWithTryingEverything(t *testing.T) {
	within, beyond := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		granted, policy := drawAsked(t)
		grants, err := NewGrants(Namespace{Name: "own"}, granted...)
		if err != nil {
			t.Fatal(err)
		}
		witness, yes, err := grants.Within(policy)
		if err != nil {
			t.Fatal(err)
		}
		opens := func(d Direction, own, other naivePod, space map[string]string, protocol corev1.Protocol, port int32) bool {
			n := naive{namespaces: map[string]map[string]string{other.namespace: space}}
			lets := naiveLets(n, policy, d, own, other, protocol, port)
			if other.address.IsValid() {
				other.ports = nil // a name at addresses is never granted
			}
			return other.namespace != "own" && lets &&
				!slices.ContainsFunc(granted, func(p *networkingv1.NetworkPolicy) bool { return naiveLets(n, p, d, own, other, protocol, port) })
		}
		if !yes {
			beyond++
			own, other, space := witnessPods(witness)
			if !opens(witness.Direction, own, other, space, witness.Protocol, witness.Port) {
				t.Fatalf("the witness %q (%+v) is granted or not let through", witness, witness)
			}
			return
		}
		within++
		if flow := naiveBeyond(policy, granted); flow != "" {
			t.Fatalf("said to be within, but %s is not granted", flow)
		}
	})
	if !t.Failed() && (within < 10 || beyond < 10) {
		t.Errorf("%d within and %d beyond are too few to say anything", within, beyond)
	}
}

// witnessPods are the ends of a witness as a naive reading takes them.
func witnessPods(w Witness) (own, other naivePod, space map[string]string) {
	probe := w.Probe()
	mine, theirs := probe.From, probe.To
	if w.Direction == Ingress {
		mine, theirs = theirs, mine
	}
	own = naivePod{namespace: "own", labels: mine.Labels, ports: mine.Ports}
	other = naivePod{namespace: theirs.Namespace, labels: theirs.Labels, ports: theirs.Ports, address: theirs.Address}
	if w.namedAtAddress() { // an engine that knows the pod at the address
		other.ports = []ContainerPort{{w.PortName, w.Protocol, w.Port}}
	}
	return own, other, theirs.NamespaceLabels
}
