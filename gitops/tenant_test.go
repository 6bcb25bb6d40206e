package gitops

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// group is the object id of a group that no tenant names.
func group(n int) string {
	return "cccccccc-0000-4000-8000-00000000000" + string(rune('0'+n))
}

// shopChange asks for a tenant, or for a change of one.
func shopChange(existing bool) workflow.TenantChange {
	return workflow.TenantChange{
		Existing: existing, DisplayName: "The Shop", Owners: group(1), Members: group(2), Contact: "shop@example.com", CostCentre: "4711",
		CPU: "16", Memory: "64Gi", Storage: "500Gi", Namespaces: "6", Clusters: []string{"weu-1"},
		Repositories: []string{"https://git.example.com/shop/deploy"}, Reason: "We move it here.",
	}
}

// byAdmin makes what an admin approved.
func byAdmin(t testing.TB, state *workflow.ApprovedState, tenant string, request int64, change workflow.Change) grant {
	t.Helper()
	g := approved(t, state, tenant, request, change)
	if change.Kind() == workflow.KindTenant {
		g.message.ApprovedBy = []workflow.Approval{{Person: ada, Stage: workflow.RoleAdmin}}
	}
	return g
}

// settle commits a change of a tenant itself through the repository.
func (w *world) settle(r *Repository, tenant string, request int64, change workflow.Change) string {
	w.Helper()
	state := w.state(r)
	g := byAdmin(w, state, tenant, request, change)
	commit, err := r.Commit(w.Context(), state.Commit, g.files, g.message)
	if err != nil {
		w.Fatal(err)
	}
	return commit
}

// closing asks for the removal of a tenant.
func closing(tenant string) workflow.RemovalChange {
	return workflow.RemovalChange{Tenant: true, Confirmation: tenant, Reason: "It closes."}
}

func TestATenantIsGivenChangedRemovedAndGivenAgain(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	w.settle(r, "shop", 42, shopChange(false))
	w.commit(r, "shop", "shop-web-dev", 43)
	more := shopChange(true)
	more.CPU, more.Clusters = "20", []string{"weu-1"}
	w.settle(r, "shop", 44, more)
	w.end(r, "shop", "shop-web-dev", 45)
	commit := w.settle(r, "shop", 46, closing("shop"))

	n := newNative(t, w.remote)
	if left := n.git("ls-tree", "-r", "--name-only", commit); strings.Contains(left, "shop") {
		t.Errorf("after the end there are\n%s", left)
	}
	if tree, want := n.git("rev-parse", "main^{tree}"), n.git("rev-parse", w.root+"^{tree}"); tree != want {
		t.Errorf("the tree is %s, and was %s before anything was given", tree, want)
	}
	for name, r := range map[string]*Repository{"writer": r, "opened later": w.open()} {
		if state := w.state(r); len(state.Tenancies) != 2 || state.Tenancies["shop"].Exists() {
			t.Errorf("%s: %d tenancies are approved", name, len(state.Tenancies))
		}
	}
	w.settle(r, "shop", 47, shopChange(false))
	if state := w.state(w.open()); state.Tenancies["shop"].Request != 47 {
		t.Errorf("it is given by request %d", state.Tenancies["shop"].Request)
	}
	if report := w.verify(); !report.OK() || report.Commits != 7 {
		t.Errorf("verify: %+v", report)
	}
}

