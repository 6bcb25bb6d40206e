package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tenure.dev/gitops"
)

// served is a development Tenure whose repository has an approved namespace,
// and somebody who works on that repository with git and gpg.
func served(t *testing.T) (r *running, approved string, n *native, key *gitops.SigningKey) {
	t.Helper()
	w := newWorld(t)
	approved = w.grant("payments-api-dev", 42)
	r = startDev(t, devSettings(t, w.data))
	eventually(t, "the approved state is in force", func() bool { return r.stillServes(approved) })
	n = newNative(t, w.remote)
	n.steal(w.key)
	return r, approved, n, w.key
}

// stillServes says whether the webhook lets the approved namespace in, and no
// other, by the state of a commit.
func (r *running) stillServes(commit string) bool {
	r.Helper()
	allowed := r.validate(show(r, r.settings.Repository, commit, namespaceManifest))
	denied := r.validate(strings.Replace(shadowNamespace, "NAME", "payments-shadow", 1))
	return allowed.Allowed && allowed.AuditAnnotations["commit"] == commit && !denied.Allowed && denied.AuditAnnotations["commit"] == commit
}

// mustServe checks that an approved state is in force although the head does
// not verify, and that log, metric and page name the place.
func (r *running) mustServe(approved, location, says string) {
	r.Helper()
	eventually(r, "the metric names "+location, func() bool { return r.metric(`tenure_repository_problem{location="` + location + `"} 1`) })
	if !r.stillServes(approved) {
		r.Errorf("the webhook does not judge by %s any more", approved)
	}
	if status, _ := r.get("/readyz"); status != http.StatusOK {
		r.Errorf("it is not ready, although it serves: %d", status)
	}
	eventually(r, "the log names "+location, func() bool {
		for line := range strings.Lines(r.log.String()) {
			if strings.Contains(line, "level=ERROR") && strings.Contains(line, location) && strings.Contains(line, "verified="+approved) && strings.Contains(line, says) {
				return true
			}
		}
		return false
	})
	ada := newBrowser(r, "http://"+r.portal, nil)
	ada.signIn("Ada Admin", "/health").want(r, http.StatusOK, "1 part of Tenure needs attention", location, says)
}

func TestAForeignCommitIsNamedAndTheLastStateGoesOnServing(t *testing.T) {
	r, approved, n, _ := served(t)
	if !r.metric(`tenure_repository_problem{location=""} 0`) {
		t.Error("there is a problem before there is one")
	}
	n.replace(namespaceManifest, "tenure.dev/environment: dev", "tenure.dev/environment: prod")
	commit := n.push("", "Just a little thing\n")
	r.mustServe(approved, commit+" "+namespaceManifest, "is not signed")
}

func TestAPolicyThatDoesNotParseIsNamedByFileAndLine(t *testing.T) {
	r, approved, n, key := served(t)
	n.replace("policy.yaml", "fallback: admin", "fallback: nobody")
	n.push(key.Fingerprint(), "Change the fallback\n")
	line := lineOf(t, n.read("policy.yaml"), "fallback: nobody")
	r.mustServe(approved, "policy.yaml:"+line, "spec.fallback")

	// What is no YAML at all has a line, too; the log says so anew.
	n.replace("policy.yaml", "fallback: nobody", "fallback: [nobody")
	n.push(key.Fingerprint(), "Change the fallback again\n")
	eventually(t, "the newer problem is logged", func() bool {
		return regexp.MustCompile(`location=policy\.yaml:\d+ .*not YAML`).MatchString(r.log.String())
	})
	if !r.stillServes(approved) {
		t.Error("the webhook does not judge by the approved state any more")
	}

	// After a restart it serves the same, from its own copy.
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	again := startDev(t, r.settings)
	if !again.stillServes(approved) {
		t.Error("after a restart the webhook does not judge by the approved state any more")
	}
}

func TestTheSameTroubleIsLoggedOnce(t *testing.T) {
	r, approved, n, _ := served(t)
	n.write("notes.txt", "hello\n")
	r.mustServe(approved, n.push("", "A note\n")+" notes.txt", "is not signed")
	fetched := func() string {
		_, text := r.get("/metrics")
		return regexp.MustCompile(`(?m)^tenure_repository_fetched_timestamp_seconds (\S+)`).FindString(text)
	}
	before := fetched()
	eventually(t, "it is fetched again", func() bool { return fetched() != before })
	if count := strings.Count(r.log.String(), "the repository's head is not in force"); count != 1 {
		t.Errorf("it is logged %d times", count)
	}
}

// lineOf gives the number of the line that holds a text.
func lineOf(t testing.TB, content, text string) string {
	t.Helper()
	before, _, found := strings.Cut(content, text)
	if !found {
		t.Fatalf("there is no %q", text)
	}
	return strconv.Itoa(strings.Count(before, "\n") + 1)
}

func TestARepositoryThatIsGoneLeavesTheLastStateInForce(t *testing.T) {
	w := newWorld(t)
	approved := w.grant("payments-api-dev", 42)
	s := devSettings(t, w.data)
	r := startDev(t, s)
	manifest := show(t, w.remote, "main", namespaceManifest)
	away := filepath.Join(w.data, "away.git")
	if err := os.Rename(w.remote, away); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the fetch fails", func() bool { return r.metric(`tenure_repository_problem{location=""} 1`) })
	if got := r.validate(manifest); !got.Allowed || got.AuditAnnotations["commit"] != approved {
		t.Errorf("the approved namespace is not let in any more: %+v", got)
	}
	if err := os.Rename(away, w.remote); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is well again", func() bool {
		return r.metric(`tenure_repository_problem{location=""} 0`) && strings.Contains(r.log.String(), "the repository is well again")
	})
}
