package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tenure.dev/handlers/api"
	"tenure.dev/workflow"
)

func TestWhatCannotBeReadOrUsedIsRefusedNamingIt(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		path, sent string
		status     int
		fields     []string
	}{
		"no JSON":                        {"/requests", `{"kind":`, 400, nil},
		"nothing":                        {"/requests", ``, 400, nil},
		"two values":                     {"/requests", `{} {}`, 400, nil},
		"NaN":                            {"/requests", `{"version":NaN}`, 400, nil},
		"a list":                         {"/requests", `[]`, 422, []string{""}},
		"null":                           {"/requests", `null`, 422, []string{""}},
		"an empty object":                {"/requests", `{}`, 422, []string{"kind"}},
		"an unknown field":               {"/requests", `{"kind":"namespace","tenant":"payments","change":{},"approve":true}`, 422, []string{"approve"}},
		"unknown fields, all of them":    {"/requests", `{"kind":"namespace","a":1,"b":2}`, 422, []string{"a", "b"}},
		"a field in other letters":       {"/requests", `{"Kind":"namespace","tenant":"payments","change":{}}`, 422, []string{"Kind"}},
		"a field that is there twice":    {"/requests", `{"kind":"namespace","tenant":"payments","tenant":"search","change":{}}`, 422, []string{"tenant"}},
		"no kind":                        {"/plans", `{"tenant":"payments","change":{}}`, 422, []string{"kind"}},
		"a kind that there is not":       {"/plans", `{"kind":"cluster","tenant":"payments","change":{}}`, 422, []string{"kind"}},
		"a kind of another type":         {"/plans", `{"kind":["namespace"],"tenant":"payments","change":{}}`, 422, []string{"kind"}},
		"no change":                      {"/plans", `{"kind":"namespace","tenant":"payments"}`, 422, []string{"change"}},
		"a change that is null":          {"/plans", `{"kind":"namespace","tenant":"payments","change":null}`, 422, []string{"change"}},
		"a change that is text":          {"/plans", `{"kind":"namespace","tenant":"payments","change":"small"}`, 422, []string{"change"}},
		"an unknown field of the change": {"/plans", `{"kind":"namespace","tenant":"payments","change":{"nam":"x"}}`, 422, []string{"change.nam"}},
		"another kind's field":           {"/plans", `{"kind":"namespace","tenant":"payments","change":{"fqdn":"x"}}`, 422, []string{"change.fqdn"}},
		"a field of another type":        {"/plans", `{"kind":"namespace","tenant":"payments","change":{"name":7}}`, 422, []string{"change.name"}},
		"a field of another type, of another namespace": {"/plans", `{"kind":"namespace","tenant":"payments","change":{"name":"x","also":[{"name":"y","hosts":"z"}]}}`, 422, []string{"change.also.hosts"}},
		"an unknown field of another namespace":         {"/plans", `{"kind":"namespace","tenant":"payments","change":{"also":[{"name":"x"},{"nam":"y"}]}}`, 422, []string{"change.also[1].nam"}},
		"a number that is none":                         {"/plans", `{"kind":"removal","tenant":"payments","change":{"exception":"7"}}`, 422, []string{"change.exception"}},
		"a number that is too large":                    {"/plans", `{"kind":"removal","tenant":"payments","change":{"exception":1e40}}`, 422, []string{"change.exception"}},
		"a flag that is none":                           {"/plans", `{"kind":"quota","tenant":"payments","change":{"confirmed":1}}`, 422, []string{"change.confirmed"}},
		"a table that is none":                          {"/plans", `{"kind":"quota","tenant":"payments","change":{"objects":[]}}`, 422, []string{"change.objects"}},
		"what nobody counts": {"/plans", `{"kind":"quota","tenant":"payments","change":{"cluster":"weu-1","namespace":"payments-api-dev","cpu":"3","memory":"8Gi","storage":"20Gi","pods":"20","objects":{"cats":"1"},"reason":"x"}}`,
			422, []string{"change.objects"}},
		"what the domain says of fields": {"/plans", `{"kind":"namespace","tenant":"payments","change":{"name":"search-x","cluster":"mars","environment":"dev","size":"small","podSecurity":"privileged","purpose":"x"}}`,
			422, []string{"change.name", "change.cluster", "change.podSecurity"}},
		"another's tenant": {"/plans", `{"kind":"namespace","tenant":"search","change":{"name":"search-x","cluster":"weu-1","environment":"dev","size":"small","podSecurity":"baseline","purpose":"x"}}`,
			422, []string{"tenant"}},
		"a very deep body": {"/requests", strings.Repeat(`{"change":`, 20000), 400, nil},
		"too large":        {"/requests", `{"kind":"` + strings.Repeat("x", 1<<20) + `"}`, 413, nil},
		"just not too large": {"/verdicts", `{"cluster":"weu-1","manifests":"` + strings.Repeat(" ", 1<<20-len(`{"cluster":"weu-1","manifests":""}`)) + `"}`,
			422, []string{"manifests"}},
	} {
		t.Run(name, func(t *testing.T) {
			inner := *w
			inner.T = t
			inner.post("dana", test.path, test.sent).refused(test.status, test.fields...)
		})
	}
	var requests api.RequestList
	if w.get("audrey", "/requests").into(200, &requests); len(requests.Requests) != 0 {
		t.Errorf("something was stored all the same: %+v", requests)
	}
	w.post("dana", "/plans?dry=true", wanted("payments-web-dev")).refused(400, "dry")
}

