package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"tenure.dev/handlers/auth"
	"tenure.dev/handlers/auth/graph"
)

// settings is the configuration of `tenure serve` and `tenure webhook`. Each
// stands for a flag and an environment variable TENURE_<FLAG>, which may also
// stand in the file tenure.env of the data folder. Flags win over the
// environment, and the environment over the file.
type settings struct {
	Dev           bool
	Data          string
	Listen        string
	WebhookListen string
	BaseURL       string
	Database      auth.Secret // a postgres:// URL may hold a password
	LogFormat     string

	Repository         string
	Branch             string
	RepositoryUsername string
	RepositoryPassword auth.Secret
	Trust              []string
	SigningKey         string
	KeyPassphrase      auth.Secret
	Refresh            time.Duration

	Issuer       string
	ClientID     string
	ClientSecret auth.Secret
	EntraTenants []string
	APIAudience  string
	APIScope     string
	Graph        bool
	GraphURL     string

	Cluster      string
	WebhookHosts []string
	Certificate  string
	Kubeconfig   string

	ClusterKubeconfig string

	TestCrash string
	DevClock  string
}

// variable names a flag's environment variable.
func variable(flag string) string {
	return "TENURE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func env(flag string) cli.ValueSourceChain { return cli.EnvVars(variable(flag)) }

func stringFlag(name, value, usage string, to *string) *cli.StringFlag {
	return &cli.StringFlag{Name: name, Value: value, Usage: usage, Destination: to, Sources: env(name)}
}

// secretFlag is a text that is never printed.
func secretFlag(name, usage string, to *auth.Secret) *cli.StringFlag {
	return stringFlag(name, "", usage, (*string)(to))
}

func listFlag(name, usage string, to *[]string) *cli.StringSliceFlag {
	return &cli.StringSliceFlag{Name: name, Usage: usage, Destination: to, Sources: env(name)}
}

// portalFlags are those of `tenure serve` beyond the webhook's.
func (s *settings) portalFlags() []cli.Flag {
	crash := stringFlag("test-crash", "", "with --dev: end the process at before-push or after-push of a publication, or at before-end or after-end of an end, for tests", &s.TestCrash)
	crash.Hidden = true
	return []cli.Flag{
		&cli.BoolFlag{Name: "dev", Usage: "embedded defaults for development: seeded people and tenants, no password; loopback only", Destination: &s.Dev, Sources: env("dev")},
		stringFlag("listen", "127.0.0.1:8080", "address of the portal", &s.Listen),
		stringFlag("base-url", "", "the portal's URL as browsers see it; http:// and the listen address with --dev", &s.BaseURL),
		secretFlag("database", "path of an SQLite file or postgres:// URL; tenure.db in the data folder if empty", &s.Database),
		stringFlag("signing-key", "", "file of the OpenPGP key that signs commits; signing-key.asc in the data folder if empty", &s.SigningKey),
		secretFlag("signing-key-passphrase", "passphrase of the signing key; better through the environment", &s.KeyPassphrase),
		stringFlag("issuer", "", "the OpenID provider: https://login.microsoftonline.com/<tenant id>/v2.0; built in with --dev", &s.Issuer),
		stringFlag("client-id", "", "application id at the OpenID provider", &s.ClientID),
		secretFlag("client-secret", "secret of the application; better through the environment", &s.ClientSecret),
		listFlag("entra-tenants", "Entra tenant ids whose people may sign in", &s.EntraTenants),
		stringFlag("api-audience", "", "audience of the access tokens that the API takes: the application id of the API at Entra ID; if empty, it takes none; built in with --dev", &s.APIAudience),
		stringFlag("api-scope", auth.DefaultAPIScope, "scope that a person's access token must have; a pipeline's needs the app role "+auth.PipelineRole, &s.APIScope),
		&cli.BoolFlag{Name: "graph", Usage: "look people and groups up in Microsoft Graph, as that application of Entra ID; it needs the application permissions GroupMember.Read.All and User.ReadBasic.All", Destination: &s.Graph, Sources: env("graph")},
		stringFlag("graph-url", graph.DefaultURL, "Microsoft Graph; national clouds have their own", &s.GraphURL),
		stringFlag("kubeconfig", "", "kubeconfig of the cluster that runs Argo CD, or in-cluster for the pod's own account; if empty, nothing is read back and requests stay committed", &s.Kubeconfig),
		crash,
	}
}

// webhookFlags are those of `tenure webhook`, which `tenure serve` has too.
func (s *settings) webhookFlags() []cli.Flag {
	clock := stringFlag("dev-clock", "", "on a loopback address: file with a duration that the time is ahead by, such as 2160h, for tests", &s.DevClock)
	clock.Hidden = true
	return []cli.Flag{
		stringFlag("data", ".tenure", "folder for everything that is kept on this machine", &s.Data),
		stringFlag("webhook-listen", "127.0.0.1:8443", "address of the admission webhook (TLS)", &s.WebhookListen),
		listFlag("webhook-hosts", "host names and addresses in the webhook's certificate, made or given; for one that Tenure makes the listen address's host if empty", &s.WebhookHosts),
		stringFlag("webhook-certificate", "", "folder with tls.crt and tls.key, as of a kubernetes.io/tls Secret, read again when they change; if empty, Tenure makes and renews a certificate in the data folder", &s.Certificate),
		stringFlag("cluster", "", "the cluster, by its name in policy.yaml, that the webhook answers for; weu-1 with --dev", &s.Cluster),
		stringFlag("cluster-kubeconfig", "", "kubeconfig of that cluster, or in-cluster for the pod's own account, to watch its NetworkPolicies and, in the portal, what namespaces use of their quotas and what lives in them; if empty, the policies that are approved are taken to be there, tenants' own that outlive an exception are not seen, and nothing is known of what is in use, of what a removal deletes, and of what another policy would refuse", &s.ClusterKubeconfig),
		stringFlag("repository", "", "path or URL of the GitOps repository; gitops.git in the data folder with --dev", &s.Repository),
		stringFlag("branch", "main", "branch of the GitOps repository", &s.Branch),
		stringFlag("repository-username", "", "user name for a repository over HTTPS", &s.RepositoryUsername),
		secretFlag("repository-password", "token for a repository over HTTPS; better through the environment", &s.RepositoryPassword),
		listFlag("trust", "fingerprints of the keys whose commits count; pinned by tenure init in tenure.env", &s.Trust),
		&cli.DurationFlag{Name: "refresh", Value: 5 * time.Second, Usage: "how often the repository is fetched", Destination: &s.Refresh, Sources: env("refresh")},
		stringFlag("log-format", "text", "text or json", &s.LogFormat),
		clock,
	}
}

// defaultDatabase is the SQLite file of a data folder.
func defaultDatabase(data string) auth.Secret {
	return auth.Secret(filepath.Join(data, "tenure.db"))
}

// envFile is where `tenure init` pins the signing key's fingerprint.
func envFile(data string) string { return filepath.Join(data, "tenure.env") }

// readEnvFile gives the settings of a file of NAME=value lines; none when
// there is no such file.
func readEnvFile(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	values := map[string]string{}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		if !found || !strings.HasPrefix(name, "TENURE_") {
			return nil, fmt.Errorf("%s:%d: the line is not TENURE_NAME=value", path, number) // it may hold a secret
		}
		values[name] = value
	}
	return values, lines.Err()
}

