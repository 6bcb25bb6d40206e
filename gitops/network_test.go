package gitops

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

const searchDocument = "approved/search.yaml"

// scott owns search.
var scott = person(5, "Scott of Search")

// peersWorld is a repository in which payments and search have a namespace each,
// with nothing open between them.
func peersWorld(t testing.TB) *world {
	payments, search := tenant("payments"), tenant("search")
	search.Owners.Group = "5ea2c4d6-90ab-4cde-8f01-23456789abcd"
	payments.Namespaces = []workflow.Namespace{given("payments-web", 1)}
	search.Namespaces = []workflow.Namespace{given("search-api", 2), given("search-index", 3)}
	return newWorld(t, payments, search)
}

// opening is request 42 of payments, for a way into search, as everybody needed
// approved it.
func opening(t testing.TB, state *workflow.ApprovedState) grant {
	t.Helper()
	g := approved(t, state, "payments", 42, workflow.NetworkChange{
		Cluster: "weu-1", Namespace: "payments-web", Direction: workflow.Egress, Pods: "app=web",
		Peer: workflow.PeerNamespace, PeerNamespace: "search-api", Ports: "TCP 443",
		Until: fixedClock{}.Now().AddDate(0, 1, 0).Format(time.DateOnly), Reason: "The shop searches.",
	})
	g.message.ApprovedBy = slices.Insert(g.message.ApprovedBy, 1, workflow.Approval{Person: scott, Stage: workflow.RolePeerOwner})
	return g
}

func TestOneCommitGivesBothTenantsTheirEndAndProves(t *testing.T) {
	w := peersWorld(t)
	r := w.open()
	commit, err := w.write(r, opening(t, w.state(r)))
	if err != nil {
		t.Fatal(err)
	}
	if report := w.verify(); !report.OK() || report.Verified != commit {
		t.Errorf("verify: %+v", report)
	}
	for _, state := range []*workflow.ApprovedState{w.state(r), w.state(w.open())} {
		for slug, name := range map[string]string{"payments": "payments-web", "search": "search-api"} {
			if n, _ := state.Tenancies[slug].Namespace("weu-1", name); len(n.Network) != 1 || n.Network[0].Request != 42 {
				t.Errorf("%s has %+v", name, n.Network)
			}
		}
	}
}

// exceptionOf changes the exception of a tenant's first namespace.
func exceptionOf(change func(*workflow.NetworkException)) func(*workflow.Tenancy) {
	return func(t *workflow.Tenancy) {
		t.Namespaces[0].Network = slices.Clone(t.Namespaces[0].Network)
		change(&t.Namespaces[0].Network[0])
	}
}

