package admission

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
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
// somebody else, is used without a restart.
type Certificate struct {
	Dir   string           // required; see EnsureCertificate
	Hosts []string         // when set, Tenure renews the certificate itself for these
	Now   func() time.Time // required with Hosts

	mu     sync.Mutex
	loaded *tls.Certificate
	stamp  string
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

// current gives the newest certificate that can be used.
func (c *Certificate) current() (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.renew()
	stamp, stampErr := c.fileStamp()
	if stampErr == nil && stamp == c.stamp && c.loaded != nil {
		return c.loaded, nil
	}
	loaded, loadErr := tls.LoadX509KeyPair(filepath.Join(c.Dir, certFile), filepath.Join(c.Dir, keyFile))
	if loadErr == nil && stampErr == nil {
		c.loaded, c.stamp = &loaded, stamp
	}
	if c.loaded == nil {
		return nil, errors.Join(err, stampErr, loadErr)
	}
	return c.loaded, nil
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

// fileStamp changes when the files do.
func (c *Certificate) fileStamp() (string, error) {
	stamp := ""
	for _, name := range []string{certFile, keyFile} {
		info, err := os.Stat(filepath.Join(c.Dir, name))
		if err != nil {
			return "", fmt.Errorf("look at certificate: %w", err)
		}
		stamp += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), ";")
	}
	return stamp, nil
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
