package auth_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/go-jose/go-jose/v4"
	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

const (
	apiID      = "44444444-aaaa-4bbb-8ccc-000000000001"
	pipelineID = "55555555-aaaa-4bbb-8ccc-000000000001"
	clientID   = "66666666-aaaa-4bbb-8ccc-000000000001"
)

// apiOf is a portal whose only page is one of the API.
func apiOf(t *testing.T, f *forger, change func(*auth.Config)) *portal {
	t.Helper()
	e := echo.New()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	p := &portal{url: server.URL, clock: &clock{now: signedAt}, log: &journal{}, store: memstore.NewWithCleanupInterval(0)}
	config := auth.Config{
		BaseURL: p.url, Issuer: f.server.URL, ClientID: "tenure", ClientSecret: "the client's secret", APIAudience: apiID,
		Tenants: []string{tenantID}, Sessions: p.store, Clock: p.clock,
		Log: slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&config)
	}
	var err error
	if p.auth, err = auth.New(config); err != nil {
		t.Fatal(err)
	}
	e.HTTPErrorHandler = func(err error, c echo.Context) { showProblem(err, c, config.Log) }
	p.auth.Register(e)
	e.Any("/api", func(c echo.Context) error {
		if c.Request().Method == http.MethodPost {
			p.changes++
		}
		return c.JSON(http.StatusOK, auth.Actor(c))
	}, p.auth.Authenticate)
	return p
}

// personClaims are those of an access token that Entra gives for Dana.
func personClaims(f *forger) map[string]any {
	return map[string]any{
		"iss": f.server.URL, "aud": apiID, "sub": "pairwise", "ver": "2.0", "azp": clientID, "scp": "Tenure.Use openid",
		"iat": signedAt.Unix(), "nbf": signedAt.Unix(), "exp": signedAt.Add(time.Hour).Unix(),
		"tid": tenantID, "oid": danaID, "name": "Dana Developer", "preferred_username": "dana@contoso.example",
		"groups": []string{groupID}, "roles": []string{"Tenure.Security"},
	}
}

// programClaims are those of an access token that Entra gives to a program for itself.
func programClaims(f *forger) map[string]any {
	return map[string]any{
		"iss": f.server.URL, "aud": apiID, "sub": pipelineID, "ver": "2.0", "azp": clientID, "idtyp": "app",
		"iat": signedAt.Unix(), "nbf": signedAt.Unix(), "exp": signedAt.Add(time.Hour).Unix(),
		"tid": tenantID, "oid": pipelineID, "groups": []string{groupID}, "roles": []string{"Tenure.Pipeline"},
	}
}

// with gives claims of which some are others; nil takes one away.
func with(claims func(*forger) map[string]any, change map[string]any) func(*forger) map[string]any {
	return func(f *forger) map[string]any {
		changed := claims(f)
		for name, value := range change {
			if changed[name] = value; value == nil {
				delete(changed, name)
			}
		}
		return changed
	}
}

func (f *forger) access(t *testing.T, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signWith(jose.RS256, f.key, payload)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// ask sends a request to the API with these headers, in pairs.
func ask(t *testing.T, method, address string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	return newBrowser(t).send(request)
}

func TestAnAccessTokenSaysWhoAsks(t *testing.T) {
	f := newForger(t)
	p := apiOf(t, f, nil)
	for name, test := range map[string]struct {
		claims   func(*forger) map[string]any
		named    string
		pipeline bool
	}{
		"a person's":                     {personClaims, "Dana Developer", false},
		"a person's that says so":        {with(personClaims, map[string]any{"idtyp": "user"}), "Dana Developer", false},
		"a program's":                    {programClaims, "Pipeline " + clientID, true},
		"a program's that does not say":  {with(programClaims, map[string]any{"idtyp": nil}), "Pipeline " + clientID, true},
		"a program's without a client":   {with(programClaims, map[string]any{"azp": nil}), "Pipeline " + pipelineID, true},
		"a program's with a wrong one":   {with(programClaims, map[string]any{"azp": "x\nTenure-Act: init"}), "Pipeline " + pipelineID, true},
		"a program's that has a name":    {with(programClaims, map[string]any{"name": "nightly"}), "nightly", true},
		"a person's with an empty nonce": {with(personClaims, map[string]any{"nonce": ""}), "Dana Developer", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, "POST", p.url+"/api", "Authorization", "Bearer "+f.access(t, test.claims(f)))
			var actor workflow.Actor
			if err := json.Unmarshal([]byte(got.text), &actor); err != nil || got.StatusCode != http.StatusOK {
				t.Fatalf("status %d, %s (%v)", got.StatusCode, got.text, err)
			}
			if actor.Name != test.named || actor.Pipeline != test.pipeline || len(actor.Groups) != 1 || actor.Groups[0] != groupID || actor.ID.Tenant != tenantID {
				t.Errorf("%+v", actor)
			}
		})
	}
}

