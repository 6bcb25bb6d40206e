package gitops

import (
	"os"
	"strings"
	"testing"
)

func TestARevisionIncludesWhatTheVerifiedHistoryHasUpToIt(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	first := w.commit(r, "payments", "payments-api-dev", 42)
	n := newNative(t, w.remote)
	n.write("approved/search.yaml", strings.Replace(n.read("approved/search.yaml"), "\"64\"", "\"640\"", 1))
	foreign := n.commit("", "Give us more\n")
	second := w.commit(r, "search", "search-api-dev", 43) // after a restore
	n.git("pull", "-q")
	restore := n.git("rev-parse", "HEAD~1")
	away := strings.Repeat("a", 40)

	check := func(when string) {
		t.Helper()
		for _, test := range []struct {
			revision, commit string
			want             bool
		}{
			{first, first, true}, {second, first, true}, {second, restore, true}, {restore, first, true}, {second, w.root, true}, {w.root, w.root, true},
			{first, second, false}, {w.root, first, false}, {first, restore, false},
			{foreign, first, false}, {second, foreign, false}, {foreign, foreign, false}, // undone, and never counted
			{away, first, false}, {second, away, false}, {away, away, false},
			{"main", first, false}, {"", first, false}, {second, "", false}, {first[:12], first, false},
		} {
			if got := r.Includes(test.revision, test.commit); got != test.want {
				t.Errorf("%s: %.12q includes %.12q: %v", when, test.revision, test.commit, got)
			}
		}
	}
	check("as written")
	if err := os.Rename(w.remote, w.remote+".away"); err != nil {
		t.Fatal(err)
	}
	check("while the remote is away")
	if err := os.Rename(w.remote+".away", w.remote); err != nil {
		t.Fatal(err)
	}
	r = w.open()
	check("read anew")
}

func TestARevisionThatIsNotFetchedYetIsNotKnown(t *testing.T) {
	w := newWorld(t)
	writer, reader := w.open(), w.open()
	commit := w.commit(writer, "payments", "payments-api-dev", 42)
	if reader.Includes(commit, w.root) {
		t.Error("a commit that nobody fetched is known")
	}
	if err := reader.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !reader.Includes(commit, w.root) {
		t.Error("once it is fetched it is not known")
	}
}
