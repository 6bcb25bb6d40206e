package auth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestASecretNeverPrints(t *testing.T) {
	const text = "hunter2"
	config := Config{ClientSecret: text}
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		fmt.Fprintf(&printed, verb+"\n", config.ClientSecret)
		fmt.Fprintf(&printed, verb+"\n", config)
	}
	fmt.Fprintln(&printed, config.ClientSecret, &config)
	slog.New(slog.NewTextHandler(&printed, nil)).Info("x", "secret", config.ClientSecret, "config", config)
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "secret", config.ClientSecret)
	data, err := json.Marshal(map[string]any{"secret": config.ClientSecret, "config": struct{ Secret Secret }{text}})
	if err != nil {
		t.Fatal(err)
	}
	printed.Write(data)
	if got := printed.String(); strings.Contains(got, text) || strings.Contains(got, fmt.Sprintf("%x", text)) || !strings.Contains(got, redacted) {
		t.Errorf("printed:\n%s", got)
	}
	if config.ClientSecret.Reveal() != text {
		t.Error("the secret is lost")
	}
}
