package auth

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands wherever a secret would have been printed.
const redacted = "[redacted]"

// Secret is a text that never prints: neither through fmt, whatever the verb,
// nor in a log, nor as JSON. Reveal is the only way to the text.
type Secret string

var (
	_ fmt.Formatter  = Secret("")
	_ slog.LogValuer = Secret("")
)

// Reveal gives the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String gives a placeholder.
func (Secret) String() string { return redacted }

// Format writes a placeholder for every verb and flag.
func (Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue gives a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText gives a placeholder, also to JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
