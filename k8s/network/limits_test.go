package network

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// repeated writes n parts as a flow list of YAML.
func repeated(n int, part func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = part(i)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func oddPort(i int) string { return fmt.Sprintf("{port: %d}", 2*i+1) }

func TestAPolicyPastALimitIsNamedWithTheFieldAndTheNumber(t *testing.T) {
	anyPeer := func(int) string { return "{podSelector: {}}" }
	for name, c := range map[string]struct {
		at   func(n int) string // a policy with n of them
		most int
		want string
	}{
		"rules": {func(n int) string {
			return "podSelector: {}\ningress: " + repeated(n, func(int) string { return "{}" })
		}, MaxRules, "spec.ingress: a NetworkPolicy that is to be judged may have at most 200 rules in both directions, and this has 201"},
		"peers": {func(n int) string { return "podSelector: {}\ningress: [{from: " + repeated(n, anyPeer) + "}]" }, MaxPeers, "spec.ingress[0].from: a NetworkPolicy that is to be judged may have at most 500 peers in all its rules, and this has 501"},
		"ports": {func(n int) string { return "podSelector: {}\negress: [{ports: " + repeated(n, oddPort) + "}]" }, MaxPorts, "spec.egress[0].ports: a NetworkPolicy that is to be judged may have at most 500 ports in all its rules, and this has 501"},
		"labels": {func(n int) string {
			return "podSelector: {matchExpressions: " + repeated(n, func(i int) string { return fmt.Sprintf("{key: k%d, operator: Exists}", i) }) + "}"
		}, MaxRequirements, "spec.podSelector: a NetworkPolicy that is to be judged may have at most 500 labels and values in all its selectors, and this has 501"},
		"values": {func(n int) string {
			return "podSelector: {matchExpressions: [{key: k, operator: NotIn, values: " + repeated(n, func(i int) string { return fmt.Sprint("v", i) }) + "}]}"
		}, MaxRequirements, "spec.podSelector: a NetworkPolicy that is to be judged may have at most 500 labels and values in all its selectors, and this has 501"},
		"excepts": {func(n int) string {
			return "podSelector: {}\negress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: " + repeated(n, func(i int) string { return fmt.Sprintf("10.%d.%d.0/24", i/256, i%256) }) + "}}]}]"
		}, MaxExcepts, "spec.egress[0].to: a NetworkPolicy that is to be judged may have at most 1000 except ranges in all its ipBlocks, and this has 1001"},
	} {
		if err := CheckLimits(&policyOf(t, c.at(c.most)).Spec, MaxBytes); err != nil {
			t.Errorf("%d %s: %v", c.most, name, err)
		}
		var limits LimitError
		if err := CheckLimits(&policyOf(t, c.at(c.most+1)).Spec, MaxBytes); !errors.As(err, &limits) || err.Error() != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := CheckLimits(&networkingv1.NetworkPolicySpec{}, MaxBytes+1); err == nil || err.Error() != "spec: a NetworkPolicy that is to be judged may have at most 65536 bytes of spec as JSON, and this has 65537" {
		t.Errorf("bytes: %v", err)
	}
}

// The largest policies are judged in as many steps as a question may take, whatever
// is granted, and what is within its limits in every way is judged to the end.
func TestTheLargestPolicyIsJudgedInBoundedSteps(t *testing.T) {
	apps := func(i int) string { return fmt.Sprintf("{podSelector: {matchLabels: {app: a%d}}}", i) }
	ports := ", ports: " + repeated(MaxPorts, oddPort)
	inside := policyOf(t, "podSelector: {}\ningress: [{from: "+repeated(MaxPeers-50, apps)+ports+"}]")
	wide := policyOf(t, "podSelector: {}\ningress: [{from: "+strings.TrimSuffix(repeated(MaxPeers-50, func(int) string { return "{podSelector: {}}" }), "]")+", {namespaceSelector: {}}]"+ports+"}]")
	grants, err := NewGrants(Namespace{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := grants.Keeping(wide, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		granted *Grants
		asked   *networkingv1.NetworkPolicy
		beyond  int
	}{
		"inside": {grants, inside, 0}, "wide": {grants, wide, 1}, "a wide one beside itself": {kept, wide, 0}, "less of it": {kept, inside, 0},
	} {
		if err := CheckLimits(&c.asked.Spec, 0); err != nil {
			t.Fatal(err)
		}
		metered := c.granted.Metered(maxSteps)
		beyond, err := metered.Beyond(c.asked, 16)
		if err != nil || len(beyond) != c.beyond || metered.meter.left < maxSteps/2 {
			t.Errorf("%s: %d beyond, %d steps left: %v", name, len(beyond), metered.meter.left, err)
		}
	}
}

func TestStepsThatAreUsedUpEndEveryQuestion(t *testing.T) {
	grants, err := NewGrants(Namespace{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	policy := policyOf(t, "podSelector: {}\ningress: [{from: [{podSelector: {}}]}]")
	metered, within, questions := grants.Metered(100), true, 0
	for ; err == nil && questions < 100; questions++ {
		_, within, err = metered.Within(policy)
	}
	if within || !errors.Is(err, ErrTooComplex) || questions < 2 {
		t.Errorf("within is %v after %d questions: %v", within, questions, err)
	}
}

// What is put in order at once is what adding one after the other gives.
func TestPortsAreTheSameGatheredAndAddedOneByOne(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		list := make([]networkingv1.NetworkPolicyPort, random.IntN(12))
		for i := range list {
			port := intstr.FromInt32(1 + random.Int32N(40))
			switch random.IntN(8) {
			case 0:
				port = intstr.FromString([]string{"http", "https", "sql"}[random.IntN(3)])
			case 1:
				end := port.IntVal + random.Int32N(20)
				list[i].EndPort = &end
			case 2:
				port = intstr.FromInt32(maxPort)
			}
			list[i].Port = &port
		}
		c := compiler{policy: &policy{}}
		var added Ports
		for i := range list {
			added = added.union(c.ports(list[i:i+1], nil))
		}
		if at := c.ports(list, nil); !at.equal(added) || len(c.errs) > 0 {
			t.Fatalf("%v: %s, not %s (%v)", list, at, added, c.errs)
		}
	}
}

func TestASelectorIsTheSameGatheredAndNarrowedKeyByKey(t *testing.T) {
	source := &metav1.LabelSelector{MatchLabels: map[string]string{"b": "x", "a": "y"}, MatchExpressions: []metav1.LabelSelectorRequirement{
		{Key: "c", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"2", "1"}},
		{Key: "c", Operator: metav1.LabelSelectorOpExists},
		{Key: "b", Operator: metav1.LabelSelectorOpIn, Values: []string{"z", "x"}},
	}}
	c := compiler{policy: &policy{}}
	if got := c.selector(source, everyPod(), nil).String(); got != "a=y, b=x, c, c notin (1, 2)" {
		t.Error(got)
	}
	source.MatchExpressions = append(source.MatchExpressions, metav1.LabelSelectorRequirement{Key: "a", Operator: metav1.LabelSelectorOpDoesNotExist})
	if got := c.selector(source, everyPod(), nil); !got.none || len(c.errs) > 0 {
		t.Error(got, c.errs)
	}
}
