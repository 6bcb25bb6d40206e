package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"
)

// maxAttempts is how many sign-ins one browser may have begun and not ended.
// Several are usual: a browser that restores its tabs begins one in each.
const maxAttempts = 5

// attempt is one sign-in that was begun, kept by the browser that began it in a
// cookie of its own. Nothing in it is secret from that browser; it binds what
// comes back from the provider to it.
type attempt struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"` // of PKCE, RFC 7636
	Next     string    `json:"next"`
	At       time.Time `json:"at"`
}

func newAttempt(next string, now time.Time) attempt {
	return attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: localPath(next), At: now}
}

// errNoAttempt means that this browser did not begin the sign-in that it comes back from.
var errNoAttempt = errors.New("no sign-in with this state was begun in this browser")

// cookies names and makes the cookies of sign-in attempts.
type cookies struct {
	prefix string // __Host- when the portal is on https
	secure bool
}

func (k cookies) attemptPrefix() string { return k.prefix + "tenure-signin-" }

// sessionName is the name of the session's cookie.
func (k cookies) sessionName() string { return k.prefix + "tenure-session" }

func (k cookies) cookie(name, value string, age time.Duration) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: plain HTTP is for loopback only, see Config; on https the flag is set
		Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, Secure: k.secure, SameSite: http.SameSiteLaxMode,
	}
}

// keep gives the attempt to the browser. When the browser has begun too many,
// those before are given up.
func (k cookies) keep(c echo.Context, a attempt) error {
	var before []string
	for _, cookie := range c.Cookies() {
		if strings.HasPrefix(cookie.Name, k.attemptPrefix()) {
			before = append(before, cookie.Name)
		}
	}
	if len(before) >= maxAttempts {
		for _, name := range before {
			c.SetCookie(k.cookie(name, "", -time.Second))
		}
	}
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode the sign-in attempt: %w", err)
	}
	c.SetCookie(k.cookie(k.attemptPrefix()+a.State, base64.RawURLEncoding.EncodeToString(data), attemptLifetime))
	return nil
}

// take finds the attempt that a state belongs to. It is good for one time.
func (k cookies) take(c echo.Context, state string, now time.Time) (attempt, error) {
	if !isState(state) {
		return attempt{}, errNoAttempt
	}
	cookie, err := c.Cookie(k.attemptPrefix() + state)
	if err != nil {
		return attempt{}, errNoAttempt
	}
	c.SetCookie(k.cookie(cookie.Name, "", -time.Second))
	return decodeAttempt(cookie.Value, state, now)
}

// decodeAttempt reads a cookie's value. It comes from a browser, so nothing of
// it is believed before it was checked.
func decodeAttempt(value, state string, now time.Time) (attempt, error) {
	data, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return attempt{}, fmt.Errorf("decode the sign-in attempt: %w", err)
	}
	var a attempt
	if err := json.Unmarshal(data, &a); err != nil {
		return attempt{}, fmt.Errorf("decode the sign-in attempt: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) != 1 || a.Nonce == "" || a.Verifier == "" {
		return attempt{}, errNoAttempt
	}
	if age := now.Sub(a.At); age < -time.Minute || age > attemptLifetime {
		return attempt{}, fmt.Errorf("the sign-in was begun at %s, more than %s ago", a.At.UTC().Format(time.RFC3339), attemptLifetime)
	}
	a.Next = localPath(a.Next)
	return a, nil
}

// isState says whether a text is of the alphabet and length of rand.Text, so
// that it can be part of a cookie's name.
func isState(text string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	return len(text) == 26 && strings.Trim(text, alphabet) == ""
}