// hostileTenants are commits signed with the trusted key that give, change or
// take away a tenancy otherwise than it was decided. The grant is one that would be
// in order: of the tenant shop, of other terms for search, or of its end.
var hostileTenants = map[string]struct {
	tenant string
	change workflow.Change
	do     func(n *native, state *workflow.ApprovedState, g *grant)
	path   string
	says   string
}{
	"a new tenant that comes with a namespace": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		settled(n, state, "shop", func(t *workflow.Tenancy) {
			more := state.Tenancies["search"].Namespaces[0]
			more.Name = "shop-web-dev"
			t.Namespaces = []workflow.Namespace{more}
		})
	}, shopDocument, "a new tenant comes with 1 namespaces"},
	"a new tenant with a higher ceiling": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		settled(n, state, "shop", func(t *workflow.Tenancy) { t.Ceiling.CPU = resource.MustParse("160") })
	}, shopDocument, "is not the change that was committed"},
	"a new tenant with another's group": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		settled(n, state, "shop", func(t *workflow.Tenancy) { t.Members = state.Tenancies["search"].Members })
	}, shopDocument, "members: This group is another tenant's already"},
	"a new tenant with one group": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		settled(n, state, "shop", func(t *workflow.Tenancy) { t.Members = t.Owners })
	}, shopDocument, "has both the owners and the members"},
	"a new tenant of another request": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		settled(n, state, "shop", func(t *workflow.Tenancy) { t.Request = 9 })
	}, shopDocument, "names request 9, and is given by request 50"},
	"a new tenant on a cluster that is not there": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write(shopDocument, strings.Replace(n.read(shopDocument), "- weu-1", "- moon-1", 1))
	}, shopDocument, ""},
	"a new tenant with a reserved name": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		n.settle(state, "kube", workflow.Tenancy{}, g)
	}, "approved/kube.yaml", "is reserved for the platform"},
	"a new tenant with a name like another's": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		n.settle(state, "payrnents", workflow.Tenancy{}, g)
	}, "approved/payrnents.yaml", "looks like the name of another tenant"},
	"a new tenant with another name than was decided": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		n.settle(state, "store", workflow.Tenancy{}, g)
	}, "approved/store.yaml", "is not the change that was committed"},
	"a new tenant, and another one changes": {"shop", shopChange(false), func(n *native, state *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		rewritten(n, state, "payments", func(t *workflow.Tenancy) { t.Ceiling.CPU = resource.MustParse("640") })
	}, "approved/", "changes one tenancy, yet that of"},
	"a new tenant by its owners": {"shop", shopChange(false), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.Stages = []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}
		g.message.ApprovedBy = []workflow.Approval{{Person: olga, Stage: workflow.RoleOwner}}
	}, shopDocument, "are not those of the policy, admin=1"},
	"a new tenant by nobody": {"shop", shopChange(false), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.ApprovedBy = nil
	}, shopDocument, "stage admin has 0 of 1 approvals"},
	"a new tenant by whoever asked": {"shop", shopChange(false), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.RequestedBy = ada
	}, shopDocument, "approved their own request"},
	"a new tenant by a namespace's request": {"shop", shopChange(false), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.Kind = workflow.KindNamespace
	}, shopDocument, "of kind namespace"},
	"a new tenant as an end": {"shop", shopChange(false), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.Act, g.message.Kind = workflow.ActEnd, workflow.KindRemoval
	}, shopDocument, "an end only takes away, yet"},
	"a tenant that is given once more": {"search", shopChange(true), func(n *native, state *workflow.ApprovedState, g *grant) {
		rewritten(n, state, "search", func(t *workflow.Tenancy) { t.Request = 50 })
	}, searchDocument, "nor who gave the tenant"},
	"a change of a tenant that adds a namespace": {"search", shopChange(true), func(n *native, state *workflow.ApprovedState, g *grant) {
		rewritten(n, state, "search", func(t *workflow.Tenancy) {
			more := t.Namespaces[0]
			more.Name = "search-evil-dev"
			t.Namespaces = append(t.Namespaces, more)
		})
	}, searchDocument, "changes nothing of its namespaces"},
	"a change of a tenant that raises a quota": {"search", shopChange(true), func(n *native, state *workflow.ApprovedState, g *grant) {
		rewritten(n, state, "search", func(t *workflow.Tenancy) { t.Namespaces[0].Quota.CPU = resource.MustParse("9") })
	}, searchDocument, "changes nothing of its namespaces"},
	"a change of a tenant that takes a namespace": {"search", shopChange(true), func(n *native, state *workflow.ApprovedState, g *grant) {
		rewritten(n, state, "search", func(t *workflow.Tenancy) { t.Namespaces = nil })
	}, searchDocument, "changes nothing of its namespaces"},
	"a ceiling below what is given": {"search", shopChange(true), func(n *native, state *workflow.ApprovedState, g *grant) {
		rewritten(n, state, "search", func(t *workflow.Tenancy) { t.Ceiling.CPU = resource.MustParse("1") })
	}, searchDocument, "its ceiling is 1"},
	"a removal by a grant": {"shop", shopChange(false), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.git("rm", "-q", "-r", "-f", "approved/payments.yaml", "argocd/payments.yaml", "clusters/weu-1/payments")
	}, paymentsDocument, "only an end takes a tenancy away"},
	"a removal of a tenant with a namespace": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, _ *grant) {
		n.git("rm", "-q", "-r", "-f", "approved/search.yaml", "argocd/search.yaml", "clusters/weu-1/search")
	}, searchDocument, "a tenant goes only when it is empty, and search had 1 namespaces"},
	"a removal of another tenant": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, _ *grant) {
		n.git("rm", "-q", "-r", "-f", "approved/books.yaml", "argocd/books.yaml", "clusters/weu-1/books")
	}, "approved/books.yaml", "is not the change that was committed"},
	"a removal of two tenants": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.git("rm", "-q", "-r", "-f", "approved/books.yaml", "argocd/books.yaml", "clusters/weu-1/books")
	}, "approved/", "what is left is not what there was before"},
	"a removal that leaves the folder": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, g *grant) {
		kept := n.read(paymentsFolder)
		n.apply(g.files)
		n.write(paymentsFolder, kept)
	}, paymentsFolder, "is left, and no longer follows"},
	"a removal that leaves the Applications": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, g *grant) {
		kept := n.read(paymentsArgoCD)
		n.apply(g.files)
		n.write(paymentsArgoCD, kept)
	}, paymentsArgoCD, "is left, and no longer follows"},
	"a removal that adds a manifest": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		n.write("clusters/weu-1/payments/x/y.yaml", "a: b\n")
	}, "clusters/weu-1/payments/x/y.yaml", "follows from no tenancy"},
	"a removal that leaves the document": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, g *grant) {
		kept := n.read(paymentsDocument)
		n.apply(g.files)
		n.write(paymentsDocument, kept)
	}, "argocd/payments.yaml", "changes no tenancy"},
	"a removal that nobody voted for": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message.ApprovedBy = nil
	}, paymentsDocument, "approvals"},
	"a removal because of an end": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.apply(g.files)
		g.message = workflow.CommitMessage{Act: workflow.ActEnd, Subject: "It expired", Ends: 3, PlannedAt: fixedClock{}.Now(), Renderer: manifest.RendererVersion}
	}, paymentsDocument, "yet owners changes"},
	"a removal that moves the document": {"payments", closing("payments"), func(n *native, _ *workflow.ApprovedState, g *grant) {
		n.git("mv", paymentsDocument, "approved/payments")
	}, "approved/payments", "whose file it is not"},
}

