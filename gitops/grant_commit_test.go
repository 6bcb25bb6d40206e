package gitops

import (
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// oncall is a group of people of payments.
const oncall = "0ca11000-90ab-4cde-8f01-23456789abcd"

// day is a day so many days after the tests' moment.
func day(days int) time.Time {
	return fixedClock{}.Now().AddDate(0, 0, days).Truncate(24 * time.Hour)
}

// grantsWorld is a repository in which payments has two namespaces. In the first
// there is access that ends by request 30, an exemption by 31 and an increase by 32.
func grantsWorld(t testing.TB) *world {
	payments, search := tenant("payments"), tenant("search")
	search.Owners.Group, search.Members.Group = "5ea2c4d6-90ab-4cde-8f01-23456789abcd", "5ea2c4d6-1111-4cde-8f01-23456789abcd"
	web := given("payments-web", 1)
	web.Access = append(web.Access, workflow.Access{Group: payments.Members.Group, Role: workflow.AccessEdit, Request: 1}, workflow.Access{Group: oncall, Role: workflow.AccessView, Until: day(9), Request: 30})
	web.Exemptions = []workflow.Exemption{{
		Rule: "trusted-registry", Value: "docker.io/library/redis:7.2", Selector: map[string]string{"app": "legacy"}, Until: day(9), Request: 31,
	}}
	raised := raisedTo("3")
	raised.Request = 32
	web.Quota.Raise = &raised
	payments.Namespaces = []workflow.Namespace{given("payments-jobs", 2), web}
	search.Namespaces = []workflow.Namespace{given("search-api", 3)}
	return newWorld(t, payments, search)
}

// raisedTo is an increase to this much CPU, by request 42.
func raisedTo(cpu string) workflow.QuotaRaise {
	return workflow.QuotaRaise{
		CPU: resource.MustParse(cpu), Memory: resource.MustParse("8Gi"), Storage: resource.MustParse("20Gi"), Pods: 20, Until: day(9), Request: 42,
	}
}

// asked are requests of payments, each in order.
func asked() map[string]workflow.Change {
	quota := workflow.QuotaChange{Cluster: "weu-1", Namespace: "payments-web", CPU: "4", Memory: "8Gi", Storage: "20Gi", Pods: "20", Reason: "The sale begins."}
	raise := quota
	raise.Until = day(20).Format(time.DateOnly)
	access := workflow.AccessChange{Cluster: "weu-1", Namespace: "payments-web", Subject: workflow.SubjectMembers, Role: workflow.AccessView, Reason: "To look at it."}
	exemption := workflow.ExemptionChange{
		Cluster: "weu-1", Namespace: "payments-web", Rule: "trusted-registry", Value: "docker.io/library/redis:7.2", Selector: "app=legacy",
		Until: day(20).Format(time.DateOnly), Reason: "It is being rebuilt.",
	}
	return map[string]workflow.Change{
		"quota": quota, "increase": raise, "access": access, "exemption": exemption,
		"end of access":       workflow.RemovalChange{Exception: 30, Reason: "No more."},
		"end of an exemption": workflow.RemovalChange{Exception: 31, Reason: "No more."},
		"end of an increase":  workflow.RemovalChange{Exception: 32, Reason: "No more."},
	}
}

func TestEachKindOfGrantIsCommittedAndProves(t *testing.T) {
	for name, change := range asked() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := grantsWorld(t)
			r := w.open()
			state := w.state(r)
			commit, err := w.write(r, approved(t, state, "payments", 42, change))
			if err != nil {
				t.Fatal(err)
			}
			if report := w.verify(); !report.OK() || report.Verified != commit {
				t.Errorf("verify: %+v", report)
			}
			want, _ := change.Apply(state, state.Tenancies["payments"], 42)
			for _, read := range []*workflow.ApprovedState{w.state(r), w.state(w.open())} {
				if edits := workflow.Edits(want, read.Tenancies["payments"]); len(edits) > 0 {
					t.Errorf("what is approved is not what was asked for: %+v", edits)
				}
			}
		})
	}
}

