package handlers

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// ordersRequest asks for a tenant, in some state.
func ordersRequest(state workflow.State) workflow.Request {
	r := request()
	after := workflow.Tenancy{
		Name: "orders", DisplayName: "Orders", Owners: workflow.Group{Group: ordersOwners}, Members: workflow.Group{Group: ordersMembers},
		Ceiling:  workflow.Ceiling{CPU: quantity("16"), Memory: quantity("64Gi"), Storage: quantity("500Gi"), Namespaces: 6},
		Clusters: []string{"weu-1"}, Request: 80,
	}
	r.ID, r.Kind, r.Tenant, r.State, r.RequestedBy, r.Change, r.Reviews = 80, workflow.KindTenant, "orders", state, nina.Person, wantedTenant(), nil
	r.Plan = workflow.Plan{
		Base: baseCommit, Before: workflow.Tenancy{Name: "orders"}, After: after, Stages: []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1}}, Digest: planDigest,
		Files: []workflow.FileChange{{Path: "approved/orders.yaml", After: []byte("kind: Tenancy\n")}, {Path: "clusters/weu-1/orders/.gitkeep", After: []byte("x\n")}},
	}
	if isApproved(state) && state != workflow.StateApproved {
		r.Commit = newCommit
	}
	return r
}

// leavingRequest asks for the removal of that tenant.
func leavingRequest(state workflow.State) workflow.Request {
	r := ordersRequest(state)
	r.Kind, r.Change = workflow.KindRemoval, workflow.RemovalChange{Tenant: true, Confirmation: "orders", Reason: "Over."}
	r.Plan.Before, r.Plan.After = r.Plan.After, r.Plan.Before
	return r
}

func TestATenantThatIsNotThereIsNeverLedTo(t *testing.T) {
	there := ordersRequest(workflow.StateActive).Plan.After
	for name, test := range map[string]struct {
		request workflow.Request
		tenancy workflow.Tenancy // as approved now
		linked  bool
	}{
		"asked for":               {ordersRequest(workflow.StateInReview), workflow.Tenancy{}, false},
		"approved":                {ordersRequest(workflow.StateApproved), workflow.Tenancy{}, false},
		"rejected":                {ordersRequest(workflow.StateRejected), workflow.Tenancy{}, false},
		"committed":               {ordersRequest(workflow.StateCommitted), there, true},
		"on its clusters":         {ordersRequest(workflow.StateActive), there, true},
		"removed since":           {ordersRequest(workflow.StateEnded), workflow.Tenancy{Name: "orders"}, false},
		"to be removed":           {leavingRequest(workflow.StateInReview), there, true},
		"gone":                    {leavingRequest(workflow.StateCommitted), workflow.Tenancy{Name: "orders"}, false},
		"gone from every cluster": {leavingRequest(workflow.StateActive), workflow.Tenancy{Name: "orders"}, false},
		"gone, and there again":   {leavingRequest(workflow.StateActive), there, false},
	} {
		home := workflow.Home{Mine: []workflow.Request{test.request}}
		if test.linked {
			home.Tenants = []workflow.Tenancy{there}
		}
		service := &standIn{dossier: workflow.Dossier{Request: test.request, Tenancy: test.tenancy}, home: home, queue: []workflow.QueueItem{{Request: test.request}}}
		for _, path := range []string{"/requests/80", "/", "/queue"} {
			got := get(t, portal(service, ada), path)
			if linked := strings.Contains(got.body, `href="/tenants/orders"`); linked != test.linked {
				t.Errorf("%s: %s leads to the tenant: %v", name, path, linked)
			}
			if !strings.Contains(strings.ToLower(text(got.page)), "orders") {
				t.Errorf("%s: %s does not name the tenant", name, path)
			}
		}
	}
	lost := &standIn{home: workflow.Home{Mine: []workflow.Request{committed().Request}}}
	if got := get(t, portal(lost, dana), "/"); strings.Contains(got.body, `href="/tenants/payments"`) {
		t.Error("home leads to a tenant that is gone by now")
	}
	if got := get(t, portal(&standIn{dossier: workflow.Dossier{Request: committed().Request}}, ada), "/requests/57"); strings.Contains(got.body, `href="/tenants/payments"`) {
		t.Error("what was asked for in a tenant that is gone by now leads there")
	}
}

func TestWhatBecameOfATenantIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		request workflow.Request
		says    string
		step    string
	}{
		"asked for":     {ordersRequest(workflow.StateInReview), "Waiting for the platform admins: 0 of 1 approval.", "In force"},
		"committed":     {ordersRequest(workflow.StateCommitted), "Committed. The tenant is there: its people can ask for namespaces.", "In force"},
		"there":         {ordersRequest(workflow.StateActive), "The tenant is there: its people can ask for namespaces.", "In force"},
		"to be removed": {leavingRequest(workflow.StateInReview), "Waiting for the platform admins: 0 of 1 approval.", "Gone"},
		"gone":          {leavingRequest(workflow.StateActive), "The tenant is gone: nobody can ask for anything in its name.", "Gone"},
	} {
		page := get(t, portal(&standIn{dossier: workflow.Dossier{Request: test.request}}, ada), "/requests/80").page
		if said := text(byID(page, "next")); said != test.says {
			t.Errorf("%s: %q, want %q", name, said, test.says)
		}
		if way := text(byID(page, "request-way")); !strings.Contains(way, test.step) {
			t.Errorf("%s: the steps are %q", name, way)
		}
		if bars := find(page, func(n *html.Node) bool { return n.Data == "progress" }); bars != nil {
			t.Errorf("%s: it draws what is given of a ceiling", name)
		}
	}
	unwatched := workflow.Dossier{Request: ordersRequest(workflow.StateCommitted), Arrivals: []workflow.Arrival{{Stage: workflow.ArrivalUnwatched, Cluster: "weu-1"}}}
	if said := text(byID(get(t, portal(&standIn{dossier: unwatched}, ada), "/requests/80").page, "next")); said != "Committed. The tenant is there: its people can ask for namespaces. Argo CD is not watched here." {
		t.Errorf("unwatched: %q", said)
	}
}

func TestWhoAskedForATenantInVainAsksAgain(t *testing.T) {
	for name, test := range map[string]struct {
		request workflow.Request
		actor   workflow.Actor
		want    []string
	}{
		"who asked":              {ordersRequest(workflow.StateRejected), nina, []string{"/requests/new/tenant?from=80"}},
		"who asked, in time":     {ordersRequest(workflow.StateInReview), nina, nil},
		"an admin":               {ordersRequest(workflow.StateRejected), ada, nil},
		"who asked for an end":   {leavingRequest(workflow.StateRejected), nina, nil},
		"who asked and has left": {ordersRequest(workflow.StateEnded), nina, nil},
	} {
		page := get(t, portal(&standIn{dossier: workflow.Dossier{Request: test.request}}, test.actor), "/requests/80").page
		if diff := cmp.Diff(test.want, links(page, "Ask again")); diff != "" {
			t.Errorf("%s: links (-want +got):\n%s", name, diff)
		}
	}
	rejected := ordersRequest(workflow.StateRejected)
	service := &standIn{choices: workflow.Choices{Policy: policy()}, dossier: workflow.Dossier{Request: rejected}, plan: rejected.Plan}
	got := get(t, portal(service, nina), "/requests/new/tenant?from=80")
	if values := formValues(got.page); values["tenant"] != "orders" || values["owners"] != ordersOwners || !strings.Contains(values["reason"], "moves here.") || values["existing"] != "" {
		t.Errorf("status %d: %v", got.status, values)
	}
	service.choices.Changeable = []workflow.Tenancy{{Name: "orders", DisplayName: "Another", Clusters: []string{"weu-1"}}}
	if values := formValues(get(t, portal(service, ada), "/requests/new/tenant?from=80").page); values["existing"] != "" {
		t.Errorf("what asked for a new tenant would change another that got its name: %v", values)
	}
	service.dossier.Request.Change = workflow.TenantChange{Existing: true, DisplayName: "x"}
	service.choices.Changeable = nil
	if got := get(t, portal(service, nina), "/requests/new/tenant?from=80"); got.status != http.StatusNotFound {
		t.Errorf("a change of a tenant that is none of theirs: status %d", got.status)
	}
}

