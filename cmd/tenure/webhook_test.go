package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/k8s/admission"
)

// startWebhook runs `tenure webhook` on a free port.
func startWebhook(t testing.TB, data string, args ...string) *running {
	t.Helper()
	args = append([]string{"tenure", "webhook", "--data", data, "--webhook-listen", "127.0.0.1:0", "--cluster", devCluster, "--refresh", "1s"}, args...)
	repository := args[slices.Index(args, "--repository")+1]
	return begin(t, settings{Data: data, Repository: repository}, func(ctx context.Context, r *running) error {
		return run(ctx, args, strings.NewReader(""), &r.out, &r.log)
	})
}

func TestAWebhookWithoutAVerifiedStateDeniesAndIsNotReady(t *testing.T) {
	w, stranger := newWorld(t), newWorld(t)
	w.grant("payments-api-dev", 42)
	manifest := show(t, w.remote, "main", namespaceManifest)
	for name, args := range map[string][]string{
		"the repository is unreachable":   {"--repository", "http://127.0.0.1:1/gitops.git", "--trust", w.trust()},
		"the repository is not there":     {"--repository", filepath.Join(t.TempDir(), "nowhere.git"), "--trust", w.trust()},
		"the repository does not verify":  {"--repository", w.remote, "--trust", stranger.trust()},
		"the policy has no such cluster":  {"--repository", w.remote, "--trust", w.trust(), "--cluster", "moon-1"},
		"the repository asks for a token": {"--repository", guardedServer(t), "--trust", w.trust(), "--repository-username", "me", "--repository-password", "hunter2"},
	} {
		t.Run(name, func(t *testing.T) {
			r := startWebhook(t, t.TempDir(), args...)
			for _, asked := range []string{manifest, privilegedPod} {
				if got := r.validate(asked); got.Allowed || got.Result == nil || got.Result.Message == "" {
					t.Errorf("the webhook allows what it cannot judge: %+v", got)
				}
			}
			for path, want := range map[string]int{"/livez": http.StatusOK, "/readyz": http.StatusServiceUnavailable} {
				if status, _ := fetch(t, r.apiServer(), "https://"+r.webhook+path); status != want {
					t.Errorf("%s answers %d, want %d", path, status, want)
				}
			}
			if err := r.end(); err != nil {
				t.Errorf("ending is an error: %v", err)
			}
			if strings.Contains(r.log.String(), "hunter2") {
				t.Errorf("the log shows the token:\n%s", r.log.String())
			}
		})
	}
}

// guardedServer is a Git server that lets nobody in.
func guardedServer(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		http.Error(w, "who are you?", http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/gitops.git"
}

func TestAWebhookAloneJudgesAsThePortalsDoes(t *testing.T) {
	w := newWorld(t)
	commit := w.grant("payments-api-dev", 42)
	r := startWebhook(t, t.TempDir(), "--repository", w.remote, "--trust", w.trust())
	if !r.stillServes(commit) {
		t.Error("it does not judge by the approved state")
	}
	if status, _ := fetch(t, r.apiServer(), "https://"+r.webhook+"/readyz"); status != http.StatusOK {
		t.Errorf("it is not ready: %d", status)
	}
	if _, text := fetch(t, r.apiServer(), "https://"+r.webhook+"/metrics"); !strings.Contains(text, `tenure_admission_snapshot_info{cluster="weu-1",commit="`+commit+`"} 1`) {
		t.Errorf("its metrics do not tell the snapshot:\n%s", text)
	}
	next := w.grant("payments-web-dev", 43)
	eventually(t, "the next commit is in force", func() bool {
		return r.validate(show(t, w.remote, "main", strings.ReplaceAll(namespaceManifest, "payments-api-dev", "payments-web-dev"))).AuditAnnotations["commit"] == next
	})
}

func TestAWebhookThatStartsWithoutItsRepositoryJudgesByItsLastState(t *testing.T) {
	w := newWorld(t)
	commit := w.grant("payments-api-dev", 42)
	manifest := show(t, w.remote, "main", namespaceManifest)
	data := t.TempDir()
	first := startWebhook(t, data, "--repository", w.remote, "--trust", w.trust())
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	second := startWebhook(t, data, "--repository", "http://127.0.0.1:1/gitops.git", "--trust", w.trust())
	if got := second.validate(manifest); !got.Allowed || got.AuditAnnotations["commit"] != commit {
		t.Errorf("the approved namespace is not let in: %+v", got)
	}
	if status, _ := fetch(t, second.apiServer(), "https://"+second.webhook+"/readyz"); status != http.StatusOK {
		t.Errorf("it is not ready: %d", status)
	}
}

func TestAGivenCertificateIsServedOnceItIsThere(t *testing.T) {
	w := newWorld(t)
	w.grant("payments-api-dev", 42)
	made, given := t.TempDir(), t.TempDir()
	if err := admission.EnsureCertificate(made, []string{"127.0.0.1"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	r := startWebhook(t, t.TempDir(), "--repository", w.remote, "--trust", w.trust(), "--webhook-certificate", given, "--webhook-hosts", "127.0.0.1")
	if _, err := tls.Dial("tcp", r.webhook, &tls.Config{InsecureSkipVerify: true}); err == nil {
		t.Error("a certificate out of nothing")
	}
	if !strings.Contains(r.log.String(), given) {
		t.Errorf("the log does not name the folder:\n%s", r.log.String())
	}
	for _, name := range []string{"tls.key", "tls.crt"} {
		writeFile(t, filepath.Join(given, name), readFile(t, filepath.Join(made, name)))
	}
	ca, err := admission.CABundle(made)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	apiServer := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	if status, text := fetch(t, apiServer, "https://"+r.webhook+"/readyz"); status != http.StatusOK {
		t.Errorf("it is not ready: %d %s", status, text)
	}
	if _, text := fetch(t, apiServer, "https://"+r.webhook+"/metrics"); !strings.Contains(text, "tenure_webhook_certificate_expiry_timestamp_seconds 1") {
		t.Errorf("its metrics do not tell when the certificate ends:\n%s", text)
	}
	other := t.TempDir()
	if err := admission.EnsureCertificate(other, []string{"elsewhere.example"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tls.key", "tls.crt"} {
		writeFile(t, filepath.Join(given, name), readFile(t, filepath.Join(other, name)))
	}
	careless := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	if status, text := fetch(t, careless, "https://"+r.webhook+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, `not for "127.0.0.1"`) {
		t.Errorf("ready with a certificate for others: %d %s", status, text)
	}
}
