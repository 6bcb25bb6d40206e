package handlers

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

func filledPolicy(changes url.Values) url.Values {
	form := url.Values{"kind": {"policy"}, "document": {proposed}, "base": {inForceSum}, "reason": {"Security is there at night."}}
	for name, values := range changes {
		form[name] = values
	}
	return form
}

func TestOnlyAdminsAreOfferedAnotherPolicy(t *testing.T) {
	for name, test := range map[string]struct {
		actor   workflow.Actor
		offered bool
	}{"an admin": {ada, true}, "security": {sam, false}, "a developer": {dana, false}} {
		t.Run(name, func(t *testing.T) {
			h := portal(withPolicy(), test.actor)
			got := get(t, h, newPolicyPath)
			if (got.status == http.StatusOK) != test.offered || (!test.offered && got.status != http.StatusForbidden) {
				t.Errorf("the form: status %d", got.status)
			}
			if !test.offered && !strings.Contains(got.body, "only platform admins propose another one") {
				t.Errorf("the refusal says %q", text(byID(got.page, "main")))
			}
			for _, path := range []string{rulesPath, "/requests/new"} {
				link := find(get(t, h, path).page, func(n *html.Node) bool { return attribute(n, "href") == newPolicyPath })
				if (link != nil) != test.offered {
					t.Errorf("%s leads to the form: %v", path, link != nil)
				}
			}
		})
	}
}

func TestTheFormBeginsWithThePolicyInForce(t *testing.T) {
	got := get(t, portal(withPolicy(), ada), newPolicyPath)
	want := map[string]string{"kind": "policy", "document": inForce, "base": inForceSum, "reason": "", "file": ""}
	if diff := cmp.Diff(want, formValues(got.page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if status := text(byID(got.page, "plan-status")); !strings.HasPrefix(status, "This is the policy in force.") {
		t.Errorf("status %q", status)
	}
	script := func(n *html.Node) bool { return strings.HasPrefix(attribute(n, "src"), "/static/build/policy.js") }
	if find(got.page, script) == nil {
		t.Error("the editor's script is not there")
	}
	if find(get(t, portal(withPolicy(), ada), rulesPath).page, script) != nil {
		t.Error("the editor's script is on a page that has no editor")
	}
}

func TestAPolicyIsHandedToTheDomainWhole(t *testing.T) {
	service := withPolicy()
	long := "# ä\r\n" + strings.Repeat("- a: \"b\"\r\n", 20<<10)
	if got := post(t, portal(service, ada), "/requests", filledPolicy(url.Values{"document": {long}})); got.status != http.StatusSeeOther || got.header.Get("Location") != "/requests/90" {
		t.Fatalf("status %d, leads to %q", got.status, got.header.Get("Location"))
	}
	want := workflow.Draft{Change: workflow.PolicyChange{Document: strings.ReplaceAll(long, "\r\n", "\n"), Base: inForceSum, Reason: "Security is there at night."}}
	if diff := cmp.Diff(want, service.draft); diff != "" {
		t.Errorf("draft (-want +got):\n%.2000s", diff)
	}
}

// sendFile sends the form as a browser without script does, with a file.
func sendFile(t *testing.T, h http.Handler, path string, form url.Values, file string) answer {
	t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name := range form {
		if err := parts.WriteField(name, form.Get(name)); err != nil {
			t.Fatal(err)
		}
	}
	name := "policy.yaml"
	if file == "" {
		name = "" // no file was chosen
	}
	part, err := parts.CreateFormFile(fieldFile, name)
	if err == nil {
		_, err = part.Write([]byte(file))
	}
	if err == nil {
		err = parts.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, path, &body)
	request.Header.Set("Content-Type", parts.FormDataContentType())
	return send(t, h, request)
}

func TestWithoutScriptAFileTakesThePlaceOfTheText(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"a file":            {"kind: Policy\r\nx: y\r\n", "kind: Policy\nx: y\n"},
		"no file":           {"", proposed},
		"what is not UTF-8": {"a: \xff\n", "a: \uFFFD\n"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/requests", "/requests/preview", "/requests/90/edit"} {
				service := withPolicy()
				got := sendFile(t, portal(service, ada), path, filledPolicy(nil), test.file)
				if change, _ := service.draft.Change.(workflow.PolicyChange); got.status >= 400 || change.Document != test.want {
					t.Errorf("%s: status %d, %q was planned", path, got.status, change.Document)
				}
				if path == "/requests/preview" && formValues(got.page)["document"] != test.want {
					t.Errorf("the form has %q", formValues(got.page)["document"])
				}
			}
		})
	}
}