func TestARequestForATenantIsChangedInItsOwnForm(t *testing.T) {
	r := ordersRequest(workflow.StateChangesRequested)
	service := &standIn{choices: workflow.Choices{Policy: policy()}, dossier: workflow.Dossier{Request: r, MayEdit: true}}
	got := get(t, portal(service, nina), "/requests/80/edit")
	if values := formValues(got.page); got.status != http.StatusOK || values["request"] != "80" || values["tenant"] != "orders" || values["members"] != ordersMembers {
		t.Errorf("status %d: %v", got.status, values)
	}
	if got := post(t, portal(service, nina), "/requests/80/edit", filledTenant(nil)); got.status != http.StatusSeeOther || service.draft.Tenant != "orders" {
		t.Errorf("status %d, draft %+v", got.status, service.draft)
	}
}

func TestWhoHasNoTenantIsLedToAskingForOne(t *testing.T) {
	service := &standIn{choices: workflow.Choices{Policy: policy()}}
	for path, status := range map[string]int{
		"/": http.StatusOK, "/requests/new": http.StatusOK, "/requests/new/namespace": http.StatusForbidden, newQuotaPath: http.StatusForbidden,
		newRemovalPath: http.StatusForbidden, endPath: http.StatusForbidden, suggestPath: http.StatusForbidden,
	} {
		got := get(t, portal(service, nina), path)
		if got.status != status || !strings.Contains(got.body, `href="`+newTenantPath+`"`) || !strings.Contains(text(got.page), "You are in no tenant's groups.") {
			t.Errorf("%s: status %d, %q", path, got.status, text(find(got.page, func(n *html.Node) bool { return n.Data == "main" })))
		}
	}
	if got := get(t, portal(service, nina), newTenantPath); got.status != http.StatusOK || heading(got) != "Request a tenant for your team" {
		t.Errorf("status %d: %q", got.status, heading(got))
	}
	if got := get(t, portal(service, ada), "/requests/new"); heading(got) == noPlaceYet || !strings.Contains(got.body, `href="`+newTenantPath+`"`) {
		t.Errorf("an admin is told %q", heading(got))
	}
	for name, actor := range map[string]workflow.Actor{"an admin": ada, "security": sam} {
		got := get(t, portal(service, actor), "/")
		if led := len(links(got.page, "All kinds of request")) == 1; heading(got) != "Nothing waits for you" || led != (name == "an admin") || strings.Contains(got.body, "You are in no tenant") {
			t.Errorf("%s: %q, led to all kinds of request: %v", name, heading(got), led)
		}
	}
	asked := &standIn{home: workflow.Home{Mine: []workflow.Request{ordersRequest(workflow.StateInReview)}}}
	if got := get(t, portal(asked, nina), "/"); heading(got) != "Nothing waits for you" || strings.Contains(got.body, newTenantPath) {
		t.Errorf("who has asked is led to asking again: %q", heading(got))
	}
	refused := &standIn{home: workflow.Home{Mine: []workflow.Request{ordersRequest(workflow.StateRejected)}}}
	if got := get(t, portal(refused, nina), "/"); !strings.Contains(got.body, newTenantPath) || !strings.Contains(got.body, "/requests/80") {
		t.Error("who was refused is not led to asking again, or does not see what they asked for")
	}
}
