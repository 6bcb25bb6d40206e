package auth_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

func goodConfig() auth.Config {
	return auth.Config{
		Issuer: "https://login.microsoftonline.com/" + tenantID + "/v2.0", BaseURL: "https://tenure.example.com/",
		ClientID: "id", ClientSecret: "secret", Tenants: []string{strings.ToUpper(tenantID)},
		Sessions: memstore.NewWithCleanupInterval(0), Clock: &clock{}, Log: slog.New(slog.DiscardHandler),
	}
}

func TestAConfigurationForEntraIsAccepted(t *testing.T) {
	if _, err := auth.New(goodConfig()); err != nil {
		t.Error(err)
	}
}

func TestAConfigurationThatCannotBeSafeIsRefusedNamingWhatIsWrong(t *testing.T) {
	for want, spoil := range map[string]func(*auth.Config){
		`issuer "http://login.example": it must begin with https://`:        func(c *auth.Config) { c.Issuer = "http://login.example" },
		`issuer "": it must be an absolute URL`:                             func(c *auth.Config) { c.Issuer = "" },
		`base URL "http://tenure.example.com": it must begin with https://`: func(c *auth.Config) { c.BaseURL = "http://tenure.example.com" },
		`base URL "https://example.com/tenure": it must be a scheme and a`:  func(c *auth.Config) { c.BaseURL = "https://example.com/tenure" },
		`base URL "ftp://127.0.0.1": it must begin with https://`:           func(c *auth.Config) { c.BaseURL = "ftp://127.0.0.1" },
		`the client id is missing`:                                          func(c *auth.Config) { c.ClientID = "" },
		`the client secret is missing`:                                      func(c *auth.Config) { c.ClientSecret = "" },
		`no Entra tenant is allowed`:                                        func(c *auth.Config) { c.Tenants = nil },
		`tenant "contoso.com": it must be a tenant id`:                      func(c *auth.Config) { c.Tenants = append(c.Tenants, "contoso.com") },
		`its tenant is not among those allowed`:                             func(c *auth.Config) { c.Tenants = []string{danaID} },
		`role "owner" cannot be given by an app role`:                       func(c *auth.Config) { c.AppRoles = map[string]workflow.Role{"Tenure.Owner": workflow.RoleOwner} },
		`the idle timeout at least a minute`:                                func(c *auth.Config) { c.IdleTimeout = time.Second },
		`a session store, a clock and a log are required`:                   func(c *auth.Config) { c.Sessions = nil },
	} {
		config := goodConfig()
		spoil(&config)
		if _, err := auth.New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	_, err := auth.New(auth.Config{})
	if err == nil || strings.Count(err.Error(), "\n") < 5 {
		t.Errorf("an empty configuration is refused with %v, want every problem at once", err)
	}
}
