package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tenure.dev/handlers/auth/devprovider"
	"tenure.dev/workflow"
)

// graphSettings are those of a portal in production that asks Graph at an address.
func graphSettings(t testing.TB, address string, more ...string) (settings, error) {
	return parsed(t, append([]string{
		"--data", t.TempDir(), "--base-url", "https://tenure.example.com", "--repository", "https://git.example.com/gitops",
		"--cluster", "weu-1", "--trust", strings.Repeat("AB", 20), "--issuer", address + "/" + devTenant + "/v2.0",
		"--client-id", "the-portal", "--client-secret", "hunter2", "--entra-tenants", devTenant, "--graph", "--graph-url", address,
	}, more...)...)
}

func TestWithGraphPeopleAndGroupsAreLookedUpAsThePortalsApplication(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		id, secret, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/"+devTenant+"/oauth2/v2.0/token" && id == "the-portal" && secret == "hunter2":
			_, _ = w.Write([]byte(`{"token_type":"Bearer","access_token":"t","expires_in":3599}`))
		case strings.HasPrefix(r.URL.Path, "/v1.0/groups/"+paymentsOwners+"/transitiveMembers/") && r.Header.Get("Authorization") == "Bearer t":
			_, _ = w.Write([]byte(`{"value":[{"id":"` + devPeople[1].ObjectID + `","displayName":"Olivia Owner","userPrincipalName":"olivia@contoso.example"}]}`))
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error":{"code":"Request_ResourceNotFound"}}`))
		}
	}))
	t.Cleanup(server.Close)
	s, err := graphSettings(t, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &portal{settings: s, log: silent, clock: systemClock{}}
	if err := p.prepareDevelopment(t.Context()); err != nil {
		t.Fatal(err)
	}
	olivia := workflow.PersonID{Tenant: devTenant, Object: devPeople[1].ObjectID}
	if members, known, err := p.identity.directory.Members(t.Context(), paymentsOwners); err != nil || !known || len(members) != 1 || members[0] != olivia {
		t.Errorf("members are %v, known %v, %v", members, known, err)
	}
	if people, known, err := p.identity.accounts.People(t.Context(), paymentsOwners); err != nil || !known || len(people) != 1 || people[0].ID != olivia || people[0].User != "olivia@contoso.example" {
		t.Errorf("people are %v, known %v, %v", people, known, err)
	}
	if groups, err := p.identity.accounts.Groups(t.Context(), searchOwners); err != nil || len(groups) != 0 {
		t.Errorf("groups are %v, %v", groups, err)
	}
}

func TestGraphIsAskedOnlyWhereThePortalsApplicationIsEntras(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"another provider":      {[]string{"--issuer", "https://login.example.com"}, `--graph: issuer "https://login.example.com": it is not one of Entra's`},
		"development":           {[]string{"--dev"}, "--graph does not go with --dev"},
		"no issuer":             {[]string{"--issuer", ""}, "--issuer is needed"},
		"a Graph in the open":   {[]string{"--graph-url", "http://graph.example"}, `URL of Graph "http://graph.example": it must begin with https://`},
		"a Graph with a folder": {[]string{"--graph-url", "https://graph.example/v1.0"}, "it must be a scheme and a host only"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := graphSettings(t, "https://login.microsoftonline.com", c.args...)
			if err == nil {
				i := productionIdentity(s)
				err = i.useGraph(s, systemClock{})
			}
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it says %v, want %s", err, c.says)
			}
		})
	}
}

func TestInDevelopmentTheTenantsGroupsHaveNamesAndPeople(t *testing.T) {
	directory := devprovider.Directory{Tenant: devTenant, Everybody: devPeople, GroupNames: devGroups}
	for _, tenancy := range devTenancies() {
		for role, group := range map[string]string{"owners": tenancy.Owners.Group, "members": tenancy.Members.Group} {
			groups, err := directory.Groups(t.Context(), group)
			if err != nil || len(groups) != 1 || groups[0].Name != tenancy.Name+"-"+role {
				t.Errorf("the %s of %s are %v, %v", role, tenancy.Name, groups, err)
			}
			if people, known, err := directory.People(t.Context(), group); err != nil || !known || len(people) == 0 || !strings.HasSuffix(people[0].User, "@contoso.example") {
				t.Errorf("among the %s of %s are %v, %v", role, tenancy.Name, people, err)
			}
		}
	}
}
