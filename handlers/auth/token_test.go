package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestATokenThatIsNotExactlyRightIsRefused(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(*forger) {
		return func(f *forger) { f.claims = func(claims map[string]any) { claims[name] = value } }
	}
	without := func(name string) func(*forger) {
		return func(f *forger) { f.claims = func(claims map[string]any) { delete(claims, name) } }
	}
	signed := func(algorithm jose.SignatureAlgorithm, key any) func(*forger) {
		return func(f *forger) {
			f.sign = func(payload []byte) (string, error) { return signWith(algorithm, key, payload) }
		}
	}
	const otherTenant = "11111111-aaaa-4bbb-8ccc-00000000000f"
	cases := map[string]struct {
		forge    func(*forger)
		sentence string
		cause    string
	}{
		"another audience":      {claim("aud", "another-app"), notVerified, "expected audience"},
		"also another audience": {claim("aud", []string{"tenure", "another-app"}), notVerified, "2 audiences"},
		"another issuer":        {claim("iss", "https://login.example"), notVerified, "different provider"},
		"expired":               {claim("exp", signedAt.Add(-time.Second).Unix()), notVerified, "expired"},
		"not valid yet":         {claim("nbf", signedAt.Add(time.Hour).Unix()), notVerified, "not before"},
		"no nonce":              {without("nonce"), notVerified, "nonce"},
		"another nonce":         {claim("nonce", "another"), notVerified, "nonce"},
		"another tenant":        {claim("tid", otherTenant), "an organisation that has no access", otherTenant},
		"no tenant":             {without("tid"), notVerified, "claim tid"},
		"no object id":          {without("oid"), notVerified, "claim oid"},
		"groups left out":       {claim("_claim_names", map[string]string{"groups": "src1"}), notVerified, "source does not exist"},
		"groups elsewhere": {func(f *forger) {
			f.claims = func(claims map[string]any) {
				delete(claims, "groups")
				claims["_claim_names"] = map[string]string{"groups": "src1"}
				claims["_claim_sources"] = map[string]any{"src1": map[string]string{"endpoint": "https://graph.example/getMemberObjects"}}
			}
		}, "You are in more groups than a sign-in can carry", "problem"},
		"signed by a stranger":            {signed(jose.RS256, stranger), notVerified, "signature"},
		"signed with the client's secret": {signed(jose.HS256, []byte(strings.Repeat("the client's secret", 2))), notVerified, "algorithm"},
		"not signed": {func(f *forger) {
			f.sign = func(payload []byte) (string, error) {
				encode := base64.RawURLEncoding.EncodeToString
				return encode([]byte(`{"alg":"none"}`)) + "." + encode(payload) + ".", nil
			}
		}, notVerified, "malformed jwt"},
		"one byte changed": {func(f *forger) {
			f.sign = func(payload []byte) (string, error) {
				token, err := signWith(jose.RS256, f.key, payload)
				parts := strings.Split(token, ".")
				parts[1] = parts[1][:9] + map[bool]string{true: "A", false: "B"}[parts[1][9] != 'A'] + parts[1][10:]
				return strings.Join(parts, "."), err
			}
		}, notVerified, "verify the ID token"},
		"no ID token": {func(f *forger) {
			f.answer = func(w http.ResponseWriter, _ string) {
				writeJSON(w, map[string]any{"access_token": "opens nothing", "token_type": "Bearer"})
			}
		}, notVerified, "no ID token"},
		"not a token response": {func(f *forger) {
			f.answer = func(w http.ResponseWriter, id string) { _, _ = w.Write([]byte("<html>" + id)) }
		}, notVerified, "not a token response"},
		"a refusal that tells too much": {func(f *forger) {
			f.answer = func(w http.ResponseWriter, id string) { http.Error(w, id, http.StatusBadRequest) }
		}, notVerified, "status 400"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f := newForger(t)
			id := ""
			test.forge(f)
			if answer := f.answer; answer != nil {
				f.answer = func(w http.ResponseWriter, token string) { id = token; answer(w, token) }
			}
			portal := newForgedPortal(t, f, nil)
			browser := newBrowser(t)
			expect(t, browser.open(portal.url+"/who"), http.StatusForbidden, test.sentence)
			if browser.cookie(portal.url, "tenure-session") != nil {
				t.Error("there is a session all the same")
			}
			if !strings.Contains(portal.log.String(), test.cause) {
				t.Errorf("the log does not say %q:\n%s", test.cause, portal.log)
			}
			if id != "" && strings.Contains(portal.log.String(), id) {
				t.Error("the ID token is in the log")
			}
		})
	}
	t.Run("exactly right", func(t *testing.T) {
		portal := newForgedPortal(t, newForger(t), nil)
		expect(t, newBrowser(t).open(portal.url+"/who"), http.StatusOK, danaID)
	})
}

func TestAProviderThatIsAwayIsSaidToBeAway(t *testing.T) {
	f := newForger(t)
	portal := newForgedPortal(t, f, nil)
	f.answer = func(w http.ResponseWriter, _ string) { http.Error(w, "down", http.StatusBadGateway) }
	expect(t, newBrowser(t).open(portal.url+"/who"), http.StatusServiceUnavailable, "the identity provider does not answer")
}
