package gitops

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// removal makes the end of a namespace at a state, as reviewers would have approved it.
func removal(t testing.TB, state *workflow.ApprovedState, tenant, namespace string, request int64) grant {
	t.Helper()
	end := approved(t, state, tenant, request, workflow.RemovalChange{
		Cluster: "weu-1", Namespace: namespace, Confirmation: namespace, Reason: "It is replaced.",
	})
	end.message.Subject = "Removal of " + namespace + " for " + tenant
	return end
}

// end commits the end of a namespace through the repository.
func (w *world) end(r *Repository, tenant, namespace string, request int64) string {
	w.Helper()
	state := w.state(r)
	g := removal(w, state, tenant, namespace, request)
	commit, err := r.Commit(w.Context(), state.Commit, g.files, g.message)
	if err != nil {
		w.Fatal(err)
	}
	return commit
}

func TestAnEndTakesANamespaceAwayAndItsNameIsFreeAgain(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	w.commit(r, "payments", "payments-api-dev", 42)
	w.commit(r, "payments", "payments-web-dev", 43)
	commit := w.end(r, "payments", "payments-api-dev", 44)

	n := newNative(t, w.remote)
	trailers := n.git("log", "-1", "--format=%(trailers:only,unfold)", commit)
	for _, want := range []string{"Tenure-Act: end\n", "Tenure-Request: 44\n", "Tenure-Kind: removal\n", "; stage=owner;", "; stage=security;", "Tenure-Stages: owner=1 security=1\n"} {
		if !strings.Contains(trailers, want) {
			t.Errorf("git reads no %q in\n%s", want, trailers)
		}
	}
	left := strings.Split(n.git("ls-tree", "-r", "--name-only", commit, "clusters/weu-1/payments/"), "\n")
	if len(left) < 2 || slices.ContainsFunc(left, func(path string) bool { return strings.Contains(path, "payments-api-dev") }) {
		t.Errorf("after the end there are %q", left)
	}
	for name, r := range map[string]*Repository{"writer": r, "opened later": w.open()} {
		state := w.state(r)
		if _, _, found := state.NamespaceOwner("weu-1", "payments-api-dev"); found || len(state.Tenancies["payments"].Namespaces) != 1 {
			t.Errorf("%s: it is still approved", name)
		}
	}
	w.commit(r, "payments", "payments-api-dev", 45)
	if report := w.verify(); !report.OK() || report.Commits != 5 {
		t.Errorf("verify: %+v", report)
	}
}

func TestTheLastNamespacesEndLeavesATenancyThatCanBeGivenToAgain(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	w.commit(r, "payments", "payments-api-dev", 42)
	w.end(r, "payments", "payments-api-dev", 43)
	if tree, want := newNative(t, w.remote).git("rev-parse", "main^{tree}"), newNative(t, w.remote).git("rev-parse", w.root+"^{tree}"); tree != want {
		t.Errorf("the tree is %s, and was %s before anything was given", tree, want)
	}
	w.commit(w.open(), "payments", "payments-web-dev", 44)
	if report := w.verify(); !report.OK() {
		t.Errorf("verify: %+v", report)
	}
}

func TestFindSeesTheCommitThatEndedSomething(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	given := w.commit(r, "payments", "payments-api-dev", 42)
	ended := w.end(r, "payments", "payments-api-dev", 43)
	commit, found, err := w.open().Find(t.Context(), given, 43)
	if err != nil || !found || commit != ended {
		t.Errorf("got %q, %v, %v; want %q", commit, found, err, ended)
	}
	state := w.state(r)
	again := plan(t, state, "search", "search-dev", 43)
	if _, err := r.Commit(t.Context(), state.Commit, again.files, again.message); err == nil || !strings.Contains(err.Error(), "fulfilled already") {
		t.Errorf("got %v, want a refusal because request 43 ended something", err)
	}
}

// rewritten replaces a tenancy by what the change makes of it, with the files that
// follow from it: a commit in which everything fits together but the act.
func rewritten(n *native, state *workflow.ApprovedState, tenant string, change func(*workflow.Tenancy)) {
	n.Helper()
	tenancy := state.Tenancies[tenant]
	tenancy.Namespaces = slices.Clone(tenancy.Namespaces)
	change(&tenancy)
	n.git("rm", "-q", "-r", "-f", "clusters/weu-1/"+tenant)
	files, err := manifest.Renderer{}.Render(state.Policy, tenancy)
	if err != nil {
		n.Fatal(err)
	}
	for _, file := range files {
		n.write(file.Path, string(file.Content))
	}
}

