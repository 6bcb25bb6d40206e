package auth

import "testing"

func TestTheTokenEndpointFollowsFromAnEntraIssuer(t *testing.T) {
	const id = "de000000-0000-4000-8000-000000000000"
	for issuer, want := range map[string][2]string{
		"https://login.microsoftonline.com/" + id + "/v2.0":                           {id, "https://login.microsoftonline.com/" + id + "/oauth2/v2.0/token"},
		"https://login.microsoftonline.us/" + id + "/v2.0/":                           {id, "https://login.microsoftonline.us/" + id + "/oauth2/v2.0/token"},
		"https://login.microsoftonline.com/DE000000-0000-4000-8000-000000000000/v2.0": {id, "https://login.microsoftonline.com/DE000000-0000-4000-8000-000000000000/oauth2/v2.0/token"},
		"https://login.microsoftonline.com/" + id:                                     {},
		"https://login.microsoftonline.com/" + id + "/x/v2.0":                         {},
		"https://login.microsoftonline.com/common/v2.0":                               {},
		"https://login.example.com":                                                   {},
		"https://login.example.com/v2.0":                                              {},
		"":                                                                            {},
	} {
		tenant, address, err := EntraTenant(issuer)
		if tenant != want[0] || address != want[1] || (err == nil) != (want[0] != "") {
			t.Errorf("%q: %q, %q, %v", issuer, tenant, address, err)
		}
	}
}
