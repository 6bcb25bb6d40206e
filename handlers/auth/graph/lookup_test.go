package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

func account(number int, name, user string) workflow.Account {
	return workflow.Account{ID: workflow.PersonID{Tenant: tenantID, Object: personID(number)}, Name: name, User: user}
}

// AKS knows people by their user principal name, and those of other tenants by
// their object id.
func TestPeopleOfAGroupAreListedByNameAsClustersKnowThem(t *testing.T) {
	c := newCloud(t)
	guest := "gil_fabrikam.example#EXT#@contoso.example"
	c.answers[membersOf(groupID)] = collection(c.URL+"/v1.0/next?$skiptoken=2",
		member(1, "Olivia Owner", "Olivia.Owner@contoso.example", "Member"),
		member(2, "gil guest", guest, "Guest"),
		member(3, "Erin External", "erin_fabrikam.example#ext#@contoso.example", "Member"),
	)
	c.answers["/v1.0/next?$skiptoken=2"] = collection("",
		member(4, "Uma Untyped", "uma@contoso.example", ""),
		member(5, "Una Untyped", guest, ""),
		member(6, "\u202eAda\u200b\nAdmin ", "ada@contoso.example", "Member"),
		member(7, "", "nameless@contoso.example", "Member"),
		member(8, "Nora Nowhere", "", "Member"),
		member(9, "Vic Visitor", "vic@contoso.example", "Guest"),
		strings.ToUpper(fmt.Sprintf(`{"ID":%q}`, personID(1))), // again, because the group changed meanwhile
	)
	c.answers["/v1.0/next?$skiptoken=2"] = answer{body: strings.Replace(c.answers["/v1.0/next?$skiptoken=2"].body, `"ID"`, `"id"`, 1)}
	people, known, err := c.client().People(t.Context(), strings.ToUpper(groupID))
	want := []workflow.Account{
		account(6, "Ada Admin", "ada@contoso.example"),
		account(3, "Erin External", personID(3)),
		account(2, "gil guest", personID(2)),
		account(7, "nameless@contoso.example", "nameless@contoso.example"),
		account(8, "Nora Nowhere", ""),
		account(1, "Olivia Owner", "Olivia.Owner@contoso.example"),
		account(4, "Uma Untyped", "uma@contoso.example"),
		account(5, "Una Untyped", personID(5)),
		account(9, "Vic Visitor", personID(9)),
	}
	if diff := cmp.Diff(want, people); diff != "" || !known || err != nil {
		t.Errorf("known %v, %v (-want +got):\n%s", known, err, diff)
	}
}

func TestMembersAreListedOverAllPages(t *testing.T) {
	c := newCloud(t)
	c.answers[membersOf(groupID)] = collection(c.URL+"/v1.0/next?$skiptoken=2", member(1, "A", "a@b", "Member"))
	c.answers["/v1.0/next?$skiptoken=2"] = collection(c.URL+"/v1.0/next?$skiptoken=3", member(2, "B", "b@b", "Member"))
	c.answers["/v1.0/next?$skiptoken=3"] = collection("", member(3, "C", "c@b", "Member"), member(1, "A", "a@b", "Member"))
	people, known, err := c.client().Members(t.Context(), groupID)
	want := []workflow.PersonID{{Tenant: tenantID, Object: personID(1)}, {Tenant: tenantID, Object: personID(2)}, {Tenant: tenantID, Object: personID(3)}}
	if diff := cmp.Diff(want, people); diff != "" || !known || err != nil {
		t.Errorf("known %v, %v (-want +got):\n%s", known, err, diff)
	}
}

func TestAGroupThatIsNotThereIsNotKnown(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	c.answers[membersOf(personID(9))] = collection("")
	for group, want := range map[string]bool{
		groupID: false, personID(9): true, "": false, "payments-owners": false, "../users": false, groupID + "?x": false,
	} {
		people, known, err := client.People(t.Context(), group)
		members, too, errToo := client.Members(t.Context(), group)
		if known != want || too != want || err != nil || errToo != nil || len(people)+len(members) > 0 {
			t.Errorf("%q is known: %v %v, %v %v", group, known, too, err, errToo)
		}
	}
	for _, question := range c.questions() {
		if question != membersOf(groupID) && question != membersOf(personID(9)) {
			t.Errorf("Graph was asked %s", question)
		}
	}
}

// A proxy's 404 must not count as "no such group".
func TestAnAnswerThatIsNotGraphsSaysNothing(t *testing.T) {
	for name, given := range map[string]answer{
		"404 of a proxy":              {status: http.StatusNotFound, body: "<html>not here</html>"},
		"404 without a code":          {status: http.StatusNotFound, body: `{"error":{}}`},
		"a redirect":                  {status: http.StatusFound, header: map[string]string{"Location": "/v1.0/elsewhere"}, body: "{}"},
		"no list":                     {body: `{}`},
		"an empty list that is none":  {body: `{"value":null}`},
		"half an answer":              {body: `{"value":[{"id":"` + personID(1) + `"}`},
		"an id that is none":          {body: `{"value":[{"id":"me"}]}`},
		"no id":                       {body: `{"value":[{}]}`},
		"something else":              {body: `{"value":[1]}`},
		"an answer that never ends":   {body: `{"value":[]}` + strings.Repeat(" ", 4<<20)},
		"a next page elsewhere":       collection("https://graph.example/v1.0/next"),
		"a next page of another part": collection("http://127.0.0.1:1/v1.0/next"),
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			c.answers[membersOf(groupID)] = given
			c.answers["/v1.0/elsewhere?"] = collection("")
			client := c.client()
			if people, known, err := client.Members(t.Context(), groupID); err == nil || known || people != nil {
				t.Errorf("members: %v, known %v, %v", people, known, err)
			}
			if people, known, err := client.People(t.Context(), groupID); err == nil || known || people != nil {
				t.Errorf("people: %v, known %v, %v", people, known, err)
			}
		})
	}
}

