package handlers

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

const contentsPath = "/namespaces/weu-1/payments-api-prod/contents"

func TestWhatLivesInANamespaceIsSaidInWords(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	full := workflow.NamespaceContents{At: noon.Add(-time.Second), Kinds: []workflow.KindCount{
		{Kind: "PersistentVolumeClaim", Count: 2, Names: []string{"ledger", "reports"}, Data: true}, {Kind: "Secret", Count: 1, Names: []string{"api-key"}, Data: true},
		{Kind: "VolumeSnapshot", Count: 12, Names: names, Data: true}, {Kind: "Deployment", Count: 1, Names: []string{"web"}},
		{Kind: "Ingress", Count: 2, Names: []string{"web", "www"}}, {Kind: "Job", Count: 5000, More: true, Names: names},
		{Kind: "Rollout.argoproj.io", Count: 2, Names: []string{"x", "y"}},
	}}
	for name, test := range map[string]struct {
		contents workflow.NamespaceContents
		known    bool
		err      error
		says     []string
	}{
		"data and more": {full, true, nil, []string{
			"2 volume claims, 1 secret and 12 volume snapshots would be deleted with their data.",
			"2 PersistentVolumeClaims data ledger, reports", "1 Secret data api-key", "12 VolumeSnapshots data a, b, c, d, e, f, g, h, i, j and 2 more",
			"1 Deployment web", "2 Ingresses web, www", "at least 5000 Jobs a, b, c, d, e, f, g, h, i, j and more", "2 Rollouts.argoproj.io x, y",
			"The cluster said so just now",
		}},
		"what was not looked at to its end": {workflow.NamespaceContents{At: noon.Add(-12 * time.Second), Kinds: []workflow.KindCount{
			{Kind: "Secret", Count: 1, More: true, Names: names[:1], Data: true}, {Kind: "ConfigMap", Count: 2, More: true, Names: names[:2]},
		}, Unlisted: []workflow.UnlistedKind{{Kind: "Secret", Why: "Only the first 5000 were looked at."}}}, true, nil, []string{
			"at least 1 secret would be deleted with its data.", "at least 1 Secret data a at least 2 ConfigMaps a, b Secret: Only the first 5000 were looked at.",
			"The cluster said so 12 seconds ago",
		}},
		"one thing with data": {workflow.NamespaceContents{At: noon, Kinds: full.Kinds[1:2]}, true, nil, []string{"1 secret would be deleted with its data."}},
		"no data":             {workflow.NamespaceContents{At: noon, Kinds: full.Kinds[3:4]}, true, nil, []string{"This would be deleted. No volume claim and no secret is among it."}},
		"nothing":             {workflow.NamespaceContents{At: noon}, true, nil, []string{"Nothing runs there, and nothing is kept there."}},
		"no data, and more": {workflow.NamespaceContents{At: noon, Kinds: full.Kinds[3:4], Unlisted: []workflow.UnlistedKind{{Kind: "Secret", Why: "Tenure may not list them on the cluster."}}}, true, nil,
			[]string{"This would be deleted, and what could not be looked at.", "Secret: Tenure may not list them on the cluster."}},
		"nothing that could be seen": {workflow.NamespaceContents{At: noon, Unlisted: []workflow.UnlistedKind{{Kind: "Secret", Why: "Tenure may not list it."}}}, true, nil,
			[]string{"Nothing was found there, and not everything could be looked at.", "Secret: Tenure may not list it."}},
		"nobody watches":           {workflow.NamespaceContents{}, false, nil, []string{"Tenure does not watch this cluster", "kubectl -n payments-api-prod get all,pvc,secret,configmap"}},
		"the cluster is away":      {workflow.NamespaceContents{}, false, workflow.Refuse(workflow.Unavailable, "weu-1 does not answer.").Because(errors.New("dial tcp 10.1.2.3")), []string{"weu-1 does not answer."}},
		"names that are not plain": {workflow.NamespaceContents{Kinds: []workflow.KindCount{{Kind: "ConfigMap", Count: 1, Names: []string{"<b>\u202e"}}}}, true, nil, []string{"<b> U+202E"}},
	} {
		t.Run(name, func(t *testing.T) {
			service := &standIn{lives: test.contents, watched: test.known, readErr: test.err}
			request := httptest.NewRequest(http.MethodGet, contentsPath, nil)
			request.Header.Set("HX-Request", "true")
			part := send(t, portal(service, dana), request)
			if part.status != http.StatusOK || part.header.Get("Tenure-Fragment") != "1" || strings.Contains(part.body, "<html") {
				t.Errorf("the fragment: status %d, %s", part.status, part.body)
			}
			page := get(t, portal(service, dana), contentsPath)
			if heading(page) != "What lives in payments-api-prod" {
				t.Errorf("heading %q", heading(page))
			}
			for _, says := range test.says {
				for where, got := range map[string]answer{"fragment": part, "page": page} {
					if said := spaced(got.page); !strings.Contains(said, says) {
						t.Errorf("the %s does not say %q: %s", where, says, said)
					}
				}
			}
			if strings.Contains(page.body, "10.1.2.3") {
				t.Error("it tells the cause")
			}
		})
	}
	service := &standIn{readErr: workflow.Refuse(workflow.NotFound, "There is no such namespace, or it is none of yours.")}
	if got := get(t, portal(service, olaf), contentsPath); got.status != http.StatusNotFound {
		t.Errorf("of somebody else: status %d", got.status)
	}
}

