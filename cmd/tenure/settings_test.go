package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v3"

	"tenure.dev/handlers/auth"
)

// parsed gives the settings that `tenure serve` would run with.
func parsed(t testing.TB, args ...string) (settings, error) {
	t.Helper()
	s := settings{}
	command := &cli.Command{
		Name: "serve", Flags: append(s.portalFlags(), s.webhookFlags()...),
		Action: func(_ context.Context, c *cli.Command) error {
			if err := fillFromFile(c, s.Data); err != nil {
				return err
			}
			return s.complete(true)
		},
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	err := command.Run(t.Context(), append([]string{"serve"}, args...))
	return s, err
}

func TestDevelopmentListensOnLoopbackOnly(t *testing.T) {
	for _, flag := range []string{"listen", "webhook-listen"} {
		for _, address := range []string{"0.0.0.0:8080", ":8080", "[::]:8080", "192.0.2.7:8080", "tenure.example.com:8080", "127.0.0.1.nip.io:8080", "localhost.example.com:8080"} {
			_, err := parsed(t, "--dev", "--data", t.TempDir(), "--"+flag, address)
			want := fmt.Sprintf("--%s %q: with --dev everybody can sign in as anybody, so Tenure listens on a loopback address only, such as 127.0.0.1:8080", flag, address)
			if err == nil || err.Error() != want {
				t.Errorf("--%s %s: %v, want %s", flag, address, err, want)
			}
		}
		for _, address := range []string{"127.0.0.1:0", "127.9.9.9:1", "[::1]:8080", "localhost:8080"} {
			if _, err := parsed(t, "--dev", "--data", t.TempDir(), "--"+flag, address); err != nil {
				t.Errorf("--%s %s is refused: %v", flag, address, err)
			}
		}
		got := tenure(t, "serve", "--dev", "--data", t.TempDir(), "--"+flag, "8080")
		got.want(t, 2, "", fmt.Sprintf("--%s %q: not an address such as 127.0.0.1:8080", flag, "8080"))
	}
}

func TestBothListenersAreRefusedAtOnce(t *testing.T) {
	got := tenure(t, "serve", "--dev", "--data", t.TempDir(), "--listen", "0.0.0.0:1", "--webhook-listen", "0.0.0.0:2")
	got.want(t, 2, "", `--listen "0.0.0.0:1"`)
	got.want(t, 2, "", `--webhook-listen "0.0.0.0:2"`)
}

func TestEverythingThatProductionNeedsIsSaidAtOnce(t *testing.T) {
	got := tenure(t, "serve", "--data", t.TempDir(), "--log-format", "xml", "--refresh", "10ms", "--test-crash", "before-push", "--dev-clock", "ahead")
	got.want(t, 2, "", "")
	for _, says := range []string{
		"--repository is needed", "--cluster is needed", "--base-url is needed", "--issuer is needed", "--client-id is needed",
		"--client-secret is needed", "--entra-tenants is needed", "--trust is needed",
		`--log-format "xml": allowed are text and json`, "--refresh 10ms: at least 1s", "--test-crash goes with --dev only", "--dev-clock goes with --dev only",
	} {
		if !strings.Contains(got.err, says) {
			t.Errorf("%q is not said:\n%s", says, got.err)
		}
	}
	got = tenure(t, "webhook", "--data", t.TempDir())
	got.want(t, 2, "", "--trust is needed")
	if strings.Contains(got.err, "--issuer") {
		t.Errorf("the webhook asks for a portal's settings:\n%s", got.err)
	}
	got = tenure(t, "webhook", "--data", t.TempDir(), "--dev-clock", "ahead", "--webhook-listen", "0.0.0.0:8443")
	got.want(t, 2, "", `--dev-clock goes with a loopback address only, such as 127.0.0.1:8443, and not with --webhook-listen "0.0.0.0:8443"`)
}

func TestFlagsWinOverTheEnvironmentAndThatOverTheFile(t *testing.T) {
	data := t.TempDir()
	writeFile(t, envFile(data), `# made by hand

TENURE_CLUSTER=from-file
TENURE_BRANCH=from-file
TENURE_ISSUER=from-file=with=signs
TENURE_REFRESH=9s
TENURE_TRUST=AA,BB
TENURE_DEV=true
`)
	t.Setenv("TENURE_CLUSTER", "from-environment")
	t.Setenv("TENURE_BRANCH", "from-environment")
	s, err := parsed(t, "--data", data, "--cluster", "from-flag")
	if err != nil {
		t.Fatal(err)
	}
	if s.Cluster != "from-flag" || s.Branch != "from-environment" || s.Issuer != "from-file=with=signs" || s.Refresh != 9*time.Second || !s.Dev {
		t.Errorf("%+v", s)
	}
	if strings.Join(s.Trust, " ") != "AA BB" {
		t.Errorf("trusted are %q", s.Trust)
	}
	if s.Listen != "127.0.0.1:8080" {
		t.Errorf("the default was lost: %q", s.Listen)
	}
	s, err = parsed(t, "--data", data, "--trust", "CC")
	if err != nil || strings.Join(s.Trust, " ") != "CC" {
		t.Errorf("the file adds to the flag: %q %v", s.Trust, err)
	}
	t.Setenv("TENURE_DATA", data)
	if s, err = parsed(t); err != nil || s.Data != data || s.Refresh != 9*time.Second {
		t.Errorf("the file of the environment's data folder is not read: %+v %v", s, err)
	}
}

func TestAFileWithWhatNobodyKnowsIsRefusedNamingIt(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		says []string // after the file's path
	}{
		"unknown names, all of them": {"TENURE_TRUTS=AA\nTENURE_X=1\n", []string{": there is no setting TENURE_TRUTS", ": there is no setting TENURE_X"}},
		"no prefix":                  {"\nTRUST=AA\n", []string{":2: the line is not TENURE_NAME=value"}},
		"no value":                   {"# trust\nTENURE_TRUST\n", []string{":2: the line is not TENURE_NAME=value"}},
		"a value that cannot be":     {"TENURE_REFRESH=soon\n", []string{": TENURE_REFRESH: "}},
		"the data folder itself":     {"TENURE_DATA=/elsewhere\n", []string{": there is no setting TENURE_DATA"}},
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			writeFile(t, envFile(data), c.file)
			for _, command := range []string{"serve", "webhook"} {
				got := tenure(t, command, "--data", data)
				got.want(t, 2, "", "")
				for _, says := range c.says {
					if !strings.Contains(got.err, envFile(data)+says) {
						t.Errorf("%s does not say %q:\n%s", command, says, got.err)
					}
				}
			}
		})
	}
}

