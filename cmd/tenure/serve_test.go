package main

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestServeBecomesReadyAndSaysHowItIs(t *testing.T) {
	s := devSettings(t, filepath.Join(t.TempDir(), "data"))
	r := startDev(t, s)
	for _, says := range []string{"http://" + r.portal, "https://" + r.webhook + "/validate", s.Repository, "Dana Developer", "Sam Security", "--trust "} {
		if !strings.Contains(r.out.String(), says) {
			t.Errorf("the welcome does not say %q:\n%s", says, r.out.String())
		}
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if status, text := r.get(path); status != http.StatusOK || text != "ok\n" {
			t.Errorf("%s answers %d %q", path, status, text)
		}
		if status, text := fetch(t, r.apiServer(), "https://"+r.webhook+path); status != http.StatusOK || text != "ok\n" {
			t.Errorf("the webhook's %s answers %d %q", path, status, text)
		}
	}
	if denied := r.validate(strings.Replace(shadowNamespace, "NAME", "payments-shadow", 1)); denied.Allowed {
		t.Error("the webhook allows a namespace that nobody approved")
	}
	commit := head(t, s.Repository)
	_, onWebhook := fetch(t, r.apiServer(), "https://"+r.webhook+"/metrics")
	_, onPortal := r.get("/metrics")
	for _, says := range []string{
		`tenure_repository_verified_timestamp_seconds{commit="` + commit + `"} `,
		"tenure_repository_fetched_timestamp_seconds ", `tenure_repository_problem{location=""} 0`,
		`tenure_admission_snapshot_info{cluster="weu-1",commit="` + commit + `"} 1`, "tenure_admission_duration_seconds_count 1",
		`tenure_admission_requests_total{allowed="false",kind="Namespace",path="/validate",rule="namespace"} 1`, "go_goroutines ",
	} {
		if !strings.Contains(onPortal, "\n"+says) || !strings.Contains(onWebhook, "\n"+says) {
			t.Errorf("the metrics do not hold %q", says)
		}
	}
}

// shadowNamespace is what nobody approved.
const shadowNamespace = `apiVersion: v1
kind: Namespace
metadata:
  name: NAME
  labels: {tenure.dev/tenant: payments, tenure.dev/environment: dev}
`

func TestASecondStartGoesOnFromTheFirst(t *testing.T) {
	s := devSettings(t, filepath.Join(t.TempDir(), "data"))
	first := startDev(t, s)
	dana := newBrowser(t, "http://"+first.portal, nil)
	dana.signIn("Dana Developer", "/").want(t, http.StatusOK, "Dana Developer")
	granted, waiting := dana.ask("payments-api-dev"), dana.ask("payments-web-dev")
	for _, name := range []string{"Olivia Owner", "Sam Security"} {
		reviewer := newBrowser(t, "http://"+first.portal, nil)
		reviewer.signIn(name, granted).want(t, http.StatusOK)
		reviewer.approve(granted)
	}
	initial := head(t, s.Repository)
	eventually(t, "the request is committed", func() bool { return head(t, s.Repository) != initial })
	commit := head(t, s.Repository)
	eventually(t, "the page names the commit", func() bool { return strings.Contains(dana.open(granted).text, commit[:7]) })
	key := readFile(t, s.SigningKey)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}

	s.Listen, s.WebhookListen = first.portal, first.webhook
	second := startDev(t, s)
	if at := head(t, s.Repository); at != commit {
		t.Errorf("the branch is at %s, was at %s", at, commit)
	}
	if readFile(t, s.SigningKey) != key {
		t.Error("there is another signing key")
	}
	// The session has outlived the restart, too.
	dana.open(granted).want(t, http.StatusOK, "payments-api-dev", commit[:7])
	dana.open(waiting).want(t, http.StatusOK, "payments-web-dev")
	allowed := second.validate(show(t, s.Repository, "main", namespaceManifest))
	if !allowed.Allowed || allowed.AuditAnnotations["commit"] != commit || allowed.AuditAnnotations["request"] != "1" {
		t.Errorf("the approved namespace is not let in: %+v", allowed)
	}
	if second.validate(strings.Replace(shadowNamespace, "NAME", "payments-web-dev", 1)).Allowed {
		t.Error("a namespace is let in that waits for its review")
	}
	tenure(t, "verify", s.Repository, "--trust", trustOf(t, s)).want(t, 0, "Proved: 2 commits up to "+commit, "")
}

// trustOf is the fingerprint that was pinned in the data folder.
func trustOf(t testing.TB, s settings) string {
	t.Helper()
	values, err := readEnvFile(envFile(s.Data))
	if err != nil {
		t.Fatal(err)
	}
	return values["TENURE_TRUST"]
}

func TestWhatIsUnderWayEndsBeforeServingDoes(t *testing.T) {
	r := startDev(t, devSettings(t, t.TempDir()))
	review := creation(t, strings.Replace(shadowNamespace, "NAME", "payments-shadow", 1))
	body, rest := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+r.webhook+"/validate", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Expect", "100-continue") // so that the body is read once the webhook waits for it
	answered := make(chan *http.Response, 1)
	go func() {
		response, err := r.apiServer().Do(request)
		if err != nil {
			t.Errorf("the request under way was dropped: %v", err)
		}
		answered <- response
	}()
	if _, err := rest.Write(review[:10]); err != nil {
		t.Fatal(err)
	}

	r.stop()
	for _, address := range []string{r.portal, r.webhook} {
		eventually(t, "nobody new is let in at "+address, func() bool { return !reachable(t, address) })
	}
	select {
	case err := <-r.ended:
		t.Fatalf("it ended with a request under way: %v", err)
	default:
	}
	if _, err := rest.Write(review[10:]); err != nil {
		t.Fatal(err)
	}
	if err := rest.Close(); err != nil {
		t.Fatal(err)
	}
	if response := <-answered; response == nil || readVerdict(t, response).Allowed {
		t.Error("the request under way has no answer")
	}
	if err := r.end(); err != nil {
		t.Errorf("ending is an error: %v", err)
	}
}

func reachable(t testing.TB, address string) bool {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

func TestTwoProcessesOnOnePortIsAClearError(t *testing.T) {
	r := startDev(t, devSettings(t, t.TempDir()))
	for flag, c := range map[string]struct{ address, says string }{
		"--listen":         {r.portal, "listen for the portal: listen tcp " + r.portal + ": "},
		"--webhook-listen": {r.webhook, "listen for the webhook: listen tcp " + r.webhook + ": "},
	} {
		data := t.TempDir()
		got := tenure(t, "serve", "--dev", "--data", data, "--listen", "127.0.0.1:0", "--webhook-listen", "127.0.0.1:0", flag, c.address)
		got.want(t, 2, "", "tenure: "+c.says)
		got.want(t, 2, "", "address already in use")
	}
	if status, _ := r.get("/readyz"); status != http.StatusOK {
		t.Errorf("the first one suffers: %d", status)
	}
}
