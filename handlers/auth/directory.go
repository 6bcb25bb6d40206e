package auth

import (
	"context"
	"fmt"
	"strings"

	"tenure.dev/workflow"
)

// NoDirectory is the directory where none is configured: it knows nobody and says so.
type NoDirectory struct{}

var _ workflow.Directory = NoDirectory{}

// Members says that nothing is known of any group.
func (NoDirectory) Members(context.Context, string) ([]workflow.PersonID, bool, error) {
	return nil, false, nil
}

// EntraTenant gives the tenant id of an Entra issuer, and where the tenant gives
// out access tokens: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
// Another provider's issuer is an error.
func EntraTenant(issuer string) (tenant, tokenURL string, err error) {
	tenant = issuerTenant(issuer)
	base, version2 := strings.CutSuffix(strings.TrimSuffix(issuer, "/"), "/v2.0")
	if tenant == "" || !version2 || !strings.HasSuffix(strings.ToLower(base), "/"+tenant) {
		return "", "", fmt.Errorf("issuer %q: it is not one of Entra's, such as https://login.microsoftonline.com/<tenant id>/v2.0", issuer)
	}
	return tenant, base + "/oauth2/v2.0/token", nil
}
