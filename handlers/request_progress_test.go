package handlers

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// poller is the element of a page that asks how far the request is.
func poller(page *html.Node) *html.Node {
	return find(page, func(n *html.Node) bool { return attribute(n, "data-follow") != "" })
}

func askProgress(t *testing.T, service *standIn, path string) answer {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("HX-Request", "true")
	return send(t, portal(service, dana), request)
}

func TestThePageFollowsWhileSomethingHappensByItselfAndOnlyThen(t *testing.T) {
	for _, state := range []workflow.State{
		workflow.StateInReview, workflow.StateChangesRequested, workflow.StateApproved, workflow.StateCommitted, workflow.StateActive,
		workflow.StateFailed, workflow.StateEnded, workflow.StateRejected, workflow.StateWithdrawn, workflow.StateLapsed,
	} {
		service := &standIn{dossier: deferred()}
		service.dossier.Request.State = state
		got := get(t, portal(service, dana), "/requests/57")
		if follows := poller(got.page) != nil; follows != (state == workflow.StateApproved) {
			t.Errorf("%s: follows %v", state, follows)
		}
	}
	for state, arrivals := range map[workflow.State][]workflow.Arrival{
		workflow.StateCommitted: {behind()}, workflow.StateFailed: {refused()}, workflow.StateActive: nil,
	} {
		got := get(t, portal(&standIn{dossier: onTheWay(state, arrivals...)}, dana), "/requests/57")
		if follows := poller(got.page) != nil; follows != (state != workflow.StateActive) {
			t.Errorf("%s, where Argo CD is watched: follows %v", state, follows)
		}
	}
	unwatched := onTheWay(workflow.StateCommitted, workflow.Arrival{Stage: workflow.ArrivalUnwatched, Cluster: "weu-1"})
	if poller(get(t, portal(&standIn{dossier: unwatched}, dana), "/requests/57").page) != nil {
		t.Error("it follows what nobody watches")
	}
	page := get(t, portal(&standIn{dossier: deferred()}, dana), "/requests/57").page
	if href := attribute(poller(page), "data-follow"); href != "/requests/57/progress?since=3" {
		t.Errorf("it asks %q", href)
	}
	reload := find(page, func(n *html.Node) bool { return n.Data == "a" && text(n) == "Reload" })
	if attribute(reload, "href") != "/requests/57" {
		t.Error("without script nothing leads to the newest state")
	}
}

func TestProgressReplacesWhatChangedOnThePageAndNothingElse(t *testing.T) {
	service := &standIn{dossier: deferred()}
	page := get(t, portal(service, dana), "/requests/57").page
	href := attribute(poller(page), "data-follow")

	if got := askProgress(t, service, href); got.status != http.StatusNoContent || got.body != "" {
		t.Errorf("while nothing happened: got %d with %q", got.status, got.body)
	}

	service.dossier = committed()
	service.dossier.Request.Version = 4
	got := askProgress(t, service, href)
	if got.status != http.StatusOK || got.header.Get("Tenure-Fragment") != "1" || strings.Contains(got.body, "<html") {
		t.Fatalf("got %d, marked %q", got.status, got.header.Get("Tenure-Fragment"))
	}
	replaced := 0
	for n := range got.page.Descendants() {
		if attribute(n, "hx-swap-oob") == "" {
			continue
		}
		replaced++
		if byID(page, attribute(n, "id")) == nil {
			t.Errorf("the page has no place %q", attribute(n, "id"))
		}
	}
	for _, part := range []string{"Committed. The admission webhook lets it in", "9d41c70b6a5f", "Committed as", "What it changed", "<title>Committed · Namespace payments-api-dev on weu-1 · Tenure</title>"} {
		if !strings.Contains(got.body, part) {
			t.Errorf("the progress does not say %q", part)
		}
	}
	if replaced != 5 || strings.Contains(got.body, "clusters/weu-1") || poller(got.page) != nil {
		t.Errorf("%d parts are replaced; the diff %v; it goes on asking %v", replaced, strings.Contains(got.body, "clusters/weu-1"), poller(got.page) != nil)
	}
}

func TestAPlanThatHasToBeReviewedAgainReplacesTheOldOne(t *testing.T) {
	service := &standIn{dossier: dossier()}
	got := askProgress(t, service, "/requests/57/progress?since=2")
	if byID(got.page, "request-columns") == nil || !strings.Contains(got.body, "clusters/weu-1/payments") {
		t.Error("the old plan stays on the page")
	}
}

func TestProgressOpenedByHandLeadsToThePage(t *testing.T) {
	got := get(t, portal(furnished(), dana), "/requests/57/progress?since=1")
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/requests/57" {
		t.Errorf("got %d to %q", got.status, got.header.Get("Location"))
	}
}
