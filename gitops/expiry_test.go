package gitops

import (
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// given is a namespace with exceptions, as earlier requests gave them.
func given(name string, request int64, exceptions ...workflow.NetworkException) workflow.Namespace {
	return workflow.Namespace{
		Name: name, Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelBaseline, Purpose: "It is there.", Request: request, Network: exceptions,
		Quota: workflow.Quota{CPU: resource.MustParse("2"), Memory: resource.MustParse("8Gi"), Storage: resource.MustParse("20Gi"), Pods: 20, Request: request},
	}
}

func exception(request int64, until time.Time, direction workflow.FlowDirection, peer workflow.FlowPeer) workflow.NetworkException {
	e := workflow.NetworkException{Direction: direction, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 443}}, Until: until, Request: request}
	if direction == workflow.Egress {
		e.To = &peer
	} else {
		e.From = &peer
	}
	return e
}

// openWorld is a repository with exceptions: 61 and 62, which crosses to
// another tenant, expire at this very moment, 63 an hour later.
func openWorld(t testing.TB) *world {
	now := fixedClock{}.Now()
	payments, search := tenant("payments"), tenant("search")
	payments.Namespaces = []workflow.Namespace{given("payments-web", 1,
		exception(61, now, workflow.Egress, workflow.FlowPeer{CIDR: "10.20.0.0/16"}),
		exception(62, now, workflow.Egress, workflow.FlowPeer{Namespace: "search-api"}),
		exception(63, now.AddDate(200, 0, 0), workflow.Egress, workflow.FlowPeer{CIDR: "10.30.0.0/16"}),
	)}
	search.Namespaces = []workflow.Namespace{given("search-api", 2, exception(62, now, workflow.Ingress, workflow.FlowPeer{Namespace: "payments-web"}))}
	return newWorld(t, payments, search)
}

// expiry is the end of a request's exception in these tenants, decided now.
func expiry(t testing.TB, state *workflow.ApprovedState, request int64, tenants ...string) grant {
	t.Helper()
	end := grant{message: workflow.CommitMessage{
		Act: workflow.ActEnd, Subject: "End of the network exception", Ends: request, PlannedAt: fixedClock{}.Now(), Renderer: manifest.Renderer{}.Version(),
	}}
	for _, slug := range tenants {
		before := state.Tenancies[slug]
		end.files = append(end.files, differences(t, state.Policy, before, before.WithoutGrants(request))...)
	}
	return end
}

// differences are the files that differ between two states of a tenancy.
func differences(t testing.TB, policy workflow.Policy, before, after workflow.Tenancy) []workflow.FileChange {
	t.Helper()
	changes := map[string]workflow.FileChange{}
	for i, tenancy := range []workflow.Tenancy{before, after} {
		files, err := manifest.Renderer{}.Render(policy, tenancy)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			change := changes[file.Path]
			change.Path = file.Path
			if i == 0 {
				change.Before = file.Content
			} else {
				change.After = file.Content
			}
			changes[file.Path] = change
		}
	}
	var differ []workflow.FileChange
	for _, change := range changes {
		if string(change.Before) != string(change.After) {
			differ = append(differ, change)
		}
	}
	return differ
}

// write commits through the repository.
func (w *world) write(r *Repository, g grant) (string, error) {
	w.Helper()
	return r.Commit(w.Context(), w.state(r).Commit, g.files, g.message)
}

