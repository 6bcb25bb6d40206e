package devprovider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/handlers/auth/devprovider"
	"tenure.dev/workflow"
)

func TestPeopleOfASeededGroupAreListedByName(t *testing.T) {
	directory := devprovider.Directory{Tenant: tenantID, GroupNames: map[string]string{"empty": "Nobody's"}, Everybody: []devprovider.Person{
		{Name: "Zoe", Username: "zoe@contoso.example", ObjectID: "z", Groups: []string{"team", "other"}},
		{Name: "Ada", Username: "ada@contoso.example", ObjectID: "a", Groups: []string{"team"}},
	}}
	ada := workflow.Account{ID: workflow.PersonID{Tenant: tenantID, Object: "a"}, Name: "Ada", User: "ada@contoso.example"}
	zoe := workflow.Account{ID: workflow.PersonID{Tenant: tenantID, Object: "z"}, Name: "Zoe", User: "zoe@contoso.example"}
	for group, want := range map[string]struct {
		people []workflow.Account
		known  bool
	}{
		"team": {[]workflow.Account{ada, zoe}, true}, "other": {[]workflow.Account{zoe}, true}, "empty": {nil, true}, "nowhere": {nil, false},
	} {
		people, known, err := directory.People(t.Context(), group)
		if diff := cmp.Diff(want.people, people); diff != "" || known != want.known || err != nil {
			t.Errorf("%s: known %v, %v (-want +got):\n%s", group, known, err, diff)
		}
	}
}

func TestSeededGroupsAreFoundByIDAndByTheBeginningOfTheirName(t *testing.T) {
	names := map[string]string{"a1": "payments-owners", "a2": "payments-members", "b1": "Search-owners"}
	for i := range 30 {
		names[fmt.Sprintf("t%02d", i)] = fmt.Sprintf("team-%02d", i)
	}
	directory := devprovider.Directory{Tenant: tenantID, GroupNames: names}
	for text, want := range map[string]string{
		"PAY": "payments-members payments-owners", " search": "Search-owners", "A1": "payments-owners", "owners": "", "": "", " ": "",
	} {
		groups, err := directory.Groups(t.Context(), text)
		var found []string
		for _, group := range groups {
			found = append(found, group.Name)
			if names[group.ID] != group.Name {
				t.Errorf("%s is %s", group.ID, group.Name)
			}
		}
		if strings.Join(found, " ") != want || err != nil {
			t.Errorf("%q finds %q, %v", text, found, err)
		}
	}
	if groups, err := directory.Groups(t.Context(), "team"); len(groups) != 20 || err != nil || groups[19].Name != "team-19" {
		t.Errorf("of many it finds %v, %v", groups, err)
	}
}
