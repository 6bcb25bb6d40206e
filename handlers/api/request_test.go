package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenure.dev/handlers/api"
	"tenure.dev/workflow"
)

// ask has somebody ask for a namespace, and gives the request.
func (w *world) ask(as, name string) detail {
	w.Helper()
	var request detail
	w.post(as, "/requests", wanted(name)).into(201, &request)
	return request
}

// detail is a request as one answer has it; its change stays unread.
type detail struct {
	api.RequestSummary
	Change    object
	Plan      api.Plan
	Reviews   []api.Review
	Events    []api.Event
	Arrivals  []api.Arrival
	MayReview bool
	WhyNot    string
	MayEdit   bool
	Stage     workflow.Role
}

func (w *world) detail(as string, id int64) detail {
	w.Helper()
	var d detail
	w.get(as, fmt.Sprintf("/requests/%d", id)).into(200, &d)
	return d
}

func TestAPipelineAsksAndPeopleDecide(t *testing.T) {
	w := newWorld(t)
	var plan api.Plan
	w.post("pipeline", "/plans", wanted("payments-web-dev")).into(200, &plan)
	if len(plan.Files) == 0 || len(plan.Stages) != 2 || plan.Digest == "" {
		t.Errorf("plan %+v", plan)
	}
	created := w.post("pipeline", "/requests", wanted("payments-web-dev"))
	created.into(201, &detail{})
	location := created.header.Get("Location")
	if location != "/api/v1/requests/1" {
		t.Fatalf("Location %q", location)
	}
	if !strings.Contains(created.body, "To try <the> API & more.") {
		t.Errorf("the purpose is not as it was sent: %s", created.body)
	}
	before := w.detail("olivia", 1)
	if before.State != workflow.StateInReview || !before.MayReview || before.Stage != workflow.RoleOwner || before.WaitsFor == nil || before.Change["name"] != "payments-web-dev" {
		t.Errorf("Olivia sees %+v", before)
	}
	vote := object{"vote": "approve", "digest": string(before.Plan.Digest)}
	for _, as := range []string{"pipeline", "security-pipeline"} {
		w.post(as, "/requests/1/reviews", vote).refused(403)
	}
	w.post("dana", "/requests/1/reviews", vote).refused(403)
	w.post("olivia", "/requests/1/reviews", object{"vote": "approve", "digest": "sha256:0"}).refused(409)
	w.post("olivia", "/requests/1/reviews", object{"vote": "reject", "digest": string(before.Plan.Digest)}).refused(422, "reason")
	w.post("olivia", "/requests/1/reviews", object{"vote": "perhaps", "digest": string(before.Plan.Digest)}).refused(422, "vote")
	var voted detail
	w.post("olivia", "/requests/1/reviews", vote).into(200, &voted)
	if len(voted.Reviews) != 1 || voted.WaitsFor.Role != workflow.RoleSecurity {
		t.Errorf("after one vote %+v", voted)
	}
	w.post("sam", "/requests/1/reviews", vote).into(200, &voted)
	if voted.State != workflow.StateApproved || voted.WaitsFor != nil {
		t.Errorf("after both votes %+v", voted)
	}
	var types []workflow.EventType
	for _, event := range w.detail("audrey", 1).Events {
		types = append(types, event.Type)
	}
	if want := []workflow.EventType{"drafted", "submitted", "review-approved", "review-approved", "approved"}; !slices.Equal(types, want) {
		t.Errorf("events %v, want %v", types, want)
	}
}

