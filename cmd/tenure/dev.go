package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/gitops"
	"tenure.dev/handlers/auth"
	"tenure.dev/handlers/auth/devprovider"
	"tenure.dev/handlers/auth/graph"
	"tenure.dev/web"
	"tenure.dev/workflow"
)

// What development has instead of a company: an Entra tenant, its groups and
// its people, all of them made up.
const (
	devIssuerPath = "/dev/oidc"
	devCluster    = "weu-1"
	devTenant     = "de000000-0000-4000-8000-000000000000"

	paymentsOwners  = "a1a1a1a1-0000-4000-8000-0000000000a1"
	paymentsMembers = "a2a2a2a2-0000-4000-8000-0000000000a2"
	paymentsOnCall  = "a3a3a3a3-0000-4000-8000-0000000000a3"
	searchOwners    = "b1b1b1b1-0000-4000-8000-0000000000b1"
	searchMembers   = "b2b2b2b2-0000-4000-8000-0000000000b2"
	ordersOwners    = "c1c1c1c1-0000-4000-8000-0000000000c1" // of a team that has yet to ask for its tenant
	ordersMembers   = "c2c2c2c2-0000-4000-8000-0000000000c2"
)

// devGroups are the seeded groups' names.
var devGroups = map[string]string{
	paymentsOwners: "payments-owners", paymentsMembers: "payments-members", paymentsOnCall: "payments-on-call",
	searchOwners: "search-owners", searchMembers: "search-members",
	ordersOwners: "orders-owners", ordersMembers: "orders-members",
}

//go:embed devpolicy.yaml
var devPolicy []byte

// devPeople are the seeded people. Their object ids are also in devpolicy.yaml,
// where the register of reviewers names them.
var devPeople = []devprovider.Person{
	devPerson("Dana Developer", 1, []string{paymentsMembers, paymentsOnCall}, "", "Developer in payments. Asks for namespaces."),
	devPerson("Olivia Owner", 2, []string{paymentsOwners}, "", "Owner of payments. Agrees first to what payments asks for."),
	devPerson("Oscar Owner", 3, []string{paymentsOwners, paymentsOnCall}, "", "Owner of payments, too."),
	devPerson("Max Member", 4, []string{searchMembers}, "", "Developer in search. Sees nothing of payments."),
	devPerson("Sarah Owner", 5, []string{searchOwners}, "", "Only owner of search."),
	devPerson("Sam Security", 6, nil, "Tenure.Security", "Security engineer. Decides after the owners."),
	devPerson("Sofia Security", 7, nil, "Tenure.Security", "Security engineer. Production needs two."),
	devPerson("Ada Admin", 8, nil, "Tenure.Admin", "Platform admin. Decides where nobody else can."),
	devPerson("Amir Admin", 12, nil, "Tenure.Admin", "Platform admin. Agrees to what Ada asks for."),
	devPerson("Aubrey Auditor", 9, nil, "Tenure.Auditor", "Auditor. Reads everything, changes nothing."),
	devPerson("Nina Newcomer", 10, []string{ordersOwners}, "", "Leads orders, a team without a tenant. Asks for one."),
	devPerson("Noah Newcomer", 11, []string{ordersMembers}, "", "Developer in orders. Can ask once there is the tenant."),
}

// devAudience is that of access tokens for the API.
const devAudience = "api://tenure"

// devPrograms get access tokens for the API, as pipelines do.
var devPrograms = []devprovider.Person{
	{Name: "payments pipeline", Username: "payments-pipeline", ObjectID: "d1d1d1d1-0000-4000-8000-000000000101",
		Groups: []string{paymentsMembers}, Roles: []string{auth.PipelineRole}},
}

// devPerson makes up a person. Object ids differ from their first digits on, as
// Entra's do: a RoleBinding is named by the beginning of its subject's.
func devPerson(name string, number uint32, groups []string, role, note string) devprovider.Person {
	first, _, _ := strings.Cut(name, " ")
	person := devprovider.Person{
		Name: name, Username: strings.ToLower(first) + "@contoso.example",
		ObjectID: fmt.Sprintf("%08x-0000-4000-8000-%012d", number*0x11111111, number), Groups: groups, Note: note,
	}
	if role != "" {
		person.Roles = []string{role}
	}
	return person
}

// devTenancies are the two tenants that development begins with. They stand in
// the first commit, since nobody has voted yet. Payments has Applications of its
// own, search has none.
func devTenancies() []workflow.Tenancy {
	ceiling := workflow.Ceiling{
		CPU: resource.MustParse("32"), Memory: resource.MustParse("128Gi"), Storage: resource.MustParse("1Ti"), Namespaces: 12,
	}
	clusters := []string{devCluster}
	return []workflow.Tenancy{
		{Name: "payments", DisplayName: "Payments", Ceiling: ceiling, Clusters: clusters,
			Repositories: []string{"https://git.contoso.example/payments/deploy"},
			Owners:       workflow.Group{Group: paymentsOwners}, Members: workflow.Group{Group: paymentsMembers}},
		{Name: "search", DisplayName: "Search", Ceiling: ceiling, Clusters: clusters,
			Owners: workflow.Group{Group: searchOwners}, Members: workflow.Group{Group: searchMembers}},
	}
}