// hostileEnds are commits of act end, signed with the trusted key, that do
// anything but take away the one namespace that was decided about. The end is
// one that would be in order.
var hostileEnds = map[string]struct {
	do   func(n *native, state *workflow.ApprovedState, end *grant)
	path string
	says string
}{
	"it adds a namespace, too": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) {
			more := t.Namespaces[0]
			more.Name = "payments-evil-dev"
			*t = t.Without("weu-1", "payments-api-dev")
			t.Namespaces = append(t.Namespaces, more)
		})
	}, paymentsDocument, "an end only takes away, yet namespace weu-1/payments-evil-dev is added"},
	"it raises a quota, too": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) {
			*t = t.Without("weu-1", "payments-api-dev")
			t.Namespaces[0].Quota.CPU = resource.MustParse("9")
		})
	}, paymentsDocument, "an end only takes away, yet namespace weu-1/payments-web-dev changes"},
	"it lowers a quota, too": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) {
			*t = t.Without("weu-1", "payments-api-dev")
			t.Namespaces[0].Quota.CPU = resource.MustParse("1")
		})
	}, paymentsDocument, "yet namespace weu-1/payments-web-dev changes"},
	"it changes the owners, too": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) {
			*t = t.Without("weu-1", "payments-api-dev")
			t.Owners.Group = "00000000-0000-4000-8000-000000000001"
		})
	}, paymentsDocument, "yet owners changes"},
	"it raises the ceiling, too": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) {
			*t = t.Without("weu-1", "payments-api-dev")
			t.Ceiling.CPU = resource.MustParse("640")
		})
	}, paymentsDocument, "yet ceiling changes"},
	"it takes away both": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) { t.Namespaces = nil })
	}, paymentsDocument, "removes one namespace, not 2"},
	"it takes away another one": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "payments", func(t *workflow.Tenancy) { *t = t.Without("weu-1", "payments-web-dev") })
	}, paymentsDocument, "is not the change that was committed"},
	"it takes away another tenant's": {func(n *native, state *workflow.ApprovedState, _ *grant) {
		rewritten(n, state, "search", func(t *workflow.Tenancy) { t.Namespaces = nil })
	}, "approved/search.yaml", "is not the change that was committed"},
	"it takes away another tenant's, too": {func(n *native, state *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		rewritten(n, state, "search", func(t *workflow.Tenancy) { t.Namespaces = nil })
	}, paymentsDocument, "what is left is not what there was before in search"},
	"it takes away another tenant's manifest, too": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		n.git("rm", "-q", "-r", "clusters/weu-1/search/search-dev")
	}, "clusters/weu-1/search/search-dev/", "whose file it is not"},
	"it takes away the tenancy": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		n.git("rm", "-q", "-r", "-f", paymentsDocument, paymentsArgoCD, "clusters/weu-1/payments")
	}, paymentsDocument, "a tenant goes only when it is empty"},
	"it leaves a manifest": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		kept := n.read(paymentsManifest)
		n.apply(end.files)
		n.write(paymentsManifest, kept)
	}, paymentsManifest, "is left, and no longer follows"},
	"it leaves every manifest": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(slices.DeleteFunc(slices.Clone(end.files), func(f workflow.FileChange) bool { return f.Path != paymentsDocument }))
	}, paymentsManifest, "is left, and no longer follows"},
	"it changes a manifest of a namespace that stays": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		n.write("clusters/weu-1/payments/payments-web-dev/10-resourcequota.yaml", "a: b\n")
	}, "clusters/weu-1/payments/payments-web-dev/10-resourcequota.yaml", "is not what renderer"},
	"it takes away nothing": {func(n *native, _ *workflow.ApprovedState, _ *grant) {
		n.write("README.md", "hello\n")
	}, "README.md", "changes no tenancy"},
	"nobody voted": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.ApprovedBy = nil
	}, paymentsDocument, "stage owner has 0 of 1 approvals"},
	"security did not vote": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.ApprovedBy = end.message.ApprovedBy[:1]
	}, paymentsDocument, "stage security has 0 of 1 approvals"},
	"the requester voted": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.ApprovedBy[0].Person = dana
	}, paymentsDocument, "approved their own request"},
	"no stages are asked for": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Stages, end.message.ApprovedBy = nil, nil
	}, paymentsDocument, "are not those of the policy"},
	"it names no request": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Request = 0
	}, paymentsDocument, "names no request"},
	"it names the request that gave it": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Request = 42
	}, paymentsDocument, "fulfilled already"},
	"it is of no kind": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Kind = ""
	}, paymentsDocument, `a request of kind "" ends nothing`},
	"it calls itself a grant": {func(n *native, _ *workflow.ApprovedState, end *grant) {
		n.apply(end.files)
		end.message.Act = workflow.ActGrant
	}, paymentsDocument, "its act is end"},
}

func TestAnEndThatDoesMoreThanTakeAwayWhatWasDecidedIsRefused(t *testing.T) {
	for name, hostile := range hostileEnds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.open()
			w.commit(r, "payments", "payments-api-dev", 42)
			w.commit(r, "payments", "payments-web-dev", 43)
			w.commit(r, "search", "search-dev", 44)
			served := w.state(r)
			n := newNative(t, w.remote)
			end := removal(t, served, "payments", "payments-api-dev", 45)
			hostile.do(n, served, &end)
			commit := n.commit(n.steal(w.key), text(t, end.message))

			report := w.verify()
			if !objected(report, commit, attack{path: hostile.path, says: hostile.says}) {
				t.Errorf("no objection to %s names %q and says %q: %v", commit, hostile.path, hostile.says, report.Objections)
			}
			if err := r.Refresh(t.Context()); err == nil || w.state(r).Commit != served.Commit {
				t.Errorf("refresh says %v, and %s is served", err, w.state(r).Commit)
			}
			w.end(r, "payments", "payments-api-dev", 45) // the end that was decided goes through after it
			if state := w.state(w.open()); len(state.Tenancies["payments"].Namespaces) != 1 || len(state.Tenancies["search"].Namespaces) != 1 {
				t.Error("afterwards something else is approved than what was decided")
			}
		})
	}
}

func TestAManifestOfAnEndedNamespaceCannotBeSmuggledBackByAGrant(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	w.commit(r, "payments", "payments-api-dev", 42)
	n := newNative(t, w.remote)
	kept := n.read(paymentsManifest)
	w.end(r, "payments", "payments-api-dev", 43)
	n.git("pull", "-q")
	g := plan(t, w.state(r), "payments", "payments-web-dev", 44)
	n.apply(g.files)
	n.write(paymentsManifest, kept)
	commit := n.commit(n.steal(w.key), text(t, g.message))
	if report := w.verify(); !objected(report, commit, attack{path: paymentsManifest, says: "does not follow from the tenancy"}) {
		t.Errorf("verify: %+v", report)
	}
}