const shopDocument = "approved/shop.yaml"

// settled writes the files of a tenancy that is not there, as it was asked for but
// for what the change makes of it.
func settled(n *native, state *workflow.ApprovedState, tenant string, change func(*workflow.Tenancy)) {
	n.Helper()
	tenancy, problems := shopChange(false).Apply(state, workflow.Tenancy{Name: tenant}, 50)
	if len(problems) > 0 {
		n.Fatal(problems)
	}
	change(&tenancy)
	n.render(state, tenancy)
}

// settle writes the files of the tenancy that was asked for under another name.
func (n *native) settle(state *workflow.ApprovedState, tenant string, tenancy workflow.Tenancy, _ *grant) {
	n.Helper()
	tenancy, problems := shopChange(false).Apply(state, workflow.Tenancy{Name: "shop"}, 50)
	if len(problems) > 0 {
		n.Fatal(problems)
	}
	tenancy.Name = tenant
	n.render(state, tenancy)
}

// render writes all files of a tenancy.
func (n *native) render(state *workflow.ApprovedState, tenancy workflow.Tenancy) {
	n.Helper()
	files, err := manifest.Renderer{}.Render(state.Policy, tenancy)
	if err != nil {
		n.Fatal(err)
	}
	for _, file := range files {
		n.write(file.Path, string(file.Content))
	}
}

func TestATenancyComesAndGoesOnlyAsItWasDecided(t *testing.T) {
	for name, hostile := range hostileTenants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tenant("books"), tenant("payments"), tenant("search"))
			r := w.open()
			w.commit(r, "search", "search-dev", 41)
			served := w.state(r)
			change := hostile.change
			if existing, is := change.(workflow.TenantChange); is && existing.Existing {
				held := served.Tenancies[hostile.tenant]
				existing.Owners, existing.Members = held.Owners.Group, group(2)
				change = existing
			}
			g := byAdmin(t, served, hostile.tenant, 50, change)
			n := newNative(t, w.remote)
			hostile.do(n, served, &g)
			commit := n.commit(n.steal(w.key), text(t, g.message))

			report := w.verify()
			if !objected(report, commit, attack{path: hostile.path, says: hostile.says}) {
				t.Errorf("no objection to %s names %q and says %q: %v", commit, hostile.path, hostile.says, report.Objections)
			}
			if err := r.Refresh(t.Context()); err == nil || w.state(r).Commit != served.Commit || len(w.state(r).Tenancies) != 3 {
				t.Errorf("refresh says %v, and %s is served", err, w.state(r).Commit)
			}
			w.settle(r, hostile.tenant, 50, change) // what was decided goes through after it
			after := w.state(w.open()).Tenancies
			_, is := change.(workflow.RemovalChange)
			if after[hostile.tenant].Exists() == is || slices.Contains([]bool{after["books"].Exists(), after["search"].Exists()}, false) {
				t.Errorf("afterwards something else is approved than what was decided: %d tenancies", len(after))
			}
		})
	}
}