func TestWhatExpiredEndsWithoutAnybodysVoteAndIsFoundAgain(t *testing.T) {
	w := openWorld(t)
	r := w.open()
	commits := map[int64]string{}
	for _, end := range []grant{expiry(t, w.state(r), 62, "payments", "search"), {}} {
		if end.message.Ends == 0 {
			end = expiry(t, w.state(r), 61, "payments") // a second one is no second commit of request 0
		}
		commit, err := w.write(r, end)
		if err != nil {
			t.Fatal(err)
		}
		commits[end.message.Ends] = commit
	}
	if report := w.verify(); !report.OK() || report.Commits != 3 {
		t.Errorf("verify: %+v", report)
	}
	for name, r := range map[string]*Repository{"writer": r, "opened later": w.open()} {
		for request, commit := range commits {
			if ended, found := r.Ended(request); !found || ended != commit {
				t.Errorf("%s: request %d was ended by %q, %v; want %s", name, request, ended, found, commit)
			}
			if _, found, err := r.Find(t.Context(), "", request); err != nil || found {
				t.Errorf("%s: the end of request %d is taken for what it asked for: %v", name, request, err)
			}
		}
		if _, found := r.Ended(63); found {
			t.Errorf("%s: request 63 ended", name)
		}
		if _, found := r.Ended(0); found {
			t.Errorf("%s: request 0 ended", name)
		}
		state := w.state(r)
		if left := state.Tenancies["payments"].Namespaces[0].Network; len(left) != 1 || left[0].Request != 63 || state.Tenancies["search"].Namespaces[0].Network != nil {
			t.Errorf("%s: what is left is %+v", name, state.Tenancies)
		}
	}
	// An end takes nobody's number: the namespace of request 62 can still be given.
	w.commit(r, "payments", "payments-api-dev", 62)
	if report := w.verify(); !report.OK() {
		t.Errorf("verify: %+v", report)
	}
	trailers := newNative(t, w.remote).git("log", "-1", "--format=%(trailers:only,unfold)", commits[62])
	if !strings.HasPrefix(trailers, "Tenure-Act: end\nTenure-Planned-At: 2026-01-02T03:04:05Z\n") || !strings.HasSuffix(trailers, "\nTenure-Ends: 62") {
		t.Errorf("the trailers are:\n%s", trailers)
	}
}

// hostileExpiries are commits that call themselves the end of what expired,
// signed with the trusted key. The end is one that would be in order.
var hostileExpiries = map[string]struct {
	do   func(n *native, state *workflow.ApprovedState, end *grant)
	path string
	says string
}{
	"before its time, without votes": {func(n *native, state *workflow.ApprovedState, end *grant) {
		*end = expiry(n, state, 63, "payments")
		n.apply(end.files)
	}, paymentsDocument, "without anybody's approval"},
	"before its time, decided in the future": {func(n *native, state *workflow.ApprovedState, end *grant) {
		*end = expiry(n, state, 63, "payments")
		end.message.PlannedAt = state.Tenancies["payments"].Namespaces[0].Network[2].Until
		n.apply(end.files)
	}, paymentsDocument, "after it was committed at"},
	"a moment too early": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.PlannedAt = end.message.PlannedAt.Add(-time.Nanosecond)
	}, paymentsDocument, "without anybody's approval"},
	"only one end": {func(n *native, state *workflow.ApprovedState, end *grant) {
		*end = expiry(n, state, 62, "payments")
		n.apply(end.files)
	}, paymentsDocument, "a grant ends at both of its ends, yet search keeps one"},
	"only the other end": {func(n *native, state *workflow.ApprovedState, end *grant) {
		*end = expiry(n, state, 62, "search")
		n.apply(end.files)
	}, "approved/search.yaml", "a grant ends at both of its ends, yet payments keeps one"},
	"one end stays in the manifests": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(slices.DeleteFunc(end.files, func(f workflow.FileChange) bool { return strings.HasPrefix(f.Path, "clusters/weu-1/search/") }))
	}, "clusters/weu-1/search/search-api/", "no longer follows from the tenancy"},
	"another one's end, too": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) { *t = t.WithoutGrants(62).WithoutGrants(61) })
		rewritten(n, state, "search", func(t *workflow.Tenancy) { *t = t.WithoutGrants(62) })
	}, "approved/", "what is left is not what there was before in payments"},
	"something is opened with it": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) { *t = t.WithoutGrants(62) })
		rewritten(n, state, "search", func(t *workflow.Tenancy) {
			*t = t.WithoutGrants(62)
			t.Namespaces[0].Network = []workflow.NetworkException{exception(62, fixedClock{}.Now().AddDate(1, 0, 0), workflow.Egress, workflow.FlowPeer{Internet: true})}
		})
	}, "approved/", "an end only takes away, yet network exception weu-1/search-api 62 egress is added"},
	"a namespace goes with it": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) { *t = t.WithoutGrants(62) })
		rewritten(n, state, "search", func(t *workflow.Tenancy) { t.Namespaces = nil })
	}, "approved/", "what is left is not what there was before in search"},
	"one that there is not": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Ends = 64
	}, "approved/", "request 64 gave nothing that could end"},
	"nothing": {func(n *native, _ *workflow.ApprovedState, _ *grant) { n.write("README.md", "hello\n") }, "README.md", "changes no tenancy"},
	"for a request": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Request = 70
	}, "approved/", "rests on its time alone, yet it names a request"},
	"as a grant": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Act = workflow.ActGrant
	}, paymentsDocument, "ends the exception of request 62, which only a commit of act end does"},
	"as a change of keys": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Act = workflow.ActRotateKey
	}, paymentsDocument, "ends the exception of request 62, which only a commit of act end does"},
	"by another renderer": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Renderer = "0"
	}, paymentsDocument, "was made by another version"},
}