const notAccepted = "could not be verified"

func TestAnAccessTokenThatIsNotExactlyRightIsRefused(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		claims func(*forger) map[string]any
		status int
		code   string
		says   string
	}{
		"the portal's audience":           {with(personClaims, map[string]any{"aud": "tenure"}), 401, "invalid_token", notAccepted},
		"also another audience":           {with(personClaims, map[string]any{"aud": []string{apiID, "another"}}), 401, "invalid_token", notAccepted},
		"another issuer":                  {with(personClaims, map[string]any{"iss": "https://login.example"}), 401, "invalid_token", notAccepted},
		"expired":                         {with(personClaims, map[string]any{"exp": signedAt.Add(-time.Second).Unix()}), 401, "invalid_token", notAccepted},
		"without an end":                  {with(personClaims, map[string]any{"exp": nil}), 401, "invalid_token", notAccepted},
		"not valid yet":                   {with(personClaims, map[string]any{"nbf": signedAt.Add(time.Hour).Unix()}), 401, "invalid_token", notAccepted},
		"an ID token of the audience":     {with(personClaims, map[string]any{"scp": nil, "nonce": "n"}), 401, "invalid_token", notAccepted},
		"a nonce and a scope":             {with(personClaims, map[string]any{"nonce": "n"}), 401, "invalid_token", notAccepted},
		"scopes that are no text":         {with(personClaims, map[string]any{"scp": []string{"Tenure.Use"}}), 401, "invalid_token", notAccepted},
		"a program's with a scope":        {with(programClaims, map[string]any{"scp": "Tenure.Use"}), 401, "invalid_token", notAccepted},
		"no scope":                        {with(personClaims, map[string]any{"scp": nil}), 403, "insufficient_scope", "the scope Tenure.Use"},
		"no scope, the pipeline's role":   {with(personClaims, map[string]any{"scp": nil, "roles": []string{"Tenure.Pipeline"}}), 403, "insufficient_scope", "the scope Tenure.Use"},
		"another scope":                   {with(personClaims, map[string]any{"scp": "Tenure.Used User.Read"}), 403, "insufficient_scope", "the scope Tenure.Use"},
		"a user's of its own subject":     {with(programClaims, map[string]any{"idtyp": "user"}), 403, "insufficient_scope", "the scope Tenure.Use"},
		"a program without the role":      {with(programClaims, map[string]any{"roles": []string{"Tenure.Security"}}), 403, "insufficient_scope", "the app role Tenure.Pipeline"},
		"a program without roles":         {with(programClaims, map[string]any{"roles": nil}), 403, "insufficient_scope", "the app role Tenure.Pipeline"},
		"another tenant's":                {with(personClaims, map[string]any{"tid": "11111111-aaaa-4bbb-8ccc-00000000000f"}), 403, "", "an organisation that has no access"},
		"of somebody in too many groups":  {with(personClaims, map[string]any{"groups": nil, "hasgroups": true}), 403, "", "You are in more groups"},
		"of a program in too many groups": {with(programClaims, map[string]any{"groups": nil, "hasgroups": true}), 403, "", "You are in more groups"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForger(t)
			p := apiOf(t, f, nil)
			token := f.access(t, test.claims(f))
			got := ask(t, "POST", p.url+"/api", "Authorization", "Bearer "+token)
			expect(t, got, test.status, test.says)
			challenged(t, got, test.code)
			if p.changes != 0 {
				t.Error("something was done all the same")
			}
			if strings.Contains(p.log.String(), token) || strings.Contains(p.log.String(), strings.Split(token, ".")[2]) {
				t.Error("the token is in the log")
			}
		})
	}
	t.Run("signed by a stranger", func(t *testing.T) {
		f := newForger(t)
		p := apiOf(t, f, nil)
		f.key = stranger
		got := ask(t, "GET", p.url+"/api", "Authorization", "Bearer "+f.access(t, personClaims(f)))
		expect(t, got, 401, notAccepted)
		challenged(t, got, "invalid_token")
	})
}

