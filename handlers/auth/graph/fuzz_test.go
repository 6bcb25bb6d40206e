package graph

import (
	"slices"
	"strings"
	"testing"

	"tenure.dev/handlers/auth"
)

// Whatever answers in Graph's place: what is made of it has ids that are some,
// each once, names of one line, and codes that could not hold a secret.
func FuzzAnswers(f *testing.F) {
	const id = "de000000-0000-4000-8000-000000000001"
	for _, seed := range []string{
		`{"value":[]}`, `{"value":null}`, `{"value":[{"id":"` + id + `","displayName":"Ada","userPrincipalName":"ada@contoso.example","userType":"Guest"}],"@odata.nextLink":"https://graph.microsoft.com/v1.0/next"}`,
		`{"value":[{"id":"` + strings.ToUpper(id) + `"},{"id":"` + id + `"}]}`, `{"error":{"code":"Request_ResourceNotFound"}}`, `[]`, `"`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if code := decodeRefusal(data); code != "" && !plainCode.MatchString(code) {
			t.Errorf("the code is %q", code)
		}
		if read, err := decodePage[group](data); err == nil {
			groups, err := directoryGroups(read.Value)
			for _, one := range groups {
				if err != nil || !isObjectID(one.ID) || one.Name == "" || one.Name != auth.OneLine(one.Name) {
					t.Errorf("a group is %+v, %v", one, err)
				}
			}
		}
		read, err := decodePage[user](data)
		if err != nil {
			return
		}
		users, err := distinct(read.Value)
		if err != nil {
			return
		}
		var ids []string
		for _, one := range users {
			account := one.account("tenant")
			if !isObjectID(account.ID.Object) || account.Name == "" || account.Name != auth.OneLine(account.Name) {
				t.Errorf("%+v is %+v", one, account)
			}
			if account.User != one.UserName && account.User != account.ID.Object {
				t.Errorf("%+v is known as %q", one, account.User)
			}
			ids = append(ids, account.ID.Object)
		}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != len(users) {
			t.Errorf("somebody counts twice: %v", users)
		}
	})
}