// inWeb changes payments-web.
func inWeb(change func(*workflow.Namespace)) func(*workflow.Tenancy) {
	return func(t *workflow.Tenancy) {
		n := &t.Namespaces[slices.IndexFunc(t.Namespaces, func(n workflow.Namespace) bool { return n.Name == "payments-web" })]
		n.Access, n.Exemptions = slices.Clone(n.Access), slices.Clone(n.Exemptions)
		change(n)
	}
}

// mineOf changes the access that request 42 gave.
func mineOf(change func(*workflow.Access)) func(*workflow.Tenancy) {
	return inWeb(func(n *workflow.Namespace) {
		change(&n.Access[slices.IndexFunc(n.Access, func(a workflow.Access) bool { return a.Request == 42 })])
	})
}

// hostileGrants are commits of what was asked for and of more, signed with the
// trusted key, in which every file follows from the tenancies.
var hostileGrants = map[string]struct {
	asked   string
	changes func(*workflow.Tenancy) // over what was asked for
	says    string
}{
	"a quota with another namespace's": {"quota", func(t *workflow.Tenancy) { t.Namespaces[0].Quota.CPU = resource.MustParse("9") }, "a request of kind quota changes one namespace, not 2"},
	"a quota with access": {"quota", inWeb(func(n *workflow.Namespace) {
		n.Access = append(n.Access, workflow.Access{Group: oncall, Role: workflow.AccessAdmin, Request: 42})
	}), "a request of kind quota changes its own entry, yet something else of payments changes"},
	"a quota with an exception": {"quota", inWeb(func(n *workflow.Namespace) {
		n.Network = []workflow.NetworkException{{
			Direction: workflow.Egress, To: &workflow.FlowPeer{Internet: true}, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 443}}, Until: day(20), Request: 42,
		}}
	}), "something else of payments changes"},
	"a quota over the ceiling":      {"quota", inWeb(func(n *workflow.Namespace) { n.Quota.CPU = resource.MustParse("65") }), "its ceiling is 64"},
	"an increase for a year":        {"increase", inWeb(func(n *workflow.Namespace) { n.Quota.Raise.Until = day(365) }), "is too far off: a temporary increase lasts at most 30 days"},
	"an increase that lasts":        {"increase", inWeb(func(n *workflow.Namespace) { n.Quota.CPU = n.Quota.Raise.CPU }), "something else of payments changes"},
	"an increase that takes memory": {"increase", inWeb(func(n *workflow.Namespace) { n.Quota.Raise.Memory = resource.MustParse("1Gi") }), "a temporary increase lowers nothing"},
	"access for another tenant":     {"access", mineOf(func(a *workflow.Access) { a.Group = "5ea2c4d6-90ab-4cde-8f01-23456789abcd" }), "is another tenant's"},
	"access for somebody as well": {"access", inWeb(func(n *workflow.Namespace) {
		n.Access = append(n.Access, workflow.Access{Person: dana.ID.Object, User: "dana@contoso.example", Role: workflow.AccessAdmin, Request: 42})
	}), "something else of payments changes"},
	"access with another one's end": {"access", inWeb(func(n *workflow.Namespace) {
		n.Access[slices.IndexFunc(n.Access, func(a workflow.Access) bool { return a.Request == 30 })].Until = day(20)
	}), "something else of payments changes"},
	"access in another request's name":   {"access", mineOf(func(a *workflow.Access) { a.Request = 41 }), "it gives no access by request 42"},
	"an exemption from what rules":       {"exemption", inWeb(func(n *workflow.Namespace) { n.Exemptions[0].Rule = "governed" }), "There is no exemption from"},
	"an exemption for every pod":         {"exemption", inWeb(func(n *workflow.Namespace) { n.Exemptions[0].Selector = nil }), "the labels of the pods that it is for are needed"},
	"an exemption for a year":            {"exemption", inWeb(func(n *workflow.Namespace) { n.Exemptions[0].Until = day(365) }), "is too far off: an exemption lasts at most 30 days"},
	"an exemption shorter than it was":   {"exemption", inWeb(func(n *workflow.Namespace) { n.Exemptions[0].Until = day(8) }), "the exemption of request 31, which lasts longer"},
	"an exemption elsewhere, too":        {"exemption", func(t *workflow.Tenancy) { t.Namespaces[0].Exemptions = t.Namespaces[1].Exemptions }, "a request of kind exemption changes one namespace, not 2"},
	"an end of access, and one more":     {"end of access", inWeb(func(n *workflow.Namespace) { n.Access = nil }), "what is left is not what there was before in payments"},
	"an end of access, and an exemption": {"end of access", inWeb(func(n *workflow.Namespace) { n.Exemptions = nil }), "ends what one request gave, not what 2 gave"},
	"an end that prolongs":               {"end of access", inWeb(func(n *workflow.Namespace) { n.Exemptions[0].Until = day(20) }), "an end only takes away, yet exemption weu-1/payments-web 31 changes"},
	"an end of an increase that stays":   {"end of an increase", inWeb(func(n *workflow.Namespace) { n.Quota.CPU = resource.MustParse("3") }), "an end only takes away, yet namespace weu-1/payments-web changes"},
	"an end of an exemption, and another": {"end of an exemption", inWeb(func(n *workflow.Namespace) {
		n.Exemptions = []workflow.Exemption{{Rule: "required-label", Value: "team", Selector: map[string]string{"a": "b"}, Until: day(9), Request: 42}}
	}), "an end only takes away, yet exemption weu-1/payments-web 42 is added"},
}

