package cluster

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// opensTo is a policy that lets pods reach some ranges.
func opensTo(namespace, name string, ranges ...string) *unstructured.Unstructured {
	peers := []any{}
	for _, cidr := range ranges {
		peers = append(peers, map[string]any{"ipBlock": map[string]any{"cidr": cidr}})
	}
	return netpol(namespace, name, map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Egress"}, "egress": []any{map[string]any{"to": peers}}})
}

func labelled(policy *unstructured.Unstructured, by string) *unstructured.Unstructured {
	policy.SetLabels(map[string]string{"app.kubernetes.io/managed-by": by})
	return policy
}

// all waits until what is known of policies that are not Tenure's is as wanted: a
// line for each, with what it opens or why it cannot be judged.
func (w *watchedPolicies) all(known bool, want ...string) {
	w.Helper()
	for {
		own, is := w.All()
		var got []string
		for _, policy := range own.Policies {
			line := policy.Namespace + "/" + policy.Name
			for _, rule := range policy.Spec.Egress {
				for _, peer := range rule.To {
					line += " " + peer.IPBlock.CIDR
				}
			}
			got = append(got, line)
		}
		for _, policy := range own.Unjudged {
			got = append(got, policy.Namespace+"/"+policy.Name+": "+policy.Why)
		}
		if is == known && strings.Join(got, "\n") == strings.Join(want, "\n") {
			return
		}
		select {
		case <-w.changes:
		case <-time.After(time.Minute):
			w.Fatalf("it is never known %v %q, but %v %q", known, want, is, got)
		}
	}
}

func TestWhatThePoliciesOpenThatAreNotTenuresIsKnown(t *testing.T) {
	w := watchPolicies(t, opensTo("search-dev", "copy", "198.51.100.7/32"), labelled(opensTo("search-dev", "tenure-exception-7-egress", "198.51.100.7/32"), "tenure"),
		labelled(opensTo("payments-api-dev", "chart", "10.0.0.0/8"), "Helm"))
	if _, known := w.All(); known {
		t.Error("policies are known before anybody was asked")
	}
	w.run()
	w.all(true, "payments-api-dev/chart 10.0.0.0/8", "search-dev/copy 198.51.100.7/32")
	w.server.put(opensTo("search-dev", "copy", "198.51.100.8/32")) // changed
	w.all(true, "payments-api-dev/chart 10.0.0.0/8", "search-dev/copy 198.51.100.8/32")
	w.server.remove("chart")
	w.all(true, "search-dev/copy 198.51.100.8/32")
	w.server.refuseAll(http.StatusForbidden)
	w.server.leave()
	w.server.arrive()
	w.all(false)
	w.server.refuseAll(0)
	w.all(true, "search-dev/copy 198.51.100.8/32")
}

// What is not kept must not go unnoticed: a copy could hide among ten thousand ranges.
func TestAPolicyThatCannotBeJudgedIsSaid(t *testing.T) {
	var many []string
	for i := range 3000 {
		many = append(many, fmt.Sprintf("10.%d.%d.0/24", i/250, i%250))
	}
	large := opensTo("search-dev", "large", many...)
	strange := netpol("search-dev", "strange", map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Egress"}, "everything": true})
	ours := labelled(netpol("search-dev", "tenure-baseline", map[string]any{"podSelector": map[string]any{}, "everything": true}), "tenure")
	w := watchPolicies(t, large, strange, ours)
	w.run()
	w.until("search-dev", true, "large", "strange", "tenure-baseline") // they select pods nevertheless
	own, _ := w.All()
	if len(own.Policies) != 0 || len(own.Unjudged) != 2 || own.Unjudged[1].Why != "it cannot be read" ||
		!strings.HasPrefix(own.Unjudged[0].Why, "too large to judge: its spec has ") || !strings.HasSuffix(own.Unjudged[0].Why, " bytes, and 65536 are judged") {
		t.Errorf("of those that cannot be judged it says %+v", own)
	}
	w.server.put(opensTo("search-dev", "large", "10.0.0.0/24"))
	w.all(true, "search-dev/large 10.0.0.0/24", "search-dev/strange: it cannot be read")
}