func TestOneFileServesEveryCommandOfADataFolder(t *testing.T) {
	data := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "elsewhere.db")
	writeFile(t, envFile(data), "TENURE_ISSUER=https://login.example.com\nTENURE_CLIENT_SECRET=hunter2\nTENURE_DATABASE="+elsewhere+"\n")
	got := tenure(t, "webhook", "--data", data)
	got.want(t, 2, "", "--trust is needed")
	if strings.Contains(got.err, "TENURE_ISSUER") {
		t.Errorf("the webhook refuses the portal's settings:\n%s", got.err)
	}
	tenure(t, "migrate", "--data", data).want(t, 0, "", "")
	readFile(t, elsewhere)
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	const secret = "hunter2"
	s := settings{ClientSecret: secret, RepositoryPassword: secret, KeyPassphrase: secret, Database: "postgres://me:" + secret + "@db.example/tenure"}
	var log transcript
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "text", s, "secret", s.ClientSecret)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "json", s, "secret", s.ClientSecret)
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"log": log.String(), "JSON": string(asJSON), "sign-in": fmt.Sprintf("%+v", productionIdentity(s).config)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		texts[verb] = fmt.Sprintf(verb+verb, s, &s)
	}
	for _, name := range []string{"CLIENT_SECRET", "REPOSITORY_PASSWORD", "SIGNING_KEY_PASSPHRASE", "DATABASE"} {
		t.Setenv("TENURE_"+name, "postgres://me:"+secret+"@127.0.0.1:1/tenure?connect_timeout=1")
	}
	data := t.TempDir()
	for _, args := range [][]string{
		{"serve", "--help"}, {"webhook", "--help"}, {"init", "--help"}, {"check", "--help"}, {"migrate", "--help"},
		{"serve", "--data", data}, {"migrate", "--data", data},
		{"serve", "--data", data, "--dev", "--listen", "127.0.0.1:0", "--webhook-listen", "127.0.0.1:0"},
		{"serve", "--data", data, "--repository", "https://me:" + secret + "@example.invalid/x"},
		{"check", "--repository", "https://me:" + secret + "@example.invalid/x", "--cluster", "x", "-f", "x"},
	} {
		got := tenure(t, args...)
		texts[strings.Join(args[:min(len(args), 4)], " ")] = got.out + got.err
	}
	writeFile(t, envFile(data), "CLIENT_SECRET="+secret+"\n")
	texts["a mistake in the file"] = tenure(t, "serve", "--data", data).err
	for where, text := range texts {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows the secret:\n%s", where, text)
		}
		if text == "" {
			t.Errorf("%s shows nothing", where)
		}
	}
	if s.ClientSecret != auth.Secret(secret) {
		t.Error("the secret was lost")
	}
}

func TestAWrongBaseURLIsRefused(t *testing.T) {
	for _, address := range []string{"tenure.example.com", "https://tenure.example.com/portal", "://"} {
		tenure(t, "serve", "--dev", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--webhook-listen", "127.0.0.1:0", "--base-url", address).
			want(t, 2, "", fmt.Sprintf("--base-url %q: not a URL without a path", address))
	}
}