func TestRemovalsLoadWhatLivesThereWithoutWaitingForIt(t *testing.T) {
	loads := func(got answer) bool {
		t.Helper()
		part := find(got.page, func(n *html.Node) bool { return attribute(n, "hx-get") == contentsPath })
		if part != nil && (attribute(part, "hx-trigger") != "load" || attribute(part, "hx-target") != "this" || !strings.HasPrefix(attribute(part, "hx-sync"), "this")) {
			t.Errorf("it is loaded by %v, in the way of the form", part.Attr)
		}
		if part != nil && !strings.Contains(text(part), "Asking the cluster what lives there…") {
			t.Errorf("meanwhile it says %q", text(part))
		}
		return part != nil && len(links(got.page, "Look at what lives there")) == 1
	}
	service := furnished()
	if !loads(get(t, portal(service, dana), removalHref("payments", payments().Namespaces[0]))) {
		t.Error("the form does not show it")
	}
	service.dossier.Request = removalRequest()
	for name, test := range map[string]struct {
		state  workflow.State
		change func(*workflow.RemovalChange)
		want   bool
	}{
		"while it is reviewed":       {workflow.StateInReview, nil, true},
		"while it is changed":        {workflow.StateChangesRequested, nil, true},
		"when it was approved":       {workflow.StateApproved, nil, true},
		"when it was rejected":       {workflow.StateRejected, nil, false},
		"when it is gone":            {workflow.StateFailed, func(c *workflow.RemovalChange) { c.Namespace = "payments-gone" }, false},
		"of an exception only":       {workflow.StateInReview, func(c *workflow.RemovalChange) { c.Exception = 61 }, false},
		"of somebody's role only":    {workflow.StateInReview, func(c *workflow.RemovalChange) { c.Subject = dana.ID.Object }, false},
		"of a tenant without places": {workflow.StateInReview, func(c *workflow.RemovalChange) { *c = workflow.RemovalChange{Tenant: true} }, false},
	} {
		r := removalRequest()
		r.State = test.state
		if test.change != nil {
			change := r.Change.(workflow.RemovalChange)
			test.change(&change)
			r.Change = change
		}
		service.dossier.Request = r
		if got := loads(get(t, portal(service, sam), "/requests/58")); got != test.want {
			t.Errorf("%s: it is shown: %v", name, got)
		}
	}
}

// spaced is what a person reads of an element, with a space between its parts.
func spaced(node *html.Node) string {
	var words []string
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
	}
	return strings.Join(words, " ")
}
