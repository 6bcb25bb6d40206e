package admission

import (
	"bytes"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mounted is a folder as kubelet mounts a Secret: the files are links into a
// folder that is exchanged as a whole.
type mounted struct {
	t    *testing.T
	dir  string
	next int
}

func newMounted(t *testing.T) *mounted {
	m := &mounted{t: t, dir: t.TempDir()}
	for _, name := range []string{certFile, keyFile} {
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(m.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// hold exchanges the files: the certificate of one pair, the key of another.
func (m *mounted) hold(cert, key pair) {
	m.t.Helper()
	m.next++
	folder := "..version-" + string(rune('a'+m.next))
	if err := os.Mkdir(filepath.Join(m.dir, folder), 0o700); err != nil {
		m.t.Fatal(err)
	}
	if err := cert.write(filepath.Join(m.dir, folder), certFile, 0o600, "other.key"); err != nil {
		m.t.Fatal(err)
	}
	if err := key.write(filepath.Join(m.dir, folder), "other.crt", 0o600, keyFile); err != nil {
		m.t.Fatal(err)
	}
	link := filepath.Join(m.dir, "..data_tmp")
	if err := os.Symlink(folder, link); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Rename(link, filepath.Join(m.dir, "..data")); err != nil {
		m.t.Fatal(err)
	}
}

// given makes certificates as somebody else's authority would.
type given struct {
	t  *testing.T
	ca pair
}

func newGiven(t *testing.T) given {
	ca, err := makeCA(testTime)
	if err != nil {
		t.Fatal(err)
	}
	return given{t, ca}
}

func (g given) issue(now time.Time, hosts ...string) pair {
	g.t.Helper()
	issued, err := g.ca.issue(hosts, now)
	if err != nil {
		g.t.Fatal(err)
	}
	return issued
}

const serviceHost = "tenure-webhook.tenure-system.svc"

func TestAGivenCertificateIsServedAndFollowed(t *testing.T) {
	folder, authority := newMounted(t), newGiven(t)
	now := testTime
	var log bytes.Buffer
	certificate := &Certificate{
		Dir: folder.dir, Names: []string{serviceHost}, Now: func() time.Time { return now },
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	served := func() *x509.Certificate {
		t.Helper()
		pair, err := certificate.TLSConfig().GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf
	}

	if err := certificate.Usable(); err == nil || !certificate.Expiry().IsZero() {
		t.Errorf("usable without files: %v, until %v", err, certificate.Expiry())
	}
	first := authority.issue(now, serviceHost)
	folder.hold(first, first)
	if err := certificate.Usable(); err != nil || !served().Equal(first.cert) || !certificate.Expiry().Equal(first.cert.NotAfter) {
		t.Errorf("the given certificate is not served: %v", err)
	}
	second := authority.issue(now, serviceHost)
	folder.hold(second, second)
	if !served().Equal(second.cert) {
		t.Error("the exchanged certificate is not served")
	}
	third := authority.issue(now, serviceHost)
	folder.hold(third, second)
	for range 3 {
		if err := certificate.Usable(); err != nil || !served().Equal(second.cert) {
			t.Errorf("a key that does not fit took the serving certificate away: %v", err)
		}
	}
	if told := strings.Count(log.String(), "private key does not match public key"); told != 1 {
		t.Errorf("the log tells %d times of a key that does not fit:\n%s", told, log.String())
	}
	folder.hold(third, third)
	if !served().Equal(third.cert) {
		t.Error("the repaired certificate is not served")
	}
	if _, err := os.Stat(filepath.Join(folder.dir, CAFile)); err == nil {
		t.Error("Tenure wrote into a folder of somebody else")
	}
}

func TestACertificateThatNoAPIServerTakesIsNotUsable(t *testing.T) {
	authority := newGiven(t)
	fits := authority.issue(testTime, serviceHost)
	for name, c := range map[string]struct {
		cert, key pair
		now       time.Time
		says      string
	}{
		"it fits":               {fits, fits, testTime, ""},
		"in its last second":    {fits, fits, fits.cert.NotAfter, ""},
		"expired":               {fits, fits, fits.cert.NotAfter.Add(time.Second), "expired at " + fits.cert.NotAfter.UTC().Format(time.RFC3339)},
		"not yet valid":         {fits, fits, fits.cert.NotBefore.Add(-time.Second), "valid from " + fits.cert.NotBefore.UTC().Format(time.RFC3339)},
		"for another service":   {authority.issue(testTime, "other.tenure-system.svc"), pair{}, testTime, `is not for "` + serviceHost + `"`},
		"a key that is another": {fits, authority.issue(testTime, serviceHost), testTime, "private key does not match public key"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.key.key == nil {
				c.key = c.cert
			}
			folder := newMounted(t)
			folder.hold(c.cert, c.key)
			certificate := &Certificate{Dir: folder.dir, Names: []string{serviceHost}, Now: func() time.Time { return c.now }}
			err := certificate.Usable()
			if c.says == "" && err != nil {
				t.Errorf("not usable: %v", err)
			}
			if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), folder.dir)) {
				t.Errorf("usable says %v, want %q and the folder", err, c.says)
			}
		})
	}
}
