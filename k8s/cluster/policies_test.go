package cluster

import (
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// netpol is a NetworkPolicy as the API server sends it.
func netpol(namespace, name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
		"metadata": map[string]any{"namespace": namespace, "name": name}, "spec": spec,
	}}
}

func denyAll(namespace, name string) *unstructured.Unstructured {
	return netpol(namespace, name, map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Ingress", "Egress"}})
}

// watchedPolicies watches a server's NetworkPolicies while the test runs.
type watchedPolicies struct {
	*testing.T
	*Policies
	server  *apiServer
	changes chan struct{}
}

func watchPolicies(t *testing.T, objects ...*unstructured.Unstructured) *watchedPolicies {
	t.Helper()
	server := newResourceServer(t, "/apis/networking.k8s.io/v1/networkpolicies", "", "networking.k8s.io/v1", "NetworkPolicy")
	for _, object := range objects {
		server.put(object)
	}
	server.arrive()
	w := &watchedPolicies{T: t, server: server, changes: make(chan struct{}, 1)}
	var err error
	w.Policies, err = OpenPolicies(PoliciesConfig{Kubeconfig: server.kubeconfig(), Clock: stoppedClock{}, Log: slog.New(slog.DiscardHandler), Changed: func() {
		select {
		case w.changes <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, known := w.NetworkPolicies("payments-api-dev"); known {
		t.Error("policies are known before anybody was asked")
	}
	return w
}

func (w *watchedPolicies) run() {
	var done sync.WaitGroup
	done.Go(func() { w.Policies.Run(w.Context()) })
	w.Cleanup(done.Wait)
}

// until waits for what is known of a namespace: the names of its policies, or that
// nothing is. It looks again when it is told of a change, and at no other time.
func (w *watchedPolicies) until(namespace string, known bool, want ...string) {
	w.Helper()
	var names []string
	for {
		policies, is := w.NetworkPolicies(namespace)
		names = nil
		for _, policy := range policies {
			names = append(names, policy.Name)
		}
		slices.Sort(names)
		if is == known && slices.Equal(names, want) {
			return
		}
		select {
		case <-w.changes:
		case <-time.After(time.Minute):
			w.Fatalf("of %q it is never known %v %v, but %v %v", namespace, known, want, is, names)
		}
	}
}

func TestTheNetworkPoliciesOfEveryNamespaceAreKnown(t *testing.T) {
	w := watchPolicies(t, denyAll("payments-api-dev", "a"), netpol("payments-api-dev", "b", map[string]any{"podSelector": map[string]any{"matchLabels": map[string]any{"app": "web"}}, "policyTypes": []any{"Ingress"}, "ingress": []any{map[string]any{}}}), denyAll("search-dev", "c"))
	w.run()
	w.until("payments-api-dev", true, "a", "b")
	w.until("search-dev", true, "c")
	w.until("nobody", true)
	policies, _ := w.NetworkPolicies("payments-api-dev")
	for _, policy := range policies {
		if policy.Name == "b" && (policy.Spec.PodSelector.MatchLabels["app"] != "web" || !slices.Equal(policy.Spec.PolicyTypes, []networkingv1.PolicyType{"Ingress"}) || policy.Spec.Ingress != nil) {
			t.Errorf("of b it keeps %+v", policy)
		}
	}
	w.server.put(denyAll("nobody", "d"))
	w.until("nobody", true, "d")
	w.server.put(denyAll("payments-api-dev", "b")) // the same, changed
	w.server.remove("a")
	w.until("payments-api-dev", true, "b")
	w.server.remove("d")
	w.until("nobody", true)
}

// A namespace may have got its policies meanwhile: to say that it has none would
// keep its pods from starting.
func TestNothingIsKnownOfNetworkPoliciesWhileTheWatchDoesNotHold(t *testing.T) {
	w := watchPolicies(t, denyAll("payments-api-dev", "a"))
	w.server.refuseAll(http.StatusForbidden)
	w.run()
	w.until("payments-api-dev", false)
	w.server.refuseAll(0)
	w.until("payments-api-dev", true, "a")
	w.server.leave()
	w.until("payments-api-dev", false)
	w.server.put(denyAll("payments-api-dev", "b")) // unseen
	w.server.arrive()
	w.until("payments-api-dev", true, "a", "b")
}

func TestANetworkPolicyThatCannotBeReadSelectsNobody(t *testing.T) {
	p := &Policies{config: PoliciesConfig{Log: discard}, known: map[string]map[string]keptPolicy{}}
	if err := p.Replace([]any{denyAll("payments-api-dev", "a"), "nothing"}, ""); err != nil {
		t.Fatal(err)
	}
	if err := p.Update(netpol("payments-api-dev", "a", map[string]any{"podSelector": "every pod"})); err != nil {
		t.Fatal(err)
	}
	if policies, known := p.NetworkPolicies("payments-api-dev"); !known || len(policies) != 0 {
		t.Errorf("it is known %v %v", known, policies)
	}
	if err := p.Delete("nothing"); err == nil {
		t.Error("what is no object was forgotten")
	}
}

func TestAKubeconfigForThePoliciesThatCannotBeReadIsSaidAtTheStart(t *testing.T) {
	if _, err := OpenPolicies(PoliciesConfig{Kubeconfig: "nowhere", Clock: stoppedClock{}, Log: discard}); err == nil {
		t.Error("a kubeconfig that is not there is taken")
	}
}
