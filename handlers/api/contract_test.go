package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/api"
)

// contract is the served document, as somebody else's reader understands it.
type contract struct {
	*openapi3.T
}

// newContract reads the document and wants it to be valid.
func newContract(t *testing.T, handler http.Handler) *contract {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, api.Prefix+"/openapi.json", nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("the document: status %d", recorder.Code)
	}
	document, err := openapi3.NewLoader().LoadFromData(recorder.Body.Bytes())
	if err != nil {
		t.Fatalf("the document cannot be read: %v", err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Fatalf("the document is not valid: %v", err)
	}
	// Answers may gain fields; here each that is sent must be in the document.
	for _, component := range document.Components.Schemas {
		if additional := &component.Value.AdditionalProperties; component.Value.Type.Is("object") && additional.Schema == nil {
			no := false
			additional.Has = &no
		}
	}
	return &contract{document}
}

// hold wants the document to foresee an answer: its status, its media type and
// every field.
func (d *contract) hold(t *testing.T, request *http.Request, got answer) {
	t.Helper()
	operation := d.operation(request)
	if operation == nil {
		if got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s is not in the document and is answered %d", request.Method, request.URL.Path, got.status)
		}
		return
	}
	foreseen := operation.Responses.Value(strconv.Itoa(got.status))
	if foreseen == nil {
		t.Errorf("the document does not foresee %d of %s %s", got.status, request.Method, request.URL.Path)
		return
	}
	media := foreseen.Value.Content.Get(got.header.Get("Content-Type"))
	if media == nil {
		t.Errorf("the document does not foresee %q of %s %s", got.header.Get("Content-Type"), request.Method, request.URL.Path)
		return
	}
	for name := range foreseen.Value.Headers {
		if name == "Location" && got.header.Get(name) == "" {
			t.Errorf("%s %s has no header %s", request.Method, request.URL.Path, name)
		}
	}
	if request.Method == http.MethodHead {
		return
	}
	var body any
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Errorf("%s %s is no JSON: %v", request.Method, request.URL.Path, err)
	}
	if err := media.Schema.Value.VisitJSON(body, openapi3.EnableFormatValidation()); err != nil {
		t.Errorf("%s %s is not what the document says: %v\n%s", request.Method, request.URL.Path, err, got.body)
	}
}

// operation finds what the document says of a request; nil for nothing.
func (d *contract) operation(request *http.Request) *openapi3.Operation {
	path := strings.TrimPrefix(request.URL.Path, api.Prefix)
	method := request.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for template, item := range d.Paths.Map() {
		if sameShape(template, path) {
			return item.GetOperation(method)
		}
	}
	return nil
}

func sameShape(template, path string) bool {
	parts, found := strings.Split(template, "/"), strings.Split(path, "/")
	if len(parts) != len(found) {
		return false
	}
	for i, part := range parts {
		if part != found[i] && !strings.HasPrefix(part, "{") {
			return false
		}
	}
	return true
}

func TestEveryRouteIsInTheDocumentAndTheOtherWayRound(t *testing.T) {
	w := newWorld(t)
	documented := map[string]bool{"GET /openapi.json": true}
	for path, item := range w.contract.Paths.Map() {
		for method := range item.Operations() {
			documented[method+" "+path] = true
		}
	}
	served := map[string]bool{}
	for _, route := range w.handler.(*echo.Echo).Routes() {
		path, isAPI := strings.CutPrefix(route.Path, api.Prefix)
		if !isAPI || route.Method == http.MethodHead || route.Method == echo.RouteNotFound || strings.Contains(route.Name, "refuseMethod") {
			continue
		}
		served[route.Method+" "+documentPath(path)] = true
	}
	for operation := range documented {
		if !served[operation] {
			t.Errorf("%s is in the document and is not served", operation)
		}
	}
	for operation := range served {
		if !documented[operation] {
			t.Errorf("%s is served and is not in the document", operation)
		}
	}
	if len(served) < 15 {
		t.Errorf("only %d routes were looked at", len(served))
	}
}