func TestTheContentTypeMustBeJSON(t *testing.T) {
	w := newWorld(t)
	body := `{"kind":"namespace","tenant":"payments","change":{}}`
	for media, status := range map[string]int{
		"application/json": 422, "application/json; charset=utf-8": 422, "APPLICATION/JSON": 422,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415, "application/jsonp": 415, "application/json;": 422,
		"text/plain; application/json": 415,
	} {
		if got := w.do("dana", "POST", "/requests", body, "Content-Type", media); got.problem(status).Status != status {
			t.Errorf("%q: status %d", media, got.status)
		}
	}
}

func TestMethodsAndAddressesThatThereAreNot(t *testing.T) {
	w := newWorld(t)
	for address, allowed := range map[string]string{
		"PUT /requests": "GET, HEAD, POST", "DELETE /requests/1": "GET, HEAD, PUT", "GET /plans": "POST", "PATCH /me": "GET, HEAD",
		"GET /requests/1/reviews": "POST", "POST /openapi.json": "GET, HEAD", "OPTIONS /me": "GET, HEAD",
	} {
		method, path, _ := strings.Cut(address, " ")
		for _, as := range []string{"dana", ""} {
			got := w.do(as, method, path, nil)
			if got.refused(405); got.header.Get("Allow") != allowed {
				t.Errorf("%s allows %q, want %q", address, got.header.Get("Allow"), allowed)
			}
		}
	}
	for _, address := range []string{"GET /", "GET ", "GET /request", "POST /requests/1/approval", "GET /requests/1/2/3", "GET /me/", "DELETE /nothing"} {
		method, path, _ := strings.Cut(address, " ")
		w.do("dana", method, path, nil).refused(404)
	}
	head := w.do("dana", "HEAD", "/me", nil)
	if head.status != 200 || head.header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
}

// faulty is a service of which reading does not work.
type faulty struct {
	api.Service
	err error
}

func (f faulty) Queue(context.Context, workflow.Actor) ([]workflow.QueueItem, error) {
	if f.err == nil {
		panic("the queue is out of order")
	}
	return nil, f.err
}

func TestAFaultSaysNothingAndIsInTheLog(t *testing.T) {
	w := newWorld(t)
	for name, err := range map[string]error{"an error": errors.New("dial tcp 10.1.2.3: secret refused"), "a panic": nil} {
		w.serve(faulty{w.service, err})
		problem := w.get("dana", "/queue").problem(500)
		_, id, _ := strings.Cut(problem.Instance, "#")
		if strings.Contains(problem.Detail, "secret") || strings.Contains(problem.Detail, "order") || problem.Type != "/problems/internal" {
			t.Errorf("%s: %+v", name, problem)
		}
		if log := w.log.String(); !strings.Contains(log, id) || !strings.Contains(log, "level=ERROR") {
			t.Errorf("%s: the log has nothing of %q:\n%s", name, id, log)
		}
	}
	w.serve(faulty{w.service, context.Canceled})
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "/api/v1/queue", nil)
	request.Header.Set("As", "dana")
	if w.handler.ServeHTTP(recorder, request); recorder.Code != 499 || recorder.Body.Len() != 0 {
		t.Errorf("who went away is answered %d", recorder.Code)
	}
	w.serve(w.service)
	w.repository.away = workflow.ErrNoState
	for _, path := range []string{"/me", "/tenants", "/tenants/payments", "/namespaces/weu-1/payments-api-dev", "/requests", "/requests/1", "/queue", "/rules", "/connectivity?tenant=payments"} {
		w.get("dana", path).refused(503)
	}
	w.get("dana", "/health").into(200, &api.Health{})
}

func TestEverySortOfProblemIsExplained(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for _, got := range []answer{
		w.get("", "/me"), w.get("dana", "/nothing"), w.get("dana", "/requests?x=y"), w.do("dana", "PUT", "/me", nil), w.post("dana", "/plans", object{}), w.post("dana", "/plans", strings.Repeat("x", 2<<20)),
	} {
		problem := got.problem(got.status)
		seen[problem.Type] = true
		recorder := httptest.NewRecorder()
		w.handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, problem.Type, nil))
		if recorder.Code != 200 || !strings.HasPrefix(recorder.Body.String(), problem.Title) {
			t.Errorf("%s: status %d, %q", problem.Type, recorder.Code, recorder.Body)
		}
	}
	if len(seen) != 6 {
		t.Errorf("sorts %v", seen)
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/problems/nothing", nil))
	if recorder.Code != 404 || recorder.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("status %d", recorder.Code)
	}
}