// challenged wants the header WWW-Authenticate to say what is wrong with a token.
func challenged(t *testing.T, got answer, code string) {
	t.Helper()
	header := got.Header.Get("WWW-Authenticate")
	switch {
	case code == "" && header != "":
		t.Errorf("WWW-Authenticate: %s", header)
	case code != "" && !strings.HasPrefix(header, `Bearer realm="Tenure", error="`+code+`", error_description="`):
		t.Errorf("WWW-Authenticate: %s; want %s", header, code)
	case code == "insufficient_scope" && strings.Contains(got.text, "scope") && !strings.HasSuffix(header, `scope="Tenure.Use"`):
		t.Errorf("WWW-Authenticate: %s; want the scope", header)
	}
}

func TestWhatIsNoAccessTokenIsRefused(t *testing.T) {
	f := newForger(t)
	p := apiOf(t, f, nil)
	token := f.access(t, personClaims(f))
	for name, test := range map[string]struct {
		headers []string
		status  int
		code    string
	}{
		"nothing":            {nil, 401, ""},
		"another scheme":     {[]string{"Authorization", "Basic ZGFuYTpkYW5h"}, 400, "invalid_request"},
		"no token":           {[]string{"Authorization", "Bearer "}, 400, "invalid_request"},
		"no scheme":          {[]string{"Authorization", token}, 400, "invalid_request"},
		"two tokens":         {[]string{"Authorization", "Bearer " + token, "Authorization", "Bearer " + token}, 400, "invalid_request"},
		"no JWT":             {[]string{"Authorization", "Bearer abc"}, 401, "invalid_token"},
		"a very long one":    {[]string{"Authorization", "Bearer " + strings.Repeat("a", 40<<10)}, 401, "invalid_token"},
		"in lower case":      {[]string{"Authorization", "bearer " + token}, 200, ""},
		"a token in a query": {[]string{"X-Access-Token", token}, 401, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, "GET", p.url+"/api?access_token="+token, test.headers...)
			expect(t, got, test.status, "")
			if name == "nothing" && got.Header.Get("WWW-Authenticate") != `Bearer realm="Tenure"` {
				t.Errorf("WWW-Authenticate: %q", got.Header.Get("WWW-Authenticate"))
			}
			if test.code != "" {
				challenged(t, got, test.code)
			}
		})
	}
}

func TestWithoutAnAudienceThereAreNoAccessTokens(t *testing.T) {
	f := newForger(t)
	p := apiOf(t, f, func(config *auth.Config) { config.APIAudience = "" })
	for _, audience := range []any{apiID, "", "tenure", []string{}} {
		got := ask(t, "GET", p.url+"/api", "Authorization", "Bearer "+f.access(t, with(personClaims, map[string]any{"aud": audience})(f)))
		expect(t, got, 401, "takes no access tokens")
		challenged(t, got, "invalid_token")
	}
}

func TestOneApplicationForPortalAndAPITakesNoIDTokens(t *testing.T) {
	f := newForger(t)
	p := apiOf(t, f, func(config *auth.Config) { config.ClientID = apiID })
	expect(t, ask(t, "GET", p.url+"/api", "Authorization", "Bearer "+f.access(t, personClaims(f))), 200, danaID)
	for name, change := range map[string]map[string]any{
		"with its nonce":     {"scp": nil, "azp": nil, "nonce": "n"},
		"without":            {"scp": nil, "azp": nil},
		"with a role beside": {"scp": nil, "azp": nil, "roles": []string{"Tenure.Pipeline"}},
	} {
		if got := ask(t, "GET", p.url+"/api", "Authorization", "Bearer "+f.access(t, with(personClaims, change)(f))); got.StatusCode < 400 {
			t.Errorf("an ID token %s passes: %s", name, got.text)
		}
	}
}

