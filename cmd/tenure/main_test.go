package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain takes away the settings of whoever runs the tests.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TENURE_") {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}

// result is what a run of the program left.
type result struct {
	code int
	out  string
	err  string // what was printed to standard error
}

// tenure runs the program with the arguments.
func tenure(t testing.TB, args ...string) result {
	t.Helper()
	return tenureReading(t, "", args...)
}

// tenureReading runs the program with something on its standard input.
func tenureReading(t testing.TB, in string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience) // what should be refused might serve instead
	defer cancel()
	var out, errOut bytes.Buffer
	code := exitCode(run(ctx, append([]string{"tenure"}, args...), strings.NewReader(in), &out, &errOut), &errOut)
	return result{code, out.String(), errOut.String()}
}

// want checks the exit code, and that standard output and standard error hold
// the texts. An empty text wants nothing.
func (r result) want(t testing.TB, code int, out, err string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.out, out) || !strings.Contains(r.err, err) {
		t.Fatalf("exit code %d, want %d\nout (want %q):\n%s\nerr (want %q):\n%s", r.code, code, out, r.out, err, r.err)
	}
}

// transcript is written by a program that runs, and read meanwhile.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

var _ io.Writer = (*transcript)(nil)

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// patience is how long a condition may take to come true; it takes milliseconds
// on an idle machine.
const patience = time.Minute

// eventually waits for the condition.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("it never came true that %s", what)
		case <-ticker.C:
		}
	}
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheVersionIsPrinted(t *testing.T) {
	tenure(t, "version").want(t, 0, version+"\n", "")
}

func TestAnUnknownSettingIsAFault(t *testing.T) {
	tenure(t, "serve", "--nonsense").want(t, 2, "", "nonsense")
}
