package admission

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Files of a certificate's folder. The names of the serving pair are those of
// a Kubernetes Secret of type kubernetes.io/tls.
const (
	CAFile   = "ca.crt" // for the caBundle of the webhook configuration
	caKey    = "ca.key"
	certFile = "tls.crt"
	keyFile  = "tls.key"
)

// How long certificates last, and how long before their end they are renewed.
const (
	caLifetime      = 10 * 365 * 24 * time.Hour
	servingLifetime = 365 * 24 * time.Hour
	renewBefore     = 30 * 24 * time.Hour
	clockSkew       = 5 * time.Minute // an API server's clock may be behind
)

// EnsureCertificate makes the folder hold a CA and a serving certificate for
// the hosts (DNS names or IP addresses): made on the first start, and made again
// where less than 30 days remain or the hosts are others. Keys are ECDSA P-256
// and, like everything but ca.crt, readable by their owner only. A new CA means
// that the webhook configuration's caBundle must follow.
func EnsureCertificate(dir string, hosts []string, now time.Time) error {
	if len(hosts) == 0 {
		return errors.New("make certificate: no host to make it for")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	ca, err := readPair(dir, CAFile, caKey)
	if err != nil || !ca.lasts(now) {
		if ca, err = makeCA(now); err != nil {
			return fmt.Errorf("make CA: %w", err)
		}
		if err := ca.write(dir, CAFile, 0o644, caKey); err != nil {
			return err
		}
	}
	serving, err := readPair(dir, certFile, keyFile)
	if err == nil && serving.lasts(now) && serving.cert.CheckSignatureFrom(ca.cert) == nil && serving.isFor(hosts) {
		return nil
	}
	if serving, err = ca.issue(hosts, now); err != nil {
		return fmt.Errorf("make serving certificate: %w", err)
	}
	return serving.write(dir, certFile, 0o600, keyFile)
}

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func (p pair) lasts(now time.Time) bool {
	return now.Add(renewBefore).Before(p.cert.NotAfter) && !now.Before(p.cert.NotBefore)
}

// isFor says whether the certificate names exactly these hosts.
func (p pair) isFor(hosts []string) bool {
	var named []string
	named = append(named, p.cert.DNSNames...)
	for _, ip := range p.cert.IPAddresses {
		named = append(named, ip.String())
	}
	wanted := make([]string, len(hosts))
	for i, host := range hosts {
		wanted[i] = host
		if ip := net.ParseIP(host); ip != nil {
			wanted[i] = ip.String()
		}
	}
	slices.Sort(named)
	slices.Sort(wanted)
	return slices.Equal(named, slices.Compact(wanted))
}

func makeCA(now time.Time) (pair, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Tenure webhook CA"},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(caLifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	return sign(template, nil)
}

// issue makes a serving certificate that the CA signs.
func (p pair) issue(hosts []string, now time.Time) (pair, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "Tenure webhook"},
		NotBefore:   now.Add(-clockSkew),
		NotAfter:    now.Add(servingLifetime),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	hosts = slices.Compact(slices.Sorted(slices.Values(hosts)))
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	return sign(template, &p)
}

// sign makes a key and has its certificate signed by the issuer, or by itself.
func sign(template *x509.Certificate, issuer *pair) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return pair{}, err
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return pair{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return pair{cert, key}, err
}

// write stores the pair, the key first: a reader in between finds a pair that
// does not fit, and keeps the one it has.
func (p pair) write(dir, cert string, certMode os.FileMode, key string) error {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return fmt.Errorf("encode %s: %w", key, err)
	}
	if err := replaceFile(filepath.Join(dir, key), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, cert), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}), certMode)
}

// replaceFile writes a file beside the old one and renames it into its place.
func replaceFile(path string, data []byte, mode os.FileMode) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when all went well
	_, err = file.Write(data)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	return nil
}
