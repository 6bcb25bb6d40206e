package devprovider_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/handlers/auth/devprovider"
	"tenure.dev/workflow"
)

const (
	tenantID = "11111111-aaaa-4bbb-8ccc-000000000001"
	danaID   = "22222222-aaaa-4bbb-8ccc-000000000001"
	samID    = "22222222-aaaa-4bbb-8ccc-000000000002"
	groupID  = "33333333-aaaa-4bbb-8ccc-000000000001"
	verifier = "a-verifier-that-is-long-enough-for-rfc-7636-s-43"
)

var people = []devprovider.Person{
	{Name: "Dana <Developer>", Username: "dana@contoso.example", ObjectID: danaID, Groups: []string{groupID}, Note: "Member of payments: asks for namespaces."},
	{Name: "Sam Security", Username: "sam@contoso.example", ObjectID: samID, Roles: []string{"Tenure.Security"}, Note: "Reviews for security."},
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// running is a provider on a real listener.
type running struct {
	*devprovider.Provider
	issuer   string
	redirect string
	clock    *clock
}

func start(t *testing.T) *running {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	r := &running{issuer: base + "/dev/oidc", redirect: base + "/auth/callback", clock: &clock{now: time.Now()}}
	provider, err := devprovider.New(r.config())
	if err != nil {
		t.Fatal(err)
	}
	r.Provider = provider
	server.Config.Handler = provider.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return r
}

func (r *running) config() devprovider.Config {
	return devprovider.Config{
		Issuer: r.issuer, RedirectURL: r.redirect, Tenant: tenantID, People: people,
		Stylesheets: []string{"/static/build/tenure.css?v=1"}, Clock: r.clock, Log: slog.New(slog.DiscardHandler),
	}
}

// asked is the query of a right authorization request.
func (r *running) asked() url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return url.Values{
		"client_id": {r.ClientID()}, "redirect_uri": {r.redirect}, "response_type": {"code"}, "scope": {"openid profile"},
		"state": {"a-state"}, "nonce": {"a-nonce"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
}

type answer struct {
	*http.Response
	text string
}

// send sends one request and follows no redirect.
func send(t *testing.T, method, address string, form url.Values, header map[string]string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for key, value := range header {
		request.Header.Set(key, value)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, string(body)}
}

// begin gives the address of the page to pick a person.
func (r *running) begin(t *testing.T) (page, id string) {
	t.Helper()
	got := send(t, http.MethodGet, r.issuer+"/authorize?"+r.asked().Encode(), nil, nil)
	to, err := got.Location()
	if err != nil || to.Path != "/dev/oidc/sign-in" {
		t.Fatalf("status %d, to %v: %s", got.StatusCode, to, got.text)
	}
	return to.String(), to.Query().Get("request")
}

// code signs Dana in up to her code.
func (r *running) code(t *testing.T) string {
	t.Helper()
	page, id := r.begin(t)
	picked := send(t, http.MethodPost, page, url.Values{"request": {id}, "person": {danaID}}, map[string]string{"Sec-Fetch-Site": "same-origin"})
	back, err := send(t, http.MethodGet, picked.Header.Get("Location"), nil, nil).Location()
	if err != nil || back.Query().Get("state") != "a-state" || !strings.HasPrefix(back.String(), r.redirect+"?") {
		t.Fatalf("back to %v: %v", back, err)
	}
	return back.Query().Get("code")
}

// redeem sends a code to the token endpoint.
func (r *running) redeem(t *testing.T, code string, change func(form url.Values, secret *string)) answer {
	t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {r.redirect}, "code_verifier": {verifier}}
	secret := r.ClientSecret().Reveal()
	if change != nil {
		change(form, &secret)
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(r.ClientID()+":"+secret))
	return send(t, http.MethodPost, r.issuer+"/token", form, map[string]string{"Authorization": basic})
}

// claims redeems a code, and gives what the ID token says.
func (r *running) claims(t *testing.T) map[string]any {
	t.Helper()
	got := r.redeem(t, r.code(t), nil)
	var tokens struct {
		IDToken      string `json:"id_token"`
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(got.text), &tokens); err != nil || tokens.RefreshToken != "" {
		t.Fatalf("%s: %v", got.text, err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(tokens.IDToken, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestTokensHoldForAnHourByTheProvidersClock(t *testing.T) {
	r := start(t)
	r.clock.advance(48 * time.Hour)
	earliest := r.clock.Now().Add(time.Hour).Add(-time.Second) // claims have whole seconds
	exp, _ := r.claims(t)["exp"].(float64)
	if ends := time.Unix(int64(exp), 0); ends.Before(earliest) || ends.After(earliest.Add(time.Minute)) {
		t.Errorf("a token of %s holds until %s", r.clock.Now(), ends)
	}
}

func TestTokensAreShapedLikeThoseOfEntra(t *testing.T) {
	r := start(t)
	claims := r.claims(t)
	for _, ofTime := range []string{"iat", "exp", "auth_time", "at_hash", "c_hash"} {
		delete(claims, ofTime)
	}
	subject, _ := claims["sub"].(string)
	if len(subject) != 43 || strings.Contains(subject, danaID) {
		t.Errorf("sub %q", subject)
	}
	delete(claims, "sub")
	want := map[string]any{
		"iss": r.issuer, "aud": []any{r.ClientID()}, "azp": r.ClientID(), "client_id": r.ClientID(), "nonce": "a-nonce", "amr": []any{"pwd"},
		"ver": "2.0", "tid": tenantID, "oid": danaID, "groups": []any{groupID},
		"name": "Dana <Developer>", "preferred_username": "dana@contoso.example",
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestAuthorizationRequestsThatAreNotRightAreRefused(t *testing.T) {
	r := start(t)
	for name, test := range map[string]struct {
		key, value string
		redirected bool // the error goes to the portal; otherwise it must stay here
	}{
		"another redirect URI":         {"redirect_uri", "https://evil.example/auth/callback", false},
		"a longer redirect URI":        {"redirect_uri", r.redirect + "/x", false},
		"a redirect URI encoded twice": {"redirect_uri", url.QueryEscape(r.redirect), false},
		"another client":               {"client_id", "another", false},
		"no PKCE":                      {"code_challenge", "", true},
		"PKCE in plain":                {"code_challenge_method", "plain", true},
		"no nonce":                     {"nonce", "", true},
		"no state":                     {"state", "", true},
		"tokens without a code":        {"response_type", "id_token", false},
	} {
		t.Run(name, func(t *testing.T) {
			asked := r.asked()
			asked.Set(test.key, test.value)
			got := send(t, http.MethodGet, r.issuer+"/authorize?"+asked.Encode(), nil, nil)
			to := got.Header.Get("Location")
			if test.redirected != strings.HasPrefix(to, r.redirect) || strings.Contains(to, "/sign-in") || (!test.redirected && got.StatusCode != http.StatusBadRequest) {
				t.Errorf("status %d, to %q", got.StatusCode, to)
			}
		})
	}
}

func TestCodesAreRedeemedByTheOneWhoAskedAndOnce(t *testing.T) {
	r := start(t)
	for name, change := range map[string]func(form url.Values, secret *string){
		"another verifier":     func(form url.Values, _ *string) { form.Set("code_verifier", strings.Repeat("x", 43)) },
		"no verifier":          func(form url.Values, _ *string) { form.Del("code_verifier") },
		"another redirect URI": func(form url.Values, _ *string) { form.Set("redirect_uri", "https://evil.example") },
		"another secret":       func(_ url.Values, secret *string) { *secret = "guessed" },
		"no secret":            func(_ url.Values, secret *string) { *secret = "" },
		"not a percent code":   func(_ url.Values, secret *string) { *secret = "%zz" },
		"another grant":        func(form url.Values, _ *string) { form.Set("grant_type", "client_credentials") },
		"a refresh":            func(form url.Values, _ *string) { form.Set("grant_type", "refresh_token") },
		"an assertion": func(form url.Values, _ *string) {
			form.Set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.redeem(t, r.code(t), change)
			if got.StatusCode < 400 || got.StatusCode >= 500 || strings.Contains(got.text, "id_token") {
				t.Errorf("status %d: %s", got.StatusCode, got.text)
			}
		})
	}
	t.Run("once", func(t *testing.T) {
		code := r.code(t)
		if got := r.redeem(t, code, nil); got.StatusCode != http.StatusOK {
			t.Fatalf("status %d: %s", got.StatusCode, got.text)
		}
		if got := r.redeem(t, code, nil); got.StatusCode != http.StatusBadRequest {
			t.Errorf("the second time: status %d", got.StatusCode)
		}
	})
	t.Run("a wrong guess uses it up", func(t *testing.T) {
		code := r.code(t)
		r.redeem(t, code, func(form url.Values, _ *string) { form.Set("code_verifier", strings.Repeat("x", 43)) })
		if got := r.redeem(t, code, nil); got.StatusCode != http.StatusBadRequest {
			t.Errorf("after a wrong guess: status %d", got.StatusCode)
		}
	})
	t.Run("in time", func(t *testing.T) {
		code := r.code(t)
		r.clock.advance(10 * time.Minute)
		if got := r.redeem(t, code, nil); got.StatusCode != http.StatusBadRequest {
			t.Errorf("too late: status %d", got.StatusCode)
		}
	})
}

func TestASignInHasOneCode(t *testing.T) {
	r := start(t)
	page, id := r.begin(t)
	picked := send(t, http.MethodPost, page, url.Values{"request": {id}, "person": {danaID}}, nil)
	send(t, http.MethodGet, picked.Header.Get("Location"), nil, nil)
	again := send(t, http.MethodGet, picked.Header.Get("Location"), nil, nil)
	if to := again.Header.Get("Location"); strings.Contains(to, "code=") {
		t.Errorf("another code: %s", to)
	}
}

func TestNobodyIsSignedInBeforeSomebodyWasPicked(t *testing.T) {
	r := start(t)
	_, id := r.begin(t)
	got := send(t, http.MethodGet, r.issuer+"/authorize/callback?id="+id, nil, nil)
	if to := got.Header.Get("Location"); !strings.Contains(to, "error=interaction_required") || strings.Contains(to, "code=") {
		t.Errorf("to %s", to)
	}
}

func TestThePageToPickAPerson(t *testing.T) {
	r := start(t)
	page, id := r.begin(t)
	got := send(t, http.MethodGet, page, nil, nil)
	golden(t, "choose.html", strings.ReplaceAll(got.text, id, "REQUEST"))
	policy := got.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("header %v", got.Header)
	}
	if found := regexp.MustCompile(`(?i)<script|style=|\son[a-z]+=`).FindString(got.text); found != "" {
		t.Errorf("the page has %q in it, which the policy does not allow", found)
	}
	nobody := send(t, http.MethodPost, page, url.Values{"request": {id}, "person": {"somebody"}}, nil)
	if nobody.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(nobody.text, "Choose one of these people") {
		t.Errorf("status %d: %s", nobody.StatusCode, nobody.text)
	}
}

func TestASignInThatIsOverSaysSo(t *testing.T) {
	r := start(t)
	page, id := r.begin(t)
	r.clock.advance(10 * time.Minute)
	for _, got := range []answer{
		send(t, http.MethodGet, page, nil, nil),
		send(t, http.MethodPost, page, url.Values{"request": {id}, "person": {danaID}}, nil),
		send(t, http.MethodGet, r.issuer+"/sign-in?request=invented", nil, nil),
	} {
		if got.StatusCode != http.StatusGone {
			t.Errorf("status %d", got.StatusCode)
		}
		golden(t, "over.html", got.text)
	}
}

func TestAnotherSitesFormPicksNobody(t *testing.T) {
	r := start(t)
	page, id := r.begin(t)
	got := send(t, http.MethodPost, page, url.Values{"request": {id}, "person": {danaID}}, map[string]string{"Sec-Fetch-Site": "cross-site"})
	if got.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", got.StatusCode)
	}
}

func TestOnlyWhatSigningInNeedsCanBeReached(t *testing.T) {
	r := start(t)
	for _, path := range []string{"/userinfo", "/oauth/introspect", "/revoke", "/end_session", "/device_authorization", "/healthz", "/"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if got := send(t, method, r.issuer+path, url.Values{}, nil); got.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: status %d", method, path, got.StatusCode)
			}
		}
	}
	if got := send(t, http.MethodGet, r.issuer+"/token?grant_type=authorization_code", nil, nil); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET /token: status %d", got.StatusCode)
	}
	keys := send(t, http.MethodGet, r.issuer+"/keys", nil, nil)
	if !strings.Contains(keys.text, `"kty":"RSA"`) || strings.Contains(keys.text, `"d":`) {
		t.Errorf("keys %s", keys.text)
	}
}

func TestAProviderThatOthersCouldReachIsRefused(t *testing.T) {
	base := devprovider.Config{Tenant: tenantID, People: people, Clock: &clock{}, Log: slog.New(slog.DiscardHandler)}
	for host, fine := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://127.0.0.9": true, "http://[::1]:8080": true, "http://localhost:8080": true,
		"http://0.0.0.0:8080": false, "http://10.0.0.1": false, "https://tenure.example.com": false, "http://localhost.evil.example": false,
		"http://127.0.0.1.evil.example": false, "http://[::]": false, "http://127.0.0.1@evil.example": false, "": false,
	} {
		for field, config := range map[string]devprovider.Config{
			"issuer":       {Issuer: host + "/dev/oidc", RedirectURL: "http://127.0.0.1/auth/callback"},
			"redirect URL": {Issuer: "http://127.0.0.1/dev/oidc", RedirectURL: host + "/auth/callback"},
		} {
			config.Tenant, config.People, config.Clock, config.Log = base.Tenant, base.People, base.Clock, base.Log
			if _, err := devprovider.New(config); (err == nil) != fine || (err != nil && !strings.Contains(err.Error(), field)) {
				t.Errorf("%s %s: error %v", field, host, err)
			}
		}
	}
}

