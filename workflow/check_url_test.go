package workflow_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"tenure.dev/workflow"
)

// withRepository is a tenancy whose Applications may read one repository.
func withRepository(location string) workflow.Tenancy {
	t := payments()
	t.Repositories = []string{location}
	return t
}

func TestARepositoryIsTakenOrRefusedSayingWhatIsAllowed(t *testing.T) {
	const wanted, credentials, characters = "https://… or ssh://…", "holds credentials", "wildcards and queries are not allowed"
	for location, says := range map[string]string{
		"https://dev.azure.com/contoso/My%20Project/_git/deploy": "",
		"https://git.example.com:8443/~ops/deploy.git":           "",
		"ssh://git@ssh.dev.azure.com/v3/contoso/payments/deploy": "",
		"git@ssh.dev.azure.com:v3/contoso/payments/deploy":       "",
		"":                                     wanted,
		"deploy":                               wanted,
		"https://":                             wanted,
		"https://git.example.com":              wanted,
		"https://git.example.com/":             wanted,
		"https:///deploy":                      wanted,
		"http://git.example.com/deploy":        wanted,
		"git://git.example.com/deploy":         wanted,
		"file:///srv/git/deploy":               wanted,
		"/srv/git/deploy":                      wanted,
		"ext::sh":                              wanted,
		"-oProxyCommand=x":                     characters,
		"https://git.example.com/%zz":          wanted,
		"https://token@git.example.com/deploy": credentials,
		"https://u:p@git.example.com/deploy":   credentials,
		"ssh://git:p@git.example.com/deploy":   credentials,
		"*":                                    characters,
		"https://git.example.com/**":           characters,
		"https://git.example.com/{a,b}":        characters,
		"https://git.example.com/a?token=x":    characters,
		"https://git.example.com/a#b":          characters,
		"https://git.example.com/a b":          characters,
		"https://git.example.com/a\n":          characters,
		"!https://git.example.com/a":           characters,
		"https://[::1]/deploy":                 characters,
		"https://git.example.com/ä":            characters,
		"https://git.example.com/\xff":         characters,
		"https://git.example.com/" + strings.Repeat("a", 477): "has 501 characters; at most 500",
	} {
		if says == "" {
			saidOf(t, withRepository(location).Check(), "", "")
			continue
		}
		saidOf(t, withRepository(location).Check(), "spec.repositories[0]", says)
	}
}

func TestWhatIsWrongWithARepositoryDoesNotRepeatItsSecret(t *testing.T) {
	for _, location := range []string{
		"https://me:hunter2@git.example.com/a", "https://hunter2@git.example.com/a", "ssh://git:hunter2@git.example.com/a",
		"https://me:hunter2?@git.example.com/a", "https://git.example.com/a?token=hunter2", "https://me:hunter2@git.example.com/%zz",
	} {
		for _, problem := range withRepository(location).Check() {
			if strings.Contains(problem.Message, "hunter2") {
				t.Errorf("%s: it says %q", location, problem.Message)
			}
		}
	}
}

func FuzzARepositoryThatIsTakenIsPlainAndHoldsNoSecret(f *testing.F) {
	for _, location := range []string{
		"https://git.example.com/a", "ssh://git@git.example.com:22/a.git", "git@git.example.com:a", "file:///a", "https://u:p@h/a", "a@b:c:d@e/f", "*",
	} {
		f.Add(location)
	}
	f.Fuzz(func(t *testing.T, location string) {
		problems := withRepository(location).Check()
		for _, p := range problems {
			if p.Message == "" || !utf8.ValidString(p.Message) {
				t.Errorf("problem %+q cannot be shown", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		if strings.ContainsAny(location, "*?[]{}!\\ \t\n\"'$`;&|<>") || strings.HasPrefix(location, "-") {
			t.Errorf("%q is a pattern, or more than a URL", location)
		}
		u, err := url.Parse(location)
		if err != nil {
			if !strings.Contains(location, "@") { // as Git writes SSH
				t.Errorf("%q was taken", location)
			}
			return
		}
		if _, secret := u.User.Password(); secret || (u.Scheme == "https" && u.User != nil) {
			t.Errorf("%q holds a secret", location)
		}
	})
}
