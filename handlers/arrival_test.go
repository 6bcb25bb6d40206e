package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

const refusal = "admission webhook \"governed.tenure.dev\" denied the request: governed: spec.hard.pods \"40\": at most 20"

// onTheWay is the request after its commit.
func onTheWay(state workflow.State, arrivals ...workflow.Arrival) workflow.Dossier {
	d := committed()
	d.Request.State, d.Arrivals = state, arrivals
	switch state {
	case workflow.StateActive, workflow.StateEnded:
		d.Request.Revision = laterCommit
		d.Events = append(d.Events, workflow.Event{Sequence: 7, Type: workflow.EventActive, At: noon.Add(-3 * time.Minute), Commit: laterCommit, To: workflow.StateActive})
	case workflow.StateFailed:
		d.Request.Reason = "ResourceQuota payments-api-dev/tenure: " + refusal
		d.Events = append(d.Events, workflow.Event{Sequence: 7, Type: workflow.EventFailed, At: noon.Add(-3 * time.Minute), Commit: newCommit, Detail: d.Request.Reason, To: workflow.StateFailed})
	}
	if state == workflow.StateEnded {
		d.Request.Reason = "Removed by request 61."
		d.Events = append(d.Events, workflow.Event{Sequence: 8, Type: workflow.EventEnded, At: noon.Add(-time.Minute), Detail: d.Request.Reason, To: workflow.StateEnded})
	}
	return d
}

const laterCommit = "c0ffee0b6a5f4e3d2c1b0a99887766554433221f"

func arrival(stage workflow.ArrivalStage) workflow.Arrival {
	return workflow.Arrival{Stage: stage, Cluster: "weu-1", Application: "tenure-payments-weu-1", Revision: newCommit, At: noon.Add(-20 * time.Second)}
}

func behind() workflow.Arrival {
	a := arrival(workflow.ArrivalBehind)
	a.Revision, a.Earlier = baseCommit, true
	return a
}

// foreign is Argo CD at a commit that is not in the verified history.
func foreign() workflow.Arrival {
	a := arrival(workflow.ArrivalBehind)
	a.Revision, a.Foreign = laterCommit, true
	return a
}

func cannotCompare() workflow.Arrival {
	a := behind()
	a.Message = "ComparisonError: connection refused"
	return a
}

func underWay() workflow.Arrival {
	a := arrival(workflow.ArrivalUnderWay)
	a.Ready, a.Total = 5, 8
	return a
}

func refused() workflow.Arrival {
	a := arrival(workflow.ArrivalTrouble)
	a.Object, a.Message, a.Retries = "ResourceQuota payments-api-dev/tenure", refusal, 3
	return a
}

func away() workflow.Arrival {
	a := underWay()
	a.Away = true
	return a
}

// removal makes the dossier one of a removal.
func removal(d workflow.Dossier) workflow.Dossier {
	d.Request.Kind = workflow.KindRemoval
	d.Request.Change = workflow.RemovalChange{Cluster: "weu-1", Namespace: "payments-api-dev", Confirmation: "payments-api-dev", Reason: "Replaced."}
	return d
}