func TestAnEndThatItsTimeDoesNotProveIsRefused(t *testing.T) {
	for name, hostile := range hostileExpiries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openWorld(t)
			r := w.open()
			served := w.state(r)
			n := newNative(t, w.remote)
			end := expiry(t, served, 62, "payments", "search")
			hostile.do(n, served, &end)
			commit := n.commit(n.steal(w.key), text(t, end.message))

			report := w.verify()
			if !objected(report, commit, attack{path: hostile.path, says: hostile.says}) {
				t.Errorf("no objection to %s names %q and says %q: %v", commit, hostile.path, hostile.says, report.Objections)
			}
			if err := r.Refresh(t.Context()); err == nil || w.state(r).Commit != served.Commit {
				t.Errorf("refresh says %v, and %s is served", err, w.state(r).Commit)
			}
			if _, found := r.Ended(end.message.Ends); found {
				t.Error("it counts as an end")
			}
			if _, err := w.write(r, expiry(t, served, 62, "payments", "search")); err != nil {
				t.Errorf("the end that its time proves does not go through after it: %v", err)
			}
		})
	}
}

func TestASecondEndOfTheSameExceptionIsRefused(t *testing.T) {
	w := openWorld(t)
	r := w.open()
	if _, err := w.write(r, expiry(t, w.state(r), 62, "payments", "search")); err != nil {
		t.Fatal(err)
	}
	state := w.state(r)
	n := newNative(t, w.remote)
	again := expiry(t, state, 62, "payments")
	rewritten(n, state, "payments", func(t *workflow.Tenancy) { *t = t.WithoutGrants(61) })
	commit := n.commit(n.steal(w.key), text(t, again.message))
	if report := w.verify(); !objected(report, commit, attack{path: paymentsDocument, says: "request 62 gave nothing that could end"}) {
		t.Errorf("verify: %+v", report)
	}
	if _, err := w.write(r, again); err == nil {
		t.Error("an empty second end was pushed")
	}
}

func TestNothingThatWouldNotVerifyIsPushedAsAnEnd(t *testing.T) {
	w := openWorld(t)
	r := w.open()
	for name, end := range map[string]grant{"early": expiry(t, w.state(r), 63, "payments"), "one end": expiry(t, w.state(r), 62, "search")} {
		if _, err := w.write(r, end); err == nil || !strings.Contains(err.Error(), "nothing was pushed") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if head := newNative(t, w.remote).git("rev-parse", "origin/main"); head != w.root {
		t.Errorf("%s was pushed", head)
	}
}

func TestTheTimeOfACommitIsReadFromItsCommitter(t *testing.T) {
	for line, want := range map[string]time.Time{
		"Tenure <t@example.com> 1767323045 +0000": fixedClock{}.Now(),
		"Tenure <t@example.com> 1767323045 +0200": fixedClock{}.Now(), // the zone is for showing only
		"A > 9 <t@example.com> 1767323045 +0000":  fixedClock{}.Now(),
		"Tenure <t@example.com>":                  {},
		"Tenure <t@example.com> soon +0000":       {},
		"":                                        {},
	} {
		if got := (commitObject{committer: line}).committedAt(); !got.Equal(want) {
			t.Errorf("%q: it is %s, want %s", line, got, want)
		}
	}
}