// fillFromFile sets the flags that neither the command line nor the
// environment set, from the file in the data folder. The commands that work on
// a data folder share it, so each passes over what only another one needs.
func fillFromFile(c *cli.Command, data string) error {
	values, err := readEnvFile(envFile(data))
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !fileMaySet(name) {
			problems = append(problems, fmt.Errorf("%s: there is no setting %s", envFile(data), name))
		}
	}
	for _, flag := range c.Flags {
		name := flag.Names()[0]
		value, given := values[variable(name)]
		if !given || c.IsSet(name) {
			continue
		}
		if err := c.Set(name, value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %s: %w", envFile(data), variable(name), err))
		}
	}
	return errors.Join(problems...)
}

// fileMaySet says whether some command has the setting. The data folder's own
// place cannot be said in it.
func fileMaySet(name string) bool {
	s := &settings{}
	return name != variable("data") && slices.ContainsFunc(append(s.portalFlags(), s.webhookFlags()...), func(flag cli.Flag) bool {
		return variable(flag.Names()[0]) == name
	})
}

// complete fills in what follows from other settings, and says everything
// that is missing or wrong at once.
func (s *settings) complete(portal bool) error {
	if s.Dev {
		s.Repository = orElse(s.Repository, filepath.Join(s.Data, "gitops.git"))
		s.Cluster = orElse(s.Cluster, devCluster)
	}
	s.Database = orElse(s.Database, defaultDatabase(s.Data))
	s.SigningKey = orElse(s.SigningKey, filepath.Join(s.Data, "signing-key.asc"))
	if len(s.WebhookHosts) == 0 && s.Certificate == "" {
		if host, _, err := net.SplitHostPort(s.WebhookListen); err == nil && host != "" {
			s.WebhookHosts = []string{host}
		}
	}
	var problems []error
	need := func(flag, value, what string) {
		if value == "" {
			problems = append(problems, fmt.Errorf("--%s is needed: %s", flag, what))
		}
	}
	need("repository", s.Repository, "where the GitOps repository is")
	need("cluster", s.Cluster, "the cluster, by its name in policy.yaml, that the webhook answers for")
	problems = append(problems, checkRepository(s.Repository))
	if s.LogFormat != "text" && s.LogFormat != "json" {
		problems = append(problems, fmt.Errorf("--log-format %q: allowed are text and json", s.LogFormat))
	}
	if s.Refresh < time.Second {
		problems = append(problems, fmt.Errorf("--refresh %s: at least 1s", s.Refresh))
	}
	if s.TestCrash != "" && !s.Dev {
		problems = append(problems, errors.New("--test-crash goes with --dev only"))
	}
	if s.DevClock != "" && portal && !s.Dev {
		problems = append(problems, errors.New("--dev-clock goes with --dev only"))
	} else if s.DevClock != "" && !isLoopback(s.WebhookListen) {
		// Who turns the clock back has what ended let in again.
		problems = append(problems, fmt.Errorf("--dev-clock goes with a loopback address only, such as 127.0.0.1:8443, and not with --webhook-listen %q", s.WebhookListen))
	}
	problems = append(problems, s.checkGraph())
	if portal && s.Dev {
		problems = append(problems, onlyLoopback("listen", s.Listen), onlyLoopback("webhook-listen", s.WebhookListen))
	} else if portal {
		need("base-url", s.BaseURL, "the portal's URL as browsers see it")
		need("issuer", s.Issuer, "the OpenID provider that people sign in with")
		need("client-id", s.ClientID, "the application id at the provider")
		need("client-secret", s.ClientSecret.Reveal(), "the application's secret, as TENURE_CLIENT_SECRET")
		need("entra-tenants", strings.Join(s.EntraTenants, ","), "whose people may sign in")
	}
	if !s.Dev && len(s.Trust) == 0 {
		problems = append(problems, errors.New("--trust is needed: the fingerprint that tenure init printed"))
	}
	return errors.Join(problems...)
}

