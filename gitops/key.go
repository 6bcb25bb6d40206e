package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// SigningKey is the OpenPGP key that signs commits. It never prints itself.
type SigningKey struct{ entity *openpgp.Entity }

// NewSigningKey generates an Ed25519 key of version 4, which GnuPG 2.1 and
// Argo CD can verify. The name is what they show; at is its creation time.
func NewSigningKey(name string, at time.Time) (*SigningKey, error) {
	name = oneLine(name)
	if name == "" || strings.ContainsAny(name, "()<>") {
		return nil, fmt.Errorf("generate signing key: the name %q cannot be used; a plain text without brackets is needed", name)
	}
	entity, err := openpgp.NewEntity(name, "", "", &packet.Config{
		Algorithm: packet.PubKeyAlgoEdDSA, Curve: packet.Curve25519,
		Time: func() time.Time { return at },
	})
	if err != nil {
		return nil, fmt.Errorf("generate signing key: %w", err)
	}
	return &SigningKey{entity}, nil
}

// Fingerprint is the key's fingerprint in upper-case hex, as it is pinned.
func (k *SigningKey) Fingerprint() string { return fingerprint(k.entity) }

// String names the key without giving it away.
func (k *SigningKey) String() string { return "OpenPGP key " + k.Fingerprint() }

// PublicKey is the armored public key, as it stands in keys/<FINGERPRINT>.asc.
func (k *SigningKey) PublicKey() ([]byte, error) {
	return armored(openpgp.PublicKeyType, k.entity.Serialize)
}

// PrivateKey is the armored private key without a passphrase.
func (k *SigningKey) PrivateKey() ([]byte, error) {
	return armored(openpgp.PrivateKeyType, func(w io.Writer) error { return k.entity.SerializePrivateWithoutSigning(w, nil) })
}

// Save writes the armored private key to a new file that only its owner can
// read (0600). With a passphrase the file is encrypted. A file that exists is
// left alone: the error is then fs.ErrExist.
func (k *SigningKey) Save(path string, passphrase []byte) error {
	data, err := k.PrivateKey()
	if err != nil {
		return fmt.Errorf("save signing key: %w", err)
	}
	if len(passphrase) > 0 {
		if data, err = encrypted(data, passphrase); err != nil {
			return fmt.Errorf("save signing key: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("save signing key: %w", err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("save signing key: %w", err)
	}
	return nil
}

// encrypted gives the armored key encrypted with the passphrase. It works on
// a copy, so that the key at hand goes on signing.
func encrypted(private, passphrase []byte) ([]byte, error) {
	copied, err := ParseSigningKey(private, nil)
	if err != nil {
		return nil, err
	}
	if err := copied.entity.EncryptPrivateKeys(passphrase, nil); err != nil {
		return nil, err
	}
	return copied.PrivateKey()
}

// LoadSigningKey reads a private key that Save wrote, or gpg --armor
// --export-secret-keys. A file that is not there gives fs.ErrNotExist.
func LoadSigningKey(path string, passphrase []byte) (*SigningKey, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("load signing key: %w", err)
		}
		return nil, fmt.Errorf("load signing key %q: %w", path, err)
	}
	key, err := ParseSigningKey(data, passphrase)
	if err != nil {
		return nil, fmt.Errorf("load signing key %q: %w", path, err)
	}
	return key, nil
}

// ParseSigningKey reads an armored private key.
func ParseSigningKey(data, passphrase []byte) (*SigningKey, error) {
	entities, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("it is not an armored OpenPGP key: %w", err)
	}
	if len(entities) != 1 || entities[0].PrivateKey == nil {
		return nil, errors.New("one private key is needed")
	}
	entity := entities[0]
	if entity.PrivateKey.Encrypted {
		if len(passphrase) == 0 {
			return nil, errors.New("it is encrypted, and no passphrase is configured")
		}
		if err := entity.DecryptPrivateKeys(passphrase); err != nil {
			return nil, errors.New("the passphrase does not open it")
		}
	}
	return &SigningKey{entity}, nil
}

// sign makes the armored detached signature of a commit's payload.
func (k *SigningKey) sign(payload []byte, at time.Time) (string, error) {
	var out bytes.Buffer
	config := &packet.Config{Time: func() time.Time { return at }}
	if err := openpgp.ArmoredDetachSign(&out, k.entity, bytes.NewReader(payload), config); err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return strings.TrimRight(out.String(), "\n") + "\n", nil
}

func armored(kind string, serialize func(io.Writer) error) ([]byte, error) {
	var out bytes.Buffer
	w, err := armor.Encode(&out, kind, nil)
	if err != nil {
		return nil, fmt.Errorf("armor: %w", err)
	}
	if err := errors.Join(serialize(w), w.Close()); err != nil {
		return nil, fmt.Errorf("armor: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
