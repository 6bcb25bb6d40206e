package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
)

// signedAt is the time in tests of forged tokens.
var signedAt = time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)

// forger is an OpenID provider that says whatever a test wants.
type forger struct {
	server *httptest.Server
	key    *rsa.PrivateKey
	nonce  string // of the last sign-in

	away    bool                                   // answers everything 503
	claims  func(claims map[string]any)            // changes the ID token's claims
	sign    func(payload []byte) (string, error)   // signs them; with the published key when nil
	answer  func(w http.ResponseWriter, id string) // answers /token; a token response when nil
	lookups int                                    // how often the discovery document was asked for
}

// forgerKey is made once: making it is slow.
var forgerKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newForger(t *testing.T) *forger {
	t.Helper()
	key := forgerKey()
	f := &forger{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		f.lookups++
		writeJSON(w, map[string]any{
			"issuer": f.server.URL, "authorization_endpoint": f.server.URL + "/authorize",
			"token_endpoint": f.server.URL + "/token", "jwks_uri": f.server.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: "1", Algorithm: "RS256", Use: "sig", Key: &key.PublicKey}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		f.nonce = asked.Get("nonce")
		http.Redirect(w, r, asked.Get("redirect_uri")+"?"+url.Values{"code": {"a-code"}, "state": {asked.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) { f.token(t, w) })
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.away {
			http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.server.Close)
	return f
}

func (f *forger) token(t *testing.T, w http.ResponseWriter) {
	claims := map[string]any{
		"iss": f.server.URL, "aud": "tenure", "sub": "pairwise", "nonce": f.nonce, "ver": "2.0",
		"iat": signedAt.Unix(), "nbf": signedAt.Unix(), "exp": signedAt.Add(time.Hour).Unix(),
		"tid": tenantID, "oid": danaID, "name": "Dana Developer", "preferred_username": "dana@contoso.example",
		"groups": []string{groupID}, "roles": []string{"Tenure.Security"},
	}
	if f.claims != nil {
		f.claims(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Error(err)
	}
	sign := f.sign
	if sign == nil {
		sign = func(payload []byte) (string, error) { return signWith(jose.RS256, f.key, payload) }
	}
	id, err := sign(payload)
	if err != nil {
		t.Error(err)
	}
	if f.answer != nil {
		f.answer(w, id)
		return
	}
	writeJSON(w, map[string]any{"access_token": "opens nothing", "token_type": "Bearer", "id_token": id})
}

func signWith(algorithm jose.SignatureAlgorithm, key any, payload []byte) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// newForgedPortal is a portal that trusts the forger, at the time of its tokens.
func newForgedPortal(t *testing.T, f *forger, also func(p *portal, config *auth.Config)) *portal {
	t.Helper()
	return newPortal(t, func(p *portal, config *auth.Config, _ *echo.Echo) {
		p.clock.now = signedAt
		config.Issuer = f.server.URL
		if also != nil {
			also(p, config)
		}
	})
}
