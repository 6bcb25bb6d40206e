package admission

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var testTime = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func testClock() time.Time { return testTime }

// testHandler is a handler with all that it needs, and what it counts and logs.
func testHandler(t testing.TB, snapshot *Snapshot) (*Handler, *prometheus.Registry, *bytes.Buffer) {
	t.Helper()
	holder := &Holder{}
	if snapshot != nil {
		holder.Store(snapshot, testTime.Add(-time.Minute))
	}
	registry := prometheus.NewPedanticRegistry()
	metrics, err := NewMetrics(registry, holder, testClock)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	return &Handler{
		Snapshot: holder.Load, Metrics: metrics, Now: testClock,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, registry, &log
}

// reviewBody is the AdmissionReview in which the API server sends a request.
func reviewBody(t testing.TB, request Request) []byte {
	t.Helper()
	in := tree{
		"uid":         "705ab4f5-6393-11e8-b7cc-42010a800002",
		"kind":        tree{"group": request.Kind.Group, "version": request.Kind.Version, "kind": request.Kind.Kind},
		"resource":    tree{"group": request.Kind.Group, "version": request.Kind.Version, "resource": strings.ToLower(request.Kind.Kind) + "s"},
		"subResource": request.SubResource, "name": request.Name, "namespace": request.Namespace,
		"operation": request.Operation, "userInfo": tree{"username": request.User, "groups": request.Groups},
		"object": nil, "oldObject": nil, "dryRun": false,
	}
	if request.Object != nil {
		in["object"] = request.Object
	}
	if request.OldObject != nil {
		in["oldObject"] = request.OldObject
	}
	return encode(t, tree{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": in})
}

func post(handler http.Handler, body io.Reader) *httptest.ResponseRecorder {
	return postTo(handler, PathValidate, body)
}

func postTo(handler http.Handler, path string, body io.Reader) *httptest.ResponseRecorder {
	call := httptest.NewRequest(http.MethodPost, path+"?timeout=10s", body)
	call.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, call)
	return recorder
}

// ask sends a request through HTTP and reads the answer.
func ask(t testing.TB, handler http.Handler, request Request) *admissionv1.AdmissionResponse {
	t.Helper()
	path := PathValidate
	if request.TenantNamespace {
		path = PathTenant
	}
	recorder := postTo(handler, path, bytes.NewReader(reviewBody(t, request)))
	if recorder.Code != http.StatusOK {
		t.Fatalf("HTTP %d: %s", recorder.Code, recorder.Body)
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &review); err != nil {
		t.Fatal(err)
	}
	if review.APIVersion != "admission.k8s.io/v1" || review.Kind != "AdmissionReview" || review.Response == nil || review.Response.UID != "705ab4f5-6393-11e8-b7cc-42010a800002" {
		t.Fatalf("the answer is no AdmissionReview to this request: %s", recorder.Body)
	}
	return review.Response
}

func TestTheAnswerSaysWhatTheDecisionRestsOn(t *testing.T) {
	snapshot := testSnapshot(t)
	handler, registry, log := testHandler(t, snapshot)
	quota := approvedObjects(t, snapshot, testSpace)["ResourceQuota/tenure"]

	allowed := ask(t, handler, write(t, gitOps, nil, quota))
	if !allowed.Allowed || allowed.Result != nil {
		t.Errorf("the approved quota: %+v", allowed)
	}
	if diff := cmp.Diff(map[string]string{"commit": testCommit, "request": "57"}, allowed.AuditAnnotations); diff != "" {
		t.Error(diff)
	}

	denied := ask(t, handler, write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec("docker.io/secret-name"))))
	want := `trusted-registry: spec.containers[0].image "docker.io/secret-name": registry docker.io is not trusted (contoso.azurecr.io/*). Ask for an exemption: https://tenure.contoso.example/requests/new/exemption?cluster=weu-1&namespace=payments-api-prod&rule=trusted-registry&selector=environment%3Dprod&tenant=payments&value=docker.io%2Flibrary%2Fsecret-name%3Alatest`
	if denied.Allowed || denied.Result.Code != http.StatusForbidden || denied.Result.Message != want {
		t.Errorf("the denial is %+v", denied.Result)
	}
	if diff := cmp.Diff(map[string]string{"commit": testCommit, "request": "42"}, denied.AuditAnnotations); diff != "" {
		t.Error(diff)
	}

	if text := log.String(); !strings.Contains(text, `msg="admission denied"`) || !strings.Contains(text, "rules=[trusted-registry]") || strings.Contains(text, "secret-name") {
		t.Errorf("the log says\n%s", text)
	}
	metrics := `
# HELP tenure_admission_requests_total Writes judged, by verdict, the first rule that was violated (empty for none), kind and the path that was asked.
# TYPE tenure_admission_requests_total counter
tenure_admission_requests_total{allowed="false",kind="Pod",path="/validate",rule="trusted-registry"} 1
tenure_admission_requests_total{allowed="true",kind="ResourceQuota",path="/validate",rule=""} 1
# HELP tenure_admission_snapshot_age_seconds Time since the served snapshot was last known to be the newest verified one.
# TYPE tenure_admission_snapshot_age_seconds gauge
tenure_admission_snapshot_age_seconds 60
# HELP tenure_admission_snapshot_info 1 for the commit and cluster of the served snapshot; absent while there is none.
# TYPE tenure_admission_snapshot_info gauge
tenure_admission_snapshot_info{cluster="weu-1",commit="` + testCommit + `"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(metrics), "tenure_admission_requests_total", "tenure_admission_snapshot_age_seconds", "tenure_admission_snapshot_info"); err != nil {
		t.Error(err)
	}
}

func TestBadCallsHaveTheirHTTPAnswerAndNeverAllow(t *testing.T) {
	snapshot := testSnapshot(t)
	good := string(reviewBody(t, write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec(goodImage)))))
	replace := func(from, to string) string {
		if !strings.Contains(good, from) {
			t.Fatalf("the body has no %s", from)
		}
		return strings.Replace(good, from, to, 1)
	}
	huge := strings.Repeat(" ", MaxBody) + good
	cases := map[string]struct {
		method, media, body string
		status              int
	}{
		"good":                          {"POST", "application/json", good, 200},
		"good, with a charset":          {"POST", "application/json; charset=utf-8", good, 200},
		"GET":                           {"GET", "application/json", "", 405},
		"PUT":                           {"PUT", "application/json", good, 405},
		"no content type":               {"POST", "", good, 415},
		"YAML":                          {"POST", "application/yaml", good, 415},
		"protobuf":                      {"POST", "application/vnd.kubernetes.protobuf", good, 415},
		"empty":                         {"POST", "application/json", "", 400},
		"truncated":                     {"POST", "application/json", good[:len(good)/2], 400},
		"followed by more":              {"POST", "application/json", good + good, 400},
		"not JSON":                      {"POST", "application/json", "apiVersion: admission.k8s.io/v1", 400},
		"null":                          {"POST", "application/json", "null", 400},
		"a list":                        {"POST", "application/json", "[" + good + "]", 400},
		"deeply nested":                 {"POST", "application/json", strings.Repeat("[", 1<<20), 400},
		"v1beta1":                       {"POST", "application/json", replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1"), 400},
		"another kind":                  {"POST", "application/json", replace("AdmissionReview", "ConversionReview"), 400},
		"no request":                    {"POST", "application/json", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`, 400},
		"request null":                  {"POST", "application/json", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}`, 400},
		"no uid":                        {"POST", "application/json", replace("705ab4f5-6393-11e8-b7cc-42010a800002", ""), 400},
		"uid without end":               {"POST", "application/json", replace("705ab4f5", strings.Repeat("7", 1000)), 400},
		"no operation":                  {"POST", "application/json", replace("CREATE", ""), 400},
		"an operation of another world": {"POST", "application/json", replace("CREATE", "create"), 400},
		"an update without the old one": {"POST", "application/json", replace("CREATE", "UPDATE"), 400},
		"no kind":                       {"POST", "application/json", replace(`"kind":"Pod","version"`, `"kind":"","version"`), 400},
		"over 8 MiB":                    {"POST", "application/json", huge, 413},
	}
	for name, c := range cases {
		for _, sized := range []bool{true, false} {
			handler, _, _ := testHandler(t, snapshot)
			var body io.Reader = strings.NewReader(c.body)
			if !sized {
				body = io.MultiReader(body) // no Content-Length, as with chunks
			}
			call := httptest.NewRequest(c.method, "/validate", body)
			if c.media != "" {
				call.Header.Set("Content-Type", c.media)
			}
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, call)
			if recorder.Code != c.status {
				t.Errorf("%s: HTTP %d, not %d: %s", name, recorder.Code, c.status, recorder.Body)
			}
			if c.status != 200 && strings.Contains(recorder.Body.String(), "allowed") {
				t.Errorf("%s: answered %s", name, recorder.Body)
			}
		}
	}
}

func TestABodyShorterThanItsLengthIsRefused(t *testing.T) {
	handler, _, _ := testHandler(t, testSnapshot(t))
	call := httptest.NewRequest(http.MethodPost, "/validate", strings.NewReader("{}"))
	call.Header.Set("Content-Type", "application/json")
	call.ContentLength = 100
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, call)
	if recorder.Code != http.StatusBadRequest {
		t.Errorf("HTTP %d", recorder.Code)
	}
}

func TestAFaultOfOursDenies(t *testing.T) {
	handler, registry, log := testHandler(t, testSnapshot(t))
	handler.Snapshot = func() *Snapshot { panic("a fault") }
	response := ask(t, handler, write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec(goodImage))))
	if response.Allowed || response.Result.Code != http.StatusInternalServerError || strings.Contains(response.Result.Message, "a fault\n") {
		t.Errorf("the answer is %+v", response)
	}
	if got, err := testutil.GatherAndCount(registry, "tenure_admission_faults_total"); err != nil || got != 1 || !strings.Contains(log.String(), "admission panicked") {
		t.Errorf("%d faults counted (%v); the log says\n%s", got, err, log)
	}
}

func TestTheProbes(t *testing.T) {
	for name, c := range map[string]struct {
		snapshot *Snapshot
		path     string
		status   int
	}{
		"alive without a snapshot":     {nil, "/livez", 200},
		"not ready without a snapshot": {nil, "/readyz", 503},
		"ready with one":               {testSnapshot(t), "/readyz", 200},
		"no other page":                {testSnapshot(t), "/", 404},
	} {
		handler, _, _ := testHandler(t, c.snapshot)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, c.path, nil))
		if recorder.Code != c.status {
			t.Errorf("%s: HTTP %d", name, recorder.Code)
		}
	}
	handler, _, _ := testHandler(t, nil)
	if response := ask(t, handler, write(t, gitOps, nil, namespaceObject("x", nil))); response.Allowed {
		t.Error("allowed without a snapshot")
	}
}

func FuzzHandler(f *testing.F) {
	snapshot := testSnapshot(f)
	for _, object := range approvedObjects(f, snapshot, testSpace) {
		f.Add(reviewBody(f, write(f, developer, object, object)))
	}
	f.Add(reviewBody(f, write(f, developer, nil, workload(schema.GroupKind{Group: "apps", Kind: "Deployment"}, goodLabels, podSpec("nginx")))))
	f.Add([]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a","kind":{"kind":"Namespace"},"operation":"DELETE"}}`))
	handler, _, _ := testHandler(f, snapshot)
	handler.Log = slog.New(slog.DiscardHandler)
	f.Fuzz(func(t *testing.T, body []byte) {
		recorder := post(handler, bytes.NewReader(body))
		switch recorder.Code {
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			return
		case http.StatusOK:
		default:
			t.Fatalf("HTTP %d", recorder.Code)
		}
		var review admissionv1.AdmissionReview
		if err := json.Unmarshal(recorder.Body.Bytes(), &review); err != nil || review.Response == nil || review.Response.UID == "" {
			t.Fatalf("the answer is %s", recorder.Body)
		}
		if result := review.Response.Result; result != nil && result.Code == http.StatusInternalServerError {
			t.Fatal("a fault of ours")
		}
	})
}
