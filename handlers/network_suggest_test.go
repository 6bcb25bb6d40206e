package handlers

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// upload sends the page's form as a browser does; a file that was not chosen
// goes along empty and without a name.
func upload(t *testing.T, service Service, at string, files map[string]string) answer {
	t.Helper()
	return send(t, portal(service, dana), uploadOf(t, at, files))
}

func uploadOf(t *testing.T, at string, files map[string]string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField(fieldPlace, at); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{fieldLog, fieldPodList} {
		chosen := ""
		if files[name] != "" {
			chosen = name + ".json"
		}
		part, err := form.CreateFormFile(name, chosen)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, suggestPath, &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	return request
}

func TestAFlowLogComesBackAsProposalsThatCanBeAskedFor(t *testing.T) {
	service := furnished()
	service.seen = workflow.Suggestions{Format: "Hubble JSON", Records: 12, Allowed: 3, Passed: map[string]int64{"no addresses": 2}, Proposals: []workflow.Suggestion{
		{
			Change: workflow.NetworkChange{Cluster: "weu-1", Namespace: "payments-api-prod", Direction: workflow.Egress, Pods: "app=api",
				Peer: workflow.PeerCIDR, CIDR: "10.20.3.4/32", Ports: "TCP 5432", Until: "2026-12-21", Reason: "Seen."},
			Flows: 9, Dropped: 4, First: noon.Add(-28 * time.Hour), Last: noon.Add(-time.Hour), Notes: []string{"Look twice."},
		},
		{
			Change: workflow.NetworkChange{Cluster: "weu-1", Namespace: "payments-api-prod", Direction: workflow.Ingress,
				Peer: workflow.PeerNamespace, PeerNamespace: "search-api-dev", PeerPods: "app=web", Ports: "TCP 80"},
			Flows: 1,
		},
	}}
	got := upload(t, service, "payments/weu-1", map[string]string{fieldLog: "{}", fieldPodList: "[]"})
	if got.status != http.StatusOK || heading(got) != "2 exceptions would let through what was seen" {
		t.Fatalf("status %d: %q", got.status, heading(got))
	}
	if want := [4]string{"payments", "weu-1", "{}", "[]"}; service.observed != want {
		t.Errorf("the domain was handed %q, want %q", service.observed, want)
	}
	for _, part := range []string{
		"Hubble JSON: 12 flows. 3 are let through now", "2 records passed over: no addresses.", "payments-api-prod (app=api)", "10.20.3.4/32", "TCP 5432",
		"Seen 9 times, dropped 4 times.", "1 day ago", "1 hour ago", "Look twice.", "search-api-dev (app=web) to payments-api-prod",
	} {
		if !strings.Contains(text(got.page), part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	ask := find(got.page, func(n *html.Node) bool { return n.Data == "a" && text(n) == "Look at it and ask" })
	want := newNetworkPath + "?" + url.Values{
		"tenant": {"payments"}, "cluster": {"weu-1"}, "namespace": {"payments-api-prod"}, "direction": {"egress"}, "pods": {"app=api"}, "peer": {"cidr"},
		"cidr": {"10.20.3.4/32"}, "ports": {"TCP 5432"}, "until": {"2026-12-21"}, "reason": {"Seen."},
	}.Encode()
	if attribute(ask, "href") != want {
		t.Errorf("a proposal leads to %q, want %q", attribute(ask, "href"), want)
	}
	filled := formValues(get(t, portal(furnished(), dana), attribute(ask, "href")).page)
	if filled["namespace"] != "payments/weu-1/payments-api-prod" || filled["cidr"] != "10.20.3.4/32" || filled["reason"] != "Seen." {
		t.Errorf("the form has %v", filled)
	}
}

func TestAFlowLogThatAsksForNothingSaysSo(t *testing.T) {
	service := furnished()
	got := upload(t, service, "payments/weu-1", map[string]string{fieldLog: "{}"})
	if heading(got) != "Nothing needs to be asked for" || service.observed[3] != "" {
		t.Errorf("heading %q; pods %q", heading(got), service.observed[3])
	}
}

func TestAFlowLogThatCannotBeReadIsRefusedBesideItsField(t *testing.T) {
	refusal := func(field, message string) error {
		return &workflow.Problem{Kind: workflow.Invalid, Message: "No.", Fields: []workflow.FieldProblem{{Field: field, Message: message}}}
	}
	log := map[string]string{fieldLog: "x"}
	for name, test := range map[string]struct {
		err   error
		at    string
		files map[string]string
		field string
		says  string
	}{
		"no place":    {nil, "", log, fieldPlace, "Choose whose flows they are, and of which cluster."},
		"no file":     {nil, "payments/weu-1", nil, fieldLog, "Choose the file with the flow log."},
		"no flow log": {refusal("log", "Record 1 is not JSON."), "payments/weu-1", log, fieldLog, "Record 1 is not JSON."},
		"no pods":     {refusal("pods", "The list of pods is not JSON."), "payments/weu-1", log, fieldPodList, "The list of pods is not JSON."},
		"not theirs":  {refusal("tenant", "There is no tenant."), "search/weu-1", log, fieldPlace, "There is no tenant."},
		"no cluster":  {refusal("cluster", "There is no cluster."), "payments/moon-1", log, fieldPlace, "There is no cluster."},
	} {
		t.Run(name, func(t *testing.T) {
			service := furnished()
			service.seenErr = test.err
			got := upload(t, service, test.at, test.files)
			if said := text(byID(got.page, test.field+"-problem")); got.status != http.StatusUnprocessableEntity || said != test.says {
				t.Errorf("status %d; beside %s stands %q", got.status, test.field, said)
			}
			if kept := formValues(got.page)[fieldPlace]; kept != test.at {
				t.Errorf("%q is kept of %q", kept, test.at)
			}
		})
	}
}

func TestAFlowLogLargerThanTheLimitIsRefusedAsSuch(t *testing.T) {
	for name, length := range map[string]int64{"said beforehand": 0, "found out": -1} {
		t.Run(name, func(t *testing.T) {
			request := uploadOf(t, "payments/weu-1", map[string]string{fieldLog: strings.Repeat(" ", 33<<20)})
			if length < 0 {
				request.ContentLength = length
			}
			if got := send(t, portal(furnished(), dana), request); got.status != http.StatusRequestEntityTooLarge {
				t.Errorf("status %d", got.status)
			}
		})
	}
}

func TestWhatIsNoUploadIsRefused(t *testing.T) {
	if got := post(t, portal(furnished(), dana), suggestPath, url.Values{fieldPlace: {"payments/weu-1"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", got.status)
	}
}

// slowReader asks for a second upload while the first is being read.
type slowReader struct {
	*standIn
	meanwhile func()
}

func (s slowReader) Suggest(ctx context.Context, actor workflow.Actor, observed workflow.Observed) (workflow.Suggestions, error) {
	s.meanwhile()
	return s.standIn.Suggest(ctx, actor, observed)
}

func TestOneFlowLogIsReadAtATime(t *testing.T) {
	var h http.Handler
	var second answer
	h = portal(slowReader{furnished(), func() {
		second = send(t, h, uploadOf(t, "payments/weu-1", map[string]string{fieldLog: "{}"}))
	}}, dana)
	first := send(t, h, uploadOf(t, "payments/weu-1", map[string]string{fieldLog: "{}"}))
	if first.status != http.StatusOK || second.status != http.StatusServiceUnavailable || !strings.Contains(text(second.page), "Another flow log is being read") {
		t.Errorf("%d and %d: %s", first.status, second.status, text(second.page))
	}
	if again := send(t, h, uploadOf(t, "payments/weu-1", map[string]string{fieldLog: "{}"})); again.status != http.StatusOK {
		// The same stand-in asks once more; what counts is that the first gave way.
		t.Errorf("afterwards: %d", again.status)
	}
}
