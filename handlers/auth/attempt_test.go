package auth

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"
)

func FuzzAttempt(f *testing.F) {
	now := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	begun := newAttempt("/queue", now)
	data, err := json.Marshal(begun)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(base64.RawURLEncoding.EncodeToString(data), begun.State)
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"state":"","next":"//evil"}`)), "")
	f.Add("null", "null")
	f.Fuzz(func(t *testing.T, value, state string) {
		got, err := decodeAttempt(value, state, now)
		if err != nil {
			return
		}
		if got.State != state || got.Nonce == "" || got.Verifier == "" || got.Next != localPath(got.Next) {
			t.Fatalf("decodeAttempt(%q, %q) = %+v", value, state, got)
		}
	})
}

func TestEverySignInHasItsOwnStateNonceAndVerifier(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		begun := newAttempt("/", time.Time{})
		if !isState(begun.State) {
			t.Errorf("state %q", begun.State)
		}
		for _, value := range []string{begun.State, begun.Nonce, begun.Verifier} {
			if len(value) < 26 || seen[value] {
				t.Errorf("%q is short or was used before", value)
			}
			seen[value] = true
		}
	}
}