func TestChangesAreAskedForMadeAndTakenBack(t *testing.T) {
	w := newWorld(t)
	request := w.ask("dana", "payments-web-dev")
	digest := string(request.Plan.Digest)
	w.post("olivia", "/requests/1/reviews", object{"vote": "changes", "reason": "Smaller.", "digest": digest}).into(200, &detail{})
	version := w.detail("dana", 1).Version
	change := wanted("payments-web-dev")["change"].(object)
	change["purpose"] = "To try it again."
	edit := func(as string, body object) answer { w.Helper(); return w.do(as, "PUT", "/requests/1", body) }
	edit("dana", object{"change": change}).refused(422, "version")
	edit("dana", object{"version": version}).refused(422, "change")
	edit("dana", object{"version": version, "change": object{"nam": "x"}}).refused(422, "change.nam")
	edit("dana", object{"version": version, "kind": "quota", "change": change}).refused(422, "kind")
	if problem := edit("dana", object{"version": version - 1, "change": change}).refused(409); !strings.Contains(problem.Detail, "Nothing was stored") {
		t.Errorf("it says %q", problem.Detail)
	}
	edit("pipeline", object{"version": version, "change": change}).refused(403)
	edit("max", object{"version": version, "change": change}).refused(404)
	edit("dana", object{"version": version, "change": object{"name": "Bad_Name"}}).refused(422, "change.name", "change.cluster", "change.environment", "change.size", "change.podSecurity", "change.purpose")
	var edited detail
	edit("dana", object{"version": version, "change": change}).into(200, &edited)
	if edited.State != workflow.StateInReview || edited.Change["purpose"] != "To try it again." || edited.Version == version {
		t.Errorf("edited %+v", edited)
	}
	edit("dana", object{"version": edited.Version, "change": change}).refused(409)

	w.post("pipeline", "/requests/1/withdrawal", object{}).refused(403)
	w.post("dana", "/requests/1/withdrawal", object{"reason": "x\u202ey"}).refused(422, "reason")
	w.post("dana", "/requests/1/withdrawal", object{"reason": "Not needed."}).into(200, &edited)
	if edited.State != workflow.StateWithdrawn || edited.Reason != "Not needed." {
		t.Errorf("withdrawn %+v", edited)
	}
	w.post("dana", "/requests/1/withdrawal", object{}).refused(409)
}

func TestARequestIsTalkedAbout(t *testing.T) {
	w := newWorld(t)
	w.ask("dana", "payments-web-dev")
	w.post("olivia", "/requests/1/comments", object{"comment": "What is it for?"}).into(200, &detail{})
	w.post("olivia", "/requests/1/comments", object{"comment": " "}).refused(422, "comment")
	w.post("olivia", "/requests/1/comments", object{"text": "What?"}).refused(422, "text")
	w.post("audrey", "/requests/1/comments", object{"comment": "Hm."}).refused(403)
	w.post("max", "/requests/1/comments", object{"comment": "Hm."}).refused(404)
	events := w.detail("dana", 1).Events
	if said := events[len(events)-1]; said.Type != workflow.EventCommented || said.Detail != "What is it for?" || said.By == nil || said.By.Name != "olivia" {
		t.Errorf("%+v", said)
	}
}

