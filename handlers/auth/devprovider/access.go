package devprovider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"tenure.dev/handlers/auth"
)

// accessTokenPath is where anybody gets an access token for the API, below the
// issuer's path: for a seeded person, or for a seeded program. It stands for what
// `az account get-access-token` and a federated credential do with Entra.
const accessTokenPath = "/access-token"

// giveAccess answers a form with the field username by an access token, in the
// form of RFC 6749 §5.1.
func (p *Provider) giveAccess(w http.ResponseWriter, r *http.Request) {
	claims, found := p.accessClaims(r.PostFormValue("username"))
	if !found {
		http.Error(w, "The field username names nobody: send that of a seeded person or program, such as username=dana@contoso.example.", http.StatusBadRequest)
		return
	}
	token, err := p.storage.key.sign(claims)
	if err != nil {
		p.config.Log.ErrorContext(r.Context(), "sign an access token", "error", err)
		http.Error(w, "The access token could not be signed.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	answer := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(idTokenLifetime.Seconds())}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		p.config.Log.WarnContext(r.Context(), "send an access token", "error", err)
	}
}

// accessClaims are those of an Entra access token:
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
func (p *Provider) accessClaims(username string) (map[string]any, bool) {
	named := func(person Person) bool { return username != "" && person.Username == username }
	now := p.config.Clock.Now()
	claims := map[string]any{
		"iss": p.config.Issuer, "aud": p.config.APIAudience, "ver": "2.0", "tid": p.config.Tenant,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(idTokenLifetime).Unix(),
	}
	var holder Person
	if i := slices.IndexFunc(p.config.People, named); i >= 0 {
		holder = p.config.People[i]
		claims["sub"], claims["scp"] = subject(holder), auth.DefaultAPIScope
		claims["name"], claims["preferred_username"] = holder.Name, holder.Username
	} else if i := slices.IndexFunc(p.config.Programs, named); i >= 0 {
		holder = p.config.Programs[i]
		claims["sub"], claims["idtyp"], claims["azp"] = holder.ObjectID, "app", holder.ObjectID
	} else {
		return nil, false
	}
	claims["oid"] = holder.ObjectID
	if len(holder.Groups) > 0 {
		claims["groups"] = holder.Groups
	}
	if len(holder.Roles) > 0 {
		claims["roles"] = holder.Roles
	}
	return claims, true
}

// sign makes a token of claims.
func (k signingKey) sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encode the claims: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: k.SignatureAlgorithm(), Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("make a signer: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign the claims: %w", err)
	}
	return signed.CompactSerialize()
}