// hostileOpenings are commits of a network exception, signed with the trusted
// key, that do anything but open what was decided. The opening is in order.
var hostileOpenings = map[string]struct {
	do   func(n *native, after *workflow.ApprovedState, g *grant)
	path string
	says string
}{
	"the other tenant gets a namespace, too": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		rewritten(n, after, "search", func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, given("search-more", 42)) })
	}, paymentsDocument, "something else of search changes, namespace weu-1/search-more"},
	"the tenant gets a namespace, too": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		rewritten(n, after, "payments", func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, given("payments-more", 42)) })
	}, paymentsDocument, "something else of payments changes, namespace weu-1/payments-more"},
	"the other tenant gets other owners": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		rewritten(n, after, "search", func(t *workflow.Tenancy) { t.Owners = t.Members })
	}, paymentsDocument, "something else of search changes, owners"},
	"the other end has other ports": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		rewritten(n, after, "search", exceptionOf(func(e *workflow.NetworkException) {
			e.Ports = []workflow.FlowPort{{Protocol: "TCP", Port: 1, EndPort: 65535}}
		}))
	}, paymentsDocument, "is not the other end of"},
	"the other end lasts longer": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		rewritten(n, after, "search", exceptionOf(func(e *workflow.NetworkException) { e.Until = e.Until.Add(24 * time.Hour) }))
	}, paymentsDocument, "is not the other end of"},
	"this end lasts longer": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		rewritten(n, after, "payments", exceptionOf(func(e *workflow.NetworkException) { e.Until = e.Until.Add(24 * time.Hour) }))
	}, paymentsDocument, "is not the other end of"},
	"the other end is open to everybody": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		rewritten(n, after, "search", exceptionOf(func(e *workflow.NetworkException) { e.From = &workflow.FlowPeer{Internet: true} }))
	}, paymentsDocument, "is not the other end of"},
	"the other end is another namespace": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		rewritten(n, after, "search", func(t *workflow.Tenancy) {
			t.Namespaces[1].Network, t.Namespaces[0].Network = t.Namespaces[0].Network, nil
		})
	}, paymentsDocument, "is not the other end of"},
	"the other end is left out": {func(n *native, _ *workflow.ApprovedState, _ *grant) {
		n.git("checkout", "-q", "HEAD", "--", searchDocument)
		n.git("reset", "-q", "--hard", "HEAD")
	}, "", "changes no tenancy"},
	"the other tenancy's document without its manifest": {func(n *native, after *workflow.ApprovedState, _ *grant) {
		n.git("rm", "-q", "-f", "-r", "clusters/weu-1/search/search-api")
	}, "clusters/weu-1/search/search-api/", "is removed, and follows from the tenancy"},
	"the other tenancy's manifest without its document": {func(n *native, _ *workflow.ApprovedState, _ *grant) {
		n.git("checkout", "-q", "HEAD", "--", searchDocument)
	}, "clusters/weu-1/search/search-api/", "is changed by a commit of act grant for payments, whose file it is not"},
	"without the approval of the other tenant's owner": {func(_ *native, _ *workflow.ApprovedState, g *grant) {
		g.message.ApprovedBy = slices.Delete(g.message.ApprovedBy, 1, 2)
	}, paymentsDocument, "stage peer-owner has 0 of 1 approvals"},
	"without the stage of the other tenant's owner": {func(_ *native, _ *workflow.ApprovedState, g *grant) {
		g.message.ApprovedBy = slices.Delete(g.message.ApprovedBy, 1, 2)
		g.message.Stages = slices.Delete(slices.Clone(g.message.Stages), 1, 2)
	}, paymentsDocument, "are not those of the policy, owner=1 peer-owner=1 security=1"},
	"the requester for the other tenant's owner": {func(_ *native, _ *workflow.ApprovedState, g *grant) {
		g.message.ApprovedBy[1].Person = dana
	}, paymentsDocument, "approved their own request"},
	"as a request for a namespace": {func(_ *native, _ *workflow.ApprovedState, g *grant) {
		g.message.Kind = workflow.KindNamespace
	}, paymentsDocument, "changes one tenancy, yet that of search changes, too"},
	"as an end": {func(_ *native, _ *workflow.ApprovedState, g *grant) {
		g.message.Act, g.message.Kind = workflow.ActEnd, workflow.KindRemoval
	}, paymentsDocument, ""},
	"a third tenant's file": {func(n *native, _ *workflow.ApprovedState, _ *grant) {
		n.write("clusters/weu-1/billing/x.yaml", "a: b\n")
		n.write("clusters/weu-1/billing/y/x.yaml", "a: b\n")
	}, "clusters/weu-1/billing/y/x.yaml", "whose file it is not"},
}

func TestAnOpeningThatIsNotWhatWasDecidedIsRefused(t *testing.T) {
	for name, attack := range hostileOpenings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := peersWorld(t)
			r := w.open()
			state := w.state(r)
			g := opening(t, state)
			n := newNative(t, w.remote)
			n.apply(g.files)
			n.git("add", "-A")
			attack.do(n, w.after(), &g)
			n.git("add", "-A")
			if n.git("status", "--porcelain") == "" {
				n.write("README.md", "hello\n")
			}
			commit := n.commit(n.steal(w.key), text(n, g.message))
			report := w.verify()
			if !slices.ContainsFunc(report.Objections, func(o Objection) bool {
				return o.Commit == commit && (attack.path == "" || strings.HasPrefix(o.Path, attack.path)) && strings.Contains(o.Message, attack.says)
			}) {
				t.Errorf("no objection to %s names %q and says %q: %v", commit, attack.path, attack.says, report.Objections)
			}
			if err := r.Refresh(t.Context()); err == nil {
				t.Error("refresh has no objection")
			}
			if w.state(r).Commit != state.Commit {
				t.Error("what was not decided is served")
			}
		})
	}
}

// after is the state as the grant would leave it: a world of its own takes it.
func (w *world) after() *workflow.ApprovedState {
	w.Helper()
	other := peersWorld(w.TB)
	r := other.open()
	if _, err := other.write(r, opening(w.TB, other.state(r))); err != nil {
		w.Fatal(err)
	}
	return other.state(r)
}

func TestTrailersNameTheOtherTenantsOwners(t *testing.T) {
	w := peersWorld(t)
	g := opening(t, w.state(w.open()))
	g.message.Stages = append(g.message.Stages, workflow.Stage{Role: workflow.RoleAdmin, Needed: 1, InsteadOf: workflow.RolePeerOwner})
	written := text(t, g.message)
	for _, line := range []string{"Tenure-Stages: owner=1 peer-owner=1 security=1 admin=1(peer-owner)\n", "; stage=peer-owner; name=Scott of Search\n"} {
		if !strings.Contains(written, line) {
			t.Errorf("the trailers do not say %q:\n%s", line, written)
		}
	}
	read, err := ParseMessage(written)
	if err != nil || !slices.Equal(read.Stages, g.message.Stages) {
		t.Errorf("read back: %+v, %v", read.Stages, err)
	}
}