func TestTheLastStepSaysHowFarArgoCDIs(t *testing.T) {
	unwatched := workflow.Arrival{Stage: workflow.ArrivalUnwatched, Cluster: "weu-1"}
	unknown := workflow.Arrival{Stage: workflow.ArrivalUnknown, Cluster: "weu-1", Message: "Argo CD has no Application."}
	for name, test := range map[string]struct {
		dossier workflow.Dossier
		want    []string
	}{
		"unwatched":         {onTheWay(workflow.StateCommitted, unwatched), []string{"In the cluster|to come|not watched here||"}},
		"unknown":           {onTheWay(workflow.StateCommitted, unknown), []string{"In the cluster|now|waits for Argo CD||"}},
		"behind":            {onTheWay(workflow.StateCommitted, behind()), []string{"In the cluster|now|Argo CD is at|" + baseCommit + "|"}},
		"behind, foreign":   {onTheWay(workflow.StateCommitted, foreign()), []string{"In the cluster|now|Argo CD is at|" + laterCommit + "|"}},
		"cannot compare":    {onTheWay(workflow.StateCommitted, cannotCompare()), []string{"In the cluster|now|waits for Argo CD||"}},
		"under way":         {onTheWay(workflow.StateCommitted, underWay()), []string{"In the cluster|now|5 of 8 objects||"}},
		"nothing there yet": {onTheWay(workflow.StateCommitted, arrival(workflow.ArrivalUnderWay)), []string{"In the cluster|now|no object yet||"}},
		"in trouble":        {onTheWay(workflow.StateCommitted, refused()), []string{"In the cluster|now|Argo CD tries again||"}},
		"failed":            {onTheWay(workflow.StateFailed, refused()), []string{"In the cluster|stopped|Argo CD tries again||2026-11-21T11:57:00Z"}},
		"active":            {onTheWay(workflow.StateActive), []string{"In the cluster|done||" + laterCommit + "|2026-11-21T11:57:00Z"}},
		"ended":             {onTheWay(workflow.StateEnded), []string{"In the cluster|done||" + laterCommit + "|2026-11-21T11:57:00Z", "Ended|done|||2026-11-21T11:59:00Z"}},
		"a removal":         {removal(onTheWay(workflow.StateCommitted, underWay())), []string{"Gone from the cluster|now|8 objects left||"}},
		"gone":              {removal(onTheWay(workflow.StateActive)), []string{"Gone from the cluster|done||" + laterCommit + "|2026-11-21T11:57:00Z"}},
	} {
		var got []string
		for _, step := range steps(test.dossier, noon) {
			got = append(got, strings.Join([]string{step.Title, string(step.State), step.Detail, step.Commit, step.At.Machine}, "|"))
		}
		if last := got[len(got)-len(test.want):]; !slices.Equal(last, test.want) {
			t.Errorf("%s: the last steps are %q, want %q", name, last, test.want)
		}
	}
	neverLive := onTheWay(workflow.StateEnded)
	neverLive.Request.Revision = ""
	for _, step := range steps(neverLive, noon) {
		if step.Title == "In the cluster" {
			t.Errorf("what was never there has the step %+v", step)
		}
	}
}

