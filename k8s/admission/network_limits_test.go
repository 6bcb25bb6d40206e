package admission

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"tenure.dev/k8s/network"
	"tenure.dev/workflow"
)

// many repeats a part of a policy.
func many(n int, part func(i int) any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = part(i)
	}
	return list
}

func oddPort(i int) any { return tree{"port": 2*i + 1} }

// peersAndPorts has n peers inside the namespace, one beyond, and n ports.
func peersAndPorts(n int) tree {
	peers := many(n, func(int) any { return tree{"podSelector": tree{}} })
	return tree{"podSelector": tree{}, "ingress": []any{tree{"from": append(peers, tree{"namespaceSelector": tree{}}), "ports": many(n, oddPort)}}}
}

func policyWith(t testing.TB, spec tree) tree {
	policy := ownPolicy(t, "{podSelector: {}}")
	set(policy, spec, "spec")
	return policy
}

func TestAPolicyThatIsTooLargeIsRefusedBeforeItIsCompared(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	governed := approvedObjects(t, snapshot, testSpace)["NetworkPolicy/tenure-exception-61-egress"]
	for name, c := range map[string]struct {
		spec tree
		want string
	}{
		"800 peers and ports":  {peersAndPorts(800), `spec.ingress[0].from "801": a NetworkPolicy that is to be judged may have at most 500 peers in all its rules, and this has 801; write several smaller ones.`},
		"1200 peers and ports": {peersAndPorts(1200), `spec.ingress[0].ports "1200": a NetworkPolicy that is to be judged may have at most 500 ports in all its rules, and this has 1200;`},
		"8000 expressions": {tree{"podSelector": tree{"matchExpressions": many(8000, func(i int) any { return tree{"key": fmt.Sprint("k", i), "operator": "Exists"} })}},
			`spec "`},
		"16000 ports": {tree{"podSelector": tree{}, "ingress": []any{tree{"ports": many(16000, oddPort)}}},
			`may have at most 65536 bytes of spec as JSON, and this has `},
	} {
		t.Run(name, func(t *testing.T) {
			policy := policyWith(t, c.spec)
			if text := expectRefused(t, snapshot, asked(write(t, developer, nil, policy)), "network-opening"); !strings.Contains(text, c.want) {
				t.Errorf("the denial is\n%s", text)
			}
			expectRefused(t, snapshot, asked(write(t, developer, ownPolicy(t, "{podSelector: {}}"), policy)), "network-opening")
			expectAllowed(t, snapshot, asked(write(t, developer, policy, policy)))
			expectAllowed(t, snapshot, asked(write(t, developer, policy, nil)))
			expectAllowed(t, snapshot, asked(write(t, developer, policy, ownPolicy(t, "{podSelector: {}}"))))
			theirs := clone(t, governed)
			set(theirs, c.spec, "spec")
			if text := expectRefused(t, snapshot, asked(write(t, gitOps, governed, theirs)), "governed"); !strings.Contains(text, "a NetworkPolicy that is to be judged may have at most") {
				t.Errorf("the denial of what Tenure rendered is\n%s", text)
			}
		})
	}
}

func TestTheLargestPolicyIsJudgedAndToldInBoundedSteps(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	spec := peersAndPorts(network.MaxPorts - 1)
	decision := Evaluate(snapshot, asked(write(t, developer, nil, policyWith(t, spec))))
	if decision.Allowed || len(decision.Violations) != 1 || decision.Violations[0].Field != fmt.Sprintf("spec.ingress[0].from[%d]", network.MaxPorts-1) {
		t.Errorf("allowed is %v: %+v", decision.Allowed, decision.Violations)
	}
	narrow := clone(t, spec)
	rule := narrow["ingress"].([]any)[0].(tree)
	rule["ports"] = rule["ports"].([]any)[1:]
	expectAllowed(t, snapshot, asked(write(t, developer, policyWith(t, spec), policyWith(t, narrow))))
	// What naming the parts takes, for one of them and for many.
	granted, err := snapshot.grants[testSpace].openings.at(Request{At: testTime})
	if err != nil {
		t.Fatal(err)
	}
	anyone := networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{}}
	wide := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "mine", Namespace: testSpace}}
	wide.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{From: slices.Repeat([]networkingv1.NetworkPolicyPeer{anyone}, network.MaxPeers)}}
	if parts, err := wideParts(wide, granted.Metered(partSteps)); err != nil || len(parts) != maxWide {
		t.Errorf("%d parts: %v", len(parts), err)
	}
	if _, err := wideParts(wide, granted.Metered(network.MaxPeers)); err == nil {
		t.Error("it is compared although no steps are left")
	}
}

func TestANamedPortAtAddressesIsAnOpening(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	for _, egress := range []string{
		"{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: http}]}",
		"{to: [{ipBlock: {cidr: '::/0'}}], ports: [{port: metrics, protocol: UDP}]}",
		"{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: imds}]}",
		"{to: [{ipBlock: {cidr: 10.20.2.0/24}}], ports: [{port: 5432}, {port: sql}]}", // the number is approved
		"{ports: [{port: http}]}",
	} {
		policy := ownPolicy(t, "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: ["+egress+"]}")
		text := expectRefused(t, snapshot, asked(write(t, developer, nil, policy)), "network-opening")
		if strings.Contains(egress, "ipBlock") && !strings.Contains(text, "a named port opens at addresses, too") {
			t.Errorf("the denial of %s does not say why:\n%s", egress, text)
		}
	}
}

