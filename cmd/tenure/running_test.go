package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	"sigs.k8s.io/yaml"

	"tenure.dev/k8s/admission"
)

// running is a Tenure that serves inside the test.
type running struct {
	testing.TB
	settings settings
	out, log transcript
	portal   string // the portal's address, host:port
	webhook  string // the webhook's
	stop     context.CancelFunc
	ended    chan error // what serving came to, once
}

// devSettings are those of `tenure serve --dev` on free ports.
func devSettings(t testing.TB, data string) settings {
	t.Helper()
	s, err := parsed(t, "--dev", "--data", data, "--listen", "127.0.0.1:0", "--webhook-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh = 50 * time.Millisecond
	return s
}

// listeningLine names the addresses in the log.
var listeningLine = regexp.MustCompile(`msg=listening (?:portal=(\S+) )?webhook=(\S+)`)

// begin runs a command until the test ends or stop is called, and waits until
// it listens.
func begin(t testing.TB, s settings, command func(ctx context.Context, r *running) error) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{TB: t, settings: s, stop: stop, ended: make(chan error, 1)}
	go func() { r.ended <- command(ctx, r) }()
	t.Cleanup(func() {
		stop()
		if err := <-r.ended; err != nil {
			t.Logf("ended with: %v", err)
		}
	})
	eventually(t, "it listens", func() bool {
		r.mustRun()
		found := listeningLine.FindStringSubmatch(r.log.String())
		if found != nil {
			r.portal, r.webhook = found[1], found[2]
		}
		return found != nil
	})
	return r
}

// mustRun fails the test when serving has ended.
func (r *running) mustRun() {
	r.Helper()
	select {
	case err := <-r.ended:
		r.ended <- err
		r.Fatalf("it ended: %v\n%s", err, r.log.String())
	default:
	}
}

// start serves, and waits until it is listening.
func start(t testing.TB, s settings) *running {
	t.Helper()
	return begin(t, s, func(ctx context.Context, r *running) error { return serve(ctx, s, &r.out, &r.log) })
}

// startDev serves the development line, and waits until it has said where to go.
func startDev(t testing.TB, s settings) *running {
	t.Helper()
	r := start(t, s)
	eventually(t, "it is ready", func() bool {
		r.mustRun()
		return strings.Contains(r.out.String(), "Tenure is ready.")
	})
	return r
}

// end asks it to end and gives what serving came to.
func (r *running) end() error {
	r.Helper()
	r.stop()
	err := <-r.ended
	r.ended <- nil // for the clean-up
	return err
}

// get asks the portal for a path.
func (r *running) get(path string) (status int, text string) {
	r.Helper()
	return fetch(r, http.DefaultClient, "http://"+r.portal+path)
}

func fetch(t testing.TB, client *http.Client, address string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// metric says whether a line stands in the metrics.
func (r *running) metric(line string) bool {
	r.Helper()
	_, text := r.get("/metrics")
	return strings.Contains("\n"+text, "\n"+line+"\n")
}

// apiServer is a client that trusts the webhook as an API server would.
func (r *running) apiServer() *http.Client {
	r.Helper()
	bundle, err := admission.CABundle(filepath.Join(r.settings.Data, "webhook"))
	if err != nil {
		r.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(bundle)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}, ExpectContinueTimeout: patience,
	}}
	r.Cleanup(client.CloseIdleConnections)
	return client
}

// creation is the AdmissionReview of a manifest that the GitOps identity creates.
func creation(t testing.TB, manifest string) []byte {
	t.Helper()
	object, err := yaml.YAMLToJSON([]byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	var head struct {
		APIVersion, Kind string
		Metadata         struct{ Name, Namespace string }
	}
	if err := json.Unmarshal(object, &head); err != nil {
		t.Fatal(err)
	}
	group, version, found := strings.Cut(head.APIVersion, "/")
	if !found {
		group, version = "", head.APIVersion
	}
	review, err := json.Marshal(map[string]any{
		"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
		"request": map[string]any{
			"uid": "1", "operation": "CREATE", "kind": map[string]string{"group": group, "version": version, "kind": head.Kind},
			"name": head.Metadata.Name, "namespace": head.Metadata.Namespace,
			"userInfo": map[string]any{"username": gitopsIdentity}, "object": json.RawMessage(object),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return review
}

// validate asks the webhook about the creation of a manifest.
func (r *running) validate(manifest string) *admissionv1.AdmissionResponse {
	r.Helper()
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, "https://"+r.webhook+"/validate", bytes.NewReader(creation(r, manifest)))
	if err != nil {
		r.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := r.apiServer().Do(request)
	if err != nil {
		r.Fatal(err)
	}
	return readVerdict(r, response)
}

func readVerdict(t testing.TB, response *http.Response) *admissionv1.AdmissionResponse {
	t.Helper()
	defer response.Body.Close()
	var review admissionv1.AdmissionReview
	if err := json.NewDecoder(response.Body).Decode(&review); err != nil || review.Response == nil {
		t.Fatalf("status %d, no review: %v", response.StatusCode, err)
	}
	return review.Response
}