func TestWhatIsWrongWithThePolicyIsListedByLine(t *testing.T) {
	service := withPolicy()
	service.lines = []workflow.PolicyProblem{{Line: 4, Field: "spec.fallback", Message: "there is no role x"}, {Message: "It is <too> odd."}}
	service.saveErr = &workflow.Problem{Kind: workflow.Invalid, Message: "The policy cannot be used.", Fields: []workflow.FieldProblem{
		{Field: "document", Message: "line 4: spec.fallback: there is no role x"}, {Field: "document", Message: "It is <too> odd."},
	}}
	service.planErr = service.saveErr
	got := post(t, portal(service, ada), "/requests", filledPolicy(nil))
	if got.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", got.status)
	}
	list := text(byID(got.page, "document-problems"))
	if want := "Line 4 spec.fallback there is no role xIt is <too> odd."; list != want {
		t.Errorf("the list is %q, want %q", list, want)
	}
	line := find(byID(got.page, "document-problems"), func(n *html.Node) bool { return attribute(n, "data-line") == "4" })
	if attribute(line, "href") != "#document" || byID(got.page, "document") == nil {
		t.Error("the line does not lead to the text")
	}
	if said := text(byID(got.page, "document-problem")); said != "2 problems in the text, listed below." {
		t.Errorf("beside the text it says %q", said)
	}
	if kept := formValues(got.page); kept["document"] != proposed || kept["reason"] == "" {
		t.Errorf("the form has %v", kept)
	}
}

func TestThePolicyIsCheckedAsItIsTyped(t *testing.T) {
	service := withPolicy()
	service.lines = []workflow.PolicyProblem{{Line: 4, Field: "spec.fallback", Message: "there is no role x"}}
	got := post(t, portal(service, ada), policyCheckPath, url.Values{"document": {"a:\r\n  b"}})
	want := `{"problems":[{"line":4,"field":"spec.fallback","message":"there is no role x"}]}`
	if got.status != http.StatusOK || strings.TrimSpace(got.body) != want || service.checked != "a:\n  b" {
		t.Errorf("got %d %s for %q", got.status, got.body, service.checked)
	}
	service.lines = nil
	if got := post(t, portal(service, ada), policyCheckPath, url.Values{"document": {inForce}}); strings.TrimSpace(got.body) != `{"problems":[]}` {
		t.Errorf("without a problem: %s", got.body)
	}
	service.policyErr = workflow.Refuse(workflow.Forbidden, "Only platform admins ask for another policy.")
	if got := post(t, portal(service, dana), policyCheckPath, url.Values{"document": {"a"}}); got.status != http.StatusForbidden {
		t.Errorf("somebody else: status %d", got.status)
	}
}

func TestAnotherPolicyThatCameIntoForceMeanwhileIsShownBesideWhatWasTyped(t *testing.T) {
	service := withPolicy()
	service.saveErr = &workflow.Problem{Kind: workflow.Invalid, Message: "It moved.", Fields: []workflow.FieldProblem{{Field: "document", Message: "The policy has changed since you began to edit it."}}}
	service.planErr = service.saveErr
	stale := filledPolicy(url.Values{"base": {olderSum}})
	got := post(t, portal(service, ada), "/requests", stale)
	moved := byID(got.page, "policy-moved")
	for _, line := range []string{"- fallback: admin", "+ fallback: security", "Begin again from the policy in force", "Go on with your text"} {
		if !strings.Contains(text(moved), line) {
			t.Errorf("it does not show %q: %s", line, text(moved))
		}
	}
	if kept := formValues(got.page); got.status != http.StatusUnprocessableEntity || kept["document"] != proposed || kept["base"] != olderSum {
		t.Errorf("status %d, the form has %v", got.status, kept)
	}
	service.planErr = nil
	for way, want := range map[string]map[string]string{
		takeMine:   {"document": proposed, "base": inForceSum, "kept": ""},
		takeTheirs: {"document": inForce, "base": inForceSum, "kept": proposed},
	} {
		stale.Set(fieldTake, way)
		got := post(t, portal(service, ada), "/requests/preview", stale)
		kept := formValues(got.page)
		for name, value := range want {
			if kept[name] != value {
				t.Errorf("%s: %s is %q, want %q", way, name, kept[name], value)
			}
		}
		if got.status != http.StatusOK || text(byID(got.page, "policy-moved")) != "" {
			t.Errorf("%s: status %d, moved %q", way, got.status, text(byID(got.page, "policy-moved")))
		}
	}
}

