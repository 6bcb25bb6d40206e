package admission

import (
	"maps"
	"strings"
	"testing"
	"time"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// moments are times around the end of request 61, and whether it is still given.
var moments = map[string]struct {
	at    time.Time
	given bool
}{
	"long before":            {grantedUntil.Add(-time.Hour), true},
	"a nanosecond before":    {grantedUntil.Add(-1), true},
	"at the end":             {grantedUntil, false},
	"a nanosecond after":     {grantedUntil.Add(1), false},
	"after, elsewhere":       {grantedUntil.Add(time.Minute).In(time.FixedZone("", 3600)), false},
	"nobody knows what time": {time.Time{}, false},
}

func judgedAt(at time.Time, request Request) Request {
	request.At = at
	return request
}

func TestAnExceptionIsGivenUntilItsEndAndNoLonger(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	object := approvedObjects(t, snapshot, testSpace)["NetworkPolicy/tenure-exception-61-egress"]
	kept := live(t, object)
	wider, narrower, half := live(t, object), live(t, object), live(t, object)
	set(wider, tree{}, "spec", "podSelector")
	set(narrower, tree{"matchLabels": tree{"app": "api", "tier": "db"}}, "spec", "podSelector")
	set(half, []any{tree{"protocol": "TCP", "port": 5432}}, "spec", "egress", 0, "ports")
	for name, moment := range moments {
		t.Run(name, func(t *testing.T) {
			expect := func(what string, allowed bool, request Request) {
				t.Helper()
				if decision := Evaluate(snapshot, judgedAt(moment.at, request)); decision.Allowed != allowed {
					t.Errorf("%s: allowed is %v:\n%s", what, decision.Allowed, DenialText(decision.Violations))
				}
			}
			expect("creation", moment.given, write(t, gitOps, nil, object))
			expect("widening", false, write(t, gitOps, kept, wider))
			expect("narrowing", true, write(t, gitOps, kept, narrower))
			expect("bringing back", moment.given, write(t, gitOps, half, kept))
			expect("writing again", true, write(t, developer, kept, kept))
			expect("deletion", true, write(t, gitOps, kept, nil))
			expect("deletion by others", false, write(t, developer, kept, nil))
			expect("narrowing by others", false, write(t, developer, kept, narrower))
			// It opens the same for a policy of the tenant's own.
			own := ownPolicy(t, "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.3.0/24}}], ports: [{port: 5432}]}]}")
			expect("a policy of the tenant's own", moment.given, write(t, developer, nil, own))
			expect("what another request gave", !moment.at.IsZero(), write(t, developer, nil, ownPolicy(t,
				"{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: search-dev}}, podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]}"))) // ends an hour later
		})
	}
}

func TestADenialAfterTheEndSaysThatItEnded(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	object := approvedObjects(t, snapshot, testSpace)["NetworkPolicy/tenure-exception-61-egress"]
	if text := expectRefused(t, snapshot, judgedAt(grantedUntil, write(t, gitOps, nil, object)), "governed"); !strings.Contains(text, "what request 61 gave ended at 2026-07-02T12:00:00Z.") {
		t.Errorf("the denial is\n%s", text)
	}
	own := ownPolicy(t, "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.3.0/24}}], ports: [{port: 5432}]}]}")
	text := expectRefused(t, snapshot, judgedAt(grantedUntil, write(t, developer, nil, own)), "network-opening")
	if !strings.Contains(text, "and what was approved by request 73. What request 61 gave ended at 2026-07-02T12:00:00Z.") {
		t.Errorf("the denial is\n%s", text)
	}
}

func TestAVerdictRestsOnTheRequestThatGaveTheException(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	object := approvedObjects(t, snapshot, testSpace)["NetworkPolicy/tenure-exception-61-egress"]
	if decision := Evaluate(snapshot, write(t, gitOps, nil, object)); decision.Request != 61 {
		t.Errorf("it rests on request %d", decision.Request)
	}
}

// The clock may be set back: what is granted follows it, both ways.
func TestWhatIsGrantedIsMadeReadyOnceForEachEndThatPassed(t *testing.T) {
	first := testSnapshot(t, exceptionState)
	openings := first.grants[testSpace].openings
	seen := map[any]bool{}
	for _, at := range []time.Time{testTime, testTime.Add(time.Second), grantedUntil.Add(-1), grantedUntil, grantedUntil.Add(time.Minute), grantedUntil.Add(time.Hour), grantedUntil.Add(2 * time.Hour)} {
		granted, err := openings.at(Request{At: at})
		if err != nil {
			t.Fatal(err)
		}
		seen[granted] = true
	}
	if len(seen) != 3 {
		t.Errorf("two ends passed, and it was made ready %d times", len(seen))
	}
	if granted, err := openings.at(Request{At: testTime}); err != nil || len(openings.policies) != 6 {
		t.Errorf("%d policies: %v", len(openings.policies), err)
	} else if _, within, err := granted.Within(typedPolicy(openings.policies[0])); err != nil || !within {
		t.Errorf("the clock was set back, and request 61 is not given again: %v", err)
	}
	state := testState()
	exceptionState(state)
	state.Commit = "2222222222222222222222222222222222222222"
	second, err := first.Next(state)
	if err != nil {
		t.Fatal(err)
	}
	if second.grants[testSpace].openings != openings {
		t.Error("the tenant did not change, and its openings were made again")
	}
}

func TestASnapshotFollowsWhateverItsObjectsAreRenderedFrom(t *testing.T) {
	for name, change := range map[string]func(*workflow.ApprovedState){
		"refused addresses": func(s *workflow.ApprovedState) {
			s.Policy.Requests.Network.Refused = []workflow.AddressName{{CIDR: "20.50.0.0/16", Name: "the nodes"}}
		},
		"the network engine": func(s *workflow.ApprovedState) {
			s.Policy.Clusters[testCluster] = workflow.Cluster{Mode: workflow.ModeEnforce, NetworkEngine: workflow.EngineCalico}
		},
		"a platform flow": func(s *workflow.ApprovedState) { s.Policy.PlatformFlows = nil },
	} {
		first := testSnapshot(t)
		state := testState()
		state.Commit = "2222222222222222222222222222222222222222"
		change(state)
		second, err := first.Next(state)
		if err != nil {
			t.Fatal(err)
		}
		if first.grants[testSpace] == second.grants[testSpace] {
			t.Errorf("%s changed, and what was rendered before was taken over", name)
		}
	}
}

func TestTheJudgeOfTheTryPageKnowsTheTime(t *testing.T) {
	snapshot := testSnapshot(t, exceptionState)
	judge := judgeOf(snapshot)
	manifest := encode(t, ownPolicy(t, "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.20.3.0/24}}], ports: [{port: 5432}]}]}"))
	for at, allowed := range map[time.Time]bool{testTime: true, grantedUntil: false} {
		judge.Now = func() time.Time { return at }
		verdicts, err := judge.Judge(t.Context(), workflow.Question{Cluster: testCluster, User: developer, Manifest: manifest})
		if err != nil || len(verdicts) != 1 || verdicts[0].Allowed != allowed {
			t.Errorf("at %s: %+v, %v", at, verdicts, err)
		}
	}
}

func TestTheWebhookKnowsTheTime(t *testing.T) {
	handler, _, _ := testHandler(t, testSnapshot(t, exceptionState))
	object := approvedObjects(t, handler.Snapshot(), testSpace)["NetworkPolicy/tenure-exception-61-egress"]
	for at, allowed := range map[time.Time]bool{testTime: true, grantedUntil: false} {
		handler.Now = func() time.Time { return at }
		if response := ask(t, handler, write(t, gitOps, nil, object)); response.Allowed != allowed {
			t.Errorf("at %s: %+v", at, response)
		}
	}
}

// nameState gives testSpace an exception to a DNS name, request 90, and one for every
// pod, request 91.
func nameState(state *workflow.ApprovedState) {
	state.Tenancies["payments"].Namespaces[1].Network = []workflow.NetworkException{{
		Direction: workflow.Egress, Pods: map[string]string{"app": "api"}, Request: 90, Until: grantedUntil,
		To: &workflow.FlowPeer{FQDN: "api.example.com"}, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 443}},
	}, {
		Direction: workflow.Egress, Request: 91, Until: grantedUntil,
		To: &workflow.FlowPeer{Internet: true}, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 443}},
	}}
}

