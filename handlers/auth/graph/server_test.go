package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure.dev/handlers/auth/graph"
)

const (
	tenantID = "de000000-0000-4000-8000-000000000000"
	groupID  = "de000000-0000-4000-8000-0000000000a1"
	clientID = "de000000-0000-4000-8000-0000000000c1"
	// A client id and a secret are form-encoded before they are put into the
	// header (RFC 6749 section 2.3.1).
	clientSecret = "s3cret~of/the:portal"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// answer is what Graph says to one question.
type answer struct {
	status int
	header map[string]string
	body   string
}

// cloud is Entra's token endpoint and Graph, as they speak on the wire.
type cloud struct {
	*testing.T
	*httptest.Server
	clock *clock

	mu      sync.Mutex
	tokens  int               // how many were given
	revoked int               // tokens up to this one are not taken
	holds   int               // seconds; 0: nothing is said
	refuse  *answer           // the token endpoint's answer, when it gives none
	answers map[string]answer // by path and decoded query
	busy    []answer          // given first, one to a question
	asked   []string          // path and decoded query of each question to Graph
	waited  []time.Duration   // by the client
}

func newCloud(t *testing.T) *cloud {
	c := &cloud{T: t, clock: &clock{at: noon}, holds: 3599, answers: map[string]answer{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) config() graph.Config {
	return graph.Config{
		URL: c.URL, TokenURL: c.URL + "/" + tenantID + "/oauth2/v2.0/token", Tenant: tenantID,
		ClientID: clientID, ClientSecret: clientSecret, Clock: c.clock,
		Wait: func(ctx context.Context, pause time.Duration) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.waited = append(c.waited, pause)
			c.clock.advance(pause)
			return ctx.Err()
		},
	}
}

func (c *cloud) client() *graph.Client {
	c.Helper()
	client, err := graph.New(c.config())
	if err != nil {
		c.Fatal(err)
	}
	return client
}

// with sets fields that the server reads while it runs.
func (c *cloud) with(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// questions are those that Graph was asked since the last call.
func (c *cloud) questions() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = nil
	return asked
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.URL.Path == "/"+tenantID+"/oauth2/v2.0/token" {
		c.token(w, r)
		return
	}
	query, err := url.QueryUnescape(strings.ReplaceAll(r.URL.RawQuery, "+", "%2B"))
	if err != nil || r.Method != http.MethodGet {
		c.Errorf("Graph was asked %s %s: %v", r.Method, r.URL, err)
	}
	question := r.URL.Path + "?" + query
	c.asked = append(c.asked, question)
	switch given := c.answers[question]; {
	case !c.takes(r.Header.Get("Authorization")):
		write(w, answer{status: http.StatusUnauthorized, body: `{"error":{"code":"InvalidAuthenticationToken","message":"Access token has expired or is not yet valid."}}`})
	case r.Header.Get("ConsistencyLevel") != "eventual" && strings.Contains(query, "$count=true"):
		write(w, answer{status: http.StatusBadRequest, body: `{"error":{"code":"Request_UnsupportedQuery"}}`})
	case len(c.busy) > 0:
		write(w, c.busy[0])
		c.busy = c.busy[1:]
	case given.body == "" && given.status == 0:
		write(w, answer{status: http.StatusNotFound, body: notFound})
	default:
		write(w, given)
	}
}

const notFound = `{"error":{"code":"Request_ResourceNotFound","message":"Resource does not exist or one of its queried reference-property objects are not present.","innerError":{"date":"2026-11-21T12:00:00","request-id":"de000000-0000-4000-8000-00000000ffff"}}}`

// takes says whether an access token is one that was given, and not revoked.
func (c *cloud) takes(header string) bool {
	for i := c.revoked + 1; i <= c.tokens; i++ {
		if header == fmt.Sprintf("Bearer token-%d", i) {
			return true
		}
	}
	return false
}

func (c *cloud) token(w http.ResponseWriter, r *http.Request) {
	if c.refuse != nil {
		write(w, *c.refuse)
		return
	}
	id, secret, ok := r.BasicAuth()
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.PostForm.Get("grant_type") != "client_credentials" || r.PostForm.Get("scope") != c.URL+"/.default" {
		c.Errorf("a token is asked for with %s %v: %v", r.Method, r.PostForm, err)
	}
	if !ok || id != clientID || secret != url.QueryEscape(clientSecret) {
		c.Errorf("the client says that it is %q", id)
	}
	c.tokens++
	token := map[string]any{"token_type": "Bearer", "access_token": fmt.Sprintf("token-%d", c.tokens)}
	if c.holds > 0 {
		token["expires_in"], token["ext_expires_in"] = c.holds, c.holds
	}
	body, err := json.Marshal(token)
	if err != nil {
		c.Error(err)
	}
	write(w, answer{body: string(body)})
}

func write(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body)) // the client may be gone
}

// membersOf is the first question about a group's members.
func membersOf(group string) string {
	return "/v1.0/groups/" + group + "/transitiveMembers/microsoft.graph.user?$select=id,displayName,userPrincipalName,userType&$top=999&$count=true"
}

// named is the question about groups by the beginning of their name; a quote in
// it is doubled.
func named(text string) string {
	return "/v1.0/groups?$filter=startswith(displayName,'" + text + "')&$select=id,displayName&$orderby=displayName&$top=20&$count=true"
}

// member writes a user as Graph does.
func member(number int, name, user, kind string) string {
	kindText, err := json.Marshal(kind)
	if err != nil || kind == "" {
		kindText = []byte("null")
	}
	return fmt.Sprintf(`{"@odata.type":"#microsoft.graph.user","id":%q,"displayName":%q,"userPrincipalName":%q,"userType":%s}`, personID(number), name, user, kindText)
}

func personID(number int) string { return fmt.Sprintf("de000000-0000-4000-8000-%012d", number) }

// collection writes a page.
func collection(next string, items ...string) answer {
	body := `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","@odata.count":` + fmt.Sprint(len(items))
	if next != "" {
		body += fmt.Sprintf(`,"@odata.nextLink":%q`, next)
	}
	return answer{body: body + `,"value":[` + strings.Join(items, ",") + "]}"}
}