func TestTheRequestsPageSaysWhatItWaitsForAndWhoHasIt(t *testing.T) {
	for name, test := range map[string]struct {
		dossier workflow.Dossier
		says    []string
	}{
		"unwatched": {onTheWay(workflow.StateCommitted, workflow.Arrival{Stage: workflow.ArrivalUnwatched, Cluster: "weu-1"}), []string{
			"The admission webhook lets it in. Argo CD is not watched here.", "kubectl get namespace payments-api-dev", "ask the platform admins",
		}},
		"unknown": {onTheWay(workflow.StateCommitted, workflow.Arrival{Stage: workflow.ArrivalUnknown, Cluster: "weu-1", Message: "Argo CD has no Application \"x\" yet."}), []string{
			"Waiting for Argo CD to sync weu-1.", "Argo CD has no Application \"x\" yet.",
		}},
		"behind": {onTheWay(workflow.StateCommitted, behind()), []string{
			"Waiting for Argo CD to sync weu-1.", "Argo CD last synced a commit before this one: 3f2a9c1d5b7e", "20 seconds ago",
		}},
		"behind, at a commit that does not verify": {onTheWay(workflow.StateCommitted, foreign()), []string{
			"Waiting for Argo CD to sync weu-1.", "Argo CD is at c0ffee0b6a5f, which is not a commit of Tenure's that was verified; see the health page.",
		}},
		"behind, and Argo CD cannot compare": {onTheWay(workflow.StateCommitted, cannotCompare()), []string{
			"Waiting for Argo CD to sync weu-1.", "Argo CD has not come to this commit, and tries again. It says: ComparisonError: connection refused",
		}},
		"behind, and no commit is named": {onTheWay(workflow.StateCommitted, arrival(workflow.ArrivalBehind)), []string{
			"Argo CD does not say which commit it last compared with.",
		}},
		"under way":  {onTheWay(workflow.StateCommitted, underWay()), []string{"Argo CD is syncing weu-1: 5 of 8 objects."}},
		"away":       {onTheWay(workflow.StateCommitted, away()), []string{"does not answer at the moment", "goes on asking"}},
		"in trouble": {onTheWay(workflow.StateCommitted, refused()), []string{"could not bring it to weu-1 yet, and tries again", "ResourceQuota payments-api-dev/tenure", refusal}},
		"failed": {onTheWay(workflow.StateFailed, refused()), []string{
			"Argo CD cannot bring it to the cluster.", "ResourceQuota payments-api-dev/tenure", refusal, "tried again 3 times", "the platform admins have to look at Argo CD's Application tenure-payments-weu-1",
		}},
		"failed, and nothing newer is known": {onTheWay(workflow.StateFailed, workflow.Arrival{Stage: workflow.ArrivalUnknown, Cluster: "weu-1", Message: "It does not answer."}), []string{
			"ResourceQuota payments-api-dev/tenure: " + refusal, "It does not answer.",
		}},
		"active": {onTheWay(workflow.StateActive), []string{"It is live on the cluster.", "Live on the cluster; Argo CD synced c0ffee0b6a5f"}},
		"ended":  {onTheWay(workflow.StateEnded), []string{"It has ended. Removed by request 61."}},
		"gone":   {removal(onTheWay(workflow.StateActive)), []string{"It is gone from the cluster.", "Gone from the cluster; Argo CD synced"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := text(get(t, portal(&standIn{dossier: test.dossier}, dana), "/requests/57").page)
			for _, part := range test.says {
				if !strings.Contains(got, part) {
					t.Errorf("the page does not say %q:\n%s", part, got)
				}
			}
		})
	}
}

func TestProgressFollowsArgoCDAndStandsStillWhileNothingIsNew(t *testing.T) {
	service := &standIn{dossier: onTheWay(workflow.StateCommitted, behind())}
	href := attribute(poller(get(t, portal(service, dana), "/requests/57").page), "data-follow")
	for _, dossier := range []workflow.Dossier{
		onTheWay(workflow.StateCommitted, underWay()), onTheWay(workflow.StateCommitted, refused()), onTheWay(workflow.StateFailed, refused()),
	} {
		service.dossier = dossier
		got := askProgress(t, service, href)
		next := attribute(poller(got.page), "data-follow")
		if got.status != http.StatusOK || next == "" || next == href {
			t.Fatalf("%s: got %d, and it asks %q next", dossier.Request.State, got.status, next)
		}
		service.dossier.Arrivals[0].At = noon // Argo CD compared once more, and nothing came of it
		if got := askProgress(t, service, next); got.status != http.StatusNoContent {
			t.Errorf("%s: while nothing is new the page is replaced", dossier.Request.State)
		}
		href = next
	}
	service.dossier = onTheWay(workflow.StateActive)
	got := askProgress(t, service, href)
	if got.status != http.StatusOK || poller(got.page) != nil || !strings.Contains(text(got.page), "It is live on the cluster.") {
		t.Errorf("once it is active: got %d, and it goes on asking %v", got.status, poller(got.page) != nil)
	}
}

