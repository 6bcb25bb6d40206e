package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

// session is what is stored of a signed-in person.
type session struct {
	Issuer     string         `json:"issuer"` // who vouched for the person
	Actor      workflow.Actor `json:"actor"`
	SignedInAt time.Time      `json:"signedInAt"`
	SeenAt     time.Time      `json:"seenAt"` // last use, to within seenEvery
}

// sessionKey is the one value that a stored session has.
const sessionKey = "session"

// seenEvery is how often the use of a session is written down.
const seenEvery = 15 * time.Second

// sessions keeps who is signed in. scs makes the tokens and stores them hashed;
// how long a session lasts is decided here, by the injected clock.
type sessions struct {
	manager  *scs.SessionManager
	issuer   string
	tenants  []string
	lifetime time.Duration
	idle     time.Duration
	clock    workflow.Clock
	// writing keeps noting the use of a session from bringing back one that is
	// being ended: scs writes by upsert.
	writing sync.Mutex
}

func newSessions(config Config, names cookies) *sessions {
	manager := scs.New()
	manager.Store = config.Sessions
	manager.Codec = sessionCodec{}
	manager.HashTokenInStore = true
	manager.Lifetime = config.Lifetime
	manager.Cookie = scs.SessionCookie{
		Name: names.sessionName(), Path: "/", HttpOnly: true, Secure: names.secure, SameSite: http.SameSiteLaxMode,
	}
	return &sessions{
		manager: manager, issuer: config.Issuer, tenants: config.Tenants,
		lifetime: config.Lifetime, idle: config.IdleTimeout, clock: config.Clock,
	}
}

// current is the session that the request's cookie names. found is false when
// there is none, or it has ended; an error means that nobody can tell.
func (s *sessions) current(c echo.Context) (found session, ok bool, err error) {
	cookie, err := c.Cookie(s.manager.Cookie.Name)
	if err != nil || cookie.Value == "" {
		return session{}, false, nil
	}
	_, found, ok, err = s.load(c.Request().Context(), cookie.Value)
	if err != nil || !ok {
		return session{}, false, err
	}
	now := s.clock.Now()
	if s.ended(found, now) {
		return session{}, false, s.destroy(c.Request().Context(), cookie.Value)
	}
	if now.Sub(found.SeenAt) >= seenEvery {
		return s.seen(c.Request().Context(), cookie.Value, now)
	}
	return found, true, nil
}

// ended says whether a stored session may no longer be used.
func (s *sessions) ended(found session, now time.Time) bool {
	return found.Issuer != s.issuer || !slices.Contains(s.tenants, found.Actor.ID.Tenant) ||
		now.Sub(found.SignedInAt) >= s.lifetime || now.Sub(found.SeenAt) >= s.idle
}

// seen notes that the session was used.
func (s *sessions) seen(ctx context.Context, token string, now time.Time) (session, bool, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	loaded, found, ok, err := s.load(ctx, token)
	if err != nil || !ok {
		return session{}, false, err
	}
	found.SeenAt = now
	s.manager.Put(loaded, sessionKey, found)
	if _, _, err := s.manager.Commit(loaded); err != nil {
		return session{}, false, fmt.Errorf("note the use of a session: %w", err)
	}
	return found, true, nil
}

// begin signs an actor in. The session gets a new token, so that one that was
// planted in the browser before is worth nothing; the old session is deleted.
func (s *sessions) begin(c echo.Context, actor workflow.Actor) error {
	ctx := c.Request().Context()
	token := ""
	if cookie, err := c.Cookie(s.manager.Cookie.Name); err == nil {
		token = cookie.Value
	}
	loaded, err := s.manager.Load(ctx, token)
	if err != nil {
		return fmt.Errorf("read the session before: %w", err)
	}
	if err := s.manager.RenewToken(loaded); err != nil {
		return fmt.Errorf("renew the session's token: %w", err)
	}
	now := s.clock.Now().UTC()
	s.manager.Put(loaded, sessionKey, session{Issuer: s.issuer, Actor: actor, SignedInAt: now, SeenAt: now})
	fresh, expiry, err := s.manager.Commit(loaded)
	if err != nil {
		return fmt.Errorf("store the session: %w", err)
	}
	s.manager.WriteSessionCookie(loaded, c.Response(), fresh, expiry)
	return nil
}

// end signs out: the session is gone from the store, and the cookie from the browser.
func (s *sessions) end(c echo.Context) error {
	cookie, err := c.Cookie(s.manager.Cookie.Name)
	if err != nil || cookie.Value == "" {
		return nil
	}
	if err := s.destroy(c.Request().Context(), cookie.Value); err != nil {
		return err
	}
	s.manager.WriteSessionCookie(c.Request().Context(), c.Response(), "", time.Time{})
	return nil
}

func (s *sessions) destroy(ctx context.Context, token string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	loaded, err := s.manager.Load(ctx, token)
	if err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	if err := s.manager.Destroy(loaded); err != nil {
		return fmt.Errorf("delete the session: %w", err)
	}
	return nil
}

// load reads a stored session; the context is what scs writes it back by.
func (s *sessions) load(ctx context.Context, token string) (context.Context, session, bool, error) {
	loaded, err := s.manager.Load(ctx, token)
	if err != nil {
		return nil, session{}, false, fmt.Errorf("read the session: %w", err)
	}
	found, ok := s.manager.Get(loaded, sessionKey).(session)
	return loaded, found, ok, nil
}

// sessionCodec stores a session as JSON.
type sessionCodec struct{}

var _ scs.Codec = sessionCodec{}

type storedSession struct {
	Deadline time.Time `json:"deadline"`
	Session  *session  `json:"session"`
}

// Encode writes the session.
func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	stored := storedSession{Deadline: deadline}
	if found, ok := values[sessionKey].(session); ok {
		stored.Session = &found
	}
	return json.Marshal(stored)
}

// Decode reads what Encode wrote. What another version wrote and this one
// cannot read is nobody's session: the person signs in again.
func (sessionCodec) Decode(data []byte) (time.Time, map[string]any, error) {
	var stored storedSession
	if err := json.Unmarshal(data, &stored); err != nil || stored.Session == nil {
		return time.Time{}, map[string]any{}, nil
	}
	return stored.Deadline, map[string]any{sessionKey: *stored.Session}, nil
}
