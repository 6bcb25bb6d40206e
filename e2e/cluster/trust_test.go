package cluster

import (
	"strings"
	"testing"
)

const somebody = "0123456789ABCDEF0123456789ABCDEF01234567"

func TestArgoCDIsGivenNoKeyThatIsNotTheTrustedOne(t *testing.T) {
	repository := t.TempDir()
	git(t, repository, "init", "--quiet", "--initial-branch=main")
	commit(t, repository, "no key")
	for name, test := range map[string]struct {
		options InstallOptions
		want    string
	}{
		"no fingerprint":          {InstallOptions{Repository: "file://" + repository}, `the trusted key is ""`},
		"a short key ID":          {InstallOptions{Repository: "file://" + repository, Trust: somebody[24:]}, "40 digits"},
		"small letters":           {InstallOptions{Repository: "file://" + repository, Trust: strings.ToLower(somebody)}, "capital letters"},
		"a repository far away":   {InstallOptions{Repository: "https://git.contoso.example/gitops", Trust: somebody}, "not file://"},
		"a key that is not there": {InstallOptions{Repository: "file://" + repository + "/.git", Trust: somebody}, "read main:keys/" + somebody + ".asc"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := new(Cluster).trust(t.Context(), test.options); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, not %q", err, test.want)
			}
		})
	}
}

func TestAKeyringWhoseSocketHasNoPlaceIsRefusedBeforeAnythingStarts(t *testing.T) {
	long := "/" + strings.Repeat("x", 90)
	for name, test := range map[string]struct {
		keyring, runtime string
		refused          bool
	}{
		"a short path":                     {"/data/argocd/gnupg", "/nowhere", false},
		"a long path":                      {long, "/nowhere", true},
		"a long path and a runtime folder": {long, t.TempDir(), false},
	} {
		if err := checkKeyring(test.keyring, test.runtime); (err != nil) != test.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