func TestTheNextPageIsAskedOfGraphAlone(t *testing.T) {
	elsewhere := newCloud(t)
	for name, link := range map[string]func(c *cloud) string{
		"another host":       func(*cloud) string { return elsewhere.URL + "/v1.0/next" },
		"another scheme":     func(c *cloud) string { return strings.Replace(c.URL, "http:", "https:", 1) + "/v1.0/next" },
		"another path":       func(c *cloud) string { return c.URL + "/beta/next" },
		"a user":             func(c *cloud) string { return strings.Replace(c.URL, "//", "//me@", 1) + "/v1.0/next" },
		"no host":            func(*cloud) string { return "/v1.0/next" },
		"what is no address": func(*cloud) string { return "http://[::1/v1.0/next" },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			c.answers[membersOf(groupID)] = collection(link(c), member(1, "A", "a@b", "Member"))
			people, known, err := c.client().Members(t.Context(), groupID)
			if err == nil || !strings.Contains(err.Error(), "its next page is not at") || known || people != nil {
				t.Errorf("members: %v, known %v, %v", people, known, err)
			}
			if asked := c.questions(); len(asked) != 1 {
				t.Errorf("Graph was asked %q", asked)
			}
		})
	}
	if asked := elsewhere.questions(); len(asked) > 0 {
		t.Errorf("somebody else was asked %q", asked)
	}
}

func TestPagesWithoutAnEndAreGivenUp(t *testing.T) {
	c := newCloud(t)
	c.answers[membersOf(groupID)] = collection(c.URL+"/v1.0/again?", member(1, "A", "a@b", "Member"))
	c.answers["/v1.0/again?"] = c.answers[membersOf(groupID)]
	if _, known, err := c.client().Members(t.Context(), groupID); err == nil || known || !strings.Contains(err.Error(), "too many pages") {
		t.Errorf("known %v, %v", known, err)
	}
}

func TestGroupsAreFoundByTheBeginningOfTheirName(t *testing.T) {
	c := newCloud(t)
	c.answers[named("pay")] = collection(c.URL+"/v1.0/next", `{"id":"`+personID(2)+`","displayName":"payments-owners"}`, `{"id":"`+personID(1)+`","displayName":"Payments\u200b-members"}`, `{"id":"`+personID(3)+`","displayName":null}`)
	c.answers[named("R&D 100% O''Brien'')+or")] = collection("", `{"id":"`+personID(4)+`","displayName":"R&D 100% O'Brien')+or (x)"}`)
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":%q,"displayName":"team-%02d"}`, personID(i), len(many)-i)
	}
	c.answers[named("team")] = collection("", many...)
	client := c.client()
	for text, want := range map[string][]workflow.DirectoryGroup{
		"pay":                    {{ID: personID(3), Name: personID(3)}, {ID: personID(1), Name: "Payments -members"}, {ID: personID(2), Name: "payments-owners"}},
		" pay ":                  {{ID: personID(3), Name: personID(3)}, {ID: personID(1), Name: "Payments -members"}, {ID: personID(2), Name: "payments-owners"}},
		"R&D 100% O'Brien')+or":  {{ID: personID(4), Name: "R&D 100% O'Brien')+or (x)"}},
		"":                       nil,
		"  \t":                   nil,
		"\xff":                   nil,
		strings.Repeat("x", 257): nil,
	} {
		got, err := client.Groups(t.Context(), text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	got, err := client.Groups(t.Context(), "team")
	if err != nil || len(got) != 20 || got[0].Name != "team-01" || got[19].Name != "team-20" {
		t.Errorf("of many it finds %v, %v", got, err)
	}
}

func TestAGroupIsFoundByItsObjectID(t *testing.T) {
	c := newCloud(t)
	c.answers["/v1.0/groups/"+groupID+"?$select=id,displayName"] = answer{body: `{"id":"` + strings.ToUpper(groupID) + `","displayName":"payments-owners"}`}
	c.answers["/v1.0/groups/"+personID(2)+"?$select=id,displayName"] = answer{body: `{}`}
	client := c.client()
	want := []workflow.DirectoryGroup{{ID: groupID, Name: "payments-owners"}}
	for _, text := range []string{groupID, strings.ToUpper(groupID), " " + groupID} {
		got, err := client.Groups(t.Context(), text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%q: %v (-want +got):\n%s", text, err, diff)
		}
		got[0].Name = "changed by who asked" // which is not remembered
	}
	if got, err := client.Groups(t.Context(), personID(1)); got != nil || err != nil {
		t.Errorf("one that is not there: %v, %v", got, err)
	}
	if got, err := client.Groups(t.Context(), personID(2)); got != nil || err == nil {
		t.Errorf("an answer without an id: %v, %v", got, err)
	}
}