func TestSeededPeopleAreChecked(t *testing.T) {
	r := start(t)
	for want, seeded := range map[string][]devprovider.Person{
		"there is nobody":           nil,
		"has no name":               {{ObjectID: danaID}},
		`"dana" must be a UUID`:     {{Name: "Dana", ObjectID: "dana"}},
		`"` + danaID + `" is taken`: {people[0], {Name: "Another", ObjectID: danaID}},
	} {
		config := r.config()
		config.People = seeded
		if _, err := devprovider.New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := devprovider.New(devprovider.Config{}); err == nil || strings.Count(err.Error(), "\n") < 3 {
		t.Errorf("an empty configuration: %v", err)
	}
}

func TestTheDirectoryKnowsTheSeededPeople(t *testing.T) {
	directory := devprovider.Directory{Tenant: tenantID, Everybody: people}
	for group, want := range map[string][]workflow.PersonID{
		groupID:  {{Tenant: tenantID, Object: danaID}},
		"nobody": nil,
	} {
		got, known, err := directory.Members(context.Background(), group)
		if diff := cmp.Diff(want, got); diff != "" || !known || err != nil {
			t.Errorf("%s: known %v, error %v (-want +got):\n%s", group, known, err, diff)
		}
	}
}

func TestWhatIsForgottenMakesRoom(t *testing.T) {
	r := start(t)
	for range 1000 {
		r.begin(t)
	}
	full := send(t, http.MethodGet, r.issuer+"/authorize?"+r.asked().Encode(), nil, nil)
	if to := full.Header.Get("Location"); !strings.Contains(to, "error=server_error") {
		t.Errorf("to %s", to)
	}
	r.clock.advance(10 * time.Minute)
	r.begin(t)
}

// golden compares with a file of testdata; with UPDATE_GOLDEN set it writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
