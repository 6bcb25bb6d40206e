package api_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/handlers/api"
	"tenure.dev/workflow"
)

// lives is a cluster of which a test says what lives in its namespaces.
type lives struct {
	contents workflow.NamespaceContents
	err      error
}

func (l lives) Contents(_ context.Context, cluster, _ string) (workflow.NamespaceContents, bool, error) {
	return l.contents, cluster == "weu-1", l.err
}

// accounts is a directory in which a group has nobody but the tenant's people.
type accounts struct{}

func (accounts) People(context.Context, string) ([]workflow.Account, bool, error) {
	return []workflow.Account{{ID: everybody()["dana"].ID, Name: "dana", User: "dana@contoso.example"}}, true, nil
}

func (accounts) Groups(_ context.Context, text string) ([]workflow.DirectoryGroup, error) {
	return []workflow.DirectoryGroup{{ID: text, Name: "payments-oncall"}}, nil
}

// newFullerWorld is a world whose policy has classes of data and a catalogue of
// registries, and which has a directory.
func newFullerWorld(t *testing.T) *world {
	w := newWorld(t)
	w.repository.state.Policy.Classifications = []workflow.Classification{{Name: "internal", Means: "For everybody."}, {Name: "confidential"}}
	w.repository.state.Policy.Registries = map[string]workflow.Registry{"docker-official": {Images: []string{"docker.io/library/*"}, Means: "Docker's."}}
	w.service.Accounts = accounts{}
	return w
}

// wantedService is the draft of a service in two environments, with everything that
// can be said of it.
func wantedService() object {
	draft := wanted("payments-web-dev")
	change := draft["change"].(object)
	for field, value := range (object{
		"size": "own", "cpu": "3", "memory": "12Gi", "storage": "50Gi", "pods": "25", "hosts": []any{"web.dev.example.com"},
		"also": []any{map[string]any{
			"name": "payments-web-prod", "cluster": "neu-1", "environment": "prod", "size": "small", "podSecurity": "restricted", "hosts": []any{"web.example.com"},
		}},
		"classification": "internal", "registries": []any{"docker-official"}, "access": []any{map[string]any{"group": group(9), "role": "view"}},
	}) {
		change[field] = value
	}
	return draft
}

func TestSeveralNamespacesAreAskedForWithEverything(t *testing.T) {
	w := newFullerWorld(t)
	var request detail
	w.post("dana", "/requests", wantedService()).into(201, &request)
	if diff := cmp.Diff(wantedService()["change"], request.Change); diff != "" {
		t.Errorf("change (-want +got):\n%s", diff)
	}
	var paths []string
	for _, file := range request.Plan.Files {
		paths = append(paths, file.Path)
	}
	if !slices.Contains(paths, "clusters/weu-1/payments/payments-web-dev/00-namespace.yaml") && len(paths) < 10 {
		t.Errorf("the plan has %v", paths)
	}
	if request.Title != "2 namespaces of payments-web" {
		t.Errorf("title %q", request.Title)
	}
}

func TestWhatIsWrongWithOneOfSeveralNamespacesIsNamed(t *testing.T) {
	w := newFullerWorld(t)
	draft := wantedService()
	change := draft["change"].(object)
	change["cpu"], change["classification"], change["hosts"] = "3 cores", "secret", []any{"web.dev.example.com", "https://x"}
	change["registries"], change["access"] = []any{"docker-official", "ghcr"}, []any{map[string]any{"group": "payments-oncall", "role": "owner"}}
	other := change["also"].([]any)[0].(map[string]any)
	other["name"], other["hosts"], other["size"] = "search-web", []any{"*.example.com"}, "huge"
	w.post("dana", "/plans", draft).refused(422, "change.cpu", "change.classification", "change.hosts[1]", "change.registries[1]",
		"change.access[0].group", "change.access[0].role", "change.also[0].name", "change.also[0].hosts[0]", "change.also[0].size")
}

func TestHostsAndImagesOfANamespaceAreChangedAndShown(t *testing.T) {
	w := newFullerWorld(t)
	change := object{"name": "payments-api-dev", "cluster": "weu-1", "existing": true, "hosts": []any{"api.example.com"}, "registries": []any{"docker-official"},
		"classification": "confidential", "reason": "It is called from outside."}
	var plan api.Plan
	w.post("dana", "/plans", object{"kind": "namespace", "tenant": "payments", "change": change}).into(200, &plan)
	change["size"] = "small"
	w.post("dana", "/plans", object{"kind": "namespace", "tenant": "payments", "change": change}).refused(422, "change.size")

	n := &w.repository.state.Tenancies["payments"].Namespaces[0]
	n.Hosts, n.Registries, n.Classification = []string{"api.example.com"}, []string{"docker-official"}, "confidential"
	var namespace api.NamespaceDetail
	w.get("dana", "/namespaces/weu-1/payments-api-dev").into(200, &namespace)
	var tenant api.Tenant
	w.get("dana", "/tenants/payments").into(200, &tenant)
	for where, got := range map[string]api.Namespace{"the namespace": namespace.Namespace, "the tenant": tenant.Namespaces[0]} {
		if got.Classification != "confidential" || !slices.Equal(got.Hosts, n.Hosts) || !slices.Equal(got.Registries, n.Registries) {
			t.Errorf("%s has %+v", where, got)
		}
	}
	var rules api.Rules
	w.get("dana", "/rules").into(200, &rules)
	if len(rules.Classifications) != 2 || rules.Classifications[0].Means != "For everybody." || len(rules.Registries) != 1 || rules.Registries[0].Images[0] != "docker.io/library/*" {
		t.Errorf("there are to choose from %+v and %+v", rules.Classifications, rules.Registries)
	}
}

func TestWhatLivesInANamespace(t *testing.T) {
	w := newWorld(t)
	const path = "/namespaces/weu-1/payments-api-dev/contents"
	var contents api.Contents
	w.get("dana", path).into(200, &contents)
	if contents.Known || contents.At != nil || len(contents.Kinds) != 0 {
		t.Errorf("nobody watches, and it says %+v", contents)
	}
	w.service.Alive = lives{contents: workflow.NamespaceContents{At: noon, Kinds: []workflow.KindCount{{Kind: "Secret", Count: 1, Names: []string{"key"}, Data: true}},
		Unlisted: []workflow.UnlistedKind{{Kind: "Job", Why: "It may not be listed."}}}}
	w.get("dana", path).into(200, &contents)
	if !contents.Known || len(contents.Kinds) != 1 || !contents.Kinds[0].Data || contents.Unlisted[0].Why == "" {
		t.Errorf("it says %+v", contents)
	}
	w.get("max", path).refused(404)
	w.get("dana", "/namespaces/weu-1/payments-nothing/contents").refused(404)
	w.service.Alive = lives{err: errors.New("dial tcp 10.1.2.3")}
	w.get("dana", path).refused(503)
}