func TestRequestsAreListedPageByPageAsTheyAreOnesBusiness(t *testing.T) {
	w := newWorld(t)
	for n := range 5 {
		w.ask("dana", fmt.Sprintf("payments-web-%d", n))
	}
	w.post("olivia", "/requests", wanted("payments-web-9")).into(201, &detail{})
	w.post("dana", "/requests/2/withdrawal", object{}).into(200, &detail{})
	network := object{"kind": "network", "tenant": "payments", "change": object{
		"cluster": "weu-1", "namespace": "payments-api-dev", "direction": "egress", "pods": "app=web", "peer": "namespace",
		"peerNamespace": "search-api-dev", "ports": "TCP 443", "until": "2026-12-24", "reason": "Searching.",
	}}
	w.post("dana", "/requests", network).into(201, &detail{})
	list := func(as, query string) (ids []int64, next string) {
		w.Helper()
		var page api.RequestList
		w.get(as, "/requests"+query).into(200, &page)
		for _, request := range page.Requests {
			ids = append(ids, request.ID)
		}
		return ids, page.Next
	}
	for name, test := range map[string]struct {
		as, query string
		want      []int64
	}{
		"all of a member's":             {"dana", "", []int64{7, 6, 5, 4, 3, 2, 1}},
		"all, to an auditor":            {"audrey", "", []int64{7, 6, 5, 4, 3, 2, 1}},
		"another tenant's member":       {"max", "", nil},
		"the owner at the other end":    {"lena", "", []int64{7}},
		"one's own":                     {"dana", "?mine=true", []int64{7, 5, 4, 3, 2, 1}},
		"not only one's own":            {"dana", "?mine=false&state=withdrawn", []int64{2}},
		"a state":                       {"dana", "?state=withdrawn", []int64{2}},
		"two states":                    {"dana", "?state=withdrawn&state=in-review&limit=3", []int64{7, 6, 5}},
		"a kind":                        {"dana", "?kind=network", []int64{7}},
		"a tenant":                      {"sam", "?tenant=search", []int64{7}}, // it reaches search
		"a tenant that is not mine":     {"max", "?tenant=payments", nil},
		"a tenant that there is not":    {"sam", "?tenant=mars", nil},
		"mine and another's tenant":     {"dana", "?tenant=payments&tenant=search&kind=network", []int64{7}},
		"those after a cursor":          {"dana", "?cursor=3", []int64{2, 1}},
		"those after a cursor, mine":    {"olivia", "?cursor=7&mine=true", []int64{6}},
		"a tenant's at the other end":   {"lena", "?tenant=search", []int64{7}},
		"of the tenant that asks, none": {"lena", "?tenant=payments", nil},
	} {
		if got, _ := list(test.as, test.query); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	var all []int64
	for cursor, pages := "", 0; ; pages++ {
		ids, next := list("dana", "?limit=3"+cursor)
		if all = append(all, ids...); next == "" || pages > 5 {
			break
		}
		cursor = "&cursor=" + next
	}
	if want := []int64{7, 6, 5, 4, 3, 2, 1}; !slices.Equal(all, want) {
		t.Errorf("page by page %v, want %v", all, want)
	}
	for query, field := range map[string]string{
		"?state=gone": "state", "?kind=cluster": "kind", "?mine=yes": "mine", "?limit=0": "limit", "?limit=201": "limit", "?limit=-1": "limit",
		"?limit=1&limit=2": "limit", "?cursor=abc": "cursor", "?sate=active": "sate", "?STATE=active": "STATE",
	} {
		w.get("dana", "/requests"+query).refused(400, field)
	}
	w.get("dana", "/requests?state=%zz").refused(400)
}

func TestWhatIsNotOnesBusinessIsNotThere(t *testing.T) {
	w := newWorld(t)
	w.ask("dana", "payments-web-dev")
	for _, path := range []string{
		"/requests/1", "/requests/2", "/requests/0", "/requests/01", "/requests/abc", "/requests/99999999999999999999", "/tenants/payments", "/tenants/mars",
		"/namespaces/weu-1/payments-api-dev", "/namespaces/weu-1/kube-system", "/namespaces/mars/x", "/connectivity?tenant=payments",
	} {
		w.get("max", path).refused(404)
	}
	digest := string(w.detail("dana", 1).Plan.Digest)
	w.post("max", "/requests/1/reviews", object{"vote": "approve", "digest": digest}).refused(404)
	w.post("max", "/requests/1/withdrawal", object{}).refused(404)
	w.post("max", "/requests", wanted("payments-web-2")).refused(422, "tenant")
	w.post("max", "/plans", wanted("payments-web-2")).refused(422, "tenant")
	for as, path := range map[string]string{"max": "/tenants", "nobody-much": "/tenants"} {
		if got := w.get(as, path); strings.Contains(got.body, "payments") || got.status != 200 {
			t.Errorf("%s lists %s", as, got.body)
		}
	}
	var tenants api.TenantList
	w.get("max", "/tenants").into(200, &tenants)
	if len(tenants.Tenants) != 1 || tenants.Tenants[0].Name != "search" || !tenants.Tenants[0].MayAsk {
		t.Errorf("Max lists %+v", tenants)
	}
	var pictured api.RequestList
	w.get("max", "/requests").into(200, &pictured)
	if len(pictured.Requests) != 0 {
		t.Errorf("Max lists %+v", pictured)
	}
}
