package devprovider

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// subject is the claim sub: like Entra's it differs from one application to
// the next, so that nobody takes it for the person's id.
func subject(person Person) string {
	sum := sha256.Sum256([]byte(clientID + "/" + person.ObjectID))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// SetUserinfoFromRequest gives the ID token the claims of an Entra one:
// https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, asked op.IDTokenRequest, _ []string) error {
	begun, ok := asked.(*request)
	if !ok || begun.person == nil {
		return fmt.Errorf("an ID token is asked for by a %T without a person", asked)
	}
	person := *begun.person
	info.Subject = begun.subject
	info.Name = person.Name
	info.PreferredUsername = person.Username
	info.AppendClaims("ver", "2.0")
	info.AppendClaims("tid", s.config.Tenant)
	info.AppendClaims("oid", person.ObjectID)
	if len(person.Groups) > 0 {
		info.AppendClaims("groups", person.Groups)
	}
	if len(person.Roles) > 0 {
		info.AppendClaims("roles", person.Roles)
	}
	return nil
}

// CreateAccessToken makes up an id for the access token, which op encrypts into
// one that opens nothing.
func (s *storage) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return rand.Text(), s.config.Clock.Now().Add(idTokenLifetime), nil
}

// signingKey signs the ID tokens, for as long as the process runs.
type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) Key() any                                    { return k.private }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

// publicKey is the part of the signing key that is published.
type publicKey struct{ signingKey }

func (k publicKey) Key() any                           { return &k.private.PublicKey }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }

// SigningKey is the key that signs.
func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

// SignatureAlgorithms is RS256, like Entra's.
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet is what the keys endpoint publishes.
func (s *storage) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey{s.key}}, nil
}

// The rest of op.Storage is for flows that cannot be reached through Handler.
var errNotOffered = errors.New("the development identity provider does not offer this")

// CreateAccessAndRefreshTokens is not offered: nothing needs refresh tokens.
func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errNotOffered
}

// TokenRequestByRefreshToken is not offered.
func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, op.ErrInvalidRefreshToken
}

// GetRefreshTokenInfo is not offered.
func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

// TerminateSession is not offered: the provider keeps nobody signed in.
func (s *storage) TerminateSession(context.Context, string, string) error { return errNotOffered }

// RevokeToken is not offered.
func (s *storage) RevokeToken(context.Context, string, string, string) *oidc.Error {
	return oidc.ErrInvalidRequest().WithParent(errNotOffered)
}

// SetUserinfoFromScopes is superseded by SetUserinfoFromRequest, and op calls it all the same.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// SetUserinfoFromToken is not offered.
func (s *storage) SetUserinfoFromToken(context.Context, *oidc.UserInfo, string, string, string) error {
	return errNotOffered
}

// SetIntrospectionFromToken is not offered.
func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotOffered
}

// GetPrivateClaimsFromScopes is not offered: access tokens carry no claims.
func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, errNotOffered
}

// GetKeyByIDAndClientID is not offered: clients have no keys.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotOffered
}

// ValidateJWTProfileScopes is not offered.
func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotOffered
}
