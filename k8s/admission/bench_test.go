package admission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// benchmarkBody is the AdmissionReview of a Deployment of about 6 KB.
func benchmarkBody(b *testing.B) []byte {
	b.Helper()
	spec := podSpec(goodImage)
	container := at(spec, "containers", 0).(tree)
	var env []any
	for i := range 60 {
		env = append(env, tree{"name": fmt.Sprintf("SETTING_%02d", i), "value": strings.Repeat("v", 40)})
	}
	container["env"] = env
	container["ports"] = []any{tree{"containerPort": 8080, "protocol": "TCP"}}
	container["resources"] = tree{"requests": tree{"cpu": "100m", "memory": "128Mi"}, "limits": tree{"cpu": "1", "memory": "256Mi"}}
	container["readinessProbe"] = tree{"httpGet": tree{"path": "/readyz", "port": 8080}, "periodSeconds": 10}
	object := workload(schema.GroupKind{Group: "apps", Kind: "Deployment"}, goodLabels, spec)
	set(object, 3, "spec", "replicas")
	set(object, tree{"matchLabels": tree{"app": "web"}}, "spec", "selector")
	object = live(b, object)
	set(object, []any{tree{
		"manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "apps/v1", "time": "2026-07-01T12:00:00Z", "fieldsType": "FieldsV1",
		"fieldsV1": tree{"f:metadata": tree{"f:labels": tree{"f:environment": tree{}}}, "f:spec": tree{"f:template": tree{"f:spec": tree{"f:containers": tree{}}}}},
	}}, "metadata", "managedFields")
	if size := len(encode(b, object)); size < 5500 || size > 6500 {
		b.Fatalf("the Deployment has %d bytes", size)
	}
	return reviewBody(b, write(b, developer, nil, object))
}

// decodeAndAllow is what no webhook can do without: it decodes the
// AdmissionReview and, if it is to know anything of the object, the object.
func decodeAndAllow(object bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var in admissionv1.AdmissionReview
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if err == nil && object {
			err = json.Unmarshal(in.Request.Object.Raw, &appsv1.Deployment{})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		in.Response = &admissionv1.AdmissionResponse{UID: in.Request.UID, Allowed: true}
		in.Request = nil
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(in)
	})
}

// BenchmarkValidate judges a Deployment of 6 KB by all rules, with 1,000
// tenants approved. In the same run it measures handlers that only decode and
// allow: "x-baseline" is how many times as long we take as one that leaves the
// object as it is, "x-typed-baseline" as one that decodes it into its Go type.
func BenchmarkValidate(b *testing.B) {
	snapshot, err := NewSnapshot(manyTenants(1000), testCluster)
	if err != nil {
		b.Fatal(err)
	}
	handler, _, _ := testHandler(b, snapshot)
	handler.Log = slog.New(slog.DiscardHandler)
	body := benchmarkBody(b)
	once := func(handler http.Handler) {
		recorder := post(handler, bytes.NewReader(body))
		if recorder.Code != http.StatusOK || !strings.Contains(recorder.Body.String(), `"allowed":true`) {
			b.Fatalf("HTTP %d: %s", recorder.Code, recorder.Body)
		}
	}
	baseline, typed := decodeAndAllow(false), decodeAndAllow(true)
	// The three take turns, so that what else the machine does meets all alike.
	var ours, theirs, theirsTyped time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		once(handler)
		one := time.Now()
		once(baseline)
		two := time.Now()
		once(typed)
		ours, theirs, theirsTyped = ours+one.Sub(began), theirs+two.Sub(one), theirsTyped+time.Since(two)
	}
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N), "ns/validate")
	b.ReportMetric(float64(theirs.Nanoseconds())/float64(b.N), "ns/baseline")
	b.ReportMetric(float64(ours)/float64(theirs), "x-baseline")
	b.ReportMetric(float64(ours)/float64(theirsTyped), "x-typed-baseline")
}

// decodePolicy is what a webhook cannot do without that is to know anything of a
// NetworkPolicy.
func decodePolicy(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var in admissionv1.AdmissionReview
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err == nil {
		err = json.Unmarshal(in.Request.Object.Raw, &networkingv1.NetworkPolicy{})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	in.Response = &admissionv1.AdmissionResponse{UID: in.Request.UID, Allowed: true}
	in.Request = nil
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(in)
}

// BenchmarkNetworkPolicy judges a tenant's own NetworkPolicy in a namespace with 20
// exceptions: one that is within them, and one that is not, which is explained to
// the field. "ns/evaluate" is the verdict alone, with the object's decoding;
// "x-baseline" is how many times as long the whole answer takes as decoding the
// AdmissionReview and the policy in it.
func BenchmarkNetworkPolicy(b *testing.B) {
	snapshot := testSnapshot(b, exceptionState, func(state *workflow.ApprovedState) {
		space := &state.Tenancies["payments"].Namespaces[1]
		for i := range 18 {
			space.Network = append(space.Network, workflow.NetworkException{
				Direction: workflow.Egress, Request: int64(200 + i), Until: grantedUntil, Pods: map[string]string{"app": fmt.Sprintf("app-%d", i)},
				To: &workflow.FlowPeer{CIDR: fmt.Sprintf("10.%d.0.0/16", 100+i)}, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 443}},
			})
		}
	})
	handler, _, _ := testHandler(b, snapshot)
	handler.Log = slog.New(slog.DiscardHandler)
	const within = "{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}]}], egress: [{to: [{ipBlock: {cidr: 10.20.2.0/24}}, {podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432, protocol: TCP}]}]}"
	for name, spec := range map[string]string{"within": within, "too wide": strings.Replace(within, "10.20.2.0/24", "10.20.0.0/16", 1)} {
		b.Run(name, func(b *testing.B) {
			request := asked(write(b, developer, nil, live(b, ownPolicy(b, spec))))
			body := reviewBody(b, request)
			once := func(handler http.Handler) {
				if recorder := postTo(handler, PathTenant, bytes.NewReader(body)); recorder.Code != http.StatusOK {
					b.Fatalf("HTTP %d: %s", recorder.Code, recorder.Body)
				}
			}
			if allowed := Evaluate(snapshot, request).Allowed; allowed != (name == "within") {
				b.Fatalf("allowed is %v", allowed)
			}
			var judged, ours, theirs time.Duration
			b.ReportAllocs()
			for b.Loop() {
				began := time.Now()
				Evaluate(snapshot, request)
				one := time.Now()
				once(handler)
				two := time.Now()
				once(http.HandlerFunc(decodePolicy))
				judged, ours, theirs = judged+one.Sub(began), ours+two.Sub(one), theirs+time.Since(two)
			}
			b.ReportMetric(float64(judged.Nanoseconds())/float64(b.N), "ns/evaluate")
			b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N), "ns/validate")
			b.ReportMetric(float64(theirs.Nanoseconds())/float64(b.N), "ns/baseline")
			b.ReportMetric(float64(ours)/float64(theirs), "x-baseline")
		})
	}
}
