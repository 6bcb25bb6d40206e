package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestWhatWasAskedForBeforeTheOtherTenantWasReachedStaysWithTheAskingOne(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("payments-web"))
	removal := w.submit(workflow.RemovalChange{Cluster: "weu-1", Namespace: "payments-api", Confirmation: "payments-api", Reason: "It is not used."})
	w.approve(removal.ID, olivia, sam)
	w.publish()
	_, err := w.review(r.ID, olivia, workflow.VoteApprove, "")
	told := "payments has no namespace"
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, told) {
		t.Errorf("within the tenant it says %q", problem.Message)
	}
	edited := toNamespace("logistics-db")
	edited.Namespace = "payments-web"
	if _, err := w.service.Resubmit(t.Context(), dana, r.ID, workflow.Draft{Tenant: "payments", Change: edited}); err != nil {
		t.Fatal(err)
	}
	w.approve(r.ID, olivia)
	for actor, learns := range map[string]struct {
		workflow.Actor

		why bool
	}{"the other owner": {lena, false}, "who asked": {dana, true}, "security": {sam, true}} {
		dossier, err := w.service.Dossier(t.Context(), learns.Actor, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(everything(t, dossier), told); got != learns.why {
			t.Errorf("%s learns why it was sent back before: %t", actor, got)
		}
	}
}

func TestWhoAskedReadsOnEditingWhyItIsNoLongerPossible(t *testing.T) {
	w := newConnectedWorld(t)
	r := w.submit(toNamespace("logistics-db"))
	removal := w.submit(workflow.RemovalChange{Cluster: "weu-1", Namespace: "payments-api", Confirmation: "payments-api", Reason: "It is not used."})
	w.approve(removal.ID, olivia, sam)
	w.publish()
	_, err := w.review(r.ID, olivia, workflow.VoteApprove, "")
	refused(t, err, workflow.Conflict)
	_, err = w.service.Resubmit(t.Context(), dana, r.ID, workflow.Draft{Tenant: "payments", Change: r.Change})
	saidOf(t, refused(t, err, workflow.Invalid).Fields, "namespace", `payments has no namespace "payments-api" on weu-1; choose payments-web.`)
	_, err = w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: r.Change})
	saidOf(t, refused(t, err, workflow.Invalid).Fields, "namespace", "choose payments-web.")
}

func TestWhoIsNeededForTheOtherStageDoesNotUseUpTheVote(t *testing.T) {
	both := olivia
	both.Groups = []string{group(1), group(3)}
	for name, test := range map[string]struct {
		ours, theirs []workflow.PersonID
		counts       bool
	}{
		"the only owner of theirs":          {[]workflow.PersonID{olivia.ID, oscar.ID}, []workflow.PersonID{olivia.ID}, false},
		"with who asked as the only other":  {[]workflow.PersonID{olivia.ID, oscar.ID}, []workflow.PersonID{olivia.ID, dana.ID}, false},
		"another could agree there as well": {[]workflow.PersonID{olivia.ID, oscar.ID}, []workflow.PersonID{olivia.ID, lena.ID}, true},
		"the only owner of ours":            {[]workflow.PersonID{olivia.ID}, []workflow.PersonID{olivia.ID, lena.ID}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newConnectedWorld(t)
			w.directory[group(1)], w.directory[group(3)] = test.ours, test.theirs
			r := w.submit(toNamespace("logistics-db"))
			same(t, "the stages", "owner=1 peer-owner=1 security=1", stagesText(r.Plan.Stages))
			voted, err := w.review(r.ID, both, workflow.VoteApprove, "")
			if test.counts {
				if err != nil || len(voted.Reviews) != 1 {
					t.Fatalf("the vote does not count: %v", err)
				}
				w.approve(r.ID, lena, sam)
				return
			}
			if problem := refused(t, err, workflow.Forbidden); !strings.Contains(problem.Message, "You are needed to agree as an owner of logistics") {
				t.Errorf("it says %q", problem.Message)
			}
			if left := w.becomes(r.ID, workflow.StateInReview); len(left.Reviews) != 0 {
				t.Errorf("the vote was stored: %+v", left.Reviews)
			}
			w.approve(r.ID, oscar, both, sam)
			w.publish()
			w.committedOnce(r.ID)
			w.proves()
		})
	}
}

func TestWhoIsNeededForTheOtherStageCanStillReject(t *testing.T) {
	w := newConnectedWorld(t)
	w.directory[group(3)] = []workflow.PersonID{olivia.ID}
	r := w.submit(toNamespace("logistics-db"))
	if _, err := w.review(r.ID, olivia, workflow.VoteReject, "Not so."); err != nil {
		t.Fatal(err)
	}
	w.becomes(r.ID, workflow.StateRejected)
}
