package main

import (
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/gitops"
)

func TestVerifyProvesWhatTenureWrote(t *testing.T) {
	w := newWorld(t)
	commit := w.grant("payments-api-dev", 1)
	tenure(t, "verify", w.remote, "--trust", w.trust()).want(t, 0, "Proved: 2 commits up to "+commit+".\n", "")
	// Flags also stand before the repository, and fingerprints as people write them.
	tenure(t, "verify", "--trust", strings.ToLower(w.trust()), w.remote).want(t, 0, "Proved: 2 commits", "")
}

func TestVerifyNamesCommitAndPathOfWhatWasForged(t *testing.T) {
	w := newWorld(t)
	state, files, message := w.plan(w.open(), "payments-api-dev", 1)
	text, err := gitops.EncodeMessage(message)
	if err != nil {
		t.Fatal(err)
	}
	n := newNative(t, w.remote)
	n.steal(w.key)
	for _, f := range files {
		n.write(f.Path, string(f.After))
	}
	const quota = "clusters/weu-1/payments/payments-api-dev/10-resourcequota.yaml"
	n.replace(quota, `limits.cpu: "2"`, `limits.cpu: "9"`)
	commit := n.push(w.trust(), text)

	got := tenure(t, "verify", w.remote, "--trust", w.trust())
	got.want(t, 1, commit+" "+quota+": ", "1 objections in 2 commits; the last commit that proves is "+state.Commit)
	if strings.Contains(got.out, "Proved") {
		t.Errorf("it is proved all the same:\n%s", got.out)
	}
}

func TestVerifyBelievesNoKeyButTheOneItIsGiven(t *testing.T) {
	w, stranger := newWorld(t), newWorld(t)
	got := tenure(t, "verify", w.remote, "--trust", stranger.trust())
	got.want(t, 1, head(t, w.remote), "the last commit that proves is none")
}

func TestVerifySaysThatItCouldNotJudge(t *testing.T) {
	w := newWorld(t)
	empty := filepath.Join(t.TempDir(), "empty.git")
	newNative(t, w.remote).git("init", "-q", "--bare", empty)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no repository named":    {[]string{"--trust", w.trust()}, "name one REPOSITORY"},
		"two repositories named": {[]string{"--trust", w.trust(), w.remote, w.remote}, "name one REPOSITORY"},
		"nothing there":          {[]string{"--trust", w.trust(), filepath.Join(w.data, "nowhere.git")}, "nowhere.git"},
		"no commits":             {[]string{"--trust", w.trust(), empty}, "empty.git"},
		"no such branch":         {[]string{"--trust", w.trust(), "--branch", "other", w.remote}, "no commits on this branch"},
		"no trust":               {[]string{w.remote}, "--trust is needed"},
		"not a fingerprint":      {[]string{"--trust", "ABCD", w.remote}, "ABCD"},
		"a password in the URL":  {[]string{"--trust", w.trust(), "https://me:hunter2@example.invalid/x"}, "holds a password"},
	} {
		t.Run(name, func(t *testing.T) {
			got := tenure(t, append([]string{"verify"}, c.args...)...)
			got.want(t, 2, "", c.says)
			if strings.Contains(got.out+got.err, "hunter2") {
				t.Errorf("a password was printed: %s", got.err)
			}
		})
	}
}
