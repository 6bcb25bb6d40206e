package gitops

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// keyring holds the keys that are trusted at one place in history, by fingerprint.
type keyring map[string]*openpgp.Entity

// strongHashes are the hash functions a signature may use (RFC 9580 §9.5).
var strongHashes = []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}

// check verifies an armored detached signature and returns the fingerprint of
// the key that made it. Expiry is judged at the signature's own time: that a
// key expired later does not undo what it signed.
func (k keyring) check(payload []byte, armored string) (string, error) {
	if armored == "" {
		return "", errors.New("is not signed")
	}
	signature, err := detached(armored)
	if err != nil {
		return "", err
	}
	parsed, err := signatureOf(signature)
	if err != nil {
		return "", err
	}
	if !slices.Contains(strongHashes, parsed.Hash) || parsed.SigType != packet.SigTypeBinary {
		return "", errors.New("is signed in a way that is not accepted: a binary signature with SHA-256, SHA-384 or SHA-512 is needed")
	}
	entities := make(openpgp.EntityList, 0, len(k))
	for _, entity := range k {
		entities = append(entities, entity)
	}
	at := &packet.Config{Time: func() time.Time { return parsed.CreationTime }}
	_, signer, err := openpgp.VerifyDetachedSignature(entities, bytes.NewReader(payload), bytes.NewReader(signature), at)
	if errors.Is(err, pgperrors.ErrUnknownIssuer) {
		return "", fmt.Errorf("is signed by the key %s, which is not trusted at this place in history", issuer(parsed))
	}
	if err != nil || signer == nil {
		return "", fmt.Errorf("is signed by the key %s, and the signature does not hold: %w", issuer(parsed), err)
	}
	return fingerprint(signer), nil
}

// detached takes the armor off a signature.
func detached(armored string) ([]byte, error) {
	block, err := armor.Decode(strings.NewReader(armored))
	if err != nil || block.Type != openpgp.SignatureType {
		return nil, errors.New("is not signed with OpenPGP")
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(block.Body); err != nil {
		return nil, fmt.Errorf("has a signature that cannot be read: %w", err)
	}
	return out.Bytes(), nil
}

// signatureOf reads the one signature packet there may be.
func signatureOf(data []byte) (*packet.Signature, error) {
	packets := packet.NewReader(bytes.NewReader(data))
	first, err := packets.Next()
	if err != nil {
		return nil, fmt.Errorf("has a signature that cannot be read: %w", err)
	}
	signature, ok := first.(*packet.Signature)
	if _, err := packets.Next(); !ok || err == nil {
		return nil, errors.New("has something else than one signature")
	}
	return signature, nil
}

// issuer names the key that a signature says it is by, as exactly as it does.
func issuer(s *packet.Signature) string {
	if len(s.IssuerFingerprint) > 0 {
		return fmt.Sprintf("%X", s.IssuerFingerprint)
	}
	if s.IssuerKeyId != nil {
		return fmt.Sprintf("%016X", *s.IssuerKeyId)
	}
	return "(unnamed)"
}

// fingerprint writes a key's fingerprint as gpg does, in upper-case hex.
func fingerprint(entity *openpgp.Entity) string {
	return fmt.Sprintf("%X", entity.PrimaryKey.Fingerprint)
}

// parseKeyFile reads keys/<FINGERPRINT>.asc: one armored public key, called as
// its file is.
func parseKeyFile(name string, data []byte) (*openpgp.Entity, error) {
	entities, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("is not an armored OpenPGP key: %w", err)
	}
	if len(entities) != 1 {
		return nil, fmt.Errorf("holds %d keys; one is allowed", len(entities))
	}
	entity := entities[0]
	if entity.PrivateKey != nil {
		return nil, errors.New("holds a private key: it is no secret any more, and must be replaced")
	}
	if name != fingerprint(entity)+".asc" {
		return nil, fmt.Errorf("holds the key %s, so it must be called %s.asc", fingerprint(entity), fingerprint(entity))
	}
	return entity, nil
}

// CheckFingerprints brings pinned fingerprints into one form (upper-case hex,
// no spaces) and refuses what is none: 40 hex digits for a version 4 key, 64
// for version 6.
func CheckFingerprints(trust []string) ([]string, error) {
	if len(trust) == 0 {
		return nil, errors.New("no trusted fingerprint is configured, so no commit could be verified")
	}
	pinned := make([]string, len(trust))
	for i, text := range trust {
		text = strings.ToUpper(strings.ReplaceAll(text, " ", ""))
		if (len(text) != 40 && len(text) != 64) || strings.Trim(text, "0123456789ABCDEF") != "" {
			return nil, fmt.Errorf("%q is not a fingerprint: 40 hex digits are needed, as gpg --fingerprint shows them", trust[i])
		}
		pinned[i] = text
	}
	return pinned, nil
}