// documentPath writes a path of the router as the document does: :id is {id}.
func documentPath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, isParameter := strings.CutPrefix(part, ":"); isParameter {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

func TestWhatIsSentIsDescribedAsItIsRead(t *testing.T) {
	w := newWorld(t)
	body := func(path string) *openapi3.Schema {
		return w.contract.Paths.Value(path).Post.RequestBody.Value.Content.Get("application/json").Schema.Value
	}
	for name, test := range map[string]struct {
		path string
		sent string
		fits bool
	}{
		"a draft":                      {"/plans", `{"kind":"namespace","tenant":"payments","change":{"name":"a","cluster":"b","environment":"c","size":"d","podSecurity":"baseline","purpose":"e"}}`, true},
		"an unknown kind":              {"/plans", `{"kind":"cluster","tenant":"payments","change":{}}`, false},
		"a tenant":                     {"/plans", `{"kind":"tenant","tenant":"orders","change":{"displayName":"a","owners":"b","members":"c","contact":"d","costCentre":"e","cpu":"1","memory":"1Gi","storage":"1Gi","namespaces":"1","clusters":["f"],"repositories":["g"],"reason":"h","existing":true}}`, true},
		"a tenant with one cluster":    {"/plans", `{"kind":"tenant","tenant":"orders","change":{"displayName":"a","owners":"b","members":"c","contact":"d","costCentre":"e","cpu":"1","memory":"1Gi","storage":"1Gi","namespaces":"1","clusters":"f","reason":"h"}}`, false},
		"the removal of a tenant":      {"/plans", `{"kind":"removal","tenant":"orders","change":{"cluster":"","namespace":"","confirmation":"orders","tenant":true,"reason":"c"}}`, true},
		"a field that there is not":    {"/plans", `{"kind":"removal","tenant":"payments","change":{"cluster":"a","namespace":"b","confirmation":"b","reason":"c","x":1}}`, false},
		"another kind's fields":        {"/requests", `{"kind":"exemption","tenant":"payments","change":{"cluster":"a","namespace":"b","confirmation":"b","reason":"c"}}`, false},
		"objects that can be counted":  {"/plans", `{"kind":"quota","tenant":"p","change":{"cluster":"a","namespace":"b","cpu":"1","memory":"1Gi","storage":"1Gi","pods":"1","objects":{"services":"5"},"reason":"c"}}`, true},
		"objects that cannot":          {"/plans", `{"kind":"quota","tenant":"p","change":{"cluster":"a","namespace":"b","cpu":"1","memory":"1Gi","storage":"1Gi","pods":"1","objects":{"cats":"5"},"reason":"c"}}`, false},
		"a vote":                       {"/requests/{id}/reviews", `{"vote":"approve","digest":"sha256:0"}`, true},
		"a vote that there is not":     {"/requests/{id}/reviews", `{"vote":"maybe","digest":"sha256:0"}`, false},
		"a question":                   {"/verdicts", `{"cluster":"weu-1","manifests":"a: b"}`, true},
		"a question with another type": {"/verdicts", `{"cluster":"weu-1","manifests":["a: b"]}`, false},
	} {
		var sent any
		if err := json.Unmarshal([]byte(test.sent), &sent); err != nil {
			t.Fatal(err)
		}
		if err := body(test.path).VisitJSON(sent); (err == nil) != test.fits {
			t.Errorf("%s: the document says %v", name, err)
		}
	}
}

func TestTheDocumentIsServedToAnybodyAndKeptByCaches(t *testing.T) {
	w := newWorld(t)
	fetch := func(known string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, api.Prefix+"/openapi.json", nil)
		request.Header.Set("If-None-Match", known)
		recorder := httptest.NewRecorder()
		w.handler.ServeHTTP(recorder, request)
		return recorder
	}
	first := fetch(`"another"`)
	tag := first.Header().Get("ETag")
	if first.Code != 200 || !strings.HasPrefix(tag, `W/"`) || first.Header().Get("Cache-Control") != "no-cache" || first.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, header %v", first.Code, first.Header())
	}
	for _, known := range []string{tag, `"another", ` + tag, strings.TrimPrefix(tag, "W/"), "*"} {
		if again := fetch(known); again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
			t.Errorf("If-None-Match %s: status %d", known, again.Code)
		}
	}
}
