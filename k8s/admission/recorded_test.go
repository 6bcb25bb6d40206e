package admission

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"

	"tenure.dev/workflow"
)

// recordedState is the state in which the reviews of testdata/reviews were
// recorded from a kube-apiserver 1.36 and its controller manager; ended is it
// after the approval of the namespace ended.
func recordedState(ended bool) *workflow.ApprovedState {
	state := testState()
	state.Policy.Rules["required-label"] = workflow.RuleSetting{Mode: workflow.RuleOff}
	payments := state.Tenancies["payments"]
	payments.Repositories = []string{"https://dev.azure.com/contoso/payments/_git/deploy"}
	payments.Namespaces = payments.Namespaces[:1]
	if ended {
		payments.Namespaces = nil
	}
	state.Tenancies["payments"] = payments
	return state
}

// TestWhatARealAPIServerSendsIsAnswered replays calls of a real API server:
// what the system does for a tenant, with and without a name, on subresources
// and on trial.
func TestWhatARealAPIServerSendsIsAnswered(t *testing.T) {
	const yes, no = true, false
	expected := map[string]struct{ approved, ended bool }{
		// The system's bookkeeping goes on, also after the end.
		"quota-counted":                {yes, yes},
		"quota-recounted":              {yes, yes},
		"default-account-made":         {yes, yes},
		"root-certificates-published":  {yes, yes},
		"endpoints-made":               {yes, yes},
		"endpointslice-made":           {yes, yes},
		"event":                        {yes, yes},
		"token-asked-for":              {yes, yes},
		"evicted":                      {yes, yes},
		"deployment-status":            {yes, yes},
		"scaled-down":                  {yes, yes},
		"replicaset-scaled-down":       {yes, yes},
		"pod-let-go-by-job":            {yes, yes},
		"pod-collected":                {yes, yes},
		"volume-claim-let-go":          {yes, yes},
		"namespace-status":             {yes, yes},
		"namespace-finalized":          {yes, yes},
		"quota-emptied-with-namespace": {yes, yes}, // the name is in the old object only
		"applied-again-by-argocd":      {yes, yes}, // server-side apply, with managedFields
		// What was given ends.
		"deployment-applied":   {yes, no},
		"replicaset-made":      {yes, no},
		"replicaset-scaled-up": {yes, no},
		"pod-made":             {yes, no},
		"scaled-up":            {yes, no},
		"scaled-by-autoscaler": {yes, no},
		"debug-container":      {yes, no},
		// And this never was.
		"debug-container-foreign": {no, no},
		"quotas-deleted-together": {no, no},
		"quota-deleted-for-trial": {no, no},
		// Only after its end is the namespace taken away.
		"namespace-deleted-by-argocd": {no, yes},
	}
	files, err := filepath.Glob("testdata/reviews/*.json")
	if err != nil || len(files) != len(expected) {
		t.Fatalf("%d recorded calls, %d are expected (%v)", len(files), len(expected), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			for _, ended := range []bool{false, true} {
				want := expected[name].approved
				if ended {
					want = expected[name].ended
				}
				if response := replay(t, file, ended); response.Allowed != want {
					t.Errorf("ended is %v: allowed is %v: %+v", ended, response.Allowed, response.Result)
				}
			}
		})
	}
}

// replay sends a recorded call to the path that it was sent to.
func replay(t *testing.T, file string, ended bool) *admissionv1.AdmissionResponse {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var call struct {
		Path   string
		Review json.RawMessage
	}
	if err := json.Unmarshal(data, &call); err != nil {
		t.Fatal(err)
	}
	snapshot, err := NewSnapshot(recordedState(ended), testCluster)
	if err != nil {
		t.Fatal(err)
	}
	handler, _, _ := testHandler(t, snapshot)
	recorder := postTo(handler, call.Path, bytes.NewReader(call.Review))
	var answer admissionv1.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || recorder.Code != http.StatusOK || answer.Response == nil {
		t.Fatalf("HTTP %d: %s", recorder.Code, recorder.Body)
	}
	return answer.Response
}
