package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tenure.dev/handlers/api"
	"tenure.dev/workflow"
)

// told is a service that says of its health, of manifests and of flow logs what a test has it say.
type told struct {
	api.Service
	health  workflow.Health
	asked   *workflow.Question
	reading chan struct{} // closed once a flow log is being read
	finish  chan struct{} // closed when its reading may end
}

func (s told) Health(context.Context) workflow.Health { return s.health }

func (s told) Try(_ context.Context, _ workflow.Actor, question workflow.Question) ([]workflow.Verdict, error) {
	*s.asked = question
	return nil, nil
}

func (s told) Suggest(context.Context, workflow.Actor, workflow.Observed) (workflow.Suggestions, error) {
	close(s.reading)
	<-s.finish
	return workflow.Suggestions{}, nil
}

func TestTheHealthOfOthersTenantsIsNotToldToATenantsPeople(t *testing.T) {
	w := newWorld(t)
	var both workflow.Health
	for _, tenant := range []string{"payments", "search"} {
		r := workflow.Request{Tenant: tenant, Change: workflow.NamespaceChange{}, Kind: workflow.KindNamespace, State: workflow.StateApproved,
			Attempt: &workflow.Attempt{Problem: "The repository of " + tenant + " is away."}}
		both.Deferred, both.Failed = append(both.Deferred, r), append(both.Failed, r)
		both.Expired = append(both.Expired, workflow.ExpiredLive{Tenant: tenant, Kind: workflow.KindNetwork, Says: "approved/search.yaml: a foreign commit"})
		both.Outlived = append(both.Outlived, workflow.OutlivedPolicy{Tenant: tenant})
	}
	both.ArgoCD = workflow.ArgoCDHealth{Watched: true, Problem: "dial tcp 10.0.0.1"}
	w.serve(told{Service: w.service, health: both})
	tell := func(as string) (api.Health, string) {
		var health api.Health
		got := w.get(as, "/health")
		got.into(200, &health)
		return health, got.body
	}
	if all, _ := tell("audrey"); len(all.Deferred) != 2 || len(all.Failed) != 2 || len(all.Expired) != 2 || len(all.Outlived) != 2 || !strings.Contains(all.ArgoCD.Problem, "10.0.0.1") {
		t.Errorf("an auditor is told %+v", all)
	}
	own, body := tell("dana")
	if len(own.Deferred) != 1 || len(own.Failed) != 1 || len(own.Expired) != 1 || len(own.Outlived) != 1 || own.ArgoCD.OK {
		t.Errorf("Dana is told %+v", own)
	}
	if strings.Contains(body, "search") || strings.Contains(body, "10.0.0.1") {
		t.Errorf("Dana is told %s", body)
	}
	if none, _ := tell("nobody-much"); len(none.Deferred)+len(none.Failed)+len(none.Expired)+len(none.Outlived) != 0 {
		t.Errorf("nobody is told %+v", none)
	}
	w.repository.away = workflow.ErrNoState
	if unknown, _ := tell("dana"); len(unknown.Deferred)+len(unknown.Failed)+len(unknown.Expired)+len(unknown.Outlived) != 0 {
		t.Errorf("without an approved state Dana is told %+v", unknown)
	}
}

func TestAsWhomManifestsAreJudged(t *testing.T) {
	w := newWorld(t)
	asked := &workflow.Question{}
	w.serve(told{Service: w.service, asked: asked})
	for name, test := range map[string]struct {
		body   object
		user   string
		groups []string
	}{
		"who asks":               {object{}, "dana@contoso.example", []string{group(2)}},
		"who asks, elsewhere":    {object{"groups": []string{}}, "dana@contoso.example", nil},
		"somebody":               {object{"user": "max", "groups": []string{"a", "b"}}, "max", []string{"a", "b"}},
		"somebody in no group":   {object{"user": "max"}, "max", nil},
		"Argo CD":                {object{"asGitOps": true}, "system:serviceaccount:argocd:gitops", nil},
		"who asks, in one group": {object{"groups": []string{"a"}}, "dana@contoso.example", []string{"a"}},
	} {
		test.body["cluster"], test.body["manifests"] = "weu-1", "a: b"
		w.post("dana", "/verdicts", test.body).into(200, &api.Verdicts{})
		if asked.User != test.user || !slices.Equal(asked.Groups, test.groups) || asked.Cluster != "weu-1" || string(asked.Manifest) != "a: b" {
			t.Errorf("%s: %+v", name, asked)
		}
	}
}

func TestOneFlowLogIsReadAtATimeAndNoneThatIsTooLarge(t *testing.T) {
	w := newWorld(t)
	service := told{Service: w.service, reading: make(chan struct{}), finish: make(chan struct{})}
	w.serve(service)
	body, media := form(t, map[string]string{"tenant": "payments", "cluster": "weu-1"}, map[string]string{"log": "{}"})
	first := make(chan int)
	go func() {
		first <- w.do("dana", "POST", "/suggestions", body, "Content-Type", media).status
	}()
	<-service.reading
	if problem := w.do("dana", "POST", "/suggestions", body, "Content-Type", media).problem(503); !strings.Contains(problem.Detail, "Another flow log") {
		t.Errorf("it says %q", problem.Detail)
	}
	close(service.finish)
	if status := <-first; status != 200 {
		t.Errorf("the first one: status %d", status)
	}
	large, media := form(t, nil, map[string]string{"log": strings.Repeat("x", 32<<20)})
	w.do("dana", "POST", "/suggestions", large, "Content-Type", media).problem(413)
}