// outlivedSpec is within request 61, and narrower within that.
const (
	outlivedSpec = "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.2.0/23}}], ports: [{port: 5432}]}]}"
	narrowedSpec = "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.3.0/24}}], ports: [{port: 5432}]}]}"
	droppedSpec  = "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}"
	legacySpec   = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 5432}]}]}"
)

func TestNoUpdateKeepsWhatAnEndedExceptionOpened(t *testing.T) {
	expired := testSnapshot(t, exceptionState)
	state := testState() // without exceptions
	state.Commit = "2222222222222222222222222222222222222222"
	revoked, err := expired.Next(state)
	if err != nil {
		t.Fatal(err)
	}
	state.Commit, state.Policy.Requests.Network.MaxDuration = "3333333333333333333333333333333333333333", workflow.Duration(time.Hour)
	later, err := revoked.Next(state)
	if err != nil {
		t.Fatal(err)
	}
	mine := ownPolicy(t, outlivedSpec)
	labelled, kept := clone(t, mine), live(t, mine)
	set(labelled, tree{"team": "a"}, "metadata", "labels")
	for name, c := range map[string]struct {
		snapshot *Snapshot
		at       time.Time
		says     string
	}{
		"at its end":       {expired, grantedUntil, "What request 61 gave ended at 2026-07-02T12:00:00Z, so the policy must drop this part before anything else of it changes."},
		"after revocation": {revoked, testTime, "What request 61 gave ended, so the policy must drop this part"},
		"long after":       {later, grantedUntil.Add(time.Hour), "What request 61 gave ended at 2026-07-02T12:00:00Z, so"},
	} {
		t.Run(name, func(t *testing.T) {
			update := func(now tree) Request { return asked(judgedAt(c.at, write(t, developer, mine, now))) }
			for what, now := range map[string]tree{"narrowed within it": ownPolicy(t, narrowedSpec), "a label": labelled} {
				if text := expectRefused(t, c.snapshot, update(now), "network-opening"); !strings.Contains(text, c.says) {
					t.Errorf("%s: the denial is\n%s", what, text)
				}
			}
			for _, now := range []tree{mine, kept, nil, ownPolicy(t, droppedSpec)} {
				expectAllowed(t, c.snapshot, update(now))
			}
			legacy := ownPolicy(t, legacySpec)
			for _, now := range []string{legacySpec, narrowedSpec, strings.Replace(legacySpec, "0/8", "0/9", 1)} {
				narrowed := ownPolicy(t, now)
				set(narrowed, tree{"team": "a"}, "metadata", "labels")
				expectAllowed(t, c.snapshot, asked(judgedAt(c.at, write(t, developer, legacy, narrowed))))
			}
		})
	}
	expectAllowed(t, expired, asked(write(t, developer, mine, labelled))) // before its end
	// Asked for again, and approved again, it is what it was.
	again := testState()
	exceptionState(again)
	again.Commit = "4444444444444444444444444444444444444444"
	given, err := revoked.Next(again)
	if err != nil {
		t.Fatal(err)
	}
	expectAllowed(t, given, asked(write(t, developer, mine, labelled)))
	if n := len(given.grants[testSpace].openings.removed); n != 0 {
		t.Errorf("%d exceptions are remembered as ended that are given again", n)
	}
}

func TestPoliciesThatOutliveWhatWasApprovedAreListed(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	var policies []*networkingv1.NetworkPolicy
	for _, p := range [][2]string{{"mine", outlivedSpec}, {"inside", droppedSpec}, {"old", legacySpec}} {
		object := &Object{Request: write(t, developer, nil, ownPolicy(t, p[1]))}
		object.Name, object.now.raw = p[0], object.Request.Object
		policy, err := object.networkPolicy(&object.now)
		if err != nil {
			t.Fatal(err)
		}
		policies = append(policies, policy)
	}
	elsewhere := policies[0].DeepCopy()
	elsewhere.Namespace = "legacy"
	large := policies[1].DeepCopy()
	large.Name, large.Spec.Egress = "large", make([]networkingv1.NetworkPolicyEgressRule, network.MaxRules+1)
	policies = append(policies, elsewhere, large, typedPolicy(snapshot.grants[testSpace].openings.policies[0]))
	old := Outlived{"payments", testSpace, "old", "TCP 5432 from pods app!=api of this namespace to 10.0.0.0/8, for example 10.0.0.1", 0}
	tooLarge := Outlived{"payments", testSpace, "large", "it cannot be judged: spec.egress: a NetworkPolicy that is to be judged may have at most 200 rules in both directions, and this has 201", 0}
	ended := Outlived{"payments", testSpace, "mine", "TCP 5432 from pods app=api of this namespace to 10.20.2.0/23, for example 10.20.2.1", 61}
	if diff := cmp.Diff([]Outlived{old, tooLarge}, snapshot.Outliving(policies, testTime)); diff != "" {
		t.Error(diff)
	}
	old.Witness = "TCP 5432 from any pod of this namespace to 10.0.0.0/8, for example 10.0.0.1"
	if diff := cmp.Diff([]Outlived{ended, old, tooLarge}, snapshot.Outliving(policies, grantedUntil)); diff != "" {
		t.Error(diff)
	}
}
