package devprovider

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tenure.dev/handlers/auth"
)

// maxRequests is how many sign-ins may be on their way at a time.
const maxRequests = 1000

// storage is what op keeps: sign-ins on their way, and their codes.
type storage struct {
	config Config
	client client
	secret auth.Secret
	key    signingKey

	mu       sync.Mutex
	requests map[string]*request // by id
	codes    map[string]string   // code → id of the request
}

var (
	_ op.Storage                   = (*storage)(nil)
	_ op.CanSetUserinfoFromRequest = (*storage)(nil)
)

func newStorage(config Config, key *rsa.PrivateKey, loginURL string) *storage {
	return &storage{
		config:   config,
		client:   client{redirectURL: config.RedirectURL, loginURL: loginURL, clock: config.Clock},
		secret:   auth.Secret(rand.Text()),
		key:      signingKey{id: rand.Text(), private: key},
		requests: map[string]*request{},
		codes:    map[string]string{},
	}
}

var errNoRequest = errors.New("this sign-in is unknown, over, or took too long")

// CreateAuthRequest begins a sign-in. PKCE with S256, state and nonce are not
// optional here, so that forgetting one of them shows in development.
func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	switch {
	case asked.RedirectURI != s.config.RedirectURL:
		return nil, oidc.ErrInvalidRequestRedirectURI().WithDescription("The redirect_uri is not the portal's.")
	case asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256:
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with the method S256 is required.")
	case asked.Nonce == "" || asked.State == "":
		return nil, oidc.ErrInvalidRequest().WithDescription("state and nonce are required.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Clock.Now()
	s.forgetExpired(now)
	if len(s.requests) >= maxRequests {
		return nil, oidc.ErrServerError().WithDescription("Too many sign-ins are on their way.")
	}
	begun := &request{id: rand.Text(), asked: *asked, begunAt: now}
	s.requests[begun.id] = begun
	return begun.copied(), nil
}

// AuthRequestByID finds a sign-in.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(id)
	if err != nil {
		return nil, err
	}
	return found.copied(), nil
}

// pick says who the person is.
func (s *storage) pick(id string, person Person) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(id)
	if err != nil {
		return err
	}
	found.person, found.subject, found.pickedAt = &person, subject(person), s.config.Clock.Now()
	return nil
}

// SaveAuthCode notes the one code of a sign-in.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(id)
	if err != nil {
		return err
	}
	if found.coded {
		return oidc.ErrInvalidRequest().WithDescription("This sign-in has had its code.")
	}
	found.coded = true
	s.codes[code] = id
	return nil
}

// AuthRequestByCode finds the sign-in of a code. The code is used up by it,
// also when the verifier that comes with it turns out to be wrong.
func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, found := s.codes[code]
	if !found {
		return nil, errNoRequest
	}
	delete(s.codes, code)
	begun, err := s.find(id)
	if err != nil {
		return nil, err
	}
	return begun.copied(), nil
}

// DeleteAuthRequest forgets a sign-in that is over.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

// find needs the lock.
func (s *storage) find(id string) (*request, error) {
	found, ok := s.requests[id]
	if !ok || s.config.Clock.Now().Sub(found.begunAt) >= requestLifetime {
		return nil, errNoRequest
	}
	return found, nil
}

// forgetExpired needs the lock.
func (s *storage) forgetExpired(now time.Time) {
	maps.DeleteFunc(s.requests, func(_ string, r *request) bool { return now.Sub(r.begunAt) >= requestLifetime })
	maps.DeleteFunc(s.codes, func(_, id string) bool { return s.requests[id] == nil })
}

// GetClientByClientID knows one client.
func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != clientID {
		return nil, errors.New("no such client")
	}
	return s.client, nil
}

// AuthorizeClientIDSecret checks the client's secret.
func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != clientID || subtle.ConstantTimeCompare([]byte(secret), []byte(s.secret.Reveal())) != 1 {
		return oidc.ErrInvalidClient().WithDescription("The client's id or secret is wrong.")
	}
	return nil
}

// person finds a seeded person by object id.
func (s *storage) person(objectID string) (Person, bool) {
	i := slices.IndexFunc(s.config.People, func(p Person) bool { return p.ObjectID == objectID })
	if i < 0 {
		return Person{}, false
	}
	return s.config.People[i], true
}

// Health has nothing that could be ill.
func (s *storage) Health(context.Context) error { return nil }
