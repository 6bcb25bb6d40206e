package admission

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var testHosts = []string{"localhost", "127.0.0.1", "tenure-webhook.tenure-system.svc"}

func servingCert(t *testing.T, dir string) *x509.Certificate {
	t.Helper()
	loaded, err := readPair(dir, certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	return loaded.cert
}

func TestTheCertificateIsMadeOnceAndRenewedInTime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "webhook")
	ensure := func(hosts []string, now time.Time) *x509.Certificate {
		t.Helper()
		if err := EnsureCertificate(dir, hosts, now); err != nil {
			t.Fatal(err)
		}
		return servingCert(t, dir)
	}
	first := ensure(testHosts, testTime)
	ca, err := CABundle(dir)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	for _, host := range testHosts {
		if _, err := first.Verify(x509.VerifyOptions{DNSName: host, Roots: pool, CurrentTime: testTime}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	for name, mode := range map[string]os.FileMode{CAFile: 0o644, caKey: 0o600, certFile: 0o600, keyFile: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s has mode %v (%v)", name, info.Mode(), err)
		}
	}

	if again := ensure(testHosts, testTime.Add(300*24*time.Hour)); !again.Equal(first) {
		t.Error("a certificate that lasts was made again")
	}
	renewed := ensure(testHosts, testTime.Add(servingLifetime-29*24*time.Hour))
	if renewed.Equal(first) {
		t.Error("29 days before its end it was not renewed")
	}
	if after, _ := CABundle(dir); string(after) != string(ca) {
		t.Error("the CA was made again")
	}
	if other := ensure([]string{"other.example"}, testTime); other.VerifyHostname("other.example") != nil {
		t.Error("other hosts, and the certificate is for the old ones")
	}
	if err := os.WriteFile(filepath.Join(dir, keyFile), []byte("half a k"), 0o600); err != nil {
		t.Fatal(err)
	}
	ensure(testHosts, testTime)
	ensure(testHosts, testTime.Add(caLifetime-24*time.Hour))
	if after, _ := CABundle(dir); string(after) == string(ca) {
		t.Error("a day before its end the CA was not made again")
	}
	if err := EnsureCertificate(dir, nil, testTime); err == nil {
		t.Error("a certificate for no host")
	}
}

func TestARenewedCertificateIsServedWithoutARestart(t *testing.T) {
	dir := t.TempDir()
	now := testTime
	certificate := &Certificate{Dir: dir, Hosts: testHosts, Now: func() time.Time { return now }}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	server.TLS = certificate.TLSConfig()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()

	served := func() *x509.Certificate {
		t.Helper()
		pool := x509.NewCertPool()
		if ca, err := CABundle(dir); err == nil {
			pool.AppendCertsFromPEM(ca)
		}
		connection, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS13, Time: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = connection.Close() }()
		return connection.ConnectionState().PeerCertificates[0]
	}
	if err := EnsureCertificate(dir, testHosts, now); err != nil {
		t.Fatal(err)
	}
	first := served()
	if !served().Equal(first) {
		t.Error("another certificate, and nothing happened")
	}
	now = now.Add(servingLifetime - renewBefore + time.Hour)
	if served().Equal(first) {
		t.Error("the certificate was not renewed while running")
	}
	renewed := served()
	for _, name := range []string{certFile, keyFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if !served().Equal(renewed) {
		t.Error("the files are gone, and so is the certificate")
	}
}

func TestWithoutFilesThereIsNoHandshake(t *testing.T) {
	certificate := &Certificate{Dir: t.TempDir()}
	if _, err := certificate.TLSConfig().GetCertificate(nil); err == nil {
		t.Error("a certificate out of nothing")
	}
}
