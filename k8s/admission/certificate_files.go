package admission

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// readPair reads a certificate with its key.
func readPair(dir, cert, key string) (pair, error) {
	loaded, err := tls.LoadX509KeyPair(filepath.Join(dir, cert), filepath.Join(dir, key))
	if err != nil {
		return pair{}, fmt.Errorf("read certificate: %w", err)
	}
	private, ok := loaded.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return pair{}, errors.New("read certificate: its key is not ECDSA")
	}
	return pair{loaded.Leaf, private}, nil
}

// Certificate serves the certificate of a folder. It looks at the folder at
// each handshake, so that a certificate that was renewed there, by Tenure or by
// somebody else, is used without a restart. While the files cannot be used the
// one before goes on serving.
type Certificate struct {
	Dir   string           // required; a CA and a pair, see EnsureCertificate, or a pair that somebody else renews
	Hosts []string         // when set, Tenure makes and renews the certificate itself for these
	Names []string         // when set, what a certificate of somebody else has to name to be usable
	Now   func() time.Time // required
	Log   *slog.Logger     // when set, hears of files that cannot be used, and of a new certificate

	mu      sync.Mutex
	loaded  *tls.Certificate
	stamp   string
	trouble string // what was last logged
}

// TLSConfig is how the webhook's port speaks TLS: version 1.3, or 1.2 with
// whoever speaks no newer one.
func (c *Certificate) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12, // 1.3 is what API servers choose
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current() },
	}
}

// Usable says why an API server would not accept the certificate that is served
// now; nil when it would, as far as can be known without its caBundle.
func (c *Certificate) Usable() error {
	loaded, err := c.current()
	if err != nil {
		return fmt.Errorf("the folder %q has no certificate to serve: %w", c.Dir, err)
	}
	now, leaf := c.Now(), loaded.Leaf
	switch {
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("the certificate in %q is valid from %s on", c.Dir, leaf.NotBefore.UTC().Format(time.RFC3339))
	case now.After(leaf.NotAfter):
		return fmt.Errorf("the certificate in %q expired at %s", c.Dir, leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	for _, name := range c.Names {
		if err := leaf.VerifyHostname(name); err != nil {
			return fmt.Errorf("the certificate in %q is not for %q: %w", c.Dir, name, err)
		}
	}
	return nil
}

// Expiry is when the certificate that is served now ends; zero when there is none.
func (c *Certificate) Expiry() time.Time {
	loaded, err := c.current()
	if err != nil {
		return time.Time{}
	}
	return loaded.Leaf.NotAfter
}

// current gives the newest certificate that can be used.
func (c *Certificate) current() (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.renew()
	stamp, stampErr := c.fileStamp()
	if stampErr == nil && stamp == c.stamp && c.loaded != nil {
		c.report(err)
		return c.loaded, nil
	}
	loaded, loadErr := tls.LoadX509KeyPair(filepath.Join(c.Dir, certFile), filepath.Join(c.Dir, keyFile))
	if loadErr == nil && stampErr == nil {
		c.loaded, c.stamp = &loaded, stamp
		c.announce()
	}
	err = errors.Join(err, stampErr, loadErr)
	c.report(err)
	if c.loaded == nil {
		return nil, err
	}
	return c.loaded, nil
}

// announce logs a certificate that is served from now on.
func (c *Certificate) announce() {
	if c.Log != nil {
		c.Log.Info("serving the webhook's certificate", "folder", c.Dir, "names", c.loaded.Leaf.DNSNames, "until", c.loaded.Leaf.NotAfter)
	}
}

// report logs trouble with the files when it is not the trouble of last time.
func (c *Certificate) report(err error) {
	trouble := ""
	if err != nil {
		trouble = err.Error()
	}
	if trouble != "" && trouble != c.trouble && c.Log != nil {
		c.Log.Error("the webhook's certificate cannot be used; one that was read before goes on serving", "folder", c.Dir, "error", err)
	}
	c.trouble = trouble
}

// renew makes a new certificate when the one in use is about to end.
func (c *Certificate) renew() error {
	if len(c.Hosts) == 0 {
		return nil
	}
	now := c.Now()
	if c.loaded != nil && c.loaded.Leaf != nil && now.Add(renewBefore).Before(c.loaded.Leaf.NotAfter) {
		return nil
	}
	return EnsureCertificate(c.Dir, c.Hosts, now)
}

// fileStamp changes when the files do. It is of what they hold: files that are
// exchanged within one tick of the file system's clock have the same time.
func (c *Certificate) fileStamp() (string, error) {
	sum := sha256.New()
	for _, name := range []string{certFile, keyFile} {
		data, err := os.ReadFile(filepath.Join(c.Dir, name))
		if err != nil {
			return "", fmt.Errorf("look at certificate: %w", err)
		}
		fmt.Fprintf(sum, "%d:", len(data))
		sum.Write(data)
	}
	return string(sum.Sum(nil)), nil
}

// CABundle reads the CA in the form that a webhook configuration takes: PEM.
func CABundle(dir string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(dir, CAFile))
	if err != nil {
		return nil, fmt.Errorf("read CA: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("read CA: %s holds no certificate", CAFile)
	}
	return data, nil
}
