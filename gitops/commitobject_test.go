package gitops

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

const plainCommit = `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 1111111111111111111111111111111111111111
author Tenure <noreply@tenure.dev> 1767323045 +0000
committer Tenure <noreply@tenure.dev> 1767323045 +0100
gpgsig -----BEGIN PGP SIGNATURE-----
 
 abcd
 -----END PGP SIGNATURE-----

Subject

Body
`

func TestACommitIsReadAsItIsSigned(t *testing.T) {
	c, err := parseCommit([]byte(plainCommit))
	if err != nil {
		t.Fatal(err)
	}
	if c.signature != "-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n" || len(c.parents) != 1 || c.message != "Subject\n\nBody\n" {
		t.Errorf("read as %+v", c)
	}
	if payload := string(c.payload()); strings.Contains(payload, "gpgsig") || !strings.HasSuffix(payload, "+0100\n\nSubject\n\nBody\n") {
		t.Errorf("signed is %q", payload)
	}
}

func TestACommitThatCouldBeReadInTwoWaysIsRefused(t *testing.T) {
	replace := func(old, new string) string { return strings.Replace(plainCommit, old, new, 1) }
	for name, raw := range map[string]string{
		"empty":                     "",
		"an encoding":               replace("gpgsig", "encoding latin-1\ngpgsig"),
		"a header after the signed": replace("-----END PGP SIGNATURE-----\n", "-----END PGP SIGNATURE-----\nmergetag x\n"),
		"two signatures":            replace("\n\nSubject", "\ngpgsig x\n\nSubject"),
		"two trees":                 replace("parent ", "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent "),
		"a parent after the author": replace("committer", "parent 1111111111111111111111111111111111111111\ncommitter"),
		"a short parent":            replace("1111111111111111111111111111111111111111", "1111"),
		"a tree in upper case":      replace("4b825dc642cb6eb9a060e54bf8d69288fbee4904", "4B825DC642CB6EB9A060E54BF8D69288FBEE4904"),
		"no author":                 replace("author Tenure <noreply@tenure.dev> 1767323045 +0000\n", ""),
		"an author without a time":  replace(" 1767323045 +0000", ""),
	} {
		if c, err := parseCommit([]byte(raw)); err == nil {
			t.Errorf("%s: read as %+v", name, c)
		}
	}
}

func TestAMalformedCommitStillHasItsParents(t *testing.T) {
	c, err := parseCommit([]byte(strings.Replace(plainCommit, "gpgsig", "encoding latin-1\ngpgsig", 1)))
	if err == nil || len(c.parents) != 1 || c.parents[0] != plumbing.NewHash(strings.Repeat("1", 40)) {
		t.Errorf("read as %+v, %v", c, err)
	}
}

func FuzzParseCommit(f *testing.F) {
	f.Add([]byte(plainCommit))
	f.Add([]byte("tree \n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseCommit(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(c.encode(), raw) {
			t.Fatalf("%q is written as %q", raw, c.encode())
		}
		if c.signature == "" && !bytes.Equal(c.payload(), raw) {
			t.Fatalf("of the unsigned %q only %q is signed", raw, c.payload())
		}
	})
}