func TestWhatIsTooLargeForADraftIsNotOfferedAsOne(t *testing.T) {
	service := withPolicy()
	h := portal(service, ada)
	offer := func() bool { return strings.Contains(get(t, h, newPolicyPath).body, "did not send it") }
	post(t, h, "/requests/preview", filledPolicy(nil))
	if !offer() {
		t.Fatal("a draft is not offered")
	}
	if got := get(t, h, newPolicyPath+"?draft=1"); formValues(got.page)["document"] != proposed {
		t.Errorf("the draft has %v", formValues(got.page))
	}
	service.draftsLimit = len(proposed)
	if got := post(t, h, "/requests/preview", filledPolicy(url.Values{"document": {proposed + "# more\n"}})); got.status != http.StatusOK {
		t.Errorf("status %d", got.status)
	}
	if offer() {
		t.Error("an earlier, shorter draft is offered as if it were all")
	}
}

func TestAnEarlierRequestCanBeBegunFromAndChanged(t *testing.T) {
	service := withPolicy()
	want := map[string]string{"document": proposed, "base": inForceSum, "reason": "Security is there at night."}
	hold := func(got answer) {
		t.Helper()
		for name, value := range want {
			if kept := formValues(got.page); got.status != http.StatusOK || kept[name] != value {
				t.Errorf("status %d: %s is %q, want %q", got.status, name, kept[name], value)
			}
		}
	}
	hold(get(t, portal(service, ada), newPolicyPath+"?from=90"))
	service.dossier.Request.State, service.dossier.MayEdit = workflow.StateChangesRequested, true
	hold(get(t, portal(service, ada), "/requests/90/edit"))
	service.dossier.Request.Change = workflow.RemovalChange{}
	if got := get(t, portal(service, ada), newPolicyPath+"?from=90"); got.status != http.StatusNotFound {
		t.Errorf("from another kind: status %d", got.status)
	}
}

func TestWhileThePolicyIsTypedItsPlanArrives(t *testing.T) {
	service, document, err := reading()
	if err != nil {
		t.Fatal(err)
	}
	preview := func(form url.Values) answer {
		request := httptest.NewRequest(http.MethodPost, "/requests/preview", strings.NewReader(form.Encode()))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("HX-Request", "true")
		return send(t, portal(service, ada), request)
	}
	text, err := service.PolicyText(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		document, base, status, problem string
	}{
		"as it is":    {document, text.Sum, "This is the policy in force.", ""},
		"without why": {strings.Replace(document, "pods: 20", "pods: 30", 1), text.Sum, "This is the plan: 1 file would change. Still needed: reason.", ""},
		"wrong":       {strings.Replace(document, "mode: enforce", "mode: moon", 1), text.Sum, "There is no plan yet. Look at: policy.yaml", "1 problem in the text, listed below."},
		"of an older": {strings.Replace(document, "pods: 20", "pods: 30", 1), olderSum, "There is no plan yet. Look at: policy.yaml", "The policy has changed since you began"},
	} {
		t.Run(name, func(t *testing.T) {
			got := preview(url.Values{"kind": {"policy"}, "document": {test.document}, "base": {test.base}})
			if status := saidBy(got, "plan-status"); got.status != http.StatusOK || !strings.HasPrefix(status, test.status) {
				t.Errorf("status %d %q", got.status, status)
			}
			if problem := saidBy(got, "document-problem"); !strings.HasPrefix(problem, test.problem) || (test.problem == "" && problem != "") {
				t.Errorf("problem %q", problem)
			}
			if moved := saidBy(got, "policy-moved"); (moved != "") != (test.base == olderSum) {
				t.Errorf("moved %q", moved)
			}
		})
	}
}

// saidBy is what stands in an element of an answer.
func saidBy(got answer, id string) string { return text(byID(got.page, id)) }

func TestTheSchemaIsServedToTheEditor(t *testing.T) {
	got := get(t, portal(withPolicy(), ada), policySchemaPath)
	var schema jsonSchema
	if err := json.Unmarshal([]byte(got.body), &schema); err != nil || got.status != http.StatusOK || schema.Properties["spec"] == nil {
		t.Errorf("got %d, %v: %.200s", got.status, err, got.body)
	}
}