func TestAGrantThatDoesMoreThanWasDecidedIsRefused(t *testing.T) {
	for name, hostile := range hostileGrants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := grantsWorld(t)
			r := w.open()
			served := w.state(r)
			change := asked()[hostile.asked]
			g := approved(t, served, "payments", 42, change)
			after := *served
			tenancy, _ := change.Apply(served, served.Tenancies["payments"], 42)
			after.Tenancies = map[string]workflow.Tenancy{"payments": tenancy}
			n := newNative(t, w.remote)
			rewritten(n, &after, "payments", func(t *workflow.Tenancy) {
				if raise := t.Namespaces[1].Quota.Raise; raise != nil {
					own := *raise
					t.Namespaces[1].Quota.Raise = &own
				}
				hostile.changes(t)
			})
			commit := n.commit(n.steal(w.key), text(t, g.message))

			report := w.verify()
			if !objected(report, commit, attack{path: paymentsDocument, says: hostile.says}) {
				t.Errorf("no objection to %s says %q: %v", commit, hostile.says, report.Objections)
			}
			if err := r.Refresh(t.Context()); err == nil || w.state(r).Commit != served.Commit {
				t.Errorf("refresh says %v, and %s is served", err, w.state(r).Commit)
			}
			if _, err := w.write(r, g); err != nil { // what was decided goes through after it
				t.Errorf("nothing can be given after it: %v", err)
			}
			if report := w.verify(); slices.ContainsFunc(report.Objections, func(o Objection) bool { return o.Commit != commit }) {
				t.Errorf("verify: %+v", report)
			}
		})
	}
}

func TestNoKindOfGrantEndsByItselfBeforeItsTime(t *testing.T) {
	for name, request := range map[string]int64{"access": 30, "an exemption": 31, "an increase": 32} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := grantsWorld(t)
			state := w.state(w.open())
			n := newNative(t, w.remote)
			rewritten(n, state, "payments", func(t *workflow.Tenancy) { *t = t.WithoutGrants(request) })
			commit := n.commit(n.steal(w.key), text(t, workflow.CommitMessage{
				Act: workflow.ActEnd, Ends: request, PlannedAt: fixedClock{}.Now(), Renderer: approved(t, state, "payments", 42, asked()["quota"]).message.Renderer, Subject: "End",
			}))
			if report := w.verify(); !objected(report, commit, attack{path: paymentsDocument, says: "and its end was decided at 2 Jan 2026 03:04:05 UTC without anybody's approval"}) {
				t.Errorf("an end before its time is not objected to: %v", report.Objections)
			}
		})
	}
}