// seedDevelopment makes the repository and the signing key on the first start,
// by the code of `tenure init`, and gives the pinned fingerprints. A later
// start, also after one that was ended half-way, goes on from what is there.
func seedDevelopment(ctx context.Context, s settings, clock workflow.Clock) ([]string, error) {
	key, err := ensureSigningKey(s.SigningKey, s.KeyPassphrase, clock)
	if err != nil {
		return nil, err
	}
	// The fingerprint is pinned before there is anything to trust by it.
	if err := pin(envFile(s.Data), key.Fingerprint()); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	policy, err := developmentPolicy(s)
	if err != nil {
		return nil, err
	}
	if len(s.Trust) == 0 {
		s.Trust = []string{key.Fingerprint()}
	}
	_, err = initialise(ctx, s, key, policy, devTenancies(), clock)
	if errors.Is(err, gitops.ErrHasCommits) {
		err = continues(ctx, s)
	}
	return s.Trust, err
}

// developmentPolicy is devpolicy.yaml with where this portal and its repository are.
func developmentPolicy(s settings) ([]byte, error) {
	location := s.Repository
	if !strings.Contains(location, "://") {
		path, err := filepath.Abs(location)
		if err != nil {
			return nil, fmt.Errorf("find the repository %q: %w", location, err)
		}
		location = (&url.URL{Scheme: "file", Path: path}).String()
	}
	return []byte(strings.NewReplacer("http://127.0.0.1:8080", s.BaseURL, "file:///gitops.git", location).Replace(string(devPolicy))), nil
}

// continues says whether this program can go on from a repository that an
// earlier start made. Versions of development do not read each other's.
func continues(ctx context.Context, s settings) error {
	report, err := gitops.Verify(ctx, s.Repository, s.verifyOptions())
	if err != nil || report.Verified != "" {
		return err
	}
	return fmt.Errorf("this program cannot go on from %q: its first commit does not prove (%s); delete the folder %q to start anew",
		s.Repository, report.Objections[0].Message, s.Data)
}

// identity is where people come from: the only thing besides the repository
// that differs between development and production.
type identity struct {
	config    auth.Config // without what every portal sets alike
	directory workflow.Directory
	accounts  workflow.Accounts // nil where nobody can be looked up
	provider  http.Handler      // the built-in provider; nil in production
}

func productionIdentity(s settings) identity {
	return identity{
		config: auth.Config{
			Issuer: s.Issuer, ClientID: s.ClientID, ClientSecret: s.ClientSecret, Tenants: s.EntraTenants,
			APIAudience: s.APIAudience, APIScope: s.APIScope, SignedOut: "/signed-out",
		},
		directory: auth.NoDirectory{},
	}
}

// useGraph has people and groups looked up in Microsoft Graph, where that is wanted.
func (i *identity) useGraph(s settings, clock workflow.Clock) error {
	if !s.Graph {
		return nil
	}
	tenant, tokenURL, err := auth.EntraTenant(s.Issuer)
	if err != nil {
		return fmt.Errorf("ask Graph: %w", err)
	}
	client, err := graph.New(graph.Config{
		URL: s.GraphURL, TokenURL: tokenURL, Tenant: tenant, ClientID: s.ClientID, ClientSecret: s.ClientSecret, Clock: clock,
	})
	if err != nil {
		return fmt.Errorf("ask Graph: %w", err)
	}
	i.directory, i.accounts = client, client
	return nil
}

func developmentIdentity(s settings, clock workflow.Clock, log *slog.Logger) (identity, error) {
	provider, err := devprovider.New(devprovider.Config{
		Issuer: s.BaseURL + devIssuerPath, RedirectURL: s.BaseURL + "/auth/callback", Tenant: devTenant, People: devPeople,
		Programs: devPrograms, APIAudience: devAudience, Stylesheets: []string{web.Asset("build/tenure.css")}, Clock: clock, Log: log,
	})
	if err != nil {
		return identity{}, err
	}
	directory := devprovider.Directory{Tenant: devTenant, Everybody: devPeople, GroupNames: devGroups}
	return identity{
		config: auth.Config{
			Issuer: s.BaseURL + devIssuerPath, ClientID: provider.ClientID(), ClientSecret: provider.ClientSecret(), Tenants: []string{devTenant},
			APIAudience: devAudience, SignedOut: "/signed-out",
		},
		directory: directory,
		accounts:  directory,
		provider:  provider.Handler(),
	}, nil
}

// welcome says where to go and who can sign in.
func welcome(out io.Writer, s settings, webhook string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "\nTenure is ready.\n\n  Portal       %s\n  Webhook      https://%s/validate (CA in %s/webhook/ca.crt)\n  Repository   %s\n  Data         %s\n\nSign in as one of these, no password needed:\n\n",
		s.BaseURL, webhook, s.Data, s.Repository, s.Data)
	for _, person := range devPeople {
		fmt.Fprintf(&text, "  %-15s %s\n", person.Name, person.Note)
	}
	fmt.Fprintf(&text, "\nTry: ask for a namespace as Dana, agree as Olivia, approve as Sam (each in a private window).\nThen: git -C %s log\n      bin/tenure verify %s --trust %s\n\nCtrl-C ends it; the next start goes on from here.\n\n", s.Repository, s.Repository, strings.Join(s.Trust, ","))
	_, err := io.WriteString(out, text.String())
	return err
}
