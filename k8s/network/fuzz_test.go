package network

import (
	"encoding/json"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
)

// FuzzRead: whatever the stream, Read and New answer or refuse, and what they take can
// be listed, compared and asked about.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{ // short: the fuzzer tries to make shorter what it finds
		"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n",
		"apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: p}}]\n...\n",
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {metadata: {labels: {a: b}}}}",
		"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np}\nspec:\n  ingress: [{ports: [{port: x}]}]",
		`{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicyList","items":[{"metadata":{"name":"n"},"spec":{"egress":[{}]}}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		objects, err := Read(stream)
		if err != nil {
			return
		}
		c, err := New(objects)
		if err != nil {
			return
		}
		if again, err := New(objects); err != nil || !Diff(c, again).Empty() {
			t.Fatalf("the same objects differ (%v)", err)
		}
		if len(objects.Workloads) > 20 {
			return
		}
		for _, flow := range c.Connectivity() {
			if flow.Ports.Empty() {
				t.Fatalf("a flow without ports: %s", pairName(flow))
			}
		}
	})
}

// FuzzPolicy: a policy is judged or refused. What it lets through is within itself as
// a grant, but for names at addresses, and a witness beyond nothing at all is really let through.
func FuzzPolicy(f *testing.F) {
	for _, spec := range benchmarkSpecs {
		raw, err := json.Marshal(policyOf(f, spec))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		policy := &networkingv1.NetworkPolicy{}
		if err := json.Unmarshal(raw, policy); err != nil {
			return
		}
		policy.Namespace = "own"
		own := Namespace{Name: "own"}
		grants, err := NewGrants(own, policy)
		if err != nil {
			return
		}
		if witness, within, err := grants.Within(policy); err != nil || (!within && !witness.namedAtAddress()) {
			t.Fatalf("a policy is not within itself: %q (%v)", witness, err)
		}
		none, err := NewGrants(own)
		if err != nil {
			t.Fatal(err)
		}
		witness, within, err := none.Within(policy)
		if err != nil || within {
			return
		}
		mine, other, space := witnessPods(witness)
		n := naive{namespaces: map[string]map[string]string{other.namespace: space}}
		if !naiveLets(n, policy, witness.Direction, mine, other, witness.Protocol, witness.Port) {
			t.Fatalf("the witness %q (%+v) is not let through", witness, witness)
		}
	})
}