func TestTheHealthPageSaysHowArgoCDIs(t *testing.T) {
	application := func(name, sync string) workflow.SyncStatus {
		return workflow.SyncStatus{Known: true, Application: name, Sync: sync}
	}
	troubled := application("tenure-search-weu-1", "OutOfSync")
	troubled.Conditions = []workflow.SyncCondition{{Type: "ComparisonError", Message: "yaml: line 3"}}
	well := workflow.ArgoCDHealth{Watched: true, Since: noon.Add(-time.Hour), LastWord: noon.Add(-time.Minute), Applications: []workflow.SyncStatus{application("tenure-payments-weu-1", "Synced")}}
	with := func(change func(*workflow.ArgoCDHealth)) workflow.ArgoCDHealth {
		health := well
		change(&health)
		return health
	}
	for name, test := range map[string]struct {
		argocd  workflow.ArgoCDHealth
		heading string
		says    []string
		tone    web.Tone
	}{
		"not watched": {workflow.ArgoCDHealth{}, "Tenure is well", []string{"Not watched", "requests stay committed"}, web.ToneNeutral},
		"well":        {well, "Tenure is well", []string{"The one Application of Tenure's is Synced.", "Watched since", "1 hour ago", "Last word", "1 minute ago"}, web.ToneGood},
		"syncing": {with(func(h *workflow.ArgoCDHealth) {
			h.Applications = append(slices.Clone(h.Applications), application("tenure-payments-neu-1", "OutOfSync"))
		}), "Tenure is well", []string{"1 of 2 Applications of Tenure's are Synced."}, web.ToneGood},
		"in trouble": {with(func(h *workflow.ArgoCDHealth) { h.Applications = append(slices.Clone(h.Applications), troubled) }),
			"1 part of Tenure needs attention", []string{"tenure-search-weu-1", "ComparisonError: yaml: line 3", "One cannot be synced"}, web.ToneBad},
		"away": {with(func(h *workflow.ArgoCDHealth) { h.Problem, h.Since = "connection refused", time.Time{} }),
			"1 part of Tenure needs attention", []string{"does not answer", "connection refused"}, web.ToneBad},
	} {
		t.Run(name, func(t *testing.T) {
			health := workflow.Health{Repository: workflow.RepositoryHealth{Verified: baseCommit, VerifiedAt: noon}, ArgoCD: test.argocd}
			got := get(t, portal(&standIn{health: health}, sam), "/health")
			if heading(got) != test.heading || argocdPart(health, noon).State.Tone != test.tone {
				t.Errorf("heading %q, tone %s", heading(got), argocdPart(health, noon).State.Tone)
			}
			for _, part := range test.says {
				if !strings.Contains(text(got.page), part) {
					t.Errorf("the page does not say %q", part)
				}
			}
			others := get(t, portal(&standIn{health: health, choices: choices()}, dana), "/health")
			for _, hidden := range []string{"tenure-search-weu-1", "yaml: line 3", "connection refused"} {
				if strings.Contains(others.body, hidden) {
					t.Errorf("a developer reads %q", hidden)
				}
			}
		})
	}
}

func TestTheHealthPageListsWhatCannotReachItsCluster(t *testing.T) {
	foreign := onTheWay(workflow.StateFailed).Request
	foreign.ID, foreign.Tenant, foreign.Reason = 58, "search", "search-secret-plan is refused"
	service := &standIn{choices: choices(), health: workflow.Health{Failed: []workflow.Request{onTheWay(workflow.StateFailed).Request, foreign}}}
	for name, test := range map[string]struct {
		actor workflow.Actor
		sees  bool
	}{"a developer": {dana, false}, "security": {sam, true}} {
		body := text(get(t, portal(service, test.actor), "/health").page)
		if !strings.Contains(body, refusal) || strings.Contains(body, foreign.Reason) != test.sees {
			t.Errorf("%s: their own: %v, another tenant's: %v", name, strings.Contains(body, refusal), strings.Contains(body, foreign.Reason))
		}
	}
}

func TestHomeSaysThatARequestCannotReachItsCluster(t *testing.T) {
	one := onTheWay(workflow.StateFailed).Request
	for want, mine := range map[string][]workflow.Request{
		"1 of your requests cannot reach its cluster":   {one, onTheWay(workflow.StateActive).Request},
		"2 of your requests cannot reach their cluster": {one, one},
		"Nothing waits for you":                         {onTheWay(workflow.StateActive).Request, onTheWay(workflow.StateEnded).Request},
	} {
		got := get(t, portal(&standIn{home: workflow.Home{Mine: mine, Tenants: []workflow.Tenancy{payments()}}}, dana), "/")
		if heading(got) != want {
			t.Errorf("heading %q, want %q", heading(got), want)
		}
	}
}