func TestExceptionsGoBeforeTheirEndAndWithTheirNamespace(t *testing.T) {
	snapshot, ended := testSnapshot(t, nameState), endedSnapshot(t)
	objects := approvedObjects(t, snapshot, testSpace)
	for _, key := range []string{"CiliumNetworkPolicy/tenure-exception-90-egress", "NetworkPolicy/tenure-exception-91-egress"} {
		kept := live(t, objects[key])
		for _, at := range []time.Time{testTime, grantedUntil} {
			for _, place := range []*Snapshot{snapshot, ended} {
				expectAllowed(t, place, asked(judgedAt(at, write(t, gitOps, kept, nil))))
				expectAllowed(t, place, judgedAt(at, write(t, gitOps, kept, nil)))
				expectRefused(t, place, asked(judgedAt(at, write(t, developer, kept, nil))), "governed")
			}
			expectRefused(t, ended, asked(judgedAt(at, write(t, gitOps, nil, objects[key]))), "namespace")
		}
	}
	denying := live(t, objects["CiliumNetworkPolicy/tenure-exception-90-egress"])
	set(denying, []any{tree{"toEntities": []any{"world"}}}, "spec", "egressDeny")
	expectRefused(t, ended, write(t, gitOps, denying, nil), "governed")
}

// What ends does not stand in for what closes the namespace.
func TestAnExceptionForEveryPodClosesNothingForGood(t *testing.T) {
	snapshot := testSnapshot(t, nameState)
	objects := approvedObjects(t, snapshot, testSpace)
	grant := snapshot.grants[testSpace]
	maps.DeleteFunc(grant.objects, func(key manifest.Key, object *manifest.Object) bool {
		return key.Kind == "NetworkPolicy" && key.Name != "tenure-allow-dns" && object.Until.IsZero()
	})
	for _, key := range []string{"NetworkPolicy/tenure-allow-dns", "CiliumNetworkPolicy/tenure-exception-90-egress"} {
		allowed := key != "NetworkPolicy/tenure-allow-dns" // which closes egress for every pod itself
		if got := Evaluate(snapshot, write(t, gitOps, live(t, objects[key]), nil)).Allowed; got != allowed {
			t.Errorf("%s goes: allowed is %v", key, got)
		}
	}
}
