package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// typing is a portal of somebody who types.
func typing(t *testing.T) (*standIn, func(method, path string, form url.Values) string) {
	service := &standIn{choices: choices(), dossier: dossier()}
	pages := portal(service, dana)
	return service, func(method, path string, form url.Values) string {
		t.Helper()
		if method == http.MethodGet {
			return get(t, pages, path).body
		}
		return post(t, pages, path, form).body
	}
}

func TestWhatIsTypedIsKeptAndOfferedAgainUntilItIsSent(t *testing.T) {
	service, send := typing(t)
	typed := url.Values{"kind": {"namespace"}, "tenant": {"payments"}, "name": {"payments-half"}}
	send(http.MethodPost, "/requests/preview", typed)
	if service.formDraft.Kind != workflow.KindNamespace || service.formDraft.Values["name"][0] != "payments-half" {
		t.Fatalf("what is kept is %+v", service.formDraft)
	}
	if offer := send(http.MethodGet, "/requests/new/namespace", nil); !strings.Contains(offer, "You began this form") || strings.Contains(offer, `value="payments-half"`) {
		t.Error("the empty form does not offer what was typed, or has it already")
	}
	if linked := send(http.MethodGet, "/requests/new/namespace?name=payments-other", nil); strings.Contains(linked, "You began this form") {
		t.Error("a form that a link filled in offers the draft")
	}
	if again := send(http.MethodGet, "/requests/new/namespace?draft=1", nil); !strings.Contains(again, `value="payments-half"`) {
		t.Error("the draft is not in the form")
	}
	send(http.MethodPost, "/requests", typed)
	if service.formDraft.Kind != "" {
		t.Error("what was sent is still kept")
	}
}

func TestADraftIsDiscardedWhenThePersonSaysSo(t *testing.T) {
	service, send := typing(t)
	send(http.MethodPost, "/requests/preview", url.Values{"kind": {"namespace"}, "name": {"payments-half"}})
	send(http.MethodPost, "/requests/drafts/discard", url.Values{"kind": {"namespace"}})
	if service.formDraft.Kind != "" {
		t.Error("it is still kept")
	}
}

func TestAFormThatChangesARequestIsNoDraft(t *testing.T) {
	service, send := typing(t)
	send(http.MethodPost, "/requests/preview", url.Values{"kind": {"namespace"}, "name": {"payments-half"}, "request": {"7"}})
	if service.formDraft.Kind != "" {
		t.Errorf("what is kept is %+v", service.formDraft)
	}
}

func TestWhoTakesPartCommentsAndLosesNothingThatIsRefused(t *testing.T) {
	d := dossier()
	d.MayTalk = true
	service := &standIn{choices: choices(), dossier: d}
	pages := portal(service, dana)
	if got := post(t, pages, "/requests/7/comments", url.Values{"comment": {"Why so large?\r\nReally."}}); got.status != http.StatusSeeOther || service.comment != "Why so large?\nReally." {
		t.Errorf("%d, said %q", got.status, service.comment)
	}
	service.saveErr = &workflow.Problem{Kind: workflow.Invalid, Message: "No.", Fields: []workflow.FieldProblem{{Field: "comment", Message: "Write what you want to say."}}}
	got := post(t, pages, "/requests/7/comments", url.Values{"comment": {"typed at length"}})
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "typed at length") || !strings.Contains(got.body, "Write what you want to say.") {
		t.Errorf("%d: the page loses what was typed, or does not say what is wrong", got.status)
	}
	d.MayTalk = false
	service.dossier = d
	if page := get(t, pages, "/requests/7"); strings.Contains(page.body, "/requests/7/comments") {
		t.Error("who only reads is offered to comment")
	}
}
