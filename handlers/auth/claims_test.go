package auth

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

const (
	testTenant = "11111111-aaaa-4bbb-8ccc-000000000001"
	testObject = "22222222-aaaa-4bbb-8ccc-000000000001"
	testGroup  = "33333333-aaaa-4bbb-8ccc-000000000001"
	testIDs    = `"tid":"` + testTenant + `","oid":"` + testObject + `"`
)

var testReader = claimReader{tenants: []string{testTenant}, issuerTenant: testTenant, appRoles: DefaultAppRoles()}

func TestClaimsOfEntraBecomeAnActor(t *testing.T) {
	person := func(name, username string) workflow.Person {
		return workflow.Person{ID: workflow.PersonID{Tenant: testTenant, Object: testObject}, Name: name, Username: username}
	}
	for name, test := range map[string]struct {
		claims string
		want   workflow.Actor
	}{
		"everything": {
			`{` + testIDs + `,"name":"Dana Developer","preferred_username":"dana@contoso.example","groups":["` + testGroup + `"],"roles":["Tenure.Admin","Tenure.Security","Tenure.Auditor"]}`,
			workflow.Actor{Person: person("Dana Developer", "dana@contoso.example"), Groups: []string{testGroup},
				Roles: []workflow.Role{workflow.RoleAdmin, workflow.RoleAuditor, workflow.RoleSecurity}},
		},
		"ids in upper case": {
			`{"tid":"` + strings.ToUpper(testTenant) + `","oid":"` + strings.ToUpper(testObject) + `","name":"D","groups":["` + strings.ToUpper(testGroup) + `"]}`,
			workflow.Actor{Person: person("D", ""), Groups: []string{testGroup}},
		},
		"nothing but the ids":    {`{` + testIDs + `}`, workflow.Actor{Person: person(testObject, "")}},
		"a user name only":       {`{` + testIDs + `,"preferred_username":"dana"}`, workflow.Actor{Person: person("dana", "dana")}},
		"roles of other apps":    {`{` + testIDs + `,"name":"D","roles":["admin","tenure.admin","Tenure.Owner","owner"]}`, workflow.Actor{Person: person("D", "")}},
		"claims in another case": {`{` + testIDs + `,"name":"D","Roles":["Tenure.Admin"],"GROUPS":["` + testGroup + `"]}`, workflow.Actor{Person: person("D", "")}},
		"the same thing twice": {
			`{` + testIDs + `,"name":"D","groups":["` + testGroup + `","` + testGroup + `"],"roles":["Tenure.Admin","Tenure.Admin"]}`,
			workflow.Actor{Person: person("D", ""), Groups: []string{testGroup}, Roles: []workflow.Role{workflow.RoleAdmin}},
		},
		"a name that would be two trailers": {`{` + testIDs + `,"name":"Dana\nTenure-Act: init\u2028\u202e x"}`, workflow.Actor{Person: person("Dana Tenure-Act: init x", "")}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := testReader.actor([]byte(test.claims))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Groups) == 0 {
				got.Groups = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("actor (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClaimsOfAnotherShapeAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		claims, sentence string
	}{
		"not JSON":                    {`{`, "could not be verified"},
		"null":                        {`null`, "could not be verified"},
		"a list":                      {`[]`, "could not be verified"},
		"oid in another case":         {`{"tid":"` + testTenant + `","OID":"` + testObject + `"}`, "could not be verified"},
		"oid is a number":             {`{"tid":"` + testTenant + `","oid":7}`, "could not be verified"},
		"oid is a name":               {`{"tid":"` + testTenant + `","oid":"dana"}`, "could not be verified"},
		"oid is a braced UUID":        {`{"tid":"` + testTenant + `","oid":"{` + testObject + `}"}`, "could not be verified"},
		"groups is a text":            {`{` + testIDs + `,"groups":"` + testGroup + `"}`, "could not be verified"},
		"groups are names":            {`{` + testIDs + `,"groups":["payments-owners"]}`, "The directory sends names of groups"},
		"roles is a text":             {`{` + testIDs + `,"roles":"Tenure.Admin"}`, "could not be verified"},
		"name is an object":           {`{` + testIDs + `,"name":{}}`, "could not be verified"},
		"too many groups":             {`{` + testIDs + `,"_claim_names":{"groups":"src1"}}`, "more groups than a sign-in can carry"},
		"too many groups, implicitly": {`{` + testIDs + `,"hasgroups":true}`, "more groups than a sign-in can carry"},
		"another tenant":              {`{"tid":"11111111-aaaa-4bbb-8ccc-00000000000f","oid":"` + testObject + `"}`, "an organisation that has no access"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := testReader.actor([]byte(test.claims))
			problem, ok := workflow.AsProblem(err)
			if !ok || problem.Kind != workflow.Forbidden || !strings.Contains(problem.Message, test.sentence) {
				t.Errorf("actor %+v, error %v; want a refusal with %q", got, err, test.sentence)
			}
		})
	}
}

func TestATenantThatIsAllowedMustAlsoBeTheIssuers(t *testing.T) {
	other := "11111111-aaaa-4bbb-8ccc-00000000000f"
	reader := claimReader{tenants: []string{testTenant, other}, issuerTenant: testTenant, appRoles: DefaultAppRoles()}
	if _, err := reader.actor([]byte(`{"tid":"` + other + `","oid":"` + testObject + `"}`)); err == nil {
		t.Error("the issuer of one tenant vouched for somebody of another")
	}
}

func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{` + testIDs + `,"name":"D\u202e","groups":["` + testGroup + `"],"roles":["Tenure.Admin"]}`))
	f.Add([]byte(`{` + testIDs + `,"_claim_names":{"groups":"src1"},"hasgroups":true}`))
	f.Add([]byte(`{"tid":null,"oid":[]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		actor, err := testReader.actor(payload)
		if err != nil {
			if _, ok := workflow.AsProblem(err); !ok {
				t.Fatalf("the refusal is not a problem: %v", err)
			}
			return
		}
		if _, ok := workflow.ParsePersonID(actor.ID.String()); !ok || actor.ID.Tenant != testTenant {
			t.Fatalf("person %q", actor.ID)
		}
		if actor.Name == "" || strings.ContainsFunc(actor.Name+actor.Username, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("name %q, user name %q", actor.Name, actor.Username)
		}
		for _, group := range actor.Groups {
			if !isUUID(group) {
				t.Fatalf("group %q", group)
			}
		}
		if slices.Contains(actor.Roles, workflow.RoleOwner) || slices.Contains(actor.Roles, workflow.RoleMember) {
			t.Fatalf("roles %q", actor.Roles)
		}
	})
}