// onlyLoopback refuses any address that another machine could reach: with
// --dev whoever reaches the portal can be anybody.
func onlyLoopback(flag, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("--%s %q: not an address such as 127.0.0.1:8080", flag, address)
	}
	if isLoopback(address) {
		return nil
	}
	return fmt.Errorf("--%s %q: with --dev everybody can sign in as anybody, so Tenure listens on a loopback address only, such as 127.0.0.1:8080", flag, address)
}

// checkGraph says what keeps Graph from being asked as the portal's application.
func (s *settings) checkGraph() error {
	switch {
	case !s.Graph:
		return nil
	case s.Dev:
		return errors.New("--graph does not go with --dev, which has people and groups of its own")
	case s.Issuer == "":
		return nil // it is asked for anyway
	}
	if _, _, err := auth.EntraTenant(s.Issuer); err != nil {
		return fmt.Errorf("--graph: %w", err)
	}
	return nil
}

// isLoopback says whether only this machine reaches an address.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || (ip != nil && ip.IsLoopback()))
}

// checkRepository refuses a URL that holds a password: whoever prints it in an
// error would give the password away.
func checkRepository(location string) error {
	if !strings.Contains(location, "://") {
		return nil
	}
	parsed, err := url.Parse(location)
	if err != nil {
		return errors.New("the location of the GitOps repository is not a URL") // and is not quoted either
	}
	if _, secret := parsed.User.Password(); secret {
		return fmt.Errorf("the location %q holds a password; give it as TENURE_REPOSITORY_PASSWORD", parsed.Redacted())
	}
	return nil
}

// checkBaseURL refuses what cannot stand before a path.
func checkBaseURL(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || strings.Trim(parsed.Path, "/") != "" {
		return fmt.Errorf("--base-url %q: not a URL without a path, such as https://tenure.example.com", text)
	}
	return nil
}

func orElse[Text ~string](value, fallback Text) Text {
	if value == "" {
		return fallback
	}
	return value
}