func TestTheScopeIsTheConfiguredOne(t *testing.T) {
	f := newForger(t)
	p := apiOf(t, f, func(config *auth.Config) { config.APIScope = "user_impersonation" })
	expect(t, ask(t, "GET", p.url+"/api", "Authorization", "Bearer "+f.access(t, personClaims(f))), 403, "the scope user_impersonation")
	expect(t, ask(t, "GET", p.url+"/api", "Authorization", "Bearer "+f.access(t, with(personClaims, map[string]any{"scp": "user_impersonation"})(f))), 200, danaID)
}

func TestASessionIsAsGoodButNotFromAnotherSite(t *testing.T) {
	f := newForger(t)
	p := apiOf(t, f, nil)
	browser := newBrowser(t)
	browser.stopAt("/")
	browser.open(p.url + "/auth/login")
	cookie := browser.cookie(p.url, "tenure-session")
	if cookie == nil {
		t.Fatal("nobody is signed in")
	}
	session := []string{"Cookie", cookie.Name + "=" + cookie.Value}
	evil := []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}
	bad := []string{"Authorization", "Bearer nonsense"}
	expect(t, ask(t, "GET", p.url+"/api", session...), 200, danaID)
	expect(t, ask(t, "POST", p.url+"/api", session...), 200, danaID)
	expect(t, ask(t, "POST", p.url+"/api", append(session, evil...)...), 403, "another site")
	got := ask(t, "POST", p.url+"/api", append(session, bad...)...)
	expect(t, got, 401, notAccepted)
	if p.changes != 1 {
		t.Errorf("%d changes were let through, want 1", p.changes)
	}
	token := []string{"Authorization", "Bearer " + f.access(t, programClaims(f))}
	got = ask(t, "POST", p.url+"/api", append(append(session, token...), evil...)...)
	expect(t, got, 200, pipelineID) // no browser sends a token by itself
	if vary := strings.Join(got.Header.Values("Vary"), ","); !strings.Contains(vary, "Authorization") {
		t.Errorf("Vary: %s", vary)
	}
}

func TestAProviderThatIsAwayIsNoWrongToken(t *testing.T) {
	f := newForger(t)
	p := apiOf(t, f, nil)
	f.away = true
	expect(t, ask(t, "GET", p.url+"/api", "Authorization", "Bearer "+f.access(t, personClaims(f))), 503, "the identity provider does not answer")
}

func TestAWrongScopeIsRefusedInTheConfiguration(t *testing.T) {
	for _, scope := range []string{"two scopes", `quo"te`, "back\\slash", "ümlaut", "line\nbreak"} {
		if _, err := auth.New(auth.Config{APIScope: scope}); err == nil || !strings.Contains(err.Error(), "API scope") {
			t.Errorf("%q: %v", scope, err)
		}
	}
}

func FuzzAccessToken(f *testing.F) {
	forged := &forger{key: forgerKey()}
	forged.server = httptest.NewServer(http.NotFoundHandler())
	defer forged.server.Close()
	for _, claims := range []func(*forger) map[string]any{personClaims, programClaims} {
		payload, err := json.Marshal(claims(forged))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	f.Add([]byte(`{"scp":null,"idtyp":"app"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		pipeline, err := auth.CheckGrant(payload, "Tenure.Use")
		if err != nil {
			return
		}
		var claims map[string]any
		if err := json.Unmarshal(payload, &claims); err != nil {
			t.Fatalf("%q passes and is no JSON object", payload)
		}
		scopes, _ := claims["scp"].(string)
		roles, _ := json.Marshal(claims["roles"])
		if !pipeline && !strings.Contains(scopes, "Tenure.Use") || pipeline && !strings.Contains(string(roles), `"Tenure.Pipeline"`) {
			t.Fatalf("%q passes", payload)
		}
	})
}
